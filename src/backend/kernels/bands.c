/* bands.c -- a convolution of oneDNN in strips of rows; the cancellable is checked between strips.
 *
 * A strip is a convolution of its own: some output rows, the input rows for them, and their part of the padding.
 * oneDNN's fast kernels need contiguous planes, and a strip's planes are not. Its rows are therefore copied in and out
 * through scratch, which is small enough for the caches. */
#include "bands.h"
#include "lanes.h"

#define SOON_FLOPS 1.9e9       /* work of one thread and one lane in about 0.15 s */
#define BUSY_BLOCKS 2          /* minimum of output blocks: with fewer, the processor waits for memory */
#define BAND_BYTES (4u << 20)  /* rows copied for each thread */
#define BAND_ROWS_PER_THREAD 8 /* minimum: the rows around a strip must not cost too much */

typedef struct {
  gint64 first, n; /* rows */
} Rows;

/* A strip. Strips with the same padding and number of rows share a kernel. */
typedef struct {
  Rows big, small;
  int top; /* padding */
  RvConvKernel *kernel;
} Band;

struct _RvBands {
  RvConvSpec spec;
  GArray *bands;      /* Band */
  GPtrArray *kernels; /* RvConvKernel */
};

static gint64
ceil_div (gint64 n, gint64 d)
{
  return (n + d - 1) / d;
}

/* ---- number of strips -------------------------------------------------------------------------------------------- */

/* Channels rounded up to whole blocks. */
static gint64
in_blocks (gint64 channels)
{
  gint64 lanes = rv__lanes_here ()->lanes;
  return ceil_div (channels, lanes) * lanes;
}

/* Multiplications and additions, including those wasted in blocks. Few input channels need no block. */
static double
flops_of (const RvConvSpec *spec)
{
  const gint64 *small = spec->small.dim, *weights = spec->weights.dim;
  gboolean forward = spec->direction == RV_CONV_FORWARD;
  gint64 lanes = rv__lanes_here ()->lanes, reads = weights[forward], makes = weights[!forward];
  double pairs =
    (double) (reads < lanes ? reads : in_blocks (reads)) * (double) MAX (in_blocks (makes), BUSY_BLOCKS * lanes);
  return 2 * (double) (small[0] * small[2] * small[3] * weights[2] * weights[3]) * pairs;
}

gint64
rv__bands_rows (const RvConvSpec *spec, int n_threads)
{
  const gint64 *big = spec->big.dim, *small = spec->small.dim;
  if (spec->direction == RV_CONV_BACKWARD_WEIGHTS || spec->accumulate || small[0] != 1 ||
      flops_of (spec) < SOON_FLOPS * n_threads * rv__lanes_here ()->lanes)
    return 0;
  gint64 height = spec->direction == RV_CONV_FORWARD ? small[2] : big[2];
  double row_bytes =
    (double) (in_blocks (big[1]) * big[3] * spec->stride[0] + in_blocks (small[1]) * small[3]) * sizeof (float);
  gint64 rows = MAX ((gint64) (BAND_BYTES * (double) n_threads / row_bytes), BAND_ROWS_PER_THREAD * (gint64) n_threads);
  return ceil_div (height, ceil_div (height, rows));
}

/* ---- creation ---------------------------------------------------------------------------------------------------- */

/* The strip whose output rows are @rows. */
static Band
band_of (const RvConvSpec *spec, Rows rows)
{
  gint64 kernel = spec->weights.dim[2], stride = spec->stride[0], top = spec->pad.top, end = rows.first + rows.n;
  if (spec->direction == RV_CONV_FORWARD) {
    gint64 from = MAX (0, rows.first * stride - top), to = MIN (spec->big.dim[2], (end - 1) * stride - top + kernel);
    return (Band){ { from, to - from }, rows, (int) (from - rows.first * stride + top), NULL };
  }
  gint64 from = MAX (0, ceil_div (rows.first + top - kernel + 1, stride));
  gint64 to = MIN (spec->small.dim[2], (end - 1 + top) / stride + 1);
  return (Band){ rows, { from, to - from }, (int) (rows.first + top - from * stride), NULL };
}

/* The kernel of an equal strip; NULL: there is none yet. */
static RvConvKernel *
kernel_of_another (const RvBands *bands, const Band *band)
{
  for (guint i = 0; i < bands->bands->len; i++) {
    const Band *other = &g_array_index (bands->bands, Band, i);
    if (other->big.n == band->big.n && other->small.n == band->small.n && other->top == band->top)
      return other->kernel;
  }
  return NULL;
}

