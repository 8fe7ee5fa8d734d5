// gemm.comp -- matrix products Y[m, n] = sum over k of A[m, k] B[k, n]: convolutions and their gradients, Gram matrices
// and their gradient, products.
//
//   A[m, k] is at ((k / a_run) M + m) a_run + k % a_run: rows of a matrix, planes of pictures, or taps of weights.
//   Y[m, n] is at ((n / y_run) M + m) y_run + n % y_run.
//   B[k, n] is a number of a picture [planes, height, width]. One of k and n is a position of a window, (picture, row,
//   column), and the other is a tap in the window, (channel, row, column). Their sum is the position in the picture.
//
// A convolution of groups of channels is one product for each group: K / taps planes of the picture, M of the result.
//
// A workgroup computes a tile of TILE_M x TILE_N in shared memory. An invocation computes one or two blocks of 4 x 4, few
// enough for the registers of integrated GPUs. While it multiplies the numbers of DEPTH values of k, it reads those of
// the next ones. A long sum is divided into parts, for sum-parts.comp.
//
// For best matches Y is not stored: a workgroup computes several tiles one below the other. It stores the largest
// number of each column, and the row of that number, for match-parts.comp.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common.glsl"
#include "match.glsl"

// COLUMN_IS_WINDOW: n is a position, k a tap. COLUMN_IS_TAP: the reverse. TRANSPOSED: as COLUMN_IS_WINDOW, for the
// gradient of a picture: a tap lies before the position. With strides, a product computes one pixel of every
// stride_h x stride_w, from the taps that reach it. BEST_MATCH: as COLUMN_IS_WINDOW.
const uint COLUMN_IS_WINDOW = 0, COLUMN_IS_TAP = 1, TRANSPOSED = 2, BEST_MATCH = 3;
const uint PRODUCT = KIND % 4, SHAPE = KIND / 4;

// Flags: A is in1 plus its transpose; in2[m] is added.
const uint IS_SYMMETRIC = 1, HAS_BIAS = 2;

// Shapes of tiles: 64 x 64, 64 x 128, 32 x 256, 16 x 256.
const uint GROUP = 256, DEPTH = 16;
const uint SIDE_M = SHAPE < 2 ? 16 : SHAPE == 2 ? 8 : 4, SIDE_N = GROUP / SIDE_M; // invocations along the sides of a tile
const uint EACH_N = SHAPE == 1 || SHAPE == 2 ? 8 : 4; // columns of an invocation
const uint TILE_M = SIDE_M * 4, TILE_N = SIDE_N * EACH_N;
const uint LOADS_A = TILE_M * DEPTH / GROUP, LOADS_B = TILE_N * DEPTH / GROUP; // for each invocation

layout(local_size_x = 256) in;
layout(push_constant) uniform Push
{
  uint M, N, K;
  uint first_tile; // tiles of columns before this dispatch
  uint first_part; // parts before this dispatch
  uint part_k;     // k of a part
  uint n_parts;
  uint a_run, y_run;
  uint flags; // IS_SYMMETRIC, HAS_BIAS
  uint channels;     // planes per picture
  int height, width;         // sides of the picture that B reads
  uint out_width, positions; // windows in a row; windows of a picture
  uint kernel_width, taps;   // columns of the kernel, and rows times columns
  int stride_h, stride_w, top, left;
  uint part_rows;  // best matches: rows of a part
  uint n_slots;    // best matches: slots in the scratch for the results of parts; part i has slot i % n_slots
  uint first_slot; // best matches: numbers in the scratch before the slots
  uint groups;     // groups of channels; more than one: n_parts is 1, and parts of a dispatch are groups
  int dilation_h, dilation_w; // distance of the taps of a convolution
  // TRANSPOSED: the taps of this product are at first_tap + i tap_step_h + j tap_step_w in A's rows; its positions at
  // first_pixel + i row_step + j stride_w in Y's.
  uint first_tap, tap_step_h, tap_step_w, first_pixel, row_step;
};

layout(std430, binding = 6) buffer Scratch { float scratch[]; };

// Rows of numbers with the same k. The last element only keeps rows in different banks of the memory.
shared vec4 a_tile[DEPTH][TILE_M / 4 + 1], b_tile[DEPTH][TILE_N / 4 + 1];
// Places of taps: of k, or of columns if PRODUCT is COLUMN_IS_TAP.
shared ivec3 taps_at[TILE_N];

uint group; // group of channels of this workgroup

