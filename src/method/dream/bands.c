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

/* A band, of which each rank has its rows. */
typedef struct {
  const RvRows *rows;
  float *at; /* three planes */
} Band;

static float *
new_band (const RvRows *rows, GError **error)
{
  return rv__rows_alloc (rows, 3, "a band of the gradient", error);
}

/* @to, of other sides, becomes @from. */
static gboolean
resize (const Band *from, const Band *to, GError **error)
{
  return rv__rows_resize (from->rows, from->at, to->rows, RV_RESIZE_BILINEAR, to->at, error);
}

static gboolean
rms (const Band *band, double *size, GError **error)
{
  gboolean ok = rv__rows_rms (band->rows, band->at, size, error);
  *size = ok ? MAX (*size, SMALLEST_RMS) : 1;
  return ok;
}

/* b <- factor b */
static void
multiply (const Band *band, float factor)
{
  for (int c = 0; c < 3; c++)
    for (gint64 i = rv__rows_own (band->rows, c).from; i < rv__rows_own (band->rows, c).end; i++)
      band->at[i] *= factor;
}

/* b / (local rms + part of the whole's). */
static gboolean
even_out (const Band *band, double local_px, GError **error)
{
  const RvRows *rows = band->rows;
  gint64 plane = rv__rows_plane (rows);
  RvSpan own = rv__rows_own (rows, 0);
  float *b = band->at;
  double whole;
  float *local = rv__rows_alloc (rows, 1, "a band's local strength", error);
  if (!local || !rms (band, &whole, error)) {
    rv__free (local);
    return FALSE;
  }
  float least = (float) (GLOBAL_PART * whole);
  for (gint64 p = own.from; p < own.end; p++)
    local[p] = (b[p] * b[p] + b[p + plane] * b[p + plane] + b[p + 2 * plane] * b[p + 2 * plane]) / 3;
  gboolean ok = rv__rows_around (rows, 1, local, rv__blur_reach (local_px), error) &&
                rv__blur_rows (local, local, 1, rows->width, rows->height, rows->from, rows->end, local_px, error);
  for (gint64 p = own.from; ok && p < own.end; p++) {
    float factor = 1 / (sqrtf (local[p]) + least);
    for (int c = 0; c < 3; c++)
      b[p + c * plane] *= factor;
  }
  rv__free (local);
  return ok;
}

/* To an rms of 1. Very small numbers are brought there first: their squares may be none. */
static gboolean
normalize (const Band *band, double local_px, GError **error)
{
  double first, last;
  if (!rms (band, &first, error))
    return FALSE;
  multiply (band, (float) (1 / first));
  if ((local_px > 0 && !even_out (band, local_px, error)) || !rms (band, &last, error))
    return FALSE;
  multiply (band, (float) (1 / last));
  return TRUE;
}

/* Whether there is something coarser. */
static gboolean
is_split (const RvRows *rows, int n_bands)
{
  return n_bands > 1 && MIN (rows->width, rows->height) >= MIN_SIDE_PX;
}

static gboolean split (const Band *band, int n_bands, double local_px, GError **error);

/* Into the finest band and what is coarser, @half of it in each direction; @whole: room for that at full size. */
static gboolean
split_in (const Band *band, const Band *half, const Band *whole, int n_bands, double local_px, GError **error)
{
  const RvRows *rows = band->rows;
  if (!rv__rows_around (rows, 3, band->at, rv__blur_reach (HALVING_SIGMA_PX), error) ||
      !rv__blur_rows (band->at, whole->at, 3, rows->width, rows->height, rows->from, rows->end, HALVING_SIGMA_PX,
                      error) ||
      !resize (whole, half, error) || !resize (half, whole, error))
    return FALSE;
  rv__rows_add (rows, band->at, -1, whole->at);
  if (!normalize (band, local_px, error) || !split (half, n_bands - 1, local_px, error) || !resize (half, whole, error))
    return FALSE;
  rv__rows_add (rows, band->at, 1, whole->at);
  return TRUE;
}

/* @band, of which this is the part of @n_bands bands; overwritten by their sum. */
static gboolean
split (const Band *band, int n_bands, double local_px, GError **error)
{
  if (!is_split (band->rows, n_bands))
    return normalize (band, local_px, error);
  g_autoptr (RvRows) rows = rv__rows_half (band->rows);
  Band half = { rows, new_band (rows, error) };
  Band whole = { band->rows, half.at ? new_band (band->rows, error) : NULL };
  gboolean ok = whole.at && split_in (band, &half, &whole, n_bands, local_px, error);
  rv__free (half.at);
  rv__free (whole.at);
  return ok;
}

gboolean
rv__dream_bands (const RvRows *rows, float *grad, int n_bands, double local_px, GError **error)
{
  return split (&(Band){ rows, grad }, n_bands, local_px, error);
}

/* As split() goes. */
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

/* A band at full size, what its blur is made of, all that is coarser; what is local likewise, and the rows around. */
gint64
rv__dream_bands_room (const RvRows *rows, double local_px)
{
  gint64 around = rv__blur_reach (local_px), blurred = rv__rows_held_bytes (rows, 3, rv__blur_reach (HALVING_SIGMA_PX));
  return 2 * rv__rows_held_bytes (rows, 3, 0) + blurred + 2 * rv__rows_held_bytes (rows, 1, around) +
         rv__rows_strips_bytes (rows, 1, around);
}
