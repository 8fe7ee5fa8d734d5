/* style.c -- the run of style transfer: climbing scales, the optimiser's loop, the running average.
 *
 *   for each scale, coarse to fine:
 *     content, styles <- shrunk to the scale by Lanczos3; content with a mirrored margin all around
 *     x <- at the first scale the start picture, then the last scale's result, enlarged bicubically; likewise
 *     repeat: loss, g <- L(x), dL/dx;  x <- the optimiser's step, clamped;  average <- b average + (1 - b) x
 *     result <- average / (1 - b^k), the margin cut off
 *
 * Why the margin: convolutions see zeros beyond the picture, and the style is bought there cheaply, in stripes along
 * the borders. On a mirrored margin they fall where they are cut off.
 *
 * Not here: the loss (objective.c), the steps (src/optim), files, printing. Differs from the recipe it grew from in the
 * margin, and in that the coarser scales are shrunk from the picture at its final size.
 */
#include "base/alloc.h"
#include "base/packed16.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/option.h"
#include "base/system.h"
#include "method/style/color.h"
#include "method/compute.h"
#include "method/style/calm.h"
#include "method/style/run.h"
#include <math.h>
#include <string.h>

#define NOISE_STREAM 1 /* of the random numbers */
#define WHITE 255.0f

/* ---- setting up -------------------------------------------------------------------------------------------------- */

RvObjectiveSpec
rv__style_objective_spec (const RvStyle *style, const RvScale *scale)
{
  const RvStyleSettings *s = style->settings;
  const RvOption *pooling = rv_option_find (rv_style_options, "pooling");
  const RvOption *padding = rv_option_find (rv_style_options, "padding");
  return (RvObjectiveSpec){
    .type = RV_F32,
    .net = style->net,
    .variant = { .pooling = (RvPooling) rv__choice (pooling->choices (), s->pooling),
                 .first_pad = (RvPadMode) rv__choice (padding->choices (), s->padding) },
    .backend = style->backend,
    .compile = rv__compute_compile (&s->compute, style->kernels, 0),
    .terms = style->terms,
    .space = style->space,
    .wanted = style->wanted,
    .fit = scale->fit,
  };
}

RvOptimSettings
rv__style_optim_settings (const RvStyle *style)
{
  const RvStyleSettings *s = style->settings;
  return (RvOptimSettings){
    .learning_rate = s->learning_rate,
    .decay = s->decay,
    .decay_steps = (int) s->decay_steps,
    .decay_form = strcmp (s->decay_form, "steps") == 0 ? RV_DECAY_STEPS : RV_DECAY_SMOOTH,
    .momentum = s->momentum,
    .beta1 = s->beta1,
    .beta2 = s->beta2,
    .epsilon = RV_ADAM_EPSILON,
    .history = style->history,
    .line_search = strcmp (s->line_search, "armijo") == 0,
  };
}

RvStyle *
rv_style_new (const RvStyleSettings *settings, RvNet *net, RvImage *content, RvImage *const *styles, int n_styles,
              RvImage *init, GError **error)
{
  if (!rv_style_settings_check (settings, rv_net_name (net), n_styles, error))
    return NULL;
  g_autoptr (RvStyle) style = g_new0 (RvStyle, 1);
  settings = style->settings = rv__style_settings_copy (settings); /* in which an empty text is none */
  style->net = rv_net_ref (net);
  style->content = rv_image_ref (content);
  style->alpha = content->alpha ? rv_tensor_ref (content->alpha) : NULL;
  style->init = init ? rv_image_ref (init) : NULL;
  style->styles = g_new0 (RvImage *, n_styles + 1);
  style->n_styles = n_styles;
  RvColorMode matched = settings->match_colors ? RV_COLOR_COVARIANCE : RV_COLOR_NONE;
  for (int i = 0; i < n_styles; i++)
    if (!(style->styles[i] = rv__color_of (styles[i], content, matched, error)))
      return NULL;
  style->kernels = rv_kernel_table_new ();
  style->history = (int) settings->history;
  style->space = rv__style_space (settings);
  style->resize = rv_style_settings_resize (settings);
  if (!rv__time_allowed (settings->time, &style->allowed_s, error) ||
      !(style->backend = rv__compute_backend (&settings->compute, error)) ||
      !rv__compute_check (&settings->compute, style->backend, error) ||
      !rv__memory_allowed (style->backend, settings->compute.memory, &style->allowed_bytes, error))
    return NULL;
  style->blends = rv__style_blends (settings, n_styles, error);
  style->terms = rv__style_terms (settings, rv_net_name (net), 0, error);
  if (!style->blends || !style->terms)
    return NULL;
  if (strcmp (settings->init, "picture") == 0 && !init) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the run is to start from a picture, but none was given");
    return NULL;
  }
  int min_side = rv__terms_min_side (net, style->terms);
  if (MIN (content->width, content->height) < min_side) {
    g_set_error (
      error, RV_ERROR, RV_ERROR_SHAPE,
      "a picture of %d x %d px is too small for these layers: each side must have at least %d px; see --size",
      content->width, content->height, min_side);
    return NULL;
  }
  style->scales = rv__scale_find_all (settings, content->width, content->height, min_side);
  style->targets = rv__style_targets_new ();
  return g_steal_pointer (&style);
}

