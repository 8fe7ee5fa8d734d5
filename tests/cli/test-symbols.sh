#!/bin/sh
# test-symbols.sh LIBRARY LIST -- the shared library exports just what LIST names: nothing is lost, nothing slips out. TAP.
found=$(nm -D --defined-only "$1" | awk '{ print $3 }' | grep -v '^_' | LC_ALL=C sort)
if [ "$found" = "$(LC_ALL=C sort "$2")" ]; then echo 'ok 1 exported symbols'; else
  echo 'not ok 1 exported symbols'
  echo "$found" | LC_ALL=C diff "$2" - | sed 's/^/# /'
fi
echo '1..1'
