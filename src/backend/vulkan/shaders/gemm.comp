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
// A workgroup computes a tile of 64 x 64 in shared memory, an invocation 8 x 8 of it. A long sum is divided into parts,
// for sum-parts.comp.
//
// For best matches Y is not stored: a workgroup computes several tiles one below the other. It stores the largest
// number of each column, and the row of that number, for match-parts.comp.
#version 450
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_control_flow_attributes : require
#include "common.glsl"
#include "match.glsl"

// COLUMN_IS_WINDOW: n is a position, k a tap. COLUMN_IS_TAP: the reverse. TRANSPOSED: as COLUMN_IS_WINDOW, for the
// gradient of a picture: a tap lies before the position, and only every stride-th position has a number. BEST_MATCH: as
// COLUMN_IS_WINDOW.
const uint COLUMN_IS_WINDOW = 0, COLUMN_IS_TAP = 1, TRANSPOSED = 2, BEST_MATCH = 3;
const uint TILE = 64, DEPTH = 16, SIDE = 8, EACH = 8;

layout(local_size_x = SIDE, local_size_y = SIDE) in;
layout(push_constant) uniform Push
{
  uint M, N, K;
  uint first_tile; // tiles of columns before this dispatch
  uint first_part; // parts before this dispatch
  uint part_k;     // k of a part
  uint n_parts;
  uint a_run, y_run;
  uint is_symmetric; // A is in1 plus its transpose
  uint has_bias;     // in2[m] is added
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
};

layout(std430, binding = 6) buffer Scratch { float scratch[]; };

shared float a_tile[DEPTH][TILE + 1], b_tile[DEPTH][TILE];
shared ivec3 k_places[DEPTH];

uint group; // group of channels of this workgroup

// Plane, row and column in the picture of window @i, counted over pictures.
ivec3 window_place (uint i)
{
  uint p = i % positions;
  ivec3 place = ivec3 (i / positions * channels + group * (K / taps), p / out_width, p % out_width);
  return KIND == TRANSPOSED ? place + ivec3 (0, top, left)
                            : place * ivec3 (1, stride_h, stride_w) - ivec3 (0, top, left);
}

ivec3 tap_place (uint i)
{
  ivec3 place = ivec3 (i / taps, i % taps / kernel_width, i % kernel_width) * ivec3 (1, dilation_h, dilation_w);
  return KIND == TRANSPOSED ? place * ivec3 (1, -1, -1) : place;
}

ivec3 column_place (uint n)
{
  return KIND == COLUMN_IS_TAP ? tap_place (n) : window_place (n);
}

ivec3 k_place (uint k)
{
  return KIND == COLUMN_IS_TAP ? window_place (k) : tap_place (k);
}

float b_at (ivec3 place)
{
  if (KIND == TRANSPOSED) {
    if (place.y < 0 || place.z < 0 || place.y % stride_h != 0 || place.z % stride_w != 0)
      return 0;
    place = place / ivec3 (1, stride_h, stride_w);
  }
  if (place.y < 0 || place.y >= height || place.z < 0 || place.z >= width)
    return 0;
  return in0[uint (place.x * height + place.y) * uint (width) + uint (place.z)];
}

float a_at (uint m, uint k, uint a_block, uint a_rest)
{
  float a = in1[group * M * K + (a_block * M + m) * a_run + a_rest];
  return is_symmetric != 0 ? a + in1[k * M + m] : a;
}

float sum[EACH][EACH]; // this invocation's numbers of the tile

