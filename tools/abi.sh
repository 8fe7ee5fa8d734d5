#!/bin/sh
# abi.sh [FILE] -- compares the library's binary interface with that of the last tag, or with FILE, which an earlier run
# wrote. Writes build-abi/reverie.abi. Exits with 1 if programs built with the older library cannot run.
set -eu

write_abi() { # write_abi SOURCE BUILD FILE
  [ -d "$2" ] || meson setup "$2" "$1" -Dbuildtype=debug >/dev/null
  library=$(cd "$2" && ninja -t targets all | sed -n 's/^\(src\/libreverie\.so\.[0-9]*\.[0-9.]*\): .*/\1/p' | head -1)
  ninja -C "$2" "$library" >/dev/null
  abidw --headers-dir "$1/include/reverie" --drop-private-types --no-corpus-path --no-comp-dir-path --out-file "$3" "$2/$library"
}

write_abi . build-abi build-abi/reverie.abi
old=${1:-}
if [ -z "$old" ]; then
  tag=$(git describe --tags --abbrev=0 2>/dev/null) ||
    { echo 'There is no tag to compare with. Keep build-abi/reverie.abi with the release.'; exit 0; }
  old=build-abi/$tag.abi
  if [ ! -e "$old" ]; then
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/reverie-abi-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    mkdir "$work/source"
    git archive "$tag" | tar -xf - -C "$work/source"
    write_abi "$work/source" "$work/build" "$old"
  fi
fi
code=0
abidiff "$old" build-abi/reverie.abi || code=$?
[ $((code & 11)) -eq 0 ] || exit 1 # 1, 2: errors; 8: incompatible; 4 alone: only additions
echo "compatible with $old"
