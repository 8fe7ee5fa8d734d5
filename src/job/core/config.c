/* config.c -- the inputs and settings of a job, before it runs and while it runs. */
#include "backend/kernel-table.h"
#include "base/error.h"
#include "base/settings.h"
#include "job/core/job-object.h"
#include <string.h>

/* ---- inputs ------------------------------------------------------------------------------------------------------ */

void
rv__job_free_input (gpointer data)
{
  RvJobInput *input = data;
  g_free (input->file);
  rv_image_unref (input->picture);
  g_free (input);
}

gpointer
rv__job_copy_input (gconstpointer data, gpointer unused)
{
  const RvJobInput *input = data;
  RvJobInput *copy = g_new0 (RvJobInput, 1);
  *copy = (RvJobInput){ input->role, g_strdup (input->file), input->picture ? rv_image_ref (input->picture) : NULL };
  return copy;
}

GPtrArray *
rv__job_copy_inputs (const RvJob *job)
{
  return g_ptr_array_copy (job->inputs, rv__job_copy_input, NULL);
}

const RvJobRole *
rv__job_find_role (const RvJobClass *class, const char *name)
{
  for (const RvJobRole *role = class->roles; role->name; role++)
    if (name && (strcmp (role->name, name) == 0 || g_strcmp0 (role->old_name, name) == 0))
      return role;
  return NULL;
}

/* Whether the job runs, is being planned, has ended, or is a branch: only some settings and inputs may still change.
 * The caller holds the lock. */
static gboolean
is_begun (const RvJob *job)
{
  return job->status != RV_JOB_STATUS_NEW || job->from;
}

/* Checks an input called @name: @is_there must be TRUE, and @is_picture FALSE if @role takes files only.
 * RV_ERROR_SETTING. */
static gboolean
check_input (const RvJobRole *role, const char *name, gboolean is_there, gboolean is_picture, GError **error)
{
  if (!is_there)
    return rv__error_setting (error, NULL, "the input '%s' is NULL", name);
  return !role->is_file || !is_picture ||
         rv__error_setting (error, NULL, "the input '%s' must be a file, not a picture in memory", name);
}

/* Adds an input of the role @name: a copy of @filename, or a reference on @picture; the other is NULL. Frees a planned
 * run. Takes the lock. */
static gboolean
add_input (RvJob *job, const char *name, const char *filename, RvImage *picture, GError **error)
{
  const RvJobRole *role = rv__job_find_role (job->class, name);
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  const RvJobInput input = { role, (char *) filename, picture };
  if (!role)
    return rv__error_setting (error, NULL, "%s jobs have no input called '%s'", job->class->kind, name ? name : "NULL");
  if (!check_input (role, name, filename || picture, picture != NULL, error))
    return FALSE;
  if (is_begun (job))
    return rv__error_setting (error, NULL, "the job has begun: inputs can no longer be added");
  for (guint i = 0; !role->many && i < job->inputs->len; i++)
    if (((const RvJobInput *) job->inputs->pdata[i])->role == role)
      return rv__error_setting (error, NULL, "only one %s is possible, not several", name);
  g_ptr_array_add (job->inputs, rv__job_copy_input (&input, NULL));
  g_clear_pointer (&job->run, rv__job_run_free);
  return TRUE;
}

gboolean
rv_job_add_file (RvJob *job, const char *role, const char *filename, GError **error)
{
  return add_input (job, role, filename, NULL, error);
}

gboolean
rv_job_add_picture (RvJob *job, const char *role, RvImage *picture, GError **error)
{
  return add_input (job, role, NULL, picture, error);
}

/* Replaces the inputs of the role @name by @n files or pictures; the other array is NULL. Frees a planned run.
 * Takes the lock. */
static gboolean
replace_inputs (RvJob *job, const char *name, const char *const *files, RvImage *const *pictures, guint n,
                GError **error)
{
  const RvJobRole *role = rv__job_find_role (job->class, name);
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  if (!role)
    return rv__error_setting (error, NULL, "%s jobs have no input called '%s'", job->class->kind, name ? name : "NULL");
  if (job->status >= RV_JOB_STATUS_DONE)
    return rv__error_setting (error, NULL, "the job has ended; start another job with other inputs");
  if (!role->may_change && is_begun (job))
    return rv__error_setting (error, NULL, "'%s' cannot change once the job has begun; start another job with it",
                              name);
  if (job->status != RV_JOB_STATUS_NEW)
    return rv__error_setting (
      error, NULL, "'%s' cannot change while the job runs; change it in a branch from a snapshot: rv_job_branch()",
      name);
  if (n > (role->many ? RV_JOB_MAX_INPUTS : 1))
    return rv__error_setting (error, NULL, "%u inputs called '%s' are too many: at most %d", n, name,
                              role->many ? RV_JOB_MAX_INPUTS : 1);
  for (guint i = 0; i < n; i++)
    if (!check_input (role, name, files ? files[i] != NULL : pictures[i] != NULL, !files, error))
      return FALSE;
  for (guint i = job->inputs->len; i > 0; i--)
    if (((const RvJobInput *) job->inputs->pdata[i - 1])->role == role)
      g_ptr_array_remove_index (job->inputs, i - 1);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (
      job->inputs,
      rv__job_copy_input (&(RvJobInput){ role, files ? (char *) files[i] : NULL, files ? NULL : pictures[i] }, NULL));
  g_clear_pointer (&job->run, rv__job_run_free);
  return TRUE;
}

