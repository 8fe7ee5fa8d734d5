#!/bin/sh
# learn-painter.sh REVERIE PAINTINGS PHOTOS OUT.safetensors -- learns the built-in painter: twelve paintings whose painters
# died long ago, on the photographs of a folder but for the last twelve, by name, which are for looking at afterwards. Three
# stages: OUT.first.safetensors from nothing, on what is sharp; OUT.second.safetensors all of it on, with grain, on what is
# blurred, too, and with larger strokes; then with the content weight of `gallery1`. Stopped by Ctrl-C or a kill, it goes on
# where it was. On two cores it takes hours.
set -eu
reverie=$1 paintings=$2 photos=$3 out=$4
first=${out%.safetensors}.first.safetensors
second=${out%.safetensors}.second.safetensors
held_back=12

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
total=$(find "$photos" -maxdepth 1 -type f | wc -l)
find "$(realpath "$photos")" -maxdepth 1 -type f | LC_ALL=C sort | head -n $((total - held_back)) |
  while IFS= read -r photo; do ln -s "$photo" "$room"; done

set -- --content-target own --learning-rate 0.001 --licence 'public domain' --photos "$room"
for name in van-gogh-starry-night picabia-udnie kandinsky-composition-vii munch-scream hokusai-wave leger-contrast-of-forms \
  monet-water-lilies roman-mosaic-ducks red-chalk-woman-in-peasant-dress turner-shipwreck delaunay-portrait mondrian-tree; do
  set -- "$paintings/$name.jpg" "$@"
done
# Goes on to the next stage only from one that has ended: else a state lies beside it.
stage() { # stage FILE OPTION...
  file=$1
  shift
  if [ ! -e "$file" ] || [ -e "$file.state.safetensors" ]; then
    "$reverie" learn "$@" -o "$file" --resume
  fi
}
stage "$first" "$@" --from-scratch -n 7200 --batch 2 --grain 0 --zoom 1 --content-weight 0.6
stage "$second" "$@" --from "$first" --deep -n 2087 --style-scale 1.35 --content-weight 0.6
stage "$out" "$@" --from "$second" --deep -n 7508 --style-scale 1.35 --content-weight 0.4
