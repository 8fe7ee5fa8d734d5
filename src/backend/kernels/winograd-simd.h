/* winograd-simd.h -- SIMD transforms of winograd.c: one set for each vector width and kernel size. winograd-simd.c is
 * compiled once for each width. */
#pragma once

#include "post-op.h"

#define RV_WINOGRAD_MAX_POINTS 225 /* also the maximum of a tile's inputs */
#define RV_WINOGRAD_MAX_OUT 196    /* outputs of a tile */
#define RV_WINOGRAD_N_TRANSFORMS 12

typedef enum {
  RV_WINOGRAD_PLAIN,   /* stride 1 */
  RV_WINOGRAD_DOWN,    /* stride 2 */
  RV_WINOGRAD_UP_EVEN, /* backward-data of stride 2, even padding at top and left */
  RV_WINOGRAD_UP_ODD,  /* backward-data of stride 2, odd padding at top and left */
} RvWinogradKind;

/* Transforms of one kernel size; [2]: rows, columns. */
typedef struct {
  RvWinogradKind kind;
  gboolean large; /* larger tiles: fewer products, half a digit less accurate */
  int taps[2];
  int in[2]; /* tile of x */
  int points[2];
  int out[2];      /* tile of y */
  int step[2];     /* in x, from tile to tile */
  double rounding; /* see RvConvClass.rounding */

  /* Transforms a tile of one channel block at @x. Rows are @row_stride floats apart, points @point_stride. */
  void (*transform_x) (const float *x, gsize row_stride, float *V, gsize point_stride);

  /* Transforms the weights [taps][vectors][lanes] of one input channel. Points in U are @point_stride floats apart. */
  void (*transform_w) (const float *w, int n_vectors, float *U, gsize point_stride);

  /* Transforms the points of one output vector to a tile of y, with rows @row_stride floats apart. Adds @bias (one
   * vector; NULL: none), then applies the post-op. @bits: of the tile's first element; rows are @row_stride bits
   * apart. */
  void (*transform_y) (const float *M, gsize point_stride, const float *bias, RvPostOp post_op, float *y, guint8 *bits,
                       gsize row_stride);
} RvWinogradTransform;

typedef struct {
  RvWinogradTransform transforms[RV_WINOGRAD_N_TRANSFORMS];
} RvWinogradSimd;

extern const RvWinogradSimd rv__winograd_simd_base, rv__winograd_simd_avx2, rv__winograd_simd_avx512;
