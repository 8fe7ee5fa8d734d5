#!/bin/sh
# gpu.sh [--quick] BUILD -- tests the Vulkan backend on this machine's GPU. Then prints its speed as a table in Markdown,
# compared with PyTorch with CUDA if PYTHON (default: python3) has it: all our times are measured first. Builds BUILD if
# it has no program. Takes LIMIT_S seconds at most, 580 by default. --quick: tiny pictures, to test this script on a device in software; then PyTorch computes on the
# processor. PEAK_TFLOPS: peak of the card in f32; default: measured with a matrix product in PyTorch. Run from the
# repository's root.
# shellcheck disable=SC2086
set -u
quick=
[ "${1:-}" != --quick ] || { quick=yes; shift; }
build=${1:?gpu.sh [--quick] BUILD}
python=${PYTHON:-python3}
limit=${LIMIT_S:-580}
began=$(date +%s)
left() { echo $((limit - $(date +%s) + began)); }
quit() { echo "gpu.sh: $*" >&2; exit 1; }

# ---- programs and device ---------------------------------------------------------------------------------------------

reverie=$build/src/cli/reverie draw=$build/examples/pictures/draw shapes=$build/examples/shapes
if [ ! -x "$reverie" ]; then
  missing=$(for tool in cc meson ninja pkg-config glslangValidator; do command -v $tool >/dev/null || printf ' %s' $tool; done
    for library in glib-2.0 json-glib-1.0 vips; do pkg-config --exists $library 2>/dev/null || printf ' %s' $library; done)
  [ -z "$missing" ] || quit "to build it, this machine lacks:$missing"
  [ -d "$build" ] || meson setup "$build" -Dvulkan=enabled >&2 || quit 'meson setup failed'
  ninja -C "$build" src/cli/reverie examples/pictures/draw examples/shapes tests/make-net tests/test-backend \
    tests/test-vulkan bench/bench-style-net >&2 || quit 'the build failed'
fi
missing=$(for tool in timeout awk; do command -v $tool >/dev/null || printf ' %s' $tool; done
  for file in "$draw" "$shapes" "$build/tests/make-net" "$build/bench/bench-style-net" "$build/tests/test-backend" \
    "$build/tests/test-vulkan"; do [ -x "$file" ] || printf ' %s' "$file"; done)
[ -z "$missing" ] || quit "missing:$missing"
peer_libraries=${LD_LIBRARY_PATH:-}
[ ! -d "$build/lib" ] || export LD_LIBRARY_PATH="$PWD/$build/lib:$peer_libraries" # libraries of gpu-pack.sh
device=$("$reverie" --version --verbose | sed -n 's/^ *backend vulkan: //p')
case $device in '' | *'(not on this machine)'*) quit "no Vulkan device: ${device:-built without it}" ;; esac

here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
: >"$here/failed"
export XDG_CACHE_HOME="$here/cache"
threads=$(nproc)
torch() { LD_LIBRARY_PATH=$peer_libraries timeout "$(left)" "$python" "$@"; }
torch=$(torch -c 'import torch; print (torch.__version__, "cuda" if torch.cuda.is_available () else "cpu")' 2>/dev/null)
case $torch in
*cuda) PEER_DEVICE=cuda ;;
*cpu) PEER_DEVICE=cpu; [ "$quick" ] || torch="$torch, not compared" ;;
*) PEER_DEVICE=none torch='not installed' ;;
esac
[ "$quick" ] || [ $PEER_DEVICE = cuda ] || PEER_DEVICE=none
export PEER_DEVICE PYTHONPATH=bench

echo "- device: $device"
echo "- PyTorch: $torch"
echo "- source: $(git rev-parse --short HEAD 2>/dev/null || echo unknown)${quick:+; tiny pictures: the figures mean nothing}"
echo

# ---- tests -----------------------------------------------------------------------------------------------------------

