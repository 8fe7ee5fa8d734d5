/* progress.c -- work between two iterations: reports, changes, files, and the decision to continue. */
#include "cluster/cluster.h"
#include "io/weights/format.h"
#include "job/core/input-change.h"
#include "job/core/snapshot.h"
#include "job/core/steer.h"
#include <stdio.h>

#define LOST_INPUTS "its masks were changed while it was made: here the last ones count from the start"

void
rv__job_log_number (GString *line, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (line, ", \"%s\": %s", name, g_ascii_formatd (text, sizeof text, "%.9g", value));
}

/* Whether a stop was requested. If ranks share a picture, only the first decides. */
static gboolean
is_stopped (const RvJobRun *run)
{
  return !run->request.writes_no_files && rv__job_is_stopped (run->job);
}

/* Whether the method must stop before its current iteration ends. A cancelled job must. A stopped job must if no
 * iteration is done yet, or if a checkpoint exists. Otherwise it stops after the iteration, which writes a checkpoint.
 * A restarting run has a picture and also waits. Ranks that share a picture always wait: they exchange their parts only
 * after an iteration. */
gboolean
rv__job_run_stop_requested (gpointer data)
{
  RvJobRun *run = data;
  if (rv__job_is_cancelled (run->job))
    return TRUE;
  gboolean alone = rv__cluster_size (rv__cluster_current ()) == 1;
  gboolean at_once = alone && is_stopped (run) && !run->progress.restarting &&
                     (run->progress.iteration == 0 || (run->files.state && rv__checkpoint_exists (run->files.state)));
  run->progress.stopped |= at_once; /* no later iteration would set it */
  return at_once;
}

/* Whether a checkpoint is due. Numbered frames get one before the first frame: frames without a checkpoint cannot be
 * resumed. */
static gboolean
state_due (const RvJobRun *run)
{
  gboolean first =
    run->request.frames > 1 && run->request.state_options.every_s > 0 && !rv__checkpoint_exists (run->files.state);
  return first || rv__checkpoint_due (run->files.state);
}

/* (transfer full) (nullable): the whole state after this iteration; tensors may be borrowed from the run. */
static RvTensorMap *
state_of (RvJobRun *run, gconstpointer progress)
{
  g_autoptr (RvTensorMap) map = run->request.class->state (run, progress);
  if (!map)
    return NULL;
  rv__watch_save (run->files.watch, map);
  rv__steer_save (run, map);
  rv__input_change_save (run, map);
  return g_steal_pointer (&map);
}

/* Flushes the log before the checkpoint: a resumed run keeps its lines. */
gboolean
rv__job_run_save_state (RvJobRun *run, gconstpointer progress)
{
  g_autoptr (RvTensorMap) map = state_of (run, progress);
  if (!map)
    return FALSE;
  return rv__picture_flush_log (run->request.options, run->files.log, &run->progress.error) &&
         rv__checkpoint_save (run->files.state, map, rv__job_run_inputs_text (run), &run->progress.error);
}

static RvImage *
picture_of (const RvJobRun *run, gconstpointer progress, GError **error)
{
  const RvJobClass *class = run->request.class;
  return class->picture ? class->picture (progress, error) : rv_image_ref ((RvImage *) progress);
}

/* Takes a snapshot if one is due and this is a job of one picture. Without memory for it, the run continues. */
static void
keep_snapshot (RvJobRun *run, const RvJobReport *report, gconstpointer progress)
{
  gint64 began_us = g_get_monotonic_time ();
  if (run->request.frames > 0 || run->request.has_no_checkpoint ||
      !rv__job_snapshot_due (run->job, run->progress.iteration))
    return;
  g_autoptr (RvTensorMap) map = state_of (run, progress);
  g_autoptr (RvImage) picture = map ? picture_of (run, progress, NULL) : NULL;
  if (!picture)
    return;
  rv_tensor_map_set_text (map, "inputs", rv__job_run_inputs_text (run));
  RvSnapshot *snapshot = rv__snapshot_new (report, map, run->progress.current_settings, picture, NULL);
  if (snapshot)
    rv__job_add_snapshot (run->job, snapshot, g_get_monotonic_time () - began_us);
}

