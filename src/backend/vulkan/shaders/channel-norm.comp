// channel-norm.comp -- normalisation of the channels of each position, and its gradient, as src/op/ops/channel-norm.c.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

const uint FORWARD = 0, BACKWARD = 1;

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n; // positions of all pictures
  uint channels, positions;
  float epsilon;
};

float x_at (uint i)
{
  return KIND == FORWARD ? in0[i] : in1[i];
}

// Inputs: x, scale, shift; or gy, x, scale.
void main ()
{
  uint i = item_index ();
  if (i >= n)
    return;
  uint first = i / positions * channels * positions + i % positions, end = first + channels * positions;
  float mean = 0, variance = 0, mean_g = 0, mean_gz = 0;
  for (uint k = first; k < end; k += positions)
    mean += x_at (k) / channels;
  for (uint k = first; k < end; k += positions)
    variance += (x_at (k) - mean) * (x_at (k) - mean) / channels;
  float r = 1 / sqrt (variance + epsilon);
  uint c = 0;
  if (KIND == FORWARD) {
    for (uint k = first; k < end; k += positions, c++)
      out0[k] = in1[c] * (in0[k] - mean) * r + in2[c];
    return;
  }
  for (uint k = first; k < end; k += positions, c++) {
    float g = in2[c] * in0[k];
    mean_g += g / channels;
    mean_gz += g * (in1[k] - mean) * r / channels;
  }
  c = 0;
  for (uint k = first; k < end; k += positions, c++)
    out0[k] = r * (in2[c] * in0[k] - mean_g - (in1[k] - mean) * r * mean_gz);
}
