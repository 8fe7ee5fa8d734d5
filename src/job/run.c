/* run.c -- a job's way, whatever its kind: settings and files looked at, inputs read, the run watched and its state
 * kept, the result written. */
#include "base/error.h"
#include "base/settings.h"
#include "cluster/cluster.h"
#include "io/weights/format.h"
#include "job/change.h"
#include "job/moment.h"
#include "job/steer.h"
#include <reverie/networks.h>
#include <reverie/weights.h>
#include <math.h>
#include <string.h>

#define LOST_INPUTS "its masks were changed while it was made: here the last ones count from the start"

/* ---- inputs ------------------------------------------------------------------------------------------------------ */

GPtrArray *
rv__job_run_inputs (const RvJobRun *run, const char *role)
{
  GPtrArray *found = g_ptr_array_new ();
  for (guint i = 0; i < run->inputs->len; i++) {
    RvJobInput *input = run->inputs->pdata[i];
    if (strcmp (input->role->name, role) == 0)
      g_ptr_array_add (found, input);
  }
  return found;
}

const RvJobInput *
rv__job_run_input (const RvJobRun *run, const char *role)
{
  g_autoptr (GPtrArray) found = rv__job_run_inputs (run, role);
  return found->len > 0 ? found->pdata[0] : NULL;
}

gboolean
rv__job_input_size (const RvJobInput *input, int *width, int *height, GError **error)
{
  RvImageInfo info;
  if (input->picture)
    info = (RvImageInfo){ input->picture->width, input->picture->height };
  else if (!rv_image_probe (input->file, &info, error))
    return FALSE;
  *width = info.width;
  *height = info.height;
  return TRUE;
}

/* The classic ways to resize want a file's picture as it is. */
RvImage *
rv__job_input_load (const RvJobInput *input, int width, int height, RvImageResize how, GError **error)
{
  gboolean own = width == 0 || (input->picture && input->picture->width == width && input->picture->height == height);
  if (input->picture)
    return own ? rv_image_ref (input->picture) : rv_image_resize (input->picture, width, height, how, error);
  if (own || how == RV_IMAGE_RESIZE_BEST)
    return rv_image_load (input->file, width, height, error);
  g_autoptr (RvImage) whole = rv_image_load (input->file, 0, 0, error);
  return whole ? rv_image_resize (whole, width, height, how, error) : NULL;
}

RvImage *
rv__job_input_load_within (const RvJobInput *input, double longest_px, GError **error)
{
  int width, height;
  if (!rv__job_input_size (input, &width, &height, error))
    return NULL;
  double scale = MIN (longest_px / MAX (width, height), 1);
  return rv__job_input_load (input, MAX ((int) lrint (width * scale), 1), MAX ((int) lrint (height * scale), 1),
                             RV_IMAGE_RESIZE_BEST, error);
}

/* As recipes name them, in the order of the kind's roles. */
void
rv__job_run_list_files (RvJobRun *run)
{
  int n = 0;
  g_free (run->files);
  run->files = g_new0 (RvRecipeInput, run->inputs->len + 1);
  for (const RvJobRole *role = run->class->roles; role->name; role++) {
    g_autoptr (GPtrArray) inputs = rv__job_run_inputs (run, role->name);
    for (guint i = 0; i < inputs->len && !role->unlisted; i++) {
      const RvJobInput *input = inputs->pdata[i];
      run->files[n++] = (RvRecipeInput){ role->name, input->file, input->picture, input->sha256 };
    }
  }
}

/* ---- before it is run -------------------------------------------------------------------------------------------- */

void
rv__job_run_add_file (RvJobRun *run, const char *role, const char *file)
{
  RvJobInput *input = g_new0 (RvJobInput, 1);
  const RvJobRole *found = run->class->roles;
  while (strcmp (found->name, role) != 0)
    found++;
  *input = (RvJobInput){ found, g_strdup (file) };
  g_ptr_array_add (run->inputs, input);
}

