/* outer-lanes.h -- the inner loop of outer.c, one for each width of vector registers. outer-lanes.c is compiled once
 * for each. */
#ifndef RV_OUTER_LANES_H
#define RV_OUTER_LANES_H

#include <glib.h>

#define RV_OUTER_VECTORS 3 /* of outputs, at a time */

/* Positions of x, pictures by rows by columns, and as many of g; in floats. */
typedef struct {
  const float *x, *g;
  gint64 x_picture, x_row, x_col, g_picture, g_row; /* from one to the next; g's columns lie side by side */
  gsize g_vector;                                   /* from one vector of outputs to the next */
  gint64 n_pictures, n_rows, n_cols;
} RvOuterPlace;

typedef struct {
  int lanes;

  /* sum[l][vectors][lanes], rows @sum_stride floats apart, += sum over positions of x[l] g[vector][lanes], for
   * n_vectors <= RV_OUTER_VECTORS. */
  void (*add) (const RvOuterPlace *place, int n_vectors, float *sum, gsize sum_stride);
} RvOuterLanes;

extern const RvOuterLanes rv__outer_lanes_base, rv__outer_lanes_avx2, rv__outer_lanes_avx512;

#endif
