/* job-object.h -- a job as others hold it, for the files that this is made of: job-object.c (made, planned, run),
 * config.c (what is asked for), report.c (who listens), stop.c (stop and pause). Layer 7 (job). One lock guards all
 * that more than one thread looks at; the run has copies of what was asked for. */
#ifndef RV_JOB_OBJECT_H
#define RV_JOB_OBJECT_H

#include "job/core/job-class.h"
#include "job/core/snapshot.h"

/* The kinds of settings that each job has: its method's, and two beside; of some kinds of jobs one more. */
enum { RV_SETTINGS_METHOD, RV_SETTINGS_PICTURE, RV_SETTINGS_STATE, RV_SETTINGS_KIND, RV_N_OF_JOB };

/* A report that nobody has looked at yet. */
typedef struct {
  RvJobReport report;
  double *losses;
} RvPendingReport;

struct _RvJob {
  const RvJobClass *class;
  gint ref_count;
  GMutex lock;
  GCond changed; /* of status and of what follows */

  /* What is asked for. */
  RvSettings *settings[RV_N_OF_JOB]; /* the last may be NULL */
  RvSettings *begun;                 /* the method's as they were when the run began; NULL: it has not */
  GPtrArray *inputs;                 /* RvJobInput */
  RvNet *net;
  char *weights_file;
  RvKernelTable *kernels;
  RvJob *reuse_from;
  gboolean make_folder;

  /* Who listens. */
  RvJobFunc func;
  gpointer func_data;
  GDestroyNotify func_destroy;
  double preview_every_s;
  RvStopFunc wanted;
  gpointer wanted_data;
  GMainContext *context;                                     /* of a job with a thread of its own */
  GPtrArray *texts;                                          /* that reports have */
  RvPendingReport *pending_reports[RV_JOB_REPORT_ENDED + 1]; /* the last of its type */
  GQueue notes;                                              /* RvPendingReport: each of them is told */
  gboolean idle_queued;                                      /* the context will look at them */

  /* Where it goes on from, and where others may. */
  RvSnapshot *from; /* of one that branched off; else NULL */
  RvSnapshots snapshots;

  /* What becomes of it. */
  RvJobStatus status;
  GCancellable *cancellable;
  gboolean stop, pause;
  GPtrArray *pending_settings; /* name, value, ...: to be looked at by the run */
  GHashTable *pending_inputs;  /* likewise: inputs in place of those it has (input-change.h) */
  guint n_changes;             /* ever made */
  RvJobRun *run;               /* from the first that needs it made ready */
  RvImage *result;
  GError *error;
};

/* kinds.c. rv__job_find_class: (nullable). rv__job_settings_of: the @i-th kind of its settings, from 0, in the order in
 * which an option of a name that several have counts: its own first, as a film is `from` a time and a dream from a
 * picture; of what no network looks at then the method's, since a model's `width` is not that of a picture. *which:
 * RV_OF_...; NULL beyond. */
const RvJobClass *rv__job_find_class (const char *kind);
const char *rv__job_settings_of (const RvJobClass *class, guint i, int *which);

/* config.c. rv__job_free_input: of RvJobInput. rv__job_copy_input: (transfer full). rv__job_copy_inputs: (transfer
 * full): under the lock. rv__job_inputs: (transfer container): those called @role, RvJobInput, borrowed.
 * rv__job_copy_config_except: under the lock of @job: @like has its settings, and its inputs but for those called @but
 * (nullable). rv__job_new_like: (transfer full): a job that is asked for all that @job is, but for those inputs. */
void rv__job_free_input (gpointer input);
RvJobInput *rv__job_copy_input (const RvJobInput *input);
GPtrArray *rv__job_copy_inputs (const RvJob *job);
GPtrArray *rv__job_inputs (RvJob *job, const char *role);
void rv__job_copy_config_except (RvJob *like, const RvJob *job, const char *but);
RvJob *rv__job_new_like (RvJob *job, const char *but);
/* rv__job_find_role: borrowed; or NULL. rv__job_is_begun: under the lock: whether it is what it is.
 * rv__job_count_change: likewise: one more of @name (nullable), of which there are not too many. RV_ERROR_SETTING. */
const RvJobRole *rv__job_find_role (const RvJobClass *class, const char *name);
gboolean rv__job_is_begun (const RvJob *job);
gboolean rv__job_count_change (RvJob *job, const char *name, GError **error);
/* config.c. Computes once what is alike in both: of style jobs what the styles are like, where network and styles are
 * the same. @with has been planned, or runs, or has run; where it is not that far yet, nothing is shared. Before @job
 * begins; @with is let go of then. */
void rv__job_reuse (RvJob *job, RvJob *with);

/* job-object.c. rv__job_has_found: it was planned or run: another may take over what it has found. */
gboolean rv__job_has_found (RvJob *job);

/* report.c. rv__job_waiting_free: NULL is nothing. */
void rv__job_waiting_free (RvPendingReport *waiting);

/* stop.c. rv__job_set_status: and wakes all who wait for it. */
void rv__job_set_status (RvJob *job, RvJobStatus status);

#endif
