/* job-run.h -- a job of the library, as commands run one: made of the command line, checked, planned, run and watched.
 * Layer 8 (cli). */
#ifndef RV_CLI_JOB_RUN_H
#define RV_CLI_JOB_RUN_H

#include "cli/cli.h"

#define PREVIEW_S 1 /* between two pictures on the screen */

/* job_listen: Ctrl-C stops the job. job_set_all: what settings of each kind say; @settings ends with NULL; and that.
 * job_set_given: the options of those kinds of settings that are given. job_set_if, job_add_if: NULL sets and adds
 * nothing. */
void job_listen (RvJob *job);
gboolean job_set_all (RvJob *job, const RvSettings *const *settings, GError **error);
gboolean job_set_given (RvJob *job, const GPtrArray *given, const char *const *kinds, GError **error);
gboolean job_set_if (RvJob *job, const char *name, const char *value, GError **error);
gboolean job_add_if (RvJob *job, const char *role, const char *file, GError **error);

/* job_missing_folder: (transfer full) (nullable): the folder of @output, if it does not exist. job_say_made_folder:
 * that it was made since then. */
char *job_missing_folder (const char *output);
void job_say_made_folder (const char *missing, gboolean quiet);
/* job_check: as rv_job_check(); says which folder was made for @output (nullable). */
gboolean job_check (RvJob *job, const PictureOptions *picture, const char *output, GError **error);

/* job_is_made: as rv_job_is_made(), and says so, unless in a dry run. */
gboolean job_is_made (RvJob *job, const PictureOptions *picture, const char *output);
/* job_kernels_text: (transfer full): @before, and that so many kernels may be others in the next run; "" for 0.
 * job_say_kernels: a line of it after a run, once in a process. */
char *job_kernels_text (const char *before, int n_guessed);
void job_say_kernels (int n_guessed, gboolean quiet);

/* job_print_plan: what the run would take, in one line that begins with @title; @stage is what its stages are called.
 * Returns the exit code. @plan: (out). */
int job_print_plan (RvJob *job, const char *title, const char *stage, RvJobPlan *plan, GError **error);

/* How a job is shown while it runs. */
typedef struct {
  const PictureOptions *picture;
  const char *output; /* of the job */
  RvKernelTable *kernels;
  /* (transfer full): what the bar says of an iteration. */
  char *(*describe) (const RvJobReport *report, gpointer data);
  gpointer data;
} JobShow;

/* job_run: returns the exit code, having said what came of it. */
int job_run (RvJob *job, const JobShow *show, GError **error);

#endif
