/* input-change.c -- inputs (masks) that are replaced while a run is under way.
 * A method gets its inputs when it is prepared. So the run restarts: it ends, prepares the method with the new inputs,
 * and continues from its state. States and snapshots store replaced inputs as pictures: resuming needs no files but
 * those of the beginning, which identify the run. */
#include "job/core/input-change.h"
#include "base/error.h"
#include "cluster/cluster.h"
#include "job/core/job-object.h"
#include "job/core/steer.h"
#include "tensor/tensor-file.h"
#include <reverie/fetch.h>

/* ---- requests ---------------------------------------------------------------------------------------------------- */

/* (transfer full): copies of those @inputs whose role is not @role. */
static GPtrArray *
copy_all_but (const GPtrArray *inputs, const RvJobRole *role)
{
  GPtrArray *others = g_ptr_array_new_with_free_func (rv__job_free_input);
  for (guint i = 0; i < inputs->len; i++)
    if (((const RvJobInput *) inputs->pdata[i])->role != role)
      g_ptr_array_add (others, rv__job_copy_input (inputs->pdata[i]));
  return others;
}

static void
add_all (GPtrArray *inputs, const GPtrArray *more)
{
  for (guint i = 0; i < more->len; i++)
    g_ptr_array_add (inputs, rv__job_copy_input (more->pdata[i]));
}

static void
replace (GPtrArray **inputs, const RvJobRole *role, const GPtrArray *others)
{
  GPtrArray *all = copy_all_but (*inputs, role);
  add_all (all, others);
  g_ptr_array_unref (*inputs);
  *inputs = all;
}

/* Checks that @n inputs may replace those of @role now; changes nothing. @role: NULL: no role is called @name, which is
 * an error. RV_ERROR_SETTING. The caller holds the lock. */
static gboolean
check_may_change (RvJob *job, const RvJobRole *role, const char *name, guint n, GError **error)
{
  if (!role)
    rv__error_setting (error, NULL, "a %s job has no input called '%s'", job->class->kind, name ? name : "NULL");
  else if (!role->may_change && rv__job_is_begun (job))
    rv__error_setting (error, NULL, "'%s' of a %s job cannot change once it has begun; start another job with it", name,
                       job->class->kind);
  else if (n > (role->many ? RV_JOB_MAX_INPUTS : 1))
    rv__error_setting (error, NULL, "%u inputs called '%s' are too many for a %s job: at most %d", n, name,
                       job->class->kind, role->many ? RV_JOB_MAX_INPUTS : 1);
  else if (rv__cluster_size (rv__cluster_current ()) > 1)
    rv__error_setting (error, NULL,
                       "'%s' cannot change while several ranks share the picture; start another job with it", name);
  else if (job->status >= RV_JOB_STATUS_DONE)
    rv__error_setting (error, NULL, "the job has ended; start another job with other inputs");
  else
    return TRUE;
  return FALSE;
}

/* Reads input->file into input->picture and sha256, because the file may change before the run uses it. @width,
 * @height: px; 0, 0: its own size. */
static gboolean
read_file (RvJobInput *input, int width, int height, GError **error)
{
  RvFileHashes hashes;
  if (!rv_file_hashes (input->file, &hashes, error) ||
      !(input->picture = rv_image_load (input->file, width, height, error)))
    return FALSE;
  input->sha256 = g_strdup (hashes.sha256);
  return TRUE;
}

/* Reads the files of @others into memory, at the size of the result if it is known. RV_ERROR_SETTING for an input
 * without file and picture; errors of reading. The caller holds the lock, which is released while reading. */
static gboolean
read_all (RvJob *job, const GPtrArray *others, GError **error)
{
  int width = job->run ? job->run->request.width : 0, height = job->run ? job->run->request.height : 0;
  gboolean ok = TRUE;
  g_mutex_unlock (&job->lock);
  for (guint i = 0; ok && i < others->len; i++) {
    RvJobInput *input = others->pdata[i];
    if (!input->file && !input->picture)
      rv__error_setting (error, NULL, "the input '%s' is NULL", input->role->name);
    ok = input->picture || (input->file && read_file (input, width, height, error));
  }
  g_mutex_lock (&job->lock);
  return ok;
}

