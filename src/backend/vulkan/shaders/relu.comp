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

shared uint bits[256]; // of one number; of four

void main ()
{
  uint i = item_index (), local = gl_LocalInvocationIndex, word = 0;
  float x = i < n ? in0[i] : 0;
  bits[local] = uint (x > 0) << (local % 32);
  if (i < n)
    out0[i] = x <= 0 ? 0 : x;
  barrier ();
  if (local % 4 == 0)
    bits[local] |= bits[local + 1] | bits[local + 2] | bits[local + 3];
  barrier ();
  if (writes_bits == 0 || i >= n || local % 32 != 0)
    return;
  for (uint k = 0; k < 32; k += 4)
    word |= bits[local + k];
  out1_words[i / 32] = word;
}
