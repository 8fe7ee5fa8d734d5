// pad.comp -- adds rows and columns around a picture, and its gradient: a sum over the padded positions that read a
// position.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

const uint FORWARD = 0, BACKWARD = 1;
const uint ZERO = 0, REPLICATE = 1, REFLECT = 2;

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n;                        // numbers of the output
  int height, width;             // sides of x
  int padded_height, padded_width;
  int top, left;
  uint mode; // RvPadMode
};

// Position in x that padded position @i reads; -1: a zero.
int source (int i, int before, int extent)
{
  int at = i - before;
  if (at >= 0 && at < extent)
    return at;
  if (mode == REFLECT)
    return at < 0 ? -at : 2 * (extent - 1) - at;
  return mode == REPLICATE ? clamp (at, 0, extent - 1) : -1;
}

// Number of values of k for reader() at position @at, including values without a reader.
int max_readers (int at, int before, int extent, int padded)
{
  if (mode == REFLECT)
    return 3;
  if (mode == ZERO)
    return 1;
  return 1 + (at == 0 ? before : 0) + (at == extent - 1 ? padded - before - extent : 0);
}

// The @k-th padded position that reads position @at; -1: none.
int reader (int k, int at, int before, int extent, int padded)
{
  if (mode == REPLICATE)
    return k + (at == 0 ? 0 : at + before);
  if (k == 0)
    return at + before;
  int far = before + 2 * (extent - 1) - at;
  if (k == 1)
    return at > 0 && at <= before ? before - at : -1;
  return at < extent - 1 && far < padded ? far : -1;
}

float forward (uint i)
{
  int plane = int (i) / (padded_height * padded_width);
  int h = source (int (i) / padded_width % padded_height, top, height);
  int w = source (int (i) % padded_width, left, width);
  return h < 0 || w < 0 ? 0 : in0[(plane * height + h) * width + w];
}

float backward (uint i)
{
  int plane = int (i) / (height * width), h = int (i) / width % height, w = int (i) % width;
  int n_rows = max_readers (h, top, height, padded_height), n_columns = max_readers (w, left, width, padded_width);
  float sum = 0;
  for (int r = 0; r < n_rows; r++)
    for (int c = 0; c < n_columns; c++) {
      int y = reader (r, h, top, height, padded_height), x = reader (c, w, left, width, padded_width);
      sum += y < 0 || x < 0 ? 0 : in0[(plane * padded_height + y) * padded_width + x];
    }
  return sum;
}

void main ()
{
  uint i = item_index ();
  if (i < n)
    out0[i] = KIND == FORWARD ? forward (i) : backward (i);
}