void
rv_style_free (RvStyle *style)
{
  if (!style)
    return;
  rv_style_settings_free (style->settings);
  rv_net_unref (style->net);
  rv_image_unref (style->content);
  rv_tensor_unref (style->alpha);
  rv_image_unref (style->init);
  for (int i = 0; i < style->n_styles; i++)
    rv_image_unref (style->styles[i]);
  g_free (style->styles);
  rv__style_free_masks (style);
  rv_image_unref (style->protect);
  rv__style_targets_unref (style->targets);
  g_free (style->blends);
  g_clear_pointer (&style->terms, g_array_unref);
  rv_kernel_table_unref (style->kernels);
  g_clear_pointer (&style->scales, g_array_unref);
  rv_tensor_map_unref (style->resume);
  g_free (style);
}

void
rv_style_set_kernels (RvStyle *style, RvKernelTable *kernels)
{
  rv_kernel_table_ref (kernels);
  rv_kernel_table_unref (style->kernels);
  style->kernels = kernels;
}

void
rv_style_share (RvStyle *style, const RvStyle *with)
{
  if (style->settings->match_colors || with->settings->match_colors)
    return; /* each has the colours of its content */
  rv__style_targets_ref (with->targets);
  rv__style_targets_unref (style->targets);
  style->targets = with->targets;
}

void
rv_style_set_stop (RvStyle *style, RvStopFunc wanted, gpointer user_data)
{
  style->wanted = (RvWanted){ wanted, user_data };
}

gboolean
rv__style_ready (const RvStyle *style, GError **error)
{
  if (!style->run && !style->let_go)
    return TRUE;
  g_set_error_literal (error, RV_ERROR, RV_ERROR_SETTING,
                       style->run ? "this style transfer is running: another needs an RvStyle of its own"
                                  : "this style transfer has run and let go of its pictures: make another RvStyle");
  return FALSE;
}

const RvScale *
rv__style_scale (const RvStyle *style, guint i)
{
  return &g_array_index (style->scales, RvScale, i);
}

/* ---- one scale's pictures ---------------------------------------------------------------------------------------- */

/* The size of a style picture for a scale: its longest side that of the scale, times --style-scale; its shape kept,
 * unless it is to be stretched. */
static void
style_size (const RvStyle *style, int i, const RvScale *scale, int *width, int *height)
{
  const RvStyleSettings *s = style->settings;
  const RvImage *full = style->styles[i];
  int longest = MAX (full->width, full->height);
  int wanted = MAX ((int) lrint (MAX (scale->width, scale->height) * s->style_scale), 1);
  *width = s->stretch_style ? scale->width : rv__scale_side (full->width, longest, wanted);
  *height = s->stretch_style ? scale->height : rv__scale_side (full->height, longest, wanted);
}

/* What a style is like at that size: found once, also for the runs that share it. (transfer full) */
static RvPictureSums *
style_target (const RvStyle *style, const RvObjective *objective, int i, int width, int height, GError **error)
{
  const RvStyleSettings *s = style->settings;
  g_autofree char *key = g_strdup_printf ("style %d, %d x %d, calm %d; %s; %s; %s; %s; %s; %s; %s; %s, exact %d", i,
                                          width, height, s->calm_style, s->style_layers ? s->style_layers : "",
                                          s->style_loss, s->loss_settings ? s->loss_settings : "", s->space, s->resize,
                                          s->pooling, s->padding, s->compute.precision, s->compute.exact);
  RvPictureSums *target = rv__style_targets_find (style->targets, key);
  if (target)
    return target;
  g_autoptr (RvImage) picture = rv_image_resize (style->styles[i], width, height, style->resize, error);
  g_autoptr (RvImage) calm = picture && style->settings->calm_style ? rv__image_calm (picture, error) : NULL;
  if (!picture || (style->settings->calm_style && !calm))
    return NULL;
  float *pixels = (calm ? calm : picture)->rgb->data;
  rv__pixel_space_enter (&style->space, pixels, (gint64) width * height);
  target = rv__objective_measure (objective, i, pixels, height, width, error);
  return target ? rv__style_targets_keep (style->targets, key, target) : NULL;
}

