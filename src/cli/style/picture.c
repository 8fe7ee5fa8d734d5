/* picture.c -- one picture of reverie style: a job made of the command line. */
#include "cmd-style.h"

gboolean
style_add_inputs (RvJob *job, const StyleJob *all, const StyleTask *task, GError **error)
{
  if (!rv_job_add_file (job, "content", task->content, error))
    return FALSE;
  for (char **style = task->styles; *style && !all->with; style++)
    if (!rv_job_add_file (job, "style", *style, error))
      return FALSE;
  for (guint i = 0; i < all->masks->len; i++)
    if (!rv_job_add_file (job, "mask", all->masks->pdata[i], error))
      return FALSE;
  return job_add_if (job, "init", all->init_file, error) && job_add_if (job, "protect", all->own.protect, error);
}

/* (transfer full) (nullable) */
static RvJob *
job_of (const StyleJob *all, const StyleTask *task, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("style", error);
  const RvSettings *settings[] = { all->settings, all->picture.asked, all->going_on, NULL };
  if (!job || !job_set_all (job, settings, error) || !job_set_if (job, "output", task->output, error) ||
      !job_set_if (job, "log", task->log, error) || !job_set_if (job, "plot", task->plot, error) ||
      !job_set_if (job, "timeline", task->timeline, error) || !style_add_inputs (job, all, task, error))
    return NULL;
  rv_job_set_make_folder (job, g_strcmp0 (all->picture.output, task->output) != 0);
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
      ok = probe_content (task, error) && job_check (made, &job->picture, task->output, error);
  }
  return ok;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static char *
describe (const RvJobReport *report, gpointer title)
{
  return g_strdup_printf ("%sscale %d/%d %d x %d  loss %.4g", (const char *) title, report->stage, report->n_stages,
                          report->width, report->height, report->loss);
}

int
style_run_task (StyleJob *all, const StyleTask *task, const char *title)
{
  GError *error = NULL;
  g_autoptr (RvJob) job = job_of (all, task, &error);
  RvJobPlan plan;
  if (!job || !probe_content (task, &error) || !job_check (job, &all->picture, task->output, &error))
    return run_error (error);
  rv_job_set_net (job, all->net, all->picture.weights_file);
  rv_job_set_kernels (job, all->kernels);
  rv_job_share (job, all->last); /* the targets of the last picture's styles serve this one, if they are the same */
  g_clear_pointer (&all->last, rv_job_unref);
  all->last = rv_job_ref (job);
  const JobShow show = { &all->picture, task->output, all->kernels, describe, (gpointer) title };
  return all->picture.dry_run ? job_print_plan (job, title, "scale", &plan) : job_run (job, &show);
}
