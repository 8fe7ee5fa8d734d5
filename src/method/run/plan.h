/* plan.h -- what a run will take: how each of its stages fits the memory, and the time of them all.
 * Layer 6 (method). */
#ifndef RV_PLAN_H
#define RV_PLAN_H

#include "method/run/engine.h"

typedef struct {
  gsize peak_bytes;    /* of the whole process, at most */
  double seconds;      /* at most what the engine is allowed */
  gint64 n_iterations; /* over all stages */
  int n_stages;
  int n_tiles; /* of the last stage, and what an evaluation costs there, 1 when it is computed as a whole */
  double work;
  gsize traffic_bytes; /* that rank 0 of several sends and receives in an evaluation of the last stage that is run */
  double traffic_s;    /* of the seconds: while bytes travel */
  gboolean compact;    /* in some stage features are kept in 16 bits to fit */
  int history;         /* pairs that L-BFGS keeps, where memory is short and they are fewer than set; else 0 */
  const char *backend; /* static */
} RvPlan;

/* What @method needs at a stage. */
typedef RvNeeds (*RvNeedsFunc) (gconstpointer method, guint stage);

/* rv__plan_fit: finds how each stage fits. With @plan (nullable) it also says how much the largest takes; without, what
 * certainly fits is not looked at. RV_ERROR_MEMORY. */
gboolean rv__plan_fit (RvEngine *engine, RvNeedsFunc needs, gconstpointer method, RvPlan *plan, GError **error);

/* rv__plan_time: how long the fitted stages take, up to iteration @until (0: all). @seconds_per_pixel: of an evaluation
 * of a whole picture. At each stage come @more_evaluations (nullable, one number for each stage), as long
 * as others, and @more_s. Of several ranks the link is measured, and all of them call it. */
gboolean rv__plan_time (RvPlan *plan, const RvEngine *engine, gint64 until, double seconds_per_pixel,
                        const double *more_evaluations, double more_s, GError **error);

#endif
