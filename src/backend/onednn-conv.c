/* onednn-conv.c -- one face for oneDNN's convolution kernels and our own. */
#include "base/alloc.h"
#include "onednn-conv.h"

/* Backward to data with stride 1 is a forward convolution: of the output's gradient, by the weights turned about and
 * with their channels exchanged. Our own kernels are built so, and those of bf16, for which oneDNN has the fast ones
 * forward only. FALSE where it is none. */
static gboolean
turn (RvConvSpec *spec)
{
  const RvConvSpec as = *spec;
  const gint64 *kernel = as.weights.dim + 2;
  if (as.direction == RV_CONV_FORWARD)
    return TRUE;
  if (as.direction != RV_CONV_BACKWARD_DATA || as.stride[0] != 1 || as.stride[1] != 1 || as.pad.top >= kernel[0] ||
      as.pad.left >= kernel[1])
    return FALSE;
  spec->direction = RV_CONV_FORWARD;
  spec->big = as.small, spec->small = as.big;
  spec->big_block = as.small_block, spec->small_block = as.big_block;
  spec->weights = rv_shape (4, as.weights.dim[1], as.weights.dim[0], kernel[0], kernel[1]);
  spec->pad.top = (int) kernel[0] - 1 - as.pad.top;
  spec->pad.left = (int) kernel[1] - 1 - as.pad.left;
  return TRUE;
}

gboolean
rv__conv_has_avx2 (void)
{
  return dnnl_get_effective_cpu_isa () >= dnnl_cpu_isa_avx2;
}

static RvWinograd *
new_winograd (const RvConvSpec *spec, int n_threads)
{
  if (spec->weights.dim[2] != 3 || spec->weights.dim[3] != 3 || spec->stride[0] != 1 || spec->stride[1] != 1 ||
      (spec->small_block != spec->big_block && spec->small_block != 1) || !rv__conv_has_avx2 ())
    return NULL;
  RvWinogradSpec own = {
    .x = spec->big, .y = spec->small, .top = spec->pad.top, .left = spec->pad.left, .n_threads = n_threads
  };
  return rv__winograd_new (spec->big_block, &own);
}

gboolean
rv__conv_has_bf16 (void)
{
  return dnnl_get_effective_cpu_isa () >= dnnl_cpu_isa_avx512_core_bf16;
}

gboolean
rv__conv_has_amx (void)
{
  return dnnl_get_effective_cpu_isa () >= dnnl_cpu_isa_avx512_core_amx;
}

RvConv *
rv__conv_new (dnnl_engine_t engine, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads)
{
  RvConv *conv = g_new0 (RvConv, 1);
  RvConvSpec built = *spec;
  conv->spec = *spec;
  conv->kind = kind;
  built.algorithm = kind == RV_CONV_KERNEL_ONEDNN_WINOGRAD ? RV_CONV_WINOGRAD : RV_CONV_DIRECT;
  built.layout = kind == RV_CONV_KERNEL_CHANNELS_LAST ? RV_CONV_CHANNELS_LAST
                 : kind == RV_CONV_KERNEL_ROWS        ? RV_CONV_ROWS
                                                      : RV_CONV_AS_THEY_LIE;
  built.bf16 = kind == RV_CONV_KERNEL_BF16;
  if (kind == RV_CONV_KERNEL_WINOGRAD && turn (&built))
    conv->winograd = new_winograd (&built, n_threads);
  else if (kind == RV_CONV_KERNEL_BF16 && turn (&built) && rv__conv_has_bf16 ())
    conv->onednn = rv__conv_kernel_new (engine, &built);
  else if (kind != RV_CONV_KERNEL_WINOGRAD && kind != RV_CONV_KERNEL_BF16)
    conv->onednn = rv__conv_kernel_new (engine, &built);
  conv->turned = built.direction != spec->direction;
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

const char *
rv__conv_name (const RvConv *conv)
{
  return conv->winograd ? "our winograd" : rv__conv_kernel_name (conv->onednn);
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

/* [O, C, U, V] weights to [C, O, U, V], turned about. */
static void
turn_weights (const RvShape *shape, const float *plain, float *turned)
{
  gint64 O = shape->dim[0], C = shape->dim[1], UV = shape->dim[2] * shape->dim[3];
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < C; c++)
    for (gint64 o = 0; o < O; o++)
      for (gint64 k = 0; k < UV; k++)
        turned[(c * O + o) * UV + k] = plain[(o * C + c) * UV + UV - 1 - k];
}

gboolean
rv__conv_pack (RvConv *conv, dnnl_stream_t stream, const float *plain, void *packed, GError **error)
{
  const RvShape *shape = &conv->spec.weights;
  float *turned = NULL;
  gboolean ok = TRUE;
  if (conv->turned) {
    turned = rv__alloc ((gsize) rv_shape_count (shape) * sizeof (float), "the network's weights", error);
    if (!turned)
      return FALSE;
    turn_weights (shape, plain, turned);
  }
  if (conv->winograd) {
    rv__winograd_pack (conv->winograd, turned ? turned : plain, packed);
  } else {
    ok = rv__conv_kernel_pack (conv->onednn, stream, turned ? turned : plain, packed);
    rv__conv_kernel_end_packing (conv->onednn);
  }
  rv__free (turned);
  if (!ok)
    g_set_error (error, RV_ERROR, RV_ERROR_BACKEND, "oneDNN could not pack the network's weights");
  return ok;
}

gboolean
rv__conv_run (RvConv *conv, dnnl_stream_t stream, const RvConvRun *run, void *scratch)
{
  void *big = conv->turned ? run->small : run->big, *small = conv->turned ? run->big : run->small;
  if (conv->onednn)
    return rv__conv_kernel_run (conv->onednn, stream, big, small, run->packed, run->bias, scratch);
  rv__winograd_run (conv->winograd, big, run->packed, run->bias, run->after, small, run->bits, scratch);
  return TRUE;
}
