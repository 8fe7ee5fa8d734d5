/* conv-onednn.c -- oneDNN's convolution kernels in several variants: native layout or copies, in strips of rows.
 * Backward-data runs as a forward convolution if oneDNN has fast code only for that. */
#include "conv-strips.h"
#include "base/alloc.h"
#include "base/error.h"
#include "conv-class.h"

#define WIDE_COLUMNS 5 /* columns of a wide kernel */

typedef struct {
  RvConvSpec spec;
  gboolean flipped; /* backward-data, computed as a forward convolution */
  RvConvStrips *strips;
} Kernel;

/* Whether to compute backward-data as a forward convolution; bf16 kernels always do. For a wide kernel with output in
 * plain rows, oneDNN has fast code only for the forward convolution. */
static gboolean
runs_as_forward (const RvConvSpec *spec, const RvOnednnVariant *variant)
{
  gboolean direct = variant->layout == RV_ONEDNN_NATIVE && variant->algorithm == RV_ONEDNN_DIRECT;
  return variant->bf16 || (direct && spec->direction == RV_CONV_BACKWARD_DATA && spec->dst_block == 1 &&
                           spec->weights.dim[3] >= WIDE_COLUMNS);
}

/* RvConvClass.open of one variant. (transfer full) (nullable): free with close_kernel(); @onednn (nullable) must
 * outlive it. @spec is copied. Computes backward-data as a forward convolution if runs_as_forward(), and
 * rv__conv_spec_to_forward() and the stride allow it. NULL without an error: no oneDNN, no such kernel in it, or bf16
 * that the processor lacks or that cannot run forward. */
static gpointer
open_variant (RvOnednn *onednn, const RvConvSpec *spec, int n_threads, const RvOnednnVariant *variant)
{
  RvConvSpec spec_run = *spec;
  gboolean can_flip = !rv__conv_spec_is_strided (spec) || spec->direction == RV_CONV_FORWARD;
  if (!onednn || (variant->bf16 && !rv__onednn_has_bf16 ()))
    return NULL;
  if (runs_as_forward (spec, variant) && !(can_flip && rv__conv_spec_to_forward (&spec_run)) && variant->bf16)
    return NULL;
  RvConvStrips *strips =
    rv__conv_strips_new (onednn, &spec_run, variant, rv__conv_strips_plan_rows (&spec_run, n_threads));
  if (!strips)
    return NULL;
  Kernel *kernel = g_new0 (Kernel, 1);
  *kernel = (Kernel){ *spec, spec_run.direction != spec->direction, strips };
  return kernel;
}

static void
close_kernel (gpointer kernel)
{
  rv__conv_strips_free (((Kernel *) kernel)->strips);
  g_free (kernel);
}

static RvConvKernel *
first_kernel (const Kernel *kernel)
{
  return rv__conv_strips_kernel (kernel->strips);
}

static const char *
code_of (gconstpointer kernel)
{
  return rv__conv_kernel_name (first_kernel (kernel));
}

static gsize
packed_bytes (gconstpointer kernel)
{
  return rv__conv_kernel_packed_bytes (first_kernel (kernel));
}

/* Bytes of scratch for weight gradients, which oneDNN writes packed; 0 for other directions. */
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

/* Writes weights [O, C, U, V] to @flipped, [C, O, U, V], each kernel flipped along both axes. */
static void
flip_weights (const RvShape *shape, const float *plain, float *flipped)
{
  gint64 O = shape->dim[0], C = shape->dim[1], UV = shape->dim[2] * shape->dim[3];
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < C; c++)
    for (gint64 o = 0; o < O; o++)
      for (gint64 k = 0; k < UV; k++)
        flipped[(c * O + o) * UV + k] = plain[(o * C + c) * UV + UV - 1 - k];
}

/* RvConvClass.pack. Packs plain weights [O, C, U, V] to @packed; flips them first if backward-data runs as a forward
 * convolution. @is_last: also frees oneDNN's packing buffers, after success. RV_ERROR_BACKEND if oneDNN failed.
 * After an error @packed is undefined. */
static gboolean
pack (gpointer data, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed, GError **error)
{
  Kernel *kernel = data;
  const RvShape *shape = &kernel->spec.weights;
  float *flipped = NULL;
  if (kernel->flipped) {
    flipped = rv__alloc ((gsize) rv_shape_count (shape) * sizeof (float), "the network's weights", error);
    if (!flipped)
      return FALSE;
    flip_weights (shape, plain, flipped);
  }
  gboolean ok = rv__conv_kernel_pack (first_kernel (kernel), onednn, flipped ? flipped : plain, packed);
  rv__free (flipped);
  if (!ok)
    rv__error_set (error, RV_ERROR_BACKEND, "oneDNN could not pack the network's weights");
  else if (is_last)
    rv__conv_kernel_end_packing (first_kernel (kernel));
  return ok;
}

/* RvConvClass.run. Weight gradients are unpacked from the scratch to args->weights. FALSE: oneDNN failed. */
static gboolean
run (gpointer data, RvOnednn *onednn, const RvConvArgs *args, void *scratch)
{
  Kernel *kernel = data;
  void *src = kernel->flipped ? args->dst : args->src, *dst = kernel->flipped ? args->src : args->dst;
  gsize in_scratch = packed_in_scratch_bytes (kernel);
  if (in_scratch == 0)
    return rv__conv_strips_run (kernel->strips, onednn, src, dst, args->packed, args->bias, scratch, args->cancellable);
  return rv__conv_strips_run (kernel->strips, onednn, src, dst, scratch, NULL, (guint8 *) scratch + in_scratch,
                              args->cancellable) &&
         rv__conv_kernel_unpack (first_kernel (kernel), onednn, scratch, args->weights);
}

#define CLASS(id, table_name, error, ...)                                                                              \
  static gpointer open_##id (RvOnednn *onednn, const RvSimd *simd, const RvConvSpec *spec, int n_threads)              \
  {                                                                                                                    \
    return open_variant (onednn, spec, n_threads, &(const RvOnednnVariant){ __VA_ARGS__ });                            \
  }                                                                                                                    \
  const RvConvClass rv__conv_##id = { .name = table_name,                                                              \
                                      .has_groups = TRUE,                                                              \
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
CLASS (plain, "plain", 1.1, RV_ONEDNN_DIRECT, RV_ONEDNN_PLAIN)