static gboolean
check_all (const RvJob *job, const RvJobRole *role, const GPtrArray *others, GError **error)
{
  g_autoptr (GPtrArray) inputs = copy_all_but (job->inputs, role);
  add_all (inputs, others);
  return rv__inputs_check_masks (job->class, inputs, error);
}

/* Before the job begins, replaces the inputs of @role by @others and frees the planned run. Later, reads @others and
 * queues them in pending_inputs, for the run. Sets role, picture and hash of @others. The caller holds the lock, which
 * is released while reading. */
static gboolean
change (RvJob *job, const RvJobRole *role, const char *name, GPtrArray *others, GError **error)
{
  if (!check_may_change (job, role, name, others->len, error))
    return FALSE;
  for (guint i = 0; i < others->len; i++)
    ((RvJobInput *) others->pdata[i])->role = role;
  if (rv__job_is_begun (job)) {
    if (!check_all (job, role, others, error) || !read_all (job, others, error) ||
        !check_may_change (job, role, name, others->len, error) || !rv__job_count_change (job, NULL, error))
      return FALSE;
    g_hash_table_insert (job->pending_inputs, (gpointer) role, g_ptr_array_ref (others));
    return TRUE;
  }
  replace (&job->inputs, role, others);
  g_clear_pointer (&job->run, rv__job_run_free);
  return TRUE;
}

/* Changes the inputs of the role @name to @n files or pictures; the other array is NULL. RV_ERROR_SETTING. */
static gboolean
change_all (RvJob *job, const char *name, const char *const *files, RvImage *const *pictures, guint n, GError **error)
{
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (rv__job_free_input);
  for (guint i = 0; i < MIN (n, RV_JOB_MAX_INPUTS + 1); i++) {
    RvJobInput *input = g_new0 (RvJobInput, 1);
    input->file = files ? g_strdup (files[i]) : NULL;
    input->picture = pictures && pictures[i] ? rv_image_ref (pictures[i]) : NULL;
    g_ptr_array_add (others, input);
  }
  g_mutex_lock (&job->lock);
  gboolean ok = change (job, rv__job_find_role (job->class, name), name, others, error);
  g_mutex_unlock (&job->lock);
  return ok;
}

gboolean
rv_job_change_files (RvJob *job, const char *role, const char *const *files, guint n, GError **error)
{
  return change_all (job, role, files, NULL, n, error);
}

gboolean
rv_job_change_pictures (RvJob *job, const char *role, RvImage *const *pictures, guint n, GError **error)
{
  return change_all (job, role, NULL, pictures, n, error);
}

/* ---- applying ---------------------------------------------------------------------------------------------------- */

/* Replaces the inputs of @role in the run by copies of @others, and sets progress.inputs_changed. */
static void
replace_in_run (RvJobRun *run, const RvJobRole *role, const GPtrArray *others)
{
  replace (&run->request.inputs, role, others);
  run->progress.inputs_changed = TRUE;
}

gboolean
rv__input_change_apply (RvJobRun *run)
{
  RvJob *job = run->job;
  g_autoptr (GHashTable) all = NULL;
  g_mutex_lock (&job->lock);
  if (g_hash_table_size (job->pending_inputs) > 0) {
    all = job->pending_inputs;
    job->pending_inputs = rv__pending_inputs_new ();
  }
  g_mutex_unlock (&job->lock);
  for (const RvJobRole *role = run->request.class->roles; all && role->name; role++) {
    const GPtrArray *others = g_hash_table_lookup (all, role);
    if (!others)
      continue;
    rv__job_run_inputs_text (run); /* fixes the text, which names the initial inputs */
    replace_in_run (run, role, others);
    rv__steer_note_inputs (run, role->name, others->len);
  }
  return all != NULL;
}

