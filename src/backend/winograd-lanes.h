/* winograd-lanes.h -- the transforms of winograd.c, one set for each width of vector registers.
 * winograd-lanes.c is compiled once for each. */
#ifndef RV_WINOGRAD_LANES_H
#define RV_WINOGRAD_LANES_H

#include "after.h"

#define RV_WINOGRAD_OUT 4 /* a tile's side in y */
#define RV_WINOGRAD_IN 6  /* a tile's side in x: 4 + 3 - 1 */
#define RV_WINOGRAD_POINTS (RV_WINOGRAD_IN * RV_WINOGRAD_IN)

typedef struct {
  int lanes;

  /* A 6 x 6 tile of one channel block at @x, rows @row_stride floats apart, to its 36 points, @point_stride apart. */
  void (*transform_x) (const float *x, gsize row_stride, float *V, gsize point_stride);

  /* Nine weights [9][vectors][lanes] of one input channel to their 36 points. */
  void (*transform_w) (const float *w, int n_vectors, float *U, gsize point_stride);

  /* The 36 points of one output vector to a 4 x 4 tile of y, rows @row_stride floats apart, with @bias (one vector;
   * NULL: none). @bits: of the tile's first element; rows lie @row_stride bits apart. */
  void (*transform_y) (const float *M, gsize point_stride, const float *bias, RvAfter after, float *y, guint8 *bits,
                       gsize row_stride);
} RvWinogradLanes;

extern const RvWinogradLanes rv__winograd_lanes_base, rv__winograd_lanes_avx2, rv__winograd_lanes_avx512;

#endif
