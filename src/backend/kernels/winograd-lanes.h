/* winograd-lanes.h -- the transforms of winograd.c, one set for each width of vector registers and each kernel.
 * winograd-lanes.c is compiled once for each width. */
#ifndef RV_WINOGRAD_LANES_H
#define RV_WINOGRAD_LANES_H

#include "after.h"

#define RV_WINOGRAD_MAX_POINTS 225 /* and inputs */
#define RV_WINOGRAD_MAX_OUT 196    /* outputs of a tile */
#define RV_WINOGRAD_N_FORMS 12

typedef enum {
  RV_WINOGRAD_PLAIN,   /* stride 1 */
  RV_WINOGRAD_DOWN,    /* stride 2 */
  RV_WINOGRAD_UP_EVEN, /* its gradient to data, where the padding before is even, and where it is odd */
  RV_WINOGRAD_UP_ODD,
} RvWinogradKind;

/* Of one kernel; [2]: rows, columns. */
typedef struct {
  RvWinogradKind kind;
  gboolean large; /* in larger tiles: fewer products, half a digit less */
  int taps[2];
  int in[2]; /* a tile of x */
  int points[2];
  int out[2];      /* a tile of y */
  int step[2];     /* of x, from tile to tile */
  double rounding; /* as RvConvClass has it */

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
