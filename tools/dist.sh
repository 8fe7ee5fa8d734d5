#!/bin/sh
# dist.sh -- makes dist/reverie-VERSION.tar.gz: all files that git does not ignore, with changes that are not committed.
# The same files give the same bytes.
set -eu
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
file=dist/reverie-$version.tar.gz
mkdir -p dist
git ls-files -z --cached --others --exclude-standard |
  tar --null --files-from=- --sort=name --mtime='2026-01-01 00:00Z' --owner=0 --group=0 --numeric-owner \
    --transform "s,^,reverie-$version/," -cf - | gzip -9n >"$file.$$"
mv "$file.$$" "$file" # atomic: another process may be unpacking it
echo "$file"
