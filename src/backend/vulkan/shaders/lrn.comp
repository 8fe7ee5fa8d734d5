// lrn.comp -- local response normalisation and its gradient, as src/op/ops/lrn.c: a sum over neighbouring channels.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

const uint FORWARD = 0, BACKWARD = 1;

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n; // numbers of x
  int channels, positions;
  int half_size; // channels of a window on each side of its middle
  float factor;  // alpha / channels of a window
  float beta;
};

// s of channel @c; @first: index of channel 0 at this position.
float response (int first, int c)
{
  float sum = 0;
  for (int k = max (c - half_size, 0); k <= min (c + half_size, channels - 1); k++) {
    float x = in0[first + k * positions];
    sum += x * x;
  }
  return 1 + factor * sum;
}

// Gradient of channel @c of x. in1: gradient of y.
float backward (int first, int c)
{
  float sum = 0;
  for (int k = max (c - half_size, 0); k <= min (c + half_size, channels - 1); k++) {
    int i = first + k * positions;
    sum += in1[i] * in0[i] * pow (response (first, k), -beta - 1);
  }
  int i = first + c * positions;
  return in1[i] * pow (response (first, c), -beta) - 2 * beta * factor * in0[i] * sum;
}

void main ()
{
  uint i = item_index ();
  if (i >= n)
    return;
  int c = int (i) / positions % channels, first = int (i) - c * positions;
  out0[i] = KIND == FORWARD ? in0[i] * pow (response (first, c), -beta) : backward (first, c);
}
