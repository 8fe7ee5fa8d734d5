/* progress.c -- work between two iterations: reports, changes, files, and the decision to continue. */
#include "cluster/cluster.h"
#include "job/core/job-object.h"
#include "job/core/steer.h"
#include <math.h>
#include <stdio.h>

void
rv__job_log_number (GString *line, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (line, ", \"%s\": %s", name, g_ascii_formatd (text, sizeof text, "%.9g", value));
}

/* Whether a stop was requested. If ranks share a picture, only the first decides: FALSE on the others. */
static gboolean
is_stopped (const RvJobRun *run)
{
  return !run->request.writes_no_files && rv__job_stop_requested (run->job);
}

/* RvStopFunc; @data: the run. Returns whether the method must end within its iteration: at once for a cancelled job;
 * for a stopped job, with progress.stopped set, if no iteration is done yet, or if a checkpoint exists; otherwise it
 * stops after the iteration, which writes a checkpoint. Ranks that share a picture always wait: they exchange their
 * parts only after an iteration. */
static gboolean
must_stop (gpointer data)
{
  RvJobRun *run = data;
  if (rv__job_is_cancelled (run->job))
    return TRUE;
  gboolean is_single = rv__cluster_size (rv__cluster_current ()) == 1;
  gboolean stops_now = is_single && is_stopped (run) &&
                       (run->progress.iteration == 0 || (run->files.state && rv__checkpoint_exists (run->files.state)));
  run->progress.stopped |= stops_now; /* no later iteration would set it */
  return stops_now;
}

RvStopRequest
rv__job_run_stop_request (RvJobRun *run)
{
  return (RvStopRequest){ must_stop, run };
}

/* Whether a checkpoint is due. Numbered frames that have none get one at once, if it can be written: without a
 * checkpoint they cannot be resumed. files.state must not be NULL. */
static gboolean
state_due (const RvJobRun *run)
{
  const RvCheckpoint *state = run->files.state;
  gboolean first = run->request.frames > 1 && run->request.state_options.every_s > 0 && state->took_us == 0 &&
                   !rv__checkpoint_exists (state);
  return first || rv__checkpoint_due (state);
}

/* (transfer full) (nullable): the state after the iteration of @progress, with the curves of `plot`, the pictures of
 * `timeline` and the changes so far. Its tensors may be borrowed from the run. NULL with progress.error. */
static RvTensorMap *
state_of (RvJobRun *run, gconstpointer progress)
{
  g_autoptr (RvTensorMap) map = run->request.class->state (run, progress);
  if (!map)
    return NULL;
  rv__watch_save (run->files.watch, map);
  rv__steer_save (run, map);
  return g_steal_pointer (&map);
}

/* Flushes the log before the checkpoint: a resumed run keeps its lines. Writes the checkpoint also if that fails. */
gboolean
rv__job_run_save_state (RvJobRun *run, gconstpointer progress)
{
  g_autoptr (RvTensorMap) map = state_of (run, progress);
  if (!map)
    return FALSE;
  gboolean logged = rv__picture_flush_log (run->request.options, run->files.log, &run->progress.error);
  return rv__checkpoint_save (run->files.state, map, rv__job_run_inputs_text (run),
                              logged ? &run->progress.error : NULL) &&
         logged;
}

/* Turns @fault (transfer full), of a file that the result does not need, into a note: the run continues. */
static void
note_fault (RvJobRun *run, GError *fault)
{
  rv__job_note (run->job, NULL, g_strdup_printf ("%s; the run continues", fault->message));
  g_error_free (fault);
}

/* (transfer full) (nullable): the picture after the iteration of @progress. */
static RvImage *
picture_of (const RvJobRun *run, gconstpointer progress, GError **error)
{
  const RvJobClass *class = run->request.class;
  return class->picture ? class->picture (progress, error) : rv_image_ref ((RvImage *) progress);
}

/* Adds a snapshot to the job if one is due, and the job makes one picture with checkpoints. @progress: for
 * RvJobClass.state and picture. Adds none, without an error, if
 * the state or the picture fails; nor after an error. */
