#!/bin/sh
# check-root.sh SUITE [COMMAND] -- runs `make demo test` (or COMMAND) in a fresh root of that Debian release, made by
# debootstrap and removed afterwards. Needs root. The output ends with that of the tests: "N passed, N failed".
set -eu
. tools/roots.sh
echo "debootstrap $1 ..."
new_root root "$1" --include=make,ca-certificates || { close; exit; }
unpack_source root
chroot "$roots/root" sh -c "cd /reverie && ${2:-make demo test}"
