/* conv-strips.c -- a convolution of oneDNN in strips of rows; the cancellable is checked between strips.
 *
 * A strip is a convolution of its own: some output rows, the input rows for them, and their part of the padding.
 * oneDNN's fast kernels need contiguous planes, and a strip's planes are not. Its rows are therefore copied in and out
 * through scratch, which is small enough for the caches. */
#include "conv-strips.h"
#include "simd.h"

#define SOON_FLOPS 1.9e9        /* work of one thread and one lane in about 0.15 s */
#define BUSY_BLOCKS 2           /* minimum of output blocks in conv_flops(): with fewer, memory limits the speed */
#define STRIP_BYTES (4u << 20)  /* rows copied for each thread */
#define STRIP_ROWS_PER_THREAD 8 /* minimum: the rows around a strip must not cost too much */

typedef struct {
  gint64 first, n; /* rows */
} Rows;

/* A strip. Strips with the same padding and numbers of rows use the same kernel. */
typedef struct {
  Rows src, dst;
  int top; /* padding */
  RvConvKernel *kernel;
} Strip;

struct _RvConvStrips {
  RvConvSpec spec;
  GArray *strips;     /* Strip */
  GPtrArray *kernels; /* RvConvKernel */
};

/* ---- number of strips -------------------------------------------------------------------------------------------- */

/* Channels rounded up to whole blocks. */
static gint64
padded_channels (gint64 channels)
{
  gint64 lanes = rv__simd_best ()->lanes;
  return rv__ceil_div (channels, lanes) * lanes;
}

/* Number of multiplications and additions, including those of channels that pad blocks. Inputs with fewer channels
 * than a block are not padded. */
static double
conv_flops (const RvConvSpec *spec)
{
  const gint64 *dst = spec->dst.dim, *weights = spec->weights.dim;
  gboolean forward = spec->direction == RV_CONV_FORWARD;
  gint64 lanes = rv__simd_best ()->lanes, reads = weights[forward], makes = weights[!forward];
  double pairs = (double) (reads < lanes ? reads : padded_channels (reads)) *
                 (double) MAX (padded_channels (makes), BUSY_BLOCKS * lanes);
  return 2 * (double) (dst[0] * dst[2] * dst[3] * weights[2] * weights[3]) * pairs;
}

gint64
rv__conv_strips_plan_rows (const RvConvSpec *spec, int n_threads)
{
  const gint64 *src = spec->src.dim, *dst = spec->dst.dim;
  if (spec->direction == RV_CONV_BACKWARD_WEIGHTS || spec->accumulate || dst[0] != 1 ||
      conv_flops (spec) < SOON_FLOPS * n_threads * rv__simd_best ()->lanes)
    return 0;
  gint64 height = spec->direction == RV_CONV_FORWARD ? dst[2] : src[2];
  double row_bytes =
    (double) (padded_channels (src[1]) * src[3] * spec->stride[0] + padded_channels (dst[1]) * dst[3]) * sizeof (float);
  gint64 rows =
    MAX ((gint64) (STRIP_BYTES * (double) n_threads / row_bytes), STRIP_ROWS_PER_THREAD * (gint64) n_threads);
  return rv__ceil_div (height, rv__ceil_div (height, rows));
}

/* ---- creation ---------------------------------------------------------------------------------------------------- */

/* The strip with result rows @rows: its input rows and its part of the padding; no kernel yet. */
static Strip
strip_from_rows (const RvConvSpec *spec, Rows rows)
{
  gint64 kernel = (spec->weights.dim[2] - 1) * spec->dilation[0] + 1; /* rows */
  gint64 stride = spec->stride[0], top = spec->pad.top, end = rows.first + rows.n;
  if (spec->direction == RV_CONV_FORWARD) {
    gint64 from = MAX (0, rows.first * stride - top), to = MIN (spec->src.dim[2], (end - 1) * stride - top + kernel);
    return (Strip){ { from, to - from }, rows, (int) (from - rows.first * stride + top), NULL };
  }
  gint64 from = MAX (0, rv__ceil_div (rows.first + top - kernel + 1, stride));
  gint64 to = MIN (spec->dst.dim[2], (end - 1 + top) / stride + 1);
  return (Strip){ rows, { from, to - from }, (int) (rows.first + top - from * stride), NULL };
}

/* Appends @strip, with the kernel of an equal strip or a new one, which @strips owns. FALSE without an error,
 * appending no strip: no rows, oneDNN has no kernel, or strips would change the bytes or need other packed weights. */
