/* film.c -- a film of reverie style: a job made of the command line. */
#include "cmd-style.h"

/* (transfer full) (nullable) */
static RvJob *
job_of (const StyleJob *all, const StyleTask *task, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("style-film", error);
  const RvSettings *settings[] = { all->settings, all->film, all->picture.asked, all->going_on, NULL };
  if (!job || !job_set_all (job, settings, error) || !job_set_if (job, "output", task->output, error) ||
      !job_set_if (job, "log", task->log, error) || !style_add_inputs (job, all, task, error) ||
      (all->with && !style_add_with (job, all->with, -1, error)))
    return NULL;
  rv_job_set_net (job, all->net, all->picture.weights_file);
  return g_steal_pointer (&job);
}

int
style_run_film (StyleJob *all, const StyleTask *task)
{
  GError *error = NULL;
  const char *refused = all->tasks->len > 1 ? "several films at once" : all->init_file ? "--init with a picture" : NULL;
  if (!film_refuse (refused, &error))
    return usage_error (error);
  g_autoptr (RvJob) job = job_of (all, task, &error);
  PictureOptions picture = all->picture;
  picture.output = task->output;
  return job ? film_run (job, task->content, &picture, all->kernels) : run_error (error);
}
