/* winograd-lanes.h -- the inner loops of winograd.c, one set for each width of vector registers.
 * winograd-lanes.c is compiled once for each. */
#ifndef RV_WINOGRAD_LANES_H
#define RV_WINOGRAD_LANES_H

#include <glib.h>

#define RV_WINOGRAD_OUT 4 /* a tile's side in y */
#define RV_WINOGRAD_IN 6  /* and in x: 4 + 3 - 1 */
#define RV_WINOGRAD_POINTS (RV_WINOGRAD_IN * RV_WINOGRAD_IN)
#define RV_WINOGRAD_GROUP 2 /* vectors of output channels that one product computes */

/* What is done to y before it is written: the ReLU that follows forward, or the one that precedes backward. Bits as in
 * src/op/ops/relu.c: one for each element, in memory order. */
typedef enum {
  RV_WINOGRAD_NOTHING,
  RV_WINOGRAD_RELU,      /* y = max (y, 0) */
  RV_WINOGRAD_RELU_BITS, /* and the bits of where it was positive are written */
  RV_WINOGRAD_MASK,      /* y = 0 where the bit is not set */
} RvWinogradAfter;

typedef struct {
  int lanes;
  int max_tiles; /* of one product: what the registers hold */

  /* A 6 x 6 tile of one channel block at @x, rows @row_stride floats apart, to its 36 points, @point_stride apart. */
  void (*transform_x) (const float *x, gsize row_stride, float *V, gsize point_stride);

  /* Nine weights [9][vectors][lanes] of one input channel to their 36 points. */
  void (*transform_w) (const float *w, int n_vectors, float *U, gsize point_stride);

  /* M[t][vectors][lanes] = (@add: +=) sum over c of V[c / lanes][t][c % lanes] U[c][vectors][lanes], for n_tiles <=
   * max_tiles. @next_V: what the next product will read. */
  void (*product) (const float *V, const float *next_V, int n_blocks, const float *U, int n_tiles, int n_vectors,
                   gboolean add, float *M);

  /* The 36 points of one output vector to a 4 x 4 tile of y, rows @row_stride floats apart, with @bias (one vector;
   * NULL: none). @bits: of the tile's first element; rows lie @row_stride bits apart. */
  void (*transform_y) (const float *M, gsize point_stride, const float *bias, RvWinogradAfter after, float *y,
                       guint8 *bits, gsize row_stride);
} RvWinogradLanes;

extern const RvWinogradLanes rv__winograd_lanes_avx2, rv__winograd_lanes_avx512;

#endif
