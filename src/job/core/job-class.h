/* job-class.h -- the class of a kind of job, and its run.
 * Layer 7 (job). A kind is a RvJobClass at the end of one file, and a row in job_kinds (meson.build). */
#pragma once

#include "job/core/picture.h"
#include "job/core/recipe.h"
#include "job/core/checkpoint.h"
#include "job/core/watch.h"
#include "method/run/iteration.h"
#include "method/run/plan.h"
#include <reverie/job.h>

typedef struct _RvJobRun RvJobRun;
typedef struct _RvJobRequest RvJobRequest;
typedef struct _RvJobClass RvJobClass;
typedef struct _RvVideoKind RvVideoKind; /* video-run.h */

/* A kind of job, with its method. All functions are called on the thread that uses the job. */
struct _RvJobClass {
  const char *kind;
  const char *old_kind;          /* (nullable): former name, in saved jobs */
  const char *method;            /* kind of the method's settings */
  const RvOptionValue *defaults; /* (nullable): defaults that differ from those of the method */
  const char *command;           /* name in recipes; NULL: the method's */
  const char *subcommand;        /* option of the method whose value follows `command` in recipes; NULL: none */
  const char *kind_settings;     /* kind of settings that only this kind of job has; NULL: none */
  const RvOption *own_table;     /* rows of kind_settings that decide the result, for recipes; NULL: none */
  const RvJobRole *roles;
  const RvVideoKind *video; /* NULL: the result is a picture */
  gboolean uses_no_network;
  gboolean is_model; /* the result is run->model, and a picture that shows it */
  /* Checks settings against each other, before any file is read. May rewrite inputs and settings. Sets the default
   * network and size, and request->frames, generated_px, has_no_checkpoint and uses_no_network. RV_ERROR_SETTING,
   * RV_ERROR_MEMORY. */
  gboolean (*check) (RvJobRequest *request, GError **error);
  /* (nullable): further checks of files, by their heads, once request.width and request.height are known. @inputs:
   * names of the input files, without those of unlisted roles, NULL-terminated. */
  gboolean (*check_files) (RvJobRun *run, const char *const *inputs, GError **error);
  /* (nullable): replaces all checks of inputs, outputs and checkpoint by their file heads, for kinds whose result is
   * not a single picture. Sets request.width and height, unless prepare() does or the result has no size. */
  gboolean (*probe_files) (RvJobRun *run, GError **error);
  /* Reads the pictures and creates run->method, which clear() frees, even after an error. */
  gboolean (*prepare) (RvJobRun *run, GError **error);
  /* (nullable): makes the method of @run use data of @other's method, by reference, if both have the same inputs for
   * it. Both are prepared and of one class; @other may be the plan of the same job. The lock of @other's job is
   * held. */
  void (*reuse) (RvJobRun *run, const RvJobRun *other);
  /* Fills @plan, which has one stage, one tile and a work of 1. May run some real steps, so afterwards run->method is
   * only passed to reuse() and clear(). */
  gboolean (*plan) (RvJobRun *run, RvJobPlan *plan, GError **error);
  /* (nullable: none): names of the losses, NULL-terminated, borrowed. */
  const char *const *(*losses) (RvJobRun *run);
  /* (nullable: has_no_checkpoint): restores the method from @state. If @state has no text "iteration", also sets
   * progress.iteration, which is otherwise set from that text. */
  gboolean (*resume) (RvJobRun *run, RvTensorMap *state, GError **error);
  /* Runs the method. *result: NULL at the call; (transfer full) (nullable): also set when stopped (TRUE), and after
   * RV_ERROR_NUMBER. FALSE without @error only if cancelled, or with progress.error. */
  gboolean (*run) (RvJobRun *run, RvImage **result, GError **error);
  /* (nullable: the method's settings cannot change): whether a run that began with @begun and @kind_settings may
   * continue with @now. The job's lock may be held. RV_ERROR_SETTING. */
  gboolean (*check_steer) (const RvSettings *begun, const RvSettings *kind_settings, const RvSettings *now,
                           GError **error);
  /* (nullable, like check_steer): applies progress.current_settings to the method. */
  gboolean (*steer) (RvJobRun *run, GError **error);
  /* (nullable): writes more than the checkpoint before the run pauses, so that a kill then loses nothing. */
  gboolean (*before_pause) (RvJobRun *run, GError **error);
  /* (nullable): writes further files after the result, also when stopped. Called only on the first rank. */
  gboolean (*write_more) (RvJobRun *run, const RvImage *result, GError **error);
  /* (nullable): changes the recipe where the run's own values do not fit. run->method may be NULL. */
  void (*fill_recipe) (const RvJobRun *run, RvRecipe *recipe);
  /* (nullable): adds to the last report. */
  void (*fill_final_report) (const RvJobRun *run, RvJobReport *report);
  /* (transfer full) (nullable): the picture of an iteration, made from the method's report, @progress. The function
   * itself is NULL if @progress is that RvImage. */
  RvImage *(*picture) (gconstpointer progress, GError **error);
  /* (transfer full) (nullable): the state after the iteration of @progress; NULL with progress.error. The function
   * itself is NULL if has_no_checkpoint. */
  RvTensorMap *(*state) (RvJobRun *run, gconstpointer progress);
  void (*clear) (RvJobRun *run); /* frees run->method */
};

