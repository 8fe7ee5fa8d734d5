/* plan.c -- what a run of style transfer will take, and in which tiles it fits. */
#include "base/system.h"
#include "method/style/run.h"
#include <math.h>
#include <string.h>

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* What lies beside the objective at most, and beside what is held before the run: pictures are let go of when the
 * last scale has looked at them (run.c, set_out). */
static gint64
beside_bytes (const RvStyle *style, const RvScale *scale)
{
  RvOptimSettings optim = rv__style_optim_settings (style);
  gint64 picture = rv__scale_canvas_pixels (scale) * 3 * (gint64) sizeof (float);
  gint64 state = (gint64) rv__optim_memory (rv__style_optim (style->settings), &optim, picture / 4);
  gboolean climbs = scale != rv__style_scale (style, 0);
  gboolean last = scale == rv__style_scale (style, style->scales->len - 1);
  gint64 protect = style->protect ? 2 * picture : 0;
  /* Of each mask three planes, and while they are brought to the layers two more for one of them. */
  gint64 masks = style->masks ? style->n_styles * picture + 2 * picture / 3 : 0;
  gint64 let_go = last ? rv__style_let_go_bytes (style) : 0;
  /* Of the last scale, with half the pixels: its canvas, its state. */
  gint64 targets = picture + (climbs ? picture / 2 + state / 2 : 0); /* a picture shrunk to this scale */
  gint64 carried =
    climbs ? state + state / 2 + picture / 2 + picture - let_go : 0; /* with one slot of the optimiser on its way */
  gint64 running = state + picture / 2 + (style->settings->average > 0 ? picture : 0) + protect - let_go;
  return MAX (MAX (MAX (targets, carried), running), masks);
}

static gboolean
find_tiles (RvStyle *style, gsize *peak, double *work, GError **error)
{
  gsize largest = 0;
  for (guint i = style->scales->len; i > 0; i--) {
    const RvScale *scale = rv__style_scale (style, i - 1);
    gsize beside = (gsize) MAX (beside_bytes (style, scale), 0), bytes = 0;
    double factor = 1;
    RvObjectiveSpec spec = rv__style_objective_spec (style, &(RvFit){ 0 });
    spec.n_targets = style->n_styles * (int) i; /* those of coarser scales are kept */
    if (!rv__engine_fit (style->engine, i - 1, &spec, 1, beside, peak != NULL, &bytes, &factor, error))
      return FALSE;
    largest = MAX (largest, bytes + beside);
    if (work && i == style->scales->len)
      *work = factor;
  }
  if (peak)
    *peak = largest;
  return TRUE;
}

/* Whether the optimiser, which was asked to, takes less memory. */
static gboolean
shrink_optim (RvStyle *style)
{
  style->engine->n_shrunk++;
  RvOptimSettings settings = rv__style_optim_settings (style);
  const RvOptimClass *class = rv__style_optim (style->settings);
  rv__optim_own_free (class, rv__optim_own_used (class, &settings, &style->engine->n_shrunk));
  return style->engine->n_shrunk == settings.n_shrunk;
}

/* What costs no iteration comes first: tiles, 16 bits (fit.c); an optimiser that remembers less only when nothing else
 * helps. */
static gboolean
find_tiles_and_optim (RvStyle *style, gsize *peak, double *work, GError **error)
{
  g_autoptr (GError) own_error = NULL;
  while (!find_tiles (style, peak, work, &own_error)) {
    if (!g_error_matches (own_error, RV_ERROR, RV_ERROR_MEMORY) || !shrink_optim (style)) {
      g_propagate_error (error, g_steal_pointer (&own_error));
      return FALSE;
    }
    g_clear_error (&own_error);
  }
  return TRUE;
}

/* Once for all runs that share the engine; a plan has one of its own. */
gboolean
rv__style_find_tiles (RvStyle *style, GError **error)
{
  RvEngine *engine = style->engine;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&engine->fitting);
  engine->fitted = engine->fitted || find_tiles_and_optim (style, NULL, NULL, error);
  return engine->fitted;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

