/* smooth.c -- a softer gradient: the mean of three Gaussian blurs, of half, once and twice a width. */
#include "base/alloc.h"
#include "base/blur.h"
#include "parts.h"

static const double widths[] = { 0.5, 1, 2 };

/* @sum += @x / how many there are. */
static void
add (const RvRows *rows, float *sum, const float *x)
{
  for (int c = 0; c < 3; c++)
    for (gint64 i = rv__rows_own (rows, c).from; i < rv__rows_own (rows, c).end; i++)
      sum[i] += x[i] / G_N_ELEMENTS (widths);
}

static int
reach (double sigma_px)
{
  return rv__blur_reach (widths[G_N_ELEMENTS (widths) - 1] * sigma_px);
}

gsize
rv__dream_smooth_bytes (const RvRows *rows, double sigma_px)
{
  return rv__rows_around_bytes (rows, 3, reach (sigma_px));
}

/* A blur, the mean, what a blur is made of; and the rows around. */
gint64
rv__dream_smooth_room (const RvRows *rows, double sigma_px)
{
  gint64 around = reach (sigma_px), more = rv__rows_held_bytes (rows, 3, around);
  return 2 * rv__rows_held_bytes (rows, 3, 0) + more + rv__rows_strips_bytes (rows, 3, around) +
         (more - rv__rows_held_bytes (rows, 3, 0));
}

gboolean
rv__dream_smooth (const RvRows *rows, float *grad, double sigma_px, GError **error)
{
  float *blurred = rv__rows_alloc (rows, 3, "blurs of the gradient", error);
  float *mean = blurred ? rv__rows_alloc (rows, 3, "blurs of the gradient", error) : NULL;
  gboolean ok = mean && rv__rows_around (rows, 3, grad, reach (sigma_px), error);
  for (guint w = 0; ok && w < G_N_ELEMENTS (widths); w++) {
    ok =
      rv__blur_rows (grad, blurred, 3, rows->width, rows->height, rows->from, rows->end, widths[w] * sigma_px, error);
    if (ok)
      add (rows, mean, blurred);
  }
  if (ok)
    rv__rows_copy (rows, mean, grad);
  rv__free (blurred);
  rv__free (mean);
  return ok;
}
