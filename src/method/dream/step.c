/* step.c -- one step of a dream, in this order; the options on the right control each line:
 *
 *   g <- dL/dx, the picture shifted at random          --jitter
 *   g <- blurred                                       --smooth
 *   g <- bands of equal strength                       --bands, --local
 *   g <- colours mixed                                 --dream-colors
 *   x <- x + step (g / size (g) - w h / size (h))      --step, --normalize; h: gradient of a style's loss
 *                                                      from noise: Adam's step in the spectrum; no later line
 *   x <- clipped to -1..1                              --clip
 *   x <- limited change                                --contrast-limit */
#include "base/moments.h"
#include "base/error.h"
#include "base/random.h"
#include "method/dream/dream-internal.h"
#include <math.h>
#include <string.h>

#define JITTER_STREAM 2 /* stream of random numbers */
#define AFFINE_STREAM 6
#define LEAST_RMS 1e-8
#define LEAST_MEAN_ABS 1e-6

/* ---- the gradient ------------------------------------------------------------------------------------------------ */

/* Random shift of step @number along @axis, 0: x, 1: y; px. 0 to @margin if there is a margin, else -jitter to
 * jitter. Step -1: @margin / 2, the middle. */
static int
random_shift (const RvDreamSettings *s, int margin, gint64 number, int axis)
{
  if (number < 0)
    return margin / 2;
  double u = rv__random_uniform_01 ((guint64) s->seed, JITTER_STREAM, (guint64) (2 * number + axis));
  return margin > 0 ? (int) floor (u * (margin + 1))
                    : (int) floor (u * (double) (2 * s->jitter_px + 1)) - (int) s->jitter_px;
}

/* Random number in -1..1: number @number of the stream AFFINE_STREAM with the setting `seed`. */
static double
random_signed (const RvDreamSettings *s, guint64 number)
{
  return 2 * rv__random_uniform_01 ((guint64) s->seed, AFFINE_STREAM, number) - 1;
}

/* Random transform of step @number of a dream from noise, a function of seed and number. -1: the identity. By value. */
static RvDreamAffine
random_affine (const RvDreamRun *run, gint64 number)
{
  const RvDreamSettings *s = run->dream->settings;
  const RvDreamOctave *octave = run->at;
  guint64 first = 4 * (guint64) number;
  if (number < 0)
    return (RvDreamAffine){ .width = octave->width, .height = octave->height, .scale = 1 };
  return (RvDreamAffine){ .width = octave->width,
                          .height = octave->height,
                          .dx = random_signed (s, first) * (double) s->jitter_px,
                          .dy = random_signed (s, first + 1) * (double) s->jitter_px,
                          .angle_rad = random_signed (s, first + 2) * s->random_rotate_deg * G_PI / 180,
                          .scale = 1 / (1 + random_signed (s, first + 3) * s->random_scale),
                          .mirrored = strcmp (s->jitter_edge, "mirror") == 0 };
}

gboolean
rv__dream_gradient (const RvDreamRun *run, RvObjective *engine, gint64 number, float *grad, double *loss,
                    GError **error)
{
  const RvDreamSettings *s = run->dream->settings;
  const RvDreamOctave *octave = run->at;
  RvDreamCanvas position = { octave->width, octave->height, octave->margin, random_shift (s, octave->margin, number, 0),
                             random_shift (s, octave->margin, number, 1) };
  RvDreamAffine affine = random_affine (run, number);
  RvLosses losses;
  if (run->noise_dream)
    rv__dream_affine (&affine, run->at->x, rv__objective_x (engine));
  else
    rv__dream_canvas_fill (&position, run->at->x, 3, rv__objective_x (engine));
  if (!rv__objective_evaluate (engine, &losses, error))
    return FALSE;
  *loss = losses.total;
  if (run->noise_dream)
    rv__dream_affine_backward (&affine, rv__objective_gradient (engine), grad);
  else
    rv__dream_canvas_backward (&position, rv__objective_gradient (engine), grad);
  return TRUE;
}

/* Divisor of @grad, three planes of the octave, by `normalize`: rms or mean absolute value, at least LEAST_RMS or
 * LEAST_MEAN_ABS. 0: all of @grad is 0. NaN or infinite if @grad is. */
static double
gradient_size (const RvDreamRun *run, const float *grad)
{
  gboolean rms = strcmp (run->dream->settings->normalize, "rms") == 0;
  int width = run->at->width, height = run->at->height;
  double size =
    rms ? rv__dream_rms (grad, width, height, RV_DREAM_BLOCK_ROWS) : rv__dream_mean_abs (grad, width, height);
  return size > 0 ? MAX (size, rms ? LEAST_RMS : LEAST_MEAN_ABS) : size; /* MAX() would drop NaN */
}

