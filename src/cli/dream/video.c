/* video.c -- reverie dream CLIP -o OUT.mp4: the job of a dream video. */
#include "cmd-dream.h"

/* Rejects options that videos do not have. RV_ERROR_SETTING. */
static gboolean
check_options (const DreamRun *run, GError **error)
{
  const RvSettings *more = run->more;
  const char *what =
    run->line->n_args > 1                               ? "other videos"
    : rv_settings_get_bool (more, "test-pattern", NULL) ? "--test-pattern"
    : *rv_settings_get_text (more, "atlas", NULL)       ? "--atlas"
    : *rv_settings_get_text (more, "compare", NULL)     ? "--compare"
    : rv_settings_get_int (more, "diversity", NULL) > 1 ? "--diversity"
    : rv_settings_get_real (more, "zoom", NULL) != 1 || rv_settings_get_real (more, "rotate", NULL) != 0
      ? "--zoom or --rotate"
      : NULL;
  return video_refuse (what, error);
}

/* (transfer full) (nullable): the job "dream-video" of the command line, with inputs and network. Ctrl-C stops it, once
 * interrupt_watch() was called. RV_ERROR_SETTING. */
static RvJob *
job_of (const DreamRun *run, GError **error)
{
  g_autoptr (RvJob) job = rv_job_new ("dream-video", error);
  g_autofree char *style_weight = rv_settings_get (run->more, "style-weight", NULL),
                  *blend = rv_settings_get (run->more, "blend", NULL);
  gboolean blends = options_last (run->line->given, "blend") != NULL;
  const RvSettings *settings[] = { run->settings, run->video, run->picture.asked, run->state_settings, NULL };
  if (!job || !job_set_all (job, settings, error) || !job_set_if (job, "style-weight", style_weight, error) ||
      (blends && !rv_job_set (job, "blend", blend, error)) ||
      !rv_job_add_file (job, "content", run->line->args[0], error) || !dream_add_other_inputs (job, run, error))
    return NULL;
  rv_job_set_net (job, run->net, run->picture.weights_file);
  return g_steal_pointer (&job);
}

int
dream_run_video (DreamRun *run, GError **error)
{
  if (!check_options (run, error))
    return EXIT_FAILED;
  interrupt_watch ();
  g_autoptr (RvJob) job = job_of (run, error);
  return job ? video_run (job, run->line->args[0], &run->picture, run->kernels, error) : EXIT_FAILED;
}
