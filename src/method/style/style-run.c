/* style-run.c -- the run of style transfer: scales, optimiser loop, running average.
 *
 *   for each scale, coarse to fine:
 *     content, styles <- shrunk to the scale by Lanczos3; content with a mirrored margin all around
 *     x <- the start picture; after the first scale, the previous result, enlarged bicubically
 *     repeat: loss, g <- L(x), dL/dx;  x <- the optimiser's step, clamped (or in its spectrum, spectrum.c);
 *             average <- b average + (1 - b) x
 *     result <- average / (1 - b^k), the margin cut off
 *
 * The margin avoids stripes along the borders: convolutions read zeros outside of the picture, and stripes there lower
 * the style loss easily. With a mirrored margin the stripes are cut off. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/minifloat.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/system.h"
#include "io/image/frame.h"
#include "method/style/color.h"
#include "method/style/style-run.h"
#include <math.h>
#include <string.h>

#define NOISE_STREAM 1 /* stream of random numbers for `init` noise */
#define WHITE 255.0f
/* Canvas in px that determines gradient_scale along colour axes: that of 512 x 384 px with its margin. At this scale
 * Adam's epsilon damps small gradients across the palette best: grain across the palette is 1.05 times the painting's.
 * With the canvas of scale 0 as reference it is 1.3. */
#define AXES_PIXELS 226304

/* ---- start of a scale -------------------------------------------------------------------------------------------- */

gboolean
rv__style_recolor (const RvStyle *style, const RvScale *scale, double part, float *canvas, GError **error)
{
  gint64 n = rv__scale_canvas_pixels (scale);
  g_autofree RvColorMap *maps = g_new (RvColorMap, style->n_styles);
  RvColorMap mean = { .shift = { 0 } };
  float **masks = style->masks ? rv__style_masks_at (style, scale, error) : NULL;
  if (style->masks && !masks)
    return FALSE;
  gboolean ok = TRUE;
  rv__pixel_space_to_rgb (&style->space, canvas, n);
  for (int i = 0; ok && i < style->n_styles; i++) {
    const RvImage *picture = style->styles[i];
    float *mask = NULL;
    if (!(ok = rv__style_read_style_mask (style, i, picture->width, picture->height, &mask, error)))
      break;
    rv__color_map_covariance (canvas, n, mask ? masks[i] : NULL, picture->rgb->data,
                              (gint64) picture->width * picture->height, mask, &maps[i]);
    rv__free (mask);
    rv__color_map_add (&mean, &maps[i], style->blends[i]);
  }
  for (int i = 0; ok && masks && i < style->n_styles; i++)
    rv__color_map_apply (&maps[i], part, masks[i], canvas, n);
  if (!masks)
    rv__color_map_apply (&mean, part, NULL, canvas, n);
  rv__pixel_space_from_rgb (&style->space, canvas, n);
  rv__free_planes (masks);
  return ok;
}

gboolean
rv__style_start_picture (const RvStyle *style, const RvScale *scale, float *x, GError **error)
{
  if (strcmp (style->settings->init, "recolored") == 0)
    return rv__style_recolor (style, scale, 1, x, error);
  if (strcmp (style->settings->init, "style") == 0)
    return rv__style_set_canvas (style, style->styles[0], scale, x, error);
  if (rv__style_starts_from_picture (style->settings) && style->init)
    return rv__style_set_canvas (style, style->init, scale, x, error);
  if (strcmp (style->settings->init, "noise") == 0) {
    gint64 plane = rv__scale_canvas_pixels (scale);
    for (gint64 i = 0; i < 3 * plane; i++)
      x[i] = WHITE * (float) rv__random_uniform_01 ((guint64) style->settings->seed, NOISE_STREAM, (guint64) i);
    rv__pixel_space_from_rgb (&style->space, x, plane);
  }
  return TRUE;
}

