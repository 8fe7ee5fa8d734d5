/* show.c -- reverie vae sample, reconstruct, interpolate, edit, walk, manifold, scatter, decode: runs the job
 * "vae-picture". */
#include "cli/job-run.h"
#include "cmd-vae.h"
#include <string.h>

#define KIND "vae-picture"

/* (transfer full) (nullable): a new job "vae-picture" for asked->subcommand and --output, which vae_picture() has
 * checked. Sets the typed options that this kind has; args[0] is the model, further files are inputs. Files are not
 * read yet. Ctrl-C will stop the job, once interrupt_watch() was called. A missing model is an error of the run. NULL
 * with RV_ERROR_SETTING: a wrong value or too many files. */
static RvJob *
job_of (const VaeJob *asked, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new (KIND, error);
  if (!job || !rv_job_set (job, "what", asked->subcommand, error) ||
      !rv_job_set (job, "output", asked->own.output, error) ||
      !job_set_if (job, "force", options_last (asked->given, "force"), error))
    return NULL;
  for (guint i = 0; i < asked->given->len; i++) {
    const ParsedOption *one = asked->given->pdata[i];
    const char *name = rv_option_name (one->option);
    if (rv_settings_find_option (KIND, name) && !rv_job_set (job, name, one->value, error))
      return NULL;
  }
  for (int i = 0; i < asked->n_args; i++)
    if (!rv_job_add_file (job, i == 0 ? "model" : "input", asked->args[i], error))
      return NULL;
  job_stop_on_interrupt (job);
  return g_steal_pointer (&job);
}

/* RvJobFunc. Prints notes. Sets @n_read (gint64). */
static void
on_report (RvJob *job, const RvJobReport *report, gpointer n_read)
{
  job_print_note (report, NULL, FALSE);
  if (report->type == RV_JOB_REPORT_ENDED)
    *(gint64 *) n_read = report->n_read;
}

static int
print_done (const VaeJob *asked, const RvImage *result, gint64 n_read)
{
  static const char *const rows[] = { "interpolate", "edit", NULL };
  gboolean frames = g_strv_contains (rows, asked->subcommand) && rv_frame_is_pattern (asked->own.output),
           svg = strcmp (asked->subcommand, "scatter") == 0 && g_str_has_suffix (asked->own.output, ".svg");
  g_autofree char *what = frames || svg ? g_strdup ("written")
                          : strcmp (asked->subcommand, "decode") == 0
                            ? g_strdup_printf ("%" G_GINT64_FORMAT " pictures", n_read)
                            : g_strdup_printf ("%d x %d px", result->width, result->height);
  return vae_print_done (asked, what);
}

int
vae_picture (VaeJob *asked, GError **error)
{
  gint64 n_read = 0;
  if (!asked->own.output) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "an output is missing: -o OUT");
    return EXIT_FAILED;
  }
  g_autoptr (RvJob) job = job_of (asked, error);
  if (!job)
    return EXIT_FAILED;
  rv_job_subscribe (job, 0, on_report, &n_read, NULL);
  g_autofree char *missing = job_missing_folder (asked->own.output);
  gboolean ok = rv_job_run (job, NULL, error);
  rv_job_subscribe (job, 0, NULL, NULL, NULL);
  job_print_made_folder (missing, asked->own.quiet);
  if (!ok)
    return EXIT_FAILED;
  g_autoptr (RvImage) result = rv_job_result (job);
  if (!rv_job_was_stopped (job))
    return print_done (asked, result, n_read);
  fprintf (stderr, "reverie: stopped\n");
  return EXIT_INTERRUPTED;
}
