/* task.c -- one job of the queue. */
#include "task.h"
#include "arguments.h"
#include "sets.h"
#include <fcntl.h>
#include <math.h>
#include <reverie/networks.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_POINTS 2000 /* points of a curve; above this number, every second one is removed */

Task *
task_new (const char *id, const char *request)
{
  Task *task = g_new0 (Task, 1);
  task->ref_count = 1;
  g_strlcpy (task->id, id, sizeof task->id);
  task->request_json = g_strdelimit (g_strdup (request), "\r\n", ' '); /* on one line, for events */
  task->created_us = g_get_real_time ();
  task->now = task->state_at = (guint64) task->created_us; /* numbers do not repeat after a restart */
  task->late = g_ptr_array_new_with_free_func (g_free);
  task->points = g_ptr_array_new_with_free_func (g_free);
  return task;
}

Task *
task_ref (Task *task)
{
  task->ref_count++;
  return task;
}

void
task_unref (Task *task)
{
  if (!task || --task->ref_count > 0)
    return;
  rv_job_unref (task->job);
  rv_job_unref (task->paused_job);
  rv_job_unref (task->branch);
  g_clear_object (&task->cancellable);
  rv_image_unref (task->preview);
  g_ptr_array_unref (task->late);
  g_ptr_array_unref (task->points);
  g_strfreev (task->inputs);
  g_strfreev (task->names);
  g_free (task->request_json);
  g_free (task->previous_json);
  g_free (task->label);
  g_free (task->note);
  g_free (task->result);
  g_free (task->error);
  g_free (task->option);
  g_free (task);
}

/* ---- request ----------------------------------------------------------------------------------------------------- */

/* Whether @value, such as "macaw:2,birds", consists of words and weights, without pictures. */
static gboolean
has_words_alone (const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", -1);
  for (int i = 0; parts[i]; i++) {
    g_auto (GStrv) fields = g_strsplit (parts[i], ":", -1);
    for (int k = 1; fields[0] && fields[k]; k++)
      if (fields[k][strspn (fields[k], "0123456789.eE+- ")])
        return FALSE;
  }
  return TRUE;
}

/* Rejects an option of the job's settings table @kind that makes it read, write or resume files: only the studio
 * chooses files. The default, 0 and "no" are accepted, and words without pictures in `toward`. RV_ERROR_SETTING: other
 * values. */
static gboolean
check_option (RvJob *job, const char *kind, const RvOption *option, GError **error)
{
  const char *name = rv_option_name (option), *unit = rv_option_unit (option);
  gboolean is_of_files = strcmp (kind, "picture") == 0 || strcmp (kind, "state") == 0;
  gboolean is_text = rv_option_type (option) == RV_OPTION_TEXT && unit;
  gboolean names_a_file =
    is_text && (g_str_has_prefix (unit, "FILE") || strcmp (unit, "OUT") == 0 || strstr (unit, "FOLDER"));
  gboolean never = names_a_file || (is_of_files && (strcmp (name, "save-every") == 0 || strcmp (name, "resume") == 0));
  gboolean part = is_text && strstr (unit, "PICTURE");
  g_autofree char *value = rv_job_get (job, name, NULL);
  never |= strcmp (name, "network") == 0 && value && rv_network_is_file (value);
  if (!never && !part)
    return TRUE;
  const char *usual = rv_option_default (option);
  gboolean changed =
    g_strcmp0 (value, usual ? usual : "") != 0 && g_strcmp0 (value, "0") != 0 && g_strcmp0 (value, "no") != 0;
  if (!changed || (part && has_words_alone (value)))
    return TRUE;
  return studio_error (error, RV_ERROR, RV_ERROR_SETTING, "'%s' reads or writes files and cannot be set in the studio",
                       name);
}