static gboolean
save_snapshot (RvJobRun *run, gconstpointer progress)
{
  g_autofree char *name = rv__picture_iteration_name (run->request.options->output, run->progress.iteration);
  if (!run->request.options->recipe) /* `save-every` was set during the run */
    rv__job_run_store_recipe (run);
  g_autoptr (RvImage) image = picture_of (run, progress, &run->progress.error);
  return image && rv__picture_save (run->request.options, image, name, !run->request.options->no_replace_beside,
                                    &run->progress.error);
}

static gboolean
preview_due (RvJobRun *run)
{
  double every_s = rv__job_previews (run->job);
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
  return !files || rv__watch_show (run->files.watch, image, report->done_01, report->iteration, &run->progress.error);
}

/* Saves the state before it waits: a kill during a pause loses nothing. */
static gboolean
wait_paused (RvJobRun *run, RvJobReport *report, gconstpointer progress)
{
  if (run->files.state && !rv__job_run_save_state (run, progress))
    return FALSE;
  if (run->request.class->before_pause && !run->request.class->before_pause (run, &run->progress.error))
    return FALSE;
  report->type = RV_JOB_REPORT_PAUSED;
  report->picture = NULL;
  rv__job_report (run->job, report);
  rv__job_wait_paused (run->job);
  return TRUE;
}

/* Applies changes. Inputs do not change after the last iteration, because no iteration would use them. */
static void
steer (RvJobRun *run, const RvJobReport *report)
{
  gboolean changed = report->done_01 < 1 && rv__input_change_apply (run);
  changed |= rv__job_steer (run->job, run);
  if (changed && run->request.options->recipe)
    rv__job_run_store_recipe (run);
}

/* Stores the state in progress.restart_state, for a restart with other inputs. Also writes a checkpoint, so that a kill
 * does not lose the inputs. */
static gboolean
prepare_restart (RvJobRun *run, gconstpointer progress)
{
  g_autoptr (RvTensorMap) map = state_of (run, progress);
  run->progress.restart_state = map ? rv__safetensors_bytes (map, &run->progress.error) : NULL;
  return run->progress.restart_state &&
         (!run->files.state || run->request.writes_no_files || rv__job_run_save_state (run, progress));
}

/* Reports progress. The note about dropped changes waits while the method has a note. */
static void
tell_progress (RvJobRun *run, RvJobReport *report)
{
  gboolean lost = run->progress.input_changes_dropped && !report->note;
  run->progress.input_changes_dropped &= !lost;
  report->note = lost ? LOST_INPUTS : report->note;
  rv__job_report (run->job, report);
  report->note = lost ? NULL : report->note;
}

gboolean
rv__job_run_progress (RvJobRun *run, RvJobReport *report, gconstpointer progress, char *line)
{
  const RvJobRequest *request = &run->request;
  const RvPictureOptions *options = request->options;
  gboolean stop = is_stopped (run) && report->done_01 < 1;
  run->progress.iteration = report->iteration;
  run->progress.restarting = FALSE;
  report->type = RV_JOB_REPORT_PROGRESS;
  tell_progress (run, report);
  steer (run, report);
  if (run->files.log && line)
    fputs (line, run->files.log);
  g_free (line);
  rv__watch_losses (run->files.watch, report->losses);
  gboolean of_one = options->output && request->frames == 0 && !request->has_no_checkpoint && !request->class->is_model;
  if (run->progress.error || !rv__job_run_show (run, report, progress) ||
      (of_one && options->save_every > 0 && run->progress.iteration % options->save_every == 0 &&
       !save_snapshot (run, progress)))
    return FALSE;
  if (!stop && rv__job_is_paused (run->job) && report->done_01 < 1) {
    if (!wait_paused (run, report, progress))
      return FALSE;
    stop = is_stopped (run);
    steer (run, report);
  }
  if (run->files.state && (stop || state_due (run)) && !rv__job_run_save_state (run, progress))
    return FALSE;
  keep_snapshot (run, report, progress);
  run->progress.stopped = stop;
  gboolean goes_on = !stop && !run->progress.error && !rv__job_is_cancelled (run->job);
  if (goes_on && run->progress.inputs_changed) {
    prepare_restart (run, progress);
    return FALSE;
  }
  return goes_on;
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
  rv__job_steer (run->job, run);
  if (rv__job_is_paused (run->job) && report->done_01 < 1 && !wait_paused (run, report, NULL))
    return FALSE;
  run->progress.stopped = is_stopped (run) && report->done_01 < 1;
  return !run->progress.stopped && !rv__job_is_cancelled (run->job);
}
