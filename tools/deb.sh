#!/bin/sh
# deb.sh -- builds Debian packages of this tree, for this Debian release and architecture, into dist/, and the source
# package (.dsc, .tar.xz). The .changes file has the checksums of all.
set -eu
work=$(mktemp -d "${TMPDIR:-/var/tmp}/reverie-deb-XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
mkdir -p dist "$work/reverie"
if git rev-parse --git-dir >/dev/null 2>&1; then
  git ls-files -z --cached --others --exclude-standard
else # an unpacked `make dist`, or no git
  find . \( -name build -o -name dist -o -name .git \) -prune -o -type f -print0
fi | tar --null --files-from=- -cf - | tar -xf - -C "$work/reverie"
# PATH: Debian's Python, not one of pyenv or the like, whose modules have another folder.
(cd "$work/reverie" && PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg-buildpackage -us -uc >"$work/log" 2>&1) || { tail -30 "$work/log"; exit 1; }
cp "$work"/*_* dist/
ls dist/*.deb
