#!/bin/sh
# test-abi.sh CLIENT NOW LATER -- a program built before an option was added gives the same results later. Runs CLIENT
# with NOW, the library that it was built with, and with LATER, which has an option more in its tables and structs, and
# longer public structs. TAP.
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
count=0
ok() { # ok NAME COMMAND...
  count=$((count + 1)) name=$1 && shift
  if "$@"; then echo "ok $count $name"; else echo "not ok $count $name"; fi
}
ok 'as it was built' sh -c 'LD_PRELOAD=$3 "$1" > "$2/now" 2> "$2/table-now"' sh "$1" "$folder" "$2"
ok 'with an option more' sh -c 'LD_PRELOAD=$3 "$1" > "$2/later" 2> "$2/table-later"' sh "$1" "$folder" "$3"
ok 'which is in the table' sh -c 'diff "$1/table-now" "$1/table-later" | grep -v "^[0-9]" | grep -qx "> added"' sh "$folder"
ok 'the same lines and the same picture' cmp "$folder/now" "$folder/later"
echo "1..$count"
