#!/bin/sh
# deb.sh -- builds Debian packages of this tree, for this Debian release and architecture, into dist/.
set -eu
work=$(mktemp -d "${TMPDIR:-/var/tmp}/reverie-deb-XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p dist "$work/reverie"
if git rev-parse --git-dir >/dev/null 2>&1; then
  git ls-files -z --cached --others --exclude-standard
else # an unpacked `make dist`, or no git
  find . \( -name build -o -name dist -o -name .git \) -prune -o -type f -print0
fi | tar --null --files-from=- -cf - | tar -xf - -C "$work/reverie"
(cd "$work/reverie" && dpkg-buildpackage -b -us -uc >"$work/log" 2>&1) || { tail -30 "$work/log"; exit 1; }
cp "$work"/*.deb dist/
ls dist/*.deb
