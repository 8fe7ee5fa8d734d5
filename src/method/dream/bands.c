/* bands.c -- a gradient's bands, from fine to coarse, each as strong as the others everywhere.
 *
 *   g_0 = g;  g_(k+1) = half (G1 g_k);  b_k = g_k - double (g_(k+1)), the last b = g
 *   b <- b / (sqrt (Gs (mean over colours of b^2)) + 0.3 rms (b));  b <- b / rms (b)
 *   g = b_0 + double (b_1 + double (b_2 + ...))
 *
 * G1, Gs: Gaussians of 1 and of local_px px of that size; half, double: bilinear. Without the middle line it is the
 * "Laplacian gradient normalization" of Mordvintsev's DeepDream tutorial for TensorFlow, where a band's strength is one
 * number: a strong eye then keeps the rest of the picture still. */
#include "base/alloc.h"
#include "base/blur.h"
#include "parts.h"
#include <math.h>

#define HALVING_SIGMA_PX 1.0
#define GLOBAL_PART 0.3 /* of the band's rms: where there is next to nothing it stays little */
#define SMALLEST_RMS 1e-30
#define MIN_SIDE_PX 2 /* of what is halved */

struct _RvDreamBands {
  const RvRows *rows;   /* each rank has its own */
  float *whole, *local; /* room for what is coarser at full size, and for how strong the band is in each place */
  double local_px;      /* 0: everywhere alike */

  /* What is coarser; NULL where nothing is. */
  RvRows *half_rows;
  float *half;
  RvDreamBands *coarser;
};

/* Whether there is something coarser. */
static gboolean
is_split (const RvRows *rows, int n_bands)
{
  return n_bands > 1 && MIN (rows->width, rows->height) >= MIN_SIDE_PX;
}

static gboolean
fill (RvDreamBands *bands, int n_bands, GError **error)
{
  const RvRows *rows = bands->rows;
  if (bands->local_px > 0 && !(bands->local = rv__rows_alloc (rows, 1, "a band's local strength", error)))
    return FALSE;
  if (!is_split (rows, n_bands))
    return TRUE;
  bands->half_rows = rv__rows_half (rows);
  bands->whole = rv__rows_alloc (rows, 3, "a band of the gradient", error);
  bands->half = bands->whole ? rv__rows_alloc (bands->half_rows, 3, "a band of the gradient", error) : NULL;
  bands->coarser = bands->half ? rv__dream_bands_new (bands->half_rows, n_bands - 1, bands->local_px, error) : NULL;
  return bands->coarser != NULL;
}

RvDreamBands *
rv__dream_bands_new (const RvRows *rows, int n_bands, double local_px, GError **error)
{
  RvDreamBands *bands = g_new0 (RvDreamBands, 1);
  bands->rows = rows;
  bands->local_px = local_px;
  if (!fill (bands, n_bands, error))
    g_clear_pointer (&bands, rv__dream_bands_free);
  return bands;
}

void
rv__dream_bands_free (RvDreamBands *bands)
{
  if (!bands)
    return;
  rv__dream_bands_free (bands->coarser);
  rv__rows_free (bands->half_rows);
  rv__free (bands->half);
  rv__free (bands->whole);
  rv__free (bands->local);
  g_free (bands);
}

/* The rms of a band, or next to nothing. */
static gboolean
rms (const RvRows *rows, const float *band, double *size, GError **error)
{
  gboolean ok = rv__rows_rms (rows, band, size, error);
  *size = ok ? MAX (*size, SMALLEST_RMS) : 1;
  return ok;
}

/* b <- factor b */
static void
multiply (const RvRows *rows, float *b, float factor)
{
  for (int c = 0; c < 3; c++) {
    RvSpan own = rv__rows_own (rows, c);
#pragma omp parallel for schedule(static)
    for (gint64 i = own.from; i < own.end; i++)
      b[i] *= factor;
  }
}

/* local <- the mean over colours of b^2 */
static void
find_strength (const RvDreamBands *bands, const float *b)
{
  gint64 plane = rv__rows_plane (bands->rows);
  RvSpan own = rv__rows_own (bands->rows, 0);
#pragma omp parallel for schedule(static)
  for (gint64 p = own.from; p < own.end; p++)
    bands->local[p] = (b[p] * b[p] + b[p + plane] * b[p + plane] + b[p + 2 * plane] * b[p + 2 * plane]) / 3;
}

