#!/bin/sh
# check-bundle.sh SUITE... -- checks the archive and the wheel of tools/bundle.sh in a fresh root of each Debian
# release, which has none of the libraries: the program paints, the studio answers, Python paints. Needs root. Ends with
# "N passed, N failed, N skipped".
set -u
archive=$(ls dist/reverie-*-linux-"$(uname -m)".tar.xz)
wheel=$(ls dist/reverie-*-manylinux_*_"$(uname -m)".whl)
. tools/roots.sh

try() { # try NAME COMMAND: in a shell of $suite's root, in a folder with the files and a picture
  ok "$suite: $1" enter "$suite" "cd /bundle; $2"
}

check() {
  new_root "$suite" "$suite" || return
  mkdir "$roots/$suite/bundle"
  cp "$wheel" data/lake.jpg tests/golden/color-files/p3.heic tests/golden/color-files/p3.avif "$roots/$suite/bundle/"
  mkdir "$roots/$suite/bundle/a place"
  tar -xJf "$archive" -C "$roots/$suite/bundle/a place" --strip-components=1
  program='./a\ place/bin/reverie'
  try 'the program computes with its own libraries' "
    $program selftest >said 2>&1 || { cat said; exit 1; }
    env LD_TRACE_LOADED_OBJECTS=1 './a place/libexec/reverie' | sed 's/.*=> //; s/ (.*//' | grep ^/ | grep -v '^/bundle/' |
      grep -vE '/(libc|libm|libpthread|libdl|librt|libresolv|libstdc\+\+|libgcc_s|ld-linux-.*)[.]so[.0-9]*\$' && exit 1
    true"
  try 'it paints' "$program style lake.jpg lake.jpg -o painted.png --size 96 -n 3 -q"
  try 'it reads and writes each format' "
    for format in jpg webp tif png; do
      $program style painted.png --learned hokusai-wave -o out.\$format --size 64 -q
      $program style out.\$format --learned hokusai-wave -o again.png --size 64 -q -f
    done
    for format in heic avif; do $program style p3.\$format --learned hokusai-wave -o again.png --size 64 -q -f; done"
  try 'sheets have text without a font of the system' "
    $program explore learned lake.jpg -o sheet.png --cell 64 -q
    FONTCONFIG_FILE=/dev/null $program explore learned lake.jpg -o bare.png --cell 64 -q
    ! cmp sheet.png bare.png"
  try 'the studio answers' "
    $program studio pictures --no-browser --port 8699 >address 2>&1 & studio=\$!
    for wait in 1 2 3 4 5 6 7 8 9 10; do grep -q http address && break; sleep 1; done
    cat address; kill \$studio; grep -q 'http://127.0.0.1:' address"
  try 'a command linked from elsewhere works' "
    ln -s '/bundle/a place/bin/reverie' /usr/local/bin/reverie && cd / && reverie --version && rm /usr/local/bin/reverie"
  try 'pip installs the wheel' 'apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv &&
    python3 -m venv venv && venv/bin/pip install -q --no-index ./*.whl'
  try 'Python and the program of the wheel paint the same' '
    venv/bin/python -c "
import os, reverie
reverie.style(\"lake.jpg\", \"lake.jpg\", size=48, iterations=2, exact=True, threads=1).save(\"python.png\")
assert reverie.Picture(\"python.png\").recipe[\"command\"] == \"style\"
assert \"GIO_MODULE_DIR\" not in os.environ
used = {line.split()[-1] for line in open(\"/proc/self/maps\") if \".so\" in line}
assert not [path for path in used if \"/venv/\" not in path and (\"vips\" in path or \"glib\" in path or \"dnnl\" in path)], used"
    venv/bin/reverie style lake.jpg lake.jpg -o program.png --size 48 -n 2 --exact --threads 1 -q
    cmp python.png program.png'
  try 'each library has its licence and its source' '
    cd "a place"
    for library in lib/*; do
      case $library in lib/libreverie.so.0) continue ;; esac
      name=$(basename "$library" | sed -E "s/-[0-9a-f]{8}[.]so/.so/")
      source=$(sed -n "s/^$name: apt source \([^=]*\)=.*/\1/p" share/licenses/SOURCES)
      test -s "share/licenses/$source.txt"
    done
    for named in $(grep -ho "/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]" share/licenses/*.txt | sort -u); do
      test -s "share/licenses/$(basename "$named")" || echo "no text of $named"
    done'
  remove_root "$roots/$suite"
}

for suite in "$@"; do check; done
close