/* Clamps @x, three planes of @plane numbers in @space, in place to the range from black to white. NaN stays. */
static void
clamp_pixels (const RvPixelSpace *space, float *x, gint64 plane)
{
  float ends[2 * 3] = { 0, 0, 0, WHITE, WHITE, WHITE };
  rv__pixel_space_from_rgb (space, ends, 1);
  rv__pixel_space_from_rgb (space, ends + 3, 1);
  for (int c = 0; c < 3; c++) {
    float black = ends[c], white = ends[3 + c];
#pragma omp parallel for schedule(static) if (plane >= RV_PARALLEL_MIN)
    for (gint64 p = c * plane; p < (c + 1) * plane; p++)
      x[p] = x[p] < black ? black : x[p] > white ? white : x[p]; /* NaN stays, so that it is detected */
  }
}

/* (transfer full) (nullable): a new optimiser for the scale @next. If its class keeps state, enlarges the slots of
 * run->optim, if any, into the new optimiser, and frees the old slots. In a spectrum or along colour axes no slots
 * are moved. */
static RvOptim *
next_optim (const RvStyleRun *run, const RvScale *next, GError **error)
{
  const RvStyle *style = run->style;
  RvOptim *last = run->optim;
  RvOptimSettings settings = rv__style_optim_settings (style);
  /* Losses are means over pixels, so gradients per pixel shrink with the size. At 1024 px their mean was half of Adam's
   * epsilon, which slowed large scales down. */
  gint64 pixels = rv__scale_canvas_pixels (next), reference = rv__scale_canvas_pixels (rv__style_scale (style, 0));
  if (rv__style_moves_along_axes (style))
    reference = MIN (pixels, AXES_PIXELS);
  settings.gradient_scale = (double) reference / (double) pixels;
  const RvOptimClass *class = rv__style_optim (style->settings);
  g_autoptr (RvOptim) optim = rv__optim_new (class, &settings, rv__scale_canvas_pixels (next) * 3, error);
  if (!optim || !last || !class->keeps_state || rv__style_in_spectrum (style) || rv__style_moves_along_axes (style))
    return g_steal_pointer (&optim);

  for (int i = 0; i < optim->n_slots; i++) {
    if (!rv__scale_enlarge_canvas (last->slot[i], run->scale, next, optim->slot[i], error))
      return NULL;
    g_clear_pointer (&last->slot[i], rv__free);
  }
  optim->iteration = last->iteration;
  class->rescale (optim, (double) last->n / (double) optim->n);
  return g_steal_pointer (&optim);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* Sets @average to @memory average + (1 - @memory) x, for each of @n numbers. */
static void
add_to_average (float *average, const float *x, gint64 n, double memory)
{
  float a = (float) memory, b = (float) (1 - memory);
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < n; i++)
    average[i] = a * average[i] + b * x[i];
}

/* Number of floats of a canvas of run->scale, all three planes. */
static gint64
count_numbers (const RvStyleRun *run)
{
  return rv__scale_canvas_pixels (run->scale) * 3;
}

/* Copies x to run->last_finite, as 16-bit minifloats. */
static void
save_finite (RvStyleRun *run)
{
  gint64 n = count_numbers (run);
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < n; i += RV_PARALLEL_MIN)
    rv__minifloat_encode (run->style->x + i, run->last_finite + i, MIN (RV_PARALLEL_MIN, n - i));
}

/* Releases init, styles, the content unless the result needs it, and the masks unless the last scale is a finish. The
 * last scale, run->scale, has read them. Sets style->inputs_released: no second run. */
static void
release_inputs (const RvStyleRun *run)
{
  RvStyle *style = run->style;
  style->inputs_released = TRUE;
  g_clear_pointer (&style->init, rv_image_unref);
  for (int i = 0; i < style->n_styles; i++)
    g_clear_pointer (&style->styles[i], rv_image_unref);
  if (!rv__style_keeps_content (style))
    g_clear_pointer (&style->content, rv_image_unref);
  if (!run->scale->is_finish) /* a finish uses the masks again */
    rv__style_free_masks (style);
}

/* Sets x to the start of @scale: run->start if content is matched, else the previous result, enlarged, else the start
 * picture. Then restores the protected content in it. Sets run->scale, replaces run->optim, frees
 * run->previous_canvas. With a state to resume from, prepare_scale() overwrites x and the optimiser. */
