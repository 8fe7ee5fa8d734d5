// match-parts.comp -- the best of the matches that gemm.comp found in parts of the guide. Stores the row of each best
// match, and sums of the products of 256 positions each, for sum-parts.comp.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"
#include "match.glsl"

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n; // positions of all pictures
  uint n_slots;
  uint first_slot;
  uint positions, width, border; // positions of a picture; positions in a row; rows and columns not counted
  uint writes_rows;
};

layout(std430, binding = 6) buffer Scratch { float scratch[]; };

shared float sums[256];

void main ()
{
  uint i = item_index (), local = gl_LocalInvocationIndex;
  sums[local] = 0;
  if (i < n) {
    vec2 found = NO_MATCH;
    for (uint slot = 0; slot < n_slots; slot++) {
      uint at = first_slot + 2 * (slot * n + i);
      found = better_match (found, vec2 (scratch[at], scratch[at + 1]));
    }
    if (writes_rows != 0)
      out1[i] = found.y;
    if (in_interior (i % positions, positions, width, border))
      sums[local] = found.x;
  }
  for (uint half_ = 128; half_ > 0; half_ /= 2) {
    barrier ();
    if (local < half_)
      sums[local] += sums[local + half_];
  }
  if (local == 0 && i < n)
    scratch[group_index ()] = sums[0];
}
