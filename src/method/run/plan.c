/* plan.c -- what a run will take. */
#include "method/run/plan.h"
#include "base/system.h"

/* What the process takes at the stage that takes most. Objectives of earlier stages may be kept for the next picture.
 */
static gsize
peak_of (RvEngine *engine, const gsize *beside)
{
  gsize largest = 0, kept = 0;
  for (guint i = 0; i < engine->stages->len; i++) {
    gsize bytes = rv__engine_stage (engine, i)->fitted.bytes;
    kept += rv__engine_may_keep (engine, i, bytes) ? bytes : 0;
    largest = MAX (largest, MAX (bytes, kept) + beside[i]);
  }
  return RV_LIBRARY_BYTES + rv__system_resident_bytes () + largest;
}

/* The largest stage first: where it does not fit, the others need not be looked at. */
gboolean
rv__plan_fit (RvEngine *engine, RvNeedsFunc needs, gconstpointer method, RvPlan *plan, GError **error)
{
  guint n = engine->stages->len;
  g_autofree gsize *beside = g_new0 (gsize, n + 1);
  for (guint i = n; i > 0; i--) {
    RvNeeds stage = needs (method, i - 1);
    beside[i - 1] = stage.beside;
    if (!rv__engine_fit (engine, i - 1, &stage, plan != NULL, error))
      return FALSE;
  }
  if (plan) {
    const RvFitted *last = &rv__engine_stage (engine, n - 1)->fitted;
    *plan = (RvPlan){ .peak_bytes = peak_of (engine, beside), .n_tiles = last->n_tiles, .work = last->work };
  }
  return TRUE;
}

void
rv__plan_time (RvPlan *plan, const RvEngine *engine, gint64 until, double seconds_per_pixel, double more_evaluations,
               double more_s)
{
  gint64 left = until > 0 ? until : G_MAXINT64;
  for (guint i = 0; i < engine->stages->len && left > 0; i++) {
    const RvStage *stage = rv__engine_stage (engine, i);
    gint64 iterations = MIN (stage->iterations, left);
    double evaluation_s = stage->fitted.work * seconds_per_pixel * (double) rv__engine_pixels (engine, i);
    left -= iterations;
    plan->n_iterations += iterations;
    plan->compact |= stage->fit.compact;
    plan->seconds += more_s + evaluation_s * ((double) iterations + more_evaluations);
  }
  if (engine->allowed_s > 0)
    plan->seconds = MIN (plan->seconds, engine->allowed_s);
}
