/* dream.c -- the run of a dream: its octaves, and how the picture goes from one to the next.
 *
 *   sizes[i] = floor (size / octave_scale^i), smallest first;  p_i: the photograph at sizes[i];  x <- p_0
 *   for each size, its steps (step.c); between sizes
 *     --carry dream:    x <- p_(i+1) + enlarge (x - p_i), bicubic
 *     --carry picture:  x <- enlarge (x), bilinear; and after each size's steps  x <- x + p_i - enlarge (p_(i-1))
 *
 * For `picture`, all resizing is bilinear, with pixel centres at the middle and no antialiasing; for `dream`,
 * photographs are reduced with antialiasing. Sizes at which no selected layer has an interior are left out. A layer
 * without an interior at some size is ignored there. */
#include "base/system.h"
#include "method/compute.h"
#include "method/dream/dream-internal.h"
#include <string.h>

/* Enters @phase, such as RV_DREAM_RUNNING, of octave @i: allocates the buffers that it needs and frees all others. */
static gboolean
enter (const RvDreamRun *run, guint i, int phase, GError **error)
{
  return rv__buffers_enter (run->buffers, (int) i * RV_DREAM_N_PHASES + phase, error);
}

/* ---- the ascent -------------------------------------------------------------------------------------------------- */

/* Sets the weights of the octave's terms. With --balance, several terms and at least one iteration, measures
 * run->balance at the start of the octave, or uses the restored one. */
static gboolean
weigh_terms (RvDreamRun *run, GError **error)
{
  if (run->common.n_done == 0)
    g_clear_pointer (&run->balance, g_free);
  rv__dream_set_term_weights (run);
  if (run->balance || !run->dream->settings->balance || run->at->terms->len < 2 ||
      run->dream->settings->iterations == 0)
    return TRUE;
  run->balance = g_new (double, run->at->terms->len);
  if (!rv__dream_compute_balance (run, run->balance, error))
    return FALSE;
  rv__dream_set_term_weights (run);
  return TRUE;
}

/* For a dream from noise: creates run->noise_dream, from random noise or from the state that the run resumes from, and
 * sets run->at->x to its picture. Else does nothing (TRUE). The caller frees run->noise_dream, also after an error. */
static gboolean
start_noise_dream (RvDreamRun *run, GError **error)
{
  RvShape shape = rv_shape (3, 3, run->at->height, run->at->width);
  if (!rv__dream_from_noise (run->dream))
    return TRUE;
  run->noise_dream = rv__noise_dream_new (run->dream, run->at, error);
  return run->noise_dream &&
         (run->common.n_done == 0 ||
          rv__noise_dream_restore (run->noise_dream, &shape, run->common.n_done, run->dream->resume, error)) &&
         rv__noise_dream_picture (run->noise_dream, run->at->x, error);
}

/* Takes the steps of the run's octave on run->at->x, until one has a loss above `max-loss` or the time is up.
 * Returns TRUE also if stopped. Leaves run->engines NULL. After an error x has the steps before, unless
 * rv__dream_step() has changed x. */
static gboolean
dream_octave (RvDreamRun *run, GError **error)
{
  RvDream *dream = run->dream;
  gboolean ok = rv__dream_engines_acquire (dream, run->common.stage, &run->engines, error) &&
                start_noise_dream (run, error) && enter (run, run->common.stage, RV_DREAM_RUNNING, error) &&
                weigh_terms (run, error);

  while (ok && rv__run_has_more (&run->common)) {
    double loss = 0;
    if (!(ok = rv__dream_step (run, run->common.n_all, &loss, error)))
      break;
    rv__run_count (&run->common, loss);
    run->common.stop.ended |= dream->settings->max_loss > 0 && loss > dream->settings->max_loss;
    RvIteration iteration = {
      .width = run->at->width, .height = run->at->height, .scale = run->at->scale, .loss = loss, .losses = &loss
    };
    ok = rv__run_sync (&run->common, rv__run_report (&run->common, &iteration), error);
  }
  ok = ok && rv__dream_engines_release (dream, run->common.stage, &run->engines, error);
  rv__dream_engines_clear (&run->engines);
  return ok;
}

