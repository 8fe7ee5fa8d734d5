/* plan.h -- estimate of a run: memory of each stage, and the time of all stages. Layer 6 (method). */
#ifndef RV_PLAN_H
#define RV_PLAN_H

#include "method/run/engine.h"

typedef struct {
  gsize peak_bytes;    /* upper bound for the whole process */
  double seconds;      /* at most allowed_s of the engine */
  gint64 n_iterations; /* over all stages */
  int n_stages;
  int n_tiles; /* in the last stage */
  /* cost of an evaluation of the last stage; 1 without tiles */
  double work;
  gsize traffic_bytes; /* per evaluation of the last stage that runs; sent and received by rank 0 */
  double traffic_s;    /* share of `seconds` in communication */
  gboolean compact;    /* at least one stage stores features in 16 bits to fit */
  int history;         /* pairs that L-BFGS stores if memory forces fewer than set; else 0 */
  const char *backend; /* static */
} RvPlan;

/* Memory needs of @method at @stage, for rv__plan_fit(). */
typedef RvNeeds (*RvNeedsFunc) (gconstpointer method, guint stage);

/* Computes how each stage fits, by rv__engine_fit(). @plan: (nullable) overwritten: memory of the whole run; tiles,
 * work and traffic of its last stage; 0 for the time, which rv__plan_time() adds. Without @plan a single process skips
 * stages that certainly fit. @needs is called with @method. Collective. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__plan_fit (RvEngine *engine, RvNeedsFunc needs, gconstpointer method, RvPlan *plan, GError **error);

/* Adds the time of the fitted stages to @plan, up to iteration @until (0: all), and sets n_iterations, traffic and
 * `compact`. @seconds_per_pixel: of one evaluation without tiles. @more_evaluations: (nullable) extra evaluations of
 * each stage. @more_s: extra seconds of each stage. Collective: with several ranks it measures the link.
 * RV_ERROR_BACKEND. */
gboolean rv__plan_time (RvPlan *plan, const RvEngine *engine, gint64 until, double seconds_per_pixel,
                        const double *more_evaluations, double more_s, GError **error);

#endif
