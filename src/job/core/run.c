/* run.c -- a run of any kind of job: checks settings and files, begins or resumes, writes the result. The work between
 * iterations is in progress.c. */
#include "backend/kernel-table.h"
#include "base/error.h"
#include "base/frame-name.h"
#include "base/settings.h"
#include "cluster/cluster.h"
#include "io/video/video-format.h"
#include "job/core/job-object.h"
#include "job/core/steer.h"
#include <reverie/networks.h>
#include <reverie/weights.h>

#define OTHER_MASKS "the masks are not those of the checkpoint: they count from its iteration on"

/* ---- checks ------------------------------------------------------------------------------------------------------ */

/* Checks that needed inputs exist, and by rv__check_masks() that there is a mask for each input that has several.
 * RV_ERROR_SETTING. */
static gboolean
check_roles (const RvJobRequest *request, GError **error)
{
  const RvJobRole *roles = request->class->roles;
  for (const RvJobRole *role = roles; role->name; role++)
    if (role->needed && !rv__request_input (request, role->name))
      return rv__error_setting (error, NULL, "%s jobs need an input called '%s'", request->class->kind, role->name);
  for (const RvJobRole *role = roles; role->name; role++) {
    g_autoptr (GPtrArray) masks = rv__request_inputs (request, role->name),
                          masked = rv__request_inputs (request, role->mask_of ? role->mask_of : "");
    if (role->many && masked->len > 0 && !rv__check_masks (masks->len, masked->len, error))
      return FALSE;
  }
  return TRUE;
}

/* (transfer full) (nullable): the file of frame @frame if the job makes numbered pictures; else `output`. NULL: no
 * `output`. */
static char *
output_name (const RvJobRequest *request, int frame)
{
  const char *output = request->options->output;
  return request->frames > 0 && rv_frame_is_pattern (output) ? rv__frame_name (output, frame) : g_strdup (output);
}

RvJobRun *
rv__job_run_new (RvJob *job, gboolean dry, GError **error)
{
  g_autoptr (RvJobRun) run = g_new0 (RvJobRun, 1);
  rv__job_copy_config (job, run);
  run->request.uses_no_network = run->request.class->uses_no_network;
  run->request.options->dry_run = dry;
  run->request.requested_output = g_strdup (run->request.options->output);
  if (!rv__picture_settings_check (run->request.options, !run->request.class->probe_files, error))
    return NULL;
  const char *part = run->request.options->part; /* a batch of pictures clears `part` in its jobs */
  if (part && *part && !run->request.class->video)
    return rv__null (rv__error_setting (
      error, "part", "'part' works only with many pictures (contents times styles), not with %s jobs: use mpirun",
      run->request.class->kind));
  if (!check_roles (&run->request, error) || !run->request.class->check (&run->request, error) ||
      !rv__steer_plan (run, run->request.state_options.steer, error))
    return NULL;
  run->progress.frame = run->request.frames > 0;
  if (run->request.options->output && !run->request.has_no_checkpoint) {
    g_autofree char *name = output_name (&run->request, 0); /* frames count from 1 */
    run->files.state = rv__checkpoint_new (run->request.options, name, run->request.state_options.every_s);
  }
  return g_steal_pointer (&run);
}

void
rv__job_run_free (RvJobRun *run)
{
  if (!run)
    return;
  if (run->method)
    run->request.class->clear (run);
  if (run->files.log)
    fclose (run->files.log);
  rv__watch_free (run->files.watch);
  rv__checkpoint_free (run->files.state);
  g_ptr_array_unref (run->request.inputs);
  g_free (run->files.inputs_text);
  g_clear_pointer (&run->files.hashes, g_hash_table_unref);
  g_free (run->request.state_options.steer);
  g_free (run->request.requested_output);
  g_clear_pointer (&run->progress.steering, g_array_unref);
  rv_settings_free (run->progress.current_settings);
  g_free (run->request.options->weights_file);
  g_free (run->request.options->recipe);
  rv_settings_free (run->request.settings);
  rv_settings_free (run->request.picture);
  rv_settings_free (run->request.kind_settings);
  rv_net_unref (run->request.net);
  rv_tensor_map_unref (run->model);
  g_clear_pointer (&run->kernels, rv_kernel_table_unref);
  g_clear_error (&run->progress.error);
  g_free (run);
}