/* A picture's canvas at a scale, in the space of x, into @canvas. */
static gboolean
set_canvas (const RvStyle *style, RvImage *image, const RvScale *scale, float *canvas, GError **error)
{
  gboolean fits = image->width == scale->width && image->height == scale->height;
  g_autoptr (RvImage) picture =
    fits ? rv_image_ref (image) : rv_image_resize (image, scale->width, scale->height, style->resize, error);
  if (!picture)
    return FALSE;
  rv__scale_extend (picture->rgb->data, scale, canvas);
  rv__pixel_space_enter (&style->space, canvas, rv__scale_canvas_pixels (scale));
  return TRUE;
}

gboolean
rv__style_set_targets (RvStyle *style, RvObjective *objective, const RvScale *scale, GError **error)
{
  for (int i = 0; i < style->n_styles && style->settings->style_weight > 0; i++) {
    int width, height;
    style_size (style, i, scale, &width, &height);
    g_autoptr (GArray) target = style_target (style, objective, i, width, height, error);
    if (!target)
      return FALSE;
    rv__objective_add_sums_of (objective, target, style->blends[i]);
  }
  if (!rv__objective_bind (objective, error))
    return FALSE;
  float *x = rv__objective_picture (objective);
  return set_canvas (style, style->content, scale, x, error) && rv__objective_set_features (objective, 0, x, error);
}

/* What the first scale starts from, into @x, where the content lies. */
static gboolean
start_picture (const RvStyle *style, const RvScale *scale, float *x, GError **error)
{
  if (strcmp (style->settings->init, "style") == 0)
    return set_canvas (style, style->styles[0], scale, x, error);
  if (strcmp (style->settings->init, "picture") == 0 && style->init)
    return set_canvas (style, style->init, scale, x, error);
  if (strcmp (style->settings->init, "noise") == 0) {
    for (gint64 i = 0; i < rv__scale_canvas_pixels (scale) * 3; i++)
      x[i] = WHITE * (float) rv__random_uniform_01 ((guint64) style->settings->seed, NOISE_STREAM, (guint64) i);
    rv__pixel_space_enter (&style->space, x, rv__scale_canvas_pixels (scale));
  }
  return TRUE;
}

/* To what is black and white in the space of x. */
static void
clamp_pixels (const RvPixelSpace *space, float *x, gint64 plane)
{
  float ends[2 * 3] = { 0, 0, 0, WHITE, WHITE, WHITE };
  rv__pixel_space_enter (space, ends, 1);
  rv__pixel_space_enter (space, ends + 3, 1);
  for (int c = 0; c < 3; c++) {
    float black = ends[c], white = ends[3 + c];
#pragma omp parallel for schedule(static) if (plane >= RV_PARALLEL_MIN)
    for (gint64 p = c * plane; p < (c + 1) * plane; p++)
      x[p] = x[p] < black ? black : x[p] > white ? white : x[p]; /* NaN stays: it must be noticed */
  }
}

/* The optimiser for the next scale, with the last one's state where it carries over; that of the last is gone then. */
static RvOptim *
next_optim (const RvStyle *style, RvOptim *last, const RvScale *old, const RvScale *next, GError **error)
{
  RvOptimSettings settings = rv__style_optim_settings (style);
  /* Losses are means over pixels: the more of these, the smaller each one's gradient. At 1024 px its mean was half the
   * usual epsilon, which so held large scales back. */
  settings.epsilon *=
    (double) rv__scale_canvas_pixels (rv__style_scale (style, 0)) / (double) rv__scale_canvas_pixels (next);
  const RvOptimClass *class = rv__optim_find (style->settings->optimizer);
  g_autoptr (RvOptim) optim = rv__optim_new (class, &settings, rv__scale_canvas_pixels (next) * 3, error);
  if (!optim || !last || !class->carries)
    return g_steal_pointer (&optim);

  for (int i = 0; i < optim->n_slots; i++) {
    if (!rv__scale_enlarge_canvas (last->slot[i], old, next, optim->slot[i], error))
      return NULL;
    g_clear_pointer (&last->slot[i], rv__free);
  }
  optim->iteration = last->iteration;
  class->rescale (optim, (double) last->n / (double) optim->n);
  return g_steal_pointer (&optim);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static void
add_to_average (float *average, const float *x, double keep, gint64 n)
{
  float a = (float) keep, b = (float) (1 - keep);
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < n; i++)
    average[i] = a * average[i] + b * x[i];
}

