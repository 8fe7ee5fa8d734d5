/* conv-winograd.c -- selection of the convolutions for our Winograd kernels. */
#include "conv-class.h"
#include "winograd.h"

/* Kind of transform for a convolution of stride 1 or 2; not for backward-weights. */
static RvWinogradKind
kind_of (const RvConvSpec *spec)
{
  return !rv__conv_spec_is_strided (spec)     ? RV_WINOGRAD_PLAIN
         : spec->direction == RV_CONV_FORWARD ? RV_WINOGRAD_DOWN
         : spec->pad.top % 2 == 0             ? RV_WINOGRAD_UP_EVEN
                                              : RV_WINOGRAD_UP_ODD;
}

/* Zero rows or columns before x. For backward-data of stride 2, rows 2 i and 2 i + 1 of y depend on rows i and i - 1
 * of x, shifted by half the padding. @pad: padding of the convolution. @turned_pad: of the equivalent forward
 * convolution. */
static int
zeros_before (RvWinogradKind kind, int pad, int turned_pad)
{
  return kind == RV_WINOGRAD_UP_EVEN ? 1 - pad / 2 : kind == RV_WINOGRAD_UP_ODD ? -(pad / 2) : turned_pad;
}

/* RvConvClass.open for both tile sizes. (transfer full) (nullable): free with g_free(); @spec is copied.
 * Backward-data is a forward convolution with flipped weights; with stride 2 it has a transform of its own. NULL
 * without an error: backward-weights, dilation, other strides, accumulation, an unsuitable layout or padding, or a
 * kernel size without a transform. */
static gpointer
open_tiles (const RvSimd *simd, const RvConvSpec *spec, gboolean large, int n_threads)
{
  RvConvSpec forward = *spec;
  RvWinogradKind kind = kind_of (spec);
  gboolean up = kind == RV_WINOGRAD_UP_EVEN || kind == RV_WINOGRAD_UP_ODD;
  if (!rv__conv_spec_to_forward (&forward) || spec->stride[0] != spec->stride[1] || spec->stride[0] > 2 ||
      spec->dilation[0] != 1 || spec->dilation[1] != 1 || (up && (spec->pad.top - spec->pad.left) % 2 != 0) ||
      forward.src_block != simd->lanes || forward.accumulate ||
      (forward.dst_block != forward.src_block && (forward.dst_block != 1 || forward.dst.dim[1] >= simd->lanes)))
    return NULL;
  RvWinogradSpec winograd = { .x = forward.src,
                              .y = forward.dst,
                              .taps = { (int) forward.weights.dim[2], (int) forward.weights.dim[3] },
                              .kind = kind,
                              .large = large,
                              .top = zeros_before (kind, spec->pad.top, forward.pad.top),
                              .left = zeros_before (kind, spec->pad.left, forward.pad.left),
                              .flipped = forward.direction != spec->direction,
                              .n_threads = n_threads };
  return rv__winograd_new (simd, &winograd);
}

static gpointer
open_small (RvOnednn *onednn, const RvSimd *simd, const RvConvSpec *spec, int n_threads)
{
  return open_tiles (simd, spec, FALSE, n_threads);
}

static gpointer
open_large (RvOnednn *onednn, const RvSimd *simd, const RvConvSpec *spec, int n_threads)
{
  return open_tiles (simd, spec, TRUE, n_threads);
}

static gboolean
pack (gpointer kernel, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed, GError **error)
{
  rv__winograd_pack (kernel, plain, packed);
  return TRUE;
}

static gboolean
run (gpointer kernel, RvOnednn *onednn, const RvConvArgs *args, void *scratch)
{
  rv__winograd_run (kernel, args, scratch);
  return TRUE;
}

#define CLASS(table_name, code_name, open_function)                                                                    \
  {                                                                                                                    \
    .name = table_name, .code = code_name, .fuses_post_op = TRUE, .open = open_function, .close = g_free,              \
    .rounding_of = rv__winograd_rounding, .packed_bytes = rv__winograd_packed_bytes,                                   \
    .scratch_bytes = rv__winograd_scratch_bytes, .pack = pack, .run = run                                              \
  }
const RvConvClass rv__conv_winograd = CLASS ("winograd", "our winograd", open_small);
const RvConvClass rv__conv_winograd_large = CLASS ("winograd-large", "our winograd-large", open_large);