/* b <- b / (sqrt (local) + least) */
static void
divide (const RvDreamBands *bands, float *b, float least)
{
  gint64 plane = rv__rows_plane (bands->rows);
  RvSpan own = rv__rows_own (bands->rows, 0);
#pragma omp parallel for schedule(static)
  for (gint64 p = own.from; p < own.end; p++) {
    float factor = 1 / (sqrtf (bands->local[p]) + least);
    for (int c = 0; c < 3; c++)
      b[p + c * plane] *= factor;
  }
}

/* b / (local rms + part of the whole's). */
static gboolean
even_out (const RvDreamBands *bands, float *b, GError **error)
{
  const RvRows *rows = bands->rows;
  double size;
  if (!rms (rows, b, &size, error))
    return FALSE;
  find_strength (bands, b);
  if (!rv__rows_around (rows, 1, bands->local, rv__blur_reach (bands->local_px), error) ||
      !rv__blur_rows (bands->local, bands->local, 1, rows->width, rows->height, rows->from, rows->end, bands->local_px,
                      error))
    return FALSE;
  divide (bands, b, (float) (GLOBAL_PART * size));
  return TRUE;
}

/* To an rms of 1. Very small numbers are brought there first: their squares may be none. */
static gboolean
normalize (const RvDreamBands *bands, float *b, GError **error)
{
  double first, last;
  if (!rms (bands->rows, b, &first, error))
    return FALSE;
  multiply (bands->rows, b, (float) (1 / first));
  if ((bands->local_px > 0 && !even_out (bands, b, error)) || !rms (bands->rows, b, &last, error))
    return FALSE;
  multiply (bands->rows, b, (float) (1 / last));
  return TRUE;
}

gboolean
rv__dream_bands (const RvDreamBands *bands, float *grad, GError **error)
{
  const RvRows *rows = bands->rows, *half_rows = bands->half_rows;
  float *half = bands->half, *whole = bands->whole;
  if (!bands->coarser)
    return normalize (bands, grad, error);
  if (!rv__rows_around (rows, 3, grad, rv__blur_reach (HALVING_SIGMA_PX), error) ||
      !rv__blur_rows (grad, whole, 3, rows->width, rows->height, rows->from, rows->end, HALVING_SIGMA_PX, error) ||
      !rv__rows_resize (rows, whole, half_rows, RV_RESIZE_BILINEAR, half, error) ||
      !rv__rows_resize (half_rows, half, rows, RV_RESIZE_BILINEAR, whole, error))
    return FALSE;
  rv__rows_add (rows, grad, -1, whole);
  if (!normalize (bands, grad, error) || !rv__dream_bands (bands->coarser, half, error) ||
      !rv__rows_resize (half_rows, half, rows, RV_RESIZE_BILINEAR, whole, error))
    return FALSE;
  rv__rows_add (rows, grad, 1, whole);
  return TRUE;
}

/* As rv__dream_bands() goes. */
gsize
rv__dream_bands_bytes (const RvRows *rows, int n_bands, double local_px)
{
  gsize bytes = local_px > 0 ? rv__rows_around_bytes (rows, 1, rv__blur_reach (local_px)) : 0;
  if (!is_split (rows, n_bands))
    return bytes;
  g_autoptr (RvRows) half = rv__rows_half (rows);
  return bytes + rv__rows_around_bytes (rows, 3, rv__blur_reach (HALVING_SIGMA_PX)) +
         rv__rows_resize_bytes (rows, half, RV_RESIZE_BILINEAR) +
         2 * rv__rows_resize_bytes (half, rows, RV_RESIZE_BILINEAR) +
         rv__dream_bands_bytes (half, n_bands - 1, local_px);
}

/* Planes of a third of the room at full size again for all that is coarser; and the rows around. */
gint64
rv__dream_bands_room (const RvRows *rows, double local_px)
{
  gint64 around = rv__blur_reach (local_px), kept = rv__rows_held_bytes (rows, 3, rv__blur_reach (HALVING_SIGMA_PX));
  if (local_px > 0)
    kept += rv__rows_held_bytes (rows, 1, around);
  return kept + 2 * kept / 3 + rv__rows_strips_bytes (rows, 1, around);
}
