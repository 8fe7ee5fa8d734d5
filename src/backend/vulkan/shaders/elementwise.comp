// elementwise.comp -- ops that compute a number of y from numbers at the same position; the formulas of src/op/ops.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "exponential.glsl"

const uint ADD = 0, AFFINE = 1, BIAS = 2, MASK = 3, SIGMOID = 4, SIGMOID_BACKWARD = 5, SAMPLER = 6,
           SAMPLER_BACKWARD = 7, RELU_BACKWARD = 8, CHANNEL_SUM_BACKWARD = 9, CHANNEL_SUM_SQUARES_BACKWARD = 10,
           DIFFERENCE_BACKWARD = 11, PICTURE_SUMS_BACKWARD = 12, NORM = 13, NORM_BACKWARD = 14,
           NORM_BACKWARD_SUMS = 15, NORM_BACKWARD_SCALE = 16, KL_BACKWARD = 17, BERNOULLI_BACKWARD = 18,
           SQUARED_ERROR_BACKWARD = 19, BEST_MATCH_BACKWARD = 20, CLAMP_LOGVAR = 21,
           CLAMP_LOGVAR_BACKWARD = 22, MULTIPLY = 23, SCALE = 24, CLIP = 25, CLIP_BACKWARD = 26,
           CHANNEL_SHUFFLE = 27, GLOBAL_POOL_BACKWARD = 28, SLICE_BACKWARD = 29, ELU = 30, ELU_BACKWARD = 31, ERF = 32,
           ERF_BACKWARD = 33, GELU = 34, GELU_BACKWARD = 35;

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n;         // numbers of y
  uint channels;  // per picture
  uint positions; // per channel
  uint width;     // positions per row
  uint border;    // rows and columns without a gradient, on each side
  uint planes;    // pictures times channels
  uint n_in;
  uint outputs;         // bit k: output k has memory
  float norm_positions; // per channel of the whole picture
  float epsilon;
  uint guide;  // positions of the guide
  uint groups; // groups of shuffled channels
  float factor;
  uint first, count; // channels of a slice
};

// Mean, variance and 1 / deviation of a channel of a picture, from @sum and @squares.
vec3 moments (float sum, float squares)
{
  float mean = sum / norm_positions, variance = max (squares / norm_positions - mean * mean, 0);
  return vec3 (mean, variance, 1 / sqrt (variance + epsilon));
}

