/* conv-spec.h -- description of a convolution, for all kernels.
 * Layer 3 (backend). */
#ifndef RV_CONV_SPEC_H
#define RV_CONV_SPEC_H

#include "op/op.h"

typedef enum { RV_CONV_FORWARD, RV_CONV_BACKWARD_DATA, RV_CONV_BACKWARD_WEIGHTS } RvConvDirection;

/* One convolution. `src` is its input or the input's gradient; `dst` is its output or the output's gradient. */
typedef struct {
  RvConvDirection direction;
  RvShape src, dst, weights;  /* [N, C, H, W], [N, O, Ho, Wo], [O, C, U, V] */
  int stride[2], dilation[2]; /* rows, columns; 1 or more */
  RvPad pad;
  int src_block, dst_block;  /* channels per block; 1: plain rows */
  gint64 src_rows, dst_rows; /* rows of the whole planes if the spec is a strip of them; else 0 */
  gboolean bias;             /* forward only */
  gboolean accumulate;       /* forward only: adds to the existing values */
} RvConvSpec;

/* Whether a stride is larger than 1. */
gboolean rv__conv_is_strided (const RvConvSpec *spec);

/* Rewrites backward-data of stride 1 as a forward convolution of the output's gradient, with flipped weights and
 * exchanged channels. A forward @spec is unchanged. FALSE for others: strided ones have a transform of their own. */
gboolean rv__conv_as_forward (RvConvSpec *spec);

#endif