// Computes @sum of the tile at @first_row and @first_column over k_first .. k_end-1.
void multiply (uint first_row, uint first_column, uint k_first, uint k_end)
{
  uint local = gl_LocalInvocationIndex;
  uint b_column = local % TILE, a_depth = local % DEPTH;
  bool has_column = first_column + b_column < N;
  ivec3 column = column_place (min (first_column + b_column, N - 1));
  [[unroll]] for (uint i = 0; i < EACH; i++)
    [[unroll]] for (uint j = 0; j < EACH; j++)
      sum[i][j] = 0;

  for (uint k0 = k_first; k0 < k_end; k0 += DEPTH) {
    barrier ();
    if (local < DEPTH)
      k_places[local] = k_place (k0 + local);
    uint a_k = k0 + a_depth, a_block = a_k / a_run, a_rest = a_k % a_run;
    for (uint m = local / DEPTH; m < TILE; m += SIDE * SIDE / DEPTH)
      a_tile[a_depth][m] = a_k < k_end && first_row + m < M ? a_at (first_row + m, a_k, a_block, a_rest) : 0;
    barrier ();
    for (uint d = local / TILE; d < DEPTH; d += SIDE * SIDE / TILE)
      b_tile[d][b_column] = has_column && k0 + d < k_end ? b_at (column + k_places[d]) : 0;
    barrier ();
    for (uint d = 0; d < DEPTH; d++) {
      float b[EACH];
      [[unroll]] for (uint j = 0; j < EACH; j++)
        b[j] = b_tile[d][gl_LocalInvocationID.x + j * SIDE];
      [[unroll]] for (uint i = 0; i < EACH; i++) {
        float a = a_tile[d][gl_LocalInvocationID.y * EACH + i];
        [[unroll]] for (uint j = 0; j < EACH; j++)
          sum[i][j] += a * b[j];
      }
    }
  }
}

// Stores the best match of each column in rows @first_row to end_row-1, or of an earlier part in the same slot.
void store_best (uint first_row, uint end_row, uint first_column, uint slot, bool is_first)
{
  uint local = gl_LocalInvocationIndex, x = gl_LocalInvocationID.x, y = gl_LocalInvocationID.y;
  float best[EACH], row[EACH];
  [[unroll]] for (uint j = 0; j < EACH; j++) {
    best[j] = NO_MATCH.x;
    row[j] = NO_MATCH.y;
  }
  for (uint tile_row = first_row; tile_row < end_row; tile_row += TILE) {
    multiply (tile_row, first_column, 0, K);
    [[unroll]] for (uint i = 0; i < EACH; i++)
      [[unroll]] for (uint j = 0; j < EACH; j++) {
        uint m = tile_row + y * EACH + i;
        if (m < end_row && sum[i][j] > best[j]) {
          best[j] = sum[i][j];
          row[j] = float (m);
        }
      }
  }
  barrier ();
  [[unroll]] for (uint j = 0; j < EACH; j++) {
    b_tile[y][x + j * SIDE] = best[j];
    b_tile[SIDE + y][x + j * SIDE] = row[j];
  }
  barrier ();
  uint n = first_column + local, at = first_slot + 2 * (slot * N + n);
  if (n >= N)
    return;
  vec2 found = is_first ? NO_MATCH : vec2 (scratch[at], scratch[at + 1]);
  for (uint i = 0; i < SIDE; i++)
    found = better_match (found, vec2 (b_tile[i][local], b_tile[SIDE + i][local]));
  scratch[at] = found.x;
  scratch[at + 1] = found.y;
}

void main ()
{
  uint first_row = gl_WorkGroupID.y * TILE, first_column = (first_tile + gl_WorkGroupID.x) * TILE;
  uint part = first_part + gl_WorkGroupID.z;
  group = groups > 1 ? part : 0;
  part -= group;
  if (KIND == BEST_MATCH) {
    first_row = part * part_rows;
    store_best (first_row, min (first_row + part_rows, M), first_column, part % n_slots, part < n_slots);
    return;
  }
  multiply (first_row, first_column, part * part_k, min ((part + 1) * part_k, K));
  [[unroll]] for (uint i = 0; i < EACH; i++)
    [[unroll]] for (uint j = 0; j < EACH; j++) {
      uint m = first_row + gl_LocalInvocationID.y * EACH + i, n = first_column + gl_LocalInvocationID.x + j * SIDE;
      if (m >= M || n >= N)
        continue;
      if (n_parts > 1)
        scratch[(part * M + m) * N + n] = sum[i][j];
      else
        out0[((n / y_run * groups + group) * M + m) * y_run + n % y_run] =
          sum[i][j] + (has_bias != 0 ? in2[group * M + m] : 0);
    }
}
