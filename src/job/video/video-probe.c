/* video-probe.c -- checks the files of a video job before it begins: outputs, the video and its range, masks,
 * keyframes. Plans time, memory and disk. */
#include "job/video/video-run.h"
#include "base/error.h"
#include "base/frame-name.h"
#include "io/atomic-file.h"
#include "io/video/raw-frames.h"
#include "io/video/video-format.h"
#include <string.h>

#define DISK_BITS_PER_PIXEL 0.5 /* estimate for H.264 at crf 18; painted frames have much detail */
/* per pixel: source frames, flows and flow workspace, without the renderer's memory */
#define FRAME_BYTES 340
#define LONG_TERM_FRAME_BYTES 24   /* per pixel and long-term frame: the frame and its result, two RGB f32 images */
#define LONG_TERM_MOTION_BYTES 100 /* per pixel: motion from a long-term frame to the current one; allocated once */
#define TARGET_BYTES 120           /* per pixel: the target of `loop` or of keyframes: frame, result and motion */
#define KEYFRAME_BYTES 24          /* per pixel and keyframe: source frame and painted frame */

/* Checks as rv__picture_check_overwrite() does that @file, next to OUT, can be written. */
static gboolean
check_sibling (const RvPictureOptions *options, const char *file, const char *const *inputs, GError **error)
{
  RvPictureOptions sibling = {
    .output = (char *) file, .force = options->force, .dry_run = options->dry_run, .make_folder = options->make_folder
  };
  return rv__picture_check_overwrite (&sibling, inputs, error);
}

/* Checks the file of finished frames, if the run writes one. No run makes a symbolic link: to replace one needs
 * `force`, else RV_ERROR_FILE. */
static gboolean
check_done_file (const RvJobRun *run, const RvPictureOptions *options, const char *const *inputs, GError **error)
{
  g_autofree char *name = rv__video_done_file (&run->request);
  if (run->request.state_options.every_s <= 0 && !rv__job_run_has_checkpoint (run))
    return TRUE;
  if (!options->force && !options->dry_run && g_file_test (name, G_FILE_TEST_IS_SYMLINK))
    return rv__error_with_options (error, RV_ERROR_FILE, "force", "%s exists; 'force' replaces it", name);
  return check_sibling (options, name, inputs, error);
}

/* Checks numbered pictures, if OUT is a pattern (else TRUE). None may be one of @inputs (NULL-terminated). None may
 * exist, unless `force` or in a dry run. RV_ERROR_FILE. */
static gboolean
check_numbered (const RvPictureOptions *options, const char *const *inputs, GError **error)
{
  g_autofree char *pattern = rv__atomic_file_real_path (options->output);
  if (!rv__video_is_image_sequence (options->output))
    return TRUE;
  for (int i = 0; inputs[i]; i++) {
    g_autofree char *input = rv__atomic_file_real_path (inputs[i]), *target = rv__atomic_file_target (inputs[i]);
    g_autofree char *real = rv__atomic_file_real_path (target);
    if (strcmp (input, pattern) == 0 || rv__frame_number (pattern, input) >= 0 || rv__frame_number (pattern, real) >= 0)
      return rv__error_set (error, RV_ERROR_FILE, "%s is an input; write to another file", inputs[i]);
  }
  g_autofree char *there = options->force || options->dry_run ? NULL : rv__frame_existing (pattern);
  return !there || rv__error_with_options (error, RV_ERROR_FILE, "force", "%s exists; 'force' replaces it", there);
}

/* Checks that all files of the run can be written, are no inputs, and do not exist, unless `force` is set or in a dry
 * run. `output` must be set. A resumed run may replace its files. For a stream only `live` is checked. Creates the
 * folder of numbered pictures, except in a dry run. */
