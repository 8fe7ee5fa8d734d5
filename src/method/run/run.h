/* run.h -- one picture's run through the stages of an engine: how far it is, when it ends, what of it is saved.
 * Layer 6 (method). */
#ifndef RV_RUN_H
#define RV_RUN_H

#include "base/option.h"
#include "method/run/engine.h"
#include "method/run/early-stop.h"
#include <reverie/tensor.h>

typedef struct {
  RvEngine *engine; /* borrowed */
  gint64 until;     /* it ends after so many iterations; 0: it does not */
  gint64 began_us;

  guint stage;       /* that is running, or ran last */
  gint64 n_done;     /* of its iterations */
  gint64 n_all;      /* iterations so far, in all stages */
  gint64 n_left_out; /* of stages that ended early */
  RvEarlyStop stop;  /* when the stage ends */
  gboolean stopped;  /* the run ends, whatever is left */
  guint64 traffic;   /* bytes that this rank had sent and received when the iteration began */
} RvRun;

/* rv__run_start: a run that begins now. */
void rv__run_start (RvRun *run, RvEngine *engine, gint64 until);

/* rv__run_start_stage: stage @i begins; @plateau as in RvEarlyStop. _go_on: the one it is in, as a state has it.
 * rv__run_end_stage: what is left of it will not come. */
void rv__run_start_stage (RvRun *run, guint i, double plateau);
void rv__run_resume_stage (RvRun *run);
void rv__run_end_stage (RvRun *run);

/* rv__run_has_more: whether the stage has another iteration. rv__run_count: it is done, with @loss.
 * rv__run_sync: after whoever watches has seen it; @go_on: and does not stop the run. What rank 0 of a cluster has
 * seen, and when the time is up by its clock, counts for all. */
gboolean rv__run_has_more (RvRun *run);
void rv__run_count (RvRun *run, double loss);
gboolean rv__run_sync (RvRun *run, gboolean go_on, GError **error);

/* rv__run_traffic: bytes that this rank has sent and received in this iteration. */
guint64 rv__run_traffic (const RvRun *run);

/* rv__run_done_01: the part that is done of all its work, pixels times iterations, or of the time that it may take.
 * rv__run_seconds: since it began. */
double rv__run_done_01 (const RvRun *run);
double rv__run_seconds (const RvRun *run);

/* rv__run_is_last: whether the stage is the engine's last. */
gboolean rv__run_is_last (const RvRun *run);

/* rv__run_save: (transfer full): (run/state.h) a new state of a run with these settings: where it is, how its stages
 * fit, when its stage ends. It lies in the run's own memory.
 * rv__run_restore: all of that; the engine's too. RV_ERROR_FORMAT. */
RvTensorMap *rv__run_save (const RvRun *run, const RvOption *table, const void *settings);
gboolean rv__run_restore (RvRun *run, const RvTensorMap *state, GError **error);

#endif
