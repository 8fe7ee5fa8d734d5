#!/bin/sh
# test-abi.sh CLIENT NOW LATER -- tests that a program built before an option was added gives the same results later.
# Runs CLIENT with NOW, the library that it was built with, and with LATER. LATER has one more option in its tables and
# structs, and longer public structs. Prints TAP.
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
count=0
ok() { # ok NAME COMMAND...
  count=$((count + 1)) name=$1 && shift
  if "$@"; then echo "ok $count $name"; else echo "not ok $count $name"; fi
}
ok 'runs with the library that it was built with' sh -c 'LD_PRELOAD=$3 "$1" > "$2/now" 2> "$2/table-now"' sh "$1" "$folder" "$2"
ok 'runs with a library that has one more option' sh -c 'LD_PRELOAD=$3 "$1" > "$2/later" 2> "$2/table-later"' sh "$1" "$folder" "$3"
ok 'the option table of that library has the new option' sh -c 'diff "$1/table-now" "$1/table-later" | grep -v "^[0-9]" | grep -qx "> added"' sh "$folder"
ok 'prints the same lines and makes the same picture' cmp "$folder/now" "$folder/later"
echo "1..$count"