static gboolean
check_targets (const RvJobRun *run, const char *const *inputs, GError **error)
{
  RvPictureOptions options = *run->request.options;
  g_autofree char *recipe = rv_video_recipe_file (options.output);
  if (rv__video_is_stream (options.output))
    return rv__picture_check_other (&options, "live", options.live, 1, 1, inputs, error);
  if (!rv__checkpoint_check (run->files.state, run->request.state_options.resume, error))
    return FALSE;
  RvPictureOptions last = options; /* of the last file that a video writes */
  last.force |= rv__job_run_has_checkpoint (run);
  options.force |= rv__job_run_may_replace (run);
  options.make_folder |= rv__video_is_image_sequence (options.output);
  return rv__picture_check_overwrite (&options, inputs, error) && check_numbered (&options, inputs, error) &&
         (!options.keep_recipe || check_sibling (&last, recipe, inputs, error)) &&
         check_done_file (run, &options, inputs, error) &&
         rv__picture_check_other (&options, "live", options.live, 1, 1, inputs, error);
}

/* Checks the head of @input: of a mask by rv__video_mask_probe(), of another picture by rv_image_probe(). TRUE for the
 * video itself, files of style networks, and pictures in memory. */
static gboolean
probe_input (const RvJobInput *input, const RvVideoInfo *video, GError **error)
{
  RvImageInfo picture;
  if (input->role->is_file || !input->file)
    return TRUE;
  return input->role->is_video ? rv__video_mask_probe (input->file, video, error)
                               : rv_image_probe (input->file, &picture, error);
}

gboolean
rv__video_job_probe (RvJobRun *run, GError **error)
{
  RvVideoInfo video;
  const RvVideoOptions *own = rv__video_options_of (&run->request);
  g_autofree const char **inputs = g_new0 (const char *, run->request.inputs->len + 1);
  RvVideoJob *video_job = run->method = g_new0 (RvVideoJob, 1);
  const char *content = rv__request_input (&run->request, "content")->file;
  int n = 0;
  for (guint i = 0; i < run->request.inputs->len; i++) {
    const RvJobInput *input = run->request.inputs->pdata[i];
    if (input->file)
      inputs[n++] = input->file;
  }
  if ((run->request.options->output && !check_targets (run, inputs, error)) || !rv_video_probe (content, &video, error))
    return FALSE;
  for (guint i = 0; i < run->request.inputs->len; i++)
    if (!probe_input (run->request.inputs->pdata[i], &video, error))
      return FALSE;
  rv__picture_target_size (run->request.options, video.width, video.height, &run->request.width, &run->request.height);
  rv__video_fit_size (run->request.options->output, &run->request.width, &run->request.height);
  video_job->range.width = run->request.width;
  video_job->range.height = run->request.height;
  video_job->range.source_times = run->request.options->output && rv__video_is_container (run->request.options->output);
  if (!rv__video_read_options (own, &video_job->range, error) || !rv__video_open_reader (run, error))
    return FALSE;
  gboolean keys = rv__request_input (&run->request, "keyframe") != NULL;
  if (own->loop && rv__video_is_stream (content))
    return rv__error_setting (
      error, "loop", "'loop' works only with videos that are whole files, and the length of %s is unknown", content);
  if (keys && rv__video_is_stream (content))
    return rv__error_setting (error, "keyframes",
                              "'keyframes' works only with videos that are files: they are read twice");
  return TRUE;
}

gboolean
rv__video_prepare (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  return rv__keyframes_load (&video_job->keys, &run->request, &video_job->range, error) &&
         run->request.class->video->load (run, error);
}

gboolean
rv__video_load_mask (RvJobRun *run, const RvJobInput *input, RvImage **image, GError **error)
{
  RvVideoJob *video_job = run->method;
  return rv__video_open_reader (run, error) &&
         rv__video_mask_load (&video_job->masks, input, &video_job->range, rv_video_reader_info (video_job->reader),
                              image, error);
}

