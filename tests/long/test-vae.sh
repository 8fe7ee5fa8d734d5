#!/bin/sh
# test-vae.sh REVERIE SHAPES -- tests that a training killed many times ends with the same bytes, and that one epoch of
# Fashion-MNIST has the ELBO of PyTorch. The latter needs Debian's dataset-fashion-mnist. Prints TAP.
set -u
reverie=$(realpath "$1")
shapes=$(realpath "$2")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
"$shapes" shapes
mkdir few
for kind in images-idx3 labels-idx1; do cp shapes/t10k-$kind-ubyte few/train-$kind-ubyte; done

settings='--width 8 --latent 4 --epochs 6 -q --resume'
"$reverie" vae train few -o whole.safetensors $settings
kills=0
for i in $(seq 20); do # kills a training of about 2 s at random times; each run continues the previous one
  "$reverie" vae train few -o killed.safetensors $settings &
  sleep "$(awk -v seed="$i$$" 'BEGIN { srand (seed); printf "%.2f", 0.05 + 0.5 * rand () }')"
  kill -9 $! 2>/dev/null && kills=$((kills + 1))
  wait $! 2>/dev/null
done
"$reverie" vae train few -o killed.safetensors $settings
echo "# killed $kills times"
if cmp whole.safetensors killed.safetensors; then echo 'ok 1 same bytes after kills'; else echo 'not ok 1 same bytes after kills'; fi

# PyTorch's ELBO after one epoch of its default network, batch 128: bench/peer-torch-vae.py, mean of five seeds.
peer=-257.52
if [ -d /usr/share/datasets/fashion-mnist ]; then
  "$reverie" vae train fashion-mnist -o f.safetensors --validation 0 --epochs 1 --seed 1 -q
  elbo=$("$reverie" vae evaluate f.safetensors fashion-mnist --samples 0 -q | awk '/^ELBO/ { print $2 }')
  echo "# ELBO $elbo, PyTorch's $peer"
  if awk -v a="$elbo" -v b=$peer 'BEGIN { exit !(a > b - 1) }'; then echo 'ok 2 ELBO of one epoch'; else echo 'not ok 2 ELBO of one epoch'; fi
else
  echo 'ok 2 ELBO of one epoch # SKIP dataset-fashion-mnist is not installed'
fi
echo 1..2
