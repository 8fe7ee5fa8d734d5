/* smooth.c -- a softer gradient: the mean of three Gaussian blurs, of half, once and twice a width. */
#include "base/alloc.h"
#include "base/blur.h"
#include "parts.h"
#include <string.h>

gboolean
rv__dream_smooth (float *grad, int width, int height, double sigma_px, GError **error)
{
  static const double widths[] = { 0.5, 1, 2 };
  gint64 n = (gint64) width * height * 3;
  float *memory = rv__alloc (2 * (gsize) n * sizeof (float), "blurs of the gradient", error);
  if (!memory)
    return FALSE;
  float *blurred = memory, *mean = memory + n;
  gboolean ok = TRUE;
  memset (mean, 0, (gsize) n * sizeof (float));
  for (guint w = 0; ok && w < G_N_ELEMENTS (widths); w++) {
    ok = rv__blur (grad, blurred, 3, width, height, widths[w] * sigma_px, error);
    for (gint64 i = 0; ok && i < n; i++)
      mean[i] += blurred[i] / G_N_ELEMENTS (widths);
  }
  if (ok)
    memcpy (grad, mean, (gsize) n * sizeof (float));
  rv__free (memory);
  return ok;
}
