/* onednn-conv.c -- one face for oneDNN's convolution kernels and our own. */
#include "onednn-conv.h"

static RvWinograd *
new_winograd (const RvConvSpec *spec, int n_threads)
{
  gboolean forward = spec->direction == RV_CONV_FORWARD;
  if (spec->weights.dim[2] != 3 || spec->weights.dim[3] != 3 || spec->stride[0] != 1 || spec->stride[1] != 1 ||
      spec->direction == RV_CONV_BACKWARD_WEIGHTS || spec->big_block != spec->small_block ||
      dnnl_get_effective_cpu_isa () < dnnl_cpu_isa_avx2)
    return NULL;
  RvWinogradSpec own = { .x = forward ? spec->big : spec->small,
                         .y = forward ? spec->small : spec->big,
                         .top = forward ? spec->pad.top : 2 - spec->pad.top,
                         .left = forward ? spec->pad.left : 2 - spec->pad.left,
                         .n_threads = n_threads };
  return rv__winograd_new (spec->big_block, &own);
}

RvConv *
rv__conv_new (dnnl_engine_t engine, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads)
{
  RvConv *conv = g_new0 (RvConv, 1);
  conv->spec = *spec;
  conv->spec.algorithm = kind == RV_CONV_KERNEL_ONEDNN_WINOGRAD ? RV_CONV_WINOGRAD : RV_CONV_DIRECT;
  conv->kind = kind;
  if (kind == RV_CONV_KERNEL_WINOGRAD)
    conv->winograd = new_winograd (spec, n_threads);
  else
    conv->onednn = rv__conv_kernel_new (engine, &conv->spec);
  if (!conv->winograd && !conv->onednn)
    g_clear_pointer (&conv, rv__conv_free);
  return conv;
}

void
rv__conv_free (RvConv *conv)
{
  if (!conv)
    return;
  rv__conv_kernel_free (conv->onednn);
  rv__winograd_free (conv->winograd);
  g_free (conv);
}

gsize
rv__conv_packed_bytes (const RvConv *conv)
{
  return conv->winograd ? rv__winograd_packed_bytes (conv->winograd) : rv__conv_kernel_packed_bytes (conv->onednn);
}

gsize
rv__conv_scratch_bytes (const RvConv *conv)
{
  return conv->winograd ? rv__winograd_scratch_bytes (conv->winograd) : rv__conv_kernel_scratch_bytes (conv->onednn);
}

gboolean
rv__conv_pack (RvConv *conv, dnnl_stream_t stream, const float *plain, void *packed)
{
  if (conv->winograd) {
    rv__winograd_pack (conv->winograd, plain, conv->spec.direction == RV_CONV_BACKWARD_DATA, packed);
    return TRUE;
  }
  gboolean ok = rv__conv_kernel_pack (conv->onednn, stream, plain, packed);
  rv__conv_kernel_end_packing (conv->onednn);
  return ok;
}

gboolean
rv__conv_run (RvConv *conv, dnnl_stream_t stream, const RvConvRun *run, void *scratch)
{
  if (conv->onednn)
    return rv__conv_kernel_run (conv->onednn, stream, run->big, run->small, run->packed, run->bias, scratch);
  gboolean forward = conv->spec.direction == RV_CONV_FORWARD;
  rv__winograd_run (conv->winograd, forward ? run->big : run->small, run->packed, run->bias, run->after,
                    forward ? run->small : run->big, run->bits, scratch);
  return TRUE;
}
