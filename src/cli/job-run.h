/* job-run.h -- a job of the library, made from the command line, checked, planned, run and watched. Layer 8 (cli). */
#pragma once

#include "cli/cli.h"

#define PREVIEW_S 1 /* minimum time between two previews */

/* Makes the job stop after its current iteration, as rv_job_stop() does, once Ctrl-C is pressed. */
void job_stop_on_interrupt (RvJob *job);
/* Sets the preset in @given, if any, whatever @only is. Then sets those other options of @given that settings of the
 * kind @only (NULL: of any kind of the job) have. Calls job_stop_on_interrupt(). RV_ERROR_SETTING. */
gboolean job_set_given (RvJob *job, const GPtrArray *given, const char *only, GError **error);
/* Sets @name; does nothing and returns TRUE if @value is NULL. RV_ERROR_SETTING. */
gboolean job_set_if (RvJob *job, const char *name, const char *value, GError **error);
/* Adds @file as an input; does nothing and returns TRUE if it is NULL. RV_ERROR_SETTING. */
gboolean job_add_if (RvJob *job, const char *role, const char *file, GError **error);

/* Calls rv_process_start() with the setting `threads` of @job, and returns its result and errors. */
gboolean job_process_start (RvJob *job, GError **error);
/* Checks for a run that --preview is possible, and calls rv_job_check(); with --dry-run only for a plan. rv_job_check()
 * may make the folder of @output (nullable) for a run; prints that on standard error, unless --quiet. RV_ERROR_SETTING:
 * no previews. */
gboolean job_check (RvJob *job, const PictureOptions *picture, const char *output, GError **error);

/* Returns rv_job_is_complete(); FALSE with --dry-run. If TRUE, prints "@output: complete already" on standard output,
 * unless --quiet. */
gboolean job_print_if_complete (RvJob *job, const PictureOptions *picture, const char *output);
/* (transfer full): text: peak memory of the process, and that on the GPU if a GPU is used. */
char *job_memory_text (const RvJobPlan *plan);
/* (transfer full): @before, then a note that @n_guessed kernels are not measured yet, so that another run may give
 * other bytes; "" if @n_guessed is 0. */
char *job_kernels_text (const char *before, int n_guessed);

/* Plans the job and prints the plan on standard output, in one line that begins with @title; with several ranks their
 * traffic in a second line. @stage: name of a stage, such as "octave". @plan: (out). Returns EXIT_DONE. */
int job_print_plan (RvJob *job, const char *title, const char *stage, RvJobPlan *plan, GError **error);

/* Output of a running job. */
typedef struct {
  const PictureOptions *picture; /* for --quiet, --preview and --kernels */
  const char *output;            /* file that the job writes, or a pattern; for messages */
  RvKernelTable *kernels;        /* to be saved; NULL: only files of backends are saved */
  /* (transfer full): text of the progress bar; called for each RV_JOB_REPORT_PROGRESS without a note. NULL: no bar. */
  char *(*describe) (const RvJobReport *report, gpointer data);
  gpointer data;
  gboolean hides_speed; /* iterations are frames of a video, whose times differ much */
} JobShow;

/* Calls interrupt_watch(), runs the job, shows its progress, notes and previews on standard error, and saves kernel
 * choices. With --quiet shows only previews and notes about input files. Replaces the subscriber of @job, which has
 * none afterwards. @end: (out): the last report that is no note, zeros if there is none, set after an error, too; its
 * pointers are no longer valid. */
gboolean job_run (RvJob *job, const JobShow *show, RvJobReport *end, GError **error);
/* job_run() for a picture; prints the result on standard output, unless --quiet. Returns the exit code:
 * EXIT_INTERRUPTED without @error if Ctrl-C stopped the run and there is a result; EXIT_FAILED with errors of
 * job_run(), RV_ERROR_CANCELLED if Ctrl-C stopped it before. */
int job_run_picture (RvJob *job, const JobShow *show, GError **error);
/* (transfer full): the time since @began_us (monotonic) as text, such as "1 min 40 s". */
char *job_time_text (gint64 began_us);