static gboolean
check_roles (const RvJobRun *run, GError **error)
{
  for (const RvJobRole *role = run->class->roles; role->name; role++)
    if (role->needed && !rv__job_run_input (run, role->name)) {
      rv__error_setting (error, NULL, "a job of the kind %s wants an input called '%s'", run->class->kind, role->name);
      return FALSE;
    }
  return TRUE;
}

/* (transfer full): the file that frame number @frame goes to, or the only picture. */
static char *
name_of (const RvJobRun *run, int frame)
{
  const char *output = run->options->output;
  return run->frames > 0 && rv_frame_is_pattern (output) ? rv_frame_name (output, frame) : g_strdup (output);
}

/* What has parts is many pictures, of which this would be one. */
static gboolean
check_part (const RvJobRun *run, GError **error)
{
  if (!run->options->part || !*run->options->part || run->class->film)
    return TRUE;
  rv__error_setting (error, "part",
                     "'part' is of many pictures (contents times styles): a %s job is one, which mpirun shares",
                     run->class->kind);
  return FALSE;
}

RvJobRun *
rv__job_run_new (RvJob *job, gboolean dry, GError **error)
{
  g_autoptr (RvJobRun) run = g_new0 (RvJobRun, 1);
  rv__job_ask (job, run);
  run->is_blind = run->class->is_blind;
  run->options->dry_run = dry;
  run->options->is_other = run->class->look != NULL;
  run->asked_output = g_strdup (run->options->output);
  if (!rv__picture_settings_check (run->options, error) || !check_part (run, error) || !check_roles (run, error) ||
      !run->class->check (run, error) || !rv__steer_plan (run, run->going_on.steer, error))
    return NULL;
  rv__job_run_list_files (run);
  run->frame = run->frames > 0;
  if (run->options->output && !run->stateless) {
    g_autofree char *name = name_of (run, 0); /* frames: from 1 */
    run->state = rv__state_file_new (run->options, name, run->going_on.every_s);
  }
  return g_steal_pointer (&run);
}

void
rv__job_run_free (RvJobRun *run)
{
  if (!run)
    return;
  if (run->method)
    run->class->clear (run);
  if (run->log)
    fclose (run->log);
  rv__watch_free (run->watch);
  rv__state_file_free (run->state);
  g_free (run->files);
  g_ptr_array_unref (run->inputs);
  g_free (run->inputs_text);
  g_free (run->going_on.steer);
  g_free (run->asked_output);
  g_clear_pointer (&run->steering, g_array_unref);
  g_clear_pointer (&run->turn, g_bytes_unref);
  rv_settings_free (run->now);
  g_free (run->options->weights_file);
  g_free (run->options->recipe);
  rv_settings_free (run->settings);
  rv_settings_free (run->picture);
  rv_settings_free (run->own);
  rv_net_unref (run->net);
  rv_tensor_map_unref (run->model);
  g_clear_pointer (&run->kernels, rv_kernel_table_unref);
  g_clear_error (&run->error);
  g_free (run);
}

static gboolean
goes_on (const RvJobRun *run)
{
  return run->going_on.resume && run->state && rv__state_file_exists (run->state);
}

gboolean
rv__job_run_goes_on (const RvJobRun *run)
{
  return goes_on (run) || rv__job_from (run->job) || run->turning;
}

gboolean
rv__job_run_may_replace (const RvJobRun *run)
{
  g_autofree char *first = name_of (run, 1);
  return run->going_on.resume && first && (goes_on (run) || !g_file_test (first, G_FILE_TEST_EXISTS));
}

gboolean
rv__job_run_is_made (const RvJobRun *run)
{
  if (!run->going_on.resume || run->options->force || goes_on (run) || !run->options->output)
    return FALSE;
  for (int i = 1; i <= MAX (run->frames, 1); i++) {
    g_autofree char *name = name_of (run, i);
    if (!g_file_test (name, G_FILE_TEST_EXISTS))
      return FALSE;
  }
  return TRUE;
}

static gboolean
find_size (RvJobRun *run, GError **error)
{
  const RvJobInput *input = rv__job_run_input (run, run->class->roles[0].name);
  int width = run->drawn_px, height = run->drawn_px;
  if (input && !rv__job_input_size (input, &width, &height, error))
    return FALSE;
  rv__picture_target_size (run->options, width, height, &run->width, &run->height);
  return TRUE;
}

