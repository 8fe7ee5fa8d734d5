#!/bin/sh
# check.sh [--all | NAME...] -- runs checks beyond `make test`. Without a name: those for each commit, `every` and
# `commit`; --all: `every` and `all`, which contain `commit`. Prints the time of each check. Ends with "N passed, N
# failed, N skipped". REVERIE_CHECK_ONLY='NAME...' limits sanitize, memory and threads to these tests, and fuzz to these
# targets.
set -u

checks='
web       every  the studio and the exported page in Chromium
gimp      every  the plug-in in GIMP
machines  every  several ranks, of Open MPI and of MPICH
avx2      every  tests of computing code, with the instructions of AVX2
gpu       every  the ops of the Vulkan backend on a device in software, with validation layers
sanitize  commit parsers and jobs, under AddressSanitizer and UndefinedBehaviorSanitizer
root      commit a fresh root of Debian 13: make demo, small, and tests of each outside library, with the instructions of AVX512_CORE
vulkan    all    whole runs on a device in software, devices that are lost, the choice of a device
long      all    full-size runs, kills, huge pictures
memory    all    all of make test under AddressSanitizer and UndefinedBehaviorSanitizer, with the instructions of AVX2
sse41     all    tests of computing code, and full-size runs, with the instructions of SSE4.1
trixie    all    a fresh root of Debian 13: make demo, small, and all of make test, with the instructions of SSE4.1
far       all    all of make test, on memory that the host may not touch, without oneDNN
threads   all    jobs of several threads under ThreadSanitizer
fuzz      all    parsers, with files made by libFuzzer
arm       all    64-bit Arm under qemu
deb       all    packages of Debian 12, installed in a fresh root
bundle    all    the archive and the wheel in a fresh root of Debian 13
'
names() { # names GROUP...: checks of these groups
  for which; do echo "$checks" | awk -v which="$which" '$2 == which { print $1 }'; done
}
case ${1:-} in
'') wanted=$(names every commit) ;;
--all) wanted=$(names every all) ;;
*) wanted=$* ;;
esac
total=$(mktemp)
failures=$(mktemp)
took=$(mktemp)
trap 'rm -f "$total" "$failures" "$took"' EXIT

# counted COMMAND...: shows the output, and stores the closing line and failures, which are repeated at the end.
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

with() { # with ISA TESTS...: runs tests limited to one instruction set, if the processor has a wider one, too
  isa=$1
  shift
  case $isa in AVX2) flag=avx512bw ;; SSE41) flag=avx2 ;; esac # flag of a wider set: without it, make test used $isa
  if [ "$(uname -m)" = x86_64 ] && grep -qw "$flag" /proc/cpuinfo; then
    ONEDNN_MAX_CPU_ISA=$isa counted tools/run-tests.sh build "$@"
  else
    echo "0 passed, 0 failed, 1 skipped: $isa is the best of this processor, or missing" | tee -a "$total"
  fi
}
of_make_test='--no-suite long --no-suite apart --no-suite check'
computing='backend kernels accuracy conv-strips choose thin gemm wgrad winograd op dream style loss golden tiles dream-classic squeezenet'

# shellcheck disable=SC2086
avx2() {
  with AVX2 $computing
}

# shellcheck disable=SC2086
sse41() {
  with SSE41 $computing backend-slow golden-slow style-slow dream-slow dream-classic-slow tiles-slow
}

long() {
  counted tools/run-tests.sh build --suite long
}

web() {
  counted tools/run-tests.sh build --suite web
}

# look_for TARGET: reconfigures if the target's packages were installed after setup
look_for() {
  meson introspect --targets build | grep -q "$1" || meson setup --reconfigure build >/dev/null
}

gimp() {
  look_for gimp-rows
  counted tools/run-tests.sh build --suite gimp
}

machines() {
  look_for libreverie-mpi
  counted tools/run-tests.sh build --suite machines
}

on_vulkan() { # on_vulkan TESTS...: runs tests on a device in software
  look_for test-vulkan
  if meson introspect --targets build | grep -q test-vulkan; then
    REVERIE_REQUIRE_GPU=1 REVERIE_VULKAN_VALIDATE=1 counted tools/run-tests.sh build "$@"
  else
    echo '0 passed, 0 failed, 1 skipped: nothing to build Vulkan with' | tee -a "$total"
  fi
}

gpu() {
  on_vulkan backend vulkan
}

vulkan() {
  on_vulkan cli-vulkan net squeezenet
}

# Runs tests with memory that the host may not touch, as on a GPU. The build has no oneDNN, which reads that memory.
far() {
  [ -d build-far ] || meson setup build-far -Ddevice-memory=true -Donednn=disabled >/dev/null
  # shellcheck disable=SC2086
  counted tools/run-tests.sh build-far $of_make_test --no-suite same
}

