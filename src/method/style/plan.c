/* plan.c -- memory plan and time estimate of a style transfer. */
#include "base/error.h"
#include "method/run/plan.h"
#include "method/style/style-run.h"
#include <math.h>
#include <string.h>

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Bytes of an f32 plane at the result's size. */
static gint64
plane_bytes (const RvStyle *style)
{
  const RvScale *final = rv__style_scale (style, style->scales->len - 1);
  return (gint64) final->width * final->height * (gint64) sizeof (float);
}

/* Bytes of content, style pictures and masks that release_inputs() frees at the last scale, @scale; without `init`.
 * */
static gint64
released_bytes (const RvStyle *style, const RvScale *scale)
{
  gint64 bytes = rv__style_keeps_content (style) ? 0 : 3 * plane_bytes (style);
  for (int i = 0; i < (style->regions ? 1 : style->n_styles); i++) /* one picture for all regions */
    bytes += 3 * (gint64) sizeof (float) * style->styles[i]->width * style->styles[i]->height;
  for (int i = 0; style->masks && !scale->is_finish && i < style->n_styles; i++)
    bytes += style->masks[i] ? (gint64) rv__compact_image_bytes (style->masks[i]) : 0;
  return bytes;
}

GArray *
rv__style_buffers (RvStyleRun *run, const RvScale *scale)
{
  const RvStyle *style = run->style;
  const RvOptimSettings optim = rv__style_optim_settings (style);
  gboolean is_first = scale == rv__style_scale (style, 0), in_spectrum = rv__style_in_spectrum (style);
  gboolean is_last = scale == rv__style_scale (style, style->scales->len - 1), is_finish = scale->is_finish;
  gint64 plane = rv__scale_canvas_pixels (scale) * (gint64) sizeof (float), picture = 3 * plane;
  gint64 state = (gint64) rv__optim_memory (rv__style_optim (style->settings), &optim, picture / 4);
  gint64 n_masks = (style->masks ? style->n_styles : 0) + (style->warped ? 1 : 0);
  gint64 mask = plane_bytes (style) + 2 * plane; /* a plane of floats, and the canvas twice */
  gint64 masks = n_masks > 0 ? n_masks * plane + mask : 0;
  gboolean recolors = style->keep || strcmp (style->settings->init, "recolored") == 0;
  gint64 style_mask = style->regions ? (gint64) sizeof (float) * style->styles[0]->width * style->styles[0]->height : 0;
  gint64 matched = rv__style_bank_positions (style) > 0 ? picture : 0;
  gint64 match_masks = !matched ? 0 : style->masks ? masks : mask;
  gint64 protect = style->stays ? plane : 0, static_mask = is_last && style->static_mask ? plane : 0;
  gint64 keep = style->keep ? plane : 0;
  gint64 average = style->settings->average > 0 ? picture : 0, spectrum = in_spectrum ? picture : 0;
  gint64 fourier = in_spectrum ? (gint64) rv__fourier_memory (scale->canvas_width, scale->canvas_height) : 0;
  double before = is_first ? 0 : is_finish ? 1 : 0.5; /* pixels of the previous scale, relative to this one */
  const RvBuffer rows[] = {
    { NULL, masks, "masks", RV_STYLE_MASKS, RV_STYLE_MASKS },
    { NULL, match_masks, "masks of matches, or of faces", RV_STYLE_MATCHING, RV_STYLE_MATCHING },
    { NULL, style->masks && recolors ? masks : 0, "masks of colours", RV_STYLE_PROTECTING, RV_STYLE_CANVAS },
    { NULL, style_mask, "a mask of a style picture", RV_STYLE_TARGETS, RV_STYLE_CANVAS },
    { NULL, (gint64) (before * (double) picture), "the canvas before", RV_STYLE_MASKS, RV_STYLE_CANVAS },
    { NULL, (gint64) (before * (double) state), "the optimiser before", RV_STYLE_MASKS, RV_STYLE_CANVAS },
    { NULL, (gint64) (before * (double) picture), "its last slot", RV_STYLE_LAST_SLOT, RV_STYLE_LAST_SLOT },
    { NULL, is_first ? 0 : picture + plane / 2, "an enlarged picture", RV_STYLE_CANVAS, RV_STYLE_LAST_SLOT },
    { NULL, picture, "a picture of the scale", RV_STYLE_TARGETS, RV_STYLE_MATCHING },
    { &run->detail, matched / 3, "the detail of the photograph", RV_STYLE_MATCHING, RV_STYLE_MATCHING },
    { &run->shares, matched / 3, "shares of features", RV_STYLE_MATCHING, RV_STYLE_RUNNING },
    { &run->start, matched, "the start of the scale", RV_STYLE_MATCHING, RV_STYLE_RUNNING },
    { &run->query, is_finish ? 0 : matched, "the picture to be matched", RV_STYLE_MATCHING, RV_STYLE_MATCHING },
    { &run->before, matched, "a picture", RV_STYLE_MATCHING, is_finish ? RV_STYLE_RUNNING : RV_STYLE_MATCHING },
    { NULL, protect || static_mask || keep ? mask : 0, "a copy of a mask", RV_STYLE_PROTECTING, RV_STYLE_PROTECTING },
    { &run->protect, protect, "a mask", RV_STYLE_PROTECTING, RV_STYLE_RUNNING },
    { &run->content, 3 * protect, "the protected picture", RV_STYLE_PROTECTING, RV_STYLE_RUNNING },
    { &run->keep, keep, "a mask", RV_STYLE_PROTECTING, RV_STYLE_RUNNING },
    { &run->kept, 3 * keep, "what is kept", RV_STYLE_PROTECTING, RV_STYLE_RUNNING },
    { &run->static_mask, static_mask, "a mask", RV_STYLE_PROTECTING, RV_STYLE_RUNNING },
    { NULL, state, "the optimiser", RV_STYLE_LAST_SLOT, RV_STYLE_RUNNING },
    { &run->last_finite, picture / 2, "the last picture", RV_STYLE_RUNNING, RV_STYLE_RUNNING },
    { &run->average, average, "the average", RV_STYLE_RUNNING, RV_STYLE_RUNNING },
    { &run->spectrum_picture, spectrum, "a spectrum's picture", RV_STYLE_RUNNING, RV_STYLE_RUNNING },
    { NULL, spectrum + fourier, "a spectrum and its program", RV_STYLE_RUNNING, RV_STYLE_RUNNING },
    { NULL, is_last ? -released_bytes (style, scale) : 0, "released pictures", RV_STYLE_RUNNING, RV_STYLE_RUNNING },
  };
  return rv__buffers_new (rows, G_N_ELEMENTS (rows));
}

