# shellcheck shell=sh
# roots.sh -- sourced by scripts that check in fresh roots of Debian: the folder $roots, and functions for its roots. It is
# removed when the script ends, also by an interruption, and all that is mounted in it is unmounted before.
roots=$(mktemp -d "${TMPDIR:-/var/tmp}/reverie-roots-XXXXXX")
passed=0 failed=0 skipped=0

remove_root() { # remove_root FOLDER
  awk -v folder="$1/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mounted; do
    umount -l "$mounted" # also in use: a program of the root may still run
  done
  rm -rf --one-file-system "$1"
}
trap 'remove_root "$roots"' EXIT
trap 'exit 130' HUP INT TERM

# new_root NAME SUITE [OPTIONS OF DEBOOTSTRAP]: makes $roots/NAME. Fails, and counts a skip, where that is impossible.
new_root() {
  root=$roots/$1 suite=$2
  shift 2
  if [ "$(id -u)" -ne 0 ] || ! debootstrap --variant=minbase "$@" "$suite" "$root" >"$roots/log" 2>&1; then
    echo "no root of $suite could be made here: skipped"
    skipped=$((skipped + 1))
    return 1
  fi
  [ ! -e /etc/resolv.conf ] || cp /etc/resolv.conf "$root/etc/resolv.conf"
  mount -t proc proc "$root/proc" 2>/dev/null || true
}

unpack_source() { # unpack_source NAME: this tree, with changes, as /reverie of the root; outside git
  mkdir "$roots/$1/reverie"
  tar -xzf "$(tools/dist.sh)" --strip-components=1 -C "$roots/$1/reverie"
}

enter() { # enter NAME COMMAND: in a shell of the root
  chroot "$roots/$1" sh -euc "export DEBIAN_FRONTEND=noninteractive; $2"
}

ok() { # ok NAME COMMAND...
  name=$1
  shift
  if "$@" >"$roots/log" 2>&1; then passed=$((passed + 1)) && echo "ok $name"; else
    failed=$((failed + 1))
    echo "not ok $name"
    tail -15 "$roots/log"
  fi
}

close() { # prints the numbers of checks; fails if one failed
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}