/* Request of a run: settings and inputs at its beginning, and values derived from them. Constant during the run, except
 * settings that may change. */
struct _RvJobRequest {
  const RvJobClass *class;
  GPtrArray *inputs;              /* RvJobInput */
  RvSettings *settings, *picture; /* copies */
  RvSettings *kind_settings;      /* copy; or NULL */
  RvPictureOptions *options;      /* the fields of @picture */
  RvStateOptions state_options;
  RvNet *net;        /* NULL before loading, and if uses_no_network */
  int width, height; /* px; size of the result */
  int generated_px;  /* px; sides of a picture that the job draws without an input */
  int frames;        /* number of pictures in numbered files; else 0 */
  gboolean has_no_checkpoint;
  gboolean uses_no_network;     /* by its class or by its settings */
  gboolean method_wrote_result; /* the result's format is not one of pictures */
  gboolean writes_no_files;     /* another rank writes the shared result */
  char *requested_output;       /* `output` as requested; set on all ranks, even if writes_no_files */
};

/* Files that a run writes on the way, and previews. */
typedef struct {
  RvCheckpoint *state; /* NULL: the result stays in memory */
  char *inputs_text;   /* cache of rv__job_run_inputs_text() */
  GHashTable *hashes;  /* rv__recipe_hash_files(), if the result will have a recipe; else NULL */
  FILE *log;
  RvWatch *watch;
  gint64 previewed_us; /* monotonic time of the last preview */
} RvJobFiles;

/* Progress of a run, and its changes. */
typedef struct {
  int frame;                    /* 1 to request.frames; else 0 */
  gint64 iteration;             /* the last one that is done, also before a resume */
  RvSettings *current_settings; /* request.settings with the changes so far: steer.c */
  GArray *steering;             /* changes of settings and inputs, done and planned: steer.c */
  guint n_steered;              /* changes that are done, at the front of `steering` */
  const char *note;             /* static: note for the next report that has none; or NULL */
  gboolean stopped;
  gboolean is_reusable; /* guarded by the job's lock: other jobs may reuse the method's data */
  GError *error;        /* error of a file that is written during the run */
} RvRunProgress;

/* A run of a job. Only its own thread uses it, except through rv__job_...() functions. */
struct _RvJobRun {
  RvJob *job; /* borrowed */
  RvJobRequest request;
  RvJobFiles files;
  RvRunProgress progress;
  RvKernelTable *kernels;
  gpointer method;
  RvTensorMap *model; /* result of kinds that make a model; NULL before */
};