echo '| test | passed | failed | skipped | seconds |'
echo '|---|---|---|---|---|'
run_test() { # run_test NAME COMMAND...
  name=$1 start=$(date +%s)
  shift
  REVERIE_REQUIRE_GPU=1 G_TEST_SRCDIR="$PWD/tests" timeout $(($(left) / 2)) sh "$@" >"$here/$name.tap" 2>&1
  code=$?
  awk -v name="$name" -v late="$([ $code -ne 124 ] || echo ', not all: no time')" -v seconds=$(($(date +%s) - start)) '
    /^ok .*# SKIP/ { skipped++; next } /^ok / { passed++ } /^not ok / { failed++ }
    END { printf "| `%s` | %d%s | %d | %d | %d |\n", name, passed, late, failed, skipped, seconds }' "$here/$name.tap"
  grep '^not ok' "$here/$name.tap" | sed 's/^/- /' >>"$here/failed"
}
run_test vulkan tests/support/cases.sh "$build/tests/test-vulkan"
[ "$quick" ] || run_test backend tests/support/cases.sh "$build/tests/test-backend"
run_test cli-vulkan tests/cli/test-vulkan.sh "$reverie" "$draw" "$shapes"
echo
cat "$here/failed"

# ---- speed -----------------------------------------------------------------------------------------------------------

middle() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
# Milliseconds of an iteration: median difference of the log's seconds, without the first ones.
of_log() { sed 's/.*"seconds": \([0-9.]*\).*/\1/' "$here/log" | awk -v skip=$skip 'NR > skip { print 1000 * ($1 - last) } { last = $1 }' | middle; }
run() { timeout "$(left)" "$reverie" "$@" --backend vulkan --force --quiet --log "$here/log" 2>"$here/err"; }
peer() { script=$1; shift; torch "bench/peer-torch$script.py" "$threads" "$@" 2>"$here/err"; }

