/* film-state.c -- a film's job while it is made: what is told of each frame, and what a run that was stopped goes on
 * from.
 *
 * A coder that was stopped has lost what it was given. OUT.frames has the finished frames as they went to it, the state
 * what the next one follows from: a run that goes on feeds the coder anew, and the film has the same bytes. */
#include "job/video/film-run.h"
#include "base/error.h"
#include "io/atomic-file.h"
#include "method/run/state.h"
#include <string.h>

#define FRAMES ".frames" /* OUT.frames */
#define RECIPE ".json"   /* OUT.json */

char *
rv__film_done_file (const RvJobRequest *request)
{
  return rv__file_sibling (request->options->output, FRAMES);
}

char *
rv_film_recipe_file (const char *output)
{
  return rv__file_sibling (output, RECIPE);
}

/* (transfer full): the rows of @table that decide how frames come out: not how they are coded, which may be another way
 * when a film goes on. */
static RvOption *
rows_of_frames (const RvOption *table)
{
  static const char *const of_no_frame[] = { "crf", "codec", "frame-by-frame", NULL };
  g_autoptr (GArray) rows = g_array_new (TRUE, TRUE, sizeof (RvOption));
  for (; table->name; table++)
    if (!g_strv_contains (of_no_frame, table->name))
      g_array_append_val (rows, *table);
  return (RvOption *) (void *) g_array_free (g_steal_pointer (&rows), FALSE);
}

const char *
rv__film_same (RvJobRun *run)
{
  RvFilming *filming = run->method;
  if (filming->same)
    return filming->same;
  RvRecipe recipe = rv__job_run_recipe_of (run);
  g_autofree RvOption *rows = rows_of_frames (recipe.own_table);
  recipe.own_table = rows;
  recipe.kernels = NULL;
  return filming->same = rv__recipe_json (&recipe);
}

RvTensorMap *
rv__film_keep (RvJobRun *run, gconstpointer progress)
{
  RvFilming *filming = run->method;
  if (!rv__frames_file_sync (filming->done, &run->progress.error))
    return NULL;
  RvTensorMap *map = g_steal_pointer (&filming->newest);
  rv_tensor_map_set_text (map, "recipe", rv__film_same (run));
  rv__state_set_kernels (map, run->kernels);
  return map;
}

gboolean
rv__film_resume (RvJobRun *run, RvTensorMap *state, GError **error)
{
  RvFilming *filming = run->method;
  const char *recipe = rv_tensor_map_get_text (state, "recipe");
  if (g_strcmp0 (recipe, rv__film_same (run)) != 0) {
    rv__error_setting (error, "resume,force",
                       "%s was being made with other settings; 'resume' goes on with the same, 'force' starts anew",
                       run->request.options->output);
    return FALSE;
  }
  rv__state_get_kernels (state, run->kernels);
  filming->state = rv_tensor_map_ref (state);
  run->progress.iteration = rv__film_state_frames (state);
  return TRUE;
}

/* ---- while it is made -------------------------------------------------------------------------------------------- */

/* (transfer full) */
static char *
log_line (const RvMadeFrame *p)
{
  GString *line = g_string_new (NULL);
  g_string_append_printf (line, "{\"frame\": %" G_GINT64_FORMAT ", \"new shot\": %s", p->frame,
                          p->begins ? "true" : "false");
  rv__job_log_number (line, "loss", p->loss);
  for (int i = 0; i < p->n_losses; i++)
    rv__job_log_number (line, p->names[i], p->losses[i]);
  rv__job_log_number (line, "kept", p->kept_01);
  rv__job_log_number (line, "trusted", p->trusted_01);
  rv__job_log_number (line, "warping error", p->warping_error);
  rv__job_log_number (line, "film's own", p->film_error);
  rv__job_log_number (line, "motion seconds", p->motion_s);
  rv__job_log_number (line, "making seconds", p->making_s);
  g_string_append (line, "}\n");
  return g_string_free (line, FALSE);
}

/* There is a state from the first frame on: what was killed goes on whenever that was. */
static gboolean
state_due (const RvJobRun *run)
{
  return !rv__checkpoint_exists (run->files.state) || rv__checkpoint_due (run->files.state);
}

gboolean
rv__film_save_newest (RvJobRun *run)
{
  return !((const RvFilming *) run->method)->newest || rv__job_run_save_state (run, NULL);
}

/* A frame is done. */
static gboolean
take_frame (RvJobRun *run, RvJobReport *report, const RvFilmProgress *p)
{
  RvFilming *filming = run->method;
  g_autofree char *line = run->files.log || filming->shots ? log_line (p->made) : NULL;
  run->progress.iteration = p->frame;
  rv_image_unref (filming->last);
  filming->last = rv_image_ref ((RvImage *) p->picture);
  rv_tensor_map_unref (filming->newest);
  filming->newest = filming->done ? rv__film_state (p->film) : NULL;
  if (filming->shots)
    rv__film_shots_log (filming->shots, line);
  else if (line)
    fputs (line, run->files.log);
  return rv__picture_flush_log (run->request.options, run->files.log, &run->progress.error) &&
         rv__job_run_show (run, report, p->picture) &&
         (!filming->newest || !state_due (run) || rv__film_save_newest (run));
}

/* Of the losses that a frame's is the sum of, the names stay as they were first. */
static void
report_losses (RvFilming *filming, const RvMadeFrame *made, RvJobReport *report)
{
  if (!filming->names[0])
    memcpy (filming->names, made->names, (gsize) made->n_losses * sizeof *made->names);
  report->names = filming->names;
  report->losses = made->losses;
}

gboolean
rv__film_on_progress (const RvFilmProgress *p, gpointer data)
{
  RvJobRun *run = data;
  RvJob *job = run->job;
  RvJobReport report = { .type = RV_JOB_REPORT_PROGRESS,
                         .iteration = p->frame,
                         .n_iterations = p->n_frames,
                         .stage = 1,
                         .n_stages = 1,
                         .width = run->request.width,
                         .height = run->request.height,
                         .loss = p->loss,
                         .names = rv__no_losses /* a film has no curves */,
                         .seconds = p->seconds,
                         .done_01 = p->done_01,
                         .channel = -1,
                         .frame = (int) p->frame,
                         .n_frames = (int) p->n_frames };
  gboolean pause = rv__job_is_paused (job) && p->done_01 < 1, stop = rv__job_is_stopped (job);
  if (p->made)
    report_losses (run->method, p->made, &report);
  rv__job_steer (job, run);
  rv__job_report (job, &report);
  if (p->made && !take_frame (run, &report, p))
    return FALSE;
  if ((pause || stop) &&
      !rv__film_save_newest (run)) /* in the middle of a frame, too: those before it are not made again */
    return FALSE;
  if (pause && !stop) {
    report.type = RV_JOB_REPORT_PAUSED;
    report.picture = NULL;
    rv__job_report (job, &report);
    rv__job_wait_paused (job);
    stop = rv__job_is_stopped (job);
  }
  return !stop && !rv__job_is_cancelled (job);
}
