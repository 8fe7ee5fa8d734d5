#!/bin/sh
# test-wheel.sh PYTHON WHEEL REVERIE DRAW -- the wheel, installed by pip into an empty environment of this system's
# python3: its contents and licences, and pictures equal to the program's. In fresh roots: tools/check-wheel.sh.
set -u
python=$1 wheel=$(realpath "$2") reverie=$(realpath "$3") draw=$(realpath "$4")
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
unset PYTHONPATH REVERIE_LIBRARY
count=0
report() { # report NAME COMMAND...
  count=$((count + 1)) name=$1
  shift
  "$@" >"$room/log" 2>&1 || { sed 's/^/# /' "$room/log"; printf 'not '; }
  echo "ok $count $name"
}

echo 1..4
if ! command -v dpkg-query >/dev/null || ! "$python" -m venv "$room/venv" >"$room/log" 2>&1; then
  for count in 1 2 3 4; do echo "ok $count the wheel # SKIP this is no Debian, or has no virtual environments"; done
  exit 0
fi
installed=$(echo "$room"/venv/lib/python3*/site-packages)
cd "$room" || exit 1
export XDG_CACHE_HOME="$room"

report 'it is installed' venv/bin/pip install -q --no-index "$wheel"
report 'it paints what the program paints, with its own libraries' sh -ec '
  "$1" waves photo.png 64 && "$1" glass painting.png 64
  "$2" style photo.png painting.png -o program.png --size 48 -n 2 --exact --threads 1 -q
  venv/bin/python -c "
import reverie
reverie.style(\"photo.png\", \"painting.png\", size=48, iterations=2, exact=True, threads=1).save(\"python.png\")
used = {line.split()[-1] for line in open(\"/proc/self/maps\") if \".so\" in line}
carried = {path for path in used if \"/site-packages/reverie/lib/\" in path}
assert any(\"libreverie\" in path for path in carried), used
assert not any(\"libreverie\" in path or \"json-glib\" in path or \"dnnl\" in path for path in used - carried), used"
  cmp program.png python.png' - "$draw" "$reverie"
report 'each library in it has its licence and its source' sh -ec '
  cd "$1"/reverie-*.dist-info/licenses && test -s LICENSE
  for library in "$1"/reverie/lib/*; do
    case $library in */libreverie.so.0) continue ;; esac
    package=$(sed -n "s/^$(basename "$library"): package \([^,]*\), source .*: apt source .*/\1/p" SOURCES)
    test -s "$package.txt"
  done
  for named in $(grep -ho "/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]" ./*.txt); do
    test -s "$(basename "$named")"
  done' - "$installed"
report 'nothing else is in it: no libvips, no libcurl' sh -ec '
  for library in "$1"/reverie/lib/*; do
    case $(basename "$library") in libreverie.so.0 | libdnnl.so.* | libOpenCL.so.1 | libjson-glib-1.0.so.0) ;; *) echo "$library"; exit 1 ;; esac
  done
  ! readelf -d "$1/reverie/lib/libreverie.so.0" | grep -q curl' - "$installed"