/* Kernels whose order of summation does not depend on the number of rows. Matrix products and Winograd tiles do depend
 * on it and would change the bytes. */
static gboolean
sums_alike (const RvConvKernel *kernel)
{
  const char *name = rv__conv_kernel_name (kernel);
  return g_str_has_prefix (name, "jit:") || g_str_has_prefix (name, "jit_1x1:");
}

static gboolean
add_band (RvBands *bands, RvOnednn *onednn, const RvOnednnForm *form, Band band)
{
  RvConvSpec spec = bands->spec;
  if (band.big.n < 1 || band.small.n < 1)
    return FALSE;
  gboolean whole = band.big.n == spec.big.dim[2] && band.small.n == spec.small.dim[2];
  if (!whole)
    spec.big_rows = spec.big.dim[2], spec.small_rows = spec.small.dim[2];
  spec.big.dim[2] = band.big.n, spec.small.dim[2] = band.small.n;
  spec.pad.top = band.top;
  band.kernel = kernel_of_another (bands, &band);
  if (!band.kernel) {
    band.kernel = rv__conv_kernel_new (onednn, &spec, form);
    if (!band.kernel)
      return FALSE;
    g_ptr_array_add (bands->kernels, band.kernel);
    if (!whole && !(sums_alike (band.kernel) && rv__conv_kernel_packs_alike (band.kernel, rv__bands_kernel (bands))))
      return FALSE;
    if (bands->kernels->len > 1) /* the first one packs for all */
      rv__conv_kernel_end_packing (band.kernel);
  }
  g_array_append_val (bands->bands, band);
  return TRUE;
}

/* NULL: oneDNN does not support one of the strips. */
static RvBands *
new_bands (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnForm *form, gint64 rows)
{
  gint64 height = spec->direction == RV_CONV_FORWARD ? spec->small.dim[2] : spec->big.dim[2];
  RvBands *bands = g_new0 (RvBands, 1);
  bands->spec = *spec;
  bands->bands = g_array_new (FALSE, FALSE, sizeof (Band));
  bands->kernels = g_ptr_array_new_with_free_func ((GDestroyNotify) rv__conv_kernel_free);
  gboolean ok = TRUE, all = rows <= 0 || rows >= height;
  if (all)
    ok = add_band (bands, onednn, form, (Band){ { 0, spec->big.dim[2] }, { 0, spec->small.dim[2] }, spec->pad.top });
  for (gint64 first = 0; ok && !all && first < height; first += rows)
    ok = add_band (bands, onednn, form, band_of (spec, (Rows){ first, MIN (rows, height - first) }));
  if (!ok)
    g_clear_pointer (&bands, rv__bands_free);
  return bands;
}

RvBands *
rv__bands_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnForm *form, gint64 rows)
{
  RvBands *bands = new_bands (onednn, spec, form, rows);
  return bands || rows == 0 ? bands : new_bands (onednn, spec, form, 0);
}

void
rv__bands_free (RvBands *bands)
{
  if (!bands)
    return;
  g_array_unref (bands->bands);
  g_ptr_array_unref (bands->kernels);
  g_free (bands);
}

RvConvKernel *
rv__bands_kernel (const RvBands *bands)
{
  return bands->kernels->pdata[0];
}

guint
rv__bands_number (const RvBands *bands)
{
  return bands->bands->len;
}

gsize
rv__bands_scratch_bytes (const RvBands *bands)
{
  gsize bytes = 0;
  for (guint i = 0; i < bands->kernels->len; i++)
    bytes = MAX (bytes, rv__conv_kernel_scratch_bytes (bands->kernels->pdata[i]));
  return bytes;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

static void *
row_of (void *data, const RvShape *shape, int block, gint64 row)
{
  return (float *) data + row * shape->dim[3] * block;
}

gboolean
rv__bands_run (RvBands *bands, RvOnednn *onednn, void *big, void *small, void *weights, const float *bias,
               void *scratch, GCancellable *cancellable)
{
  const RvConvSpec *spec = &bands->spec;
  for (guint i = 0; i < bands->bands->len && !g_cancellable_is_cancelled (cancellable); i++) {
    const Band *band = &g_array_index (bands->bands, Band, i);
    if (!rv__conv_kernel_run (band->kernel, onednn, row_of (big, &spec->big, spec->big_block, band->big.first),
                              row_of (small, &spec->small, spec->small_block, band->small.first), weights, bias,
                              scratch))
      return FALSE;
  }
  return TRUE;
}
