/* axes.c -- colour axes of style pictures (axes.h). */
#include "method/style/axes.h"
#include "base/alloc.h"
#include "base/moments.h"
#include "method/style/color.h"
#include <math.h>

#define SMALLEST_AXIS 0.02 /* relative to the largest: colours of a black-and-white painting can still change */

/* Writes @plane, [@height, @width], less its 3 x 3 means, with repeated edges, to @detail, of the same size. */
static void
subtract_means (const float *plane, gint64 height, gint64 width, float *detail)
{
#pragma omp parallel for schedule(static)
  for (gint64 y = 0; y < height; y++)
    for (gint64 x = 0; x < width; x++) {
      float sum = 0;
      for (gint64 v = y - 1; v <= y + 1; v++)
        for (gint64 u = x - 1; u <= x + 1; u++)
          sum += plane[CLAMP (v, 0, height - 1) * width + CLAMP (u, 0, width - 1)];
      detail[y * width + x] = plane[y * width + x] - sum / 9;
    }
}

gboolean
rv__color_axes_add (RvColorAxes *axes, const float *rgb, int height, int width, double weight, GError **error)
{
  gint64 n = (gint64) height * width;
  double mean[3], covariance[3][3];
  float *detail = rv__alloc ((gsize) n * 3 * sizeof (float), "a picture's details", error);
  if (!detail)
    return FALSE;
  for (int c = 0; c < 3; c++)
    subtract_means (rgb + c * n, height, width, detail + c * n);
  rv__moments (detail, n, NULL, mean, covariance);
  rv__free (detail);
  for (int i = 0; i < 9; i++)
    axes->covariance[i / 3][i % 3] += weight * covariance[i / 3][i % 3];
  return TRUE;
}

void
rv__color_axes_solve (RvColorAxes *axes)
{
  double s[3][3], u[3][3], length[3], longest = 0;
  for (int i = 0; i < 9; i++)
    s[i / 3][i % 3] = axes->covariance[i / 3][i % 3];
  rv__diagonalise (s, u);
  for (int k = 0; k < 3; k++)
    longest = MAX (longest, length[k] = sqrt (MAX (s[k][k], 0)));
  for (int k = 0; k < 3; k++)
    length[k] = longest > 0 ? MAX (length[k] / longest, SMALLEST_AXIS) : 1;
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) {
      axes->to_rgb[i][k] = u[i][k] * length[k];
      axes->from_rgb[k][i] = u[i][k] / length[k];
    }
}