/* Frames go to the folder of a pattern, which is made. A run that begins again left no frame behind, or there would be
 * a state: whatever lies there in place of a later one is somebody else's. */
static gboolean
check_targets (const RvJobRun *run, const char *const *inputs, GError **error)
{
  RvPictureOptions checked = *run->options;
  checked.force |= rv__job_run_may_replace (run);
  checked.make_folder |= run->frames > 0;
  for (int i = 1; run->options->output && i <= MAX (run->frames, 1); i++) {
    g_autofree char *name = checked.output = name_of (run, i);
    if (!rv__picture_check_output (&checked, run->width, run->height, inputs, error))
      return FALSE;
    checked.force = run->options->force || goes_on (run);
    checked.log = NULL; /* it was looked at with the first */
  }
  return run->options->output || rv__picture_check_output (&checked, run->width, run->height, inputs, error);
}

/* Ranks that share a picture all make it, and the first of them writes it: the others know of no file but the state
 * that all go on from. */
static void
mute (RvJobRun *run)
{
  char **files[] = { &run->options->output, &run->options->log, &run->options->live, &run->options->timeline,
                     &run->options->plot };
  run->muted = rv__cluster_rank (rv__cluster_tiles ()) > 0;
  for (guint i = 0; run->muted && i < G_N_ELEMENTS (files); i++)
    g_clear_pointer (files[i], g_free);
  if (run->muted && run->state)
    rv__state_file_only_read (run->state);
}

gboolean
rv__job_run_check (RvJobRun *run, GError **error)
{
  mute (run);
  if (run->class->look)
    return run->class->look (run, error);
  g_autofree const char **names = g_new0 (const char *, run->inputs->len + 1);
  int n = 0;
  if (!find_size (run, error))
    return FALSE;
  for (const RvJobRole *role = run->class->roles; role->name; role++) {
    g_autoptr (GPtrArray) inputs = rv__job_run_inputs (run, role->name);
    for (guint i = 0; i < inputs->len && !role->unlisted; i++) {
      RvImageInfo info;
      const char *file = ((const RvJobInput *) inputs->pdata[i])->file;
      if (file)
        names[n++] = file;
      if (file && !role->is_file && !rv_image_probe (file, &info, error))
        return FALSE;
    }
  }
  return (!run->state || rv__state_file_check (run->state, run->going_on.resume, error)) &&
         check_targets (run, names, error) && (!run->class->check_files || run->class->check_files (run, names, error));
}

gboolean
rv__job_run_prepare (RvJobRun *run, GError **error)
{
  RvPictureOptions *options = run->options;
  if (!run->net)
    g_clear_pointer (&options->weights_file, g_free);
  if (!run->net && !run->is_blind &&
      !(run->net = rv_network_load (options->network, options->weights, &options->weights_file, error)))
    return FALSE;
  if (rv__job_is_cancelled (run->job)) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_CANCELLED, "the job was cancelled");
    return FALSE;
  }
  return run->class->prepare (run, error);
}

/* ---- its recipe -------------------------------------------------------------------------------------------------- */

RvRecipe
rv__job_run_recipe_of (const RvJobRun *run)
{
  const char *subcommand = run->class->subcommand;
  RvRecipe recipe = { .command = run->class->command ? run->class->command : run->class->method,
                      .subcommand = subcommand ? rv_settings_get_text (run->settings, subcommand, NULL) : NULL,
                      .inputs = run->files,
                      .n_inputs = (int) run->inputs->len,
                      .network = run->net ? rv_net_name (run->net) : NULL,
                      .weights = run->options->weights_file,
                      .width = run->width,
                      .height = run->height,
                      .settings = run->settings,
                      .own_table = run->class->own_table,
                      .own = run->own ? run->own->fields : NULL,
                      .kernels = rv_settings_get_bool (run->settings, "exact", NULL) ? NULL : run->kernels };
  if (run->class->tell)
    run->class->tell (run, &recipe);
  return recipe;
}

