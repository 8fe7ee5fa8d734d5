/* picture.c -- reverie style: one picture of the batch. */
#include "cmd-style.h"

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* Checks that the content is a readable picture. For a video, RV_ERROR_FORMAT names the suffix that OUT needs. */
static gboolean
probe_content (const char *content, GError **error)
{
  RvImageInfo info;
  RvVideoInfo video;
  g_autoptr (GError) own_error = NULL;
  if (rv_image_probe (content, &info, &own_error))
    return TRUE;
  if (g_error_matches (own_error, RV_ERROR, RV_ERROR_FORMAT) && !rv_image_is_known (content) &&
      rv_video_probe (content, &video, NULL))
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s is a video: write to one, such as -o painted.mp4", content);
  else
    g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}

gboolean
style_check_pictures (StyleJob *job, GError **error)
{
  guint n = rv_batch_n (job->batch);
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < n; i++) {
    const char *content = rv_batch_content (job->batch, i);
    RvImageInfo info;
    if (!rv_batch_is_in_shard (job->batch, i))
      continue;
    g_autoptr (RvJob) made = rv_batch_job (job->batch, i, error);
    if (!made)
      return FALSE;
    if (!rv_job_is_complete (made) && (n == 1 || rv_image_probe (content, &info, NULL)))
      ok = probe_content (content, error) && job_check (made, &job->picture, rv_batch_output (job->batch, i), error);
  }
  return ok;
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

static char *
describe (const RvJobReport *report, gpointer title)
{
  return g_strdup_printf ("%sscale %d/%d %d x %d  loss %.4g", (const char *) title, report->stage, report->n_stages,
                          report->width, report->height, report->loss);
}

int
style_run_picture (StyleJob *all, guint i, const char *title, GError **error)
{
  const char *output = rv_batch_output (all->batch, i);
  g_autoptr (RvJob) job = rv_batch_job (all->batch, i, error);
  RvJobPlan plan;
  if (!job || !probe_content (rv_batch_content (all->batch, i), error) ||
      !job_check (job, &all->picture, output, error))
    return EXIT_FAILED;
  const JobShow show = { &all->picture, output, all->kernels, describe, (gpointer) title };
  if (!all->picture.dry_run)
    return job_run_picture (job, &show, error);
  int code = job_print_plan (job, title, "scale", &plan, error);
  if (code == EXIT_DONE)
    picture_print_input (&all->picture, all->net);
  return code;
}