/* ---- run.c ---- */

/* (transfer full) (nullable): a run with copies of the job's settings and inputs. Borrows @job and takes its lock.
 * Checks all settings, but no files. @dry: only planned, nothing will be written. */
RvJobRun *rv__job_run_new (RvJob *job, gboolean dry, GError **error);
/* Frees @run (nullable) and its method; closes the log. Files stay. */
void rv__job_run_free (RvJobRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvJobRun, rv__job_run_free)

/* Checks inputs, outputs and checkpoint by their file heads, or calls RvJobClass.probe_files. Sets request.width and
 * height, unless the class only sets them in prepare() or run(). Creates the folder of numbered files, except in a dry
 * run. Turns off output on ranks above 0. */
gboolean rv__job_run_check (RvJobRun *run, GError **error);
/* Loads the network, unless the job has one or needs none, and calls RvJobClass.prepare. rv__job_run_check() must have
 * succeeded. After an error @run may only be freed. RV_ERROR_CANCELLED if the job was cancelled before prepare. */
gboolean rv__job_run_prepare (RvJobRun *run, GError **error);
/* Begins or resumes, runs the method, and writes the result with log and plots; then removes the checkpoint, unless
 * stopped (TRUE). Called once, after rv__job_run_prepare(), by all ranks. Blocks, and sends reports. *result: NULL at
 * the call; (transfer full) (nullable): also set with an error, to the last good picture; NULL with
 * RV_ERROR_CANCELLED, if the job was cancelled. */
gboolean rv__job_run_execute (RvJobRun *run, RvImage **result, GError **error);
/* Overwrites @plan with the values of @method_plan. Members that RvPlan does not have become 0. */
void rv__job_plan_from (RvJobPlan *plan, const RvPlan *method_plan);
/* Whether @log (nullable) is no file, or cannot be read, or is empty, or begins like a log: a run that ends before its
 * first checkpoint leaves such a file. */
gboolean rv__job_may_be_log (const char *log);
/* Whether `resume` is set, there is an `output`, and existing files belong to the stopped run: a checkpoint exists, or
 * there is no OUT (frame 1), `plot` or `timeline`, rv__job_may_be_log(), and `live` is missing or has a recipe. Files
 * of that run may then be replaced without `force`. */
gboolean rv__job_run_may_replace (const RvJobRun *run);
/* Whether, with `resume` and without `force`, all result files exist and no checkpoint does; FALSE without `output`. Of
 * a video as numbered pictures only the first frame counts and, unless `recipe` is off, the recipe. Only tests whether
 * files exist. For rv_job_is_complete(). */
gboolean rv__job_run_is_complete (const RvJobRun *run);
/* Called when saving the result has failed. If that was because another file appeared as OUT, the result lies next to
 * it; then removes the checkpoint of a finished run. Otherwise, and of a stopped run, the checkpoint stays. */
void rv__job_run_remove_checkpoint_if_sibling (const RvJobRun *run);
/* Whether `resume` is set and a checkpoint file exists, which the run continues. Does not read it. */
gboolean rv__job_run_has_checkpoint (const RvJobRun *run);
/* Whether the run continues from a checkpoint or a snapshot, and does not start at the beginning. */
gboolean rv__job_run_resumes (const RvJobRun *run);
/* (transfer full): the recipe as JSON, with the changes so far. Hashes the input files. Can't fail. */
char *rv__job_run_recipe_json (const RvJobRun *run);
/* The recipe as a struct, without the changes during the run (`steer`). Its members are borrowed from @run. */
RvRecipe rv__job_run_recipe (const RvJobRun *run);
/* Sets request.options->recipe, for later pictures. NULL if `recipe` is off, without `output`, and for a model. */
void rv__job_run_store_recipe (RvJobRun *run);
/* Text of rv__recipe_inputs(), with which that of a state is compared. Computed from the files at the first call.
 * Borrowed from @run. */
