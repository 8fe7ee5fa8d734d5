/* job-object.h -- struct RvJob, for the files that implement it: job-object.c (create, plan, run), config.c (request),
 * report.c (subscriber), stop.c (stop and pause).
 * Layer 7 (job). One lock guards everything that several threads use. The run has copies of the request. */
#pragma once

#include "base/json.h"
#include "job/core/job-class.h"
#include "job/core/snapshot.h"

/* Kinds of settings of a job: three that all have, and one that some kinds add. */
enum { RV_SETTINGS_METHOD, RV_SETTINGS_PICTURE, RV_SETTINGS_STATE, RV_SETTINGS_KIND, RV_N_OF_JOB };

struct _RvJob {
  const RvJobClass *class;
  gint ref_count;
  GMutex lock;
  GCond changed; /* signals changes of status, stop and pause */

  /* Request. */
  RvSettings *settings[RV_N_OF_JOB]; /* the last may be NULL */
  RvSettings *begun;                 /* the method's settings when the last run or plan began; NULL: none yet */
  GPtrArray *inputs;                 /* RvJobInput */
  RvNet *net;
  char *weights_file;
  RvKernelTable *kernels;
  RvJob *reuse_from;
  gboolean make_folder;

  /* Subscriber. */
  RvJobFunc func;
  gpointer func_data;
  GDestroyNotify func_destroy;
  double preview_every_s;
  RvStopFunc stop_func;
  gpointer stop_data;
  GMainContext *context;                                 /* NULL without a thread of its own */
  GPtrArray *texts;                                      /* texts that reports point to */
  RvJobReport *pending_reports[RV_JOB_REPORT_ENDED + 1]; /* copies; the newest of each type */
  GQueue notes;                                          /* RvJobReport: copies; none is dropped */
  gboolean idle_queued;                                  /* the context will deliver pending reports */

  /* Snapshots. */
  RvSnapshot *from; /* origin of a branch; else NULL */
  RvSnapshots snapshots;

  /* Control and result. */
  RvJobStatus status;
  GCancellable *cancellable;
  GThread *runner; /* the thread that runs the job; NULL before and after */
  gboolean stop, pause;
  GPtrArray *pending_settings; /* name, value, ...: not yet applied by the run */
  guint n_changes;             /* all changes so far */
  RvJobRun *run;               /* NULL until planning or running needs it */
  RvImage *result;
  GError *error;
};

/* (nullable): the class of @kind (nullable), also a former name; static. NULL: unknown, no error. In kinds.c. */
const RvJobClass *rv__job_find_class (const char *kind);
/* (nullable): kind of the @i-th settings of a job, from 0; static; NULL: no more. *which: (out): RV_SETTINGS_*,
 * unchanged with NULL. A name that is an option of two kinds belongs to the first. Order with a network: kind, state,
 * picture, method. Order without one: kind, method, picture, state. So `from` of a video is its own, and `width` that
 * of the model. */
const char *rv__job_settings_kind_at (const RvJobClass *class, guint i, int *which);

/* GDestroyNotify. Frees @input, a RvJobInput, and its members. This function and those up to rv__job_reuse() are in
 * config.c. */
void rv__job_free_input (gpointer input);
/* GCopyFunc. (transfer full): a copy of @data, a RvJobInput, with its file name, and a reference on the picture; for
 * rv__job_free_input(). @unused: NULL. */
gpointer rv__job_copy_input (gconstpointer data, gpointer unused);
/* (transfer full) (element-type RvJobInput): copies of all inputs, which the array owns. The caller holds the lock. */
GPtrArray *rv__job_copy_inputs (const RvJob *job);
/* (transfer container) (element-type RvJobInput): inputs of @role, borrowed, in order; empty: none. Takes the lock. */
GPtrArray *rv__job_inputs (RvJob *job, const char *role);
/* Assigns the settings of @job to @like, of the same kind, and appends copies of its inputs, except those of the role
 * @except_role (nullable: none). The caller holds the lock of @job, and @like is not in use. */
void rv__job_copy_config_except (RvJob *like, const RvJob *job, const char *except_role);
/* (transfer full): a new job of the same kind, with copies of the inputs of @job, except those of the role @except_role
 * (nullable: none). Copies its settings, network, kernels, make_folder, cancellable and stop function as well. Takes
 * the lock of @job. */
RvJob *rv__job_new_like (RvJob *job, const char *except_role);
/* Sets the options that the members of @object name, or none if one is wrong. Frees a planned run, even after an error.
 * The caller holds the lock, or no other thread has @job. */
gboolean rv__job_set_object (RvJob *job, JsonObject *object, GError **error);
/* (nullable): the role whose name, or former name, is @name (nullable); static. NULL: none, without an error. */
const RvJobRole *rv__job_find_role (const RvJobClass *class, const char *name);
/* Makes @job reuse data of @other (nullable: nothing), such as style targets if network and styles are equal, when @job
 * is prepared. @other should be planned, running or done; otherwise nothing is reused. Holds a reference on @other
 * until @job is prepared. Does nothing if @other is @job. Takes the lock. */
void rv__job_reuse (RvJob *job, RvJob *other);

/* Whether rv__job_reuse() can reuse data of the job's last run or plan, see rv__job_set_reusable(). Takes the lock. */
gboolean rv__job_is_reusable (RvJob *job);

/* Frees @pending (nullable), a copy of a report, its losses and its reference on the picture; not texts and error. In
 * report.c. */
void rv__pending_report_free (RvJobReport *pending);

/* Sets the status and wakes all threads that wait for it. Takes the lock. In stop.c. */
void rv__job_set_status (RvJob *job, RvJobStatus status);
