/* jobs.c -- reverie vae train, sample, reconstruct, interpolate, edit, walk, manifold, scatter, decode: the jobs
 * "vae-train" and "vae-picture". */
#include "cli/job-run.h"
#include "cmd-vae.h"
#include <stdio.h>
#include <string.h>

#define KIND "vae-picture"
#define PATCHES_SIZE_PX 256

/* Runs @job, made by @make, and shows its progress by @describe (nullable). Returns EXIT_DONE; EXIT_INTERRUPTED after
 * Ctrl-C, with a message that ends in @hint. EXIT_FAILED: RV_ERROR_SETTING without --output; errors of @make and
 * job_run(). *job: (out) (transfer full) (nullable): NULL before the call; set also if the run failed. @end: (out): the
 * last report, as of job_run(); may be unset with EXIT_FAILED. */
static int
run_job (const CommandLine *line, RvJob *(*make) (const CommandLine *line, GError **error),
         char *(*describe) (const RvJobReport *report, gpointer data), const char *hint, RvJob **job, RvJobReport *end,
         GError **error)
{
  const PictureOptions picture = { .quiet = line_is_on (line, "quiet") };
  const JobShow show = { &picture, line_text (line, "output"), NULL, describe, NULL };
  if (!show.output)
    return error_fail (error, RV_ERROR_SETTING, "an output is missing: -o OUT");
  if (!(*job = make (line, error)) || !job_run (*job, &show, end, error))
    return EXIT_FAILED;
  if (!rv_job_was_stopped (*job))
    return EXIT_DONE;
  fprintf (stderr, "reverie: stopped%s\n", hint);
  return EXIT_INTERRUPTED;
}

/* ---- training ---------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): a new job "vae-train" with the typed options, and args[0] as its data, which is not read
 * yet. Ctrl-C will stop its run without an error, as rv_job_stop() does. NULL with RV_ERROR_SETTING: a wrong value. */
static RvJob *
train_job_of (const CommandLine *line, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("vae-train", error);
  gboolean ok =
    job && job_set_given (job, line->given, NULL, error) && rv_job_add_file (job, "data", line->args[0], error);
  return ok ? g_steal_pointer (&job) : NULL;
}

/* JobShow.describe: epoch, loss and its terms, and speed. */
static char *
describe_training (const RvJobReport *report, gpointer unused)
{
  return g_strdup_printf ("epoch %d/%d loss %.2f reconstruction %.2f KL %.2f  %.0f pictures/s", report->stage,
                          report->n_stages, report->loss, report->losses[0], report->losses[1], report->per_second);
}

/* RvVaeDoneFunc; @progress: Progress, on which it shows @done_01. FALSE, which stops the training: Ctrl-C. */
static gboolean
on_patches_done (double done_01, gpointer progress)
{
  progress_show (progress, done_01, 0, "training");
  return !interrupt_requested ();
}

/* CommandFunc of "train" with --kind patches: writes a model of rv_patches_train() to --output. RV_ERROR_SETTING: an
 * option that patches do not have, or an output with another suffix. EXIT_INTERRUPTED, after Ctrl-C, has no @error. */
