/* gemm-simd.c -- matrix products with vectors of RV_LANES floats, compiled for each width. */
#include "gemm-simd.h"
#include "vectors.h"

/* RvGemmSimd.product for constant @n_tiles and @n_vectors: loops over them unroll, and all sums stay in registers.
 * Prefetches the operand @next_V from the third-level cache. Runs of @next_V are too short for the hardware
 * prefetcher. */
INLINE void
product_fixed (const float *V, const float *next_V, int n_blocks, const float *U, const int n_tiles,
               const int n_vectors, gboolean add, float *M)
{
  Vector sum[RV_MAX_TILES][RV_GEMM_GROUP];
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
      Vector u[RV_GEMM_GROUP];
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

/* RvGemmSimd.product. M [n_tiles][n_vectors][lanes] = (@add: +=) V [block][tile][lanes] times U
 * [channel][n_vectors][lanes], over n_blocks * lanes channels. @next_V: operand of the next product, to prefetch. Calls
 * the copy compiled for @n_tiles, 1 to max_tiles, and @n_vectors, 1 to RV_GEMM_GROUP. */
static void
product (const float *V, const float *next_V, int n_blocks, const float *U, int n_tiles, int n_vectors, gboolean add,
         float *M)
{
  switch (n_tiles * RV_GEMM_GROUP + n_vectors - 1) {
#define CASE(tiles)                                                                                                    \
  case tiles *RV_GEMM_GROUP:                                                                                           \
    product_fixed (V, next_V, n_blocks, U, tiles, 1, add, M);                                                          \
    break;                                                                                                             \
  case tiles *RV_GEMM_GROUP + 1:                                                                                       \
    product_fixed (V, next_V, n_blocks, U, tiles, 2, add, M);                                                          \
    break;
#if RV_MAX_TILES > 6
    CASES_12 (CASE)
#else
    CASES_6 (CASE)
#endif
#if RV_MAX_TILES > 12
    CASE (13)
    CASE (14)
#endif
#undef CASE
  }
}

static void
gather (const float *from, const gint64 *offset, int n, float *to)
{
  for (int t = 0; t < n; t++)
    store (to + t * RV_LANES, offset[t] < 0 ? (Vector){ 0 } : load (from + offset[t]));
}

INLINE void
finish_fixed (const float *M, gsize M_stride, const float *bias, gboolean accumulate, const RvPostOp post_op, float *y,
              guint8 *bits, const gint64 *offset, int n)
{
  Vector b = bias ? load (bias) : (Vector){ 0 };
  for (int t = 0; t < n; t++) {
    Vector v = load (M + (gsize) t * M_stride) + b;
    if (accumulate)
      v += load (y + offset[t]);
    store (y + offset[t], apply_post_op (v, post_op, bits ? (Bits *) (void *) (bits + offset[t] / 8) : NULL));
  }
}

/* RvGemmSimd.finish. For t < @n, vector at y + offset[t] = (@accumulate: +=) vector at M + t * M_stride + @bias (one
 * vector; NULL: none), then the post-op. @bits: of the element at y, read or written by post-ops with a mask; NULL for
 * others. Calls the copy compiled for @post_op. */
static void
finish (const float *M, gsize M_stride, const float *bias, gboolean accumulate, RvPostOp post_op, float *y,
        guint8 *bits, const gint64 *offset, int n)
{
  switch (post_op) { /* constants: each case is compiled separately */
  case RV_POST_OP_NONE:
    finish_fixed (M, M_stride, bias, accumulate, RV_POST_OP_NONE, y, bits, offset, n);
    break;
  case RV_POST_OP_RELU:
    finish_fixed (M, M_stride, bias, accumulate, RV_POST_OP_RELU, y, bits, offset, n);
    break;
  case RV_POST_OP_RELU_SAVE_MASK:
    finish_fixed (M, M_stride, bias, accumulate, RV_POST_OP_RELU_SAVE_MASK, y, bits, offset, n);
    break;
  case RV_POST_OP_APPLY_MASK:
    finish_fixed (M, M_stride, bias, accumulate, RV_POST_OP_APPLY_MASK, y, bits, offset, n);
    break;
  }
}

const RvGemmSimd CONCAT (rv__gemm_simd_, RV_ISA) = {
  .max_tiles = RV_MAX_TILES,
  .product = product,
  .gather = gather,
  .finish = finish,
};
