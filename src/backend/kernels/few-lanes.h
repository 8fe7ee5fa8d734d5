/* few-lanes.h -- the inner loops of few.c, one set for each width of vector registers. few-lanes.c is compiled once for
 * each. */
#ifndef RV_FEW_LANES_H
#define RV_FEW_LANES_H

#include <glib.h>

#define RV_FEW_MAX_CHANNELS 4
#define RV_FEW_MAX_SUMS 12 /* that one pass over a row makes */
#define RV_FEW_MAX_TILE 8  /* outputs of a row that are made together */
#define RV_FEW_MAX_TAPS 32 /* of an axis */

/* A row of x, and the column from which a copy of it begins. */
typedef struct {
  const float *x; /* NULL: nothing is held */
  gint64 from;
} RvFewHeld;

/* Copies of what lies under the first and the last tile of a row, between zeros: a row of x is copied once for all taps
 * that meet it. */
typedef struct {
  float *copies;   /* [2][n_slots][n_blocks][span][lanes] */
  RvFewHeld *held; /* [2][n_slots]: of what */
  int n_slots;     /* taps of a column */
  gint64 span;     /* columns under a tile, at most */
} RvFewEdges;

/* One row of outputs from the rows of x under it. */
typedef struct {
  const float *const *x; /* [n_rows]: rows of x in its first block, of the taps that lie in it */
  const int *tap;        /* [n_rows]: which taps these are */
  const int *slot;       /* [n_rows]: where copies of these rows are held */
  int n_rows, n_blocks;
  gsize x_block_stride; /* floats */
  const gint64 *cols;   /* [n_cols]: columns of x under each tap, for output 0 */
  int n_cols;
  gint64 least_col, reach; /* the first of @cols, and from there to the last */
  gint64 x_cols, x_step;   /* columns of x; from one output to the next */
  const float *weights;    /* [row tap][block][column tap][channel][lanes] */
  const float *bias;       /* [channels], or NULL */
  const RvFewEdges *edges;
} RvFewRow;

typedef struct {
  int lanes;

  /* Outputs 0 .. n-1 of @channels channels, @y_step floats apart, of each channel @y_plane further on. */
  void (*to_few) (const RvFewRow *row, int channels, gint64 n, float *y, gint64 y_step, gint64 y_plane);

  /* sum[k][lanes] += sum over p of x[k][p * x_step] g[p][lanes], for n_sums <= RV_FEW_MAX_SUMS, sums @sum_stride
   * floats apart. */
  void (*weights) (const float *const *x, gint64 x_step, const float *g, gint64 n, int n_sums, float *sum,
                   gsize sum_stride);
} RvFewLanes;

extern const RvFewLanes rv__few_lanes_base, rv__few_lanes_avx2, rv__few_lanes_avx512;

#endif