static int
train_patches (const CommandLine *line, GError **error)
{
  static const char *const known[] = { "output",  "kind",     "size",  "coreset", "seed",
                                       "threads", "settings", "force", "quiet",   NULL };
  for (guint i = 0; i < line->given->len; i++) {
    const char *name = rv_option_name (((const ParsedOption *) line->given->pdata[i])->option);
    if (!g_strv_contains (known, name))
      return error_fail (error, RV_ERROR_SETTING, "--%s cannot be combined with --kind patches", name);
  }
  const char *output = line_text (line, "output");
  if (output && !g_str_has_suffix (output, ".safetensors"))
    return error_fail (error, RV_ERROR_SETTING, "%s: a model is written as .safetensors", output);
  g_auto (GStrv) left_out = NULL;
  int size_px = options_last (line->given, "size") ? (int) line_number (line, "size") : PATCHES_SIZE_PX;
  g_autoptr (GPtrArray) files = vae_check_output (line, error) ? vae_list_files (line->args[0], error) : NULL;
  if (!files)
    return EXIT_FAILED;
  g_ptr_array_add (files, NULL);
  interrupt_watch ();
  Progress *progress = progress_new (line_is_on (line, "quiet"));
  g_autoptr (RvTensorMap) map =
    rv_patches_train ((const char *const *) files->pdata, size_px, line_number (line, "coreset") / 100,
                      rv_settings_get_int (line->settings, "seed", NULL), options_threads (line->settings),
                      on_patches_done, progress, &left_out, error);
  progress_free (progress);
  print_left_out_files ((const char *const *) left_out);
  if (!map && interrupt_requested ()) {
    g_clear_error (error);
    return EXIT_INTERRUPTED;
  }
  if (!map || !rv_weights_save (map, output, line_is_on (line, "force"), error))
    return EXIT_FAILED;
  guint n = files->len - 1 - (left_out ? g_strv_length (left_out) : 0);
  g_autofree char *what = g_strdup_printf ("%" G_GINT64_FORMAT " patches of %u picture%s",
                                           rv_tensor_map_get (map, "coreset")->shape.dim[0], n, n == 1 ? "" : "s");
  return vae_print_done (line, what);
}

int
vae_train (const CommandLine *line, GError **error)
{
  if (strcmp (line_text (line, "kind"), "patches") == 0)
    return train_patches (line, error);
  gint64 began_us = g_get_monotonic_time ();
  RvJobReport end;
  g_autoptr (RvJob) job = NULL;
  int code =
    run_job (line, train_job_of, describe_training,
             "; --resume continues from the last checkpoint, or begins again if there is none", &job, &end, error);
  if (code != EXIT_DONE)
    return code;
  g_autoptr (RvTensorMap) map = rv_job_model (job);
  g_autoptr (RvVae) vae = rv_vae_from_map (map, error);
  if (!vae)
    return EXIT_FAILED;
  if (end.n_inactive_units > 0)
    vae_warn_collapse (line, vae, (int) vae_int_setting (vae, "latent") - end.n_inactive_units);
  g_autofree char *time = job_time_text (began_us);
  g_autofree char *what =
    g_strdup_printf ("%" G_GINT64_FORMAT " parameters, trained on %" G_GINT64_FORMAT " picture%s in %s",
                     rv_vae_n_parameters (vae), end.n_read, end.n_read == 1 ? "" : "s", time);
  return vae_print_done (line, what);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): a new job "vae-picture" for line->name and --output, which run_job() has checked. Sets
 * the typed options that this kind has; args[0] is the model, further files are inputs. Files are not read yet. Ctrl-C
 * will stop its run. A missing model is an error of the run. NULL with RV_ERROR_SETTING: a wrong value, or too many
 * files. */
static RvJob *
picture_job_of (const CommandLine *line, GError **error)
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

int
vae_picture (const CommandLine *line, GError **error)
{
  RvJobReport end;
  g_autoptr (RvJob) job = NULL;
  int code = run_job (line, picture_job_of, NULL, "", &job, &end, error);
  if (code != EXIT_DONE)
    return code;
  static const char *const rows[] = { "interpolate", "edit", NULL };
  const char *output = line_text (line, "output");
  g_autoptr (RvImage) result = rv_job_result (job); /* not used for numbered files, SVG and decode */
  gboolean frames = g_strv_contains (rows, line->name) && rv_frame_is_pattern (output),
           svg = strcmp (line->name, "scatter") == 0 && g_str_has_suffix (output, ".svg");
  g_autofree char *what = frames || svg ? g_strdup ("written")
                          : strcmp (line->name, "decode") == 0
                            ? g_strdup_printf ("%" G_GINT64_FORMAT " picture%s", end.n_read, end.n_read == 1 ? "" : "s")
                            : g_strdup_printf ("%d x %d px", result->width, result->height);
  return vae_print_done (line, what);
}
