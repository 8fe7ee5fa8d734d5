#!/bin/sh
# run-tests.sh BUILD [MESON TEST ARGUMENTS] -- runs the tests, two at a time, because many use one thread. Prints "N
# passed, N failed, N skipped". Timeouts are multiplied by REVERIE_TEST_SLOWER; default: 2 + the load average per
# processor.
set -u
build=$1
shift
log=$build/meson-logs/testlog.txt
exec 9>"$build/tests.lock" # one run at a time, as they share a log
flock 9
rm -f "$log"
ninja -C "$build" >/dev/null || exit 1

# meson ignores a name that no test has.
listed=$(meson test -C "$build" --no-rebuild --list 2>/dev/null)
before=
for name in "$@"; do
  case $before$name in
  -*) ;;
  *) echo "$listed" | grep -q " / $name\$" || { echo "run-tests.sh: there is no test '$name'" >&2; exit 1; } ;;
  esac
  case $name in --suite | --no-suite) before=- ;; *) before= ;; esac
done
at_once=2
busy=$(awk -v n="$(nproc)" -v more="$at_once" '{ print int($1 / n) + more }' /proc/loadavg)
export REVERIE_TEST_SLOWER="${REVERIE_TEST_SLOWER:-$busy}" # tests that wait use this factor
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"         # a waiting thread leaves its core to the other test
# Vulkan in software takes minutes: only where a device is required, as in `tools/check.sh gpu`.
[ "${REVERIE_REQUIRE_GPU:-}" = 1 ] || export VK_LOADER_DRIVERS_DISABLE="${VK_LOADER_DRIVERS_DISABLE-*lvp*}"
export REVERIE_VULKAN_FAULT="${REVERIE_VULKAN_FAULT-hardware no}" # the backend auto never takes a GPU
meson test -C "$build" --no-rebuild --print-errorlogs --num-processes "$at_once" --timeout-multiplier "$REVERIE_TEST_SLOWER" "$@" 9>&- |
  sed -n -e '/^Summary of Failures/,$d' -e '/^ *[0-9][0-9]*\/[0-9]/p'

# Prints failures with their reasons: GLib prints them before the line of a case, shell tests after it.
awk '/^test: /           { program = $NF; after = 0 }
     /^ok |^==|^--|^# (Start|End|random)/ { after = 0 }
     after || /^not ok |^# (not ok|Bail out!)/ { if (program) print "\n" program ":"; print "  " $0; program = "" }
     /^not ok /          { after = 1 }' "$log"

# Each program prints a TAP line for each test. A program that hangs, dies, or prints fewer lines than planned counts as
# one more failure. A nonzero exit code does not count if the program printed "not ok".
counts=$(awk '
  function close_program() {
    if (program && (!planned || lines < planned || (!not_ok && result != "exit status 0"))) failed++
    program = planned = lines = not_ok = 0
  }
  /^test: /        { close_program(); program = 1 }
  /^result: /      { sub(/^result: */, ""); result = $0 }
  /^1\.\.[0-9]+/   { planned = substr($1, 4) + 0 }
  /^ok .*# SKIP/   { lines++; skipped++; next }
  /^ok /           { lines++; passed++ }
  /^not ok /       { lines++; not_ok++; failed++ }
  END              { close_program(); print passed + 0, failed + 0, skipped + 0 }' "$log")
read -r passed failed skipped <<END
$counts
END
echo
if [ "$skipped" -gt 0 ]; then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
