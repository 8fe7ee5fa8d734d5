/* bands.c -- frequency bands of a gradient, from fine to coarse, brought to the same strength everywhere.
 *
 *   g_0 = g;  g_(k+1) = half (G1 g_k);  b_k = g_k - double (g_(k+1)), the last b = g
 *   b <- b / (sqrt (Gs (mean over colours of b^2)) + 0.3 rms (b));  b <- b / rms (b)
 *   g = b_0 + double (b_1 + double (b_2 + ...))
 *
 * G1, Gs: Gaussians with sigma 1 and local_px, in px of the band; half, double: bilinear. Without the first division,
 * this is the "Laplacian gradient normalization" of Mordvintsev's DeepDream tutorial for TensorFlow. There, each band
 * has one strength, so that one strong shape, such as an eye, weakens the rest of the picture. */
#include "base/alloc.h"
#include "base/blur.h"
#include "transforms.h"
#include <math.h>

#define HALVING_SIGMA_PX 1.0
#define GLOBAL_PART 0.3 /* fraction of the band's rms that is added, so that empty areas stay weak */
#define SMALLEST_RMS 1e-30
#define MIN_SIDE_PX 2 /* minimum size of a band that is halved */

struct _RvDreamBands {
  int width, height;    /* px */
  int block_rows;       /* rows per partial sum: the same fraction of the picture in each band */
  float *whole, *local; /* workspace: coarser bands at full size; local strength of the band */
  double local_px;      /* 0: one strength for the whole band */

  /* half: workspace, the gradient at half size; coarser: the next coarser band; both NULL: none. */
  float *half;
  RvDreamBands *coarser;
};

static float *
alloc_planes (int n_planes, int width, int height, const char *what, GError **error)
{
  return rv__alloc ((gsize) n_planes * (gsize) width * (gsize) height * sizeof (float), what, error);
}

/* Creates bands as rv__dream_bands_new(), with partial sums of @block_rows rows. NULL: RV_ERROR_MEMORY. */
static RvDreamBands *
new_bands (int width, int height, int block_rows, int n_bands, double local_px, GError **error)
{
  int half_width = (width + 1) / 2, half_height = (height + 1) / 2;
  gboolean has_coarser = n_bands > 1 && MIN (width, height) >= MIN_SIDE_PX;
  RvDreamBands *bands = g_new0 (RvDreamBands, 1);
  *bands = (RvDreamBands){ .width = width, .height = height, .block_rows = block_rows, .local_px = local_px };
  if ((local_px > 0 && !(bands->local = alloc_planes (1, width, height, "a band's local strength", error))) ||
      (has_coarser && (!(bands->whole = alloc_planes (3, width, height, "a band of the gradient", error)) ||
                       !(bands->half = alloc_planes (3, half_width, half_height, "a band of the gradient", error)) ||
                       !(bands->coarser = new_bands (half_width, half_height, MAX (block_rows / 2, 1), n_bands - 1,
                                                     local_px, error)))))
    g_clear_pointer (&bands, rv__dream_bands_free);
  return bands;
}

RvDreamBands *
rv__dream_bands_new (int width, int height, int n_bands, double local_px, GError **error)
{
  return new_bands (width, height, RV_DREAM_BLOCK_ROWS, n_bands, local_px, error);
}

void
rv__dream_bands_free (RvDreamBands *bands)
{
  if (!bands)
    return;
  rv__dream_bands_free (bands->coarser);
  rv__free (bands->half);
  rv__free (bands->whole);
  rv__free (bands->local);
  g_free (bands);
}

/* Bytes of the full and the half size, and a third of the sum for all coarser bands. */
gint64
rv__dream_bands_bytes (gint64 plane_bytes, double local_px)
{
  gint64 planes = local_px > 0 ? 4 : 3;
  return planes * plane_bytes + 2 * planes * plane_bytes / 3;
}

static gint64
plane_of (const RvDreamBands *bands)
{
  return (gint64) bands->width * bands->height;
}

static double
rms (const RvDreamBands *bands, const float *band)
{
  return MAX (rv__dream_rms (band, bands->width, bands->height, bands->block_rows), SMALLEST_RMS);
}

static void
multiply (float *b, float factor, gint64 n)
{
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < n; i++)
    b[i] *= factor;
}

/* local <- the mean over colours of b^2. */
static void
compute_strength (const RvDreamBands *bands, const float *b)
{
  gint64 plane = plane_of (bands);
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < plane; p++)
    bands->local[p] = (b[p] * b[p] + b[p + plane] * b[p + plane] + b[p + 2 * plane] * b[p + 2 * plane]) / 3;
}

/* b <- b / (sqrt (local) + least). */
static void
divide (const RvDreamBands *bands, float *b, float least)
{
  gint64 plane = plane_of (bands);
#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < plane; p++) {
    float factor = 1 / (sqrtf (bands->local[p]) + least);
    for (int c = 0; c < 3; c++)
      b[p + c * plane] *= factor;
  }
}

/* b <- b / (local rms + GLOBAL_PART of the global rms). RV_ERROR_MEMORY. */
static gboolean
divide_by_local_rms (const RvDreamBands *bands, float *b, GError **error)
{
  double size = rms (bands, b);
  compute_strength (bands, b);
  if (!rv__blur (bands->local, bands->local, 1, bands->width, bands->height, bands->local_px, error))
    return FALSE;
  divide (bands, b, (float) (GLOBAL_PART * size));
  return TRUE;
}

/* Scales b to an rms of 1, with local_px also locally. The first scaling keeps the squares of very small numbers above
 * 0. RV_ERROR_MEMORY. */
static gboolean
normalize (const RvDreamBands *bands, float *b, GError **error)
{
  gint64 n = 3 * plane_of (bands);
  multiply (b, (float) (1 / rms (bands, b)), n);
  if (bands->local_px > 0 && !divide_by_local_rms (bands, b, error))
    return FALSE;
  multiply (b, (float) (1 / rms (bands, b)), n);
  return TRUE;
}

gboolean
rv__dream_bands (const RvDreamBands *bands, float *grad, GError **error)
{
  const RvDreamBands *coarser = bands->coarser;
  int width = bands->width, height = bands->height;
  float *half = bands->half, *whole = bands->whole;
  if (!coarser)
    return normalize (bands, grad, error);
  if (!rv__blur (grad, whole, 3, width, height, HALVING_SIGMA_PX, error))
    return FALSE;
  rv__resize_planes (whole, 3, height, width, RV_RESIZE_BILINEAR, half, coarser->height, coarser->width);
  rv__resize_planes (half, 3, coarser->height, coarser->width, RV_RESIZE_BILINEAR, whole, height, width);
  rv__dream_add (grad, -1, whole, 3 * plane_of (bands));
  if (!normalize (bands, grad, error) || !rv__dream_bands (coarser, half, error))
    return FALSE;
  rv__resize_planes (half, 3, coarser->height, coarser->width, RV_RESIZE_BILINEAR, whole, height, width);
  rv__dream_add (grad, 1, whole, 3 * plane_of (bands));
  return TRUE;
}
