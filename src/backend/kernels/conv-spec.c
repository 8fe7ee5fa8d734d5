/* conv-spec.c -- description of a convolution, and backward-data as a forward convolution. */
#include "conv-spec.h"

gboolean
rv__conv_spec_is_strided (const RvConvSpec *spec)
{
  return spec->stride[0] != 1 || spec->stride[1] != 1;
}

gboolean
rv__conv_spec_to_forward (RvConvSpec *spec)
{
  const RvConvSpec as = *spec;
  const gint64 *kernel = as.weights.dim + 2;
  if (as.direction == RV_CONV_FORWARD)
    return TRUE;
  if (as.direction != RV_CONV_BACKWARD_DATA || as.dilation[0] != 1 || as.dilation[1] != 1 || as.groups > 1 ||
      as.pad.top >= kernel[0] || as.pad.left >= kernel[1])
    return FALSE;
  spec->direction = RV_CONV_FORWARD;
  spec->src = as.dst, spec->dst = as.src;
  spec->src_block = as.dst_block, spec->dst_block = as.src_block;
  spec->weights = rv_shape (4, as.weights.dim[1], as.weights.dim[0], kernel[0], kernel[1]);
  spec->pad.top = (int) kernel[0] - 1 - as.pad.top;
  spec->pad.left = (int) kernel[1] - 1 - as.pad.left;
  return TRUE;
}