# row NAME OURS [PEER ARGUMENT...]: with phase=ours measures, with phase=peer measures PyTorch, with phase=print prints a
# row of the table. OURS: a command that prints milliseconds. PEER: suffix of a script that prints milliseconds and the
# fastest variant, or seconds of epochs. If time is short, nothing is measured and the row says "no time".
row() {
  name=$1 ours=$2
  shift 2
  n_rows=$((n_rows + 1))
  if [ $phase = print ]; then
    paste -d'|' "$here/$n_rows.ours" "$here/$n_rows.peer" | awk -F'|' -v name="$name" '{
      ratio = $1 + 0 > 0 && $2 + 0 > 0 ? sprintf ("**%.2f**", $1 / $2) : ""
      printf "| %s | %s | %s | %s |\n", name, $1, $2, ratio }'
    return
  fi
  found='no time'
  : >"$here/err"
  if [ $phase = peer ] && { [ $# -eq 0 ] || [ $PEER_DEVICE = none ]; }; then found=-
  elif [ "$(left)" -ge 20 ]; then
    if [ $phase = ours ]; then found=$($ours); else
      found=$(peer "$@" | awk '/^epoch/ { $0 = 1000 * $3 } /^[0-9]/ { last = $0 } END { print last }')
    fi
    [ "$found" ] || found="failed: $(tail -1 "$here/err")"
  fi
  echo "$found" >"$here/$n_rows.$phase"
}

if [ "$quick" ]; then
  small=32 large=48 huge=64 wide='64 48' frame=48 dream='96 112' n=3 skip=2 huge_n=3
else
  small=512 large=1024 huge=4096 wide='1920 1080' frame=1280 dream='600 800' n=24 skip=4 huge_n=7
fi
"$draw" lake "$here/lake.png" $large
"$draw" strokes "$here/strokes.png" $large
"$build"/tests/make-net vgg19 "$here/vgg19.safetensors"
"$build"/tests/make-net inception_v3 "$here/inception.safetensors"
mkdir "$here/frames" "$here/painted"
data=/usr/share/datasets/fashion-mnist
if [ ! -d $data ] || [ "$quick" ]; then
  data=$here/data
  "$shapes" "$data"
  [ -z "$quick" ] || cp "$data/t10k-images-idx3-ubyte" "$data/train-images-idx3-ubyte"
  [ -z "$quick" ] || cp "$data/t10k-labels-idx1-ubyte" "$data/train-labels-idx1-ubyte"
  gzip -k "$data"/*
fi

style() { run style "$here/lake.png" "$here/strokes.png" -o "$here/out.png" "$@"; }
keras() { style --preset keras --weights "$here/vgg19.safetensors" --height "$1" --width "$1" -n $n && of_log; }
gallery1() { style --preset gallery1 --height "$1" --width "$1" --start-size 0 -n "${2:-$n}" && of_log; }
gallery() { style --size "$1" ${quick:+-n 2} && sed '$!d; s/.*"seconds": \([0-9.]*\).*/\1/' "$here/log" | awk '{ print 1000 * $1 }'; }
dream() {
  run dream "$here/lake.png" -o "$here/out.png" --height "${dream% *}" --width "${dream#* }" --octaves 1 \
    --weights "$here/inception.safetensors" --preset "$1" -n $n && of_log
}
vae() {
  run vae train "$data" -o "$here/m.safetensors" --architecture "$1" --validation 0 -e 3 --save-every 1000000 &&
    sed 's/.*"seconds": \([0-9.]*\).*/\1/' "$here/log" | awk 'NR > 1 { print 1000 * ($1 - last) } { last = $1 }' | middle
}
learned() { "$build"/bench/bench-style-net "$threads" apply ${wide} vulkan 2>"$here/err"; }
video() { # frames differ a little
  for i in 1 2 3; do style --preset gallery1 --size $frame -n $i && mv "$here/out.png" "$here/frames/$i.png"; done
  run style "$here/frames/%d.png" "$here/strokes.png" -o "$here/painted/%d.png" --size $frame &&
    sed -n 's/.*"render_seconds": \([0-9.]*\).*/\1/p' "$here/log" | tail -n +2 | awk '{ print 1000 * $1 }' | middle
}

rows() {
  phase=$1 n_rows=0
  row "VGG19, \`keras\`, $small px" "keras $small" '' $small $small
  row "VGG19, \`keras\`, $large px" "keras $large" '' $large $large
  row "built-in network, \`gallery1\`, $small px" "gallery1 $small" -builtin gallery1 $small
  row "built-in network, \`gallery1\`, $large px" "gallery1 $large" -builtin gallery1 $large
  row "InceptionV3, \`production\`, ${dream% *} x ${dream#* } px, a step" 'dream production' -dream production $dream
  row "InceptionV3, \`classic\`, a step" 'dream classic' -dream classic $dream
  row "a learned style, ${wide% *} x ${wide#* } px" learned -painter apply $wide
  row "VAE \`conv\`, an epoch" 'vae conv' -vae --architecture conv --epochs 3 --data "$data"
  row "VAE \`mlp\`, an epoch" 'vae mlp' -vae --architecture mlp --epochs 3 --data "$data"
  row "\`gallery\`, $small px, the whole run" "gallery $small"
  row "a frame of a video, \`gallery\`, $frame px" video
  row "built-in network, \`gallery1\`, $huge px" "gallery1 $huge $huge_n" -builtin gallery1 $huge
}

# Prints TFLOP/s of the device in f32, measured with a product of two matrices.
measure_peak() {
  torch -c '
from peer_time import *
import sys
n = int(sys.argv[1])
precision("f32")
a, b = torch.rand(n, n), torch.rand(n, n)
print(f"{2e-9 * n ** 3 / min(times_ms(lambda: a @ b, 3, 9)):.3f}")' $((8 * large)) 2>/dev/null
}

# ---- profile ---------------------------------------------------------------------------------------------------------

rows ours
peak=${PEAK_TFLOPS:-$([ $PEER_DEVICE = none ] || measure_peak)}
REVERIE_VULKAN_PROFILE=1 keras $small >/dev/null
echo "VGG19, \`keras\`, $small px, $n iterations, by op; the device's peak in f32 is ${peak:-unknown} TFLOP/s:"
echo
echo '| op and kernel | ms of an iteration | part of the time | TFLOP/s | part of the peak |'
echo '|---|---|---|---|---|'
# Prints only the largest program: the others measure targets.
sed -n 's/.*\(profile.*\)/\1/p' "$here/err" | tr -d ',%' | awk -v n=$n -v peak="${peak:-0}" '
  / program / { if ($(NF - 1) > most) { most = $(NF - 1); rows = 0; keep = 1 } else keep = 0; next }
  keep { line[++rows] = $0 }
  END { for (i = 1; i <= rows; i++) { split (line[i], w, " ")
    printf "| `%s` by %s | %.3f | %s %% | %s | %s |\n", w[2], substr (w[4], 1, length (w[4]) - 1), w[5] / n, w[7], w[8],
      (peak + 0 > 0 ? sprintf ("%.2f", w[8] / peak) : "") } }'

# ---- PyTorch ---------------------------------------------------------------------------------------------------------

rows peer
echo
echo '| one iteration | ours, ms | PyTorch, ms | ratio |'
echo '|---|---|---|---|'
rows print
echo
echo "$(($(date +%s) - began)) s in all"