const char *rv__job_run_inputs_text (RvJobRun *run);
/* Flushes the log and saves @image, with the recipe, to the file of progress.frame; without `output` only flushes
 * (TRUE). The last frame is saved as the result instead. */
gboolean rv__job_run_save_frame (RvJobRun *run, const RvImage *image, GError **error);

/* ---- inputs.c ---- */

/* Whether there are no masks, or one for each of @n styles. FALSE with RV_ERROR_SETTING. */
gboolean rv__check_masks (guint n_masks, guint n, GError **error);
/* (transfer container) (element-type RvJobInput): inputs of @role, in order, borrowed; empty: none. */
GPtrArray *rv__request_inputs (const RvJobRequest *request, const char *role);
/* (nullable): the first input called @role; NULL: none. Borrowed from @request. */
const RvJobInput *rv__request_input (const RvJobRequest *request, const char *role);
/* Adds the name of the first role's file, if any, to an RV_ERROR_SHAPE in @error (nullable): the picture or video is
 * too small. Always FALSE. */
gboolean rv__request_name_error (const RvJobRequest *request, GError **error);
/* Sets *width and *height, px, of a picture in memory or from the head of a file; unchanged after an error. */
gboolean rv__job_input_size (const RvJobInput *input, int *width, int *height, GError **error);
/* (transfer full) (nullable): the picture of @input, stretched by @how to @width x @height px; 0, 0: its own size. A
 * reference if it is in memory in that size. */
RvImage *rv__job_input_load (const RvJobInput *input, int width, int height, RvImageResize how, GError **error);
/* (transfer full) (nullable): the picture of @input; a larger one is shrunk, smoothly, so that its longer side is
 * @longest_px. A reference if it is in memory and small enough. */
RvImage *rv__job_input_load_within (const RvJobInput *input, double longest_px, GError **error);

/* (transfer full) (nullable) (element-type RvImage): the pictures of the inputs of @role, in order, by
 * rv__job_input_load_within() with @longest_px; 0: at their own size. Empty: no such input. */
GPtrArray *rv__request_load (const RvJobRequest *request, const char *role, double longest_px, GError **error);

/* ---- progress.c ---- */

/* Stop request of every method. Within an iteration, the method must end if the job is cancelled. With one rank, also
 * if the job is stopped before the first iteration is done, or while a checkpoint exists (sets progress.stopped).
 * Borrows from @run. */
RvStopRequest rv__job_run_stop_request (RvJobRun *run);
/* Called by a method after each iteration: sets progress.iteration from @report, sends @report (and sets its type),
 * applies changes, waits while paused, writes log, previews, checkpoint and snapshots. Sets progress.stopped.
 * @progress: for RvJobClass.picture and state. @line (transfer full) (nullable): the iteration's line of the log, of
 * rv__job_log_line(). FALSE: the method must end: stopped, cancelled, or progress.error. */
gboolean rv__job_run_progress (RvJobRun *run, RvJobReport *report, gconstpointer progress, char *line);
/* A report of iteration @p, not sent. It borrows p->losses and @names, the names of the terms of the loss; NULL: no
 * terms. @names must live as long as the job. */
RvJobReport rv__job_report_of (const RvIteration *p, const char *const *names);
/* (transfer full) (nullable): the line of the log of iteration @p, a JSON object; NULL: there is no log. Members: those
 * of the text @head (transfer full), JSON without braces; loss, the terms @names (NULL-terminated, in the order of
 * p->losses), bytes if there is traffic, @extra (nullable: none) with @value (NaN: null), seconds. */
char *rv__job_log_line (const RvJobRun *run, char *head, const RvIteration *p, const char *const *names,
                        const char *extra, double value);
/* A report that @i of @n (not 0) equal items are done, of a run that began at @began_us (monotonic). One stage, the
 * size of the request, no losses, no channel; other members are 0. Nothing is sent. */