/* Memory needs of the RvStyle @method at scale @i; an RvNeedsFunc. */
static RvNeeds
scale_needs (gconstpointer method, guint i)
{
  RvStyle *style = (RvStyle *) method;
  g_autoptr (GArray) buffers = rv__style_buffers (&(RvStyleRun){ .style = style }, rv__style_scale (style, i));
  RvNeeds needs = { .n_specs = 1, .extra_bytes = rv__buffers_peak (buffers, 0, G_MAXINT) };
  needs.spec[0] = rv__style_objective_spec (style, rv__style_scale (style, i), &(RvFit){ 0 });
  needs.spec[0].n_targets = style->n_styles * (int) (i + 1); /* targets of coarser scales stay cached */
  return needs;
}

/* Makes the optimiser use less memory: raises engine->n_shrunk. FALSE: the optimiser cannot use less, and n_shrunk
 * stays. */
static gboolean
shrink_optim (RvStyle *style)
{
  style->engine->n_shrunk++;
  RvOptimSettings settings = rv__style_optim_settings (style);
  const RvOptimClass *class = rv__style_optim (style->settings);
  rv__optim_specific_free (class, rv__optim_specific_used (class, &settings, &style->engine->n_shrunk));
  return style->engine->n_shrunk == settings.n_shrunk;
}

/* Fits all scales and sets @plan (nullable). Tries tiles and 16-bit features first, which cost no iterations (fit.c).
 * Shrinks the optimiser's memory only as the last resort. Collective. */
