/* conv.c -- one face for oneDNN's convolution kernels and our own. */
#include "conv.h"
#include "base/alloc.h"

#define WIDE_COLUMNS 5 /* of a kernel */

/* Backward to data with stride 1 is a forward convolution: of the output's gradient, by the weights turned about and
 * with their channels exchanged. Our Winograd is built so, and kernels of bf16, for which oneDNN has the fast ones
 * forward only. With a stride of 2 our Winograd's form has the way back. FALSE where it is none. */
static gboolean
turn (RvConvSpec *spec)
{
  const RvConvSpec as = *spec;
  const gint64 *kernel = as.weights.dim + 2;
  if (as.direction == RV_CONV_FORWARD)
    return TRUE;
  if (as.direction != RV_CONV_BACKWARD_DATA || as.dilation[0] != 1 || as.dilation[1] != 1 || as.pad.top >= kernel[0] ||
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

static gboolean
is_strided (const RvConvSpec *spec)
{
  return spec->stride[0] != 1 || spec->stride[1] != 1;
}

/* Backward from few channels through a wide kernel oneDNN's fast code is forward only as well. */
static gboolean
is_wide_to_picture (const RvConvSpec *spec)
{
  return spec->direction == RV_CONV_BACKWARD_DATA && spec->small_block == 1 && spec->weights.dim[3] >= WIDE_COLUMNS;
}

static RvWinogradKind
winograd_kind (const RvConvSpec *spec)
{
  if (!is_strided (spec))
    return RV_WINOGRAD_PLAIN;
  return spec->direction == RV_CONV_FORWARD ? RV_WINOGRAD_DOWN
         : spec->pad.top % 2 == 0           ? RV_WINOGRAD_UP_EVEN
                                            : RV_WINOGRAD_UP_ODD;
}

/* Backward the stride y's rows 2 i and 2 i + 1 come from rows i and i - 1 of x, half the padding further on. */
static int
winograd_pad (RvWinogradKind kind, int pad)
{
  return kind == RV_WINOGRAD_UP_EVEN ? 1 - pad / 2 : kind == RV_WINOGRAD_UP_ODD ? -(pad / 2) : pad;
}

/* @as: turned to forward, where it was not. */
static RvWinograd *
new_winograd (const RvConvSpec *spec, const RvConvSpec *as, gboolean large, int n_threads)
{
  const RvLanes *lanes = rv__lanes_here ();
  RvWinogradKind kind = winograd_kind (spec);
  gboolean up = kind == RV_WINOGRAD_UP_EVEN || kind == RV_WINOGRAD_UP_ODD;
  if (spec->stride[0] != spec->stride[1] || spec->stride[0] > 2 || spec->dilation[0] != 1 || spec->dilation[1] != 1 ||
      (up && (spec->pad.top - spec->pad.left) % 2 != 0) || as->big_block != lanes->lanes || as->accumulate ||
      (as->small_block != as->big_block && as->small_block != 1))
    return NULL;
  RvWinogradSpec own = { .x = as->big,
                         .y = as->small,
                         .taps = { (int) as->weights.dim[2], (int) as->weights.dim[3] },
                         .kind = kind,
                         .large = large,
                         .top = winograd_pad (kind, up ? spec->pad.top : as->pad.top),
                         .left = winograd_pad (kind, up ? spec->pad.left : as->pad.left),
                         .turned = as->direction != spec->direction,
                         .n_threads = n_threads };
  return rv__winograd_new (lanes, &own);
}

static RvBands *
new_onednn (RvOnednn *onednn, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads)
{
  const RvOnednnForm form = {
    .algorithm = kind == RV_CONV_KERNEL_ONEDNN_WINOGRAD ? RV_ONEDNN_WINOGRAD : RV_ONEDNN_DIRECT,
    .layout = kind == RV_CONV_KERNEL_CHANNELS_LAST ? RV_ONEDNN_CHANNELS_LAST
              : kind == RV_CONV_KERNEL_ROWS        ? RV_ONEDNN_ROWS
                                                   : RV_ONEDNN_AS_THEY_LIE,
    .bf16 = kind == RV_CONV_KERNEL_BF16,
  };
  if (!onednn || (form.bf16 && !rv__onednn_has_bf16 ()))
    return NULL;
  return rv__bands_new (onednn, spec, &form, rv__bands_rows (spec, n_threads));
}

RvConv *
rv__conv_new (RvOnednn *onednn, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads)
{
  g_autofree RvConv *conv = g_new0 (RvConv, 1);
  RvConvSpec built = *spec;
  conv->spec = *spec;
  conv->kind = kind;
  gboolean large = kind == RV_CONV_KERNEL_WINOGRAD_LARGE, winograd = kind == RV_CONV_KERNEL_WINOGRAD || large;
  gboolean wants_forward = winograd || kind == RV_CONV_KERNEL_BF16;
  gboolean can_turn = winograd || !is_strided (spec) || spec->direction == RV_CONV_FORWARD;
  if (wants_forward && !(can_turn && turn (&built)))
    return NULL;
  if (kind == RV_CONV_KERNEL_DIRECT && can_turn && is_wide_to_picture (spec))
    turn (&built);
  conv->turned = built.direction != spec->direction;
  if (winograd)
    conv->winograd = new_winograd (spec, &built, large, n_threads);
  else if (kind == RV_CONV_KERNEL_FEW)
    conv->few = rv__few_new (rv__lanes_here (), spec, n_threads);
  else if (kind == RV_CONV_KERNEL_GEMM)
    conv->gemm = rv__gemm_new (rv__lanes_here (), spec, n_threads);
  else if (kind == RV_CONV_KERNEL_OUTER)
    conv->outer = rv__outer_new (rv__lanes_here (), spec, n_threads);
  else
    conv->onednn = new_onednn (onednn, &built, kind, n_threads);
  return conv->winograd || conv->few || conv->gemm || conv->outer || conv->onednn ? g_steal_pointer (&conv) : NULL;
}

void
rv__conv_free (RvConv *conv)
{
  if (!conv)
    return;
  rv__bands_free (conv->onednn);
  rv__winograd_free (conv->winograd);
  rv__few_free (conv->few);
  rv__gemm_free (conv->gemm);
  rv__outer_free (conv->outer);
  g_free (conv);
}

const char *
rv__conv_name (const RvConv *conv)
{
  return conv->kind == RV_CONV_KERNEL_WINOGRAD_LARGE ? "our winograd-large"
         : conv->winograd                            ? "our winograd"
         : conv->few                                 ? "our few"
         : conv->gemm                                ? "our gemm"
         : conv->outer                               ? "our outer"
                                                     : rv__conv_kernel_name (rv__bands_kernel (conv->onednn));
}

/* To weights oneDNN writes them packed: into the scratch. */
static gsize
packed_in_scratch_bytes (const RvConv *conv)
{
  gboolean to_weights = conv->spec.direction == RV_CONV_BACKWARD_WEIGHTS;
  return conv->onednn && to_weights ? rv__aligned (rv__conv_kernel_packed_bytes (rv__bands_kernel (conv->onednn))) : 0;
}

gsize
rv__conv_packed_bytes (const RvConv *conv)
{
  if (conv->spec.direction == RV_CONV_BACKWARD_WEIGHTS)
    return 0;
  return conv->winograd ? rv__winograd_packed_bytes (conv->winograd)
         : conv->few    ? rv__few_packed_bytes (conv->few)
         : conv->gemm   ? rv__gemm_packed_bytes (conv->gemm)
                        : rv__conv_kernel_packed_bytes (rv__bands_kernel (conv->onednn));
}

gsize
rv__conv_scratch_bytes (const RvConv *conv)
{
  return conv->winograd ? rv__winograd_scratch_bytes (conv->winograd)
         : conv->few    ? rv__few_scratch_bytes (conv->few)
         : conv->gemm   ? rv__gemm_scratch_bytes (conv->gemm)
         : conv->outer  ? rv__outer_scratch_bytes (conv->outer)
                        : packed_in_scratch_bytes (conv) + rv__bands_scratch_bytes (conv->onednn);
}

gboolean
rv__conv_can_do_after (const RvConv *conv, RvAfter after)
{
  gboolean forward = conv->spec.direction == RV_CONV_FORWARD;
  gboolean has_bits = after == RV_AFTER_RELU_BITS || after == RV_AFTER_MASK;
  int block = forward ? conv->spec.small_block : conv->spec.big_block;
  return after == RV_AFTER_NOTHING || (!conv->onednn && block > (has_bits ? 4 : 1));
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

static gboolean
pack_onednn (RvConv *conv, RvOnednn *onednn, const float *plain, void *packed, GError **error)
{
  const RvShape *shape = &conv->spec.weights;
  float *turned = NULL;
  if (conv->turned) {
    turned = rv__alloc ((gsize) rv_shape_count (shape) * sizeof (float), "the network's weights", error);
    if (!turned)
      return FALSE;
    turn_weights (shape, plain, turned);
  }
  gboolean ok = rv__conv_kernel_pack (rv__bands_kernel (conv->onednn), onednn, turned ? turned : plain, packed);
  rv__free (turned);
  if (!ok)
    g_set_error (error, RV_ERROR, RV_ERROR_BACKEND, "oneDNN could not pack the network's weights");
  return ok;
}

gboolean
rv__conv_pack (RvConv *conv, RvOnednn *onednn, const float *plain, gboolean for_good, void *packed, GError **error)
{
  if (conv->winograd)
    rv__winograd_pack (conv->winograd, plain, packed);
  else if (conv->few)
    rv__few_pack (conv->few, plain, packed);
  else if (conv->gemm)
    rv__gemm_pack (conv->gemm, plain, packed);
  else if (!pack_onednn (conv, onednn, plain, packed, error))
    return FALSE;
  if (conv->onednn && for_good)
    rv__conv_kernel_end_packing (rv__bands_kernel (conv->onednn));
  return TRUE;
}

static gboolean
run_onednn (const RvConv *conv, RvOnednn *onednn, const RvConvRun *run, void *big, void *small, void *scratch)
{
  gsize packed_bytes = packed_in_scratch_bytes (conv);
  if (packed_bytes == 0)
    return rv__bands_run (conv->onednn, onednn, big, small, run->packed, run->bias, scratch, run->cancellable);
  return rv__bands_run (conv->onednn, onednn, big, small, scratch, NULL, (guint8 *) scratch + packed_bytes,
                        run->cancellable) &&
         rv__conv_kernel_unpack (rv__bands_kernel (conv->onednn), onednn, scratch, run->weights);
}

gboolean
rv__conv_run (RvConv *conv, RvOnednn *onednn, const RvConvRun *run, void *scratch)
{
  void *big = conv->turned ? run->small : run->big, *small = conv->turned ? run->big : run->small;
  gboolean forward = conv->spec.direction == RV_CONV_FORWARD,
           to_weights = conv->spec.direction == RV_CONV_BACKWARD_WEIGHTS;
  if (conv->onednn)
    return run_onednn (conv, onednn, run, big, small, scratch);
  if (conv->winograd)
    rv__winograd_run (conv->winograd, big, run->packed, run->bias, run->after, small, run->bits, scratch,
                      run->cancellable);
  else if (conv->few && to_weights)
    rv__few_run_weights (conv->few, big, small, run->weights, scratch, run->cancellable);
  else if (conv->few)
    rv__few_run (conv->few, forward ? big : small, run->packed, run->bias, forward ? small : big, scratch,
                 run->cancellable);
  else if (to_weights)
    rv__outer_run (conv->outer, big, small, run->weights, scratch, run->cancellable);
  else
    rv__gemm_run (conv->gemm, forward ? big : small, run->packed, run->bias, run->after, forward ? small : big,
                  run->bits, scratch, run->cancellable);
  return TRUE;
}
