// pool.comp -- maximum and average pooling, and their gradients, as src/op/ops/pool.c: positions outside the picture are
// never counted.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "common.glsl"

const uint MAX = 0, MAX_BACKWARD = 1, AVERAGE = 2, AVERAGE_BACKWARD = 3;

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint n;               // numbers of the output
  int height, width;    // sides of x
  int out_height, out_width; // sides of y
  int window_h, window_w, stride_h, stride_w, top, left;
  uint writes_positions; // whether to store the positions of the maxima
  float scale;           // factor of averages
};

// First position of window @i, not below 0, and the end of its positions inside the picture.
ivec2 inside (int i, int stride, int before, int window, int extent)
{
  int start = i * stride - before;
  return ivec2 (max (start, 0), min (start + window, extent));
}

// First window over position @at, and the end of these windows.
ivec2 windows_over (int at, int stride, int before, int window, int n_windows)
{
  int reach = at + before - window + 1;
  return ivec2 (reach <= 0 ? 0 : (reach + stride - 1) / stride, min (n_windows, (at + before) / stride + 1));
}

// Computes the maximum of window @i. Returns its position in the window.
uint max_of_window (uint i)
{
  int plane = int (i) / (out_height * out_width), y = int (i) / out_width % out_height, x = int (i) % out_width;
  ivec2 rows = inside (y, stride_h, top, window_h, height), columns = inside (x, stride_w, left, window_w, width);
  int position = 0;
  float best = uintBitsToFloat (0xff800000u); // -infinity
  for (int h = rows.x; h < rows.y; h++)
    for (int w = columns.x; w < columns.y; w++) {
      float v = in0[(plane * height + h) * width + w];
      if (v > best || isnan (v)) {
        best = v;
        position = (h - y * stride_h + top) * window_w + w - x * stride_w + left;
      }
    }
  out0[i] = best;
  return uint (position);
}

// Byte @i of in1: the position of a maximum.
int position_at (uint i)
{
  return int (in1_words[i / 4] >> (i % 4 * 8) & 255);
}

float average (uint i)
{
  int plane = int (i) / (out_height * out_width), y = int (i) / out_width % out_height, x = int (i) % out_width;
  ivec2 rows = inside (y, stride_h, top, window_h, height), columns = inside (x, stride_w, left, window_w, width);
  float sum = 0;
  for (int h = rows.x; h < rows.y; h++)
    for (int w = columns.x; w < columns.y; w++)
      sum += in0[(plane * height + h) * width + w];
  return sum * scale / float ((rows.y - rows.x) * (columns.y - columns.x));
}

// Gradient of number @i of x: a sum over the windows that cover it.
float gradient (uint i)
{
  int plane = int (i) / (height * width), h = int (i) / width % height, w = int (i) % width;
  ivec2 rows = windows_over (h, stride_h, top, window_h, out_height);
  ivec2 columns = windows_over (w, stride_w, left, window_w, out_width);
  float sum = 0;
  for (int y = rows.x; y < rows.y; y++)
    for (int x = columns.x; x < columns.y; x++) {
      int from = (plane * out_height + y) * out_width + x;
      if (KIND == MAX_BACKWARD) {
        int here = (h - y * stride_h + top) * window_w + w - x * stride_w + left;
        sum += position_at (from) == here ? in0[from] : 0;
      } else {
        ivec2 r = inside (y, stride_h, top, window_h, height), c = inside (x, stride_w, left, window_w, width);
        sum += in0[from] * scale / float ((r.y - r.x) * (c.y - c.x));
      }
    }
  return sum;
}

void main ()
{
  uint i = item_index ();
  if (KIND == MAX) { // four numbers, whose positions are the bytes of a word
    uint word = 0;
    for (uint k = 0; k < 4 && 4 * i + k < n; k++)
      word |= max_of_window (4 * i + k) << (8 * k);
    if (4 * i < n && writes_positions != 0)
      out1_words[i] = word;
  } else if (i < n)
    out0[i] = KIND == AVERAGE ? average (i) : gradient (i);
}
