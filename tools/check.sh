#!/bin/sh
# check.sh -- the long tests: full-size runs, kills, pages in a browser, GIMP, several ranks, sanitizers, fuzzing, other
# instruction sets, Arm, another Debian release, packages, the wheel. Ends with "N passed, N failed, N skipped". Parts of it:
# check.sh long|web|gimp|machines|isa|far|sanitize|threads|root|arm|fuzz|deb|wheel...; without a name all, in two rows beside
# each other, which take about as long; some of them in turns.
set -u
parts=${*:-long web gimp machines isa sanitize}
total=$(mktemp)
failures=$(mktemp)
spent=$(mktemp)
trap 'rm -f "$total" "$failures" "$spent"' EXIT

# counted COMMAND...: shows its output, keeps its closing line, and what failed: that is said again at the end, where
# somebody who sees only the last lines of an hour looks for it.
counted() {
  log=$(mktemp)
  "$@" 2>&1 | tee "$log"
  closing=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)
  echo "${closing:-0 passed, 1 failed}" >>"$total"
  case $closing in
  *' passed, 0 failed'*) ;;
  *) { echo "== failed: $*"; grep -A 4 -E '^ *not ok |^ *# (not ok|Bail out!)' "$log" || tail -n 12 "$log"; } >>"$failures" ;;
  esac
  rm -f "$log"
}

has() { [ "$(uname -m)" = x86_64 ] && grep -qw "$1" /proc/cpuinfo; }
instructions() { # instructions ISA FLAG TESTS...: FALSE where the processor has not got them
  has "$2" || return 1
  [ $# -gt 2 ] || return 0 # no names would be all tests
  isa=$1
  shift 2
  echo "== instructions of $isa"
  ONEDNN_MAX_CPU_ISA=$isa counted tools/run-tests.sh build "$@"
}
natively() {
  [ $# -gt 0 ] || return 0
  echo '== instructions of this processor'
  counted tools/run-tests.sh build "$@"
}
# All of it would be three hours of a slow machine with two cores, and a run has one. What would be done several times over
# takes turns: in one run each test is run in one of those ways, or in none, in the next commit's run in the next.
# REVERIE_TEST_TURN says whose turn it is; with REVERIE_TEST_WHOLE=1 all have it:
# REVERIE_TEST_WHOLE=1 tools/check.sh far; ONEDNN_MAX_CPU_ISA=AVX2 tools/run-tests.sh build --suite long
turn=${REVERIE_TEST_TURN:-$(git rev-list --count HEAD 2>/dev/null || echo 0)}

# in_turn WAYS OWN SUITES...: of those tests the names of the ones whose turn it is in the way OWN, 0 or another.
in_turn() {
  ways=$1 own=$2
  shift 2
  meson test -C build --list "$@" 2>/dev/null | sed -n 's|.* / \([a-z0-9-]*\)$|\1|p' | sort |
    awk -v turn="$turn" -v ways="$ways" -v own="$own" -v whole="${REVERIE_TEST_WHOLE:-}" \
      'whole || (NR + turn) % ways == own'
}

long() {
  echo '== full-size runs, kills, huge pictures'
  # shellcheck disable=SC2046
  natively $(in_turn 2 0 --suite long --no-suite computes)
  for own in 0 1 2 3; do # some without oneDNN: below
    # shellcheck disable=SC2046
    set -- $(in_turn 8 "$own" --suite computes)
    case $own in
    0) instructions AVX512_CORE avx512bw "$@" || natively "$@" ;;
    1) instructions AVX2 avx2 "$@" || natively "$@" ;;
    2) instructions SSE41 sse4_1 "$@" || natively "$@" ;;
    3) natively "$@" ;;
    esac
  done
}

web() {
  echo '== the studio and the exported page in a browser'
  counted tools/run-tests.sh build --suite web
}

# look_for TARGET: what was installed after the build was set up is found now.
look_for() {
  meson introspect --targets build | grep -q "$1" || meson setup --reconfigure build >/dev/null
}

gimp() {
  echo '== the plug-in in GIMP'
  look_for gimp-rows
  counted tools/run-tests.sh build --suite gimp
}

machines() {
  echo '== several ranks, of Open MPI and of MPICH'
  look_for libreverie-mpi
  counted tools/run-tests.sh build --suite machines
}

# The whole of make test runs as on other processors too: AVX-512 without bf16 on Debian 13 with its newer oneDNN; and, in
# turns, a third of it with AVX2 under the sanitizers (but for what looks at times, and many numbers), a sixth with SSE4.1,
# a third without oneDNN on far memory, in one run of four (three and seven have no factor with that). What no instruction
# changes, files and requests, is the sanitizers' alone.
of_make_test='--no-suite long --no-suite apart --no-suite check'
isa() {
  instructions AVX2 avx2 kernels golden tiles dream-classic
  # shellcheck disable=SC2046,SC2086
  instructions SSE41 sse4_1 $(in_turn 6 2 $of_make_test --no-suite same)
}

