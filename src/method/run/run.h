/* run.h -- run of one picture through the stages of an engine: progress, end, saved state. Layer 6 (method). */
#pragma once

#include "base/option.h"
#include "method/run/engine.h"
#include "method/run/iteration.h"
#include <reverie/tensor.h>

#define RV_EARLY_STOP_PATIENCE 20 /* iterations over which a loss must have fallen */

/* Check that ends a stage before its planned iterations: its time is up, or its loss stays flat. Has no pointers:
 * states of runs store its bytes. */
typedef struct {
  gint64 until_us;     /* monotonic clock; 0: no limit */
  gint64 evaluated_us; /* when the last iteration ended */
  double plateau;      /* fraction by which the loss must fall within RV_EARLY_STOP_PATIENCE iterations; 0: no check */
  double best;         /* the lowest loss */
  double before[RV_EARLY_STOP_PATIENCE]; /* ring: the lowest loss after each of the last iterations */
  gint64 n;                              /* iterations counted since the start or the last reset */
  gboolean ended;                        /* result of the last rv__early_stop_update() */
} RvEarlyStop;

/* Overwrites @stop for a scale or octave that begins now, with no iterations and losses. @until_us: its end, monotonic
 * clock; 0: no limit. @plateau: fraction by which the loss must fall within RV_EARLY_STOP_PATIENCE iterations; 0: no
 * check. Cannot fail. */
void rv__early_stop_start (RvEarlyStop *stop, gint64 until_us, double plateau);
/* Clears the losses so far, after the loss function has changed. End time, plateau and `ended` stay. Cannot fail. */
void rv__early_stop_reset (RvEarlyStop *stop);

/* Counts an iteration with @loss (NaN: not a new lowest loss). Returns, and stores in `ended`, whether the stage ends:
 * another iteration of the same duration would end after until_us (0: no limit), or the lowest loss is less than the
 * fraction `plateau` (0: no check) below the one of RV_EARLY_STOP_PATIENCE iterations ago. A later call sets `ended`
 * again. Cannot fail. */
gboolean rv__early_stop_update (RvEarlyStop *stop, double loss);

/* Position and limits of the run of one picture. */
typedef struct {
  RvEngine *engine;         /* borrowed */
  gpointer method;          /* the RvStyle or RvDream */
  RvIterationFunc progress; /* (nullable) */
  gpointer user_data;
  gint64 until;    /* iterations after which the run ends; 0: all */
  gint64 began_us; /* monotonic clock; less the time before a resumption */

  guint stage;       /* current or last stage */
  gint64 n_done;     /* iterations of this stage */
  gint64 n_all;      /* iterations of all stages */
  gint64 n_left_out; /* planned iterations that were not run, of stages that ended early */
  RvEarlyStop stop;  /* decides when the stage ends */
  gboolean stopped;  /* the run ends before the remaining iterations */
  guint64 traffic;   /* bytes sent and received by this rank before this iteration */
} RvRun;

/* Overwrites @run with a run of @method before its first iteration, and starts its clock. @engine: borrowed. @until:
 * iterations, over all stages, after which the run ends; 0: all. @progress: (nullable): for rv__run_report(). */
void rv__run_start (RvRun *run, RvEngine *engine, gint64 until, gpointer method, RvIterationFunc progress,
                    gpointer user_data);

/* Begins stage @i: none of its iterations is done. Its end time follows from the engine's time limit. @plateau: the
 * stage ends if its loss falls by less than this fraction in RV_EARLY_STOP_PATIENCE iterations; 0: no check. Cannot
 * fail. */
void rv__run_start_stage (RvRun *run, guint i, double plateau);
/* Continues the current stage after rv__run_restore(), instead of rv__run_start_stage(). Sets its end time again by the
 * engine's time limit, and the start of the next iteration to now; losses and iterations stay. Cannot fail. */
void rv__run_resume_stage (RvRun *run);

/* Whether the stage has another iteration. FALSE, no error: all are done, its early stop has ended it, or the run is
 * stopped. Sets `stopped` if `until` is reached, and `traffic` to the bytes so far. */
gboolean rv__run_has_more (RvRun *run);
/* Counts an iteration that is done, with @loss, in n_done and n_all. Sets stop.ended if the early stop ends the
 * stage. */
void rv__run_count (RvRun *run, double loss);
/* Sets the members of @stage from `run` to `traffic_bytes`, except size, scale and losses, which the caller has set.
 * Then calls run->progress with @stage, and returns its result: FALSE: the run must stop. TRUE without a callback. */
gboolean rv__run_report (const RvRun *run, RvIteration *stage);
/* Ends an iteration. Sets run->stopped on all ranks to whether, on rank 0, @continues is FALSE or run->until
 * iterations of all stages are done (0: no limit); and stop.ended, whether the stage ends early, to that of rank 0,
 * which depends on its clock. Collective. An error leaves @run unchanged. A stop is no error. */
gboolean rv__run_sync (RvRun *run, gboolean continues, GError **error);

/* (transfer full): a new state: settings (@settings, with the options @table), stage and iteration, tile sizes and
 * precisions (RvFit), backend, kernels, time, early stop. Its tensor "stop" is a view of run->stop: write the state
 * before @run changes. The caller adds the method's tensors. Cannot fail. */
RvTensorMap *rv__run_save (const RvRun *run, const RvOption *table, const void *settings);
/* Restores stage, iteration, time and early stop from @state into @run, initialised by rv__run_start(). Sets
 * measured stages and `fitted` of the engine, whose stages must exist and be fitted; also their fits, if @state is of
 * the same backend: another one has other memory. The caller checks settings (rv__state_check())
 * and restores kernels. RV_ERROR_FORMAT for an impossible number of iterations in the early stop. After an error,
 * @run must not be used. */
gboolean rv__run_restore (RvRun *run, const RvTensorMap *state, GError **error);
