#!/bin/sh
# pairs.sh OUT-FOLDER [SIZE] [STYLE OPTIONS...] -- paints six pairs onto a sheet, to judge a change of the preset by
# eye: compare the folders before and after it.
set -eu
folder=$1
size=${2:-512}
shift
[ $# -eq 0 ] || shift
mkdir -p "$folder"
for content in lake table; do
  [ -f "$folder/$content.jpg" ] || build/examples/pictures/draw $content "$folder/$content.jpg"
  for style in strokes waves glass; do
    [ -f "$folder/$style.jpg" ] || build/examples/pictures/draw $style "$folder/$style.jpg"
    build/src/cli/reverie style "$folder/$content.jpg" "$folder/$style.jpg" -o "$folder/$content-$style.png" --size "$size" \
      --force --quiet --log "$folder/$content-$style.log" "$@"
    echo "$content $style: $(tail -1 "$folder/$content-$style.log")"
  done
  build/examples/sheet "$folder/$content.png" "$folder/$content-strokes.png" "$folder/$content-waves.png" \
    "$folder/$content-glass.png"
done
