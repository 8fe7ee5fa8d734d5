# cli.sh -- sourced by tests of the program. Makes a temporary folder and defines ok and run. $reverie: the program.
# Prints TAP.
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export XDG_CACHE_HOME="$here/cache" REVERIE_MODELS="$here/models" KERAS_HOME="$here/keras" TORCH_HOME="$here/torch" XDG_CONFIG_HOME="$here/config"
# Disables libvips' modules (HEIF, and unused formats), whose loading takes half of a short run.
export VIPSHOME="$here"
cd "$here" || exit 1
export REVERIE_TEST_SLOWER="${REVERIE_TEST_SLOWER:-1}" # integer factor of all time limits, for slow machines
count=0

# slow_cases: whether this is a run of the slow cases (suite long of `make check-all`). Such a run has no other cases,
# and ends with all_done.
slow_cases() { [ -n "${REVERIE_TEST_SLOW:-}" ]; }
all_done() {
  echo "1..$count"
  exit 0
}

ok() { # ok NAME CONDITION...
  count=$((count + 1))
  name=$1
  shift
  if "$@"; then echo "ok $count $name"; else
    echo "not ok $count $name"
    sed 's/^/# /' err out 2>/dev/null | head -8
  fi
}

# run CODE TEXT ARGUMENTS...: checks exit code and output; a failure prints one line.
run() {
  wanted=$1
  text=$2
  shift 2
  "$reverie" "$@" >out 2>err </dev/null
  code=$?
  [ "$code" -eq "$wanted" ] || { echo "# exit code $code, not $wanted: $*"; return 1; }
  [ "$code" -eq 0 ] || [ -z "$text" ] || [ "$(wc -l <err)" -eq 1 ] || { echo '# expected one error line'; return 1; }
  [ -z "$text" ] || cat out err | grep -qF -- "$text" || { echo "# output lacks '$text'"; return 1; }
  [ -z "$(ls ./*.part-* 2>/dev/null)" ] || { echo '# a temporary file was left behind'; return 1; }
}

# limit_files KIB: limits the files that later commands of this shell write. The counters of `make coverage` would be
# truncated as well, so these commands do not write them.
limit_files() {
  ulimit -f $(($1 * 2))
  export GCOV_PREFIX=/dev/null
}

# skip_sanitized NAME: skips a case under a sanitizer, which reserves terabytes of address space: limits on it do not
# work.
skip_sanitized() {
  [ -n "${REVERIE_TEST_SANITIZED:-}" ] || return 1
  count=$((count + 1))
  echo "ok $count $1 # SKIP under a sanitizer"
}

# until_state PID: waits until a checkpoint exists, or the program has ended.
until_state() {
  while kill -0 "$1" 2>/dev/null && ! ls ./*.state.safetensors >/dev/null 2>&1; do sleep 0.02; done
}

# interrupted ARGUMENTS...: runs the program, sends SIGINT once its log has content, and returns its exit code. The
# moment does not depend on the speed of the machine.
interrupted() {
  rm -f steps.log
  "$reverie" "$@" --log steps.log &
  pid=$!
  while kill -0 $pid 2>/dev/null && [ ! -s steps.log ]; do sleep 0.01; done
  kill -INT $pid
  wait $pid
}
interrupted_with() { # interrupted_with FILE ARGUMENTS...: expects exit code 130 and a FILE with content
  file=$1
  shift
  interrupted "$@"
  [ $? -eq 130 ] && [ -s "$file" ]
}

# terminal ANSWER COMMAND: runs COMMAND on a terminal with ANSWER as input; writes the output to `out`.
terminal() { printf '%s\n' "$1" | script -qec "$2" /dev/null >out 2>&1; }
# has_terminal: whether there are terminals.
has_terminal() { script -qec true /dev/null >/dev/null 2>&1; }

# four_shots FILE NOISE: eight frames of 64 x 48 px as Y4M, two for each shot, from bytes of NOISE. The second frame of
# a shot differs from the first in some rows.
four_shots() {
  frame() { # frame NOISE CHANGED CHROMA
    printf 'FRAME\n'
    tail -c "+$2" "$1" | head -c 768
    tail -c +900 "$1" | head -c 2304
    head -c 1536 /dev/zero | tr '\000' "$3"
  }
  {
    printf 'YUV4MPEG2 W64 H48 F8:1 Ip A1:1 C420jpeg\n'
    for chroma in 100 300 150 240; do
      for changed in 2 2500; do frame "$2" "$changed" "\\$chroma"; done
    done
  } >"$1"
}