# As on a card, memory that the host may not touch; and without oneDNN, which would want to read it.
far() {
  echo '== a backend whose memory is far, without oneDNN'
  [ -d build-far ] || meson setup build-far -Dfar=true -Donednn=disabled >/dev/null
  # shellcheck disable=SC2046,SC2086
  counted tools/run-tests.sh build-far $(in_turn 3 0 $of_make_test --no-suite same) $(in_turn 7 0 --suite computes)
}

arm() {
  echo '== 64-bit Arm under qemu'
  tools/setup.sh arm || true # what is missing is a skip there
  counted tools/check-arm.sh
}

sanitize() {
  echo '== AddressSanitizer, UndefinedBehaviorSanitizer, instructions of AVX2'
  [ -d build-sanitize ] || meson setup build-sanitize -Db_sanitize=address,undefined -Db_lundef=false \
    -Dbuildtype=debugoptimized -Ddefault_library=static >/dev/null
  # shellcheck disable=SC2046,SC2086
  ONEDNN_MAX_CPU_ISA=AVX2 sanitized --no-suite numbers $(in_turn 3 0 $of_make_test --no-suite same) \
    $(in_turn 3 0 $of_make_test --suite same)
  echo '== the same, AVX-512: what computes'
  has avx512bw && ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16 sanitized few gemm kernels outer winograd op
}

# Libraries' own leaks at exit do not count, nor memory limits that a sanitized program cannot live in. oneDNN 2.6 reads past
# a small buffer of its own while it makes AMX kernels: without AMX.
sanitized() {
  LSAN_OPTIONS=suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0 \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=allocator_may_return_null=1 REVERIE_TEST_SANITIZED=1 \
    REVERIE_TEST_SLOWER=8 counted tools/run-tests.sh build-sanitize "$@"
}

threads() {
  echo '== ThreadSanitizer'
  # It knows neither of libgomp's barriers nor of oneDNN's threads, which are not built with it, and would call every
  # parallel loop a race: what is watched here is the jobs of several threads, each of them alone in its loops. Nor does
  # it see what GLib's containers do inside. Loops over one job's numbers are not watched (src/meson.build).
  [ -d build-tsan ] || meson setup build-tsan -Db_sanitize=thread -Db_lundef=false -Dbuildtype=debugoptimized \
    -Ddefault_library=static -Dopenmp=disabled -Donednn=disabled -Dstudio=disabled >/dev/null
  G_SLICE=always-malloc TSAN_OPTIONS=halt_on_error=1:suppressions=$PWD/tests/support/tsan.supp \
    REVERIE_TEST_SLOWER=8 REVERIE_TEST_ROUNDS=6 counted tools/run-tests.sh build-tsan threads job stress
}

fuzz_one() { # fuzz_one NAME EXECUTIONS MAX_BYTES SEEDS...
  name=$1 runs=$2 most=$3
  shift 3
  corpus=$(mktemp -d)
  left=$(mktemp -d) # what a target makes for itself
  # Too large a buffer is an error of ours, not the sanitizer's death.
  if TMPDIR=$left ASAN_OPTIONS=allocator_may_return_null=1 build-fuzz/tests/fuzz-"$name" -runs="$runs" -max_len="$most" -seed=1 \
    "$corpus" "$@" >"$corpus.log" 2>&1; then
    echo "$name: $(grep -E '^Done [0-9]+ runs' "$corpus.log")"
    echo '1 passed, 0 failed'
  else
    tail -30 "$corpus.log"
    echo '0 passed, 1 failed'
  fi
  rm -rf "$corpus" "$corpus.log" "$left"
}

