/* dream-frames.c -- reverie dream PICTURE... -o 'OUT_%04d.png': frames, each of which may start from the last result.
 *
 *   several pictures       frame k starts from blend * result (k-1) + (1 - blend) * picture k
 *   one picture, --count   frame k starts from result (k-1), enlarged and turned
 */
#include "cmd-dream.h"

gboolean
dream_check_frames (DreamJob *job, const char *const *inputs, GError **error)
{
  job->n_frames = job->own.count > 0 ? (int) job->own.count : job->n_files;
  for (int i = 1; i < job->n_files; i++) {
    RvImageInfo info;
    int width, height;
    if (!rv_image_probe (job->files[i], &info, error))
      return FALSE;
    picture_target_size (&job->picture, info.width, info.height, &width, &height);
    if (job->own.blend > 0 && (width != job->width || height != job->height)) {
      g_set_error (error, RV_ERROR, RV_ERROR_SHAPE,
                   "%s would be %d x %d px, the first frame %d x %d: --blend wants one size", job->files[i], width,
                   height, job->width, job->height);
      return FALSE;
    }
  }
  for (int i = 1; job->picture.output && i <= job->n_frames; i++) {
    g_autofree char *name = rv__frame_name (job->picture.output, i);
    PictureOptions one = job->picture;
    one.output = name;
    one.make_folder = TRUE;
    if (!picture_check_output (&one, job->width, job->height, inputs, error))
      return FALSE;
  }
  return TRUE;
}

RvImage *
dream_load_frame (const DreamJob *job, GError **error)
{
  RvImageInfo info;
  int width, height;
  const char *file = job->files[job->frame - 1];
  if (!rv_image_probe (file, &info, error))
    return NULL;
  picture_target_size (&job->picture, info.width, info.height, &width, &height);
  return rv_image_load (file, width, height, error);
}

/* What frame number job->frame, which follows another, starts from. */
static RvImage *
next_start (const DreamJob *job, const RvImage *last, GError **error)
{
  if (job->own.count > 0)
    return rv_image_zoom (last, job->own.zoom, job->own.rotate, error);
  g_autoptr (RvImage) image = dream_load_frame (job, error);
  if (!image || job->own.blend == 0)
    return g_steal_pointer (&image);
  return rv_image_blend (last, image, job->own.blend, job->mask, error);
}

/* One frame into its file; *last becomes it. */
static int
run_frame (DreamJob *job, RvDream *dream, RvImage **last)
{
  GError *error = NULL;
  g_autoptr (RvImage) start = *last ? next_start (job, *last, &error) : rv_image_ref (job->image), result = NULL;
  if (!start || (job->n_frames > 1 && !rv_dream_set_image (dream, start, &error))) /* that more will come */
    return run_error (error);
  rv_image_unref (job->image);
  job->image = rv_image_ref (start);
  rv_dream_run (dream, dream_on_progress, job, &result, &error);
  if (!job->error)
    picture_flush_log (&job->picture, job->log, &job->error);
  if (!job->picture.recipe) /* by now the kernels are chosen */
    dream_keep_recipe (job);
  g_autofree char *name = rv__frame_name (job->picture.output, job->frame);
  PictureOptions one = job->picture;
  one.output = name;
  int code = picture_save_result (&one, result, error);
  rv_image_unref (*last);
  *last = g_steal_pointer (&result);
  return code;
}

int
dream_run_frames (DreamJob *job, RvDream *dream)
{
  g_autoptr (RvImage) last = NULL;
  int code = EXIT_DONE;
  for (; job->frame <= job->n_frames && code == EXIT_DONE && !job->stopped; job->frame++) {
    code = run_frame (job, dream, &last);
    job->stopped |= interrupt_wanted () && job->frame < job->n_frames;
  }
  progress_end (g_steal_pointer (&job->progress));
  if (code != EXIT_DONE)
    return code;
  kernel_file_save (&job->picture, job->kernels);
  if (job->error)
    return run_error (g_steal_pointer (&job->error));
  dream_state_end (job);
  return picture_say_done (&job->picture, last, job->began_us, job->stopped);
}
