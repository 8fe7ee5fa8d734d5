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
 *
 * Vectors are the compiler's own (vector_size): the same text becomes AVX2's and AVX-512's instructions.
 */
#include "winograd-lanes.h"
#include <immintrin.h>

#define CONCAT2(a, b) a##b
#define CONCAT(a, b) CONCAT2 (a, b)

#define IN RV_WINOGRAD_IN
#define OUT RV_WINOGRAD_OUT
#define INLINE static inline __attribute__ ((always_inline))

typedef float Vector __attribute__ ((vector_size (RV_LANES * sizeof (float))));
typedef float Lying __attribute__ ((vector_size (RV_LANES * sizeof (float)), aligned (sizeof (float)), may_alias));
typedef gint32 Whole __attribute__ ((vector_size (RV_LANES * sizeof (float))));

#define A 0.70710678118654752f /* 1 / sqrt 2 */
#define B 1.41421356237309505f /* sqrt 2 */

INLINE Vector
load (const float *from)
{
  return *(const Lying *) (const void *) from;
}

INLINE void
store (float *to, Vector v)
{
  *(Lying *) (void *) to = v;
}

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

/* One bit for each lane: whether it is positive. */
INLINE guint32
positive (Vector v)
{
#if RV_LANES == 16
  return _mm512_cmp_ps_mask ((__m512) v, _mm512_setzero_ps (), _CMP_GT_OQ);
#else
  return (guint32) _mm256_movemask_ps (_mm256_cmp_ps ((__m256) v, _mm256_setzero_ps (), _CMP_GT_OQ));
#endif
}

/* v where the lane's bit is set, else 0. */
INLINE Vector
masked (Vector v, guint32 bits)
{
#if RV_LANES == 16
  return (Vector) _mm512_maskz_mov_ps ((__mmask16) bits, (__m512) v);
#else
  const Whole lane = { 1, 2, 4, 8, 16, 32, 64, 128 };
  return (Vector) ((Whole) v & (((gint32) bits & lane) == lane));
#endif
}

#if RV_LANES == 16
typedef guint16 Bits;
#else
typedef guint8 Bits;
#endif

INLINE void
points_to_tile (const float *M, gsize point_stride, const float *bias, RvWinogradAfter after, float *y, guint8 *bits,
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
      Vector v = row[j] + b;
      if (after == RV_WINOGRAD_RELU_BITS)
        row_bits[j] = (Bits) positive (v);
      if (after == RV_WINOGRAD_RELU || after == RV_WINOGRAD_RELU_BITS)
        v = (Vector) ((Whole) v & ~(v <= 0)); /* NaN stays, as in relu.c */
      if (after == RV_WINOGRAD_MASK)
        v = masked (v, row_bits[j]);
      store (y + (gsize) i * row_stride + j * RV_LANES, v);
    }
  }
}

static void
transform_y (const float *M, gsize point_stride, const float *bias, RvWinogradAfter after, float *y, guint8 *bits,
             gsize row_stride)
{
  switch (after) { /* constants, so that each compiles to what it needs */
  case RV_WINOGRAD_NOTHING:
    points_to_tile (M, point_stride, bias, RV_WINOGRAD_NOTHING, y, bits, row_stride);
    break;
  case RV_WINOGRAD_RELU:
    points_to_tile (M, point_stride, bias, RV_WINOGRAD_RELU, y, bits, row_stride);
    break;
  case RV_WINOGRAD_RELU_BITS:
    points_to_tile (M, point_stride, bias, RV_WINOGRAD_RELU_BITS, y, bits, row_stride);
    break;
  case RV_WINOGRAD_MASK:
    points_to_tile (M, point_stride, bias, RV_WINOGRAD_MASK, y, bits, row_stride);
    break;
  }
}

/* ---- products ---------------------------------------------------------------------------------------------------- */

/* All sums in registers: with constant numbers of tiles and vectors, loops over them unroll. What the next product will
 * read is fetched meanwhile: it comes from the third-level cache, in pieces too short for the processor's own guess. */
INLINE void
product_of (const float *V, const float *next_V, int n_blocks, const float *U, const int n_tiles, const int n_vectors,
            gboolean add, float *M)
{
  Vector sum[RV_MAX_TILES][RV_WINOGRAD_GROUP];
#pragma GCC unroll 16
  for (int t = 0; t < n_tiles; t++)
#pragma GCC unroll 2
    for (int n = 0; n < n_vectors; n++)
      sum[t][n] = add ? load (M + (t * n_vectors + n) * RV_LANES) : (Vector){ 0 };
  for (int block = 0; block < n_blocks; block++, V += n_tiles * RV_LANES, next_V += n_tiles * RV_LANES) {
#pragma GCC unroll 16
    for (int t = 0; t < n_tiles; t++)
      __builtin_prefetch (next_V + t * RV_LANES);
    for (int c = 0; c < RV_LANES; c++, U += n_vectors * RV_LANES) {
      Vector u[RV_WINOGRAD_GROUP];
#pragma GCC unroll 2
      for (int n = 0; n < n_vectors; n++)
        u[n] = load (U + n * RV_LANES);
#pragma GCC unroll 16
      for (int t = 0; t < n_tiles; t++)
#pragma GCC unroll 2
        for (int n = 0; n < n_vectors; n++)
          sum[t][n] += V[t * RV_LANES + c] * u[n];
    }
  }
#pragma GCC unroll 16
  for (int t = 0; t < n_tiles; t++)
#pragma GCC unroll 2
    for (int n = 0; n < n_vectors; n++)
      store (M + (t * n_vectors + n) * RV_LANES, sum[t][n]);
}

static void
product (const float *V, const float *next_V, int n_blocks, const float *U, int n_tiles, int n_vectors, gboolean add,
         float *M)
{
  switch (n_tiles * RV_WINOGRAD_GROUP + n_vectors - 1) {
#define CASE(tiles)                                                                                                    \
  case tiles *RV_WINOGRAD_GROUP:                                                                                       \
    product_of (V, next_V, n_blocks, U, tiles, 1, add, M);                                                             \
    break;                                                                                                             \
  case tiles *RV_WINOGRAD_GROUP + 1:                                                                                   \
    product_of (V, next_V, n_blocks, U, tiles, 2, add, M);                                                             \
    break;
    CASE (1)
    CASE (2)
    CASE (3)
    CASE (4)
    CASE (5)
    CASE (6)
#if RV_MAX_TILES > 6
    CASE (7)
    CASE (8)
    CASE (9)
    CASE (10)
    CASE (11)
    CASE (12)
    CASE (13)
    CASE (14)
#endif
#undef CASE
  }
}

const RvWinogradLanes CONCAT (rv__winograd_lanes_, RV_ISA) = {
  .lanes = RV_LANES,
  .max_tiles = RV_MAX_TILES,
  .transform_x = transform_x,
  .transform_w = transform_w,
  .product = product,
  .transform_y = transform_y,
};