static gboolean
add_strip (RvConvStrips *strips, RvOnednn *onednn, const RvOnednnVariant *variant, Strip strip)
{
  RvConvSpec spec = strips->spec;
  if (strip.src.n < 1 || strip.dst.n < 1)
    return FALSE;
  gboolean whole = strip.src.n == spec.src.dim[2] && strip.dst.n == spec.dst.dim[2];
  if (!whole)
    spec.src_rows = spec.src.dim[2], spec.dst_rows = spec.dst.dim[2];
  spec.src.dim[2] = strip.src.n, spec.dst.dim[2] = strip.dst.n;
  spec.pad.top = strip.top;
  for (guint i = 0; !strip.kernel && i < strips->strips->len; i++) {
    const Strip *other = &g_array_index (strips->strips, Strip, i);
    if (other->src.n == strip.src.n && other->dst.n == strip.dst.n && other->top == strip.top)
      strip.kernel = other->kernel;
  }
  if (!strip.kernel) {
    strip.kernel = rv__conv_kernel_new (onednn, &spec, variant);
    if (!strip.kernel)
      return FALSE;
    g_ptr_array_add (strips->kernels, strip.kernel);
    /* The order of summation of matrix products and Winograd tiles depends on the number of rows. */
    const char *name = rv__conv_kernel_name (strip.kernel);
    gboolean keeps_bytes = g_str_has_prefix (name, "jit:") || g_str_has_prefix (name, "jit_1x1:");
    if (!whole && !(keeps_bytes && rv__conv_kernel_packs_alike (strip.kernel, rv__conv_strips_kernel (strips))))
      return FALSE;
    if (strips->kernels->len > 1) /* the first kernel packs the weights for all strips */
      rv__conv_kernel_end_packing (strip.kernel);
  }
  g_array_append_val (strips->strips, strip);
  return TRUE;
}

/* (transfer full) (nullable): strips of @rows result rows; 0 or less, or all rows: one strip. @spec is copied. NULL
 * without an error: add_strip() refused one. */
static RvConvStrips *
strips_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnVariant *variant, gint64 rows)
{
  gint64 height = spec->direction == RV_CONV_FORWARD ? spec->dst.dim[2] : spec->src.dim[2];
  RvConvStrips *strips = g_new0 (RvConvStrips, 1);
  strips->spec = *spec;
  strips->strips = g_array_new (FALSE, FALSE, sizeof (Strip));
  strips->kernels = g_ptr_array_new_with_free_func ((GDestroyNotify) rv__conv_kernel_free);
  gboolean ok = TRUE, all = rows <= 0 || rows >= height;
  if (all)
    ok =
      add_strip (strips, onednn, variant, (Strip){ { 0, spec->src.dim[2] }, { 0, spec->dst.dim[2] }, spec->pad.top });
  for (gint64 first = 0; ok && !all && first < height; first += rows)
    ok = add_strip (strips, onednn, variant, strip_from_rows (spec, (Rows){ first, MIN (rows, height - first) }));
  if (!ok)
    g_clear_pointer (&strips, rv__conv_strips_free);
  return strips;
}

RvConvStrips *
rv__conv_strips_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnVariant *variant, gint64 rows)
{
  RvConvStrips *strips = strips_new (onednn, spec, variant, rows);
  return strips || rows == 0 ? strips : strips_new (onednn, spec, variant, 0);
}

void
rv__conv_strips_free (RvConvStrips *strips)
{
  if (!strips)
    return;
  g_array_unref (strips->strips);
  g_ptr_array_unref (strips->kernels);
  g_free (strips);
}

RvConvKernel *
rv__conv_strips_kernel (const RvConvStrips *strips)
{
  return strips->kernels->pdata[0];
}

guint
rv__conv_strips_count (const RvConvStrips *strips)
{
  return strips->strips->len;
}

gsize
rv__conv_strips_scratch_bytes (const RvConvStrips *strips)
{
  gsize bytes = 0;
  for (guint i = 0; i < strips->kernels->len; i++)
    bytes = MAX (bytes, rv__conv_kernel_scratch_bytes (strips->kernels->pdata[i]));
  return bytes;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

static void *
row_address (void *data, const RvShape *shape, int block, gint64 row)
{
  return (float *) data + row * shape->dim[3] * block;
}

gboolean
rv__conv_strips_run (RvConvStrips *strips, RvOnednn *onednn, void *src, void *dst, void *weights, const float *bias,
                     void *scratch, GCancellable *cancellable)
{
  const RvConvSpec *spec = &strips->spec;
  for (guint i = 0; i < strips->strips->len && !g_cancellable_is_cancelled (cancellable); i++) {
    const Strip *strip = &g_array_index (strips->strips, Strip, i);
    if (!rv__conv_kernel_run (strip->kernel, onednn, row_address (src, &spec->src, spec->src_block, strip->src.first),
                              row_address (dst, &spec->dst, spec->dst_block, strip->dst.first), weights, bias, scratch))
      return FALSE;
  }
  return TRUE;
}
