/* smooth.c -- smooths a gradient: the mean of three Gaussian blurs, with half, once and twice a width. */
#include "base/alloc.h"
#include "base/blur.h"
#include "transforms.h"
#include <string.h>

static const double widths[] = { 0.5, 1, 2 };

gboolean
rv__dream_smooth (float *grad, int width, int height, double sigma_px, GError **error)
{
  gint64 n = 3 * (gint64) width * height;
  float *blurred = rv__alloc ((gsize) n * sizeof (float), "blurs of the gradient", error);
  float *mean = blurred ? rv__alloc ((gsize) n * sizeof (float), "blurs of the gradient", error) : NULL;
  gboolean ok = mean != NULL;
  for (guint w = 0; ok && w < G_N_ELEMENTS (widths); w++) {
    ok = rv__blur (grad, blurred, 3, width, height, widths[w] * sigma_px, error);
    for (gint64 i = 0; ok && i < n; i++)
      mean[i] += blurred[i] / G_N_ELEMENTS (widths);
  }
  if (ok)
    memcpy (grad, mean, (gsize) n * sizeof (float));
  rv__free (blurred);
  rv__free (mean);
  return ok;
}