/* Checks the options of all tables by check_option(), except options hidden by an earlier table. */
static gboolean
check_options (RvJob *job, GError **error)
{
  const char *kind;
  const RvOption *option;
  for (guint k = 0; (kind = rv_job_settings_kind (rv_job_kind (job), k)); k++)
    for (guint i = 0; (option = rv_settings_option (kind, i)); i++) {
      gboolean is_hidden = FALSE;
      for (guint j = 0; !is_hidden && j < k; j++)
        is_hidden =
          rv_settings_find_option (rv_job_settings_kind (rv_job_kind (job), j), rv_option_name (option)) != NULL;
      if (!is_hidden && !check_option (job, kind, option, error))
        return FALSE;
    }
  return TRUE;
}

/* Rejects the axis "across" or "down" of a sheet over a text option, whose values may name files. RV_ERROR_SETTING. */
static gboolean
check_axis (RvJob *job, const char *axis, GError **error)
{
  g_autofree char *text = rv_job_get (job, axis, NULL);
  g_autofree char *name = text ? g_strndup (text, strcspn (text, "=")) : NULL;
  const RvOption *option = name ? rv_settings_find_option (rv_job_settings_kind (rv_job_kind (job), 0), name) : NULL;
  if (!option || rv_option_type (option) != RV_OPTION_TEXT) /* unknown options: the job reports them */
    return TRUE;
  return studio_error (error, RV_ERROR, RV_ERROR_SETTING, "'%s' is a text and cannot be an axis of a sheet", name);
}

typedef struct {
  Pictures *pictures;
  GHashTable *used;
  GPtrArray *ids;
} InputSearch;

/* (transfer full) (nullable): path of the set or file with the id @name. Adds @name and the file name, an id (see
 * pictures_input_path()), to search->ids, and the file name to search->used. @user_data: InputSearch. */
static char *
find_input (const char *role, const char *name, gpointer user_data, GError **error)
{
  InputSearch *search = user_data;
  char *set = sets_path (search->pictures, name);
  char *path = set ? set : pictures_input_path (search->pictures, name, search->used, error);
  if (set)
    utimensat (AT_FDCWD, set, NULL, 0); /* used now: the set unused for longest is deleted first */
  if (path) {
    g_ptr_array_add (search->ids, g_strdup (name));
    g_ptr_array_add (search->ids, g_path_get_basename (path));
    g_hash_table_add (search->used, g_path_get_basename (path));
  }
  return path;
}

/* Sets the weights of @job to the uploaded network @id. Adds the id to the inputs of the search. G_IO_ERROR_NOT_FOUND:
 * no such file; RV_ERROR_SETTING: no network, or the job takes none. */
static gboolean
set_network (RvJob *job, const char *id, InputSearch *search, GError **error)
{
  g_autoptr (Picture) picture = pictures_find (search->pictures, id, error);
  if (!picture)
    return FALSE;
  if (picture->kind != PICTURE_NETWORK)
    return studio_error (error, RV_ERROR, RV_ERROR_SETTING, "'network' needs the id of an uploaded network");
  g_autofree char *path = find_input ("network", id, search, error);
  return path && rv_job_set (job, "weights", path, error);
}

void
task_add_names (const char *request, GHashTable *used)
{
  g_auto (GStrv) texts = g_strsplit (request, "\"", -1);
  for (int i = 0; texts[i]; i++)
    g_hash_table_add (used, g_strdup (texts[i]));
}

gboolean
task_set_option (RvJob *job, const char *option, const char *value, GError **error)
{
  const char *kind; /* before "picture": the tables of files and states are not for users */
  const RvOption *row = NULL;
  for (guint k = 0; !row && (kind = rv_job_settings_kind (rv_job_kind (job), k)) && strcmp (kind, "picture") != 0; k++)
    row = rv_settings_find_option (kind, option);
  if (row && rv_option_type (row) != RV_OPTION_TEXT)
    return rv_job_set (job, option, value, error);
  return studio_error (error, RV_ERROR, RV_ERROR_SETTING, "'%s' cannot change during a run", option);
}