char *
rv__job_run_recipe (const RvJobRun *run)
{
  RvRecipe recipe = rv__job_run_recipe_of (run);
  g_autofree char *steer = rv__steer_text (run);
  recipe.steer = steer;
  return rv__recipe_json (&recipe);
}

void
rv__job_run_keep_recipe (RvJobRun *run)
{
  g_clear_pointer (&run->options->recipe, g_free);
  if (run->options->keep_recipe && run->options->output && !run->class->is_model)
    run->options->recipe = rv__job_run_recipe (run);
}

const char *
rv__job_run_inputs_text (RvJobRun *run)
{
  RvRecipe recipe = rv__job_run_recipe_of (run);
  if (!run->inputs_text)
    run->inputs_text = rv__recipe_inputs (&recipe);
  return run->inputs_text;
}

/* ---- while it runs ----------------------------------------------------------------------------------------------- */

void
rv__job_log_number (GString *line, const char *name, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (line, ", \"%s\": %s", name, g_ascii_formatd (text, sizeof text, "%.9g", value));
}

/* Of ranks that make one picture the first decides for all. */
static gboolean
is_stopped (const RvJobRun *run)
{
  return !run->muted && rv__job_is_stopped (run->job);
}

/* Where there is nothing yet to write or to go on from, at once; else at the next iteration, whose state is kept; that
 * of a run that turns has a picture. Ranks that share a picture end together, after an iteration: what others have of
 * it cannot be had between two. */
gboolean
rv__job_run_wanted (gpointer data)
{
  RvJobRun *run = data;
  if (rv__job_is_cancelled (run->job))
    return TRUE;
  gboolean alone = rv__cluster_size (rv__cluster_tiles ()) == 1;
  gboolean at_once = alone && is_stopped (run) && !run->turning &&
                     (run->iteration == 0 || (run->state && rv__state_file_exists (run->state)));
  run->stopped |= at_once; /* no iteration follows that would say so */
  return at_once;
}

/* Of frames there is a state before the first of them is made: of what lies there without one nobody knows how it was
 * made. */
static gboolean
state_due (const RvJobRun *run)
{
  gboolean first = run->frames > 1 && run->going_on.every_s > 0 && !rv__state_file_exists (run->state);
  return first || rv__state_file_due (run->state);
}

/* (transfer full) (nullable): all that a run needs to go on after this iteration, borrowing from it. */
static RvTensorMap *
state_of (RvJobRun *run, gconstpointer progress)
{
  g_autoptr (RvTensorMap) map = run->class->state (run, progress);
  if (!map)
    return NULL;
  rv__watch_keep (run->watch, map);
  rv__steer_keep (run, map);
  rv__change_keep (run, map);
  return g_steal_pointer (&map);
}

/* The log up to here comes first: a run that goes on keeps it. */
gboolean
rv__job_run_save_state (RvJobRun *run, gconstpointer progress)
{
  g_autoptr (RvTensorMap) map = state_of (run, progress);
  if (!map)
    return FALSE;
  return rv__picture_flush_log (run->options, run->log, &run->error) &&
         rv__state_file_save (run->state, map, rv__job_run_inputs_text (run), &run->error);
}

/* One that memory has no room for is left out: the run is worth more. */
static void
keep_moment (RvJobRun *run, const RvJobReport *report, gconstpointer progress)
{
  gint64 began_us = g_get_monotonic_time ();
  if (run->frames > 0 || run->stateless || !rv__job_moment_due (run->job, run->iteration))
    return;
  g_autoptr (RvTensorMap) map = state_of (run, progress);
  g_autoptr (RvImage) picture = map ? run->class->picture (progress, NULL) : NULL;
  if (!picture)
    return;
  rv_tensor_map_set_text (map, "inputs", rv__job_run_inputs_text (run));
  RvMoment *moment = rv__moment_new (report, map, run->now, picture, NULL);
  if (moment)
    rv__job_keep_moment (run->job, moment, g_get_monotonic_time () - began_us);
}