arm() {
  tools/setup.sh arm || true # missing packages are reported as a skip
  counted tools/check-arm.sh
}

# Tests of files, requests and jobs, and of kernels in buffers of exact size.
sanitize() {
  build_sanitized
  # shellcheck disable=SC2086
  ONEDNN_MAX_CPU_ISA=AVX2 sanitized ${REVERIE_CHECK_ONLY:-json dataset weights pytorch onnx caffe keras-files settings fetch truncations \
    verify image image-in faces mask-kinds \
    video flow-file noise-dream job video-job learn-job vae-job learned-job vae-picture cli-hostile \
    cli-names cli-files studio thin gemm wgrad winograd}
}

# shellcheck disable=SC2086
memory() {
  build_sanitized
  ONEDNN_MAX_CPU_ISA=AVX2 sanitized ${REVERIE_CHECK_ONLY:---no-suite numbers $of_make_test}
  ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16 sanitized ${REVERIE_CHECK_ONLY:-thin gemm kernels wgrad winograd op}
}

build_sanitized() {
  [ -d build-sanitize ] || meson setup build-sanitize -Db_sanitize=address,undefined -Db_lundef=false \
    -Dbuildtype=debug -Doptimization=1 -Ddefault_library=static -Dgimp=disabled -Dmpi=disabled >/dev/null
}

# Leaks of libraries at exit are ignored, as are memory limits, which are too low for a sanitized program. AMX is off:
# oneDNN 2.6 reads past a buffer of its own while it generates AMX kernels.
sanitized() {
  LSAN_OPTIONS=suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0 \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=allocator_may_return_null=1 REVERIE_TEST_SANITIZED=1 \
    REVERIE_TEST_SLOWER=8 counted tools/run-tests.sh build-sanitize "$@"
}

threads() {
  # ThreadSanitizer does not support libgomp's barriers and oneDNN's threads, and would report every parallel loop. This
  # checks jobs of several threads with serial loops. It ignores the inside of GLib's containers, and loops over one
  # job's numbers (src/meson.build).
  [ -d build-tsan ] || meson setup build-tsan -Db_sanitize=thread -Db_lundef=false -Dbuildtype=debugoptimized \
    -Ddefault_library=static -Dopenmp=disabled -Donednn=disabled -Dstudio=disabled >/dev/null
  # shellcheck disable=SC2086
  G_SLICE=always-malloc TSAN_OPTIONS=halt_on_error=1:suppressions=$PWD/tests/support/tsan.supp \
    REVERIE_TEST_SLOWER=8 REVERIE_TEST_ROUNDS=6 counted tools/run-tests.sh build-tsan ${REVERIE_CHECK_ONLY:-threads job stress}
}