static gint64
total_iterations (const RvStyle *style)
{
  gint64 total = 0;
  for (guint i = 0; i < style->scales->len; i++)
    total += rv__style_scale (style, i)->iterations;
  return total;
}

/* Work is counted in pixels times iterations. The part of it that lies before the end of @iteration, the left out
 * counted as done. */
static double
part_before (const RvStyleRun *run, gint64 iteration)
{
  gint64 before = 0;
  double done = 0, total = 0;
  for (guint i = 0; i < run->style->scales->len; i++) {
    const RvScale *scale = rv__style_scale (run->style, i);
    double pixels = (double) rv__scale_canvas_pixels (scale);
    done += pixels * (double) CLAMP (iteration - before, 0, scale->iterations);
    total += pixels * (double) scale->iterations;
    before += scale->iterations;
  }
  return done / total;
}

static gboolean
report (RvStyleRun *run, const RvLosses *losses)
{
  RvStyle *style = run->style;
  const RvScale *scale = run->scale;
  RvStyleProgress progress = { .iteration = run->iteration,
                               .n_iterations = run->n_iterations - run->skipped,
                               .scale = (int) (scale - rv__style_scale (style, 0)) + 1,
                               .n_scales = (int) style->scales->len,
                               .width = scale->width,
                               .height = scale->height,
                               .loss = losses->total,
                               .content = rv__losses_of (losses, "content"),
                               .style = rv__losses_of (losses, "style"),
                               .tv = rv__losses_of (losses, "tv"),
                               .dream = rv__losses_of (losses, "dream"),
                               .seconds = (double) (g_get_monotonic_time () - run->began_us) / G_USEC_PER_SEC,
                               .done_01 = part_before (run, run->iteration + run->skipped),
                               .run = style };
  return !run->progress || run->progress (&progress, run->user_data);
}

static gboolean
not_finite (const RvStyleRun *run, GError **error)
{
  g_set_error (
    error, RV_ERROR, RV_ERROR_NUMBER,
    "the loss stopped being a number at iteration %d; lower --learning-rate, or the weight that is too large",
    (int) run->iteration);
  return FALSE;
}

/* When the scale is to end: its share of the time is its share of the work. 0: no limit. */
static gint64
until_us (const RvStyleRun *run)
{
  double allowed_s = run->style->allowed_s;
  double share = part_before (run, run->iteration + run->skipped + run->scale->iterations - run->n_done);
  return allowed_s > 0 ? run->began_us + (gint64) (allowed_s * share * G_USEC_PER_SEC) : 0;
}

/* Of what the last scale has looked at. */
static void
let_go (RvStyle *style)
{
  style->let_go = TRUE;
  g_clear_pointer (&style->init, rv_image_unref);
  for (int i = 0; i < style->n_styles; i++)
    g_clear_pointer (&style->styles[i], rv_image_unref);
  if (!rv__style_keeps_content (style))
    g_clear_pointer (&style->content, rv_image_unref);
}

/* The picture where the scale starts, and the optimiser as it is then; or both as a state has them. */
static gboolean
start_scale (RvStyleRun *run, const RvScale *scale, GError **error)
{
  RvStyle *style = run->style;
  gboolean goes_on = style->resume != NULL;
  if (!rv__style_start_protect (run, scale, error))
    return FALSE;
  if (run->canvas ? !rv__scale_enlarge_canvas (run->canvas, run->scale, scale, style->x, error)
                  : !goes_on && !start_picture (style, scale, style->x, error))
    return FALSE;
  g_clear_pointer (&run->canvas, rv__free);
  RvOptim *optim = next_optim (style, run->optim, run->scale, scale, error);
  rv__optim_free (run->optim);
  run->optim = optim;
  run->scale = scale;
  rv__style_keep_protected (run, style->x);
  return optim != NULL;
}

/* Everything the loop needs. Memory is taken in the order that keeps the peak low: the pictures are let go of as soon
 * as nothing will look at them. */