static gboolean
save_snapshot (RvJobRun *run, gconstpointer progress)
{
  g_autofree char *name = rv__picture_snapshot_name (run->options->output, run->iteration);
  if (!run->options->recipe) /* `save-every` was set on the way */
    rv__job_run_keep_recipe (run);
  g_autoptr (RvImage) image = run->class->picture (progress, &run->error);
  return image && rv__picture_save (run->options, image, name, &run->error);
}

static gboolean
preview_due (RvJobRun *run)
{
  double every_s = rv__job_previews (run->job);
  gint64 now_us = g_get_monotonic_time ();
  if (every_s <= 0 || (double) (now_us - run->previewed_us) < every_s * G_USEC_PER_SEC)
    return FALSE;
  run->previewed_us = now_us;
  return TRUE;
}

gboolean
rv__job_run_show (RvJobRun *run, RvJobReport *report, gconstpointer progress)
{
  gboolean preview = preview_due (run), files = rv__watch_due (run->watch, report->done_01);
  if (!preview && !files)
    return TRUE;
  g_autoptr (RvImage) image = run->class->picture (progress, &run->error);
  if (!image)
    return FALSE;
  if (preview) {
    report->type = RV_JOB_PREVIEW;
    report->picture = image;
    rv__job_report (run->job, report);
  }
  return !files || rv__watch_show (run->watch, image, report->done_01, report->iteration, &run->error);
}

/* Its state first, so that whoever kills the program while it waits loses nothing. */
static gboolean
wait_paused (RvJobRun *run, RvJobReport *report, gconstpointer progress)
{
  if (run->state && !rv__job_run_save_state (run, progress))
    return FALSE;
  if (run->class->before_pause && !run->class->before_pause (run, &run->error))
    return FALSE;
  report->type = RV_JOB_PAUSED;
  report->picture = NULL;
  rv__job_report (run->job, report);
  rv__job_wait_paused (run->job);
  return TRUE;
}

/* After the last iteration inputs stay as they are: none follows in which others would count. */
static void
steer (RvJobRun *run, const RvJobReport *report)
{
  gboolean changed = report->done_01 < 1 && rv__change_take (run);
  changed |= rv__job_steer (run->job, run);
  if (changed && run->options->recipe)
    rv__job_run_keep_recipe (run);
}

/* The state from which it goes on with other inputs; in its file, too: with the run nothing of them is to be lost. */
static gboolean
turn (RvJobRun *run, gconstpointer progress)
{
  g_autoptr (RvTensorMap) map = state_of (run, progress);
  run->turn = map ? rv__safetensors_bytes (map, &run->error) : NULL;
  return run->turn && (!run->state || run->muted || rv__job_run_save_state (run, progress));
}

/* A note of the method's own comes first. */
static void
tell_progress (RvJobRun *run, RvJobReport *report)
{
  gboolean lost = run->lost_inputs && !report->note;
  run->lost_inputs &= !lost;
  report->note = lost ? LOST_INPUTS : report->note;
  rv__job_report (run->job, report);
  report->note = lost ? NULL : report->note;
}

gboolean
rv__job_run_progress (RvJobRun *run, RvJobReport *report, gconstpointer progress, char *line)
{
  const RvPictureOptions *options = run->options;
  gboolean stop = is_stopped (run) && report->done_01 < 1;
  run->iteration = report->iteration;
  run->turning = FALSE;
  report->type = RV_JOB_PROGRESS;
  tell_progress (run, report);
  steer (run, report);
  if (run->log && line)
    fputs (line, run->log);
  g_free (line);
  rv__watch_losses (run->watch, report->losses);
  gboolean of_one = options->output && run->frames == 0 && !run->stateless && !run->class->is_model;
  if (run->error || !rv__job_run_show (run, report, progress) ||
      (of_one && options->save_every > 0 && run->iteration % options->save_every == 0 &&
       !save_snapshot (run, progress)))
    return FALSE;
  if (!stop && rv__job_is_paused (run->job) && report->done_01 < 1) {
    if (!wait_paused (run, report, progress))
      return FALSE;
    stop = is_stopped (run);
    steer (run, report);
  }
  if (run->state && (stop || state_due (run)) && !rv__job_run_save_state (run, progress))
    return FALSE;
  keep_moment (run, report, progress);
  run->stopped = stop;
  gboolean goes_on = !stop && !run->error && !rv__job_is_cancelled (run->job);
  if (goes_on && run->stale) {
    turn (run, progress);
    return FALSE;
  }
  return goes_on;
}

