#!/bin/sh
# mutate-shaders.sh BUILD -- makes one mistake at a time in the shaders of the Vulkan backend, and checks that the
# self-test on the device finds each. Prints TAP: the mistake, and the ops that the self-test names. Takes
# some minutes.
set -u
test=$(realpath "$1")/tests/test-vulkan
shaders=$(realpath "$(dirname "$0")")/../src/backend/vulkan/shaders
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0 missed=0

# Each line has a shader, and a sed expression that makes the mistake.
while read -r shader mistake; do
  count=$((count + 1))
  rm -rf "${folder:?}"/*
  cp "$shaders"/* "$folder"
  sed -i "$mistake" "$folder/$shader"
  if cmp -s "$shaders/$shader" "$folder/$shader"; then
    echo "not ok $count $shader $mistake # changes nothing"
    missed=$((missed + 1))
    continue
  fi
  for file in "$shaders"/*.comp; do
    name=$(basename "$file" .comp)
    case "$shader" in "$name.comp" | *.glsl) glslangValidator -V --quiet --target-env vulkan1.2 -o "$folder/$name.spv" \
      "$folder/$name.comp" || echo "# $name does not compile" ;; esac
  done
  ops=$(REVERIE_VULKAN_FAULT="code $folder" sh -c '"$0" -p /vulkan/kernels 2>&1' "$test" 2>/dev/null | sed -n 's/^Bail.*("\(.*\)" == .*/\1/p')
  if [ -n "$ops" ]; then echo "ok $count $shader $mistake # $ops"; else
    echo "not ok $count $shader $mistake # not found"
    missed=$((missed + 1))
  fi
done <<'END'
elementwise.comp s/in0\[i\] + in1\[i\]/in0[i] - in1[i]/
elementwise.comp s/n_in > 2/n_in > 3/
elementwise.comp s/return in0\[i\] \* in1\[p\]/return in0[i] * in1[0]/
elementwise.comp s/exp (in1\[i\] \/ 2) \* in2/exp (in1[i]) * in2/
elementwise.comp s/1u\?) != 0 ? in0\[i\] : 0/1) == 0 ? in0[i] : 0/
common.glsl s/w + border < width/w + border <= width/
elementwise.comp s/variance + epsilon/variance/
elementwise.comp s/out1\[c\] = shift/out1[c] = scale/
elementwise.comp s/exp_minus_one (in1\[i\]) \/ 2/exp_minus_one (in1[i])/
exponential.glsl s/x < 0 ? e : 1/x < 0 ? 1 : e/
exponential.glsl s/2 \* s \*/s */
gemm.comp s/sum\[i\]\[j\] += a/sum[i][j] += j == 7 ? 0 : a/
gemm.comp s/sum\[i\]\[j\] += a/sum[i][j] += SHAPE == 3 ? 0 : a/
gemm.comp s/a_tile\[d\]\[y\]/a_tile[d][0]/
gemm.comp s/tap_place (k0 + DEPTH/tap_place (k0/
gemm.comp s/(block \* M + m) \* a_run/(block * M + m) * K/
gemm.comp s/HAS_BIAS = 2/HAS_BIAS = 4/
gemm.comp s/ \&\& part == 0//
gemm.comp s/a_next\[i\] += in1/a_next[i] += 0 * in1/
gemm.comp s/part \* part_k, min (/part * part_k, max (/
gemm.comp s/rest = first_tap + /rest = /
gemm.comp s/first_pixel + p/p/
gemm.comp s/uint (place.z) >= uint (width)/place.z > width/
gemm.comp s/part \* M + m/M + m/
gemm.comp s/group \* M \* K + //
gemm.comp s| + group \* (K / taps)||
gemm.comp s/\* groups + group/* groups/
gemm.comp s/in2\[group \* M + m\]/in2[m]/
pad.comp s/2 \* (extent - 1) - at : clamp/clamp/;s/at < 0 ? -at/at < 0 ? 0/
pad.comp s/clamp (at, 0, extent - 1) : -1/clamp (at, 0, extent - 1) : 0/
pad.comp s/at == 0 ? before : 0/0/
pad.comp s/far < padded ? far/far < padded ? -1/
pool.comp s/v > best/v < best/
pool.comp s/best = v;/best = v + 0.01;/
pool.comp s/i % 4 \* 8/i % 4 * 4/
pool.comp s/return sum \* scale/return sum/
pool.comp s/start + window, extent/start + window - 1, extent/
reduce.comp s/return abs (d)/return d/
reduce.comp s/return d \* d/return d/
reduce.comp s/down \&\& right ? dot/down ? dot/
reduce.comp s/half_ = 128/half_ = 64/
reduce.comp s/h \* width + w;/h * width;/
reduce.comp s/-0.5 \* (1 +/-0.5 * (/
relu.comp s/x <= 0 ? 0/x <= 0.01 ? 0/
relu.comp s/(local % 32)/(31 - local % 32)/
resize.comp s/KEYS_A = -0.75/KEYS_A = -0.5/
resize.comp s/k == 1 ? t : 1 - t/k == 0 ? t : 1 - t/
resize.comp s/found.first = i \* size/found.first = i + size/
resize.comp s/(at + 4) \* new_size/(at + 1) * new_size/
sum-parts.comp s/part = 1; part/part = 2; part/
total-variation-backward.comp s/\* 2.5 \*/* 2.0 */
total-variation-backward.comp s/sign (d)/d/
total-variation-backward.comp s/: 2 \* d/: d/
total-variation-backward.comp s/in2\[h \* width + w\]/in2[w]/
END
echo "1..$count"
[ $missed -eq 0 ]
