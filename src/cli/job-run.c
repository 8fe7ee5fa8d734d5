/* job-run.c -- runs a job of the library for a command: settings, plan, progress, previews, result. */
#include "cli/job-run.h"
#include "cli/preview.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- job --------------------------------------------------------------------------------------------------------- */

/* RvStopFunc. Whether Ctrl-C was pressed. */
static gboolean
stop_requested (gpointer data)
{
  return interrupt_requested ();
}

void
job_stop_on_interrupt (RvJob *job)
{
  rv_job_set_stop (job, stop_requested, NULL);
}

/* Whether settings of the kind @only (NULL: of any kind of the job) have the option @name. */
static gboolean
has_option (const RvJob *job, const char *only, const char *name)
{
  const char *kind;
  for (guint i = 0; (kind = rv_job_settings_kind (rv_job_kind (job), i)); i++)
    if ((!only || strcmp (kind, only) == 0) && rv_settings_find_option (kind, name))
      return TRUE;
  return FALSE;
}

gboolean
job_set_given (RvJob *job, const GPtrArray *given, const char *only, GError **error)
{
  job_stop_on_interrupt (job);
  if (!job_set_if (job, "preset", options_last (given, "preset"), error)) /* all other options override it */
    return FALSE;
  for (guint i = 0; i < given->len; i++) {
    const ParsedOption *one = given->pdata[i];
    const char *name = rv_option_name (one->option);
    if (strcmp (name, "preset") != 0 && has_option (job, only, name) && !rv_job_set (job, name, one->value, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
job_set_if (RvJob *job, const char *name, const char *value, GError **error)
{
  return !value || rv_job_set (job, name, value, error);
}

gboolean
job_add_if (RvJob *job, const char *role, const char *file, GError **error)
{
  return !file || rv_job_add_file (job, role, file, error);
}

gboolean
job_process_start (RvJob *job, GError **error)
{
  g_autofree char *threads = rv_job_get (job, "threads", NULL);
  return rv_process_start ((int) g_ascii_strtoll (threads, NULL, 10), error);
}

/* (transfer full) (nullable): the folder of @output (nullable) if it does not exist. NULL: it exists, or @output is
 * NULL. */
static char *
missing_folder (const char *output)
{
  g_autofree char *folder = output ? g_path_get_dirname (output) : NULL;
  return folder && !g_file_test (folder, G_FILE_TEST_EXISTS) ? g_steal_pointer (&folder) : NULL;
}

/* Prints on standard error that the folder @missing (nullable) was made, if it exists now, unless @quiet. */
static void
print_made_folder (const char *missing, gboolean quiet)
{
  if (missing && !quiet && g_file_test (missing, G_FILE_TEST_EXISTS))
    text_print (stderr, "reverie: made the folder %s", missing);
}

gboolean
job_check (RvJob *job, const PictureOptions *picture, const char *output, GError **error)
{
  g_autofree char *missing = missing_folder (output);
  if (picture->preview && !picture->dry_run && !preview_check (error))
    return FALSE;
  gboolean ok = rv_job_check (job, !picture->dry_run, error);
  print_made_folder (missing, picture->quiet);
  return ok;
}

gboolean
job_print_if_complete (RvJob *job, const PictureOptions *picture, const char *output)
{
  gboolean made = !picture->dry_run && rv_job_is_complete (job);
  if (made && !picture->quiet)
    text_print (stdout, "%s: complete already", output);
  return made;
}

char *
job_memory_text (const RvJobPlan *plan)
{
  g_autofree char *memory = rv_text_bytes (plan->peak_bytes), *device = rv_text_bytes (plan->device_peak_bytes);
  return plan->device_peak_bytes ? g_strdup_printf ("%s, and %s on the GPU", memory, device)
                                 : g_steal_pointer (&memory);
}

char *
job_kernels_text (const char *before, int n_guessed)
{
  if (n_guessed == 0)
    return g_strdup ("");
  return g_strdup_printf ("%s%d kernel%s not measured on this machine yet: the bytes may differ from run to run; "
                          "--tune measures all kernels, --exact needs no measurement",
                          before, n_guessed, n_guessed == 1 ? " is" : "s are");
}

/* Prints the note of job_kernels_text() on standard error, once for each cache folder: a file there records it. Without
 * a cache folder, once for each process. */
static void
print_kernels_once (int n_guessed)
{
  static gboolean is_printed; /* also when there are many pictures */
  if (n_guessed == 0 || is_printed)
    return;
  is_printed = TRUE;
  g_autofree char *record = g_build_filename (g_get_user_cache_dir (), "reverie", "kernels-note-printed", NULL);
  int file = g_open (record, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0 && errno == EEXIST)
    return;
  if (file >= 0)
    close (file);
  g_autofree char *text = job_kernels_text ("reverie: ", n_guessed);
  fprintf (stderr, "%s\n", text);
}

/* (transfer full): " in 6 tiles (1.9 times the work)"; without tiles but with recomputation " (1.05 times the work, to
 * save memory)"; or "". */
static char *
tiles_text (const RvJobPlan *plan)
{
  if (plan->n_tiles > 1)
    return g_strdup_printf (" in %d tiles (%.1f times the work%s)", plan->n_tiles, plan->work,
                            plan->compact ? ", content in 16 bits" : "");
  return plan->work > 1 ? g_strdup_printf (" (%.2f times the work, to save memory)", plan->work) : g_strdup ("");
}

int
job_print_plan (RvJob *job, const char *title, const char *stage, RvJobPlan *plan, GError **error)
{
  if (!rv_job_plan (job, plan, error))
    return EXIT_FAILED;
  g_autofree char *memory = job_memory_text (plan), *time = rv_text_seconds (plan->seconds);
  g_autofree char *tiles = tiles_text (plan);
  g_autofree char *history = plan->history ? g_strdup_printf (", a history of %d", plan->history) : g_strdup ("");
  g_autofree char *frames = plan->n_frames > 1 ? g_strdup_printf ("%d frames of ", plan->n_frames) : g_strdup (""),
                  *kernels = job_kernels_text ("; ", plan->n_guessed);
  printf ("%s%s%d x %d px%s%s, %d %s%s, %" G_GINT64_FORMAT " iteration%s on %s: peak %s, about %s%s\n", title, frames,
          plan->width, plan->height, tiles, history, plan->n_stages, stage, plan->n_stages == 1 ? "" : "s",
          plan->n_iterations, plan->n_iterations == 1 ? "" : "s", plan->backend, memory, time, kernels);
  if (rv_process_size () > 1) {
    g_autofree char *bytes = rv_text_bytes (plan->traffic_bytes),
                    *without = rv_text_seconds (plan->seconds - plan->traffic_s);
    printf (
      "%d ranks, each with the whole picture: %s of traffic with rank 0 for each iteration; without traffic %s%s\n",
      rv_process_size (), bytes, without,
      2 * plan->traffic_s > plan->seconds ? ". The link is slow for so little work; use fewer ranks" : "");
  }
  return EXIT_DONE;
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

typedef struct {
  const JobShow *show;
  Progress *progress;
  RvJobReport end; /* the last report that is no note */
} Shown;

/* RvJobFunc; @data: Shown. Prints notes, and draws progress and previews on standard error; with --quiet only previews
 * and notes about input files, which have a label. Stores each report that is no note in shown->end. */
static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  Shown *shown = data;
  if (report->type == RV_JOB_REPORT_PROGRESS && report->note) {
    progress_clear (shown->progress);
    if (report->label || !shown->show->picture->quiet)
      text_print (stderr, "reverie: %s", report->note);
    return;
  }
  shown->end = *report;
  if (report->type == RV_JOB_REPORT_PREVIEW) {
    progress_clear (shown->progress);
    preview_show (report->picture);
  } else if (report->type == RV_JOB_REPORT_PROGRESS && shown->show->describe) {
    g_autofree char *what = shown->show->describe (report, shown->show->data);
    progress_show (shown->progress, report->done_01, shown->show->hides_speed ? 0 : report->iteration, what);
  }
}

gboolean
job_run (RvJob *job, const JobShow *show, RvJobReport *end, GError **error)
{
  const PictureOptions *picture = show->picture;
  Shown shown = { .show = show, .progress = progress_new (picture->quiet) };
  g_autofree char *missing = missing_folder (show->output);
  rv_job_subscribe (job, picture->preview ? PREVIEW_S : 0, on_report, &shown, NULL);
  interrupt_watch ();
  if (!show->kernels)
    rv_kernel_cache_add (NULL); /* for the files of backends */
  gboolean ok = rv_job_run (job, NULL, error);
  g_autoptr (RvImage) result = picture->preview ? rv_job_result (job) : NULL;
  rv_job_subscribe (job, 0, NULL, NULL, NULL);
  progress_free (shown.progress);
  if (result)
    preview_show (result);
  preview_finish ();
  print_made_folder (missing, picture->quiet);
  kernels_save (picture, show->kernels);
  if (ok && !picture->quiet)
    print_kernels_once (shown.end.n_guessed);
  *end = shown.end;
  return ok;
}

char *
job_time_text (gint64 began_us)
{
  return rv_text_seconds ((double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC);
}

int
job_run_picture (RvJob *job, const JobShow *show, GError **error)
{
  gint64 began_us = g_get_monotonic_time ();
  RvJobReport end;
  if (!job_run (job, show, &end, error))
    return EXIT_FAILED;
  g_autofree char *time = job_time_text (began_us);
  gboolean stopped = rv_job_was_stopped (job);
  if (!show->picture->quiet && end.width > 0) /* ranks other than 0 have no picture */
    text_print (stdout, "%s: %d x %d px in %s%s", show->output, end.width, end.height, time,
                stopped ? " (interrupted)" : "");
  return stopped ? EXIT_INTERRUPTED : EXIT_DONE;
}
