#!/bin/sh
# demo.sh BUILD -- the example pictures, one of them painted, demo/style.png and demo/style-sheet.png, and dreamt on,
# demo/dream.png and demo/dream-compare.png.
set -eu
build=$1
mkdir -p demo
for picture in lake table; do
  [ -f demo/$picture.jpg ] || "$build"/examples/pictures/draw $picture demo/$picture.jpg
done
for picture in strokes waves glass; do
  [ -f demo/$picture.jpg ] || "$build"/examples/pictures/draw $picture demo/$picture.jpg
done
"$build"/src/cli/reverie style demo/lake.jpg demo/strokes.jpg -o demo/style.png --size 512 --force
"$build"/examples/sheet demo/style-sheet.png demo/lake.jpg demo/strokes.jpg demo/style.png
"$build"/src/cli/reverie dream demo/lake.jpg -o demo/dream.png --compare demo/dream-compare.png --preset test --size 512 --force
echo 'Look at demo/style.png, demo/style-sheet.png, demo/dream.png and demo/dream-compare.png.'
