/* wgrad-simd.h -- SIMD loop of wgrad.c. wgrad-simd.c is compiled once for each vector width. */
#pragma once

#include <glib.h>

#define RV_WGRAD_VECTORS 3 /* vectors of outputs at a time */

/* Operands x and g at n_pictures * n_rows * n_cols positions. Strides are in floats. */
typedef struct {
  const float *x, *g;
  gint64 x_picture, x_row, x_col, g_picture, g_row; /* strides; columns of g are adjacent */
  gsize g_vector;                                   /* stride between vectors of outputs */
  gint64 n_pictures, n_rows, n_cols;
} RvWgradOperands;

typedef struct {
  /* sum[l][vectors][lanes] += sum over positions of x[l] g[vector][lanes], for n_vectors <= RV_WGRAD_VECTORS. Rows of
   * sum are @sum_stride floats apart. */
  void (*add) (const RvWgradOperands *operands, int n_vectors, float *sum, gsize sum_stride);
} RvWgradSimd;

extern const RvWgradSimd rv__wgrad_simd_base, rv__wgrad_simd_avx2, rv__wgrad_simd_avx512;
