/* run.c -- one picture's run through the stages of an engine. */
#include "method/run/run.h"
#include "method/run/state.h"
#include "tensor/tensor-map.h"
#include <math.h>

/* ---- early stop -------------------------------------------------------------------------------------------------- */

void
rv__early_stop_start (RvEarlyStop *stop, gint64 until_us, double plateau)
{
  *stop = (RvEarlyStop){
    .until_us = until_us, .plateau = plateau, .best = INFINITY, .evaluated_us = g_get_monotonic_time ()
  };
}

void
rv__early_stop_reset (RvEarlyStop *stop)
{
  stop->best = INFINITY;
  stop->n = 0;
}

gboolean
rv__early_stop_update (RvEarlyStop *stop, double loss)
{
  gint64 now_us = g_get_monotonic_time (), took_us = now_us - stop->evaluated_us;
  double *before = &stop->before[stop->n % RV_EARLY_STOP_PATIENCE];
  gboolean flat = stop->plateau > 0 && stop->n >= RV_EARLY_STOP_PATIENCE &&
                  *before - MIN (loss, stop->best) < stop->plateau * fabs (*before);
  stop->best = MIN (loss, stop->best);
  *before = stop->best;
  stop->evaluated_us = now_us;
  stop->n++;
  stop->ended = flat || (stop->until_us > 0 && now_us + took_us > stop->until_us);
  return stop->ended;
}

/* ---- begin ------------------------------------------------------------------------------------------------------- */

void
rv__run_start (RvRun *run, RvEngine *engine, gint64 until, gpointer method, RvIterationFunc progress,
               gpointer user_data)
{
  *run = (RvRun){ .engine = engine,
                  .method = method,
                  .progress = progress,
                  .user_data = user_data,
                  .until = until,
                  .began_us = g_get_monotonic_time () };
}

/* ---- progress ---------------------------------------------------------------------------------------------------- */

/* Fraction of all work (pixels times iterations), 0..1, that is done after @n_done iterations of stage @number; 1 if
 * there is no work. Earlier stages count as done, also if they ended early. */
static double
work_before_01 (const RvEngine *engine, guint number, gint64 n_done)
{
  double done = 0, total = 0;
  for (guint i = 0; i < engine->stages->len; i++) {
    double pixels = (double) rv__engine_pixels (engine, i);
    gint64 planned = rv__engine_stage (engine, i)->iterations;
    done += pixels * (double) (i < number ? planned : i == number ? n_done : 0);
    total += pixels * (double) planned;
  }
  return total > 0 ? done / total : 1; /* --iterations 0 */
}

/* Fraction of all work, 0..1, up to the end of the current stage. */
static double
work_with_stage_01 (const RvRun *run)
{
  return work_before_01 (run->engine, run->stage, rv__engine_stage (run->engine, run->stage)->iterations);
}

/* Fraction of the run that is done, 0..1: of its work, pixels times iterations. With --time it is the fraction of the
 * time, if that is more, but at most the work up to the stage's end. 1 if no iteration is planned. */
static double
done_01 (const RvRun *run)
{
  double done = work_before_01 (run->engine, run->stage, run->n_done), allowed_s = run->engine->allowed_s;
  double seconds = (double) (run->stop.evaluated_us - run->began_us) / G_USEC_PER_SEC;
  return allowed_s > 0 ? MAX (done, MIN (seconds / allowed_s, work_with_stage_01 (run))) : done;
}

/* ---- stages ------------------------------------------------------------------------------------------------------ */

/* End time of the current stage, monotonic clock: the fraction of allowed_s that has passed then is the fraction of
 * all work that is done then. 0: no limit. */
static gint64
until_us (const RvRun *run)
{
  double allowed_s = run->engine->allowed_s;
  return allowed_s > 0 ? run->began_us + (gint64) (allowed_s * work_with_stage_01 (run) * G_USEC_PER_SEC) : 0;
}

/* Whether the last requested iteration is done. */
static gboolean
is_over (const RvRun *run)
{
  return run->until > 0 && run->n_all >= run->until;
}

void
rv__run_start_stage (RvRun *run, guint i, double plateau)
{
  run->stage = i;
  run->n_done = 0;
  rv__early_stop_start (&run->stop, until_us (run), plateau);
}

void
rv__run_resume_stage (RvRun *run)
{
  run->stop.until_us = until_us (run);
  run->stop.evaluated_us = g_get_monotonic_time ();
}

gboolean
rv__run_has_more (RvRun *run)
{
  run->stopped |= is_over (run); /* a restored run may be over already */
  run->traffic = rv__cluster_bytes (run->engine->cluster);
  return run->n_done < rv__engine_stage (run->engine, run->stage)->iterations && !run->stopped && !run->stop.ended;
}

