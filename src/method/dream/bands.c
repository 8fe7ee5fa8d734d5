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
#include "op/op.h"
#include "parts.h"
#include <string.h>

#define HALVING_SIGMA_PX 1.0
#define GLOBAL_PART 0.3 /* of the band's rms: where there is next to nothing it stays little */
#define SMALLEST_RMS 1e-30
#define MIN_SIDE_PX 2 /* of what is halved */

typedef struct {
  int width, height;
  float *at; /* three planes */
} Band;

static gint64
numbers (const Band *band)
{
  return (gint64) band->width * band->height * 3;
}

static gboolean
new_band (Band *band, int width, int height, GError **error)
{
  *band = (Band){ width, height, NULL };
  band->at = rv__alloc ((gsize) numbers (band) * sizeof (float), "a band of the gradient", error);
  return band->at != NULL;
}

static void
resize (const Band *from, const Band *to)
{
  RvShape shape = rv_shape (4, 1, 3, from->height, from->width), new_shape = rv_shape (4, 1, 3, to->height, to->width);
  RvOpAttrs attrs = { .resize = { { to->height, to->width }, RV_RESIZE_BILINEAR } };
  rv__op_class (RV_OP_RESIZE, RV_F32)
    ->run (&attrs, 1, &(RvView){ from->at, shape, 1 }, &(RvView){ to->at, new_shape, 1 });
}

static double
rms (const Band *band)
{
  return MAX (rv__dream_rms (band->at, numbers (band)), SMALLEST_RMS);
}

/* b / (local rms + part of the whole's). */
static gboolean
even_out (const Band *band, double local_px, GError **error)
{
  gint64 plane = (gint64) band->width * band->height;
  float least = (float) (GLOBAL_PART * rms (band)), *b = band->at;
  float *local = rv__alloc ((gsize) plane * sizeof (float), "a band's local strength", error);
  if (!local)
    return FALSE;
  for (gint64 p = 0; p < plane; p++)
    local[p] = (b[p] * b[p] + b[p + plane] * b[p + plane] + b[p + 2 * plane] * b[p + 2 * plane]) / 3;
  gboolean ok = rv__blur (local, local, 1, band->width, band->height, local_px, error);
  for (gint64 p = 0; ok && p < plane; p++) {
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
  float first = (float) (1 / rms (band));
  for (gint64 i = 0; i < numbers (band); i++)
    band->at[i] *= first;
  if (local_px > 0 && !even_out (band, local_px, error))
    return FALSE;
  float factor = (float) (1 / rms (band));
  for (gint64 i = 0; i < numbers (band); i++)
    band->at[i] *= factor;
  return TRUE;
}

/* @band, of which this is the part of @n_bands bands; overwritten by their sum. */
static gboolean
split (const Band *band, int n_bands, double local_px, GError **error)
{
  Band half = { 0 }, whole = { 0 };
  if (n_bands <= 1 || MIN (band->width, band->height) < MIN_SIDE_PX)
    return normalize (band, local_px, error);
  gboolean ok = new_band (&half, (band->width + 1) / 2, (band->height + 1) / 2, error) &&
                new_band (&whole, band->width, band->height, error) &&
                rv__blur (band->at, whole.at, 3, band->width, band->height, HALVING_SIGMA_PX, error);
  if (ok) {
    resize (&whole, &half);
    resize (&half, &whole);
    for (gint64 i = 0; i < numbers (band); i++)
      band->at[i] -= whole.at[i];
    ok = normalize (band, local_px, error) && split (&half, n_bands - 1, local_px, error);
  }
  if (ok) {
    resize (&half, &whole);
    for (gint64 i = 0; i < numbers (band); i++)
      band->at[i] += whole.at[i];
  }
  rv__free (half.at);
  rv__free (whole.at);
  return ok;
}

gboolean
rv__dream_bands (float *grad, int width, int height, int n_bands, double local_px, GError **error)
{
  return split (&(Band){ width, height, grad }, n_bands, local_px, error);
}