gboolean
rv__job_run_has_checkpoint (const RvJobRun *run)
{
  return run->request.state_options.resume && run->files.state && rv__checkpoint_exists (run->files.state);
}

gboolean
rv__job_run_resumes (const RvJobRun *run)
{
  return rv__job_run_has_checkpoint (run) || run->job->from;
}

/* Whether the job makes a video as numbered pictures. `output` must be set. */
static gboolean
is_numbered_video (const RvJobRequest *request)
{
  return request->class->video && rv__video_is_image_sequence (request->options->output);
}

/* Whether the file of frame @i exists, or the only file, or the first frame of a numbered video. `output` is set. */
static gboolean
output_exists (const RvJobRequest *request, int i)
{
  g_autofree char *name =
    is_numbered_video (request) ? rv__frame_name (request->options->output, 1) : output_name (request, i);
  return g_file_test (name, G_FILE_TEST_EXISTS);
}

gboolean
rv__job_may_be_log (const char *log)
{
  char start[2];
  FILE *file = log && g_file_test (log, G_FILE_TEST_IS_REGULAR) ? fopen (log, "re") : NULL;
  gsize n = file ? fread (start, 1, sizeof start, file) : 0;
  if (file)
    fclose (file);
  return n == 0 || (n == 2 && start[0] == '{' && start[1] == '"');
}

