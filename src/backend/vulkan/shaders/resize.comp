// resize.comp -- nearest, bilinear and bicubic resizing, and its gradient, as src/op/ops/resize.c. Distances are whole
// numbers: a float has too few digits for the columns of a large picture.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

const uint FORWARD = 0, BACKWARD = 1;
const uint BILINEAR = 0, BICUBIC = 1, NEAREST = 2;
const uint HALF_PIXEL = 0, ASYMMETRIC = 1, ALIGN_CORNERS = 2;
const float KEYS_A = -0.75;

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n;               // numbers of the output
  int height, width;    // sides of the picture that is resized
  int new_height, new_width;
  uint kernel;      // RvResizeKernel
  uint coordinates; // RvResizeCoordinates
  int ratio[4];     // rows: numerator, denominator; columns; 0: that of the sides
};

struct Neighbours
{
  int first, count;
  float weight[4];
};

float keys (float t)
{
  t = abs (t);
  if (t <= 1)
    return ((KEYS_A + 2) * t - (KEYS_A + 3)) * t * t + 1;
  return t < 2 ? ((KEYS_A * t - 5 * KEYS_A) * t + 8 * KEYS_A) * t - 4 * KEYS_A : 0;
}

// Positions of the @size that new position @i of @new_size reads, before clamping to the edges. @by: numerator and
// denominator of the enlargement; 0: that of the sizes.
Neighbours neighbours (int i, int size, int new_size, ivec2 by)
{
  Neighbours found;
  int from = by.x == 0 ? size : by.y, to = by.x == 0 ? new_size : by.x;
  if (kernel == NEAREST) {
    found.first = i * from / to;
    found.count = 1;
    found.weight[0] = 1;
    return found;
  }
  int distance = (2 * i + 1) * from - to, unit = 2 * to; // source position: distance / unit
  if (coordinates == ASYMMETRIC)
    distance = i * from, unit = to;
  else if (coordinates == ALIGN_CORNERS)
    distance = i * (size - 1), unit = max (new_size - 1, 1);
  int whole = distance < 0 ? -1 : distance / unit;                   // -1: size and new_size make it -1/2 or more
  float t = float (distance - whole * unit) / float (unit);
  found.count = kernel == BICUBIC ? 4 : 2;
  int before = found.count / 2 - 1;
  found.first = whole - before;
  for (int k = 0; k < found.count; k++)
    found.weight[k] = kernel == BICUBIC ? keys (t - float (k - before)) : k == 1 ? t : 1 - t;
  return found;
}

// Weight with which new position @i reads position @at.
float weight_of (int i, int at, int size, int new_size, ivec2 by)
{
  Neighbours found = neighbours (i, size, new_size, by);
  float sum = 0;
  for (int k = 0; k < found.count; k++)
    sum += clamp (found.first + k, 0, size - 1) == at ? found.weight[k] : 0;
  return sum;
}

// First new position that may read position @at, and the end of such positions: neighbours are less than 4 positions
// apart.
ivec2 readers (int at, int size, int new_size)
{
  return ivec2 (max ((at - 4) * new_size / size - 1, 0), min ((at + 4) * new_size / size + 2, new_size));
}

float forward (uint i)
{
  int plane = int (i) / (new_height * new_width);
  Neighbours rows = neighbours (int (i) / new_width % new_height, height, new_height, ivec2 (ratio[0], ratio[1]));
  Neighbours columns = neighbours (int (i) % new_width, width, new_width, ivec2 (ratio[2], ratio[3]));
  float sum = 0;
  for (int c = 0; c < columns.count; c++) {
    int w = clamp (columns.first + c, 0, width - 1);
    float column = 0;
    for (int r = 0; r < rows.count; r++)
      column += rows.weight[r] * in0[(plane * height + clamp (rows.first + r, 0, height - 1)) * width + w];
    sum += columns.weight[c] * column;
  }
  return sum;
}

float backward (uint i)
{
  int plane = int (i) / (height * width), h = int (i) / width % height, w = int (i) % width;
  ivec2 rows = readers (h, height, new_height), columns = readers (w, width, new_width);
  float sum = 0;
  for (int y = rows.x; y < rows.y; y++) {
    float row = weight_of (y, h, height, new_height, ivec2 (ratio[0], ratio[1]));
    for (int x = columns.x; row != 0 && x < columns.y; x++)
      sum += row * weight_of (x, w, width, new_width, ivec2 (ratio[2], ratio[3])) * in0[(plane * new_height + y) * new_width + x];
  }
  return sum;
}

void main ()
{
  uint i = item_index ();
  if (i < n)
    out0[i] = KIND == FORWARD ? forward (i) : backward (i);
}
