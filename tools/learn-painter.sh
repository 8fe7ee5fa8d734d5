#!/bin/sh
# learn-painter.sh REVERIE PAINTINGS PHOTOS OUT.safetensors -- trains the built-in style network: twelve paintings in
# the public domain. The last twelve photographs by name are left out, for comparisons. Three stages:
# OUT.first.safetensors from scratch, on sharp photographs; OUT.second.safetensors continues, with grain, blurred
# photographs and larger strokes; OUT has the content weight of `gallery1`. Resumes after Ctrl-C or a kill. Takes hours
# on two cores.
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

set -- --content-target own --learning-rate 0.001 --license 'public domain' --photos "$room"
for name in van-gogh-starry-night picabia-udnie kandinsky-composition-vii munch-scream hokusai-wave leger-contrast-of-forms \
  monet-water-lilies roman-mosaic-ducks red-chalk-woman-in-peasant-dress turner-shipwreck delaunay-portrait mondrian-tree; do
  set -- "$paintings/$name.jpg" "$@"
done
# Runs a stage unless it is complete: an interrupted stage has a checkpoint.
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
