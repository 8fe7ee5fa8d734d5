/* video-run.c -- a run of a video job: reads, renders and writes frames; sound and recipe. */
#include "io/video/video-format.h"
#include "job/video/video-run.h"
#include "base/error.h"
#include <glib/gstdio.h>

#define COUNTED_SIDE 16 /* px, size of frames that are only counted */

gboolean
rv__video_open_reader (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  if (!video_job->reader)
    video_job->reader =
      rv_video_reader_new (rv__request_input (&run->request, "content")->file, &video_job->range, error);
  return video_job->reader != NULL;
}

void
rv__video_clear (RvJobRun *run)
{
  RvVideoJob *video_job = run->method;
  if (video_job->renderer.free)
    video_job->renderer.free (video_job->renderer.maker);
  if (video_job->inputs)
    run->request.class->video->clear (video_job->inputs);
  rv__video_masks_clear (&video_job->masks);
  rv__keyframes_clear (&video_job->keys);
  rv_video_reader_free (video_job->reader);
  rv_video_writer_free (video_job->writer);
  rv__raw_frames_free (video_job->done);
  rv__video_shots_free (video_job->shots);
  rv_tensor_map_unref (video_job->state);
  rv_tensor_map_unref (video_job->newest);
  g_free (video_job->identity);
  rv_image_unref (video_job->last);
  g_free (video_job);
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

/* RvVideoRunSpec.next; @data: an RvVideoJob. (transfer full) (nullable): the next frame of the reader; NULL without
 * @error: no more frames. Also advances the masks. */
static RvImage *
next_frame (gpointer data, GError **error)
{
  RvVideoJob *video_job = data;
  g_autoptr (RvImage) frame = rv_video_reader_next (video_job->reader, error);
  return frame && rv__video_masks_next (&video_job->masks, frame, error) ? g_steal_pointer (&frame) : NULL;
}

/* RvVideoRunSpec.add; @data: an RvVideoJob. Appends @frame to the current shot with shots; else to the file of finished
 * frames and to the video, each if it is open. */
static gboolean
add_frame (gpointer data, const RvImage *frame, GError **error)
{
  const RvVideoJob *video_job = data;
  if (video_job->shots)
    return rv__video_shots_add (video_job->shots, frame, error);
  return (!video_job->done || rv__raw_frames_add (video_job->done, frame, error)) &&
         (!video_job->writer || rv_video_writer_add (video_job->writer, frame, error));
}

/* RvVideoRunSpec.begin_shot; @data: an RvVideoJob. Calls rv__video_shots_begin(). */
static gboolean
begin_shot (gpointer data, gint64 shot, gint64 number, gboolean *is_ours, GError **error)
{
  return rv__video_shots_begin (((const RvVideoJob *) data)->shots, shot, number, is_ours, error);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

gboolean
rv__video_open_writer (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  const RvVideoOptions *own = rv__video_options_of (&run->request);
  if (run->request.writes_no_files) /* the first rank writes the video */
    return TRUE;
  rv__job_run_store_recipe (run);
  RvVideoWriteOptions settings = { .codec = own->codec,
                                   .crf = (int) own->crf,
                                   .sound_from = rv__request_input (&run->request, "content")->file,
                                   .from_s = video_job->range.from_s,
                                   .to_s = video_job->range.to_s,
                                   .comment = run->request.options->recipe,
                                   .no_replace = run->request.options->no_replace,
                                   .source_times = video_job->range.source_times,
                                   .every = video_job->range.every };
  video_job->writer =
    rv_video_writer_new (run->request.options->output, rv_video_reader_info (video_job->reader), &settings, error);
  return video_job->writer != NULL;
}

/* Opens the file of finished frames, if there are checkpoints (else TRUE), and writes the frames of the stopped run to
 * the new writer. Does nothing on ranks above 0. RV_ERROR_CANCELLED if the job is cancelled between frames. */
static gboolean
feed_finished_frames (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  gint64 n = run->progress.iteration;
  if (run->request.writes_no_files || (run->request.state_options.every_s <= 0 && n == 0))
    return TRUE;
  g_autofree char *name = rv__video_done_file (&run->request);
  if (!(video_job->done = rv__raw_frames_open (name, rv_video_reader_info (video_job->reader), n, error)))
    return FALSE;
  for (gint64 k = 0; k < n; k++) {
    if (rv__job_is_cancelled (run->job))
      return rv__error_set (error, RV_ERROR_CANCELLED, "cancelled");
    g_autoptr (RvImage) frame = rv__raw_frames_get (video_job->done, k, error);
    if (!frame || !rv_video_writer_add (video_job->writer, frame, error))
      return FALSE;
  }
  return TRUE;
}

/* Removes the file of finished frames if this run has opened it (video_job->done) and there is no checkpoint: no run
 * could resume from it. */
static void
remove_orphans (const RvJobRun *run)
{
  if (!((const RvVideoJob *) run->method)->done || rv__checkpoint_exists (run->files.state))
    return;
  g_autofree char *name = rv__video_done_file (&run->request);
  g_unlink (name);
}

/* Adds to the message of *error (nullable: no error, nothing to do) that `resume` continues, if there is a checkpoint
 * of finished frames. Not to RV_ERROR_SETTING, as of `match`: the same settings would fail again, and others cannot
 * continue. @error must not be NULL. */
static void
add_resume_hint (const RvJobRun *run, GError **error)
{
  const RvVideoJob *video_job = run->method;
  if (!*error || g_error_matches (*error, RV_ERROR, RV_ERROR_SETTING) || !video_job->done ||
      !rv__checkpoint_exists (run->files.state))
    return;
  g_autoptr (GError) alone = g_steal_pointer (error);
  g_autofree char *about = g_strjoinv (",", (char **) rv_error_options (alone));
  g_autofree char *options = *about ? g_strconcat (about, ",resume", NULL) : g_strdup ("resume");
  rv__error_with_options (error, (RvError) alone->code, options,
                          "%s (the finished frames are kept; 'resume' continues with them)", alone->message);
}

/* Finishes the video file, which a stopped or failed run also has, with sound up to the last frame. @ok: whether
 * rendering succeeded; if not, @error stays. If only finishing fails, calls rv__job_run_remove_checkpoint_if_sibling().
 * RV_ERROR_CANCELLED without a frame. Returns whether rendering and finishing succeeded; without a writer @ok. */
static gboolean
finish_video (RvJobRun *run, gboolean ok, GError **error)
{
  RvVideoJob *video_job = run->method;
  if (video_job->result.n_frames == 0 && ok)
    rv__error_set (error, RV_ERROR_CANCELLED, "stopped before there was a frame");
  if (video_job->result.n_frames == 0)
    return FALSE;
  if (!video_job->writer)
    return ok;
  if (!ok || run->progress.stopped)
    rv__video_writer_trim_sound (video_job->writer);
  gboolean saved = rv_video_writer_finish (video_job->writer, ok ? error : NULL);
  if (ok && !saved)
    rv__job_run_remove_checkpoint_if_sibling (run);
  return saved && ok;
}

/* Number of frames of the video. The number of the reader may be an estimate, and a loop needs its last frame: for a
 * loop reads all frames, at a small size, up to the end or a damaged place. */
static gint64
count_frames (RvJobRun *run)
{
  RvVideoJob *video_job = run->method;
  const char *content = rv__request_input (&run->request, "content")->file;
  gint64 n = rv_video_reader_info (video_job->reader)->n_frames;
  if (!rv__video_options_of (&run->request)->loop || rv__video_is_image_sequence (content))
    return n;
  RvVideoReadOptions range = video_job->range;
  range.width = range.height = COUNTED_SIDE;
  g_autoptr (RvVideoReader) reader = rv_video_reader_new (content, &range, NULL);
  if (!reader)
    return n;
  rv__job_note (run->job, NULL, g_strdup ("counting the frames, for the loop"));
  n = 0;
  for (RvImage *frame; !rv__job_stop_requested (run->job) && (frame = rv_video_reader_next (reader, NULL)); n++)
    rv_image_unref (frame);
  return n;
}

/* Number of the @n frames that blend toward the first frame: one second, at most a third of the video; 0 without
 * `loop`. */
static gint64
loop_tail (const RvJobRequest *request, const RvVideoInfo *info, gint64 n)
{
  gint64 second = (info->rate_num + info->rate_den - 1) / info->rate_den;
  return rv__video_options_of (request)->loop ? CLAMP (second, 1, MAX (n / 3, 1)) : 0;
}

gboolean
rv__video_render_frames (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  const RvVideoInfo *info = rv_video_reader_info (video_job->reader);
  const RvVideoOptions *own = rv__video_options_of (&run->request);
  RvLongTermFrames memory;
  rv__long_term_parse (own->long_term_frames, memory.reaches, NULL); /* cannot fail: checked before */
  gint64 n = count_frames (run);
  RvVideoRunSpec frames = { .n_frames = n,
                            .loop_tail = loop_tail (&run->request, info, n),
                            .state = video_job->state,
                            .next = next_frame,
                            .add = add_frame,
                            .user_data = video_job,
                            .n_pairs = video_job->shots ? 0 : (int) own->n_pairs,
                            .reaches = memory.reaches,
                            .masks = video_job->masks.current,
                            .keys = video_job->keys.n > 0 ? &video_job->keys : NULL,
                            .begin_shot = video_job->shots ? begin_shot : NULL };
  gboolean ok = rv__video_run (&video_job->renderer, &frames, rv__video_on_progress, run, &video_job->result, error);
  run->progress.stopped = video_job->result.stopped;
  if (!ok)
    return rv__request_name_error (&run->request, error);
  if (!run->progress.stopped && run->request.class->video->end)
    run->request.class->video->end (run);
  return !run->progress.stopped || rv__video_save_newest (run); /* a stop outside rv__video_on_progress() */
}

/* Renders the video in this run, with checkpoints. Finishes the file also when stopped (TRUE) or after an error, but
 * not when cancelled (TRUE). Removes the file of finished frames if there is no checkpoint. progress.error moves to
 * @error; its message names `resume` if a checkpoint exists. */
static gboolean
render_whole (RvJobRun *run, GError **error)
{
  GError *own_error = NULL;
  if (!rv__video_open_writer (run, error) || !feed_finished_frames (run, error))
    return FALSE;
  gboolean ok = rv__video_render_frames (run, &own_error);
  if (!rv__job_is_cancelled (run->job))
    ok = finish_video (run, ok, &own_error);
  if (!own_error)
    own_error = g_steal_pointer (&run->progress.error);
  remove_orphans (run);
  add_resume_hint (run, &own_error);
  if (!own_error)
    return ok;
  return rv__error_propagate (error, own_error);
}

gboolean
rv__video_job_execute (RvJobRun *run, RvImage **result, GError **error)
{
  RvVideoJob *video_job = run->method;
  gboolean ok =
    rv__video_open_reader (run, error) &&
    (rv__video_is_distributed (run) ? rv__video_render_distributed (run, error) : render_whole (run, error));
  *result = video_job->last ? rv_image_ref (video_job->last) : NULL; /* also with an error */
  g_clear_pointer (&video_job->writer, rv_video_writer_free);        /* before the last report: a subscriber may exit */
  g_clear_pointer (&video_job->reader, rv_video_reader_free);        /* ends the process ffmpeg */
  return ok;
}

gboolean
rv__video_write_recipe (RvJobRun *run, const RvImage *result, GError **error)
{
  const RvPictureOptions *options = run->request.options;
  if (rv__video_shard (&run->request)) /* another run assembles the video */
    return TRUE;
  g_autofree char *name = rv_video_recipe_file (options->output);
  gboolean ok = !options->recipe || rv_file_write (name, options->recipe, !options->no_replace_others, error);
  if (!run->progress.stopped)
    rv__checkpoint_remove (run->files.state);
  remove_orphans (run);
  return ok;
}

void
rv__video_fill_final_report (const RvJobRun *run, RvJobReport *report)
{
  const RvVideoJob *video_job = run->method;
  const RvVideoResult *result = &video_job->result;
  report->width = run->request.width;
  report->height = run->request.height;
  report->frame = (int) result->n_frames;
  report->warping_error = result->n_followed > 0 ? result->warping_error : -1;
  report->source_error = result->n_followed > 0 ? result->source_error : -1;
  report->baseline_error = result->n_baseline_pairs > 0 ? result->baseline_error : -1;
}