RvJob *
task_create_job (Task *task, Pictures *pictures, GHashTable *used, GError **error)
{
  InputSearch search = { pictures, used, g_ptr_array_new_with_free_func (g_free) };
  g_autofree char *network = NULL, *others = arguments_replace_setting (task->request_json, "network", NULL, &network);
  gboolean is_upload = network && guard_is_token (network);
  const char *json = is_upload ? others : task->request_json;
  task_add_names (task->request_json, used);
  g_autoptr (RvJob) job = rv_job_new_from_json (json, strlen (json), find_input, &search, error);
  gboolean ok = job && check_options (job, error) && check_axis (job, "across", error) &&
                check_axis (job, "down", error) && (!is_upload || set_network (job, network, &search, error));
  g_ptr_array_add (search.ids, NULL);
  g_strfreev (task->inputs);
  task->inputs = (char **) g_ptr_array_free (search.ids, FALSE);
  if (!ok)
    return NULL;
  task->kind = rv_job_kind (job);
  return g_steal_pointer (&job);
}

/* Returns (transfer full): the id of an input: the end of its path, without the prefix of examples. */
static char *
name_input (const char *role, const char *file, gpointer unused, GError **error)
{
  const char *name = strrchr (file, '/') + 1;
  gsize length = strlen (name);
  return g_strdup (length > TOKEN_LENGTH ? name + length - TOKEN_LENGTH : name);
}

char *
task_request_from_job (RvJob *job, GError **error)
{
  g_autofree char *weights = rv_job_get (job, "weights", NULL), *before = NULL;
  if (!weights || !*weights)
    return rv_job_to_json (job, name_input, NULL, error);
  g_autofree char *id = g_path_get_basename (weights),
                  *json = rv_job_set (job, "weights", "", error) ? rv_job_to_json (job, name_input, NULL, error) : NULL;
  return json ? arguments_replace_setting (json, "network", id, &before) : NULL;
}

/* ---- replaced inputs --------------------------------------------------------------------------------------------- */

const char *const steered_roles[N_STEERED] = { "mask", "protect" };

void
task_change_clear (TaskChange *change)
{
  for (int i = 0; i < N_STEERED; i++)
    g_clear_pointer (&change->pictures[i], g_strfreev);
}

/* Replaces the inputs of each role that @change has. First adds all ids of a role to @used, so that finding one input
 * deletes no other. After an error earlier roles are replaced. */
static gboolean
replace_inputs (RvJob *job, const TaskChange *change, Pictures *pictures, GHashTable *used, GError **error)
{
  for (int k = 0; k < N_STEERED; k++) {
    char **ids = change->pictures[k];
    g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
    for (int i = 0; ids && ids[i]; i++)
      g_hash_table_add (used, g_strdup (ids[i]));
    for (int i = 0; ids && ids[i]; i++) {
      char *path = pictures_input_path (pictures, ids[i], used, error);
      if (!path)
        return FALSE;
      g_ptr_array_add (paths, path);
    }
    if (ids && !rv_job_change_files (job, steered_roles[k], (const char *const *) paths->pdata, paths->len, error))
      return FALSE;
  }
  return TRUE;
}

char *
task_changed_request (const Task *task, const TaskChange *change, gint64 iteration, Pictures *pictures,
                      GHashTable *used, GError **error)
{
  g_autoptr (Task) copy = task_new ("", task->request_json);
  g_autoptr (RvJob) job = task_create_job (copy, pictures, used, error);
  g_autofree char *before = job ? rv_job_get (job, "steer", error) : NULL;
  g_autofree char *steer = before && change->option
                             ? g_strdup_printf ("%s%s%" G_GINT64_FORMAT ":%s=%s", before, *before ? "," : "", iteration,
                                                change->option, change->value)
                             : g_strdup (before);
  return steer && rv_job_set (job, "steer", steer, error) && replace_inputs (job, change, pictures, used, error) &&
             rv_job_check (job, TRUE, error)
           ? task_request_from_job (job, error)
           : NULL;
}

