#!/bin/sh
# dist.sh -- dist/reverie-VERSION.tar.gz: the files under git as they stand, the same bytes for the same files.
set -eu
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
file=dist/reverie-$version.tar.gz
mkdir -p dist
git ls-files -z --cached --others --exclude-standard |
  tar --null --files-from=- --sort=name --mtime='2026-01-01 00:00Z' --owner=0 --group=0 --numeric-owner \
    --transform "s,^,reverie-$version/," -cf - | gzip -9n >"$file.$$"
mv "$file.$$" "$file" # atomic: another process may be unpacking it
echo "$file"
