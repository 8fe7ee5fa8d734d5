#!/bin/sh
# check-root.sh SUITE [COMMAND] -- runs `make demo test` (or COMMAND) in a fresh root of that Debian release, made by
# debootstrap and removed afterwards. Needs root. The output ends with that of the tests: "N passed, N failed".
set -eu
suite=$1
command=${2:-make demo test}
if [ "$(id -u)" -ne 0 ]; then
  echo "check-root.sh: not root: skipped"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
root=$(mktemp -d "${TMPDIR:-/var/tmp}/reverie-root-XXXXXX")
clean() {
  umount "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$root"
}
trap clean EXIT INT TERM

echo "debootstrap $suite ..."
if ! debootstrap --variant=minbase --include=make,ca-certificates "$suite" "$root" >"$root.log" 2>&1; then
  tail -3 "$root.log"
  rm -f "$root.log"
  echo "check-root.sh: no root of $suite could be made here: skipped"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
rm -f "$root.log"
mkdir "$root/reverie"
tar -xzf "$(tools/dist.sh)" --strip-components=1 -C "$root/reverie" # the working tree, with changes, without git
[ ! -e /etc/resolv.conf ] || cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc" 2>/dev/null || true
chroot "$root" sh -c "cd /reverie && $command"
