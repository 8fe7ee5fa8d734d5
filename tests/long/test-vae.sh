#!/bin/sh
# test-vae.sh REVERIE SHAPES -- a training killed at many moments ends with the same bytes; one epoch of Fashion-MNIST is as
# good as PyTorch's, where Debian's dataset-fashion-mnist is installed. TAP.
set -u
reverie=$(realpath "$1")
shapes=$(realpath "$2")
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
"$shapes" shapes
mkdir few
for kind in images-idx3 labels-idx1; do cp shapes/t10k-$kind-ubyte few/train-$kind-ubyte; done

train() { "$reverie" vae train few -o "$@" --width 8 --latent 4 --epochs 6 -q --resume; }
train whole.safetensors
kills=0
for moment in 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 2.0; do
  train killed.safetensors &
  sleep $moment
  kill -9 $! 2>/dev/null && kills=$((kills + 1))
  wait $! 2>/dev/null
done
train killed.safetensors
echo "# killed $kills times"
if cmp whole.safetensors killed.safetensors; then echo 'ok 1 killed, the same bytes'; else echo 'not ok 1 killed, the same bytes'; fi

# PyTorch's, after one epoch of its default network, batch 128: bench/peer-torch-vae.py, mean of five seeds.
peer=-257.52
if [ -d /usr/share/datasets/fashion-mnist ]; then
  "$reverie" vae train fashion-mnist -o f.safetensors --validation 0 --epochs 1 --seed 1 -q
  elbo=$("$reverie" vae evaluate f.safetensors fashion-mnist --samples 0 -q | awk '/^ELBO/ { print $2 }')
  echo "# ELBO $elbo, PyTorch's $peer"
  if awk -v a="$elbo" -v b=$peer 'BEGIN { exit !(a > b - 1) }'; then echo 'ok 2 one epoch'; else echo 'not ok 2 one epoch'; fi
else
  echo 'ok 2 one epoch # SKIP dataset-fashion-mnist is not installed'
fi
echo 1..2
