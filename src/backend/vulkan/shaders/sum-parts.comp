// sum-parts.comp -- y[i] = sum over parts of scratch[part, i], in order, with Kahan's compensation.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n;
  uint n_parts;
};

layout(std430, binding = 6) readonly buffer Scratch { float scratch[]; };

void main ()
{
  uint i = item_index ();
  if (i >= n)
    return;
  precise float sum = scratch[i], lost = 0;
  for (uint part = 1; part < n_parts; part++) {
    precise float term = scratch[part * n + i] - lost;
    precise float next = sum + term;
    lost = (next - sum) - term;
    sum = next;
  }
  out0[i] = sum;
}
