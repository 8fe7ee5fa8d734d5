/* video-distribute.c -- distributes shots over processes, renders those of this process, assembles the video. */
#include "job/video/video-run.h"
#include "backend/kernel-table.h"
#include "base/error.h"
#include "cluster/cluster.h"
#include "io/video/video-format.h"
#include "method/run/scheduler.h"

/* Whether ranks get shots from a work queue: several ranks, no `part`. A loop and keyframes blend across shots. With
 * these, and for a stream, the tiles of each frame are distributed instead. */
static gboolean
uses_queue (const RvJobRequest *request)
{
  return rv__cluster_size (rv__cluster_current ()) > 1 && !rv__video_shard (request) &&
         !rv__video_options_of (request)->loop && !rv__request_input (request, "keyframe") &&
         !rv__video_is_stream (request->requested_output);
}

gboolean
rv__video_is_distributed (RvJobRun *run)
{
  if (rv__video_shard (&run->request) || uses_queue (&run->request))
    return TRUE;
  /* `resume` finds files of shots of this video, and no checkpoint was restored; a stream has none */
  return run->request.state_options.resume && !((const RvVideoJob *) run->method)->state &&
         !rv__video_is_stream (run->request.requested_output) &&
         rv__video_shots_exist (run->request.requested_output, rv__video_identity (run));
}

/* Shots that this process renders: those of `part`, from the work queue, or all. */
static RvVideoShotChoice
shots_of_process (const RvJobRequest *request)
{
  RvVideoShotChoice choice = { .part = 1, .n_parts = 1, .uses_queue = uses_queue (request) };
  if (rv__video_shard (request)) {
    rv__shard_parse (rv__video_shard (request), &choice.part, &choice.n_parts, NULL); /* cannot fail: checked before */
    choice.owner = choice.part;
  } else if (choice.uses_queue) {
    choice.owner = rv__cluster_rank (rv__cluster_all ()) + 1;
  }
  return choice;
}

/* Sets video_job->shots, and renders this process's shots into its files. The reader must be open. RV_ERROR_CANCELLED
 * when stopped; finished shots stay, for `resume`. FALSE with @error or progress.error. */
static gboolean
render_shots (RvJobRun *run, const RvVideoShotChoice *choice, GError **error)
{
  RvVideoJob *video_job = run->method;
  if (!(video_job->shots =
          rv__video_shots_new (run->request.requested_output, rv_video_reader_info (video_job->reader),
                               rv__video_identity (run), run->request.state_options.resume, choice, error)) ||
      !rv__video_render_frames (run, error))
    return FALSE;
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (run->kernels);
  g_autofree char *text = rv__kernel_table_to_text (used);
  if (!run->progress.stopped)
    return rv__video_shots_end (video_job->shots, video_job->result.n_seen, text, error);
  return rv__error_with_options (error, RV_ERROR_CANCELLED, "resume",
                                 "stopped; the finished shots are kept, and 'resume' continues with them");
}

/* (transfer full) (nullable): all shots of the video. The reader must be open. */
static RvVideoAssembly *
collect_shots (RvJobRun *run, GError **error)
{
  const RvVideoInfo *info = rv_video_reader_info (((const RvVideoJob *) run->method)->reader);
  return rv__video_assembly_new (run->request.requested_output, info, rv__video_identity (run), error);
}

/* Whether the files of shots next to `output` contain all frames of the video. FALSE also if they cannot be read. */
static gboolean
has_all_shots (RvJobRun *run)
{
  g_autoptr (RvVideoAssembly) assembly = collect_shots (run, NULL);
  return assembly != NULL;
}

/* Writes video and log from all shots, then removes the files of the shots. Restores run->kernels from the shots. Sets
 * video_job->last and result. A stop request has no effect. After an error the files of the shots stay. */
static gboolean
assemble_video (RvJobRun *run, GError **error)
{
  RvVideoJob *video_job = run->method;
  g_autoptr (RvVideoAssembly) assembly = collect_shots (run, error);
  if (!assembly)
    return FALSE;
  const char *kernels = assembly->kernels ? assembly->kernels : "";
  rv__kernel_table_restore (run->kernels, kernels, kernels);
  if (!rv__video_open_writer (run, error))
    return FALSE;
  for (gint64 k = 0; k < assembly->n_frames; k++) {
    const char *log = rv__video_assembly_log (assembly, k);
    rv_image_unref (video_job->last);
    video_job->last = rv__video_assembly_get (assembly, k, error);
    if (!video_job->last || !rv_video_writer_add (video_job->writer, video_job->last, error))
      return FALSE;
    if (log && run->files.log)
      fputs (log, run->files.log);
  }
  video_job->result = (RvVideoResult){ .n_frames = assembly->n_frames, .n_shots = (int) assembly->shots->len };
  if (!rv_video_writer_finish (video_job->writer, error))
    return FALSE;
  rv__video_shots_remove (run->request.requested_output);
  return TRUE;
}

/* Collective: all ranks render shots from the work queue until it is empty; rank 0 then assembles the video. Without
 * `resume`, rank 0 first removes old shots. */
static gboolean
render_shots_by_queue (RvJobRun *run, const RvVideoShotChoice *choice, GError **error)
{
  RvCluster *all = rv__cluster_all ();
  gboolean first = rv__cluster_rank (all) == 0;
  gint64 no_shot;
  if (first && !run->request.state_options.resume)
    rv__video_shots_remove (run->request.requested_output);
  if (!rv__cluster_barrier (all, error))
    return FALSE;
  rv__cluster_set_independent (TRUE);
  /* a request of 0 items ends the work queue */
  gboolean ok = render_shots (run, choice, error) && rv__cluster_next_item (all, 0, &no_shot, error);
  rv__cluster_set_independent (FALSE);
  return ok && rv__cluster_barrier (all, error) && (!first || assemble_video (run, error));
}

gboolean
rv__video_render_distributed (RvJobRun *run, GError **error)
{
  const RvVideoShotChoice choice = shots_of_process (&run->request);
  if (choice.uses_queue)
    return render_shots_by_queue (run, &choice, error);
  if (rv__video_shard (&run->request))
    return render_shots (run, &choice, error);
  return (has_all_shots (run) || render_shots (run, &choice, error)) && assemble_video (run, error);
}
