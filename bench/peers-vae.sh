#!/bin/sh
# peers-vae.sh BUILD PEERS [SEEDS] [EPOCHS] -- compares Reverie and PyTorch by seconds of a Fashion-MNIST epoch and by
# test ELBO, for both architectures. The programs alternate. Needs Debian's dataset-fashion-mnist. The defaults take
# half an hour.
set -eu
build=$1
peers=$2
seeds=${3:-5}
epochs=${4:-10}
threads=$(lscpu -p=core 2>/dev/null | grep -v '^#' | sort -u | wc -l)
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
middle() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
mean() { awk '{ s += $1; q += $1 * $1 } END { m = s / NR; printf "%.2f (spread %.2f)", m, sqrt(q / NR - m * m > 0 ? q / NR - m * m : 0) }'; }

for architecture in mlp conv; do
  : >"$here/ours"; : >"$here/torch"; : >"$here/ours-elbo"; : >"$here/torch-elbo"
  for seed in $(seq "$seeds"); do
    "$build"/src/cli/reverie vae train fashion-mnist -o "$here/m.safetensors" --architecture $architecture --validation 0 \
      --epochs "$epochs" --seed "$seed" --threads "$threads" --save-every 1000000 --log "$here/log" --force --quiet
    sed 's/.*"seconds": \([0-9.]*\).*/\1/' "$here/log" | awk 'NR > 1 { print $1 - last } { last = $1 }' >>"$here/ours"
    "$build"/src/cli/reverie vae evaluate "$here/m.safetensors" fashion-mnist --samples 0 --quiet |
      awk '/^ELBO/ { print $2 }' >>"$here/ours-elbo"
    "$peers/bin/python" bench/peer-torch-vae.py "$threads" --architecture $architecture --epochs "$epochs" --seed "$seed" >"$here/said"
    awk '/^epoch/ && $2 > 1 { print $3 }' "$here/said" >>"$here/torch"
    awk '/ELBO/ { print $3 }' "$here/said" >>"$here/torch-elbo"
  done
  ours=$(middle <"$here/ours")
  torch=$(middle <"$here/torch")
  echo "vae $architecture, an epoch of Fashion-MNIST, batch 128, $threads threads: $ours s; PyTorch $torch s:" \
    "ratio $(awk "BEGIN { printf \"%.2f\", $ours / $torch }")"
  echo "  test ELBO after $epochs epochs, $seeds seeds: $(mean <"$here/ours-elbo"); PyTorch $(mean <"$here/torch-elbo")"
done
