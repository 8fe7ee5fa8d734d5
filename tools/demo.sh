#!/bin/sh
# demo.sh BUILD -- the example pictures, and one of them painted: demo/style.png and demo/style-sheet.png.
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
echo 'Look at demo/style.png and demo/style-sheet.png.'