static gboolean
start_scale (RvStyleRun *run, const RvScale *scale, GError **error)
{
  RvStyle *style = run->style;
  gboolean resumes = style->resume != NULL;
  if (!rv__style_start_protect (run, scale, error))
    return FALSE;
  if (run->start)
    memcpy (style->x, run->start, (gsize) rv__scale_canvas_pixels (scale) * 3 * sizeof (float));
  else if (run->previous_canvas ? !rv__scale_enlarge_canvas (run->previous_canvas, run->scale, scale, style->x, error)
                                : !resumes && !rv__style_start_picture (style, scale, style->x, error))
    return FALSE;
  g_clear_pointer (&run->previous_canvas, rv__free);
  RvOptim *optim = next_optim (run, scale, error);
  rv__optim_free (run->optim);
  run->optim = optim;
  run->scale = scale;
  rv__style_protect_picture (run);
  return optim != NULL;
}

/* Prepares scale @i for run_iterations(): targets, x, optimiser, buffers, spectrum, and the state to resume from, if
 * any, which it frees. Starts or resumes the stage of run->common. @is_new: @objective is not bound and has no targets.
 * Allocates in an order that keeps the peak low. In the last scale releases the inputs. */
static gboolean
prepare_scale (RvStyleRun *run, RvObjective *objective, gboolean is_new, guint i, GError **error)
{
  RvStyle *style = run->style;
  const RvScale *scale = rv__style_scale (style, i);
  gboolean last = i + 1 == style->scales->len;
  if (!rv__style_set_targets (style, objective, scale, is_new, last, error))
    return FALSE;
  style->x = rv__objective_x (objective);
  if ((style->banks && !rv__style_match_scale (run, objective, scale, error)) || !start_scale (run, scale, error))
    return FALSE;
  if (last)
    release_inputs (run);
  if (!rv__buffers_enter (run->buffers, RV_STYLE_RUNNING, error) || !rv__style_start_spectrum (run, error))
    return FALSE;
  if (style->resume &&
      (!rv__style_restore_scale (run, error) || (style->loss_changed && !rv__style_change_loss (run, error))))
    return FALSE;
  if (style->resume && style->protect_changed)
    rv__style_protect_painted (run);
  if (style->resume)
    rv__run_resume_stage (&run->common);
  else
    rv__run_start_stage (&run->common, i, style->settings->plateau);
  g_clear_pointer (&style->resume, rv_tensor_map_unref);
  save_finite (run);
  return TRUE;
}

/* Runs the iterations of the scale and ends its stage. Returns TRUE also if stopped. RV_ERROR_NUMBER if the loss is
 * not finite. After an error run->last_finite has the last picture with a finite loss. Collective. */
static gboolean
run_iterations (RvStyleRun *run, RvObjective *objective, GError **error)
{
  const RvStyle *style = run->style;
  const RvStyleSettings *s = style->settings;
  float *x = style->x;

  while (rv__run_has_more (&run->common)) {
    RvLosses losses;
    if (!rv__style_match_again (run, error) || !rv__objective_evaluate (objective, &losses, error))
      return FALSE;
    if (!isfinite (losses.total))
      return rv__error_with_options (
        error, RV_ERROR_NUMBER, "learning-rate",
        "the loss is not finite at iteration %d; lower 'learning-rate' or the largest weight",
        (int) run->common.n_all + 1);
    save_finite (run);
    float *gradient = rv__objective_gradient (objective);
    rv__style_protect_gradient (run, gradient);
    const float *grad = rv__style_grad_params (run, gradient, error);
    if (!grad)
      return FALSE;
    run->optim->class->step (run->optim, rv__style_params (run), losses.total, grad);
    if (!rv__style_update_picture (run, error))
      return FALSE;
    if (s->clamp && !run->fourier) /* the picture of a spectrum is already within the range */
      clamp_pixels (&style->space, x, rv__scale_canvas_pixels (run->scale));
    rv__style_pull_to_keep (run);
    if (run->average)
      add_to_average (run->average, x, count_numbers (run), s->average);
    rv__run_count (&run->common, losses.total);
    RvIteration iteration = {
      .width = run->scale->width, .height = run->scale->height, .loss = losses.total, .losses = losses.loss
    };
    if (!rv__run_sync (&run->common, rv__run_report (&run->common, &iteration), error))
      return FALSE;
  }
  run->common.n_left_out += rv__engine_stage (run->common.engine, run->common.stage)->iterations - run->common.n_done;
  if (!run->optim->class->finish)
    return TRUE;
  run->optim->class->finish (run->optim, rv__style_params (run));
  return rv__style_update_picture (run, error);
}

