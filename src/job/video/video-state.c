/* video-state.c -- reports and checkpoints of a video job.
 * An encoder that was stopped cannot continue. So OUT.frames has the finished frames as the encoder got them, and the
 * checkpoint has the state for the next frame. A resumed run feeds a new encoder: the video has the same bytes. */
#include "job/video/video-run.h"
#include "base/error.h"
#include "io/atomic-file.h"
#include "method/run/state.h"
#include <string.h>

#define FRAMES ".frames" /* OUT.frames */
#define RECIPE ".json"   /* OUT.json */

char *
rv__video_done_file (const RvJobRequest *request)
{
  return rv__file_sibling (request->options->output, FRAMES);
}

char *
rv_video_recipe_file (const char *output)
{
  return rv__file_sibling (output, RECIPE);
}

/* (transfer full): copy of the rows of @table that decide the frames, ended by an empty row; free it with g_free().
 * Left out: `crf`, `codec` and `baseline-pairs`, which may differ after a resume. */
static RvOption *
rows_of_frames (const RvOption *table)
{
  static const char *const of_no_frame[] = { "crf", "codec", "baseline-pairs", NULL };
  g_autoptr (GArray) rows = g_array_new (TRUE, TRUE, sizeof (RvOption));
  for (; table->name; table++)
    if (!g_strv_contains (of_no_frame, table->name))
      g_array_append_val (rows, *table);
  return (RvOption *) (void *) g_array_free (g_steal_pointer (&rows), FALSE);
}

const char *
rv__video_identity (RvJobRun *run)
{
  RvVideoJob *video_job = run->method;
  if (video_job->identity)
    return video_job->identity;
  RvRecipe recipe = rv__job_run_recipe (run);
  g_autofree RvOption *rows = rows_of_frames (recipe.own_table);
  recipe.own_table = rows;
  recipe.kernels = NULL;
  return video_job->identity = rv__recipe_json (&recipe);
}

RvTensorMap *
rv__video_take_newest_state (RvJobRun *run, gconstpointer progress)
{
  RvVideoJob *video_job = run->method;
  if (!rv__raw_frames_sync (video_job->done, &run->progress.error))
    return NULL;
  RvTensorMap *map = g_steal_pointer (&video_job->newest);
  rv_tensor_map_set_text (map, "recipe", rv__video_identity (run));
  rv__state_set_kernels (map, run->kernels);
  return map;
}

gboolean
rv__video_resume (RvJobRun *run, RvTensorMap *state, GError **error)
{
  RvVideoJob *video_job = run->method;
  const char *recipe = rv_tensor_map_get_text (state, "recipe");
  g_autofree char *name = NULL, *difference = rv__recipe_setting_difference (recipe, rv__video_identity (run), &name);
  if (difference) {
    g_autofree char *options = g_strconcat (name, ",resume,force", NULL);
    return rv__error_setting (error, options,
                              "%s; 'resume' needs the same settings, 'force' without 'resume' starts anew", difference);
  }
  if (g_strcmp0 (recipe, rv__video_identity (run)) != 0)
    return rv__error_setting (
      error, "resume,force",
      "the stopped run of %s had other settings; 'resume' needs the same, 'force' without 'resume' starts anew",
      run->request.options->output);
  rv__state_get_kernels (state, run->kernels);
  video_job->state = rv_tensor_map_ref (state);
  run->progress.iteration = rv__video_state_frames (state);
  return TRUE;
}

/* ---- progress ---------------------------------------------------------------------------------------------------- */

/* (transfer full): the log's line of a frame: a JSON object and a new line. */
static char *
log_line (const RvFrameReport *p)
{
  GString *line = g_string_new (NULL);
  g_string_append_printf (line, "{\"frame\": %" G_GINT64_FORMAT ", \"new_shot\": %s", p->frame,
                          p->begins ? "true" : "false");
  rv__job_log_number (line, "loss", p->loss);
  for (int i = 0; i < p->n_losses; i++)
    rv__job_log_number (line, p->names[i], p->losses[i]);
  rv__job_log_number (line, "static", p->static_01);
  rv__job_log_number (line, "confident", p->confident_01);
  rv__job_log_number (line, "warping_error", p->warping_error);
  rv__job_log_number (line, "source_warping_error", p->source_error);
  rv__job_log_number (line, "motion_seconds", p->motion_s);
  rv__job_log_number (line, "render_seconds", p->making_s);
  g_string_append (line, "}\n");
  return g_string_free (line, FALSE);
}

gboolean
rv__video_save_newest (RvJobRun *run)
{
  return !((const RvVideoJob *) run->method)->newest || rv__job_run_save_state (run, NULL);
}

/* Writes log and preview of the finished frame, sets progress.iteration, video_job->last and newest, and writes a
 * checkpoint, if due or the first. With shots the log goes to the shot. @report becomes a preview if one is due. FALSE
 * with progress.error. */
static gboolean
finish_frame (RvJobRun *run, RvJobReport *report, const RvVideoProgress *p)
{
  RvVideoJob *video_job = run->method;
  g_autofree char *line = run->files.log || video_job->shots ? log_line (p->made) : NULL;
  run->progress.iteration = p->frame;
  rv_image_unref (video_job->last);
  video_job->last = rv_image_ref ((RvImage *) p->picture);
  rv_tensor_map_unref (video_job->newest);
  video_job->newest = video_job->done ? rv__video_state (p->video) : NULL;
  if (video_job->shots)
    rv__video_shots_add_log (video_job->shots, line);
  else if (line)
    fputs (line, run->files.log);
  return rv__picture_flush_log (run->request.options, run->files.log, &run->progress.error) &&
         rv__job_run_show (run, report, p->picture) &&
         (!video_job->newest || (rv__checkpoint_exists (run->files.state) && !rv__checkpoint_due (run->files.state)) ||
          rv__video_save_newest (run));
}

gboolean
rv__video_on_progress (const RvVideoProgress *p, gpointer data)
{
  RvJobRun *run = data;
  RvVideoJob *video_job = run->method;
  RvJob *job = run->job;
  RvJobReport report = { .type = RV_JOB_REPORT_PROGRESS,
                         .iteration = p->frame,
                         .n_iterations = p->n_frames,
                         .stage = 1,
                         .n_stages = 1,
                         .width = run->request.width,
                         .height = run->request.height,
                         .loss = p->loss,
                         .names = rv__no_losses /* videos have no curves */,
                         .seconds = p->seconds,
                         .done_01 = p->done_01,
                         .channel = -1,
                         .frame = (int) p->frame,
                         .n_frames = (int) p->n_frames };
  gboolean pause = rv__job_pause_requested (job) && p->done_01 < 1, stop = rv__job_stop_requested (job);
  if (p->made) {
    if (!video_job->names[0]) /* the names of the first frame are used for all */
      memcpy (video_job->names, p->made->names, (gsize) p->made->n_losses * sizeof *p->made->names);
    report.names = video_job->names;
    report.losses = p->made->losses;
  }
  rv__job_steer (run);
  rv__job_report (job, &report);
  if (p->made && !finish_frame (run, &report, p))
    return FALSE;
  if ((pause || stop) &&
      !rv__video_save_newest (run)) /* within a frame as well: finished frames are not rendered again */
    return FALSE;
  if (pause && !stop) {
    rv__job_wait_paused (job, &report);
    stop = rv__job_stop_requested (job);
  }
  return !stop && !rv__job_is_cancelled (job);
}
