/* video.c -- reverie style: the job of a video. */
#include "cmd-style.h"

int
style_run_video (StyleJob *all, GError **error)
{
  const char *refused = rv_batch_n (all->batch) > 1 ? "other videos" : all->init_file ? "--init and a picture" : NULL;
  if (!video_refuse (refused, error))
    return EXIT_FAILED;
  g_autoptr (RvJob) job = rv_batch_job (all->batch, 0, error);
  PictureOptions picture = all->picture;
  picture.output = rv_batch_output (all->batch, 0);
  return job ? video_run (job, rv_batch_content (all->batch, 0), &picture, all->kernels, error) : EXIT_FAILED;
}
