/* conv-spec.h -- description of a convolution, for all kernels.
 * Layer 3 (backend). */
#pragma once

#include "op/op.h"

typedef enum { RV_CONV_FORWARD, RV_CONV_BACKWARD_DATA, RV_CONV_BACKWARD_WEIGHTS } RvConvDirection;

/* One convolution. `src` is its input or the input's gradient; `dst` is its output or the output's gradient. */
typedef struct {
  RvConvDirection direction;
  RvShape src, dst, weights;  /* [N, C, H, W], [N, O, Ho, Wo], [O, C / groups, U, V] */
  int groups;                 /* number of channel groups, convolved separately; 0 or 1: one group */
  int stride[2], dilation[2]; /* rows, columns; 1 or more */
  RvPad pad;
  int src_block, dst_block;  /* channels per block; 1: plain rows */
  gint64 src_rows, dst_rows; /* rows of the whole planes if the spec is a strip of them; else 0 */
  gboolean bias;             /* forward only */
  gboolean accumulate;       /* forward only: adds to the existing values */
  gboolean gram;             /* backward-weights of a 1 x 1 kernel only: src and dst are the same value */
} RvConvSpec;

/* @n / @d, rounded up for @n >= 0; else 0 or less. */
static inline gint64
rv__ceil_div (gint64 n, gint64 d)
{
  return (n + d - 1) / d;
}

/* Whether the stride of rows or columns is larger than 1. */
gboolean rv__conv_spec_is_strided (const RvConvSpec *spec);

/* Rewrites @spec, backward-data of stride 1, as a forward convolution of the output's gradient, with exchanged
 * channels: TRUE. The caller must flip the weights, and check the strides. A forward @spec stays as it is: TRUE. FALSE,
 * no error, and unchanged: backward-weights, dilation, groups, or padding at top or left of the kernel's size or more.
 * pad.bottom and pad.right stay. */
gboolean rv__conv_spec_to_forward (RvConvSpec *spec);