// Plane, row and column in the picture of window @i, counted over pictures.
ivec3 window_place (uint i)
{
  uint p = i % positions;
  ivec3 place = ivec3 (i / positions * channels + group * (K / taps), p / out_width, p % out_width);
  return PRODUCT == TRANSPOSED ? place + ivec3 (0, top, left)
                            : place * ivec3 (1, stride_h, stride_w) - ivec3 (0, top, left);
}

ivec3 tap_place (uint i)
{
  ivec3 place = ivec3 (i / taps, i % taps / kernel_width, i % kernel_width) * ivec3 (1, dilation_h, dilation_w);
  return PRODUCT == TRANSPOSED ? place * ivec3 (1, -1, -1) : place;
}

float b_at (ivec3 place)
{
  if (uint (place.y) >= uint (height) || uint (place.z) >= uint (width)) // negative numbers, too
    return 0;
  return in0[uint (place.x * height + place.y) * uint (width) + uint (place.z)];
}

float sum[4][EACH_N];                    // this invocation's numbers of the tile
float a_next[LOADS_A], b_next[LOADS_B]; // its numbers of the next a_tile and b_tile

// Row in the tile of number @i of this invocation, and column.
uint tile_row (uint i)
{
  return gl_LocalInvocationIndex / SIDE_N * 4 + i;
}

uint tile_column (uint j)
{
  return (j / 4 * SIDE_N + gl_LocalInvocationIndex % SIDE_N) * 4 + j % 4;
}

// Element (k, row) of a_tile that a_next[@i] is for. Neighbouring invocations read neighbours in memory.
uvec2 a_element (uint i)
{
  uint local = gl_LocalInvocationIndex;
  return a_run == 1 ? uvec2 (local / TILE_M + i * (GROUP / TILE_M), local % TILE_M)
                    : uvec2 (local % DEPTH, local / DEPTH + i * (GROUP / DEPTH));
}

// Element (k, column) of b_tile that b_next[@i] is for.
uvec2 b_element (uint i)
{
  uint local = gl_LocalInvocationIndex;
  return PRODUCT == COLUMN_IS_TAP ? uvec2 (local % DEPTH, local / DEPTH + i * (GROUP / DEPTH))
                                  : uvec2 (local / TILE_N + i * (GROUP / TILE_N), local % TILE_N);
}

// Reads the numbers of k0 .. k_end-1, at most DEPTH, into a_next and b_next. @window: this invocation's column, unless
// PRODUCT is COLUMN_IS_TAP.
void load (uint first_row, uint first_column, uint k0, uint k_end, ivec3 window)
{
  uvec2 first = a_element (0), step = a_element (1) - first;
  uint k = k0 + first.x, m = first_row + first.y;
  uint run = PRODUCT == TRANSPOSED ? taps : a_run, block = a_run == 1 ? k : k / run, rest = k - block * run;
  if (PRODUCT == TRANSPOSED)
    rest = first_tap + rest / kernel_width * tap_step_h + rest % kernel_width * tap_step_w;
  uint group_size = M * (PRODUCT == TRANSPOSED ? K / taps * a_run : K);
  uint at = group * group_size + (block * M + m) * a_run + rest;
  uint at_step = a_run == 1 ? step.x * M : step.y * a_run;
  [[unroll]] for (uint i = 0; i < LOADS_A; i++, k += step.x, m += step.y, at += at_step) {
    bool is_inside = m < M && k < k_end;
    a_next[i] = is_inside ? in1[at] : 0;
    if ((flags & IS_SYMMETRIC) != 0 && is_inside)
      a_next[i] += in1[k * M + m];
  }
  if (PRODUCT == COLUMN_IS_TAP)
    window = window_place (k0 + gl_LocalInvocationIndex % DEPTH);
  [[unroll]] for (uint i = 0; i < LOADS_B; i++) {
    uvec2 element = b_element (i);
    bool is_inside = first_column + element.y < N && k0 + element.x < k_end;
    b_next[i] = is_inside ? b_at (window + taps_at[PRODUCT == COLUMN_IS_TAP ? element.y : element.x]) : 0;
  }
}

