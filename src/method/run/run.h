/* run.h -- run of one picture through the stages of an engine: progress, end, saved state. Layer 6 (method). */
#ifndef RV_RUN_H
#define RV_RUN_H

#include "base/option.h"
#include "method/run/engine.h"
#include "method/run/early-stop.h"
#include <reverie/tensor.h>

typedef struct {
  RvEngine *engine; /* borrowed */
  gint64 until;     /* iterations after which the run ends; 0: all */
  gint64 began_us;

  guint stage;       /* current or last stage */
  gint64 n_done;     /* iterations of this stage */
  gint64 n_all;      /* iterations of all stages */
  gint64 n_left_out; /* iterations of stages that ended early */
  RvEarlyStop stop;  /* decides when the stage ends */
  gboolean stopped;  /* the run ends before the remaining iterations */
  guint64 traffic;   /* bytes sent and received by this rank before this iteration */
} RvRun;

/* Overwrites @run with a run at its start, and starts its clock. @engine: borrowed. @until: as the field. */
void rv__run_start (RvRun *run, RvEngine *engine, gint64 until);

/* Begins stage @i: no iteration of it is done. Its end time follows from the engine's time limit. @plateau: as in
 * RvEarlyStop. */
void rv__run_start_stage (RvRun *run, guint i, double plateau);
/* Continues the current stage after rv__run_restore(), with a new end time. Its losses stay. */
void rv__run_resume_stage (RvRun *run);
/* Ends the current stage and counts its remaining iterations as left out. */
void rv__run_end_stage (RvRun *run);

/* Returns whether the stage has another iteration, and begins the count of its traffic. Sets `stopped` if `until` is
 * reached. */
gboolean rv__run_has_more (RvRun *run);
/* Counts an iteration that is done, with @loss. May set stop.ended. */
void rv__run_count (RvRun *run, double loss);
/* Ends an iteration after it was reported: sets `stopped` and stop.ended. @continues: FALSE stops the run. Collective:
 * rank 0 decides for all ranks, also by its clock. FALSE: the broadcast failed. */
gboolean rv__run_sync (RvRun *run, gboolean continues, GError **error);

/* Bytes that this rank has sent and received in this iteration. */
guint64 rv__run_traffic (const RvRun *run);

/* Fraction of the run that is done, 0..1: of its work, pixels times iterations; with --time, of the time if that is
 * more. Until the last iteration of a stage, at most the fraction at the stage's end. */
double rv__run_done_01 (const RvRun *run);
/* Seconds since the run began, without the time between a checkpoint and its resumption. */
double rv__run_seconds (const RvRun *run);

/* Whether the current stage is the last. */
gboolean rv__run_is_last (const RvRun *run);

/* A new state of a run with these settings: position, fits, kernels, end of the stage. (transfer full). It refers to
 * the memory of @run (run/state.h). */
RvTensorMap *rv__run_save (const RvRun *run, const RvOption *table, const void *settings);
/* Restores position, clock and end of the stage from @state, and the engine's fits. The caller checks settings and
 * restores kernels. RV_ERROR_FORMAT, RV_ERROR_FILE; @run must not be used then. */
gboolean rv__run_restore (RvRun *run, const RvTensorMap *state, GError **error);

#endif
