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
#include "base/alloc.h"
#include "base/system.h"
#include "method/compute.h"
#include "method/dream/dream-internal.h"
#include <string.h>

/* ---- the ascent -------------------------------------------------------------------------------------------------- */

/* Sets the weights of the octave's terms. With --balance and several terms, measures run->balance at the start of the
 * octave, or uses the restored one. Errors: those of rv__dream_compute_balance(). */
static gboolean
weigh_terms (RvDreamRun *run, const RvDreamSteps *steps, GError **error)
{
  if (run->common.n_done == 0)
    g_clear_pointer (&run->balance, g_free);
  rv__dream_set_term_weights (run->dream, run->at, run->balance);
  if (run->balance || !run->dream->settings->balance || run->at->terms->len < 2 ||
      run->dream->settings->iterations == 0)
    return TRUE;
  run->balance = g_new (double, run->at->terms->len);
  if (!rv__dream_compute_balance (steps, run->balance, error))
    return FALSE;
  rv__dream_set_term_weights (run->dream, run->at, run->balance);
  return TRUE;
}

/* For a dream from noise: creates its spectrum, from random noise or from the state that the run resumes from, and sets
 * run->x to its picture. Else does nothing. */
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
         rv__noise_dream_picture (run->noise_dream, run->x, error);
}

/* Takes the steps of the run's octave on run->x. Returns TRUE also if stopped. FALSE, with the steps before in run->x:
 * errors of rv__dream_engines_acquire(), rv__dream_steps_init(), rv__dream_step() and rv__run_sync(). */
static gboolean
dream_octave (RvDreamRun *run, GError **error)
{
  RvDream *dream = run->dream;
  RvDreamEngines engines = { NULL };
  RvDreamSteps steps = { NULL };
  gboolean ok = rv__dream_engines_acquire (dream, run->common.stage, &engines, error) &&
                start_noise_dream (run, error) && rv__dream_steps_init (run, &engines, &steps, error) &&
                weigh_terms (run, &steps, error);

  while (ok && rv__run_has_more (&run->common)) {
    double loss = 0;
    if (!(ok = rv__dream_step (&steps, run->common.n_all, &loss, error)))
      break;
    rv__run_count (&run->common, loss);
    run->common.stop.ended |= dream->settings->max_loss > 0 && loss > dream->settings->max_loss;
    RvIteration iteration = {
      .width = run->at->width, .height = run->at->height, .scale = run->at->scale, .loss = loss, .losses = &loss
    };
    ok = rv__run_sync (&run->common, rv__run_report (&run->common, &iteration), error);
  }
  ok = ok && rv__dream_engines_release (dream, run->common.stage, &engines, error);
  rv__dream_engines_clear (&engines);
  rv__dream_steps_clear (&steps);
  return ok;
}

/* With --carry picture: x += original - resize (downsampled), both at the octave's size. Blends x with the original by
 * the mask, if any. Then moves run->base to run->downsampled. FALSE, changing nothing: RV_ERROR_MEMORY. */
static gboolean
end_octave (RvDreamRun *run, GError **error)
{
  const RvDream *dream = run->dream;
  gint64 plane = rv__dream_octave_pixels (run->at);
  float *x = run->x, *now = run->base;
  float *before = rv__dream_carries_residual (dream) ? NULL : rv__dream_new_picture (run->at, error);
  if (before)
    rv__resize_planes (run->downsampled, 3, run->shrunk_at->height, run->shrunk_at->width, RV_RESIZE_BILINEAR, before,
                       run->at->height, run->at->width);
  else if (!rv__dream_carries_residual (dream))
    return FALSE;
  for (int c = 0; c < 3; c++)
    for (gint64 i = c * plane; i < (c + 1) * plane; i++) {
      float weight = dream->weights ? dream->weights[i - c * plane] : 1;
      x[i] += before ? now[i] - before[i] : 0;
      if (dream->weights)
        x[i] = weight * x[i] + (1 - weight) * now[i];
    }
  rv__free (before);
  rv__free (run->downsampled);
  run->downsampled = g_steal_pointer (&run->base);
  run->shrunk_at = run->at;
  return TRUE;
}

/* Sets x and downsampled to the original at the first octave's size. RV_ERROR_MEMORY. */
static gboolean
init_pictures (RvDreamRun *run, GError **error)
{
  run->at = run->shrunk_at = rv__dream_octave (run->dream, 0);
  run->x = rv__dream_downsample (run->dream, run->at, error);
  run->downsampled = run->x ? rv__dream_new_picture (run->at, error) : NULL;
  if (run->downsampled)
    memcpy (run->downsampled, run->x, 3 * (gsize) rv__dream_octave_pixels (run->at) * sizeof (float));
  return run->downsampled != NULL;
}

/* Replaces run->x by x enlarged to @octave, and sets run->at. With --carry dream: run->base plus the enlarged x -
 * downsampled. FALSE, changing nothing: RV_ERROR_MEMORY. */