/* Sets run->previous_canvas to the result of the scale: the average if there is one, else x. With @ended_well FALSE:
 * the last picture with a finite loss. Clamps it to black and white if content is matched. Frees run->optim if no
 * scale follows. After an error, previous_canvas is NULL. */
static gboolean
save_result (RvStyleRun *run, gboolean ended_well, GError **error)
{
  const RvStyle *style = run->style;
  float part = (float) (1 - pow (style->settings->average, (double) run->common.n_done));
  gint64 n = count_numbers (run);
  gboolean averaged = ended_well && run->average;
  gboolean is_last = run->common.stage + 1 == run->common.engine->stages->len;
  if (is_last || run->common.stopped || !ended_well) /* no later scale uses the optimiser */
    g_clear_pointer (&run->optim, rv__optim_free);
  run->previous_canvas =
    averaged ? g_steal_pointer (&run->average) : rv__alloc ((gsize) n * sizeof (float), "a picture", error);
  if (!run->previous_canvas)
    return FALSE;
  for (gint64 i = 0; averaged && i < n; i++)
    run->previous_canvas[i] /= part;
  if (!ended_well)
    rv__minifloat_decode (run->last_finite, run->previous_canvas, n);
  else if (!averaged)
    memcpy (run->previous_canvas, style->x, (gsize) n * sizeof (float));
  if (run->start)
    clamp_pixels (&style->space, run->previous_canvas, rv__scale_canvas_pixels (run->scale));
  return TRUE;
}

/* Acquires the objective of scale @i, runs it and releases it, or frees it after an error. TRUE also if stopped:
 * run->common.stopped is then set. Sets run->previous_canvas, also after an error in the iterations. Collective. */
static gboolean
run_scale (RvStyleRun *run, guint i, GError **error)
{
  RvStyle *style = run->style;
  const RvScale *scale = rv__style_scale (style, i);
  RvObjectiveSpec spec = rv__style_objective_spec (style, scale, &rv__engine_stage (style->engine, i)->fit);
  gboolean is_new = TRUE;
  float **masks = rv__style_masks_at (style, scale, error);
  spec.masks = masks && masks[0] ? (const float *const *) masks : NULL;
  g_autoptr (RvObjective) objective = masks ? rv__engine_acquire (style->engine, i, 0, &spec, &is_new, error) : NULL;
  gboolean ok = objective && (is_new || !spec.masks || rv__objective_change_masks (objective, spec.masks, error));
  rv__free_planes (masks);
  if (ok) /* a cached objective may have the weights of another run */
    rv__objective_set_weights (objective, rv__style_scale_terms (style, scale));
  run->objective = objective;
  run->buffers = rv__style_buffers (run, scale);
  ok = ok && prepare_scale (run, objective, is_new, i, error);
  if (ok) {
    ok = run_iterations (run, objective, error);
    ok = save_result (run, ok, ok ? error : NULL) && ok;
  }
  style->x = NULL;
  g_clear_pointer (&run->fourier, rv__fourier_free);
  g_clear_pointer (&run->buffers, g_array_unref);
  return ok && rv__engine_release (style->engine, i, 0, g_steal_pointer (&objective), error);
}

/* ---- the result -------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): a copy of @image, which has the content's size, with the colours of the content by
 * `keep-colors`, and with the content itself where style->stays is white. A reference to @image if there is neither.
 * @image is unchanged. */
static RvImage *
restore_content (const RvStyle *style, RvImage *image, GError **error)
{
  if (!rv__style_keeps_content (style))
    return rv_image_ref (image);
  g_autoptr (RvImage) colored = rv__color_transfer (image, style->content, rv__style_color_mode (style), error);
  if (!colored || !style->stays)
    return g_steal_pointer (&colored);
  g_autoptr (RvImage) stays = rv__compact_image_to_image (style->stays, error);
  return stays ? rv__image_blend (style->content, colored, 1, stays, error) : NULL;
}

