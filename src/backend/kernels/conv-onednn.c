/* conv-onednn.c -- oneDNN's convolution kernels in several variants: native layout or copies, in strips of rows, and
 * backward-data as a forward convolution if oneDNN has fast code only for that. */
#include "conv-strips.h"
#include "base/alloc.h"
#include "conv-class.h"

#define WIDE_COLUMNS 5 /* columns of a wide kernel */

typedef struct {
  RvConvSpec spec;
  gboolean turned; /* backward-data, computed as a forward convolution */
  RvConvStrips *strips;
} Kernel;

/* For backward-data from few channels with a wide kernel, oneDNN's fast code is forward only. */
static gboolean
is_wide_to_picture (const RvConvSpec *spec)
{
  return spec->direction == RV_CONV_BACKWARD_DATA && spec->dst_block == 1 && spec->weights.dim[3] >= WIDE_COLUMNS;
}

/* Whether to compute backward-data as a forward convolution; bf16 kernels always do. */
static gboolean
wants_turning (const RvConvSpec *spec, const RvOnednnVariant *form)
{
  gboolean direct = form->layout == RV_ONEDNN_NATIVE && form->algorithm == RV_ONEDNN_DIRECT;
  return form->bf16 || (direct && is_wide_to_picture (spec));
}

/* RvConvClass.open for variant @form. Turns backward-data into a forward convolution if wants_turning(); bf16 fails if
 * that is impossible. */
static gpointer
open_form (RvOnednn *onednn, const RvConvSpec *spec, int n_threads, const RvOnednnVariant *form)
{
  RvConvSpec as = *spec;
  gboolean can_turn = !rv__conv_is_strided (spec) || spec->direction == RV_CONV_FORWARD;
  if (!onednn || (form->bf16 && !rv__onednn_has_bf16 ()))
    return NULL;
  if (wants_turning (spec, form) && !(can_turn && rv__conv_as_forward (&as)) && form->bf16)
    return NULL;
  RvConvStrips *strips = rv__conv_strips_new (onednn, &as, form, rv__conv_strips_rows (&as, n_threads));
  if (!strips)
    return NULL;
  Kernel *kernel = g_new0 (Kernel, 1);
  *kernel = (Kernel){ *spec, as.direction != spec->direction, strips };
  return kernel;
}

static void
close_kernel (gpointer kernel)
{
  rv__conv_strips_free (((Kernel *) kernel)->strips);
  g_free (kernel);
}

static RvConvKernel *
code (const Kernel *kernel)
{
  return rv__conv_strips_kernel (kernel->strips);
}

static const char *
code_of (gconstpointer kernel)
{
  return rv__conv_kernel_name (code (kernel));
}

static gsize
packed_bytes (gconstpointer kernel)
{
  return rv__conv_kernel_packed_bytes (code (kernel));
}

/* oneDNN writes weight gradients packed; they go to the scratch. */
static gsize
packed_in_scratch_bytes (const Kernel *kernel)
{
  return kernel->spec.direction == RV_CONV_BACKWARD_WEIGHTS ? rv__aligned (packed_bytes (kernel)) : 0;
}

static gsize
scratch_bytes (gconstpointer kernel)
{
  return packed_in_scratch_bytes (kernel) + rv__conv_strips_scratch_bytes (((const Kernel *) kernel)->strips);
}

/* [O, C, U, V] weights to [C, O, U, V], flipped. */
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

/* RvConvClass.pack. Flips the weights first if the kernel is turned. @is_last: also frees the packing buffers. */
static gboolean
pack (gpointer data, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed, GError **error)
{
  Kernel *kernel = data;
  const RvShape *shape = &kernel->spec.weights;
  float *turned = NULL;
  if (kernel->turned) {
    turned = rv__alloc ((gsize) rv_shape_count (shape) * sizeof (float), "the network's weights", error);
    if (!turned)
      return FALSE;
    turn_weights (shape, plain, turned);
  }
  gboolean ok = rv__conv_kernel_pack (code (kernel), onednn, turned ? turned : plain, packed);
  rv__free (turned);
  if (!ok)
    g_set_error (error, RV_ERROR, RV_ERROR_BACKEND, "oneDNN could not pack the network's weights");
  else if (is_last)
    rv__conv_kernel_end_packing (code (kernel));
  return ok;
}

/* RvConvClass.run. Weight gradients are unpacked from the scratch to `weights`. */
static gboolean
run (gpointer data, RvOnednn *onednn, const RvConvArgs *of, void *scratch)
{
  Kernel *kernel = data;
  void *src = kernel->turned ? of->dst : of->src, *dst = kernel->turned ? of->src : of->dst;
  gsize in_scratch = packed_in_scratch_bytes (kernel);
  if (in_scratch == 0)
    return rv__conv_strips_run (kernel->strips, onednn, src, dst, of->packed, of->bias, scratch, of->cancellable);
  return rv__conv_strips_run (kernel->strips, onednn, src, dst, scratch, NULL, (guint8 *) scratch + in_scratch,
                              of->cancellable) &&
         rv__conv_kernel_unpack (code (kernel), onednn, scratch, of->weights);
}

#define CLASS(id, table_name, error, ...)                                                                              \
  static gpointer open_##id (RvOnednn *onednn, const RvSimd *lanes, const RvConvSpec *spec, int n_threads)             \
  {                                                                                                                    \
    return open_form (onednn, spec, n_threads, &(const RvOnednnVariant){ __VA_ARGS__ });                               \
  }                                                                                                                    \
  const RvConvClass rv__conv_##id = { .name = table_name,                                                              \
                                      .rounding = error,                                                               \
                                      .open = open_##id,                                                               \
                                      .close = close_kernel,                                                           \
                                      .code_of = code_of,                                                              \
                                      .packed_bytes = packed_bytes,                                                    \
                                      .scratch_bytes = scratch_bytes,                                                  \
                                      .pack = pack,                                                                    \
                                      .run = run };
CLASS (direct, "direct", 1.1, RV_ONEDNN_DIRECT, RV_ONEDNN_NATIVE)
CLASS (onednn_winograd, "onednn-winograd", 2, RV_ONEDNN_WINOGRAD, RV_ONEDNN_NATIVE)
CLASS (bf16, "bf16", 1e5, RV_ONEDNN_DIRECT, RV_ONEDNN_NATIVE, .bf16 = TRUE)
CLASS (channels_last, "channels-last", 1.1, RV_ONEDNN_DIRECT, RV_ONEDNN_CHANNELS_LAST)
CLASS (rows, "plain", 1.1, RV_ONEDNN_DIRECT, RV_ONEDNN_PLAIN)
