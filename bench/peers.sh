#!/bin/sh
# peers.sh BUILD -- compares Reverie with PyTorch and the original Keras program: iterations of the classic programs and
# of dreams, epochs of VAEs, style networks applied and trained. Prints ratios. Installs the peers in BUILD/peers, which
# needs 10 GB of disk; a second run finds them there. Programs alternate; each figure is a median.
set -eu
build=$1
peers=$build/peers
turns=${TURNS:-3}
gigabytes=10
threads=$(lscpu -p=core 2>/dev/null | grep -v '^#' | sort -u | wc -l)

if [ ! -x "$peers/bin/python" ]; then
  free=$(df -Pk "$build" | awk 'NR == 2 { print int ($4 / 1048576) }')
  [ "$free" -ge "$gigabytes" ] || { echo "the peers need $gigabytes GB of disk, here are $free" >&2; exit 1; }
  python3 -m venv "$peers"
  "$peers/bin/pip" install -q torch torchvision keras tensorflow-cpu numpy
fi
"$peers/bin/pip" list 2>/dev/null | awk '$1 ~ /^(torch|keras|tensorflow-cpu)$/ { printf "peer: %s %s\n", $1, $2 }'

here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export XDG_CACHE_HOME="$here/cache"
"$build"/examples/pictures/draw lake "$here/lake.png" 800
"$build"/examples/pictures/draw strokes "$here/strokes.png" 800
"$build"/tests/make-net vgg19 "$here/vgg19.safetensors"
"$build"/tests/make-net inception_v3 "$here/inception.safetensors"

middle() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

# Milliseconds of an iteration: median difference of the log's seconds, without the first four.
of_log() { sed 's/.*"seconds": \([0-9.]*\).*/\1/' "$here/log" | awk 'NR > 4 { print 1000 * ($1 - last) } { last = $1 }' | middle; }

run() {
  ${limit:-} "$build"/src/cli/reverie "$@" -o "$here/out.png" --force --quiet --threads "$threads" --log "$here/log"
}
keras() {
  run style "$here/lake.png" "$here/strokes.png" --preset keras --weights "$here/vgg19.safetensors" --height 400 --width 533 "$@"
}
builtin() { run style "$here/lake.png" "$here/strokes.png" --preset gallery1 --height 512 --width 512 --start-size 0 "$@"; }
classic() { run dream "$here/lake.png" --height 600 --width 800 --weights "$here/inception.safetensors" --octaves 1 "$@"; }
dream() { classic --preset production "$@"; } # plain gradient ascent, as in PyTorch

# figure NAME COMMAND...: appends milliseconds of a run to the file NAME.ms.
figure() { name=$1; shift; "$@" >>"$here/$name.ms"; }
ours() { "$@" && of_log; }
torch() { "$peers/bin/python" "bench/peer-torch$1.py" "$threads" ${2:-}; }
# avx2 COMMAND..., sse41 COMMAND...: limit both programs to the instructions of older processors.
avx2() { (export ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2; "$@"); }
sse41() { (export ONEDNN_MAX_CPU_ISA=SSE41 ATEN_CPU_CAPABILITY=default; "$@"); }
# beside COMMAND...: runs COMMAND while another program keeps one core busy.
beside() {
  sh -c 'while :; do :; done' &
  busy=$!
  "$@"
  kill $busy
}
# painter, torch_painter: style networks, applied or trained, in Reverie and in PyTorch.
painter() { "$build"/bench/bench-style-net "$threads" "$@"; }
torch_painter() { "$peers/bin/python" bench/peer-torch-painter.py "$threads" "$@"; }
have_keras=$("$peers/bin/python" -c 'import keras' 2>/dev/null && echo yes || true)

# Measures kernels first.
for precision in f32 auto; do
  keras -n 2 --tune --precision $precision
  builtin -n 2 --tune --precision $precision
  dream -n 2 --tune --precision $precision
  classic -n 2 --tune --precision $precision
done
for isa in avx2 sse41; do
  $isa keras -n 2 --tune --precision f32
  $isa builtin -n 2 --tune --precision f32
  $isa dream -n 2 --tune --precision f32
  $isa classic -n 2 --tune --precision f32
done