static void
take_snapshot (RvJobRun *run, const RvJobReport *report, gconstpointer progress)
{
  RvJob *job = run->job;
  gint64 began_us = g_get_monotonic_time ();
  g_mutex_lock (&job->lock);
  gboolean due = rv__snapshots_due (&job->snapshots, run->progress.iteration);
  g_mutex_unlock (&job->lock);
  if (run->progress.error || run->request.frames > 0 || run->request.has_no_checkpoint || !due)
    return;
  g_autoptr (RvTensorMap) map = state_of (run, progress);
  g_autoptr (RvImage) picture = map ? picture_of (run, progress, NULL) : NULL;
  if (!map)
    g_clear_error (&run->progress.error);
  if (!picture)
    return;
  rv_tensor_map_set_text (map, "inputs", rv__job_run_inputs_text (run));
  RvSnapshot *snapshot = rv__snapshot_new (report, map, run->progress.current_settings, picture);
  if (!snapshot)
    return;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  rv__snapshots_add (&job->snapshots, snapshot, g_get_monotonic_time () - began_us);
}

/* Writes the picture of `save-every`, named after OUT, which must be set, and progress.iteration. FALSE with
 * progress.error. */
static gboolean
save_iteration (RvJobRun *run, gconstpointer progress)
{
  g_autofree char *name = rv__picture_iteration_name (run->request.options->output, run->progress.iteration);
  if (!run->request.options->recipe) /* `save-every` was set during the run */
    rv__job_run_store_recipe (run);
  g_autoptr (RvImage) image = picture_of (run, progress, &run->progress.error);
  return image && rv__picture_save (run->request.options, image, name, !run->request.options->no_replace_others,
                                    &run->progress.error);
}

/* Whether a preview is due. If TRUE, its interval starts again. */
static gboolean
preview_due (RvJobRun *run)
{
  g_mutex_lock (&run->job->lock);
  double every_s = run->job->preview_every_s;
  g_mutex_unlock (&run->job->lock);
  gint64 now_us = g_get_monotonic_time ();
  if (every_s <= 0 || (double) (now_us - run->files.previewed_us) < every_s * G_USEC_PER_SEC)
    return FALSE;
  run->files.previewed_us = now_us;
  return TRUE;
}

gboolean
rv__job_run_show (RvJobRun *run, RvJobReport *report, gconstpointer progress)
{
  gboolean preview = preview_due (run), files = rv__watch_due (run->files.watch, report->done_01);
  if (!preview && !files)
    return TRUE;
  g_autoptr (RvImage) image = picture_of (run, progress, &run->progress.error);
  if (!image)
    return FALSE;
  if (preview) {
    report->type = RV_JOB_REPORT_PREVIEW;
    report->picture = image;
    rv__job_report (run->job, report);
  }
  GError *fault = NULL;
  if (files && !rv__watch_show (run->files.watch, image, report->done_01, report->iteration, &fault))
    note_fault (run, fault);
  return TRUE;
}

/* Saves the state, if the run has a checkpoint, and calls RvJobClass.before_pause, so that a kill loses nothing: a
 * fault becomes a note. Reports the pause (@report becomes that report), then waits. */
static void
wait_paused (RvJobRun *run, RvJobReport *report, gconstpointer progress)
{
  if (run->files.state && !rv__job_run_save_state (run, progress))
    note_fault (run, g_steal_pointer (&run->progress.error));
  GError *fault = NULL;
  if (run->request.class->before_pause && !run->request.class->before_pause (run, &fault))
    note_fault (run, fault);
  rv__job_wait_paused (run->job, report);
}

/* Applies changes of settings, by rv__job_steer(). If any changed and a recipe is stored, stores it again. Errors go to
 * progress.error. */
static void
apply_changes (RvJobRun *run)
{
  if (rv__job_steer (run) && run->request.options->recipe)
    rv__job_run_store_recipe (run);
}

/* Sends @report. If the report has no note, adds progress.note, which is sent only once. */
static void
report_progress (RvJobRun *run, RvJobReport *report)
{
  const char *own = report->note;
  if (!own)
    report->note = g_steal_pointer (&run->progress.note);
  rv__job_report (run->job, report);
  report->note = own;
}