static gboolean
set_out (RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error)
{
  RvStyle *style = run->style;
  gsize n = (gsize) rv__scale_canvas_pixels (scale) * 3;
  if (!rv__style_set_targets (style, objective, scale, error))
    return FALSE;
  style->x = rv__objective_picture (objective);
  if (!start_scale (run, scale, error))
    return FALSE;
  if (scale == rv__style_scale (style, style->scales->len - 1))
    let_go (style);
  if (!(run->good = rv__alloc (n * sizeof (guint16), "the last picture", error)) ||
      (style->settings->average > 0 && !(run->average = rv__alloc (n * sizeof (float), "the average", error))))
    return FALSE;
  run->n_done = 0;
  if (style->resume && !rv__style_restore_scale (run, error))
    return FALSE;
  if (style->resume)
    rv__stop_go_on (&run->stop, until_us (run));
  else
    rv__stop_start (&run->stop, until_us (run), style->settings->plateau);
  g_clear_pointer (&style->resume, rv_tensor_map_unref);
  rv__packed16_pack (style->x, run->good, (gint64) n);
  return TRUE;
}

/* Whether it has come to the last iteration that is wanted. */
static gboolean
is_over (const RvStyleRun *run)
{
  gint64 until = run->style->settings->until;
  return until > 0 && run->iteration >= until;
}

/* The optimiser's loop at one scale. */
static gboolean
descend (RvStyleRun *run, RvObjective *objective, GError **error)
{
  const RvStyle *style = run->style;
  const RvStyleSettings *s = style->settings;
  gint64 n = rv__scale_canvas_pixels (run->scale) * 3;
  float *x = style->x;

  run->stopped = is_over (run); /* as a state may have been saved */
  while (run->n_done < run->scale->iterations && !run->stopped && !run->stop.ended) {
    RvLosses losses;
    run->iteration++;
    if (!rv__objective_evaluate (objective, &losses, error))
      return FALSE;
    if (!isfinite (losses.total))
      return not_finite (run, error);
    rv__packed16_pack (x, run->good, n);
    float *gradient = rv__objective_gradient (objective);
    rv__style_hold_protected (run, gradient);
    run->optim->class->step (run->optim, x, losses.total, gradient);
    if (s->clamp)
      clamp_pixels (&style->space, x, n / 3);
    if (run->average)
      add_to_average (run->average, x, s->average, n);
    run->n_done++;
    rv__stop_after (&run->stop, losses.total);
    run->stopped = !report (run, &losses) || is_over (run);
  }
  run->skipped += run->scale->iterations - run->n_done;
  if (run->optim->class->finish)
    run->optim->class->finish (run->optim, x);
  return TRUE;
}

/* A scale's result becomes its canvas: the average, or the picture itself; after an error, the last good one. */
static gboolean
keep_canvas (RvStyleRun *run, gboolean whole, GError **error)
{
  const RvStyle *style = run->style;
  gint64 n = rv__scale_canvas_pixels (run->scale) * 3;
  gboolean last = run->scale == rv__style_scale (style, style->scales->len - 1);
  if (last || run->stopped || !whole) /* its memory is wanted, and it is not */
    g_clear_pointer (&run->optim, rv__optim_free);
  if (whole && run->average) {
    double part = 1 - pow (style->settings->average, (double) run->n_done);
    run->canvas = g_steal_pointer (&run->average);
    for (gint64 i = 0; i < n; i++)
      run->canvas[i] /= (float) part;
    return TRUE;
  }
  run->canvas = rv__alloc ((gsize) n * sizeof (float), "a picture", error);
  if (run->canvas && whole)
    memcpy (run->canvas, style->x, (gsize) n * sizeof (float));
  else if (run->canvas)
    rv__packed16_unpack (run->good, run->canvas, n);
  return run->canvas != NULL;
}

static gboolean
run_scale (RvStyleRun *run, const RvScale *scale, GError **error)
{
  RvStyle *style = run->style;
  RvObjectiveSpec spec = rv__style_objective_spec (style, scale);
  double tune_s = style->resume ? 0 /* it was measured then */
                                : rv__objective_tune_seconds (rv__scale_canvas_pixels (scale), scale->iterations);
  spec.compile = rv__compute_compile (&style->settings->compute, style->kernels, tune_s);
  float **masks = rv__style_masks_at (style, scale, error);
  spec.masks = style->masks ? (const float *const *) masks : NULL;
  g_autoptr (RvObjective) objective =
    masks ? rv__objective_new (&spec, scale->canvas_height, scale->canvas_width, error) : NULL;
  rv__style_free_planes (masks);
  gboolean ok = objective && set_out (run, objective, scale, error);
  if (ok) {
    ok = descend (run, objective, error);
    ok &= keep_canvas (run, ok, ok ? error : NULL);
  }
  style->x = NULL;
  g_clear_pointer (&run->good, rv__free);
  g_clear_pointer (&run->average, rv__free);
  return ok;
}

