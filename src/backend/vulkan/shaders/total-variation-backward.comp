// total-variation-backward.comp -- gradient of the total variation: each pixel adds up the differences that it is part
// of. Inputs: x, gradients of the two sums, and an optional mask.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

const uint KERAS = 0, ABSOLUTE = 1;

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n;
  int height, width;
  uint has_mask;
};

// Derivatives by the differences of pixel (@h, @w) of plane @plane to the ones below and to the right; 0 without such
// a pixel.
vec2 derivatives (int plane, int h, int w)
{
  if (h < 0 || w < 0)
    return vec2 (0);
  int i = (plane * height + h) * width + w;
  bool down = h + 1 < height, right = w + 1 < width;
  float m = has_mask != 0 ? in2[h * width + w] : 1;
  vec2 d = m * vec2 (down ? in0[i + width] - in0[i] : 0, right ? in0[i + 1] - in0[i] : 0);
  if (KIND == KERAS)
    return down && right ? m * in1[0] * 2.5 * sqrt (sqrt (dot (d, d))) * d : vec2 (0);
  return m * vec2 (in1[0], in1[1]) * (KIND == ABSOLUTE ? sign (d) : 2 * d);
}

void main ()
{
  uint i = item_index ();
  if (i >= n)
    return;
  int plane = int (i) / (height * width), h = int (i) / width % height, w = int (i) % width;
  vec2 own = derivatives (plane, h, w);
  out0[i] = derivatives (plane, h - 1, w).x + derivatives (plane, h, w - 1).y - own.x - own.y;
}
