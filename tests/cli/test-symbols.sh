#!/bin/sh
# test-symbols.sh LIBRARY LIST -- tests that the shared library exports exactly the functions in LIST, and no data,
# and stays loaded. Prints TAP.
found=$(nm -D --defined-only "$1" | awk '{ print $3 }' | grep -v '^_' | LC_ALL=C sort)
if [ "$found" = "$(LC_ALL=C sort "$2")" ]; then echo 'ok 1 exported functions'; else
  echo 'not ok 1 exported functions'
  echo "$found" | LC_ALL=C diff "$2" - | sed 's/^/# /'
fi
data=$(nm -D --defined-only "$1" | grep -v ' T ' | grep -v ' _')
if [ -z "$data" ]; then echo 'ok 2 no exported data'; else
  echo 'not ok 2 no exported data'
  echo "$data" | sed 's/^/# /'
fi
# After dlclose(), types of GLib and threads would point to unmapped memory.
if readelf -d "$1" | grep -q NODELETE; then echo 'ok 3 the library stays loaded'; else echo 'not ok 3 the library stays loaded'; fi
echo '1..3'