static RvColorMode
color_mode (const RvStyle *style)
{
  return (RvColorMode) rv__choice (rv__color_choices (), style->settings->keep_colors);
}

gboolean
rv__style_keeps_content (const RvStyle *style)
{
  return color_mode (style) != RV_COLOR_NONE || style->protect;
}

gint64
rv__style_let_go_bytes (const RvStyle *style)
{
  gint64 pixels = rv__style_keeps_content (style) ? 0 : (gint64) style->content->width * style->content->height;
  for (int i = 0; i < style->n_styles; i++)
    pixels += (gint64) style->styles[i]->width * style->styles[i]->height;
  return pixels * 3 * (gint64) sizeof (float);
}

static RvImage *
to_result (const RvStyle *style, const float *x, const RvScale *at, GError **error)
{
  const RvScale *final = rv__style_scale (style, style->scales->len - 1);
  g_autoptr (RvImage) image = rv_image_new (final->width, final->height, error);
  if (!image)
    return NULL;
  if (at == final)
    rv__scale_crop (x, final, image->rgb->data);
  else if (!rv__scale_enlarge (x, at, final, image->rgb->data, error))
    return NULL;
  rv__pixel_space_leave (&style->space, image->rgb->data, (gint64) image->width * image->height);
  if (style->alpha)
    image->alpha = rv_tensor_ref (style->alpha);
  g_autoptr (RvImage) colored = rv__color_of (image, style->content, color_mode (style), error);
  return colored && style->protect ? rv_image_blend (style->content, colored, 1, style->protect, error)
                                   : g_steal_pointer (&colored);
}

static gboolean
run_scales (RvStyleRun *run, RvImage **result, GError **error)
{
  RvStyle *style = run->style;
  guint first = 0;
  gboolean ok = !style->resume || rv__style_restore_run (run, &first, error);
  for (guint i = first; ok && i < style->scales->len && !run->stopped; i++)
    ok = run_scale (run, rv__style_scale (style, i), error);
  if (!ok && run->canvas && g_error_matches (*error, RV_ERROR, RV_ERROR_CANCELLED)) { /* between two scales */
    g_clear_error (error);
    ok = run->stopped = TRUE;
  }
  gboolean broken_number = !ok && run->canvas && g_error_matches (*error, RV_ERROR, RV_ERROR_NUMBER);
  if (ok || broken_number)
    *result = to_result (style, run->canvas, run->scale, broken_number ? NULL : error);
  return ok && *result;
}

gboolean
rv_style_run (RvStyle *style, RvStyleFunc progress, gpointer user_data, RvImage **result, GError **error)
{
  RvStyleRun run = { .style = style,
                     .progress = progress,
                     .user_data = user_data,
                     .n_iterations = total_iterations (style),
                     .began_us = g_get_monotonic_time () };
  g_autoptr (GError) own_error = NULL; /* so that it can be looked at when the caller gave none */
  *result = NULL;
  if (!rv__style_ready (style, error))
    return FALSE;
  if (style->settings->strength == 0) {
    *result = rv_image_ref (style->content);
    return TRUE;
  }
  int before =
    rv__system_use_threads (rv__compute_threads (&style->settings->compute)); /* for the loops between evaluations */
  style->run = &run;
  gboolean ok = rv__style_find_tiles (style, NULL, NULL, &own_error) && run_scales (&run, result, &own_error);
  style->run = NULL;
  rv__system_use_threads (before);
  rv__optim_free (run.optim);
  rv__free (run.canvas);
  rv__free (run.protect);
  rv__free (run.kept);
  if (own_error)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return ok;
}

RvImage *
rv_style_picture (const RvStyleProgress *progress, GError **error)
{
  const RvStyle *style = progress->run;
  g_autoptr (RvImage) image = rv_image_new (progress->width, progress->height, error);
  if (!image)
    return NULL;
  rv__scale_crop (style->x, style->run->scale, image->rgb->data);
  rv__pixel_space_leave (&style->space, image->rgb->data, (gint64) image->width * image->height);
  gboolean full_size = style->run->scale == rv__style_scale (style, style->scales->len - 1);
  return rv__color_of (image, style->content, full_size ? color_mode (style) : RV_COLOR_NONE, error);
}
