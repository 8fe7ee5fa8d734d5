/* train.c -- reverie vae train DATA -o MODEL: runs the job "vae-train". */
#include "cli/job-run.h"
#include "cmd-vae.h"
#include <stdio.h>
#include <string.h>

typedef struct {
  Progress *progress; /* NULL before the first batch */
  gboolean quiet;
  gint64 n_read; /* pictures */
  int n_unused;  /* latent dimensions */
} Train;

/* (transfer full) (nullable): a new job "vae-train" with the typed options, and args[0] as its data, which is not read
 * yet. Ctrl-C will stop the job without an error, as rv_job_stop(), once interrupt_watch() was called. NULL with
 * RV_ERROR_SETTING: a wrong value. */
static RvJob *
job_of (const VaeJob *asked, GError **error)
{
  static const char *const kinds[] = { "vae", NULL };
  static const char *const others[] = { "output",     "size", "channels", "condition",
                                        "save-every", "log",  "resume",   "force" };
  g_autoptr (RvJob) job = rv_job_new ("vae-train", error);
  if (!job || !job_set_given (job, asked->given, kinds, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (!job_set_if (job, others[i], options_last (asked->given, others[i]), error))
      return NULL;
  if (!rv_job_add_file (job, "data", asked->args[0], error))
    return NULL;
  job_stop_on_interrupt (job);
  return g_steal_pointer (&job);
}

static void
show (Train *train, const RvJobReport *report)
{
  g_autofree char *what =
    g_strdup_printf ("epoch %d/%d loss %.2f reconstruction %.2f KL %.2f  %.0f pictures/s", report->stage,
                     report->n_stages, report->loss, report->losses[0], report->losses[1], report->per_second);
  if (!train->progress)
    train->progress = progress_new (train->quiet);
  progress_show (train->progress, report->done_01, report->iteration, what);
}

/* RvJobFunc; @data: Train. Shows progress; prints notes, also with --quiet. */
static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Train *train = data;
  if (job_print_note (report, train->progress, FALSE))
    return;
  if (report->type == RV_JOB_REPORT_PROGRESS) {
    show (train, report);
  } else if (report->type == RV_JOB_REPORT_ENDED) {
    train->n_read = report->n_read;
    train->n_unused = report->n_inactive_units;
  }
}

/* Prints parameters, pictures and time, and a warning if latent dimensions are unused. Returns the exit code. @error:
 * the trained model is damaged. */
static int
print_done (const VaeJob *asked, const Train *train, RvJob *job, gint64 began_us, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_job_model (job);
  g_autoptr (RvVae) vae = rv_vae_from_map (map, error);
  if (!vae)
    return EXIT_FAILED;
  if (train->n_unused > 0)
    vae_warn_collapse (asked, vae, (int) vae_int_setting (vae, "latent") - train->n_unused);
  g_autofree char *time = rv_text_seconds ((double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC);
  g_autofree char *what =
    g_strdup_printf ("%" G_GINT64_FORMAT " parameters, trained on %" G_GINT64_FORMAT " pictures in %s",
                     rv_vae_n_parameters (vae), train->n_read, time);
  return vae_print_done (asked, what);
}

int
vae_train (VaeJob *asked, GError **error)
{
  if (strcmp (asked->own.kind, "patches") == 0)
    return vae_train_patches (asked, error);
  Train train = { .quiet = asked->own.quiet };
  gint64 began_us = g_get_monotonic_time ();
  if (!asked->own.output) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "an output is missing: -o OUT");
    return EXIT_FAILED;
  }
  g_autoptr (RvJob) job = job_of (asked, error);
  if (!job)
    return EXIT_FAILED;
  rv_job_subscribe (job, 0, on_report, &train, NULL);
  gboolean ok = rv_job_run (job, NULL, error);
  rv_job_subscribe (job, 0, NULL, NULL, NULL);
  if (train.progress)
    progress_free (train.progress);
  if (!ok)
    return EXIT_FAILED;
  if (!rv_job_was_stopped (job))
    return print_done (asked, &train, job, began_us, error);
  fprintf (stderr, "reverie: stopped; --resume continues from the last checkpoint\n");
  return EXIT_INTERRUPTED;
}
