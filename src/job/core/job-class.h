/* job-class.h -- what a kind of job is, and what all kinds share.
 * Layer 7 (job). A kind is a RvJobClass at the end of one file, and a row in job_rows (meson.build). */
#ifndef RV_JOB_CLASS_H
#define RV_JOB_CLASS_H

#include "job/core/picture.h"
#include "job/core/recipe.h"
#include "job/core/checkpoint.h"
#include "job/core/watch.h"
#include "method/run/plan.h"
#include <reverie/job.h>

typedef struct _RvJobRun RvJobRun;
typedef struct _RvJobRequest RvJobRequest;
typedef struct _RvJobClass RvJobClass;
typedef struct _RvVideoKind RvVideoKind; /* video-run.h */

/* What a kind knows of its method. All are called on the thread that uses the job. */
struct _RvJobClass {
  const char *kind;              /* of jobs */
  const char *method;            /* the kind of its method's settings */
  const RvOptionValue *defaults; /* (nullable): of which those are otherwise */
  const char *command;           /* what recipes call it; NULL: as the method */
  const char *subcommand;        /* the option of its method whose value follows that in recipes; NULL: none */
  const char *kind_settings;     /* the kind of settings that jobs of this kind alone have; NULL: none */
  const RvOption *own_table;     /* those of them that decide how a picture comes out, for its recipe */
  const RvJobRole *roles;
  const RvVideoKind *video; /* what is made is a film; NULL: a picture */
  gboolean uses_no_network; /* no network looks at it */
  gboolean is_model;        /* what is made is run->model, and the result a picture that shows what it does */
  /* What no single setting can tell, before any file is read; which network and size are meant where none is given; and
   * what the run is of: run->frames, run->generated_px, run->has_no_checkpoint, run->uses_no_network. RV_ERROR_SETTING.
   */
  gboolean (*check) (RvJobRequest *request, GError **error);
  /* (nullable): what the heads of files tell, run->width and run->height being known. @inputs: every file's name. */
  gboolean (*check_files) (RvJobRun *run, const char *const *inputs, GError **error);
  /* (nullable): all that the heads of files tell, of what is not like a picture: run->width and run->height, too. */
  gboolean (*probe_files) (RvJobRun *run, GError **error);
  /* run->method: pictures read, the method made ready. */
  gboolean (*prepare) (RvJobRun *run, GError **error);
  void (*reuse) (RvJobRun *run, const RvJobRun *with); /* nullable */
  gboolean (*plan) (RvJobRun *run, RvJobPlan *plan, GError **error);
  const char *const *(*losses) (RvJobRun *run);                           /* nullable: none */
  gboolean (*resume) (RvJobRun *run, RvTensorMap *state, GError **error); /* run->iteration, too */
  gboolean (*run) (RvJobRun *run, RvImage **result, GError **error);
  /* (both nullable: none of its method's settings change): whether a run that began with @begun, and with
   * @kind_settings of its own, may go on with @now. RV_ERROR_SETTING. And its method does, with run->now. */
  gboolean (*check_steer) (const RvSettings *begun, const RvSettings *kind_settings, const RvSettings *now,
                           GError **error);
  gboolean (*steer) (RvJobRun *run, GError **error);
  /* (nullable): what is written before the run waits, beside its state: whoever kills it then loses nothing. */
  gboolean (*before_pause) (RvJobRun *run, GError **error);
  /* (nullable): what is written beside the result. */
  gboolean (*write_more) (RvJobRun *run, const RvImage *result, GError **error);
  /* (nullable): what a recipe says otherwise than by what the run has. */
  void (*fill_recipe) (const RvJobRun *run, RvRecipe *recipe);
  /* (nullable): what the last report says besides. */
  void (*fill_final_report) (const RvJobRun *run, RvJobReport *report);
  /* Makes the picture of an iteration from the method's report, @progress. NULL: the report is that RvImage. */
  RvImage *(*picture) (gconstpointer progress, GError **error);
  RvTensorMap *(*state) (RvJobRun *run, gconstpointer progress); /* (transfer full); NULL: run->error */
  void (*clear) (RvJobRun *run);                                 /* run->method */
};

/* Request of a run: settings and inputs as they were when it began, and what follows from them. Constant while it runs,
 * but for inputs and settings that may change on the way. */
struct _RvJobRequest {
  const RvJobClass *class;
  GPtrArray *inputs;              /* RvJobInput */
  RvSettings *settings, *picture; /* copies */
  RvSettings *kind_settings;      /* likewise; or NULL */
  RvPictureOptions *options;      /* the fields of @picture */
  RvStateOptions state_options;
  RvNet *net;                   /* NULL before it is loaded, and where no network looks at it */
  int width, height;            /* px, of the result */
  int generated_px;             /* both sides of the picture that the job draws itself, where it has no input */
  int frames;                   /* pictures in numbered files; else 0 */
  gboolean has_no_checkpoint;   /* nobody can go on with it */
  gboolean uses_no_network;     /* no network looks at it: of its class, or by what is asked for */
  gboolean method_wrote_result; /* its method writes the result itself: it is in no format of pictures */
  gboolean writes_no_files;     /* another rank writes what this one makes with it */
  char *asked_output;           /* as it was asked for; of a muted rank as well */
};