/* Sets x of @octave to x of @before, the octave before, enlarged. If both are the same, the first octave: to the
 * octave's base. With `carry` dream, x is the base plus the enlarged difference of x to the base, and before->x is
 * overwritten. The bases of both octaves are filled. */
static void
enlarge (const RvDream *dream, const RvDreamOctave *before, const RvDreamOctave *octave)
{
  gboolean dream_alone = rv__dream_carries_residual (dream);
  gint64 n = 3 * rv__dream_octave_pixels (octave);
  if (before == octave) {
    memcpy (octave->x, octave->base, (gsize) n * sizeof (float));
    return;
  }
  if (dream_alone)
    rv__dream_add (before->x, -1, before->base, 3 * rv__dream_octave_pixels (before));
  rv__resize_planes (before->x, 3, before->height, before->width, dream_alone ? RV_RESIZE_BICUBIC : RV_RESIZE_BILINEAR,
                     octave->x, octave->height, octave->width);
  if (dream_alone)
    rv__dream_add (octave->x, 1, octave->base, n);
}

/* Prepares octave @i: its original, its masks, and the picture, which is there already if @resumes. Unless
 * @resumes, also sets run->at, before and has_ended, and begins the stage. An error leaves the picture of the
 * octave before unchanged. */
static gboolean
start_octave (RvDreamRun *run, guint i, gboolean resumes, GError **error)
{
  const RvDream *dream = run->dream;
  const RvDreamOctave *octave = rv__dream_octave (dream, i);
  if (!enter (run, i, RV_DREAM_STARTING, error) || !rv__dream_downsample (dream, octave, error) ||
      !enter (run, i, RV_DREAM_MASKS, error) || !rv__dream_fill_masks (dream, octave, error))
    return FALSE;
  if (!resumes) {
    run->before = rv__dream_octave (dream, i > 0 ? i - 1 : 0);
    run->at = octave;
    run->has_ended = FALSE;
    enlarge (dream, run->before, octave);
    rv__run_start_stage (&run->common, i, 0);
  }
  return TRUE;
}

/* Ends the octave of @run: with `carry` "picture", adds to x the original minus the original of the octave before,
 * enlarged; at->grad is overwritten then. Blends x with the original by at->weights, if any. Sets run->has_ended.
 * An error leaves x and run->has_ended unchanged. */
static gboolean
end_octave (RvDreamRun *run, GError **error)
{
  const RvDreamOctave *at = run->at, *before = run->before;
  gint64 plane = rv__dream_octave_pixels (at);
  float *x = at->x, *now = at->base;
  if (!enter (run, run->common.stage, RV_DREAM_RUNNING, error)) /* a run that is cancelled earlier ends here, too */
    return FALSE;
  float *resized = rv__dream_carries_residual (run->dream) ? NULL : at->grad;
  if (resized)
    rv__resize_planes (before->base, 3, before->height, before->width, RV_RESIZE_BILINEAR, resized, at->height,
                       at->width);
  for (int c = 0; c < 3; c++)
    for (gint64 i = c * plane; i < (c + 1) * plane; i++) {
      float weight = at->weights ? at->weights[i - c * plane] : 1;
      x[i] += resized ? now[i] - resized[i] : 0;
      if (at->weights)
        x[i] = weight * x[i] + (1 - weight) * now[i];
    }
  return run->has_ended = TRUE;
}

/* Whether a run that ended with @error leaves a usable picture: after RV_ERROR_NUMBER, or with one rank after
 * RV_ERROR_CANCELLED; never before the first step. With several ranks, cancelling one makes the others fail while they
 * wait, so none has a picture. */
static gboolean
leaves_picture (const RvDreamRun *run, const GError *error)
{
  gboolean has_all = run->at && rv__cluster_size (run->dream->engine->cluster) == 1;
  return run->common.n_all > 0 && (g_error_matches (error, RV_ERROR, RV_ERROR_NUMBER) ||
                                   (has_all && g_error_matches (error, RV_ERROR, RV_ERROR_CANCELLED)));
}

/* Runs the octaves from run->common.stage on; run->at->x is the picture. @resumes: the first one resumes from a
 * state. TRUE also if RvIterationFunc stopped the run. If leaves_picture() is TRUE for the error, run->at->x is the
 * picture so far; run->has_ended: end_octave() has completed it. @error: not NULL. */
