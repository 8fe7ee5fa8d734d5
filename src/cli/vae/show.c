/* show.c -- reverie vae sample, reconstruct, interpolate, edit, walk, manifold, scatter, decode: runs the job
 * "vae-picture". */
#include "cli/job-run.h"
#include "cmd-vae.h"
#include <string.h>

#define KIND "vae-picture"

/* (transfer full) (nullable): a new job "vae-picture" for line->name and --output, which vae_picture() has
 * checked. Sets the typed options that this kind has; args[0] is the model, further files are inputs. Files are not
 * read yet. Ctrl-C will stop the job, once interrupt_watch() was called. A missing model is an error of the run. NULL
 * with RV_ERROR_SETTING: a wrong value or too many files. */
static RvJob *
job_of (const CommandLine *line, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new (KIND, error);
  if (!job || !rv_job_set (job, "what", line->name, error) ||
      !rv_job_set (job, "output", line_text (line, "output"), error) ||
      !job_set_if (job, "force", options_last (line->given, "force"), error) ||
      !job_set_given (job, line->given, KIND, error))
    return NULL;
  for (int i = 0; i < line->n_args; i++)
    if (!rv_job_add_file (job, i == 0 ? "model" : "input", line->args[i], error))
      return NULL;
  return g_steal_pointer (&job);
}

static int
print_done (const CommandLine *line, const RvImage *result, gint64 n_read)
{
  static const char *const rows[] = { "interpolate", "edit", NULL };
  const char *output = line_text (line, "output");
  gboolean frames = g_strv_contains (rows, line->name) && rv_frame_is_pattern (output),
           svg = strcmp (line->name, "scatter") == 0 && g_str_has_suffix (output, ".svg");
  g_autofree char *what = frames || svg ? g_strdup ("written")
                          : strcmp (line->name, "decode") == 0
                            ? g_strdup_printf ("%" G_GINT64_FORMAT " pictures", n_read)
                            : g_strdup_printf ("%d x %d px", result->width, result->height);
  return vae_print_done (line, what);
}

int
vae_picture (const CommandLine *line, GError **error)
{
  if (!line_text (line, "output")) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "an output is missing: -o OUT");
    return EXIT_FAILED;
  }
  const PictureOptions picture = { .quiet = line_is_on (line, "quiet") };
  const JobShow show = { &picture, line_text (line, "output") };
  RvJobReport end;
  g_autoptr (RvJob) job = job_of (line, error);
  if (!job || !job_run (job, &show, &end, error))
    return EXIT_FAILED;
  g_autoptr (RvImage) result = rv_job_result (job);
  if (!rv_job_was_stopped (job))
    return print_done (line, result, end.n_read);
  fprintf (stderr, "reverie: stopped\n");
  return EXIT_INTERRUPTED;
}