/* Files that are written while it runs, and previews. */
typedef struct {
  RvCheckpoint *state; /* NULL: the result is in memory alone */
  char *inputs_text;   /* rv__job_run_inputs_text(), once it is wanted */
  FILE *log;
  RvWatch *watch;
  gint64 previewed_us;
} RvJobFiles;

/* Progress of a run, and what changes on the way. */
typedef struct {
  int frame;                      /* 1 ..., of request.frames; else 0 */
  gint64 iteration;               /* the last that is done: where a run goes on, before it was stopped */
  RvSettings *current_settings;   /* request.settings as they are by now: steer.c */
  GArray *steering;               /* what has changed of them, and what is to */
  guint n_steered;                /* so many of those have */
  gboolean inputs_changed;        /* the method is of other inputs than there are by now: input-change.c */
  GBytes *restart_state;          /* the state from which it goes on with these; NULL: it does not turn */
  gboolean restarting;            /* from there until the next iteration */
  gboolean input_changes_dropped; /* what was asked for names changes of inputs which it does not make */
  gboolean stopped;
  gboolean is_reusable; /* under the job's lock: others may share what its method has */
  GError *error;        /* of what is written while the run goes on */
} RvRunProgress;

/* A job on its way. Of the thread that runs it alone, but for what rv__job_...() says. */
struct _RvJobRun {
  RvJob *job; /* borrowed */
  RvJobRequest request;
  RvJobFiles files;
  RvRunProgress progress;
  RvKernelTable *kernels;
  gpointer method;
  RvTensorMap *model; /* of kinds that make one, once it is made */
};

/* ---- run.c: a job's way, whatever its kind ---- */

/* rv__job_run_new: (transfer full) (nullable): with all that settings tell looked at. RV_ERROR_SETTING. */
RvJobRun *rv__job_run_new (RvJob *job, gboolean dry, GError **error);
void rv__job_run_free (RvJobRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvJobRun, rv__job_run_free)

/* rv__job_run_check: all that the heads of files tell. rv__job_run_prepare: until the method is ready.
 * rv__job_run_execute: the rest of it; *result also with an error, as rv__style_run() has it. */
gboolean rv__job_run_check (RvJobRun *run, GError **error);
gboolean rv__job_run_prepare (RvJobRun *run, GError **error);
gboolean rv__job_run_execute (RvJobRun *run, RvImage **result, GError **error);
/* Sets what a method knows of its plan. */
void rv__job_plan_from (RvJobPlan *plan, const RvPlan *of_method);
/* rv__job_run_may_replace: what a run that stopped has left may be replaced by the run that goes on, or begins again
 * where it left no state. rv__job_run_is_complete: as rv_job_is_complete(). rv__job_run_resumes: whether it begins from
 * a state or from another's moment. */
gboolean rv__job_run_may_replace (const RvJobRun *run);
gboolean rv__job_run_is_complete (const RvJobRun *run);
/* rv__job_run_remove_state_beside: called where the result could not be saved: if another file appeared as OUT, the
 * whole result lies beside that one, and the state is removed. */
void rv__job_run_remove_state_beside (const RvJobRun *run);
gboolean rv__job_run_resumes (const RvJobRun *run);
/* rv__job_run_recipe: (transfer full): how its picture was made. rv__job_run_recipe_of: that as its parts; borrowed.
 * rv__job_run_store_recipe: what pictures are saved with from now on, unless nobody wants that. */
char *rv__job_run_recipe (const RvJobRun *run);
RvRecipe rv__job_run_recipe_of (const RvJobRun *run);
void rv__job_run_store_recipe (RvJobRun *run);
/* rv__job_run_inputs_text: borrowed: what its states are bound to: the inputs as they were when this was first asked.
 */
const char *rv__job_run_inputs_text (RvJobRun *run);
/* rv__job_run_save_frame: run->frame into its file; the last one is the result, and saved as one. */
gboolean rv__job_run_save_frame (RvJobRun *run, const RvImage *image, GError **error);

/* ---- inputs.c: what a job is given ---- */

/* rv__check_masks: there is none, or one for each of @n. RV_ERROR_SETTING. rv__inputs_check_masks: likewise of all
 * @inputs (RvJobInput) of a job. */
