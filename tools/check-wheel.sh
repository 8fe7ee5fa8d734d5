#!/bin/sh
# check-wheel.sh WHEEL SUITE... -- the wheel in a fresh root of each Debian release, in an empty virtual environment: it
# names the missing package, and paints once that is installed. Needs root. Ends with "N passed, N failed, N skipped".
set -u
wheel=$1
shift
roots=$(mktemp -d "${TMPDIR:-/var/tmp}/reverie-wheel-XXXXXX")
passed=0
failed=0
skipped=0
leave() {
  for root in "$roots"/*/; do umount "$root/proc" 2>/dev/null || true; done
  rm -rf --one-file-system "$roots"
}
trap leave EXIT INT TERM

ok() { # ok NAME COMMAND: in a shell of $suite's root, in a folder with the wheel and a picture
  if chroot "$roots/$suite" sh -euc "export DEBIAN_FRONTEND=noninteractive; cd /wheel; $2" >"$roots/log" 2>&1; then
    passed=$((passed + 1)) && echo "ok $suite: $1"
  else
    failed=$((failed + 1))
    echo "not ok $suite: $1"
    tail -15 "$roots/log"
  fi
}

check() {
  if [ "$(id -u)" -ne 0 ] || ! debootstrap --variant=minbase --include=python3-venv "$suite" "$roots/$suite" >"$roots/log" 2>&1; then
    echo "no root of $suite could be made here: skipped"
    skipped=$((skipped + 1))
    return
  fi
  [ ! -e /etc/resolv.conf ] || cp /etc/resolv.conf "$roots/$suite/etc/resolv.conf"
  mount -t proc proc "$roots/$suite/proc" 2>/dev/null || true
  mkdir "$roots/$suite/wheel"
  cp "$wheel" data/lake.jpg "$roots/$suite/wheel/"
  ok 'it is installed in an empty virtual environment' \
    'python3 -m venv venv && venv/bin/pip install -q --no-index ./*.whl'
  ok 'without libvips it says in one line what to install' \
    '! venv/bin/python -c "import reverie" 2>said && tail -1 said && tail -1 said | grep -q "^ImportError: .*apt install libvips42;"'
  ok 'that is all that it wants' \
    'apt-get update -qq && apt-get install -y -qq --no-install-recommends $(sed -n "s/.*apt install \([^ ;]*\).*/\1/p" said)'
  ok 'it paints' 'venv/bin/python -c "
import reverie
reverie.style(\"lake.jpg\", \"lake.jpg\", size=96, iterations=3).save(\"painted.png\")
assert reverie.Picture(\"painted.png\").recipe[\"command\"] == \"style\"
assert all(\"/venv/\" in line for line in open(\"/proc/self/maps\") if \"libreverie\" in line or \"libdnnl\" in line)"'
  umount "$roots/$suite/proc" 2>/dev/null || true
  rm -rf --one-file-system "${roots:?}/$suite"
}

for suite in "$@"; do check; done
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
