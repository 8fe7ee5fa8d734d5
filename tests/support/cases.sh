#!/bin/sh
# cases.sh [--slow] PROGRAM [ARGUMENT...] -- runs a GLib test program; --slow: only its slow cases. A failed check
# ends such a program, like a crash. The case then becomes one "not ok", and later cases run in a new process. Prints
# TAP; the exit code is 0.
set -u
slow= path=/
[ "$1" != --slow ] || { shift; slow='-m slow' path=/slow/; }
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir "$room/tmp" # temporary files of the cases; crashed cases leave some behind
export TMPDIR="$room/tmp"
name=$(basename "$1")

# Prints the lines of one process, numbered from $count; stores the new count, and whether any case failed.
renumbered() {
  failed=no
  while IFS= read -r line; do
    case $line in
    *'# SKIP by request (-s option)') ;; # an earlier process ran it
    'ok '[0-9]* | 'not ok '[0-9]*)
      count=$((count + 1))
      case $line in not*) failed=yes ;; esac
      echo "$line" | sed "s/ok [0-9]*/ok $count/"
      ;;
    1..* | TAP\ version*) ;;                                         # one plan for all processes
    'not ok '* | 'Bail out!'*) echo "# $line" ;;                     # the case is counted below
    *) echo "$line" ;;
    esac
  done
  echo "$count $failed" >"$room/ended"
}

# shellcheck disable=SC2086
"$@" $slow -l 2>/dev/null | grep "^$path" >"$room/cases"
wanted=$(wc -l <"$room/cases")
count=0
only= # paths have no spaces
[ -z "$slow" ] || only=$(sed 's/^/-p /' "$room/cases")
while :; do
  ended=$(head -n "$count" "$room/cases" | sed 's/^/-s /') # -p of the others would also select cases below theirs
  # shellcheck disable=SC2086
  { "$@" $slow $only $ended; echo $? >"$room/code"; } | renumbered
  read -r count failed <"$room/ended"
  read -r code <"$room/code"
  [ "$count" -lt "$wanted" ] || break
  count=$((count + 1))
  echo "not ok $count $(sed -n "${count}p" "$room/cases") # ended the program, code $code"
  [ "$count" -lt "$wanted" ] || { failed=yes; break; }
done
if [ "$count" -eq 0 ] || { [ "$code" -ne 0 ] && [ "$failed" = no ]; }; then # for example a leak, found at exit
  count=$((count + 1))
  echo "not ok $count $name ended with code $code"
fi
echo "1..$count"