gboolean
rv__job_run_part (RvJobRun *run, RvJobReport *report)
{
  run->iteration = report->iteration;
  report->type = RV_JOB_PROGRESS;
  rv__job_report (run->job, report);
  rv__job_steer (run->job, run);
  if (rv__job_is_paused (run->job) && report->done_01 < 1 && !wait_paused (run, report, NULL))
    return FALSE;
  run->stopped = is_stopped (run) && report->done_01 < 1;
  return !run->stopped && !rv__job_is_cancelled (run->job);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* The method, of the inputs as they are by now; nobody shares with it meanwhile. */
static gboolean
prepare_anew (RvJobRun *run, GError **error)
{
  rv__job_unsettle (run->job, run);
  run->class->clear (run);
  run->method = NULL;
  run->stale = FALSE;
  return run->class->prepare (run, error) && (run->n_steered == 0 || run->class->steer (run, error));
}

/* After which it was written; 0: its kind counts otherwise. */
static gint64
iteration_of (const RvTensorMap *state)
{
  const char *iteration = rv_tensor_map_get_text (state, "iteration");
  return iteration ? g_ascii_strtoll (iteration, NULL, 10) : 0;
}

static gboolean
go_on_from (RvJobRun *run, RvTensorMap *state, GError **error)
{
  return (!run->stale || prepare_anew (run, error)) && run->class->resume (run, state, error);
}

/* Where a run stopped that this one goes on with, the moment of another that it does, or the beginning. *moment:
 * (transfer full) (nullable): that moment's state. */
static gboolean
resume (RvJobRun *run, RvTensorMap **moment, GError **error)
{
  RvPictureOptions old = *run->options;
  gboolean from_file = goes_on (run); /* of ranks the first knows: it removes what none shall go on from */
  const RvMoment *from = rv__job_from (run->job);
  if (!rv__cluster_broadcast (rv__cluster_tiles (), &from_file, sizeof from_file, 0, error))
    return FALSE;
  old.force |= rv__job_run_may_replace (run);
  rv__picture_remove_halves (&old);
  if (run->state && !from_file)
    rv__state_file_begin (run->state, run->going_on.resume);
  if (!from_file && !from)
    return TRUE;
  g_autoptr (RvTensorMap) map = from_file ? rv__state_file_load (run->state, rv__job_run_inputs_text (run), error)
                                          : rv__moment_state (from, rv__job_run_inputs_text (run), error);
  if (!map || !rv__steer_go_on (run, map, error) || !rv__change_go_on (run, map, error))
    return FALSE;
  run->iteration = iteration_of (map);
  rv__change_take (run);
  if (!go_on_from (run, map, error))
    return FALSE;
  rv__steer_forget_past (run);
  rv__watch_go_on (run->watch, map);
  *moment = from_file ? NULL : g_steal_pointer (&map);
  return TRUE;
}

/* A branch has a state of its own from its beginning: one that is killed goes on from the moment, with what was changed
 * there. */
static gboolean
keep_branch (RvJobRun *run, RvTensorMap *moment)
{
  if (!moment || !run->state || run->going_on.every_s <= 0)
    return TRUE;
  rv__steer_keep (run, moment);
  rv__change_keep (run, moment);
  return rv__state_file_save (run->state, moment, rv__job_run_inputs_text (run), &run->error);
}

/* The result into its file, whatever else went wrong: its error says both what that was and what there is. */
static gboolean
save_result (const RvJobRun *run, const RvImage *result, GError **error)
{
  g_autofree char *output = name_of (run, run->frame);
  GError *save_error = NULL;
  if (!result || !output || run->written || run->class->film) /* whose frames were written as they came */
    return !*error;
  if (!rv__picture_save (run->options, result, output, &save_error)) {
    g_clear_error (error);
    *error = save_error;
  } else if (*error) {
    g_autofree char *alone = (*error)->message;
    (*error)->message = g_strdup_printf ("%s (the last good picture is in %s)", alone, output);
  }
  return !*error;
}

/* That of a run that stopped, too, or whose numbers broke: there is none after another error. */
static gboolean
save_model (const RvJobRun *run, GError **error)
{
  GError *save_error = NULL;
  if (run->model && run->options->output && !rv_weights_save (run->model, run->options->output, &save_error)) {
    g_clear_error (error);
    *error = save_error;
  }
  return !*error;
}

gboolean
rv__job_run_save_frame (RvJobRun *run, const RvImage *image, GError **error)
{
  g_autofree char *name = name_of (run, run->frame);
  if (!run->options->recipe) /* by now the kernels are chosen */
    rv__job_run_keep_recipe (run);
  return rv__picture_flush_log (run->options, run->log, error) &&
         (!name || rv__picture_save (run->options, image, name, error));
}

/* As often as its inputs change, it goes on from where it is with a method made ready anew. */
static gboolean
run_method (RvJobRun *run, RvImage **result, GError **error)
{
  gboolean ok = run->class->run (run, result, error);
  while (ok && run->turn && !run->error) {
    g_autoptr (GBytes) state = g_steal_pointer (&run->turn);
    g_autoptr (RvTensorMap) map = rv__weights_parse (state, RV_WEIGHTS_ALL, "a state", error);
    g_clear_pointer (result, rv_image_unref);
    run->turning = TRUE;
    if (!map || !go_on_from (run, map, error))
      return FALSE;
    rv__job_settle (run->job, run);
    ok = run->class->run (run, result, error);
  }
  return ok;
}

gboolean
rv__job_run_make (RvJobRun *run, RvImage **result, GError **error)
{
  RvPictureOptions *options = run->options;
  GError *own_error = NULL;
  run->watch = rv__watch_new (run->options, run->class->losses (run));
  g_autoptr (RvTensorMap) moment = NULL;
  gint64 logged_until = 0; /* of a branch the log is its own */
  if (!resume (run, &moment, error))
    return FALSE;
  if (!rv__job_from (run->job) || goes_on (run))
    logged_until = run->iteration;
  if (!rv__picture_open_log (options, logged_until, &run->log, error))
    return FALSE;
  rv__job_settle (run->job, run);
  rv__job_steer (run->job, run);
  if (!run->error)
    keep_branch (run, moment);
  g_clear_pointer (&moment, rv_tensor_map_unref);
  if (run->error) {
    g_propagate_error (error, g_steal_pointer (&run->error));
    return FALSE;
  }
  if (options->save_every > 0 || options->live)
    rv__job_run_keep_recipe (run); /* of pictures on the way */
  run_method (run, result, &own_error);
  gboolean logged = rv__picture_flush_log (options, run->log, run->error ? NULL : &run->error);
  g_clear_pointer (&run->log, fclose);
  if (rv__job_is_cancelled (run->job)) {
    g_clear_pointer (result, rv_image_unref);
    g_clear_pointer (&run->model, rv_tensor_map_unref);
    g_clear_error (&own_error);
    g_set_error_literal (error, RV_ERROR, RV_ERROR_CANCELLED, "the job was cancelled");
    return FALSE;
  }
  rv__job_run_keep_recipe (run); /* kernels may have been chosen */
  if (logged && !run->error)
    rv__watch_end (run->watch, *result, run->iteration, &run->error);
  gboolean saved = run->class->is_model ? save_model (run, &own_error) : save_result (run, *result, &own_error);
  if (!saved || (run->class->write_more && !run->muted && !run->class->write_more (run, *result, &own_error))) {
    g_propagate_error (error, own_error);
    return FALSE;
  }
  if (run->error) {
    g_propagate_error (error, g_steal_pointer (&run->error));
    return FALSE;
  }
  if (run->state && !run->stopped)
    rv__state_file_remove (run->state);
  return TRUE;
}
