/* job-run.h -- a job of the library, made from the command line, checked, planned, run and watched.
 * Layer 8 (cli). */
#ifndef RV_CLI_JOB_RUN_H
#define RV_CLI_JOB_RUN_H

#include "cli/cli.h"

#define PREVIEW_S 1 /* between two previews */

/* Makes Ctrl-C stop the job in order. */
void job_listen (RvJob *job);
/* Sets all @settings, which end with NULL, and calls job_listen(). */
gboolean job_set_all (RvJob *job, const RvSettings *const *settings, GError **error);
/* Sets those of the given options that belong to @kinds (NULL-terminated), the preset first. RV_ERROR_SETTING. */
gboolean job_set_given (RvJob *job, const GPtrArray *given, const char *const *kinds, GError **error);
/* Sets @name, unless @value is NULL. */
gboolean job_set_if (RvJob *job, const char *name, const char *value, GError **error);
/* Adds @file, unless it is NULL. */
gboolean job_add_if (RvJob *job, const char *role, const char *file, GError **error);

/* (transfer full) (nullable): the folder of @output (nullable), if it does not exist. */
char *job_missing_folder (const char *output);
/* Prints that the folder @missing (nullable) was made, if it exists now, unless @quiet. */
void job_say_made_folder (const char *missing, gboolean quiet);
/* Calls rv_job_check(), and checks that --preview is possible. Prints the folder that was made for @output
 * (nullable). */
gboolean job_check (RvJob *job, const PictureOptions *picture, const char *output, GError **error);

/* Whether rv_job_is_complete(); then prints so, unless --quiet. FALSE with --dry-run. */
gboolean job_is_made (RvJob *job, const PictureOptions *picture, const char *output);
/* (transfer full): @before and a note that @n_guessed kernels may differ in the next run; "" for 0. */
char *job_kernels_text (const char *before, int n_guessed);
/* Prints job_kernels_text() after a run, once in a process. */
void job_say_kernels (int n_guessed, gboolean quiet);

/* Prints the plan in one line that begins with @title. @stage: name of a stage. @plan: (out). Returns the exit code. */
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

/* Runs the job, shows its progress and previews, saves kernel choices, and prints the result. Returns the exit code. */
int job_run (RvJob *job, const JobShow *show, GError **error);

#endif
