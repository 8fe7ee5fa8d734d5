/* gemm-lanes.h -- the inner loops of matrix products and of gemm.c, one set for each width of vector registers.
 * gemm-lanes.c is compiled once for each. */
#ifndef RV_GEMM_LANES_H
#define RV_GEMM_LANES_H

#include "after.h"

#define RV_GEMM_GROUP 2 /* vectors of output channels that one product computes */

typedef struct {
  int lanes;
  int max_tiles; /* rows of one product: what the registers hold */

  /* M[t][vectors][lanes] = (@add: +=) sum over c of V[c / lanes][t][c % lanes] U[c][vectors][lanes], for n_tiles <=
   * max_tiles. @next_V: what the next product will read. */
  void (*product) (const float *V, const float *next_V, int n_blocks, const float *U, int n_tiles, int n_vectors,
                   gboolean add, float *M);

  /* to[t] = the vector at from + offset[t]; zeros where the offset is negative. */
  void (*gather) (const float *from, const gint64 *offset, int n, float *to);

  /* The vector at y + offset[t] = (@accumulate: +=) M[t], rows @M_stride floats apart, + @bias (one vector; NULL:
   * none), and what follows. @bits: of the element at y. */
  void (*finish) (const float *M, gsize M_stride, const float *bias, gboolean accumulate, RvAfter after, float *y,
                  guint8 *bits, const gint64 *offset, int n);
} RvGemmLanes;

extern const RvGemmLanes rv__gemm_lanes_base, rv__gemm_lanes_avx2, rv__gemm_lanes_avx512;

#endif
