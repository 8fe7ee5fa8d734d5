/* smooth.c -- smooths a gradient: the mean of three Gaussian blurs, with half, once and twice a width. */
#include "base/blur.h"
#include "transforms.h"
#include <string.h>

static const double widths[] = { 0.5, 1, 2 };

gboolean
rv__dream_smooth (float *grad, int width, int height, double sigma_px, float *workspace, GError **error)
{
  gint64 n = 3 * (gint64) width * height;
  float *blurred = workspace, *mean = workspace + n;
  memset (mean, 0, (gsize) n * sizeof (float));
  for (guint w = 0; w < G_N_ELEMENTS (widths); w++) {
    if (!rv__blur (grad, blurred, 3, width, height, widths[w] * sigma_px, error))
      return FALSE;
    for (gint64 i = 0; i < n; i++)
      mean[i] += blurred[i] / G_N_ELEMENTS (widths);
  }
  memcpy (grad, mean, (gsize) n * sizeof (float));
  return TRUE;
}
