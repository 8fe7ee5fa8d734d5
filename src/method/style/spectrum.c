/* spectrum.c -- style transfer in the spectrum of its picture (--space fourier) instead of in its pixels.
 *
 *   s <- the spectrum of the scale's start;  each step: s <- the optimiser's step, by dL/ds;  x <- the picture of s
 *
 * The unit of s is a hundredth, so that the same learning rates suit as for pixels (method/objective/fourier.h). */
#include "base/moments.h"
#include "method/style/style-run.h"
#include <string.h>

#define UNIT 0.01

gboolean
rv__style_in_spectrum (const RvStyle *style)
{
  return strcmp (style->settings->space, RV_STYLE_FOURIER) == 0;
}

gboolean
rv__style_start_spectrum (RvStyleRun *run, GError **error)
{
  const RvStyle *style = run->style;
  const RvScale *scale = run->scale;
  if (!rv__style_in_spectrum (style))
    return TRUE;
  run->fourier = rv__fourier_new (style->engine->backend, rv__compute_threads (style->settings->compute.threads),
                                  scale->canvas_width, scale->canvas_height, UNIT, &style->space, error);
  return run->fourier && rv__fourier_set_picture (run->fourier, style->x, error) &&
         rv__style_update_picture (run, error);
}

gboolean
rv__style_moves_along_axes (const RvStyle *style)
{
  return style->settings->color_axes && !rv__style_in_spectrum (style);
}

float *
rv__style_params (const RvStyleRun *run)
{
  RvStyle *style = run->style;
  if (rv__style_moves_along_axes (style))
    rv__planes_multiply (style->axes.from_rgb[0], FALSE, style->x, rv__scale_canvas_pixels (run->scale));
  return run->fourier ? rv__fourier_spectrum (run->fourier) : run->style->x;
}

const float *
rv__style_grad_params (const RvStyleRun *run, float *gradient, GError **error)
{
  if (rv__style_moves_along_axes (run->style))
    rv__planes_multiply (run->style->axes.to_rgb[0], TRUE, gradient, rv__scale_canvas_pixels (run->scale));
  return run->fourier ? rv__fourier_gradient (run->fourier, gradient, error) : gradient;
}

gboolean
rv__style_update_picture (const RvStyleRun *run, GError **error)
{
  if (rv__style_moves_along_axes (run->style))
    rv__planes_multiply (run->style->axes.to_rgb[0], FALSE, run->style->x, rv__scale_canvas_pixels (run->scale));
  if (!run->fourier)
    return TRUE;
  if (!rv__fourier_get_picture (run->fourier, run->spectrum_picture, error))
    return FALSE;
  gint64 plane = rv__scale_canvas_pixels (run->scale);
  for (gint64 i = 0; i < 3 * plane; i++)
    if (!run->static_mask || run->static_mask[i % plane] <= 0.5f)
      run->style->x[i] = run->spectrum_picture[i];
  rv__style_protect_picture (run);
  return TRUE;
}
