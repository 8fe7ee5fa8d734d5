/* gemm-simd.h -- SIMD loops of matrix products and of gemm.c: one set for each vector width. gemm-simd.c is compiled
 * once for each. */
#pragma once

#include "post-op.h"

#define RV_GEMM_GROUP 2 /* vectors of output channels in one product */

typedef struct {
  int max_tiles; /* largest number of rows of one product, by the number of registers */

  /* M[t][vectors][lanes] = (@add: +=) sum over c of V[c / lanes][t][c % lanes] U[c][vectors][lanes], for n_tiles <=
   * max_tiles. @next_V: operand of the next product, for prefetching. */
  void (*product) (const float *V, const float *next_V, int n_blocks, const float *U, int n_tiles, int n_vectors,
                   gboolean add, float *M);

  /* to[t] = vector at from + offset[t]; zeros for a negative offset. */
  void (*gather) (const float *from, const gint64 *offset, int n, float *to);

  /* vector at y + offset[t] = (@accumulate: +=) M[t] + @bias (one vector; NULL: none), then the post-op. Rows of M are
   * @M_stride floats apart. @bits: of the element at y. */
  void (*finish) (const float *M, gsize M_stride, const float *bias, gboolean accumulate, RvPostOp post_op, float *y,
                  guint8 *bits, const gint64 *offset, int n);
} RvGemmSimd;

extern const RvGemmSimd rv__gemm_simd_base, rv__gemm_simd_avx2, rv__gemm_simd_avx512;
