// relu.comp -- y = max (x, 0), and one bit per number: x > 0. NaN passes through.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n;
  uint writes_bits;
};

shared uint words[8];

void main ()
{
  uint i = item_index (), local = gl_LocalInvocationIndex;
  if (local < 8)
    words[local] = 0;
  barrier ();
  if (i < n) {
    float x = in0[i];
    if (x > 0)
      atomicOr (words[local / 32], 1u << (local % 32));
    out0[i] = x <= 0 ? 0 : x;
  }
  barrier ();
  if (writes_bits != 0 && i < n && local % 32 == 0)
    out1_words[i / 32] = words[local / 32];
}