static gboolean
enlarge (RvDreamRun *run, const RvDreamOctave *octave, GError **error)
{
  gboolean dream_alone = rv__dream_carries_residual (run->dream);
  float *next = rv__dream_new_picture (octave, error);
  if (!next)
    return FALSE;
  if (dream_alone)
    rv__dream_add (run->x, -1, run->downsampled, 3 * rv__dream_octave_pixels (run->at));
  rv__resize_planes (run->x, 3, run->at->height, run->at->width, dream_alone ? RV_RESIZE_BICUBIC : RV_RESIZE_BILINEAR,
                     next, octave->height, octave->width);
  if (dream_alone)
    rv__dream_add (next, 1, run->base, 3 * rv__dream_octave_pixels (octave));
  rv__free (run->x);
  run->x = next;
  run->at = octave;
  return TRUE;
}

/* Whether a run that ended with @error leaves a usable picture. With several ranks, cancelling one makes the others
 * fail while they wait, so none has a picture. */
static gboolean
leaves_picture (const RvDreamRun *run, const GError *error)
{
  gboolean has_all = run->x && run->downsampled && rv__cluster_size (run->dream->engine->cluster) == 1;
  return run->common.n_all > 0 && (g_error_matches (error, RV_ERROR, RV_ERROR_NUMBER) ||
                                   (has_all && g_error_matches (error, RV_ERROR, RV_ERROR_CANCELLED)));
}

/* Runs the octaves from run->common.stage on. @resumes: the first one resumes from a state. TRUE also if stopped.
 * FALSE: errors of rv__dream_downsample(), rv__dream_set_mask_weights() and dream_octave(). @error: not NULL. */
static gboolean
dream_octaves (RvDreamRun *run, gboolean resumes, GError **error)
{
  RvDream *dream = run->dream;
  if (resumes)
    rv__run_resume_stage (&run->common);
  for (guint i = run->common.stage; i < dream->octaves->len && !run->common.stopped; i++) {
    run->base = rv__dream_downsample (dream, rv__dream_octave (dream, i), error);
    if (!run->base || (!resumes && !enlarge (run, rv__dream_octave (dream, i), error)) ||
        !rv__dream_set_mask_weights (dream, run->at, error))
      return FALSE;
    if (!resumes)
      rv__run_start_stage (&run->common, i, 0);
    gboolean ok = dream_octave (run, error);
    if (!ok && !leaves_picture (run, *error))
      return FALSE;
    if (!end_octave (run, ok ? error : NULL) || !ok)
      return FALSE;
    resumes = FALSE;
  }
  return TRUE;
}

/* Starts or resumes the run, and runs all octaves. *result: (out) (transfer full): the picture. TRUE also if stopped,
 * or cancelled with a picture. FALSE: errors of rv__dream_run(); *result only with RV_ERROR_NUMBER. @error: not
 * NULL. */
static gboolean
run_dream (RvDreamRun *run, RvImage **result, GError **error)
{
  RvDream *dream = run->dream;
  gboolean resumes = dream->resume != NULL;
  gboolean ok =
    (resumes ? rv__dream_restore (run, error) : init_pictures (run, error)) && dream_octaves (run, resumes, error);
  if (!ok && leaves_picture (run, *error) && (*error)->code == RV_ERROR_CANCELLED) {
    g_clear_error (error); /* the run counts as stopped, as by RvIterationFunc */
    ok = TRUE;
  }
  if (!ok && !leaves_picture (run, *error))
    return FALSE;
  if (dream->settings->clip && run->shrunk_at == run->at)
    rv__dream_soft_clip (run->x, run->downsampled, 3 * rv__dream_octave_pixels (run->at));
  g_clear_pointer (&run->downsampled, rv__free);
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
  int before = rv__system_use_threads (rv__compute_threads (&dream->settings->compute));
  rv__run_start (&run.common, dream->engine, dream->settings->until, dream, progress, user_data);
  dream->run = &run;
  gboolean ok =
    (dream->engine->fitted || rv__dream_plan_memory (dream, NULL, &own_error)) && run_dream (&run, result, &own_error);
  dream->run = NULL;
  rv__system_use_threads (before);
  g_clear_pointer (&dream->weights, rv__free);
  g_clear_pointer (&dream->resume, rv_tensor_map_unref);
  rv__free (run.x);
  rv__free (run.downsampled);
  rv__free (run.base);
  rv__noise_dream_free (run.noise_dream);
  g_free (run.balance);
  if (own_error)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return ok;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

/* Sets *seconds to the time per pixel of one evaluation, dream and style, on the smallest octave. Divides out the extra
 * work of tiles. Errors: those of rv__dream_engines_init() and rv__objective_time(). */
static gboolean
measure_seconds (const RvDream *dream, double *seconds, GError **error)
{
  RvDreamEngines engines;
  double of_style = 0;
  if (!rv__dream_engines_init (dream, 0, &engines, error))
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