fuzz_one() { # fuzz_one NAME EXECUTIONS MAX_BYTES SEEDS...
  name=$1 runs=$2 most=$3
  shift 3
  corpus=$(mktemp -d)
  left=$(mktemp -d) # temporary files of the target
  # With allocator_may_return_null, a buffer that is too large is an error of the target, and no abort.
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

# Fuzzes a reader on top of a library that crashes on some files; programs run this reader in a helper process. In each
# stack the library must be nearer to the crash than Reverie's sources. Other frames may be in between: of libraries
# that it calls, and of the sanitizer and the fuzzer, whose sources are C++.
fuzz_above() { # fuzz_above LIBRARY NAME EXECUTIONS MAX_BYTES SEEDS
  corpus=$(mktemp -d)
  deaths=$(mktemp -d)
  left=$(mktemp -d) # temporary files of crashes
  TMPDIR=$left ASAN_OPTIONS=detect_leaks=0 build-fuzz/tests/fuzz-"$2" -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 \
    -runs="$3" -max_len="$4" -timeout=2 -rss_limit_mb=1024 -detect_leaks=0 -artifact_prefix="$deaths/" "$corpus" "$5" \
    >"$corpus.log" 2>&1
  own=$(mktemp)
  runs=$(sed -n 's/.*fuzzed for \([0-9]*\) iterations.*/\1/p' "$corpus.log")
  for file in "$deaths"/*; do
    [ -f "$file" ] || continue
    TMPDIR=$left timeout 10 build-fuzz/tests/fuzz-"$2" -detect_leaks=0 -timeout=2 "$file" >"$corpus.one" 2>&1
    frame=$(grep -E "^ +#[0-9]+ .*($1|/(src|tests)/.*[.]c:)" "$corpus.one" | head -1) # empty: the file was slow once, but not again
    case $frame in '' | *"$1"*) ;; *) grep -E '^ +#|ERROR' "$corpus.one" | head -12 >>"$own" ;; esac
  done
  echo "$2: Done ${runs:-0} runs; $1 crashed on $(find "$deaths" -type f | wc -l) files, Reverie on $(grep -c ERROR "$own")"
  if [ "${runs:-0}" -ge "$3" ] && [ ! -s "$own" ]; then echo '1 passed, 0 failed'; else
    tail -30 "$corpus.log"
    cat "$own"
    echo '0 passed, 1 failed'
  fi
  rm -rf "$corpus" "$corpus.log" "$corpus.one" "$own" "$deaths" "$left"
}

# Columns: target, largest input in bytes, seeds.
fuzz_targets='
idx          256  tests/fuzz/seeds/idx
safetensors 4096  tests/fuzz/seeds/safetensors
pytorch     6200  tests/golden/pytorch-files
caffe       2048  tests/golden/caffe-files tests/fuzz/seeds/caffe
onnx        2048  tests/golden/onnx-files tests/fuzz/seeds/onnx
json        1024  tests/fuzz/seeds/json
kernels     1024  tests/fuzz/seeds/kernels
state       1024  tests/fuzz/seeds/state
recipe      1024  tests/fuzz/seeds/recipe
settings    1024  tests/fuzz/seeds/settings
studio      1024  tests/fuzz/seeds/studio
keras-file 12288  tests/fuzz/seeds/keras-file
'

# The seed makes the same inputs each time. REVERIE_FUZZ_RUNS=1000000 tools/check.sh fuzz tries more inputs.
# shellcheck disable=SC2046,SC2086
fuzz() {
  runs_each=${REVERIE_FUZZ_RUNS:-30000}
  all=$(echo "$fuzz_targets" | awk '{ print $1 }')
  targets=${REVERIE_CHECK_ONLY:-$all}
  for name in $targets; do
    echo "$all" | grep -qx -- "$name" ||
      { echo "check.sh: there is no target '$name': use one of" $all >&2; echo '0 passed, 1 failed' >>"$total"; return; }
  done
  [ -d build-fuzz ] || CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
    -Dbuildtype=debugoptimized -Dopenmp=disabled -Donednn=disabled -Ddefault_library=static >/dev/null
  ninja -C build-fuzz $(printf 'tests/fuzz-%s ' $targets) >/dev/null || { echo '0 passed, 1 failed' >>"$total"; return; }
  for name in $targets; do
    set -- $(echo "$fuzz_targets" | sed -n "s/^$name //p")
    case $name in
    keras-file) counted fuzz_above libhdf5 "$name" "$runs_each" "$@" ;;
    *) counted fuzz_one "$name" "$runs_each" "$@" ;;
    esac
  done
}

# Builds everything on Debian 13, which has another compiler and newer libraries. Tests the uses of: the C library and
# GLib; json-glib; libvips; oneDNN 3; HDF5; libcurl; libmicrohttpd; ffmpeg; Python; and the exported symbols.
root() {
  counted tools/check-root.sh trixie "REVERIE_DEMO=quick make demo && ONEDNN_MAX_CPU_ISA=AVX512_CORE tools/run-tests.sh build base json settings \
    image image-in backend kernels accuracy choose net keras-files truncations fetch studio video python symbols abi"
}

trixie() {
  counted tools/check-root.sh trixie 'REVERIE_DEMO=quick make demo && ONEDNN_MAX_CPU_ISA=SSE41 make test'
}

deb() { # Debian 12; `make check-deb` checks Debian 13, too
  counted tools/check-deb.sh bookworm
}

bundle() { # Debian 13; `make check-bundle` checks Debian 12, too
  tools/setup.sh bundle || true
  counted sh -c 'tools/bundle.sh && tools/check-bundle.sh trixie'
}

# run NAME: runs one check and stores its time.
run() {
  echo "== $1: $(echo "$checks" | sed -n "s/^$1  *[a-z]*  *//p")"
  began=$(date +%s)
  "$1"
  printf '%-9s %5d s\n' "$1" $(($(date +%s) - began)) >>"$took"
}

# The check `root` runs in parallel with the others: it has its own files.
beside=
others=$(echo "$wanted" | tr ' ' '\n' | grep -vx root)
if [ -n "$others" ] && echo "$wanted" | tr ' ' '\n' | grep -qx root; then
  beside=$(mktemp)
  "$0" root >"$beside" 2>&1 &
  wanted=$others
fi
for name in $wanted; do run "$name"; done
if [ -n "$beside" ]; then
  wait
  counted cat "$beside"
  grep -E '^root +[0-9]+ s$' "$beside" >>"$took"
  rm -f "$beside"
fi
echo
cat "$took"
[ -s "$failures" ] && { echo; cat "$failures"; }
awk '{ passed += $1; failed += $3; skipped += $5 }
     END { printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }' "$total"