void
rv__run_count (RvRun *run, double loss)
{
  run->n_all++;
  run->n_done++;
  rv__early_stop_update (&run->stop, loss);
}

gboolean
rv__run_report (const RvRun *run, RvIteration *stage)
{
  gint64 planned = 0;
  for (guint i = 0; i < run->engine->stages->len; i++)
    planned += rv__engine_stage (run->engine, i)->iterations;
  stage->run = run->method;
  stage->iteration = run->n_all;
  stage->n_iterations = planned - run->n_left_out;
  stage->stage = (int) run->stage + 1;
  stage->n_stages = (int) run->engine->stages->len;
  stage->stage_iteration = run->n_done;
  stage->n_stage_iterations = rv__engine_stage (run->engine, run->stage)->iterations;
  stage->seconds = (double) (g_get_monotonic_time () - run->began_us) / G_USEC_PER_SEC;
  stage->done_01 = done_01 (run);
  stage->traffic_bytes = rv__cluster_bytes (run->engine->cluster) - run->traffic;
  return !run->progress || run->progress (stage, run->user_data);
}

gboolean
rv__run_sync (RvRun *run, gboolean continues, GError **error)
{
  struct {
    gboolean stopped, ended;
  } of_root = { !continues || is_over (run), run->stop.ended };
  if (!rv__cluster_broadcast (run->engine->cluster, &of_root, sizeof of_root, 0, error))
    return FALSE;
  run->stopped = of_root.stopped;
  run->stop.ended = of_root.ended;
  return TRUE;
}

/* ---- states ------------------------------------------------------------------------------------------------------ */

/* Shape of the bytes of an RvEarlyStop as a tensor of a state. */
static RvShape
stop_shape (void)
{
  return rv_shape (1, (gint64) sizeof (RvEarlyStop));
}

RvTensorMap *
rv__run_save (const RvRun *run, const RvOption *table, const void *settings)
{
  guint n_stages = run->engine->stages->len;
  g_autofree RvFit *fits = g_new (RvFit, n_stages);
  RvShape stop = stop_shape ();
  RvTensorMap *state = rv__state_new (table, settings, run->engine->kernels);
  for (guint i = 0; i < n_stages; i++)
    fits[i] = rv__engine_stage (run->engine, i)->fit;
  rv__state_set_fits (state, fits, n_stages);
  rv_tensor_map_set_text (state, "backend", run->engine->backend->name);
  rv__state_set_view (state, "stop", RV_U8, &stop, &run->stop);
  rv__tensor_map_set_count (state, "stage", run->stage);
  rv__tensor_map_set_count (state, "done", run->n_done);
  rv__tensor_map_set_count (state, "iteration", run->n_all);
  rv__tensor_map_set_count (state, "left out", run->n_left_out);
  rv__tensor_map_set_count (state, "tuned", rv__engine_n_tuned (run->engine));
  rv__tensor_map_set_count (state, "microseconds", g_get_monotonic_time () - run->began_us);
  return state;
}

gboolean
rv__run_restore (RvRun *run, const RvTensorMap *state, GError **error)
{
  guint n_stages = run->engine->stages->len;
  gint64 stage, tuned, since_us, max = G_MAXINT64 / 2;
  g_autofree RvFit *fits = g_new0 (RvFit, n_stages);
  RvShape stop = stop_shape ();
  if (!rv__state_get_count (state, "stage", n_stages - 1, &stage, error) ||
      !rv__state_get_count (state, "done", rv__engine_stage (run->engine, (guint) stage)->iterations, &run->n_done,
                            error) ||
      !rv__state_get_count (state, "iteration", max, &run->n_all, error) ||
      !rv__state_get_count (state, "left out", max, &run->n_left_out, error) ||
      !rv__state_get_count (state, "tuned", n_stages, &tuned, error) ||
      !rv__state_get_count (state, "microseconds", max, &since_us, error) ||
      !rv__state_get_fits (state, fits, n_stages, error) ||
      !rv__state_read_tensor (state, "stop", RV_U8, &stop, &run->stop, error))
    return FALSE;
  if (run->stop.n < 0 || run->stop.n > max)
    return rv__state_refuse (error, "is damaged: the end of its stage cannot be read");
  run->stage = (guint) stage;
  run->began_us -= since_us;
  gboolean has_same_memory = g_strcmp0 (rv_tensor_map_get_text (state, "backend"), run->engine->backend->name) == 0;
  for (guint i = 0; has_same_memory && i < n_stages; i++)
    rv__engine_set_fit (run->engine, i, &fits[i]);
  for (guint i = 0; i < (guint) tuned; i++) /* rv__engine_acquire() measures no kernels there */
    for (int k = 0; k < RV_STAGE_OBJECTIVES; k++)
      rv__engine_stage (run->engine, i)->tuned[k] = TRUE;
  run->engine->fitted = TRUE;
  return TRUE;
}
