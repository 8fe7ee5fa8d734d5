/* job-run.h -- a job of the library, made from the command line, checked, planned, run and watched. Layer 8 (cli). */
#pragma once

#include "cli/cli.h"

#define PREVIEW_S 1 /* between two previews */

/* Makes the job stop after its current iteration, as rv_job_stop() does, once Ctrl-C is pressed. */
void job_stop_on_interrupt (RvJob *job);
/* Sets all @settings (NULL-terminated) and calls job_stop_on_interrupt(). RV_ERROR_SETTING. */
gboolean job_set_all (RvJob *job, const RvSettings *const *settings, GError **error);
/* Sets those of the given options that belong to @kinds (NULL-terminated), the preset first. RV_ERROR_SETTING. */
gboolean job_set_given (RvJob *job, const GPtrArray *given, const char *const *kinds, GError **error);
/* Sets @name; does nothing and returns TRUE if @value is NULL. RV_ERROR_SETTING. */
gboolean job_set_if (RvJob *job, const char *name, const char *value, GError **error);
/* Adds @file as an input; does nothing and returns TRUE if it is NULL. RV_ERROR_SETTING. */
gboolean job_add_if (RvJob *job, const char *role, const char *file, GError **error);

/* (transfer full) (nullable): the folder of @output (nullable). NULL: it exists, or there is no @output. */
char *job_missing_folder (const char *output);
/* Prints that the folder @missing, from job_missing_folder(), was made, if it exists now, unless @quiet. */
void job_print_made_folder (const char *missing, gboolean quiet);
/* Checks that --preview is possible and calls rv_job_check(), which may make the folder of @output (nullable); prints
 * that it did. RV_ERROR_SETTING, errors of rv_job_check(). */
gboolean job_check (RvJob *job, const PictureOptions *picture, const char *output, GError **error);

/* Returns rv_job_is_complete(). If TRUE, prints "@output: complete already", unless --quiet. FALSE with --dry-run. */
gboolean job_print_if_complete (RvJob *job, const PictureOptions *picture, const char *output);
/* (transfer full): peak memory of the process, and on the GPU if it computes. */
char *job_memory_text (const RvJobPlan *plan);
/* (transfer full): @before and a note that @n_guessed kernels may be others in the next run; "" if @n_guessed is 0. */
char *job_kernels_text (const char *before, int n_guessed);
/* Prints job_kernels_text() on standard error, unless @quiet; only the first time in a process. */
void job_print_kernels (int n_guessed, gboolean quiet);

/* Plans the job and prints the plan in one line that begins with @title. @stage: name of a stage, such as "octave".
 * @plan: (out). Returns the exit code. Errors of rv_job_plan(). */
int job_print_plan (RvJob *job, const char *title, const char *stage, RvJobPlan *plan, GError **error);

/* Output of a running job. */
typedef struct {
  const PictureOptions *picture;
  const char *output;
  RvKernelTable *kernels;
  /* (transfer full): text of the progress bar; called for each RV_JOB_REPORT_PROGRESS without a note. */
  char *(*describe) (const RvJobReport *report, gpointer data);
  gpointer data;
} JobShow;

/* Prints the note of @report, if it has one, on standard error, and returns whether it has one. @progress: (nullable):
 * cleared before. With @quiet only notes about input files are printed. */
gboolean job_print_note (const RvJobReport *report, Progress *progress, gboolean quiet);

/* Runs the job, shows its progress and previews, saves kernel choices, and prints the result. Returns the exit code;
 * EXIT_INTERRUPTED without @error if Ctrl-C stopped it. Errors of rv_job_run(). */
int job_run (RvJob *job, const JobShow *show, GError **error);
