/* plan.h -- estimate of a run: memory of each stage, and the time of all stages. Layer 6 (method). */
#pragma once

#include "method/run/engine.h"

/* Estimate of a run. */
typedef struct {
  gsize peak_bytes;        /* upper bound for the whole process */
  gsize device_peak_bytes; /* the same in a device's memory; 0: the backend computes in host memory */
  double seconds;          /* time of the run; at most allowed_s of the engine */
  gint64 n_iterations;     /* over all stages */
  int n_stages;
  int n_tiles; /* in the last stage */
  /* Computation of one evaluation of the last stage, as a multiple of that without tiles and recomputation. */
  double work;
  gsize traffic_bytes; /* per evaluation of the last stage that runs; sent and received by rank 0 */
  double traffic_s;    /* communication, included in `seconds` */
  gboolean compact;    /* at least one stage stores features in 16 bits to fit */
  int history;         /* pairs that L-BFGS stores if memory forces fewer than set; else 0 */
  const char *backend; /* static */
} RvPlan;

/* Memory needs of @method, an RvStyle or RvDream, at stage number @stage, from 0. Cannot fail. */
typedef RvNeeds (*RvNeedsFunc) (gconstpointer method, guint stage);

/* Sets `fit` and `fitted` of each stage of @engine, at least one, the last first, by rv__engine_fit(). Calls @needs
 * with @method and the stage's number for each. @plan: (nullable): overwritten with the memory of the whole run, and
 * tiles, work and traffic of its last stage. Its times are 0; rv__plan_time() adds them. NULL: rv__engine_fit() without
 * `always`. Collective. An error leaves @plan unchanged. */
gboolean rv__plan_fit (RvEngine *engine, RvNeedsFunc needs, gconstpointer method, RvPlan *plan, GError **error);

/* Adds the time of the fitted stages, up to iteration @until (0: all), to @plan, which rv__plan_fit() has filled. Sets
 * n_iterations, traffic and `compact`, too. @seconds_per_pixel: time of one evaluation without tiles. Each stage that
 * runs has @more_s extra seconds and more_evaluations[stage] extra evaluations (NULL: none). Collective: several ranks
 * measure the link. An error leaves @plan unchanged. */
gboolean rv__plan_time (RvPlan *plan, const RvEngine *engine, gint64 until, double seconds_per_pixel,
                        const double *more_evaluations, double more_s, GError **error);
