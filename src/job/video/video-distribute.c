/* video-distribute.c -- a video whose shots are distributed over processes: which shots this one renders, and
 * assembling the video. */
#include "job/video/video-run.h"
#include "backend/kernel-table.h"
#include "base/error.h"
#include "cluster/cluster.h"
#include "io/video/video-format.h"
#include "method/run/scheduler.h"

/* Whether ranks render whole shots. With loops or keyframes, frames depend on other shots: then ranks share each
 * frame's tiles. */
static gboolean
is_dealt (const RvJobRequest *request)
{
  return rv__cluster_size (rv__cluster_current ()) > 1 && !rv__video_shard (request) &&
         !rv__video_options_of (request)->loop && !rv__request_input (request, "keyframe") &&
         !rv__video_is_stream (request->asked_output);
}

/* Whether 'resume' finds shots of this video, which are completed or assembled. */
static gboolean
has_shots (RvJobRun *run)
{
  return run->request.state_options.resume && !((const RvVideoJob *) run->method)->state &&
         !rv__video_is_stream (run->request.asked_output) &&
         rv__video_shots_exist (run->request.asked_output, rv__video_same (run));
}

gboolean
rv__video_is_distributed (RvJobRun *run)
{
  return rv__video_shard (&run->request) || is_dealt (&run->request) || has_shots (run);
}

static RvVideoShotsHow
how_shared (const RvJobRequest *request)
{
  RvVideoShotsHow how = { .part = 1, .n_parts = 1, .dealt = is_dealt (request) };
  if (rv__video_shard (request)) {
    rv__shard_parse (rv__video_shard (request), &how.part, &how.n_parts, NULL); /* cannot fail: checked before */
    how.owner = how.part;
  } else if (how.dealt) {
    how.owner = rv__cluster_rank (rv__cluster_all ()) + 1;
  }
  return how;
}

/* Renders the shots of this process into its files. RV_ERROR_CANCELLED when stopped: whole shots stay, for 'resume'. */
static gboolean
make_shots (RvJobRun *run, const RvVideoShotsHow *how, GError **error)
{
  RvVideoJob *video_job = run->method;
  if (!(video_job->shots = rv__video_shots_new (run->request.asked_output, rv_video_reader_info (video_job->reader),
                                                rv__video_same (run), run->request.state_options.resume, how, error)) ||
      !rv__video_render_frames (run, error))
    return FALSE;
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (run->kernels);
  g_autofree char *text = rv__kernel_table_to_text (used);
  if (!run->progress.stopped)
    return rv__video_shots_end (video_job->shots, video_job->result.n_seen, text, error);
  rv__error_with_options (error, RV_ERROR_CANCELLED, "resume",
                          "stopped; the shots that are whole are kept: 'resume' goes on with them");
  return FALSE;
}

static RvVideoCut *
find_cut (RvJobRun *run, GError **error)
{
  const RvVideoInfo *info = rv_video_reader_info (((const RvVideoJob *) run->method)->reader);
  return rv__video_cut_new (run->request.asked_output, info, rv__video_same (run), error);
}

static gboolean
has_all_shots (RvJobRun *run)
{
  g_autoptr (RvVideoCut) cut = find_cut (run, NULL);
  return cut != NULL;
}

/* Writes video and log from the shots of all processes, then removes their files. RV_ERROR_FILE if one is missing. */
static gboolean
assemble_video (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  g_autoptr (RvVideoCut) cut = find_cut (run, error);
  if (!cut)
    return FALSE;
  rv__kernel_table_restore (run->kernels, rv__video_cut_kernels (cut), rv__video_cut_kernels (cut));
  if (!rv__video_open_writer (run, error))
    return FALSE;
  for (gint64 k = 0; k < rv__video_cut_frames (cut); k++) {
    const char *log = rv__video_cut_log (cut, k);
    rv_image_unref (video_job->last);
    video_job->last = rv__video_cut_get (cut, k, error);
    if (!video_job->last || !rv_video_writer_add (video_job->writer, video_job->last, error))
      return FALSE;
    if (log && run->files.log)
      fputs (log, run->files.log);
  }
  video_job->result = (RvVideoResult){ .n_frames = rv__video_cut_frames (cut), .n_shots = rv__video_cut_shots (cut) };
  if (!rv_video_writer_finish (video_job->writer, error))
    return FALSE;
  rv__video_shots_remove (run->request.asked_output);
  return TRUE;
}

/* Collective. Ranks render shots as they become free. The first rank then assembles the video. */
static gboolean
make_shots_distributed (RvJobRun *run, const RvVideoShotsHow *how, GError **error)
{
  RvCluster *all = rv__cluster_all ();
  gboolean first = rv__cluster_rank (all) == 0;
  gint64 none;
  if (first && !run->request.state_options.resume)
    rv__video_shots_remove (run->request.asked_output);
  if (!rv__cluster_barrier (all, error))
    return FALSE;
  rv__cluster_set_independent (TRUE);
  /* ends the work queue */
  gboolean ok = make_shots (run, how, error) && rv__cluster_next_item (all, 0, &none, error);
  rv__cluster_set_independent (FALSE);
  return ok && rv__cluster_barrier (all, error) && (!first || assemble_video (run, error));
}

gboolean
rv__video_render_distributed (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  const RvVideoShotsHow how = how_shared (&run->request);
  video_job->is_part = rv__video_shard (&run->request) != NULL;
  if (how.dealt)
    return make_shots_distributed (run, &how, error);
  if (video_job->is_part)
    return make_shots (run, &how, error);
  return (has_all_shots (run) || make_shots (run, &how, error)) && assemble_video (run, error);
}
