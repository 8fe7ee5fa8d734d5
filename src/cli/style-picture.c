/* style-picture.c -- one picture of reverie style: a job made of the command line, and what is said of it. */
#include "cmd-style.h"
#include "base/text.h"
#include "preview.h"
#include <stdio.h>

#define PREVIEW_S 1 /* between two pictures on the screen */

/* ---- the job ----------------------------------------------------------------------------------------------------- */

static gboolean
stop_wanted (gpointer data)
{
  return interrupt_wanted ();
}

static gboolean
set_if (RvJob *job, const char *name, const char *value, GError **error)
{
  return !value || rv_job_set (job, name, value, error);
}

static gboolean
add_if (RvJob *job, const char *role, const char *file, GError **error)
{
  return !file || rv_job_add_file (job, role, file, error);
}

static gboolean
add_inputs (RvJob *job, const StyleJob *all, const StyleTask *task, GError **error)
{
  if (!rv_job_add_file (job, "content", task->content, error))
    return FALSE;
  for (char **style = task->styles; *style; style++)
    if (!rv_job_add_file (job, "style", *style, error))
      return FALSE;
  for (guint i = 0; i < all->masks->len; i++)
    if (!rv_job_add_file (job, "mask", all->masks->pdata[i], error))
      return FALSE;
  return add_if (job, "init", all->init_file, error) && add_if (job, "protect", all->own.protect, error);
}

/* (transfer full) (nullable) */
static RvJob *
job_of (const StyleJob *all, const StyleTask *task, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("style", error);
  if (!job || !rv_job_set_settings (job, all->settings, error) || !rv_job_set_settings (job, all->asked, error) ||
      !rv_job_set_settings (job, all->going_on, error) || !set_if (job, "output", task->output, error) ||
      !set_if (job, "log", task->log, error) || !set_if (job, "plot", task->plot, error) ||
      !set_if (job, "timeline", task->timeline, error) || !add_inputs (job, all, task, error))
    return NULL;
  rv_job_set_make_folder (job, g_strcmp0 (all->picture.output, task->output) != 0);
  rv_job_set_stop (job, stop_wanted, NULL);
  return g_steal_pointer (&job);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* Whether the content can be read, and is none of the things that want another kind of OUT. */
static gboolean
probe_content (const StyleTask *task, GError **error)
{
  RvImageInfo info;
  RvFilmInfo film;
  g_autoptr (GError) own_error = NULL;
  if (rv_image_probe (task->content, &info, &own_error))
    return TRUE;
  if (g_error_matches (own_error, RV_ERROR, RV_ERROR_FORMAT) && rv_film_probe (task->content, &film, NULL))
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s is a film: write to one, such as -o painted.mp4", task->content);
  else
    g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}

/* Says which folder was made. */
static gboolean
check (const StyleJob *all, const StyleTask *task, RvJob *job, GError **error)
{
  const PictureOptions *picture = &all->picture;
  g_autofree char *folder = task->output ? g_path_get_dirname (task->output) : NULL;
  gboolean missing = folder && !g_file_test (folder, G_FILE_TEST_EXISTS);
  if (!probe_content (task, error) || (picture->preview && !picture->dry_run && !preview_check (error)))
    return FALSE;
  gboolean ok = rv_job_check (job, !picture->dry_run, error);
  if (missing && !picture->quiet && g_file_test (folder, G_FILE_TEST_EXISTS))
    say_made_folder (folder);
  return ok;
}

gboolean
style_task_is_done (StyleJob *job, const StyleTask *task)
{
  g_autoptr (RvJob) made = job_of (job, task, NULL);
  return made && rv_job_is_made (made);
}

gboolean
style_check_tasks (StyleJob *job, GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < job->tasks->len; i++) {
    const StyleTask *task = job->tasks->pdata[i];
    RvImageInfo info;
    g_autoptr (RvJob) made = job_of (job, task, error);
    if (!made)
      return FALSE;
    if (job->tasks->len == 1 || (!rv_job_is_made (made) && rv_image_probe (task->content, &info, NULL)))
      ok = check (job, task, made, error);
  }
  return ok;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* What is shown of a run. */
typedef struct {
  const char *title;
  Progress *progress;
} Shown;

static void
on_report (RvJob *job, const RvJobReport *report, gpointer data)
{
  const Shown *shown = data;
  if (report->type == RV_JOB_PREVIEW) {
    progress_wipe (shown->progress);
    preview_show (report->picture);
  }
  if (report->type != RV_JOB_PROGRESS)
    return;
  g_autofree char *what = g_strdup_printf ("%sscale %d/%d %d x %d  loss %.4g", shown->title, report->stage,
                                           report->n_stages, report->width, report->height, report->loss);
  progress_show (shown->progress, report->done_01, report->seconds, report->iteration, what);
}

static int
print_plan (RvJob *job, const char *title)
{
  RvJobPlan plan;
  GError *error = NULL;
  if (!rv_job_plan (job, &plan, &error))
    return run_error (error);
  g_autofree char *memory = rv__text_megabytes (plan.peak_bytes), *time = rv__text_seconds (plan.seconds);
  g_autofree char *tiles = picture_tiles_text (plan.n_tiles, plan.work, plan.compact);
  g_autofree char *history = plan.history ? g_strdup_printf (", a history of %d", plan.history) : g_strdup ("");
  printf ("%s%d x %d px%s%s, %d scale%s, %" G_GINT64_FORMAT " iterations on %s: peak %s, about %s\n", title, plan.width,
          plan.height, tiles, history, plan.n_stages, plan.n_stages == 1 ? "" : "s", plan.n_iterations, plan.backend,
          memory, time);
  return EXIT_DONE;
}

static int
run (const StyleJob *all, const StyleTask *task, RvJob *job, const char *title)
{
  GError *error = NULL;
  PictureOptions picture = all->picture;
  gint64 began_us = g_get_monotonic_time ();
  Shown shown = { title, progress_new (picture.quiet) };
  rv_job_subscribe (job, picture.preview ? PREVIEW_S : 0, on_report, &shown, NULL);
  gboolean ok = rv_job_run (job, NULL, &error);
  g_autoptr (RvImage) result = rv_job_result (job);
  rv_job_subscribe (job, 0, NULL, NULL, NULL);
  progress_end (shown.progress);
  if (picture.preview && result)
    preview_show (result);
  preview_leave ();
  if (result)
    kernel_file_save (&picture, all->kernels);
  if (!ok)
    return run_error (error);
  picture.output = task->output;
  return picture_say_done (&picture, result, began_us, rv_job_was_stopped (job));
}

int
style_run_task (StyleJob *all, const StyleTask *task, const char *title)
{
  GError *error = NULL;
  g_autoptr (RvJob) job = job_of (all, task, &error);
  if (!job || !check (all, task, job, &error))
    return run_error (error);
  rv_job_set_net (job, all->net, all->picture.weights_file);
  rv_job_set_kernels (job, all->kernels);
  rv_job_share (job, all->last); /* the targets of the last picture's styles serve this one, if they are the same */
  g_clear_pointer (&all->last, rv_job_unref);
  all->last = rv_job_ref (job);
  return all->picture.dry_run ? print_plan (job, title) : run (all, task, job, title);
}
