#!/bin/sh
# peers.sh BUILD -- iterations of the classic programs, of dreams and epochs of VAEs, beside PyTorch's and the original Keras
# program, printed as ratios.
# The peers are installed in BUILD/peers, which needs GIGABYTES of disk; a second run finds them there. The two programs
# take turns; each figure is the median of its turns.
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
"$peers/bin/python" -c 'import torch, keras, tensorflow as tf
print ("peers: PyTorch", torch.__version__ + ", Keras", keras.__version__ + ", TensorFlow", tf.__version__)' 2>/dev/null

here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export XDG_CACHE_HOME="$here/cache"
"$build"/examples/pictures/draw lake "$here/lake.png" 800
"$build"/examples/pictures/draw strokes "$here/strokes.png" 800
"$build"/tests/make-net vgg19 "$here/vgg19.safetensors"
"$build"/tests/make-net inception_v3 "$here/inception.safetensors"

middle() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

run() {
  ${limit:-} "$build"/src/cli/reverie style "$here/lake.png" "$here/strokes.png" -o "$here/out.png" --force --quiet \
    --preset keras --weights "$here/vgg19.safetensors" --height 400 --width 533 --threads "$threads" "$@"
}

# Milliseconds of an iteration: the median of the differences of the log's seconds, the first four left out.
ours() {
  run -n 19 --log "$here/log" "$@"
  sed 's/.*"seconds": \([0-9.]*\).*/\1/' "$here/log" | awk 'NR > 4 { print 1000 * ($1 - last) } { last = $1 }' | middle
}

dream() {
  ${limit:-} "$build"/src/cli/reverie dream "$here/lake.png" -o "$here/out.png" --force --quiet --height 600 --width 800 \
    --weights "$here/inception.safetensors" --octaves 1 --threads "$threads" --log "$here/log" "$@"
}
dream_ms() {
  dream -n 14 "$@"
  sed 's/.*"seconds": \([0-9.]*\).*/\1/' "$here/log" | awk 'NR > 4 { print 1000 * ($1 - last) } { last = $1 }' | middle
}

# A run of 4000 iterations may measure its kernels, which it does in its first seconds.
limit='timeout -s INT 20' run -n 4000 || true
limit='timeout -s INT 20' dream -n 4000 || true
: >"$here/ours"; : >"$here/exact"; : >"$here/torch"; : >"$here/keras"; : >"$here/dream"; : >"$here/torch-dream"
for turn in $(seq $turns); do
  ours >>"$here/ours"
  "$peers/bin/python" bench/peer-torch.py "$threads" >>"$here/torch"
  ours --exact >>"$here/exact"
  "$peers/bin/python" bench/peer-keras.py "$threads" 2>/dev/null >>"$here/keras"
  dream_ms >>"$here/dream"
  "$peers/bin/python" bench/peer-torch-dream.py "$threads" >>"$here/torch-dream"
done
for who in ours exact torch keras dream; do eval "$who=$(middle <"$here/$who")"; done
torch_dream=$(middle <"$here/torch-dream")
ratio() { awk "BEGIN { printf \"%.2f\", $1 / $2 }"; }
echo "keras iteration, VGG19, 400 x 533, f32, $threads threads: $ours ms (--exact $exact)"
echo "  PyTorch $torch ms: ratio $(ratio "$ours" "$torch") (--exact $(ratio "$exact" "$torch"))"
echo "  the Keras program itself $keras ms: ratio $(ratio "$ours" "$keras")"
echo "dream step, InceptionV3, 600 x 800, f32: $dream ms; PyTorch $torch_dream ms: ratio $(ratio "$dream" "$torch_dream")"
if [ -x /usr/bin/time ]; then
  /usr/bin/time -f '  its peak: %M KiB' "$build"/src/cli/reverie dream "$here/lake.png" -o "$here/out.png" --force --quiet \
    --height 600 --width 800 --weights "$here/inception.safetensors" --octaves 1 -n 3 2>&1
  /usr/bin/time -f 'keras, its peak at 512 x 512: %M KiB' "$build"/src/cli/reverie style "$here/lake.png" "$here/strokes.png" \
    -o "$here/out.png" --force --quiet --preset keras --weights "$here/vgg19.safetensors" --height 512 --width 512 -n 3 2>&1
fi
if [ -d /usr/share/datasets/fashion-mnist ]; then
  bench/peers-vae.sh "$build" "$peers" "${SEEDS:-1}" "${EPOCHS:-2}" # SEEDS=5 EPOCHS=10 for the table of RESULTS.md
else
  echo 'vae: skipped: dataset-fashion-mnist is not installed'
fi
