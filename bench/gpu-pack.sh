#!/bin/sh
# gpu-pack.sh BUILD OUT.tar.xz -- packs the programs of bench/gpu.sh with their libraries, for a machine that has a card,
# Vulkan's loader and this source, but cannot build. On that machine: tar xJf OUT.tar.xz && bench/gpu.sh BUILD.
set -eu
build=$1 out=$(realpath "$2") here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
mkdir "$here/lib"
for program in src/cli/reverie examples/pictures/draw examples/shapes tests/make-net tests/test-backend tests/test-vulkan \
  bench/bench-style-net; do
  mkdir -p "$here/$(dirname $program)"
  strip -o "$here/$program" "$build/$program"
  ldd "$build/$program" | awk '/=> \// { print $3 }' >>"$here/libraries"
done
# The C and C++ libraries of the other machine stay: its drivers are built for them.
sort -u "$here/libraries" | grep -Ev '/lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s)\.so' | xargs cp -Lt "$here/lib"
rm "$here/libraries"
# Level 9: its dictionary of 64 MB finds the weights that each program contains.
XZ_OPT=-9 tar cJf "$out" -C "$here" --transform "s,^\.,$build," .
ls -l "$out"