/* ---- snapshots --------------------------------------------------------------------------------------------------- */

GPtrArray *
task_snapshots (const Task *task)
{
  RvJob *job = task->job ? task->job : task->paused_job;
  return job ? rv_job_snapshots (job) : g_ptr_array_new ();
}

RvSnapshot *
task_snapshot (const Task *task, gint64 iteration, GError **error)
{
  g_autoptr (GPtrArray) snapshots = task_snapshots (task);
  for (guint i = 0; i < snapshots->len; i++)
    if (rv_snapshot_iteration (snapshots->pdata[i]) == iteration)
      return rv_snapshot_ref (snapshots->pdata[i]);
  return studio_error_null (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "That snapshot does not exist any more.");
}

Task *
task_branch (const Task *task, const char *id, RvSnapshot *snapshot, const TaskChange *change, Pictures *pictures,
             GHashTable *used, GError **error)
{
  g_autoptr (RvJob) branch = rv_job_branch (task->job ? task->job : task->paused_job, snapshot, error);
  g_autofree char *request =
    branch && replace_inputs (branch, change, pictures, used, error)
      ? task_changed_request (task, change, rv_snapshot_iteration (snapshot), pictures, used, error)
      : NULL; /* lets a branch without a checkpoint run again from the beginning */
  if (!request)
    return NULL;
  g_autoptr (Task) other = task_new (id, request);
  g_autoptr (RvJob) job = task_create_job (other, pictures, used, error);
  if (!job || (change->option && !task_set_option (branch, change->option, change->value, error)))
    return NULL;
  other->branch = g_steal_pointer (&branch);
  return g_steal_pointer (&other);
}

/* ---- progress ---------------------------------------------------------------------------------------------------- */

gboolean
task_has_ended (const Task *task)
{
  return task->state >= TASK_DONE;
}

void
task_set_state (Task *task, TaskState state)
{
  task->state = state;
  task->state_at = ++task->now;
}

/* Adds the losses of @report as a point of the curves, with the event number task->now. The first report sets
 * task->names. A later run of the task may have other losses: those that it lacks are NAN. */
static void
add_losses (Task *task, const RvJobReport *report)
{
  if (!task->names)
    task->names = g_strdupv ((char **) report->names); /* copied: the job owns report->names */
  guint n_reported = g_strv_length ((char **) report->names);
  LossPoint *point = g_malloc (sizeof *point + g_strv_length (task->names) * sizeof (double));
  point->at = task->now;
  point->iteration = (double) report->iteration;
  for (guint i = 0; task->names[i]; i++) {
    point->losses[i] = NAN;
    for (guint k = 0; k < n_reported; k++)
      if (g_str_equal (report->names[k], task->names[i]))
        point->losses[i] = report->losses[k];
  }
  g_ptr_array_add (task->points, point);
  if (task->points->len > MAX_POINTS)
    for (guint i = 1; i < task->points->len; i++) /* without every second point the curves keep their shape */
      g_ptr_array_remove_index (task->points, i);
}

static void
set_text (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

void
task_report (Task *task, const RvJobReport *report)
{
  task->now++;
  if (report->type == RV_JOB_REPORT_PREVIEW) {
    rv_image_unref (task->preview);
    task->preview = rv_image_ref (report->picture);
    task->preview_at = task->now;
  }
  if (report->type == RV_JOB_REPORT_PROGRESS && report->names && report->names[0])
    add_losses (task, report);
  set_text (&task->label, report->label);
  if (report->note)
    set_text (&task->note, report->note);
  if (task->progress_at == 0) {
    task->began_01 = report->done_01;
    task->began_s = report->seconds;
  }
  task->progress = *report;
  task->progress.picture = NULL;
  task->progress.losses = NULL;
  task->progress.names = NULL;
  task->progress.label = NULL;
  task->progress.note = NULL;
  task->progress.error = NULL;
  task->progress_at = task->now;
}