gboolean
rv_job_change_files (RvJob *job, const char *role, const char *const *files, guint n, GError **error)
{
  return replace_inputs (job, role, files, NULL, n, error);
}

gboolean
rv_job_change_pictures (RvJob *job, const char *role, RvImage *const *pictures, guint n, GError **error)
{
  return replace_inputs (job, role, NULL, pictures, n, error);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* Returns which of the job's settings (RV_SETTINGS_*) have the option @name. If none has it, returns
 * RV_SETTINGS_METHOD, whose error names the option. */
static int
find_settings (const RvJob *job, const char *name)
{
  const char *kind;
  int which;
  for (guint i = 0; (kind = rv__job_settings_kind_at (job->class, i, &which)); i++)
    if (rv_settings_find_option (kind, name))
      return which;
  return RV_SETTINGS_METHOD;
}

#define BEGUN "the job has begun: set the settings that may still change one by one"
#define MAX_CHANGES 1000 /* recipes have no room for more */

/* Sets an option of a job that has begun, and queues the change in pending_settings. @which: RV_SETTINGS_*.
 * RV_ERROR_SETTING: the option cannot change in a job that has begun. The caller holds the lock. */
static gboolean
change (RvJob *job, int which, const char *name, const char *value, GError **error)
{
  g_autoptr (RvSettings) now = rv__settings_copy (job->settings[which]);
  const RvOption *option = rv_settings_find_option (now->class->kind, name);
  name = option ? option->name : name;
  if (job->status >= RV_JOB_STATUS_DONE)
    return rv__error_setting (error, name, "'%s' cannot change any more: the job has ended", name);
  if (option && !option->may_change)
    return rv__error_setting (error, name, "'%s' cannot change any more: the job has begun", name);
  if (!rv_settings_set (now, name, value, error))
    return FALSE;
  if (which == RV_SETTINGS_METHOD && !job->class->check_steer)
    return rv__error_setting (error, name, "'%s' cannot change while %s jobs run", name, job->class->kind);
  if (which == RV_SETTINGS_METHOD && !job->class->check_steer (job->begun, job->settings[RV_SETTINGS_KIND], now, error))
    return FALSE;
  if (job->n_changes >= MAX_CHANGES)
    return rv__error_setting (error, name, "the job has been changed %d times; a recipe has room for no more",
                              MAX_CHANGES);
  job->n_changes++;
  g_ptr_array_add (job->pending_settings, g_strdup (name));
  g_ptr_array_add (job->pending_settings, rv_settings_get (now, name, NULL));
  rv_settings_free (job->settings[which]);
  job->settings[which] = g_steal_pointer (&now);
  return TRUE;
}

/* Settings that a branch cannot change, because its snapshot fixes them, besides those of the method. */
static const char *const fixed_by_snapshot[] = { "size",    "height",        "width",  "network",
                                                 "weights", "preprocessing", "labels", NULL };

gboolean
rv_job_set (RvJob *job, const char *name, const char *value, GError **error)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  int which = find_settings (job, name);
  if (job->status != RV_JOB_STATUS_NEW || (job->from && (which == RV_SETTINGS_METHOD || which == RV_SETTINGS_KIND)))
    return change (job, which, name, value, error);
  if (job->from && g_strv_contains (fixed_by_snapshot, name))
    return rv__error_setting (error, name, "'%s' cannot change any more: the job continues from a snapshot of another",
                              name);
  g_clear_pointer (&job->run, rv__job_run_free); /* its plan is out of date */
  return rv_settings_set (job->settings[which], name, value, error);
}

gboolean
rv_job_set_settings (RvJob *job, const RvSettings *settings, GError **error)
{
  const char *kind = settings ? settings->class->kind : "NULL";
  int which = -1;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  for (int i = 0; i < RV_N_OF_JOB && job->settings[i]; i++)
    if (strcmp (job->settings[i]->class->kind, kind) == 0)
      which = i;
  if (which < 0)
    return rv__error_setting (error, NULL, "%s jobs have no settings of '%s'", job->class->kind, kind);
  if (is_begun (job))
    return rv__error_setting (error, NULL, BEGUN);
  rv__settings_assign (job->settings[which], settings);
  g_clear_pointer (&job->run, rv__job_run_free);
  return TRUE;
}

/* (transfer full): the members of @object that are options of the settings @which (RV_SETTINGS_*). Unknown members
 * belong to RV_SETTINGS_METHOD, whose settings report them. Can't fail. */
static JsonObject *
members_of (const RvJob *job, JsonObject *object, int which)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  JsonObject *own = json_object_new ();
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (find_settings (job, name) == which)
      json_object_set_member (own, name, json_node_copy (node));
  return own;
}

