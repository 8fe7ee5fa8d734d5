/* outer-lanes.h -- SIMD loop of outer.c. outer-lanes.c is compiled once for each vector width. */
#ifndef RV_OUTER_LANES_H
#define RV_OUTER_LANES_H

#include <glib.h>

#define RV_OUTER_VECTORS 3 /* vectors of outputs at a time */

/* Operands: positions of x, pictures by rows by columns, and as many of g. Strides in floats. */
typedef struct {
  const float *x, *g;
  gint64 x_picture, x_row, x_col, g_picture, g_row; /* strides; columns of g are adjacent */
  gsize g_vector;                                   /* stride between vectors of outputs */
  gint64 n_pictures, n_rows, n_cols;
} RvOuterPlace;

typedef struct {
  int lanes;

  /* sum[l][vectors][lanes] += sum over positions of x[l] g[vector][lanes], for n_vectors <= RV_OUTER_VECTORS. Rows of
   * sum are
   * @sum_stride floats apart. */
  void (*add) (const RvOuterPlace *place, int n_vectors, float *sum, gsize sum_stride);
} RvOuterLanes;

extern const RvOuterLanes rv__outer_lanes_base, rv__outer_lanes_avx2, rv__outer_lanes_avx512;

#endif