for turn in $(seq $turns); do
  figure keras-f32 ours keras -n 19
  figure keras-torch torch ''
  figure keras-auto ours keras -n 19 --precision auto
  figure keras-exact ours keras -n 19 --exact
  [ -z "$have_keras" ] || figure keras-keras "$peers/bin/python" bench/peer-keras.py "$threads" 2>/dev/null
  for isa in avx2 sse41; do
    figure keras-$isa $isa ours keras -n 12 --precision f32
    figure keras-$isa-torch $isa torch ''
    figure builtin-$isa $isa ours builtin -n 12 --precision f32
    figure builtin-$isa-torch $isa torch -builtin
    figure dream-$isa $isa ours dream -n 12 --precision f32
    figure dream-$isa-torch $isa torch -dream
    figure classic-$isa $isa ours classic -n 12 --precision f32
    figure classic-$isa-torch $isa torch -dream classic
  done
  figure dream-beside beside ours dream -n 14 --precision f32
  figure dream-beside-torch beside torch -dream
  figure builtin-f32 ours builtin -n 24 --precision f32
  figure builtin-torch torch -builtin
  figure builtin-auto ours builtin -n 24 --precision auto
  figure dream-f32 ours dream -n 14 --precision f32
  figure dream-torch torch -dream
  figure dream-auto ours dream -n 14 --precision auto
  figure classic-f32 ours classic -n 14 --precision f32
  figure classic-torch torch -dream classic
  figure classic-auto ours classic -n 14 --precision auto
  for size in '512 384' '1920 1080'; do
    figure "painter-${size% *}" painter apply $size
    figure "painter-${size% *}-torch" torch_painter apply $size
  done
  figure painter-train painter train own
  figure painter-train-torch torch_painter train
done

# table TITLE PEER NAME...: milliseconds of Reverie and of the peer, and their ratio.
table() {
  echo "$1"
  peer=$(middle <"$here/$2.ms")
  echo "  $2: $peer ms"
  shift 2
  for name in "$@"; do
    [ ! -e "$here/$name.ms" ] || echo "  $name: $(middle <"$here/$name.ms" | awk "{ printf \"%.1f ms: %.2f\", \$1, \$1 / $peer }")"
  done
}
table "keras iteration, VGG19, 400 x 533, $threads threads" keras-torch keras-f32 keras-auto keras-exact keras-keras
table "gallery1 iteration, built-in network, 512 x 512" builtin-torch builtin-f32 builtin-auto
table "dream step, production, InceptionV3, 600 x 800" dream-torch dream-f32 dream-auto
table "dream step, classic" classic-torch classic-f32 classic-auto
table "a learned style, 512 x 384" painter-512-torch painter-512
table "a learned style, 1920 x 1080" painter-1920-torch painter-1920
table "a step of learning, batch 4 of 256 px" painter-train-torch painter-train
for isa in avx2 sse41; do
  table "keras, $isa on both sides" keras-$isa-torch keras-$isa
  table "gallery1, $isa on both sides" builtin-$isa-torch builtin-$isa
  table "dream, $isa on both sides" dream-$isa-torch dream-$isa
  table "dream, classic, $isa on both sides" classic-$isa-torch classic-$isa
done
table "dream, each beside one busy program" dream-beside-torch dream-beside
if [ -x /usr/bin/time ]; then
  for precision in f32 auto; do
    peak="/usr/bin/time -f %M"
    limit=$peak classic -n 3 --precision $precision 2>&1 | sed "s/^/dream, $precision, peak KiB: /"
    limit=$peak keras -n 3 --height 512 --width 512 --precision $precision 2>&1 | sed "s/^/keras at 512 x 512, $precision, peak KiB: /"
  done
fi
if [ -d /usr/share/datasets/fashion-mnist ]; then
  bench/peers-vae.sh "$build" "$peers" "${SEEDS:-1}" "${EPOCHS:-2}" # the table in RESULTS.md uses SEEDS=5 EPOCHS=10
  for isa in avx2 sse41; do
    echo "vae, $isa on both sides"
    $isa bench/peers-vae.sh "$build" "$peers" 1 2
  done
else
  echo 'vae: skipped: dataset-fashion-mnist is not installed'
fi

mkdir "$here/flow"
"$peers/bin/pip" install -q opencv-python-headless
"$build"/bench/bench-flow "$here/flow"
"$peers/bin/python" bench/peer-flow.py "$here/flow"
