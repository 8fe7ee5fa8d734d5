/* winograd-lanes.h -- the transforms of winograd.c, one set for each width of vector registers and each kernel.
 * winograd-lanes.c is compiled once for each width. */
#ifndef RV_WINOGRAD_LANES_H
#define RV_WINOGRAD_LANES_H

#include "after.h"

#define RV_WINOGRAD_MAX_POINTS 64
#define RV_WINOGRAD_MAX_OUT 36 /* outputs of a tile */
#define RV_WINOGRAD_N_FORMS 6

/* Of one kernel; [2]: rows, columns. A tile of x has out + taps - 1 of each, and as many points. */
typedef struct {
  int taps[2];
  int out[2];     /* a tile of y */
  gboolean large; /* than another's of such a kernel */

  /* A tile of one channel block at @x, rows @row_stride floats apart, to its points, @point_stride apart. */
  void (*transform_x) (const float *x, gsize row_stride, float *V, gsize point_stride);

  /* The weights [taps][vectors][lanes] of one input channel to their points. */
  void (*transform_w) (const float *w, int n_vectors, float *U, gsize point_stride);

  /* The points of one output vector to a tile of y, rows @row_stride floats apart, with @bias (one vector; NULL: none).
   * @bits: of the tile's first element; rows lie @row_stride bits apart. */
  void (*transform_y) (const float *M, gsize point_stride, const float *bias, RvAfter after, float *y, guint8 *bits,
                       gsize row_stride);
} RvWinogradForm;

typedef struct {
  int lanes;
  RvWinogradForm forms[RV_WINOGRAD_N_FORMS];
} RvWinogradLanes;

extern const RvWinogradLanes rv__winograd_lanes_base, rv__winograd_lanes_avx2, rv__winograd_lanes_avx512;

#endif
