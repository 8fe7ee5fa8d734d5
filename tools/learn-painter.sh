#!/bin/sh
# learn-painter.sh REVERIE PAINTINGS PHOTOS OUT.safetensors [OPTION...] -- learns the built-in painter: twelve paintings whose
# painters died long ago, on the photographs of a folder but for the last twelve, by name, which are for looking at afterwards.
# Stopped by Ctrl-C or a kill, it goes on where it was. On two cores it takes hours; OPTIONs go to reverie learn.
set -eu
reverie=$1 paintings=$2 photos=$3 out=$4
shift 4
held_back=12

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
total=$(find "$photos" -maxdepth 1 -type f | wc -l)
find "$(realpath "$photos")" -maxdepth 1 -type f | LC_ALL=C sort | head -n $((total - held_back)) |
  while IFS= read -r photo; do ln -s "$photo" "$room"; done

set -- --from-scratch --learning-rate 0.001 --licence 'public domain' --photos "$room" -o "$out" --resume "$@"
for name in van-gogh-starry-night picabia-udnie kandinsky-composition-vii munch-scream hokusai-wave leger-contrast-of-forms \
  monet-water-lilies roman-mosaic-ducks red-chalk-woman-in-peasant-dress turner-shipwreck delaunay-portrait mondrian-tree; do
  set -- "$paintings/$name.jpg" "$@"
done
"$reverie" learn "$@"
