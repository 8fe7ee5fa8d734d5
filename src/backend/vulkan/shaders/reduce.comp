// reduce.comp -- sums over positions: a workgroup adds up one part of one sum, and sum-parts.comp adds the parts. The
// order is fixed, so that a device computes the same bytes each time.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exponential.glsl"

const uint CHANNEL_SUM = 0, CHANNEL_SUM_SQUARES = 1, PICTURE_SUMS = 2, NORM_SUMS = 3, DIFFERENCE = 4, KL = 5,
           BERNOULLI = 6, SQUARED_ERROR = 7, TOTAL_VARIATION = 8, GLOBAL_POOL = 9;
const uint KERAS = 0, ABSOLUTE = 1;

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint rows;        // sums, or pairs of sums
  uint n_terms;     // per sum
  uint n_parts;     // per sum
  uint part_terms;  // per part
  uint is_pair;     // 1: each row has two sums
  uint channels;    // per picture
  uint positions;   // per channel
  uint width;       // positions per row
  uint border;      // rows and columns left out on each side
  uint variation;   // RvTvKind
  uint has_second;      // input 1 is there: a mask, or a factor of each term
  float norm_positions; // per channel of the whole picture
  float epsilon;
  float factor;
};

layout(std430, binding = 6) writeonly buffer Scratch { float scratch[]; };

shared vec2 sums[256];

// Index of term @k of channel @c, counted over pictures and positions.
uint channel_term (uint c, uint k)
{
  return (k / positions * channels + c) * positions + k % positions;
}

// channel_term() without the border.
uint interior_term (uint c, uint k)
{
  uint inner_width = width - 2 * border, inner = (positions / width - 2 * border) * inner_width;
  uint h = k % inner / inner_width + border, w = k % inner_width + border;
  return (k / inner * channels + c) * positions + h * width + w;
}

// Differences of pixel @i to the one below and the one to the right, 0 beyond the edge, times the mask.
vec2 variation_term (uint i)
{
  uint p = i % positions;
  bool down = p + width < positions, right = p % width + 1 < width;
  float m = has_second != 0 ? in1[p] : 1;
  vec2 d = m * vec2 (down ? in0[i + width] - in0[i] : 0, right ? in0[i + 1] - in0[i] : 0);
  if (variation == ABSOLUTE)
    return abs (d);
  if (variation != KERAS)
    return d * d;
  float r = down && right ? dot (d, d) : 0;
  return vec2 (r * sqrt (sqrt (r)), 0);
}

// Term @k of row @row: one number, or two.
vec2 term (uint row, uint k)
{
  uint i = row * n_terms + k;
  float x, mean, e;
  switch (KIND) {
  case CHANNEL_SUM:
    return vec2 (in0[channel_term (row, k)], 0);
  case CHANNEL_SUM_SQUARES:
    x = in0[interior_term (row, k)];
    return vec2 (x * x, 0);
  case PICTURE_SUMS:
    return vec2 (in0[i], in0[i] * in0[i]);
  case NORM_SUMS:
    mean = in2[row] / norm_positions;
    e = max (in2[rows + row] / norm_positions - mean * mean, 0) + epsilon;
    return vec2 (in0[i], in0[i] * (in1[i] - mean) / sqrt (e));
  case DIFFERENCE:
  case SQUARED_ERROR:
    x = in0[i] - in1[i];
    return vec2 (x * x, 0);
  case KL:
    return vec2 (-0.5 * (1 + in1[i] - in0[i] * in0[i] - exp (in1[i])), 0);
  case BERNOULLI:
    x = in0[i];
    return vec2 (max (x, 0) - x * in1[i] + log_one_plus (exp (-abs (x))), 0);
  case TOTAL_VARIATION:
    return variation_term (i);
  case GLOBAL_POOL:
    return vec2 (factor * in0[i] * (has_second != 0 ? in1[i] : 1), 0);
  }
  return vec2 (0);
}

void main ()
{
  uint group = group_index (), row = group / n_parts, part = group % n_parts, local = gl_LocalInvocationIndex;
  uint end = min ((part + 1) * part_terms, n_terms);
  vec2 sum = vec2 (0);
  if (row < rows)
    for (uint k = part * part_terms + local; k < end; k += 256)
      sum += term (row, k);
  sums[local] = sum;
  for (uint half_ = 128; half_ > 0; half_ /= 2) {
    barrier ();
    if (local < half_)
      sums[local] += sums[local + half_];
  }
  if (local > 0 || row >= rows)
    return;
  uint sums_per_part = rows * (1 + is_pair);
  scratch[part * sums_per_part + row] = sums[0].x;
  if (is_pair != 0)
    scratch[part * sums_per_part + rows + row] = sums[0].y;
}