static gboolean
dream_octaves (RvDreamRun *run, gboolean resumes, GError **error)
{
  RvDream *dream = run->dream;
  if (resumes)
    rv__run_resume_stage (&run->common);
  for (guint i = run->common.stage; i < dream->octaves->len && !run->common.stopped; i++) {
    if (!start_octave (run, i, resumes, error))
      return FALSE;
    gboolean ok = dream_octave (run, error);
    if (!ok && !leaves_picture (run, *error))
      return FALSE;
    if (!end_octave (run, ok ? error : NULL) || !ok)
      return FALSE;
    resumes = FALSE;
  }
  return TRUE;
}

/* Starts or resumes the run, and runs all octaves. *result: (out) (transfer full): the picture. TRUE also if
 * stopped, or cancelled with a picture. An error leaves *result unchanged, except RV_ERROR_NUMBER, which may leave
 * a picture. @error: not NULL. */
static gboolean
run_dream (RvDreamRun *run, RvImage **result, GError **error)
{
  RvDream *dream = run->dream;
  gboolean resumes = dream->resume != NULL;
  run->buffers = rv__dream_buffers (dream);
  gboolean ok = (!resumes || rv__dream_restore (run, error)) && dream_octaves (run, resumes, error);
  if (!ok && leaves_picture (run, *error) && (*error)->code == RV_ERROR_CANCELLED) {
    g_clear_error (error); /* the run counts as stopped, as by RvIterationFunc */
    ok = TRUE;
  }
  if (!ok && !leaves_picture (run, *error))
    return FALSE;
  if (dream->settings->clip && run->has_ended)
    rv__dream_soft_clip (run->at->x, run->at->base, 3 * rv__dream_octave_pixels (run->at));
  *result = rv__dream_result (run, ok ? error : NULL);
  return *result && ok;
}

gboolean
rv__dream_run (RvDream *dream, RvIterationFunc progress, gpointer user_data, RvImage **result, GError **error)
{
  RvDreamRun run = { .dream = dream };
  g_autoptr (GError) own_error = NULL; /* needed even if the caller passed NULL */
  *result = NULL;
  if (!rv__dream_check_idle (dream, error))
    return FALSE;
  int before = rv__system_use_threads (rv__compute_threads (dream->settings->compute.threads));
  rv__run_start (&run.common, dream->engine, dream->settings->until, dream, progress, user_data);
  dream->run = &run;
  gboolean ok =
    (dream->engine->fitted || rv__dream_plan_memory (dream, NULL, &own_error)) && run_dream (&run, result, &own_error);
  dream->run = NULL;
  rv__system_use_threads (before);
  g_clear_pointer (&run.buffers, g_array_unref);
  g_clear_pointer (&dream->resume, rv_tensor_map_unref);
  rv__noise_dream_free (run.noise_dream);
  g_free (run.balance);
  if (own_error)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return ok;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

/* Sets *seconds to the time per pixel of one evaluation, dream and style, on the smallest octave. Divides out the
 * extra work of tiles. Collective. */
static gboolean
measure_seconds (const RvDream *dream, double *seconds, GError **error)
{
  RvDreamEngines engines;
  double of_style = 0;
  if (!rv__dream_engines_init (dream, &engines, error))
    return FALSE;
  gboolean ok = rv__objective_bind (engines.dream, error) &&
                (!engines.style || rv__objective_bind (engines.style, error)) &&
                rv__objective_time (engines.dream, seconds, error) &&
                (!engines.style || rv__objective_time (engines.style, &of_style, error));
  double work = rv__objective_work (engines.dream);
  *seconds = (*seconds + of_style) / (work * (double) rv__engine_pixels (dream->engine, 0));
  rv__dream_engines_clear (&engines);
  return ok;
}

gboolean
rv__dream_plan (RvDream *dream, RvPlan *plan, GError **error)
{
  double per_pixel = 0;
  *plan = (RvPlan){ 0 };
  return rv__dream_check_idle (dream, error) && rv__dream_plan_memory (dream, plan, error) &&
         measure_seconds (dream, &per_pixel, error) &&
         rv__plan_time (plan, dream->engine, dream->settings->until, per_pixel, NULL, 0, error);
}
