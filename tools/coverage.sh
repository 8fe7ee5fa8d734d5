#!/bin/sh
# coverage.sh [TEST...] -- runs these tests, or those of `make test`, in a separate build. Prints the percentages of
# lines and branches that they reach, for each folder of src. Exits with 1 if a test fails.
set -u
build=build-coverage
# Counters are atomic: those of parallel loops would become negative otherwise, which gcovr rejects.
[ -d $build ] || meson setup $build -Db_coverage=true -Dc_args=-fprofile-update=atomic -Dbuildtype=debug -Doptimization=1 >/dev/null
find $build -name '*.gcda' -delete
[ $# -gt 0 ] || set -- --no-suite long --no-suite apart --no-suite check
GCOV_ERROR_FILE=/dev/null tools/run-tests.sh $build "$@"
failed=$?
# Killed programs can leave negative counts.
gcovr --root . --object-directory $build --filter src/ --gcov-ignore-parse-errors --csv -j "$(nproc)" -o $build/coverage.csv || exit 1
# filename, line_total, line_covered, line_percent, branch_total, branch_covered, ...
printf '%-24s %16s %17s\n' folder lines branches
awk -F, '
  function row(name, n, reached, n_branches, reached_branches) {
    printf "%-24s %7d %6.1f %% %8d %6.1f %%\n", name, n, n ? 100 * reached / n : 100,
      n_branches, n_branches ? 100 * reached_branches / n_branches : 100
  }
  function add(name) { lines[name] += $2; lines_reached[name] += $3; branches[name] += $5; branches_reached[name] += $6 }
  NR > 1 { add("total"); sub("/[^/]*$", "", $1); add($1) }
  END {
    for (name in lines) row(name, lines[name], lines_reached[name], branches[name], branches_reached[name])
  }' $build/coverage.csv | sort
exit $failed
