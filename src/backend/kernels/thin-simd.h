/* thin-simd.h -- SIMD loops of thin.c, thin convolutions: one set for each vector width. thin-simd.c is compiled once
 * for each. */
#pragma once

#include <glib.h>

#define RV_THIN_MAX_CHANNELS 4
#define RV_THIN_MAX_SUMS 12 /* sums in one pass over a row */
#define RV_THIN_MAX_TILE 8  /* outputs of a row that are computed together */
#define RV_THIN_MAX_TAPS 32 /* taps of an axis */

/* A row of x, cached from column `from` on. */
typedef struct {
  const float *x; /* NULL: empty */
  gint64 from;
} RvThinCachedRow;

/* Zero-padded copies of x under the first and the last tile of a row. One copy serves all taps that use the row. */
typedef struct {
  float *copies;           /* [2][n_slots][n_blocks][span][lanes] */
  RvThinCachedRow *cached; /* [2][n_slots]: rows in @copies */
  int n_slots;             /* taps of a column */
  gint64 span;             /* maximum of columns under a tile */
} RvThinEdges;

/* One row of outputs, and the rows of x for it. */
typedef struct {
  const float *const *x; /* [n_rows]: rows of x in its first block, for taps within x */
  const int *tap;        /* [n_rows]: tap indices */
  const int *slot;       /* [n_rows]: slots of the copies */
  int n_rows, n_blocks;
  gsize x_block_stride; /* floats */
  const gint64 *cols;   /* [n_cols]: column of x under each tap, for output 0 */
  int n_cols;
  gint64 min_col, reach; /* smallest of @cols, and distance from it to the largest */
  gint64 x_cols, x_step; /* columns of x; step in x between outputs */
  const float *weights;  /* [row tap][block][column tap][channel][lanes] */
  const float *bias;     /* [channels], or NULL */
  const RvThinEdges *edges;
} RvThinRow;

typedef struct {
  /* Computes outputs 0 .. n-1 of @channels channels. Outputs are @y_step floats apart, channels @y_plane. */
  void (*to_thin) (const RvThinRow *row, int channels, gint64 n, float *y, gint64 y_step, gint64 y_plane);

  /* sum[k][lanes] += sum over p of x[k][p * x_step] g[p][lanes], n_sums <= RV_THIN_MAX_SUMS. Stride of sum:
   * @sum_stride. */
  void (*weights) (const float *const *x, gint64 x_step, const float *g, gint64 n, int n_sums, float *sum,
                   gsize sum_stride);
} RvThinSimd;

extern const RvThinSimd rv__thin_simd_base, rv__thin_simd_avx2, rv__thin_simd_avx512;
