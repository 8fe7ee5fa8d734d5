#!/bin/sh
# check.sh -- the long tests: full-size runs, kills, sanitizers, fuzzing, other instruction sets, another Debian release.
# Ends with "N passed, N failed, N skipped". A part of it: check.sh long|isa|sanitize|fuzz|root.
set -u
parts=${*:-long isa sanitize fuzz root}
total=$(mktemp)
trap 'rm -f "$total"' EXIT

# counted COMMAND...: shows its output and keeps its closing line.
counted() {
  log=$(mktemp)
  "$@" 2>&1 | tee "$log"
  closing=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)
  echo "${closing:-0 passed, 1 failed}" >>"$total"
  rm -f "$log"
}

long() {
  echo '== full-size runs, kills, huge pictures'
  counted tools/run-tests.sh build --suite long
}

# What dispatch would never choose on this machine.
isa() {
  for isa in AVX2 SSE41; do
    echo "== kernels for $isa"
    ONEDNN_MAX_CPU_ISA=$isa counted tools/run-tests.sh build net backend
  done
  echo '== without oneDNN'
  [ -d build-plain ] || meson setup build-plain -Donednn=disabled >/dev/null
  counted tools/run-tests.sh build-plain net backend
}

sanitize() {
  echo '== AddressSanitizer, UndefinedBehaviorSanitizer'
  [ -d build-sanitize ] || meson setup build-sanitize -Db_sanitize=address,undefined -Db_lundef=false \
    -Dbuildtype=debugoptimized -Ddefault_library=static >/dev/null
  # Libraries' own leaks at exit, and memory limits that a sanitized program cannot live in.
  LSAN_OPTIONS=suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0 \
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=allocator_may_return_null=1 REVERIE_TEST_SANITIZED=1 \
    counted tools/run-tests.sh build-sanitize --no-suite long --no-suite check --timeout-multiplier 8
}

fuzz_one() { # fuzz_one NAME EXECUTIONS
  corpus=$(mktemp -d)
  if build-fuzz/tests/fuzz-"$1" -runs="$2" -max_len=4096 -seed=1 "$corpus" tests/fuzz/seeds/"$1" >"$corpus.log" 2>&1; then
    grep -E '^Done [0-9]+ runs' "$corpus.log"
    echo '1 passed, 0 failed'
  else
    tail -30 "$corpus.log"
    echo '0 passed, 1 failed'
  fi
  rm -rf "$corpus" "$corpus.log"
}

fuzz() {
  echo '== fuzzing'
  [ -d build-fuzz ] || CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false \
    -Dopenmp=disabled -Donednn=disabled -Ddefault_library=static >/dev/null
  ninja -C build-fuzz tests/fuzz-safetensors >/dev/null || { echo '0 passed, 1 failed' >>"$total"; return; }
  counted fuzz_one safetensors 200000
}

root() {
  echo '== a fresh root of Debian 13'
  counted tools/check-root.sh trixie
}

for part in $parts; do $part; done
awk '{ passed += $1; failed += $3; skipped += $5 }
     END { printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }' "$total"
