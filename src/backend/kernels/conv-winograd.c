/* conv-winograd.c -- selection of the convolutions for our Winograd kernels. */
#include "conv-class.h"
#include "winograd.h"

static RvWinogradKind
kind_of (const RvConvSpec *spec)
{
  return !rv__conv_is_strided (spec)          ? RV_WINOGRAD_PLAIN
         : spec->direction == RV_CONV_FORWARD ? RV_WINOGRAD_DOWN
         : spec->pad.top % 2 == 0             ? RV_WINOGRAD_UP_EVEN
                                              : RV_WINOGRAD_UP_ODD;
}

/* Padding before x. For backward-data of stride 2, rows 2 i and 2 i + 1 of y depend on rows i and i - 1 of x, shifted
 * by half the padding. @pad: padding of the convolution. @turned_pad: of the equivalent forward convolution. */
static int
zeros_before (RvWinogradKind kind, int pad, int turned_pad)
{
  return kind == RV_WINOGRAD_UP_EVEN ? 1 - pad / 2 : kind == RV_WINOGRAD_UP_ODD ? -(pad / 2) : turned_pad;
}

/* Backward-data is a forward convolution with flipped weights; with stride 2 it has a transform of its own. */
static gpointer
open_tiles (const RvSimd *lanes, const RvConvSpec *spec, gboolean large, int n_threads)
{
  RvConvSpec as = *spec;
  RvWinogradKind kind = kind_of (spec);
  gboolean up = kind == RV_WINOGRAD_UP_EVEN || kind == RV_WINOGRAD_UP_ODD;
  if (!rv__conv_as_forward (&as) || spec->stride[0] != spec->stride[1] || spec->stride[0] > 2 ||
      spec->dilation[0] != 1 || spec->dilation[1] != 1 || (up && (spec->pad.top - spec->pad.left) % 2 != 0) ||
      as.src_block != lanes->lanes || as.accumulate ||
      (as.dst_block != as.src_block && (as.dst_block != 1 || as.dst.dim[1] >= lanes->lanes)))
    return NULL;
  RvWinogradSpec own = { .x = as.src,
                         .y = as.dst,
                         .taps = { (int) as.weights.dim[2], (int) as.weights.dim[3] },
                         .kind = kind,
                         .large = large,
                         .top = zeros_before (kind, spec->pad.top, as.pad.top),
                         .left = zeros_before (kind, spec->pad.left, as.pad.left),
                         .flipped = as.direction != spec->direction,
                         .n_threads = n_threads };
  return rv__winograd_new (lanes, &own);
}

static gpointer
open_small (RvOnednn *onednn, const RvSimd *lanes, const RvConvSpec *spec, int n_threads)
{
  return open_tiles (lanes, spec, FALSE, n_threads);
}

static gpointer
open_large (RvOnednn *onednn, const RvSimd *lanes, const RvConvSpec *spec, int n_threads)
{
  return open_tiles (lanes, spec, TRUE, n_threads);
}

static void
close_tiles (gpointer kernel)
{
  rv__winograd_free (kernel);
}

static gsize
packed_bytes (gconstpointer kernel)
{
  return rv__winograd_packed_bytes (kernel);
}

static gsize
scratch_bytes (gconstpointer kernel)
{
  return rv__winograd_scratch_bytes (kernel);
}

static gboolean
pack (gpointer kernel, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed, GError **error)
{
  rv__winograd_pack (kernel, plain, packed);
  return TRUE;
}

static gboolean
run (gpointer kernel, RvOnednn *onednn, const RvConvArgs *of, void *scratch)
{
  rv__winograd_run (kernel, of, scratch);
  return TRUE;
}

static double
rounding_of (gconstpointer kernel)
{
  return rv__winograd_rounding (kernel);
}

#define CLASS(table_name, code_name, open_function)                                                                    \
  {                                                                                                                    \
    .name = table_name, .code = code_name, .fuses_post_op = TRUE, .open = open_function, .close = close_tiles,         \
    .rounding_of = rounding_of, .packed_bytes = packed_bytes, .scratch_bytes = scratch_bytes, .pack = pack, .run = run \
  }
const RvConvClass rv__conv_winograd = CLASS ("winograd", "our winograd", open_small);
const RvConvClass rv__conv_winograd_large = CLASS ("winograd-large", "our winograd-large", open_large);