// Computes @sum of the tile at @first_row and @first_column over k_first .. k_end-1.
void multiply (uint first_row, uint first_column, uint k_first, uint k_end)
{
  uint local = gl_LocalInvocationIndex, x = local % SIDE_N, y = local / SIDE_N;
  uint n_taps = PRODUCT == COLUMN_IS_TAP ? TILE_N : DEPTH, tap = PRODUCT == COLUMN_IS_TAP ? first_column : k_first;
  ivec3 window = window_place (min (first_column + local % TILE_N, N - 1));
  [[unroll]] for (uint i = 0; i < 4; i++)
    [[unroll]] for (uint j = 0; j < EACH_N; j++)
      sum[i][j] = 0;
  barrier ();
  if (local < n_taps)
    taps_at[local] = tap_place (tap + local);
  barrier ();
  load (first_row, first_column, k_first, k_end, window);

  for (uint k0 = k_first; k0 < k_end; k0 += DEPTH) {
    barrier ();
    [[unroll]] for (uint i = 0; i < LOADS_A; i++)
      a_tile[a_element (i).x][a_element (i).y / 4][a_element (i).y % 4] = a_next[i];
    [[unroll]] for (uint i = 0; i < LOADS_B; i++)
      b_tile[b_element (i).x][b_element (i).y / 4][b_element (i).y % 4] = b_next[i];
    if (PRODUCT != COLUMN_IS_TAP && local < DEPTH)
      taps_at[local] = tap_place (k0 + DEPTH + local);
    barrier ();
    if (k0 + DEPTH < k_end)
      load (first_row, first_column, k0 + DEPTH, k_end, window);
    for (uint d = 0; d < DEPTH; d++) {
      vec4 a = a_tile[d][y], b[EACH_N / 4];
      [[unroll]] for (uint j = 0; j < EACH_N / 4; j++)
        b[j] = b_tile[d][j * SIDE_N + x];
      [[unroll]] for (uint i = 0; i < 4; i++)
        [[unroll]] for (uint j = 0; j < EACH_N; j++)
          sum[i][j] += a[i] * b[j / 4][j % 4];
    }
  }
}

// Stores the best match of each column in rows @first_row to end_row-1, or of an earlier part in the same slot.
void store_best (uint first_row, uint end_row, uint first_column, uint slot, bool is_first)
{
  uint local = gl_LocalInvocationIndex, y = local / SIDE_N;
  float best[EACH_N], row[EACH_N];
  [[unroll]] for (uint j = 0; j < EACH_N; j++) {
    best[j] = NO_MATCH.x;
    row[j] = NO_MATCH.y;
  }
  for (uint top_row = first_row; top_row < end_row; top_row += TILE_M) {
    multiply (top_row, first_column, 0, K);
    [[unroll]] for (uint i = 0; i < 4; i++)
      [[unroll]] for (uint j = 0; j < EACH_N; j++) {
        uint m = top_row + tile_row (i);
        if (m < end_row && sum[i][j] > best[j]) {
          best[j] = sum[i][j];
          row[j] = float (m);
        }
      }
  }
  barrier ();
  [[unroll]] for (uint j = 0; j < EACH_N; j++) {
    uint n = tile_column (j);
    b_tile[y][n / 4][n % 4] = best[j];
    a_tile[y][n / 4][n % 4] = row[j];
  }
  barrier ();
  uint n = first_column + local, at = first_slot + 2 * (slot * N + n);
  if (local >= TILE_N || n >= N)
    return;
  vec2 found = is_first ? NO_MATCH : vec2 (scratch[at], scratch[at + 1]);
  for (uint i = 0; i < SIDE_M; i++)
    found = better_match (found, vec2 (b_tile[i][local / 4][local % 4], a_tile[i][local / 4][local % 4]));
  scratch[at] = found.x;
  scratch[at + 1] = found.y;
}

void main ()
{
  uint first_row = gl_WorkGroupID.y * TILE_M, first_column = (first_tile + gl_WorkGroupID.x) * TILE_N;
  uint part = first_part + gl_WorkGroupID.z;
  group = groups > 1 ? part : 0;
  part -= group;
  if (PRODUCT == BEST_MATCH) {
    first_row = part * part_rows;
    store_best (first_row, min (first_row + part_rows, M), first_column, part % n_slots, part < n_slots);
    return;
  }
  multiply (first_row, first_column, part * part_k, min ((part + 1) * part_k, K));
  [[unroll]] for (uint j = 0; j < EACH_N; j++) {
    uint n = first_column + tile_column (j), at = (n / y_run * groups + group) * M * y_run + n % y_run;
    if (PRODUCT == TRANSPOSED) {
      uint p = n % positions;
      at = (n / positions * groups + group) * M * y_run + first_pixel + p / out_width * row_step +
           p % out_width * stride_w;
    }
    [[unroll]] for (uint i = 0; i < 4; i++) {
      uint m = first_row + tile_row (i);
      if (m >= M || n >= N)
        continue;
      float y = sum[i][j] + ((flags & HAS_BIAS) != 0 && part == 0 ? in2[group * M + m] : 0);
      if (n_parts > 1)
        scratch[(part * M + m) * N + n] = y;
      else
        out0[at + m * y_run] = y;
    }
  }
}