RvJobReport rv__job_run_report (const RvJobRun *run, int i, int n, gint64 began_us);
/* Sends @report as RV_JOB_REPORT_PROGRESS, for methods without pictures and state. Sets progress.iteration and stopped,
 * applies changes, and blocks while paused. FALSE: the method must end: stopped, cancelled, or progress.error. */
gboolean rv__job_run_report_item (RvJobRun *run, RvJobReport *report);
/* Sends a preview, and updates `live` and `timeline`, each if requested and due. Does nothing (TRUE) if none is
 * due. @report: becomes the preview that is sent. Its picture is then invalid: set it to NULL before sending
 * @report again. @progress: for RvJobClass.picture; the RvImage itself if that is NULL. FALSE with
 * run->progress.error: the picture could not be made. A file that cannot be written becomes a note. */
gboolean rv__job_run_show (RvJobRun *run, RvJobReport *report, gconstpointer progress);
/* Flushes the log and writes a checkpoint at once, over the old one; files.state must not be NULL. Writes none if
 * files.state is read-only (TRUE). @progress: (nullable): for RvJobClass.state. FALSE with progress.error. */
gboolean rv__job_run_save_state (RvJobRun *run, gconstpointer progress);
/* Appends the JSON member @name (not escaped) to @line: a comma, the name, @value (finite) with 9 digits. */
void rv__job_log_number (GString *line, const char *name, double value);

/* ---- config.c, report.c, stop.c, branch.c, steer.c ---- */

/* Fills @run, all zeros, from @job (borrowed): copies of inputs, settings and kernels, and a reference on the network.
 * Takes the lock. */
void rv__job_copy_config (RvJob *job, RvJobRun *run);
/* Sets progress.is_reusable: other runs may share data of run->method by RvJobClass.reuse. Call it once the run no
 * longer replaces that data. Takes the lock. */
void rv__job_set_reusable (RvJobRun *run);
extern const char *const rv__no_losses[]; /* empty */
/* Calls the subscriber, if any, on this thread, without the lock; or, after rv_job_start(), queues a copy for its main
 * context. In the queue a report replaces an older one of its type; reports with a note all arrive. */
void rv__job_report (RvJob *job, const RvJobReport *report);
/* Makes @job the owner of @text (transfer full), freed by g_free(). Returns @text, borrowed; it lives as long as the
 * job, because reports may be read later. Takes the lock. */
const char *rv__job_own_text (RvJob *job, char *text);
/* Sends @note (transfer full) as a report of progress. @file: (nullable): input that the note is about; a copy becomes
 * the label of the report. */
void rv__job_note (RvJob *job, const char *file, char *note);
/* Sends a note if there are more ranks than @n_micro_batches: the other ranks stay idle. Else does nothing. */
void rv__job_note_idle (RvJob *job, gint64 n_micro_batches);
/* Whether the run must end at once, without a result, because its cancellable was cancelled. FALSE without a
 * cancellable. */
gboolean rv__job_is_cancelled (RvJob *job);
/* Whether the run must end with a result and a checkpoint: after rv_job_stop(), or if the RvStopFunc, which it calls,
 * returns TRUE. Takes the lock, but not during that call. */
gboolean rv__job_stop_requested (RvJob *job);
/* Whether rv_job_pause() is in effect; the run need not be waiting yet. Takes the lock. */
gboolean rv__job_pause_requested (RvJob *job);
/* Sends @report, changed to RV_JOB_REPORT_PAUSED without a picture. Sets the status to paused, and blocks until the
 * pause ends, or the job is stopped or cancelled; then sets it to running. Returns soon if no pause is requested. Must
 * be called without the lock. */
void rv__job_wait_paused (RvJob *job, RvJobReport *report);
/* Applies changes of settings that were requested, or are due after the current iteration, to run, job and method.
 * Updates the checkpoint's interval. Returns whether any setting changed; TRUE also if the method rejects the change
 * (progress.error). Takes the job's lock. */
gboolean rv__job_steer (RvJobRun *run);
