#!/bin/sh
# test-bench.sh PYTHON RESULTS -- tests bench/results.py with invented figures. Prints TAP.
here=$(mktemp -d) && trap 'rm -rf "$here"' EXIT
python=$1
results=$2
count=0
ok() { # ok NAME COMMAND...
  count=$((count + 1)) name=$1 && shift
  if "$@"; then echo "ok $count $name"; else echo "not ok $count $name"; fi
}
saved() { # saved COMMIT DAY SECONDS KIB: writes the figures of a commit
  printf '{"host": "a", "machine": "b", "commit": "%s", "date": "2026-01-%s", "figures": {"run: * s": %s, "peak * KiB": %s}}' "$@" \
    >"$here/a-$1.json"
}
compares() { # compares CODE LINES: checks the exit code and the number of changed figures
  "$python" "$results" "$here" compare >"$here/out"
  [ "$?" -eq "$1" ] && [ "$(grep -c '%  ' "$here/out")" -eq "$2" ]
}
ok 'without files there is no comparison' compares 0 0
saved one 01 2.0 1000
saved two 02 2.2 1040
ok 'seconds rise by more than 5 %, memory by less' compares 1 1
ok 'the change has a line' grep -q '^ *+10.0%  2 to 2.2  run: \* s$' "$here/out"
saved three 03 1.0 1040
ok 'a faster commit gives exit code 0' compares 0 1
"$python" "$results" "$here" history >/dev/null
ok 'history draws a chart for each figure' [ "$(grep -c '<svg' "$here/history.html")" -eq 2 ]

# The lines of two runs have the same names, whatever the results are.
names() { # names FOLDER TEXT: records TEXT, prints the names of its figures
  "$python" "$results" "$here/$1" record printf "$2" >/dev/null && sed -n 's/^  "\(.*\)": [0-9.]*,*$/\1/p' "$here/$1"/*.json
}
one=$(names first 'machine: x, 2 processors\nfilm, 64 x 36 px: 1.25 s of flows, 20 KiB\nprevious  0.5 px  12 ms\n')
two=$(names second 'machine: x, 2 processors\nfilm, 64 x 36 px: 2.5 s of flows, 1234 KiB\nprevious  1.75 px  9 ms\n')
ok 'record finds three figures' [ "$(echo "$one" | wc -l)" -eq 3 ]
ok 'names of figures do not contain results' [ "$one" = "$two" ]
ok 'a failed command is not recorded' sh -c '! "$@" >/dev/null 2>&1' sh "$python" "$results" "$here/third" record sh -c 'echo run: 1.5 s; exit 1'
echo "1..$count"
