/* smooth.c -- a softer gradient: the mean of three Gaussian blurs, of half, once and twice a width. */
#include "base/alloc.h"
#include "base/mirror.h"
#include "method/dream/internal.h"
#include <math.h>
#include <string.h>

#define REACH 3 /* sigmas that a kernel is wide to each side */

/* @n_lines lines of @n numbers, @step apart; lines lie @line apart. */
static void
blur_lines (const float *from, float *to, int n, gint64 step, int n_lines, gint64 line, const float *kernel, int radius)
{
#pragma omp parallel for schedule(static)
  for (int l = 0; l < n_lines; l++)
    for (int i = 0; i < n; i++) {
      float sum = 0;
      for (int k = -radius; k <= radius; k++)
        sum += kernel[ABS (k)] * from[l * line + rv__mirror_about_edge (i + k, n) * step];
      to[l * line + i * step] = sum;
    }
}

/* kernel[0 .. radius], both sides together summing to 1. */
static float *
gaussian (double sigma, int radius)
{
  float *kernel = g_new (float, radius + 1);
  double sum = 0;
  for (int k = 0; k <= radius; k++)
    sum += (k ? 2 : 1) * exp (-0.5 * k * k / (sigma * sigma));
  for (int k = 0; k <= radius; k++)
    kernel[k] = (float) (exp (-0.5 * k * k / (sigma * sigma)) / sum);
  return kernel;
}

gboolean
rv__dream_smooth (float *grad, int width, int height, double sigma_px, GError **error)
{
  static const double widths[] = { 0.5, 1, 2 };
  gint64 plane = (gint64) width * height;
  float *memory = rv__alloc ((gsize) plane * 3 * sizeof (float), "blurs of the gradient", error);
  if (!memory)
    return FALSE;
  float *across = memory, *both = memory + plane, *mean = memory + 2 * plane;
  for (int c = 0; c < 3; c++) {
    memset (mean, 0, (gsize) plane * sizeof (float));
    for (guint w = 0; w < G_N_ELEMENTS (widths); w++) {
      double sigma = widths[w] * sigma_px;
      int radius = MAX ((int) ceil (REACH * sigma), 1);
      g_autofree float *kernel = gaussian (sigma, radius);
      blur_lines (grad + c * plane, across, width, 1, height, width, kernel, radius);
      blur_lines (across, both, height, width, width, 1, kernel, radius);
      for (gint64 p = 0; p < plane; p++)
        mean[p] += both[p] / G_N_ELEMENTS (widths);
    }
    memcpy (grad + c * plane, mean, (gsize) plane * sizeof (float));
  }
  rv__free (memory);
  return TRUE;
}