/* Sets RV_ERROR_NUMBER, naming the octave's layers: the gradient is zero if @finite, else not finite. Returns FALSE. */
static gboolean
set_gradient_error (const RvDreamOctave *octave, gboolean finite, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  gboolean weighted = FALSE, masked = FALSE;
  for (guint i = 0; i < octave->terms->len; i++) {
    g_string_append_printf (names, "%s%s", i ? ", " : "", g_array_index (octave->terms, RvTerm, i).layer);
    weighted |= g_array_index (octave->terms, RvTerm, i).weight != 0;
    masked |= g_array_index (octave->terms, RvTerm, i).mask >= 0;
  }
  return rv__error_with_options (
    error, RV_ERROR_NUMBER, finite ? "layers,channels" : "step",
    finite && !weighted ? "the gradient is zero, because the weight of %s is 0; change 'layers'"
    : finite && masked  ? "the gradient is zero: %s does not respond where its mask is white; change the mask"
    : finite ? "the gradient is zero: %s does not respond to this picture; choose other 'layers' or 'channels'"
             : "the loss of %s is not finite; lower 'step' or the layers' weights",
    names->str);
}

/* Overwrites run->at->grad with the dream's gradient at run->at->x, smoothed, in bands and mixed by the options.
 * @number: step whose random shift or transform is used. Sets *size to the divisor of the gradient, which the
 * caller applies, and *loss to the loss at run->at->x. RV_ERROR_NUMBER if the gradient is zero, or if gradient or
 * loss is not finite. */
static gboolean
compute_gradient (const RvDreamRun *run, gint64 number, double *size, double *loss, GError **error)
{
  const RvDreamSettings *s = run->dream->settings;
  const RvDreamOctave *octave = run->at;
  float *grad = run->at->grad;
  if (!rv__dream_gradient (run, run->engines.dream, number, grad, loss, error) ||
      (s->smooth_px > 0 &&
       !rv__dream_smooth (grad, octave->width, octave->height, s->smooth_px, octave->workspace, error)))
    return FALSE;
  *size = gradient_size (run, grad);
  if (*size == 0 || !isfinite (*size) || !isfinite (*loss))
    return set_gradient_error (octave, isfinite (*size) && isfinite (*loss), error);
  if (s->bands > 0 && !rv__dream_bands (octave->bands, grad, error))
    return FALSE;
  gboolean mixed = strcmp (s->dream_colors, "all") != 0;
  if (mixed)
    rv__planes_multiply (run->dream->mix.at[0], FALSE, grad, rv__dream_octave_pixels (octave));
  if (s->bands > 0 || mixed)
    *size = gradient_size (run, grad);
  return TRUE;
}

/* Computes the style's gradient at step @number into run->at->style_grad, and its divisor *size; 0: no style, or a
 * gradient of zeros. RV_ERROR_NUMBER if the gradient is not finite. */
static gboolean
compute_style_gradient (const RvDreamRun *run, gint64 number, double *size, GError **error)
{
  double loss;
  *size = 0;
  if (!run->engines.style)
    return TRUE;
  if (!rv__dream_gradient (run, run->engines.style, number, run->at->style_grad, &loss, error))
    return FALSE;
  *size = gradient_size (run, run->at->style_grad);
  return isfinite (*size) || set_gradient_error (run->at, FALSE, error);
}

/* ---- the step ---------------------------------------------------------------------------------------------------- */

/* Replaces run->at->grad, g, by the change of x: @step (g / @size - style_weight h / @style_size), times the mask. h:
 * the style's gradient, left out if @style_size is 0. */
static void
combine (const RvDreamRun *run, double step, double size, double style_size)
{
  const RvDream *dream = run->dream;
  gint64 plane = rv__dream_octave_pixels (run->at);
  float along = (float) (step / size), against = (float) (style_size > 0 ? step * dream->style_weight / style_size : 0);
  float *grad = run->at->grad;
  const float *style_grad = against > 0 ? run->at->style_grad : grad, *weights = run->at->weights;
  for (int c = 0; c < 3; c++)
#pragma omp parallel for schedule(static)
    for (gint64 p = 0; p < plane; p++) {
      gint64 i = c * plane + p;
      grad[i] = (along * grad[i] - against * style_grad[i]) * (weights ? weights[p] : 1);
    }
}

gboolean
rv__dream_step (const RvDreamRun *run, gint64 number, double *loss, GError **error)
{
  const RvDreamSettings *s = run->dream->settings;
  const RvDreamOctave *octave = run->at;
  double size, style_size;
  if (!compute_gradient (run, number, &size, loss, error) || !compute_style_gradient (run, number, &style_size, error))
    return FALSE;
  combine (run, run->noise_dream ? 1 : rv__dream_step_length (s), size, style_size);
  if (run->noise_dream) /* Adam takes the step */
    return rv__noise_dream_step (run->noise_dream, run->at->grad, run->at->x, 3 * rv__dream_octave_pixels (octave),
                                 *loss, error);
  gint64 n = 3 * rv__dream_octave_pixels (octave);
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < n; i++) {
    float x = octave->x[i] + octave->grad[i];
    octave->x[i] = s->clip ? CLAMP (x, -1.0f, 1.0f) : x;
  }
  return s->contrast_limit <= 0 || rv__dream_limit (run->at->x, run->at->base, octave->width, octave->height,
                                                    s->contrast_limit, octave->workspace, error);
}