void
rv__input_change_commit_pending (RvJob *job)
{
  for (const RvJobRole *role = job->class->roles; role->name; role++) {
    const GPtrArray *others = g_hash_table_lookup (job->pending_inputs, role);
    if (others)
      replace (&job->inputs, role, others);
    if (others)
      g_clear_pointer (&job->run, rv__job_run_free);
  }
  g_hash_table_remove_all (job->pending_inputs);
}

GHashTable *
rv__pending_inputs_new (void)
{
  return g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
}

/* ---- in states --------------------------------------------------------------------------------------------------- */

static char *
key_of (const RvJobRole *role, guint i, const char *what)
{
  return g_strdup_printf ("changed.%s.%u%s", role->name, i, what);
}

static void
save_text (RvTensorMap *state, const RvJobRole *role, guint i, const char *what, const char *text)
{
  g_autofree char *key = key_of (role, i, what);
  if (text)
    rv_tensor_map_set_text (state, key, text);
}

static void
save_input (RvTensorMap *state, const RvJobInput *input, guint i)
{
  g_autofree char *rgb = key_of (input->role, i, ""), *alpha = key_of (input->role, i, ".alpha");
  g_autofree char *base = input->file ? g_path_get_basename (input->file) : NULL;
  rv_tensor_map_set (state, rgb, input->picture->rgb);
  if (input->picture->alpha)
    rv_tensor_map_set (state, alpha, input->picture->alpha);
  save_text (state, input->role, i, ".file", base);
  save_text (state, input->role, i, ".sha256", input->sha256);
}

void
rv__input_change_save (const RvJobRun *run, RvTensorMap *state)
{
  for (const RvJobRole *role = run->request.class->roles; role->name; role++) {
    g_autoptr (GPtrArray) inputs = rv__request_inputs (&run->request, role->name);
    for (guint i = 0; rv__steer_n_inputs (run, role->name) >= 0 && i < inputs->len; i++)
      save_input (state, inputs->pdata[i], i);
  }
}

static RvTensor *
read_plane (const RvTensorMap *state, const RvJobRole *role, guint i, const char *what, GError **error)
{
  g_autofree char *key = key_of (role, i, what);
  const RvTensor *tensor = rv_tensor_map_get (state, key);
  return tensor ? rv__tensor_read (tensor, error) : NULL;
}

static const char *
text_of (const RvTensorMap *state, const RvJobRole *role, guint i, const char *what)
{
  g_autofree char *key = key_of (role, i, what);
  return rv_tensor_map_get_text (state, key);
}

/* Reads input @i of @role from the state and appends it to @inputs, with its picture in memory. RV_ERROR_FORMAT. */
static gboolean
restore_input (const RvTensorMap *state, const RvJobRole *role, guint i, GPtrArray *inputs, GError **error)
{
  g_autoptr (RvTensor) rgb = read_plane (state, role, i, "", error),
                       alpha = read_plane (state, role, i, ".alpha", NULL);
  g_autoptr (RvImage) picture = rgb ? rv_image_new_from_planes (rgb, alpha, NULL) : NULL;
  if (!picture) {
    g_clear_error (error);
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the checkpoint is damaged: its input '%s' is not a picture",
                 role->name);
    return FALSE;
  }
  RvJobInput *input = g_new0 (RvJobInput, 1);
  *input = (RvJobInput){ role, g_strdup (text_of (state, role, i, ".file")), g_steal_pointer (&picture),
                         g_strdup (text_of (state, role, i, ".sha256")) };
  g_ptr_array_add (inputs, input);
  return TRUE;
}

gboolean
rv__input_change_restore (RvJobRun *run, const RvTensorMap *state, GError **error)
{
  for (const RvJobRole *role = run->request.class->roles; role->name; role++) {
    g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func (rv__job_free_input);
    gint64 n = rv__steer_n_inputs (run, role->name);
    for (guint i = 0; i < n; i++)
      if (!restore_input (state, role, i, inputs, error))
        return FALSE;
    if (n >= 0)
      replace_in_run (run, role, inputs);
  }
  return rv__inputs_check_masks (run->request.class, run->request.inputs, error);
}