# The same for a reader on top of a library that is known to die of some files: that is what the helper program is for. Each
# death is looked at: the library must stand nearer to it than our sources do; in between may be what it calls (zlib, the C
# library), and functions of the sanitizer and the fuzzer, which are linked into our program and whose sources are C++.
fuzz_above() { # fuzz_above LIBRARY NAME EXECUTIONS MAX_BYTES
  corpus=$(mktemp -d)
  deaths=$(mktemp -d)
  left=$(mktemp -d) # what the dead leave behind
  TMPDIR=$left ASAN_OPTIONS=detect_leaks=0 build-fuzz/tests/fuzz-"$2" -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 \
    -runs="$3" -max_len="$4" -timeout=2 -rss_limit_mb=1024 -detect_leaks=0 -artifact_prefix="$deaths/" "$corpus" \
    tests/fuzz/seeds/"$2" >"$corpus.log" 2>&1
  own=$(mktemp)
  runs=$(sed -n 's/.*fuzzed for \([0-9]*\) iterations.*/\1/p' "$corpus.log")
  for file in "$deaths"/*; do
    [ -f "$file" ] || continue
    TMPDIR=$left timeout 10 build-fuzz/tests/fuzz-"$2" -detect_leaks=0 -timeout=2 "$file" >"$corpus.one" 2>&1
    frame=$(grep -E "^ +#[0-9]+ .*($1|/(src|tests)/.*[.]c:)" "$corpus.one" | head -1) # none: slow once, not again
    case $frame in '' | *"$1"*) ;; *) grep -E '^ +#|ERROR' "$corpus.one" | head -12 >>"$own" ;; esac
  done
  echo "$2: Done ${runs:-0} runs; $1 died of $(ls "$deaths" | wc -l) files, we of $(grep -c ERROR "$own")"
  if [ "${runs:-0}" -ge "$3" ] && [ ! -s "$own" ]; then echo '1 passed, 0 failed'; else
    tail -30 "$corpus.log"
    cat "$own"
    echo '0 passed, 1 failed'
  fi
  rm -rf "$corpus" "$corpus.log" "$corpus.one" "$own" "$deaths" "$left"
}

# Each time the same inputs are made (-seed=1): many more, which are new, by hand: REVERIE_FUZZ_RUNS=1000000 tools/check.sh fuzz
fuzz() {
  echo '== fuzzing'
  runs_each=${REVERIE_FUZZ_RUNS:-30000}
  [ -d build-fuzz ] || CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
    -Dbuildtype=debugoptimized -Dopenmp=disabled -Donednn=disabled -Ddefault_library=static >/dev/null
  ninja -C build-fuzz tests/fuzz-idx tests/fuzz-safetensors tests/fuzz-pytorch tests/fuzz-caffe tests/fuzz-keras-file \
    tests/fuzz-json tests/fuzz-kernels tests/fuzz-state tests/fuzz-recipe tests/fuzz-settings tests/fuzz-studio >/dev/null ||
    { echo '0 passed, 1 failed' >>"$total"; return; }
  counted fuzz_one idx "$runs_each" 256 tests/fuzz/seeds/idx
  counted fuzz_one safetensors "$runs_each" 4096 tests/fuzz/seeds/safetensors
  counted fuzz_one pytorch "$runs_each" 6200 tests/golden/pytorch-files
  counted fuzz_one caffe "$runs_each" 2048 tests/golden/caffe-files tests/fuzz/seeds/caffe
  counted fuzz_one json "$runs_each" 1024 tests/fuzz/seeds/json
  counted fuzz_one kernels "$runs_each" 1024 tests/fuzz/seeds/kernels
  counted fuzz_one state "$runs_each" 1024 tests/fuzz/seeds/state
  counted fuzz_one recipe "$runs_each" 1024 tests/fuzz/seeds/recipe
  counted fuzz_one settings "$runs_each" 1024 tests/fuzz/seeds/settings
  counted fuzz_one studio "$runs_each" 1024 tests/fuzz/seeds/studio
  counted fuzz_above libhdf5 keras-file "$runs_each" 12288
}

root() {
  echo '== a fresh root of Debian 13, instructions of AVX512_CORE'
  counted tools/check-root.sh trixie 'make demo && ONEDNN_MAX_CPU_ISA=AVX512_CORE make test'
}

deb() { # those of Debian 13: make check-deb; its root is built above
  echo '== packages of Debian 12, installed in a fresh root'
  counted tools/check-deb.sh bookworm
}

wheel() { # into Debian 12 it is installed by the long tests: make check-wheel does it in a fresh root
  echo '== the wheel in a fresh root of Debian 13'
  counted tools/check-wheel.sh build/bindings/python/reverie-*.whl trixie
}

ninja -C build wheel >/dev/null || true # for several of them, and not while others build; none is a failure there
took=
beside=
if [ $# -eq 0 ]; then
  beside=$(mktemp)
  tools/setup.sh arm || true # not while the others run
  case ${REVERIE_TEST_WHOLE:-}$((turn % 4)) in # nothing that runs what is in build/, as the first row does
  0) other_row='root' ;;
  1) other_row='arm far' ;;
  2) other_row='threads fuzz' ;;
  3) other_row='deb wheel' ;;
  *) other_row='root arm threads fuzz deb wheel far' ;;
  esac
  "$0" $other_row >"$beside" 2>&1 &
fi
# What a part costs is the processor's seconds: its own time depends on what runs beside it. Of the last part they are too
# many by the second row's, which this shell is told of by then.
seconds_spent() { # by all children so far; in no subshell, which has none
  times >"$spent"
  of_processor=$(awk 'NR == 2 { gsub(/[ms]/, " "); printf "%d", 60 * ($1 + $3) + $2 + $4 }' "$spent")
}
for part in $parts; do
  began=$(date +%s)
  seconds_spent
  before=$of_processor
  $part
  seconds_spent
  took="$took$part $(($(date +%s) - began)) s ($((of_processor - before)) s of the processor), "
done
if [ -n "$beside" ]; then
  wait
  counted cat "$beside"
  rm -f "$beside"
fi
echo "${took%, }"
[ -s "$failures" ] && { echo; cat "$failures"; }
awk '{ passed += $1; failed += $3; skipped += $5 }
     END { printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }' "$total"
