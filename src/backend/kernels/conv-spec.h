/* conv-spec.h -- what a convolution is, to all kernels.
 * Layer 3 (backend). */
#ifndef RV_CONV_SPEC_H
#define RV_CONV_SPEC_H

#include "op/op.h"

typedef enum { RV_CONV_FORWARD, RV_CONV_BACKWARD_DATA, RV_CONV_BACKWARD_WEIGHTS } RvConvDirection;

/* One convolution. `big` is its input, or the input's gradient; `small` its output, or the output's gradient. */
typedef struct {
  RvConvDirection direction;
  RvShape big, small, weights; /* [N, C, H, W], [N, O, Ho, Wo], [O, C, U, V] */
  int stride[2], dilation[2];  /* rows, columns; 1 or more */
  RvPad pad;
  int big_block, small_block;  /* channel blocks; 1: plain rows */
  gint64 big_rows, small_rows; /* of the planes that they are a band of; 0: they are whole */
  gboolean bias;               /* of forward */
  gboolean accumulate;         /* of forward: adds to what is there */
} RvConvSpec;

gboolean rv__conv_is_strided (const RvConvSpec *spec);

/* rv__conv_turn: backward to data with stride 1 is a forward convolution: of the output's gradient, by the weights
 * turned about and with their channels exchanged. @spec becomes that, stays what it is where it is forward; FALSE where
 * it is none. With a stride, the caller has a form for it. */
gboolean rv__conv_turn (RvConvSpec *spec);

#endif