float value (uint i, uint plane, uint c, uint p)
{
  vec3 m;
  switch (KIND) {
  case ADD:
    return in0[i] + in1[i];
  case AFFINE:
    return in0[i] * in1[c] + (n_in > 2 ? in2[c] : 0);
  case BIAS:
    return in0[i] + in1[c];
  case MASK:
    return in0[i] * in1[p];
  case SIGMOID:
    return sigmoid (in0[i]);
  case SIGMOID_BACKWARD:
    return in0[i] * in1[i] * (1 - in1[i]);
  case SAMPLER:
    return in0[i] + exp (in1[i] / 2) * in2[i];
  case SAMPLER_BACKWARD:
    return in0[i] * in2[i] * exp (in1[i] / 2) / 2;
  case RELU_BACKWARD:
    return (in1_words[i / 32] >> (i % 32) & 1) != 0 ? in0[i] : 0;
  case CHANNEL_SUM_BACKWARD:
    return in0[c];
  case CHANNEL_SUM_SQUARES_BACKWARD:
    return in_interior (p, positions, width, border) ? 2 * in1[c] * in0[i] : 0;
  case DIFFERENCE_BACKWARD:
    return 2 * in2[0] * (in0[i] - in1[i]);
  case PICTURE_SUMS_BACKWARD:
    return in1[plane] + 2 * in1[planes + plane] * in0[i];
  case NORM:
    m = moments (in1[plane], in1[planes + plane]);
    return in2[c] * m.z * (in0[i] - m.x) + in3[c];
  case NORM_BACKWARD:
    m = moments (in1[plane], in1[planes + plane]);
    return in2[c] * m.z * in0[i];
  case BERNOULLI_BACKWARD:
    return in2[plane] * (sigmoid (in0[i]) - in1[i]);
  case SQUARED_ERROR_BACKWARD:
    return 2 * in2[plane] * (in0[i] - in1[i]);
  case BEST_MATCH_BACKWARD:
    return in_interior (p, positions, width, border)
             ? in2[0] * in0[c * guide + uint (in1[plane / channels * positions + p])]
             : 0;
  case MULTIPLY:
    return in0[i] * in1[i];
  case SCALE:
    return in0[i] * in1[plane];
  case CLIP:
    return in0[i] < 0 ? 0 : min (in0[i], in1[c]);
  case CLIP_BACKWARD:
    return in1[i] > 0 && in1[i] < in2[c] ? in0[i] : 0;
  case CHANNEL_SHUFFLE:
    return in0[(plane - c + c % groups * (channels / groups) + c / groups) * positions + p];
  case GLOBAL_POOL_BACKWARD:
    return factor * in0[plane];
  case SLICE_BACKWARD:
    return c >= first && c < first + count ? in0[(plane / channels * count + c - first) * positions + p] : 0;
  case ELU:
    return in0[i] > 0 ? in0[i] : in1[c] * exp_minus_one (in0[i]);
  case ELU_BACKWARD:
    return in1[i] > 0 ? in0[i] : in0[i] * in2[c] * exp (in1[i]);
  case ERF:
    return 2 * normal_cdf (sqrt (2.0) * in0[i]) - 1;
  case ERF_BACKWARD:
    return in0[i] * 2 * sqrt (2.0) * normal_density (sqrt (2.0) * in1[i]);
  case GELU:
    return in0[i] * normal_cdf (in0[i]);
  case GELU_BACKWARD:
    return in0[i] * (normal_cdf (in1[i]) + in1[i] * normal_density (in1[i]));
  case CLAMP_LOGVAR:
    return clamp (in0[i], -30, 20);
  case CLAMP_LOGVAR_BACKWARD:
    return (in1[i] < -30 && in0[i] > 0) || (in1[i] > 20 && in0[i] < 0) ? 0 : in0[i];
  }
  return 0;
}

// Gradients of the sums of channel @i, counted over all pictures. Inputs: t, sums, scale.
void norm_backward_sums (uint i)
{
  vec3 m = moments (in1[i], in1[planes + i]);
  float scale = in2[i % channels];
  float grad_mean = -scale * m.z * in0[i];
  float grad_variance = m.y > 0 ? -0.5 * scale * m.z * m.z * in0[planes + i] : 0;
  out0[i] = (grad_mean - 2 * m.x * grad_variance) / norm_positions;
  out0[planes + i] = grad_variance / norm_positions;
}

// Gradients of scale and shift of channel @c. Input: t.
void norm_backward_scale (uint c)
{
  float scale = 0, shift = 0;
  for (uint i = c; i < planes; i += channels) {
    shift += in0[i];
    scale += in0[planes + i];
  }
  if ((outputs & 1) != 0)
    out0[c] = scale;
  if ((outputs & 2) != 0)
    out1[c] = shift;
}

// Inputs: mu, logvar, and a gradient per sample.
void kl_backward (uint i, uint sample_)
{
  if ((outputs & 1) != 0)
    out0[i] = in2[sample_] * in0[i];
  if ((outputs & 2) != 0)
    out1[i] = in2[sample_] * exp_minus_one (in1[i]) / 2;
}

void main ()
{
  uint i = item_index ();
  if (i >= n)
    return;
  if (KIND == NORM_BACKWARD_SUMS)
    norm_backward_sums (i);
  else if (KIND == NORM_BACKWARD_SCALE)
    norm_backward_scale (i);
  else if (KIND == KL_BACKWARD)
    kl_backward (i, i / positions);
  else
    out0[i] = value (i, i / positions, i / positions % channels, i % positions);
}