gboolean
rv__job_run_progress (RvJobRun *run, RvJobReport *report, gconstpointer progress, char *line)
{
  const RvJobRequest *request = &run->request;
  const RvPictureOptions *options = request->options;
  gboolean stop = is_stopped (run) && report->done_01 < 1;
  run->progress.iteration = report->iteration;
  report->type = RV_JOB_REPORT_PROGRESS;
  report_progress (run, report);
  apply_changes (run);
  if (line)
    fputs (line, run->files.log);
  g_free (line);
  rv__watch_add_losses (run->files.watch, report->losses);
  gboolean saves_iterations =
    options->output && request->frames == 0 && !request->has_no_checkpoint && !request->class->is_model;
  if (run->progress.error || !rv__job_run_show (run, report, progress) ||
      (saves_iterations && options->save_every > 0 && run->progress.iteration % options->save_every == 0 &&
       !save_iteration (run, progress)))
    return FALSE;
  if (!stop && rv__job_pause_requested (run->job) && report->done_01 < 1) {
    wait_paused (run, report, progress);
    stop = is_stopped (run);
    apply_changes (run);
  }
  if (run->files.state && (stop || state_due (run)) && !rv__job_run_save_state (run, progress)) {
    if (stop)
      return FALSE;
    note_fault (run, g_steal_pointer (&run->progress.error)); /* it is tried again when the next one is due */
  }
  take_snapshot (run, report, progress);
  run->progress.stopped = stop;
  return !stop && !run->progress.error && !rv__job_is_cancelled (run->job);
}

RvJobReport
rv__job_report_of (const RvIteration *p, const char *const *names)
{
  return (RvJobReport){ .iteration = p->iteration,
                        .n_iterations = p->n_iterations,
                        .stage = p->stage,
                        .n_stages = p->n_stages,
                        .width = p->width,
                        .height = p->height,
                        .loss = p->loss,
                        .names = names,
                        .losses = p->losses,
                        .seconds = p->seconds,
                        .done_01 = p->done_01,
                        .channel = -1 };
}

char *
rv__job_log_line (const RvJobRun *run, char *head, const RvIteration *p, const char *const *names, const char *extra,
                  double value)
{
  g_autofree char *members = head;
  if (!run->files.log)
    return NULL;
  GString *line = g_string_new ("{");
  g_string_append (line, members);
  rv__job_log_number (line, "loss", p->loss);
  for (int i = 0; names[i]; i++)
    rv__job_log_number (line, names[i], p->losses[i]);
  if (p->traffic_bytes > 0)
    rv__job_log_number (line, "bytes", (double) p->traffic_bytes);
  if (extra && isnan (value))
    g_string_append_printf (line, ", \"%s\": null", extra);
  else if (extra)
    rv__job_log_number (line, extra, value);
  rv__job_log_number (line, "seconds", p->seconds);
  g_string_append (line, "}\n");
  return g_string_free (line, FALSE);
}

RvJobReport
rv__job_run_report (const RvJobRun *run, int i, int n, gint64 began_us)
{
  return (RvJobReport){ .iteration = i,
                        .n_iterations = n,
                        .stage = 1,
                        .n_stages = 1,
                        .width = run->request.width,
                        .height = run->request.height,
                        .names = rv__no_losses,
                        .seconds = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC,
                        .done_01 = (double) i / n,
                        .channel = -1 };
}

gboolean
rv__job_run_report_item (RvJobRun *run, RvJobReport *report)
{
  run->progress.iteration = report->iteration;
  report->type = RV_JOB_REPORT_PROGRESS;
  rv__job_report (run->job, report);
  rv__job_steer (run);
  if (rv__job_pause_requested (run->job) && report->done_01 < 1)
    wait_paused (run, report, NULL);
  run->progress.stopped = is_stopped (run) && report->done_01 < 1;
  return !run->progress.stopped && !rv__job_is_cancelled (run->job);
}