#define TRIAL_PIXELS                                                                                                   \
  100000 /* measured at the finest scale that is no larger: coarser ones take longer for each pixel */
#define LARGE_TRIAL_PIXELS 400000 /* a single scale that is larger than this is measured on a smaller picture */

#define TARGET_PART 0.5 /* of an evaluation: what a style's or the content's features cost */
#define START_S 0.1     /* of each scale: kernels built, memory taken */

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

/* The seconds one evaluation takes for each pixel. */
static gboolean
seconds_per_pixel (RvStyle *style, double *seconds, GError **error)
{
  RvScale scale = trial_scale (style);
  RvObjectiveSpec spec = rv__style_objective_spec (style, &(RvFit){ 0 });
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, scale.canvas_height, scale.canvas_width, error);
  gboolean ok = objective && rv__style_set_targets (style, objective, &scale, TRUE, error) &&
                rv__objective_time (objective, seconds, error);
  *seconds /= (double) rv__scale_canvas_pixels (&scale);
  return ok;
}

static gboolean
count_tiles (const RvStyle *style, int *n_tiles, GError **error)
{
  guint last = style->scales->len - 1;
  const RvScale *scale = rv__style_scale (style, last);
  RvObjectiveSpec spec = rv__style_objective_spec (style, &rv__engine_stage (style->engine, last)->fit);
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, scale->canvas_height, scale->canvas_width, error);
  *n_tiles = objective ? rv__objective_n_tiles (objective) : 0;
  return objective != NULL;
}

/* The pairs that L-BFGS keeps, where they had to be fewer; else 0. */
static int
shortened_history (const RvStyle *style)
{
  RvOptimSettings settings = rv__style_optim_settings (style);
  const RvOptimClass *class = rv__style_optim (style->settings);
  if (settings.n_shrunk == 0)
    return 0;
  gpointer own = rv__optim_own_used (class, &settings, NULL);
  g_autofree char *history = rv_option_get (class->options, own, "history");
  rv__optim_own_free (class, own);
  return history ? (int) g_ascii_strtoll (history, NULL, 10) : 0;
}

gboolean
rv_style_plan (RvStyle *style, RvStylePlan *plan, GError **error)
{
  double per_pixel = 0, work = 1;
  gint64 left = style->settings->until > 0 ? style->settings->until : G_MAXINT64;
  gsize peak = 0;
  *plan = (RvStylePlan){ .n_scales = (int) style->scales->len, .backend = style->engine->backend->name };
  if (!rv__style_ready (style, error) || !rv__style_own_engine (style, error) ||
      !find_tiles_and_optim (style, &peak, &work, error) || !count_tiles (style, &plan->n_tiles, error))
    return FALSE;
  plan->work = work;
  plan->history = shortened_history (style);
  plan->peak_bytes = RV_LIBRARY_BYTES + rv__system_resident_bytes () + peak;
  if (!seconds_per_pixel (style, &per_pixel, error))
    return FALSE;
  for (guint i = 0; i < style->scales->len && left > 0; i++) {
    const RvScale *scale = rv__style_scale (style, i);
    const RvFit *fit = &rv__engine_stage (style->engine, i)->fit;
    double factor = fit->tile_px > 0 || fit->recompute ? work : 1;
    gint64 iterations = MIN (scale->iterations, left);
    left -= iterations;
    plan->n_iterations += iterations;
    plan->compact |= fit->compact;
    double evaluations = (double) iterations + TARGET_PART * (style->n_styles + 1);
    plan->seconds += START_S + factor * per_pixel * (double) rv__scale_canvas_pixels (scale) * evaluations;
  }
  if (style->engine->allowed_s > 0)
    plan->seconds = MIN (plan->seconds, style->engine->allowed_s);
  return TRUE;
}
