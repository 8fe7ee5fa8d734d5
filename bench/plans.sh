#!/bin/sh
# plans.sh BUILD -- compares predictions of --dry-run with measurements: peak memory (VmHWM of a fresh process) and
# seconds. Covers four networks, three sizes and two optimisers, with one scale each. Needs /usr/bin/time. Kernels are
# measured first.
set -eu
build=$1
iterations=${ITERATIONS:-24}
sizes=${SIZES:-256 512 1024}
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
export XDG_CACHE_HOME="$here/cache"
reverie=$build/src/cli/reverie
[ -x /usr/bin/time ] || { echo 'plans.sh: /usr/bin/time (Debian: time) is not here' >&2; exit 1; }
"$build"/examples/pictures/draw lake "$here/lake.png" 1024
"$build"/examples/pictures/draw strokes "$here/strokes.png" 1024

# MB and seconds from the program's "... peak 412 MB, about 1 min 40 s".
said() {
  sed 's/.*peak \([0-9.]*\) \([MG]\)B, about \(.*\)/\1 \2 \3/' | awk '{
    mb = $1 * ($2 == "G" ? 1000 : 1)
    for (i = 3; i < NF; i += 2) s += $i * ($(i + 1) == "min" ? 60 : $(i + 1) == "h" ? 3600 : 1)
    print mb, s }'
}

one() { # one NETWORK OPTIMISER SIZE
  set -- "$1" "$2" "$3" style "$here/lake.png" "$here/strokes.png" --network "$1" ${weights:+--weights "$weights"} \
    --optimizer "$2" --width "$3" --height "$3" --start-size 0 -n "$iterations" --precision f32
  name="$1 $2 $3"
  shift 3
  "$reverie" "$@" -n 1 --tune -q -f -o "$here/out.png"
  plan=$("$reverie" "$@" --dry-run | said)
  /usr/bin/time -f '%M %e' "$reverie" "$@" -q -f -o "$here/out.png" 2>"$here/was"
  echo "$name $plan $(tail -1 "$here/was")" | awk '{
    was = $6 * 1.024 / 1000
    printf "%-12s %-6s %5d px: said %6.0f MB %6.1f s, was %6.0f MB %6.1f s: %.2f %.2f\n", $1, $2, $3, $4, $5, was, $7, $4 / was, $5 / $7 }'
}

for network in builtin vgg16 vgg19 squeezenet; do
  weights=
  if [ $network != builtin ]; then
    weights=$here/$network.safetensors
    "$build"/tests/make-net $network "$weights"
  fi
  for optimiser in adam lbfgs; do
    for size in $sizes; do one $network $optimiser "$size"; done
  done
done
