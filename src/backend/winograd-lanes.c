/* winograd-lanes.c -- Winograd's transforms and products on vectors of RV_LANES floats, compiled for each width.
 *
 * Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015): Y = A' [(G g G') * (B' d B)] A, for a
 * tile of 4 x 4 outputs and a kernel of 3 x 3. The polynomials behind it are taken at 0, a, -a, b, -b and infinity. The
 * paper has a = 1, b = 2; here a = 1 / sqrt 2, b = sqrt 2, which loses fewer digits (bench/RESULTS.md). With a b = 1:
 *
 *        [ 1   0  -5/2   0    1   0 ]        [  1      0      0  ]         [ 1   1    1    1    1   0 ]
 *        [ 0  -b  -2     a    1   0 ]        [-2/3  -2/3 a  -1/3 ]         [ 0   a   -a    b   -b   0 ]
 *   B' = [ 0   b  -2    -a    1   0 ]    G = [-2/3   2/3 a  -1/3 ]    A' = [ 0  1/2  1/2   2    2   0 ]
 *        [ 0  -a  -1/2   b    1   0 ]        [ 1/6   1/6 b   1/3 ]         [ 0  a/2 -a/2  2b  -2b   1 ]
 *        [ 0   a  -1/2  -b    1   0 ]        [ 1/6  -1/6 b   1/3 ]
 *        [ 0   1   0   -5/2   0   1 ]        [  0      0      1  ]
 */
#include "winograd-lanes.h"
#include "vectors.h"

#define IN RV_WINOGRAD_IN
#define OUT RV_WINOGRAD_OUT

#define A 0.70710678118654752f /* 1 / sqrt 2 */
#define B 1.41421356237309505f /* sqrt 2 */

/* B' d */
INLINE void
points_of_x (const Vector d[IN], Vector v[IN])
{
  Vector even_a = d[4] - 2 * d[2], odd_a = A * d[3] - B * d[1];
  Vector even_b = d[4] - 0.5f * d[2], odd_b = B * d[3] - A * d[1];
  v[0] = d[0] - 2.5f * d[2] + d[4];
  v[1] = even_a + odd_a;
  v[2] = even_a - odd_a;
  v[3] = even_b + odd_b;
  v[4] = even_b - odd_b;
  v[5] = d[1] - 2.5f * d[3] + d[5];
}

/* G g */
INLINE void
points_of_w (const Vector g[3], Vector v[IN])
{
  Vector even_a = (-2.0f / 3) * g[0] - (1.0f / 3) * g[2], odd_a = (-2.0f / 3 * A) * g[1];
  Vector even_b = (1.0f / 6) * g[0] + (1.0f / 3) * g[2], odd_b = (1.0f / 6 * B) * g[1];
  v[0] = g[0];
  v[1] = even_a + odd_a;
  v[2] = even_a - odd_a;
  v[3] = even_b + odd_b;
  v[4] = even_b - odd_b;
  v[5] = g[2];
}

/* A' m */
INLINE void
tile_of_points (const Vector m[IN], Vector y[OUT])
{
  Vector sum_a = m[1] + m[2], diff_a = A * (m[1] - m[2]), sum_b = m[3] + m[4], diff_b = B * (m[3] - m[4]);
  y[0] = m[0] + sum_a + sum_b;
  y[1] = diff_a + diff_b;
  y[2] = 0.5f * sum_a + 2 * sum_b;
  y[3] = 0.5f * diff_a + 2 * diff_b + m[5];
}

static void
transform_x (const float *x, gsize row_stride, float *V, gsize point_stride)
{
  Vector half[IN][IN]; /* [column][point] */
  for (int j = 0; j < IN; j++) {
    Vector d[IN];
    for (int i = 0; i < IN; i++)
      d[i] = load (x + (gsize) i * row_stride + (gsize) j * RV_LANES);
    points_of_x (d, half[j]);
  }
  for (int i = 0; i < IN; i++) {
    Vector d[IN], v[IN];
    for (int j = 0; j < IN; j++)
      d[j] = half[j][i];
    points_of_x (d, v);
    for (int j = 0; j < IN; j++)
      store (V + (gsize) (i * IN + j) * point_stride, v[j]);
  }
}

static void
transform_w (const float *w, int n_vectors, float *U, gsize point_stride)
{
  for (int n = 0; n < n_vectors; n++) {
    Vector half[3][IN];
    for (int j = 0; j < 3; j++) {
      Vector g[3];
      for (int i = 0; i < 3; i++)
        g[i] = load (w + ((i * 3 + j) * n_vectors + n) * RV_LANES);
      points_of_w (g, half[j]);
    }
    for (int i = 0; i < IN; i++) {
      Vector g[3] = { half[0][i], half[1][i], half[2][i] }, v[IN];
      points_of_w (g, v);
      for (int j = 0; j < IN; j++)
        store (U + (gsize) (i * IN + j) * point_stride + n * RV_LANES, v[j]);
    }
  }
}

INLINE void
points_to_tile (const float *M, gsize point_stride, const float *bias, RvAfter after, float *y, guint8 *bits,
                gsize row_stride)
{
  Vector half[IN][OUT], b = bias ? load (bias) : (Vector){ 0 };
  for (int j = 0; j < IN; j++) {
    Vector m[IN];
    for (int i = 0; i < IN; i++)
      m[i] = load (M + (gsize) (i * IN + j) * point_stride);
    tile_of_points (m, half[j]);
  }
  for (int i = 0; i < OUT; i++) {
    Vector m[IN], row[OUT];
    Bits *row_bits = bits ? (Bits *) (void *) (bits + (gsize) i * row_stride / 8) : NULL;
    for (int j = 0; j < IN; j++)
      m[j] = half[j][i];
    tile_of_points (m, row);
    for (int j = 0; j < OUT; j++) {
      float *to = y + (gsize) i * row_stride + j * RV_LANES;
      store (to, apply_after (row[j] + b, after, row_bits ? row_bits + j : NULL));
    }
  }
}

static void
transform_y (const float *M, gsize point_stride, const float *bias, RvAfter after, float *y, guint8 *bits,
             gsize row_stride)
{
  switch (after) { /* constants, so that each compiles to what it needs */
  case RV_AFTER_NOTHING:
    points_to_tile (M, point_stride, bias, RV_AFTER_NOTHING, y, bits, row_stride);
    break;
  case RV_AFTER_RELU:
    points_to_tile (M, point_stride, bias, RV_AFTER_RELU, y, bits, row_stride);
    break;
  case RV_AFTER_RELU_BITS:
    points_to_tile (M, point_stride, bias, RV_AFTER_RELU_BITS, y, bits, row_stride);
    break;
  case RV_AFTER_MASK:
    points_to_tile (M, point_stride, bias, RV_AFTER_MASK, y, bits, row_stride);
    break;
  }
}

const RvWinogradLanes CONCAT (rv__winograd_lanes_, RV_ISA) = {
  .lanes = RV_LANES,
  .transform_x = transform_x,
  .transform_w = transform_w,
  .transform_y = transform_y,
};