gboolean
rv__job_set_object (RvJob *job, JsonObject *object, GError **error)
{
  RvSettings *changed[RV_N_OF_JOB] = { NULL };
  gboolean ok = TRUE;
  for (int i = 0; i < RV_N_OF_JOB && job->settings[i]; i++) {
    g_autoptr (JsonObject) own = members_of (job, object, i);
    changed[i] = rv__settings_copy (job->settings[i]);
    ok = ok && rv__settings_set_object (changed[i], own, error);
  }
  for (int i = 0; i < RV_N_OF_JOB; i++) {
    if (ok && changed[i])
      rv__settings_assign (job->settings[i], changed[i]);
    rv_settings_free (changed[i]);
  }
  g_clear_pointer (&job->run, rv__job_run_free);
  return ok;
}

gboolean
rv_job_set_json (RvJob *job, const char *json, GError **error)
{
  g_autoptr (JsonObject) object = rv__json_object (json ? json : "", json ? strlen (json) : 0, "the settings", error);
  if (!object)
    return FALSE;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  return is_begun (job) ? rv__error_setting (error, NULL, BEGUN) : rv__job_set_object (job, object, error);
}

char *
rv_job_get (RvJob *job, const char *name, GError **error)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  return rv_settings_get (job->settings[find_settings (job, name)], name, error);
}

/* ---- kernels and reuse ------------------------------------------------------------------------------------------- */

void
rv_job_set_net (RvJob *job, RvNet *net, const char *weights_file)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  rv_net_unref (job->net);
  g_free (job->weights_file);
  job->net = net ? rv_net_ref (net) : NULL;
  job->weights_file = g_strdup (weights_file);
}

void
rv_job_set_kernels (RvJob *job, RvKernelTable *kernels)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  g_clear_pointer (&job->kernels, rv_kernel_table_unref);
  job->kernels = kernels ? rv__kernel_table_ref (kernels) : NULL;
}

void
rv__job_reuse (RvJob *job, RvJob *other)
{
  if (other == job)
    return;
  g_mutex_lock (&job->lock);
  g_autoptr (RvJob) old = job->reuse_from; /* freed after the unlock: its subscriber may use this job */
  job->reuse_from = other ? rv_job_ref (other) : NULL;
  g_mutex_unlock (&job->lock);
}

/* ---- copies ------------------------------------------------------------------------------------------------------ */

GPtrArray *
rv__job_inputs (RvJob *job, const char *role)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  return rv__request_inputs (&(RvJobRequest){ .inputs = job->inputs }, role);
}

void
rv__job_copy_config_except (RvJob *like, const RvJob *job, const char *except_role)
{
  for (int i = 0; i < RV_N_OF_JOB && job->settings[i]; i++)
    rv__settings_assign (like->settings[i], job->settings[i]);
  for (guint i = 0; i < job->inputs->len; i++) {
    const RvJobInput *input = job->inputs->pdata[i];
    if (g_strcmp0 (input->role->name, except_role) != 0)
      g_ptr_array_add (like->inputs, rv__job_copy_input (input, NULL));
  }
}

RvJob *
rv__job_new_like (RvJob *job, const char *except_role)
{
  RvJob *like = rv_job_new (job->class->kind, NULL);
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  rv__job_copy_config_except (like, job, except_role);
  rv_job_set_net (like, job->net, job->weights_file);
  if (job->kernels)
    rv_job_set_kernels (like, job->kernels);
  g_set_object (&like->cancellable, job->cancellable);
  like->make_folder = job->make_folder;
  like->stop_func = job->stop_func;
  like->stop_data = job->stop_data;
  return like;
}

/* ---- for the run ------------------------------------------------------------------------------------------------- */

void
rv__job_copy_config (RvJob *job, RvJobRun *run)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  run->job = job;
  run->request.class = job->class;
  run->request.inputs = rv__job_copy_inputs (job);
  run->request.settings = rv__settings_copy (is_begun (job) ? job->begun : job->settings[RV_SETTINGS_METHOD]);
  run->request.picture = rv__settings_copy (job->settings[RV_SETTINGS_PICTURE]);
  run->request.kind_settings =
    job->settings[RV_SETTINGS_KIND] ? rv__settings_copy (job->settings[RV_SETTINGS_KIND]) : NULL;
  run->request.state_options =
    (RvStateOptions){ rv_settings_get_bool (job->settings[RV_SETTINGS_STATE], "resume", NULL),
                      rv_settings_get_real (job->settings[RV_SETTINGS_STATE], "state-every", NULL),
                      rv_settings_get (job->settings[RV_SETTINGS_STATE], "steer", NULL) };
  run->request.net = job->net ? rv_net_ref (job->net) : NULL;
  run->kernels = rv_kernel_table_new (); /* a table for this run, so that its recipe names only its own kernels */
  if (job->kernels) {
    g_autofree char *text = rv__kernel_table_to_text (job->kernels);
    rv_kernel_table_add_text (run->kernels, text);
  }
  run->request.options = run->request.picture->fields;
  run->request.options->weights_file = g_strdup (job->weights_file);
  run->request.options->make_folder = job->make_folder;
}