/* ---- plan -------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the first frame. The reader must be open; it is closed. RV_ERROR_FORMAT: no frame. */
static RvImage *
first_frame (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  g_autoptr (GError) why = NULL;
  g_autoptr (RvVideoReader) reader = g_steal_pointer (&video_job->reader);
  RvImage *frame = rv_video_reader_next (reader, &why);
  if (!frame && !why)
    rv__error_set (&why, RV_ERROR_FORMAT, "%s is a video without a frame",
                   rv__request_input (&run->request, "content")->file);
  if (why)
    g_propagate_error (error, g_steal_pointer (&why));
  return frame;
}

/* Estimated memory of a run, bytes per pixel of a frame, without the renderer's memory. */
static double
pixel_bytes (const RvVideoOptions *own, int n_keys)
{
  RvLongTermFrames memory;
  rv__long_term_parse (own->long_term_frames, memory.reaches, NULL); /* cannot fail: checked before */
  int length = rv__long_term_length (&memory);
  return FRAME_BYTES + (own->loop || n_keys > 0 ? TARGET_BYTES : 0) + n_keys * KEYFRAME_BYTES +
         (length > 0 ? LONG_TERM_MOTION_BYTES + length * LONG_TERM_FRAME_BYTES : 0);
}

/* Sets *seconds to the measured time to compute all motion of one frame: from the previous frame, long-term frames, and
 * the next keyframe. */
static gboolean
plan_motion (RvJobRun *run, RvImage *frame, double *seconds, GError **error)
{
  RvLongTermFrames memory;
  int n = 1 + (((const RvVideoJob *) run->method)->keys.n > 0);
  g_autoptr (RvFrameMotion) motion =
    rv__frame_motion_new (rv_settings_get_int (run->request.settings, "threads", NULL), error);
  if (!motion || !rv__frame_motion_cost (motion, frame, seconds, error))
    return FALSE;
  rv__long_term_parse (rv__video_options_of (&run->request)->long_term_frames, memory.reaches, NULL);
  for (int back = 2; back <= rv__long_term_length (&memory); back++)
    n += memory.reaches[back];
  *seconds *= n;
  return TRUE;
}

gboolean
rv__video_plan (RvJobRun *run, RvJobPlan *plan, GError **error)
{
  const RvJobRequest *request = &run->request;
  RvPlan first = { 0 }, next = { 0 };
  RvVideoJob *video_job = run->method;
  const RvFrameRenderer *renderer = &video_job->renderer;
  if (!rv__video_open_reader (run, error))
    return FALSE;
  RvVideoInfo info = *rv_video_reader_info (video_job->reader);
  g_autoptr (RvImage) frame = first_frame (run, error);
  gint64 began_us = g_get_monotonic_time ();
  if (!frame || !rv__video_masks_next (&video_job->masks, frame, error))
    return FALSE;
  double motion_s, masks_s = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
  if (!renderer->plan (renderer->maker, frame, &first, &next, error))
    return rv__request_name_error (request, error);
  if (!plan_motion (run, frame, &motion_s, error))
    return FALSE;
  first.seconds += masks_s;
  next.seconds += motion_s + masks_s;
  double pixels = (double) info.width * info.height, n = (double) MAX (info.n_frames, 1);
  *plan = (RvJobPlan){ .peak_bytes = MAX (first.peak_bytes, next.peak_bytes) +
                                     rv__video_masks_bytes (&video_job->masks, (gint64) info.width * info.height) +
                                     (gsize) (pixel_bytes (rv__video_options_of (request), video_job->keys.n) * pixels),
                       .device_peak_bytes = MAX (first.device_peak_bytes, next.device_peak_bytes),
                       .seconds = first.seconds + (n - 1) * next.seconds,
                       .n_stages = 1,
                       .n_tiles = 1,
                       .work = 1,
                       .n_iterations = info.n_frames,
                       .backend = first.backend,
                       .n_frames = (int) info.n_frames,
                       .first_frame_s = first.seconds,
                       .next_frame_s = next.seconds,
                       .file_bytes = (gsize) (n * pixels * DISK_BITS_PER_PIXEL / 8),
                       .temporary_bytes =
                         rv__video_is_stream (request->options->output) ? 0 : (gsize) n * rv__raw_frame_bytes (&info) };
  return TRUE;
}