/* Whether @picture is NULL or no file, or has a recipe, as pictures of jobs have. */
static gboolean
may_be_live (const char *picture)
{
  if (!picture || !g_file_test (picture, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  g_autofree char *recipe = rv_image_recipe (picture, NULL);
  return recipe != NULL;
}

gboolean
rv__job_run_may_replace (const RvJobRun *run)
{
  const RvJobRequest *request = &run->request;
  const RvPictureOptions *options = request->options;
  if (!request->state_options.resume || !options->output)
    return FALSE;
  return rv__job_run_has_checkpoint (run) ||
         (!output_exists (request, 1) && rv__job_may_be_log (options->log) &&
          !(options->plot && g_file_test (options->plot, G_FILE_TEST_IS_REGULAR)) &&
          !(options->timeline && g_file_test (options->timeline, G_FILE_TEST_IS_REGULAR)) &&
          may_be_live (options->live));
}

gboolean
rv__job_run_is_complete (const RvJobRun *run)
{
  if (!run->request.state_options.resume || run->request.options->force || rv__job_run_has_checkpoint (run) ||
      !run->request.options->output)
    return FALSE;
  for (int i = 1; i <= MAX (run->request.frames, 1); i++)
    if (!output_exists (&run->request, i))
      return FALSE;
  if (!is_numbered_video (&run->request) || !run->request.options->keep_recipe)
    return TRUE;
  g_autofree char *recipe = rv_video_recipe_file (run->request.options->output); /* the last file that a video writes */
  return g_file_test (recipe, G_FILE_TEST_EXISTS);
}

void
rv__job_run_remove_checkpoint_if_sibling (const RvJobRun *run)
{
  if (run->files.state && run->request.options->no_replace && !run->progress.stopped &&
      g_file_test (run->request.options->output, G_FILE_TEST_EXISTS))
    rv__checkpoint_remove (run->files.state);
}

/* Checks the output file of each frame, or of the picture, by rv__picture_check_output(); without `output` only the
 * other outputs, such as the log. Creates the folder of a frame pattern, except in a dry run. With
 * rv__job_run_may_replace() the other outputs may be replaced, but no later frame. @inputs: NULL-terminated. */
static gboolean
check_targets (const RvJobRun *run, const char *const *inputs, GError **error)
{
  RvPictureOptions checked = *run->request.options;
  checked.force |= rv__job_run_may_replace (run);
  checked.make_folder |= run->request.frames > 0;
  for (int i = 1; run->request.options->output && i <= MAX (run->request.frames, 1); i++) {
    g_autofree char *name = checked.output = output_name (&run->request, i);
    if (!rv__picture_check_output (&checked, run->request.width, run->request.height, inputs, error))
      return FALSE;
    checked.force = run->request.options->force || rv__job_run_has_checkpoint (run);
    checked.log = NULL; /* checked with the first frame */
  }
  return run->request.options->output ||
         rv__picture_check_output (&checked, run->request.width, run->request.height, inputs, error);
}

/* Turns off all output on ranks other than the first. They still read the checkpoint. */
static void
turn_off_output (RvJobRun *run)
{
  char **files[] = { &run->request.options->output, &run->request.options->log, &run->request.options->live,
                     &run->request.options->timeline, &run->request.options->plot };
  run->request.writes_no_files = rv__cluster_rank (rv__cluster_current ()) > 0;
  for (guint i = 0; run->request.writes_no_files && i < G_N_ELEMENTS (files); i++)
    g_clear_pointer (files[i], g_free);
  if (run->request.writes_no_files && run->files.state)
    run->files.state->is_read_only = TRUE;
}

gboolean
rv__job_run_check (RvJobRun *run, GError **error)
{
  turn_off_output (run);
  if (run->request.class->probe_files)
    return run->request.class->probe_files (run, error);
  g_autofree const char **names = g_new0 (const char *, run->request.inputs->len + 1);
  int n = 0;
  int width = run->request.generated_px, height = run->request.generated_px;
  const RvJobInput *first = rv__request_input (&run->request, run->request.class->roles[0].name);
  if (first && !rv__job_input_size (first, &width, &height, error))
    return FALSE;
  rv__picture_target_size (run->request.options, width, height, &run->request.width, &run->request.height);
  for (const RvJobRole *role = run->request.class->roles; role->name; role++) {
    g_autoptr (GPtrArray) inputs = rv__request_inputs (&run->request, role->name);
    for (guint i = 0; i < inputs->len && !role->unlisted; i++) {
      RvImageInfo info;
      const char *file = ((const RvJobInput *) inputs->pdata[i])->file;
      if (file)
        names[n++] = file;
      if (file && !role->is_file && !rv_image_probe (file, &info, error))
        return FALSE;
    }
  }
  return (!run->files.state || rv__checkpoint_check (run->files.state, run->request.state_options.resume, error)) &&
         check_targets (run, names, error) &&
         (!run->request.class->check_files || run->request.class->check_files (run, names, error));
}

gboolean
rv__job_run_prepare (RvJobRun *run, GError **error)
{
  RvPictureOptions *options = run->request.options;
  if (!run->request.net)
    g_clear_pointer (&options->weights_file, g_free);
  if (!run->request.net && !run->request.uses_no_network &&
      !(run->request.net = rv_network_load (options->network, options->weights, options->preprocessing, options->labels,
                                            &options->weights_file, error)))
    return FALSE;
  if (rv__job_is_cancelled (run->job))
    return rv__error_set (error, RV_ERROR_CANCELLED, "the job was cancelled");
  int width = run->request.width, height = run->request.height;
  if (!run->request.class->prepare (run, error))
    return FALSE;
  gboolean is_sheet = !run->request.class->is_model && (run->request.width != width || run->request.height != height);
  return !is_sheet || !options->output ||
         rv__picture_check_target (options, run->request.width, run->request.height, error);
}

/* ---- recipe ------------------------------------------------------------------------------------------------------ */

RvRecipe
rv__job_run_recipe (const RvJobRun *run)
{
  const char *subcommand = run->request.class->subcommand;
  RvRecipe recipe = { .command = run->request.class->command ? run->request.class->command : run->request.class->method,
                      .subcommand = subcommand ? rv_settings_get_text (run->request.settings, subcommand, NULL) : NULL,
                      .inputs = run->request.inputs,
                      .roles = run->request.class->roles,
                      .network = run->request.net ? rv_net_name (run->request.net) : NULL,
                      .weights = run->request.options->weights_file,
                      .preprocessing = run->request.options->preprocessing,
                      .labels = run->request.options->labels,
                      .width = run->request.width,
                      .height = run->request.height,
                      .settings = run->request.settings,
                      .own_table = run->request.class->own_table,
                      .own = run->request.kind_settings ? run->request.kind_settings->fields : NULL,
                      .kernels = rv_settings_get_bool (run->request.settings, "exact", NULL) ? NULL : run->kernels,
                      .device = run->kernels ? rv__kernel_table_device (run->kernels) : NULL,
                      .hashes = run->files.hashes };
  if (run->request.class->fill_recipe)
    run->request.class->fill_recipe (run, &recipe);
  return recipe;
}

char *
rv__job_run_recipe_json (const RvJobRun *run)
{
  RvRecipe recipe = rv__job_run_recipe (run);
  g_autofree char *steer = rv__steer_text (run);
  recipe.steer = steer;
  return rv__recipe_json (&recipe);
}

/* Whether the result will be a file with a recipe. */
static gboolean
has_recipe (const RvJobRun *run)
{
  return run->request.options->keep_recipe && run->request.options->output && !run->request.class->is_model;
}

void
rv__job_run_store_recipe (RvJobRun *run)
{
  g_clear_pointer (&run->request.options->recipe, g_free);
  if (has_recipe (run))
    run->request.options->recipe = rv__job_run_recipe_json (run);
}

const char *
rv__job_run_inputs_text (RvJobRun *run)
{
  RvRecipe recipe = rv__job_run_recipe (run);
  if (!run->files.inputs_text)
    run->files.inputs_text = rv__recipe_inputs (&recipe);
  return run->files.inputs_text;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

/* Checks that each role has as many inputs as after its last change, unless the role is in @changed.
 * rv__steer_restore() has read the changes from the state, and rv__checkpoint_load() has compared the hashes.
 * RV_ERROR_FILE. */
static gboolean
check_masks (const RvJobRun *run, GPtrArray *changed, GError **error)
{
  for (const RvJobRole *role = run->request.class->roles; role->name; role++) {
    g_autoptr (GPtrArray) inputs = rv__request_inputs (&run->request, role->name);
    gint64 n = rv__steer_n_inputs (run, role->name);
    if (n >= 0 && n != inputs->len && !g_ptr_array_find (changed, role, NULL))
      return rv__error_with_options (error, RV_ERROR_FILE, "force",
                                     "the state has other inputs called '%s', which changed during its run: use those",
                                     role->name);
  }
  return TRUE;
}

/* Records the roles in @changed, whose inputs are not those of the state, as changed after progress.iteration. Sets
 * progress.note then, except in a branch. RV_ERROR_SETTING if several ranks share the picture. */
static gboolean
note_changed_inputs (RvJobRun *run, const GPtrArray *changed, GError **error)
{
  for (guint i = 0; i < changed->len; i++) {
    const RvJobRole *role = changed->pdata[i];
    g_autoptr (GPtrArray) inputs = rv__request_inputs (&run->request, role->name);
    if (rv__cluster_size (rv__cluster_current ()) > 1)
      return rv__error_setting (error, NULL, "'%s' cannot change while several ranks share the picture", role->name);
    rv__steer_note_inputs (run, role->name, inputs->len);
    if (!run->job->from)
      run->progress.note = OTHER_MASKS;
  }
  return TRUE;
}

/* Restores the run from its checkpoint, or from the snapshot that it branched from: changes, method,
 * progress.iteration, curves and timeline. With neither, the run starts at the beginning. Sets options->no_replace and
 * no_replace_others. Without `force` or `resume` keeps partial files. Removes a checkpoint that it does not restore.
 * Collective. *snapshot: NULL at the call; (out) (transfer full) (nullable): the state of that snapshot; NULL: no
 * branch. */
static gboolean
resume (RvJobRun *run, RvTensorMap **snapshot, GError **error)
{
  RvPictureOptions checked = *run->request.options;
  gboolean from_file =
    rv__job_run_has_checkpoint (run); /* the first rank decides for all, and removes old checkpoints */
  const RvSnapshot *from = run->job->from;
  if (!rv__cluster_broadcast (rv__cluster_current (), &from_file, sizeof from_file, 0, error))
    return FALSE;
  checked.force |= rv__job_run_may_replace (run);
  run->request.options->no_replace = !run->request.options->force && !from_file;
  run->request.options->no_replace_others = !checked.force;
  rv__picture_remove_partial_files (&checked);
  if (run->files.state && !from_file)
    rv__checkpoint_begin (run->files.state, run->request.state_options.resume);
  if (!from_file && !from)
    return TRUE;
  const char *inputs = rv__job_run_inputs_text (run);
  const RvJobRole *roles = run->request.class->roles;
  g_autoptr (GPtrArray) changed = g_ptr_array_new ();
  g_autoptr (RvTensorMap) map = from_file ? rv__checkpoint_load (run->files.state, inputs, roles, changed, error)
                                          : rv__snapshot_state (from, inputs, roles, changed, error);
  if (!map || !rv__steer_restore (run, map, error) || !check_masks (run, changed, error))
    return FALSE;
  const char *iteration = rv_tensor_map_get_text (map, "iteration"); /* NULL: RvJobClass.resume sets the number */
  run->progress.iteration = iteration ? g_ascii_strtoll (iteration, NULL, 10) : 0;
  if (!note_changed_inputs (run, changed, error) || !run->request.class->resume (run, map, error))
    return FALSE;
  rv__steer_clear_past (run);
  run->request.options->no_replace |=
    rv_tensor_map_get_text (map, RV_CHECKPOINT_OUTPUT_EXISTED) && !run->request.options->force;
  rv__watch_restore (run->files.watch, map);
  *snapshot = from_file ? NULL : g_steal_pointer (&map);
  return TRUE;
}

/* Writes the first checkpoint of a branch, from @snapshot and the changes so far, which it adds to @snapshot. The
 * branch can then be resumed after a kill. Does nothing (TRUE) without a branch (@snapshot NULL) or a checkpoint, and
 * if `state-every` is 0. FALSE with progress.error. */
static gboolean
save_branch (RvJobRun *run, RvTensorMap *snapshot)
{
  if (!snapshot || !run->files.state || run->request.state_options.every_s <= 0)
    return TRUE;
  rv__steer_save (run, snapshot);
  return rv__checkpoint_save (run->files.state, snapshot, rv__job_run_inputs_text (run), &run->progress.error);
}

void
rv__job_plan_from (RvJobPlan *plan, const RvPlan *method_plan)
{
  *plan = (RvJobPlan){ .peak_bytes = method_plan->peak_bytes,
                       .device_peak_bytes = method_plan->device_peak_bytes,
                       .seconds = method_plan->seconds,
                       .n_stages = method_plan->n_stages,
                       .n_tiles = method_plan->n_tiles,
                       .work = method_plan->work,
                       .compact = method_plan->compact,
                       .history = method_plan->history,
                       .n_iterations = method_plan->n_iterations,
                       .backend = method_plan->backend,
                       .traffic_bytes = method_plan->traffic_bytes,
                       .traffic_s = method_plan->traffic_s };
}

/* Saves run->model (nullable) to OUT, for a kind that makes models; else @result (nullable) to OUT or the file of
 * progress.frame. Saves nothing without `output`, for a video, or if the method wrote the file. *error: (inout): NULL,
 * or the error of the run, whose message gets the name of the saved picture; an error of saving frees and replaces it.
 * @error must not be NULL. After an error of saving also calls rv__job_run_remove_checkpoint_if_sibling(). Returns
 * whether *error is NULL, so FALSE also if the run failed and its result was saved. */
static gboolean
save_result (const RvJobRun *run, const RvImage *result, GError **error)
{
  const RvPictureOptions *options = run->request.options;
  g_autofree char *output = output_name (&run->request, run->progress.frame);
  gboolean is_model = run->request.class->is_model, has_result = is_model ? run->model != NULL : result != NULL;
  GError *save_error = NULL;
  if (!has_result || !output || run->request.method_wrote_result || run->request.class->video) /* already written */
    return !*error;
  if (!(is_model ? rv_weights_save (run->model, output, !options->no_replace, &save_error)
                 : rv__picture_save (options, result, output, !options->no_replace, &save_error))) {
    g_clear_error (error);
    *error = save_error;
    rv__job_run_remove_checkpoint_if_sibling (run);
  } else if (*error && !is_model) {
    g_autofree char *alone = (*error)->message;
    (*error)->message = g_strdup_printf ("%s (the last good picture is in %s)", alone, output);
  }
  return !*error;
}

gboolean
rv__job_run_save_frame (RvJobRun *run, const RvImage *image, GError **error)
{
  g_autofree char *name = output_name (&run->request, run->progress.frame);
  if (!run->request.options->recipe) /* the kernels are known now */
    rv__job_run_store_recipe (run);
  return rv__picture_flush_log (run->request.options, run->files.log, error) &&
         (!name || rv__picture_save (run->request.options, image, name, !run->request.options->no_replace, error));
}

gboolean
rv__job_run_execute (RvJobRun *run, RvImage **result, GError **error)
{
  RvPictureOptions *options = run->request.options;
  GError *own_error = NULL;
  run->files.watch =
    rv__watch_new (run->request.options, run->request.class->losses ? run->request.class->losses (run) : rv__no_losses);
  g_autoptr (RvTensorMap) snapshot = NULL;
  gint64 logged_until = 0; /* a branch starts a new log */
  if (has_recipe (run)) {
    RvRecipe recipe = rv__job_run_recipe (run);
    run->files.hashes = rv__recipe_hash_files (&recipe);
  }
  if (!resume (run, &snapshot, error))
    return FALSE;
  if (!run->job->from || rv__job_run_has_checkpoint (run))
    logged_until = run->progress.iteration;
  if (!rv__picture_open_log (options, logged_until, &run->files.log, error))
    return FALSE;
  rv__job_set_reusable (run);
  rv__job_steer (run);
  if (!run->progress.error)
    save_branch (run, snapshot);
  g_clear_pointer (&snapshot, rv_tensor_map_unref);
  if (run->progress.error)
    return rv__error_propagate (error, g_steal_pointer (&run->progress.error));
  if (options->save_every > 0 || options->live)
    rv__job_run_store_recipe (run); /* for pictures during the run */
  run->request.class->run (run, result, &own_error);
  if (!own_error) /* the result is of the last good iteration */
    own_error = g_steal_pointer (&run->progress.error);
  rv__picture_flush_log (options, run->files.log, run->progress.error ? NULL : &run->progress.error);
  g_clear_pointer (&run->files.log, fclose);
  if (rv__job_is_cancelled (run->job)) {
    g_clear_pointer (result, rv_image_unref);
    g_clear_pointer (&run->model, rv_tensor_map_unref);
    g_clear_error (&own_error);
    return rv__error_set (error, RV_ERROR_CANCELLED, "the job was cancelled");
  }
  rv__job_run_store_recipe (run); /* more kernels may have been measured */
  if (!run->progress.error)
    rv__watch_end (run->files.watch, *result, run->progress.iteration, &run->progress.error);
  if (!save_result (run, *result, &own_error) || (run->request.class->write_more && !run->request.writes_no_files &&
                                                  !run->request.class->write_more (run, *result, &own_error)))
    return rv__error_propagate (error, own_error);
  if (run->progress.error)
    return rv__error_propagate (error, g_steal_pointer (&run->progress.error));
  if (run->files.state && !run->progress.stopped)
    rv__checkpoint_remove (run->files.state);
  return TRUE;
}
