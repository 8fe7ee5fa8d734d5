#!/bin/sh
# run-tests.sh BUILD [MESON TEST ARGUMENTS] -- runs the tests and counts them: "N passed, N failed, N skipped".
set -u
build=$1
shift
log=$build/meson-logs/testlog.txt
rm -f "$log"
ninja -C "$build" >/dev/null || exit 1
meson test -C "$build" --no-rebuild --print-errorlogs --num-processes 1 "$@" | grep -E '^ *[0-9]+/[0-9]+|^not ok|Bail out|TIMEOUT' || true

# Each program prints one TAP line for each of its tests; one that dies or hangs is a failure of its own.
skipped=$(grep -c '^ok .*# SKIP' "$log")
passed=$(($(grep -c '^ok ' "$log") - skipped))
broken=$(grep -cE '^Bail out!|^ *[0-9]+/[0-9]+ .*(TIMEOUT|KILLED)' "$log")
failed=$(($(grep -c '^not ok ' "$log") + broken))
result=$(grep -E '^(Fail|Timeout|Unexpected Pass): +[1-9]' "$log")
[ -z "$result" ] || [ "$failed" -gt 0 ] || failed=1
echo
if [ "$skipped" -gt 0 ]; then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
