/* train.c -- reverie vae train DATA -o MODEL: runs the job "vae-train". */
#include "cli/job-run.h"
#include "cmd-vae.h"
#include <stdio.h>
#include <string.h>

/* (transfer full) (nullable): a new job "vae-train" with the typed options, and args[0] as its data, which is not read
 * yet. Ctrl-C will stop the job without an error, as rv_job_stop(), once interrupt_watch() was called. NULL with
 * RV_ERROR_SETTING: a wrong value. */
static RvJob *
job_of (const CommandLine *line, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("vae-train", error);
  gboolean ok =
    job && job_set_given (job, line->given, NULL, error) && rv_job_add_file (job, "data", line->args[0], error);
  return ok ? g_steal_pointer (&job) : NULL;
}

static char *
describe (const RvJobReport *report, gpointer unused)
{
  return g_strdup_printf ("epoch %d/%d loss %.2f reconstruction %.2f KL %.2f  %.0f pictures/s", report->stage,
                          report->n_stages, report->loss, report->losses[0], report->losses[1], report->per_second);
}

/* Prints parameters, pictures and time, and a warning if latent dimensions are unused. Returns the exit code. @error:
 * the trained model is damaged. */
static int
print_done (const CommandLine *line, const RvJobReport *end, RvJob *job, gint64 began_us, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_job_model (job);
  g_autoptr (RvVae) vae = rv_vae_from_map (map, error);
  if (!vae)
    return EXIT_FAILED;
  if (end->n_inactive_units > 0)
    vae_warn_collapse (line, vae, (int) vae_int_setting (vae, "latent") - end->n_inactive_units);
  g_autofree char *time = job_time_text (began_us);
  g_autofree char *what =
    g_strdup_printf ("%" G_GINT64_FORMAT " parameters, trained on %" G_GINT64_FORMAT " pictures in %s",
                     rv_vae_n_parameters (vae), end->n_read, time);
  return vae_print_done (line, what);
}

int
vae_train (const CommandLine *line, GError **error)
{
  if (strcmp (line_text (line, "kind"), "patches") == 0)
    return vae_train_patches (line, error);
  if (!line_text (line, "output")) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "an output is missing: -o OUT");
    return EXIT_FAILED;
  }
  gint64 began_us = g_get_monotonic_time ();
  const PictureOptions picture = { .quiet = line_is_on (line, "quiet") };
  const JobShow show = { &picture, line_text (line, "output"), NULL, describe, NULL };
  RvJobReport end;
  g_autoptr (RvJob) job = job_of (line, error);
  if (!job || !job_run (job, &show, &end, error))
    return EXIT_FAILED;
  if (!rv_job_was_stopped (job))
    return print_done (line, &end, job, began_us, error);
  fprintf (stderr, "reverie: stopped; --resume continues from the last checkpoint\n");
  return EXIT_INTERRUPTED;
}
