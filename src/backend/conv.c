/* conv.c -- one interface for the convolution kernels of oneDNN and our own. */
#include "conv.h"

static const RvConvClass *const classes[] = {
#define X(NAME, name) &rv__conv_##name,
  RV_CONV_KERNELS (X)
#undef X
};

const RvConvClass *
rv__conv_class (RvConvKernelKind kind)
{
  return classes[kind];
}

RvConv *
rv__conv_new (RvOnednn *onednn, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads)
{
  const RvConvClass *class = classes[kind];
  if (spec->groups > 1 && !class->has_groups)
    return NULL;
  gpointer kernel = class->open (onednn, rv__simd_best (), spec, n_threads);
  if (!kernel)
    return NULL;
  RvConv *conv = g_new0 (RvConv, 1);
  *conv = (RvConv){ *spec, kind, class, kernel };
  return conv;
}

void
rv__conv_free (RvConv *conv)
{
  if (!conv)
    return;
  conv->class->close (conv->kernel);
  g_free (conv);
}

const char *
rv__conv_name (const RvConv *conv)
{
  return conv->class->code ? conv->class->code : conv->class->code_of (conv->kernel);
}

double
rv__conv_rounding (const RvConv *conv)
{
  return conv->class->rounding_of ? conv->class->rounding_of (conv->kernel) : conv->class->rounding;
}

gsize
rv__conv_packed_bytes (const RvConv *conv)
{
  gboolean to_weights = conv->spec.direction == RV_CONV_BACKWARD_WEIGHTS;
  return to_weights ? 0 : conv->class->packed_bytes (conv->kernel);
}

gsize
rv__conv_scratch_bytes (const RvConv *conv)
{
  return conv->class->scratch_bytes (conv->kernel);
}

gboolean
rv__conv_supports_post_op (const RvConv *conv, RvPostOp post_op)
{
  gboolean forward = conv->spec.direction == RV_CONV_FORWARD;
  gboolean has_bits = post_op == RV_POST_OP_RELU_SAVE_MASK || post_op == RV_POST_OP_APPLY_MASK;
  int block = forward ? conv->spec.dst_block : conv->spec.src_block;
  return post_op == RV_POST_OP_NONE || (conv->class->fuses_post_op && block > (has_bits ? 4 : 1));
}

gboolean
rv__conv_pack (RvConv *conv, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed, GError **error)
{
  return conv->class->pack (conv->kernel, onednn, plain, is_last, packed, error);
}

gboolean
rv__conv_run (RvConv *conv, RvOnednn *onednn, const RvConvArgs *run, void *scratch)
{
  return conv->class->run (conv->kernel, onednn, run, scratch);
}
