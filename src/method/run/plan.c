/* plan.c -- estimate of the memory and time of a run. */
#include "method/run/plan.h"
#include "base/system.h"

/* Sets peak memory of the process and of the device, over all stages. Objectives of earlier stages may be cached for
 * the next picture. @extra_bytes: other memory of each stage. */
static void
set_peaks (RvPlan *plan, RvEngine *engine, const gsize *extra_bytes)
{
  gsize largest = 0, cached = 0, device_cached = 0;
  for (guint i = 0; i < engine->stages->len; i++) {
    const RvFitResult *fitted = &rv__engine_stage (engine, i)->fitted;
    if (rv__engine_can_cache (engine, i, fitted->bytes, fitted->device_bytes)) {
      cached += fitted->bytes;
      device_cached += fitted->device_bytes;
    }
    largest = MAX (largest, MAX (fitted->bytes, cached) + extra_bytes[i]);
    plan->device_peak_bytes = MAX (plan->device_peak_bytes, MAX (fitted->device_bytes, device_cached));
  }
  gsize link = rv__cluster_size (engine->cluster) > 1 ? RV_LINK_BYTES : 0;
  plan->peak_bytes = RV_LIBRARY_BYTES + link + rv__system_resident_bytes () + largest;
}

gboolean
rv__plan_fit (RvEngine *engine, RvNeedsFunc needs, gconstpointer method, RvPlan *plan, GError **error)
{
  /* The largest stage comes first: if it does not fit, the others need no computation. */
  guint n = engine->stages->len;
  g_autofree gsize *extra_bytes = g_new0 (gsize, n + 1);
  for (guint i = n; i > 0; i--) {
    RvNeeds stage = needs (method, i - 1);
    extra_bytes[i - 1] = stage.extra_bytes;
    if (!rv__engine_fit (engine, i - 1, &stage, plan != NULL, error))
      return FALSE;
  }
  if (plan) {
    const RvFitResult *last = &rv__engine_stage (engine, n - 1)->fitted;
    *plan = (RvPlan){ .n_stages = (int) n,
                      .backend = engine->backend->name,
                      .n_tiles = last->n_tiles,
                      .work = last->work,
                      .traffic_bytes = last->traffic };
    set_peaks (plan, engine, extra_bytes);
  }
  return TRUE;
}

#define MESSAGES 4 /* per iteration, besides one for each rank and each tile */

gboolean
rv__plan_time (RvPlan *plan, const RvEngine *engine, gint64 until, double seconds_per_pixel,
               const double *more_evaluations, double more_s, GError **error)
{
  gint64 left = until > 0 ? until : G_MAXINT64;
  int n_ranks = rv__cluster_size (engine->cluster);
  double bytes_per_s = 1, message_s = 0;
  if (n_ranks > 1 && !rv__cluster_measure_link (engine->cluster, &bytes_per_s, &message_s, error))
    return FALSE;
  for (guint i = 0; i < engine->stages->len && left > 0; i++) {
    const RvStage *stage = rv__engine_stage (engine, i);
    gint64 iterations = MIN (stage->iterations, left);
    double work = rv__fit_result_slowest_work (&stage->fitted, n_ranks);
    double evaluation_s = work * seconds_per_pixel * (double) rv__engine_pixels (engine, i);
    left -= iterations;
    plan->n_iterations += iterations;
    plan->traffic_bytes = stage->fitted.traffic;
    plan->compact |= stage->fit.compact;
    plan->seconds += more_s + evaluation_s * ((double) iterations + (more_evaluations ? more_evaluations[i] : 0));
    int n_messages = MESSAGES + n_ranks + (stage->fitted.n_tiles > 1 ? stage->fitted.n_tiles : 0);
    if (n_ranks > 1)
      plan->traffic_s += ((double) stage->fitted.traffic / bytes_per_s + n_messages * message_s) * (double) iterations;
  }
  plan->seconds += plan->traffic_s;
  if (engine->allowed_s > 0)
    plan->seconds = MIN (plan->seconds, engine->allowed_s);
  return TRUE;
}