gboolean rv__check_masks (guint n_masks, guint n, GError **error);
gboolean rv__inputs_check_masks (const RvJobClass *class, const GPtrArray *inputs, GError **error);
/* rv__request_add_file: one more input, of a file that only settings name. */
void rv__request_add_file (RvJobRequest *request, const char *role, const char *file);
/* rv__request_inputs: (transfer container): of that role, in order. _input: the only one, or NULL. */
GPtrArray *rv__request_inputs (const RvJobRequest *request, const char *role);
const RvJobInput *rv__request_input (const RvJobRequest *request, const char *role);
/* rv__job_input_size: px; of a file, what its head says. rv__job_input_load: (transfer full) (nullable): at that size;
 * 0, 0: its own. rv__job_input_load_within: shrunk to that longest side, or as it is if it is smaller. */
gboolean rv__job_input_size (const RvJobInput *input, int *width, int *height, GError **error);
RvImage *rv__job_input_load (const RvJobInput *input, int width, int height, RvImageResize how, GError **error);
RvImage *rv__job_input_load_within (const RvJobInput *input, double longest_px, GError **error);

/* ---- progress.c: between two iterations ---- */

/* rv__job_run_stop_requested: the RvStopFunc of every method; @data: the run. */
gboolean rv__job_run_stop_requested (gpointer data);
/* rv__job_run_progress: after each iteration: @line (taken) is its line of the log, or NULL. Returns: whether to go on.
 */
gboolean rv__job_run_progress (RvJobRun *run, RvJobReport *report, gconstpointer progress, char *line);
/* rv__job_run_report: of the @i-th of @n equal parts of a run that began at @began_us. */
RvJobReport rv__job_run_report (const RvJobRun *run, int i, int n, gint64 began_us);
/* rv__job_run_report_item: likewise, of what has no picture on the way and no state. */
gboolean rv__job_run_report_item (RvJobRun *run, RvJobReport *report);
/* The parts of which that is made. rv__job_run_show: the picture, to those who want it now. rv__job_run_save_state: as
 * it is. FALSE with run->error. */
gboolean rv__job_run_show (RvJobRun *run, RvJobReport *report, gconstpointer progress);
gboolean rv__job_run_save_state (RvJobRun *run, gconstpointer progress);
/* rv__job_log_number: adds ", "name": value" to a line. */
void rv__job_log_number (GString *line, const char *name, double value);

/* ---- config.c, report.c, stop.c: what others may do meanwhile ---- */

/* rv__job_copy_config: what is asked for, as it is now, into a run that is empty. rv__job_export_kernels: what @run
 * measured, to the table that was asked for. */
void rv__job_copy_config (RvJob *job, RvJobRun *run);
void rv__job_export_kernels (RvJob *job, const RvJobRun *run);
/* rv__job_set_reusable: @settled: the method's engine is what it will be: nothing that others share is replaced any
 * more. FALSE: it is replaced: others find everything themselves. */
void rv__job_set_reusable (RvJobRun *run, gboolean settled);
extern const char *const rv__no_losses[]; /* NULL alone */
/* rv__job_report: to whoever listens. rv__job_own_text: borrowed: @text, taken, as long as the job is: reports may be
 * looked at later. rv__job_note: something that a person should hear of before the first iteration, taken; @file
 * (nullable): the input that it is about. rv__job_note_idle: such a note where more ranks train than there are slices
 * of a batch. rv__job_previews: seconds between two; 0: none. */
void rv__job_report (RvJob *job, const RvJobReport *report);
const char *rv__job_own_text (RvJob *job, char *text);
void rv__job_note (RvJob *job, const char *file, char *note);
void rv__job_note_idle (RvJob *job, gint64 n_slices);
double rv__job_previews (RvJob *job);
/* rv__job_is_cancelled, rv__job_is_stopped: whether the run is to end, at once or in order. */
GCancellable *rv__job_cancellable (RvJob *job); /* borrowed; or NULL */
gboolean rv__job_is_cancelled (RvJob *job);
gboolean rv__job_is_stopped (RvJob *job);
/* rv__job_is_paused: whether it is to wait. rv__job_wait_paused: does so. */
gboolean rv__job_is_paused (RvJob *job);
void rv__job_wait_paused (RvJob *job);
/* rv__job_branch_snapshot: borrowed: the moment of another job that this goes on from, or NULL. rv__job_snapshot_due:
 * whether one is wanted now. rv__job_add_snapshot: @snapshot, taken, that it took so long to make.
 * rv__job_snapshots_bytes: at most. */
RvSnapshot *rv__job_branch_snapshot (RvJob *job);
gboolean rv__job_snapshot_due (RvJob *job, gint64 iteration);
void rv__job_add_snapshot (RvJob *job, RvSnapshot *snapshot, gint64 took_us);
gsize rv__job_snapshots_bytes (RvJob *job);
/* rv__job_steer: (steer.c) what was set since the run began, once, and what is due after run->iteration: applied to the
 * run; what went wrong is run->error. Returns: whether there was anything. */
gboolean rv__job_steer (RvJob *job, RvJobRun *run);

#endif