static gboolean
fit_scales (RvStyle *style, RvPlan *plan, GError **error)
{
  g_autoptr (GError) own_error = NULL;
  while (!rv__plan_fit (style->engine, scale_needs, style, plan, &own_error)) {
    if (!g_error_matches (own_error, RV_ERROR, RV_ERROR_MEMORY) || !shrink_optim (style))
      return rv__error_propagate (error, g_steal_pointer (&own_error));
    g_clear_error (&own_error);
  }
  return TRUE;
}

gboolean
rv__style_plan_memory (RvStyle *style, GError **error)
{
  RvEngine *engine = style->engine;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->fitting);
  engine->fitted = engine->fitted || fit_scales (style, NULL, error);
  return engine->fitted;
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

#define TRIAL_PIXELS                                                                                                   \
  100000 /* evaluation is timed at the finest scale up to this size: coarser ones take longer per pixel */
#define LARGE_TRIAL_PIXELS 400000 /* a larger single scale is timed on a smaller picture */

#define TARGET_PART 0.5 /* time to measure one style or the content, relative to an evaluation */
#define START_S 0.1     /* per scale: for building kernels and allocating memory */

/* Scale, by value, at which evaluations are timed; it may be smaller than all scales of the run. */
static RvScale
trial_scale (const RvStyle *style)
{
  guint i = 0;
  while (i + 1 < style->scales->len && rv__scale_canvas_pixels (rv__style_scale (style, i + 1)) <= TRIAL_PIXELS)
    i++;
  const RvScale *scale = rv__style_scale (style, i);
  double shrink = sqrt ((double) rv__scale_canvas_pixels (scale) / LARGE_TRIAL_PIXELS);
  if (shrink <= 1)
    return *scale;
  return rv__scale_new (style->settings, (int) (scale->width / shrink), (int) (scale->height / shrink), 1);
}

/* Times one evaluation and one matching. Sets *seconds and *matching to their seconds per pixel. Both must be
 * initialised: they are divided even after an error. */
static gboolean
measure_seconds (RvStyle *style, double *seconds, double *matching, GError **error)
{
  RvScale scale = trial_scale (style);
  RvObjectiveSpec spec = rv__style_objective_spec (style, &scale, &(RvFit){ 0 });
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, scale.canvas_height, scale.canvas_width, error);
  gboolean ok = objective && rv__style_set_targets (style, objective, &scale, TRUE, FALSE, error) &&
                rv__objective_time (objective, seconds, error) &&
                rv__style_time_matching (style, objective, &scale, matching, error);
  *seconds /= (double) rv__scale_canvas_pixels (&scale);
  *matching /= (double) rv__scale_canvas_pixels (&scale);
  return ok;
}

/* Number of pairs that L-BFGS stores if memory forces fewer than set; 0: as many as set, or another optimiser. */
static int
shortened_history (const RvStyle *style)
{
  RvOptimSettings settings = rv__style_optim_settings (style);
  const RvOptimClass *class = rv__style_optim (style->settings);
  if (settings.n_shrunk == 0)
    return 0;
  gpointer own = rv__optim_specific_used (class, &settings, NULL);
  g_autofree char *history = rv__option_get (class->options, own, "history");
  rv__optim_specific_free (class, own);
  return history ? (int) g_ascii_strtoll (history, NULL, 10) : 0;
}

gboolean
rv__style_plan (RvStyle *style, RvPlan *plan, GError **error)
{
  double per_pixel = 0, matching = 0;
  *plan = (RvPlan){ 0 };
  if (!rv__style_check_ready (style, error) || !rv__style_replace_engine (style, error) ||
      !fit_scales (style, plan, error) || !measure_seconds (style, &per_pixel, &matching, error))
    return FALSE;
  g_autofree double *more = g_new (double, style->scales->len); /* targets and matchings, in evaluations */
  for (guint i = 0; i < style->scales->len; i++)
    more[i] = TARGET_PART * (style->n_styles + 1) +
              matching / per_pixel * (double) rv__style_n_matchings (rv__style_scale (style, i));
  plan->history = shortened_history (style);
  return rv__plan_time (plan, style->engine, style->settings->until, per_pixel, more, START_S, error);
}