/* (transfer full) (nullable): the picture on @canvas, of @scale, without its margin, resized to the size of the scale
 * @size, in RGB. */
static RvImage *
to_image (const RvStyle *style, const float *canvas, const RvScale *scale, const RvScale *size, GError **error)
{
  g_autoptr (RvImage) image = rv_image_new (size->width, size->height, error);
  if (!image || !rv__scale_picture (canvas, scale, size, image->rgb->data, error))
    return NULL;
  rv__pixel_space_to_rgb (&style->space, image->rgb->data, (gint64) image->width * image->height);
  return g_steal_pointer (&image);
}

/* Sets *result (transfer full), NULL before, to the picture of run->previous_canvas at the content's size, with the
 * content's alpha, and restores the content's colours and protected areas by restore_content(). Frees that canvas,
 * also after an error, which leaves *result NULL. */
static gboolean
to_result (RvStyleRun *run, RvImage **result, GError **error)
{
  RvStyle *style = run->style;
  const RvScale *final = rv__style_scale (style, style->scales->len - 1);
  g_autoptr (RvImage) image = to_image (style, run->previous_canvas, run->scale, final, error);
  g_clear_pointer (&run->previous_canvas, rv__free);
  if (image && style->alpha)
    image->alpha = rv_tensor_ref (style->alpha);
  return image && (*result = restore_content (style, image, error));
}

/* ---- all scales -------------------------------------------------------------------------------------------------- */

/* Runs all scales, or those left after a resume, and sets *result (transfer full). Returns TRUE also if stopped, or
 * cancelled once iterations have begun: *result is the picture so far. FALSE: *error is set, @error is not NULL. Only
 * with RV_ERROR_NUMBER *result may be set then, to the last finite picture. */
static gboolean
run_scales (RvStyleRun *run, RvImage **result, GError **error)
{
  RvStyle *style = run->style;
  gboolean ok = !style->resume || rv__style_restore_run (run, error);
  for (guint i = run->common.stage; ok && i < style->scales->len && !run->common.stopped; i++)
    ok = run_scale (run, i, error);
  if (!ok && run->previous_canvas && g_error_matches (*error, RV_ERROR, RV_ERROR_CANCELLED)) { /* between scales */
    g_clear_error (error);
    ok = run->common.stopped = TRUE;
  }
  gboolean broken_number = !ok && run->previous_canvas && g_error_matches (*error, RV_ERROR, RV_ERROR_NUMBER);
  if (ok || broken_number)
    ok = to_result (run, result, broken_number ? NULL : error) && ok;
  return ok;
}

gboolean
rv__style_run (RvStyle *style, RvIterationFunc progress, gpointer user_data, RvImage **result, GError **error)
{
  RvStyleRun run = { .style = style };
  g_autoptr (GError) own_error = NULL; /* readable even if @error is NULL */
  *result = NULL;
  if (!rv__style_check_ready (style, error))
    return FALSE;
  if (style->settings->strength == 0) {
    *result = rv_image_ref (style->content);
    return TRUE;
  }
  int before =
    rv__system_use_threads (rv__compute_threads (style->settings->compute.threads)); /* between evaluations */
  rv__run_start (&run.common, style->engine, style->settings->until, style, progress, user_data);
  style->run = &run;
  gboolean ok = rv__style_detect_faces (style, &own_error) && rv__style_plan_memory (style, &own_error);
  ok = ok && run_scales (&run, result, &own_error);
  style->run = NULL;
  rv__system_use_threads (before);
  rv__optim_free (run.optim);
  rv__free (run.previous_canvas);
  if (own_error)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return ok;
}

RvImage *
rv__style_picture (const RvIteration *iteration, GError **error)
{
  const RvStyle *style = iteration->run;
  const RvScale *scale = style->run->scale;
  g_autoptr (RvImage) image = to_image (style, style->x, scale, scale, error);
  gboolean full_size = scale == rv__style_scale (style, style->scales->len - 1);
  return image && full_size ? restore_content (style, image, error) : g_steal_pointer (&image);
}
