/* steer.c -- settings that change while a run is under way: at once, or after an iteration named in `steer`.
 * progress.steering is sorted by iteration; its first progress.n_steered changes are done. A change requested now is
 * inserted as the next. So states, recipes and the setting `steer` have the same list. A change of inputs,
 * by a run that continues with other masks, is stored as role and number: "40:mask=2". */
#include "base/settings.h"
#include "job/core/steer.h"
#include "base/error.h"
#include "job/core/job-object.h"
#include <string.h>

#define STEERED "steered" /* text in states */
#define LOST_INPUTS "the recipe changed masks during its run: this run uses the last masks from the start"

typedef struct {
  gint64 iteration; /* the change is applied after it */
  char *name, *value;
} Change;

static void
clear_change (gpointer data)
{
  Change *change = data;
  g_free (change->name);
  g_free (change->value);
}

/* Inserts a change after iteration @iteration, with copies of @name and @value, at index @at of @list. */
static void
insert (GArray *list, guint at, gint64 iteration, const char *name, const char *value)
{
  Change change = { iteration, g_strdup (name), g_strdup (value) };
  g_array_insert_val (list, at, change);
}

/* Change @i of @list, borrowed until @list grows or shrinks. */
static Change *
change_at (const GArray *list, guint i)
{
  return &g_array_index (list, Change, i);
}

/* Appends the change in @item, such as "12:strength=80". FALSE, without an error: invalid, or at an earlier iteration
 * than the last change of @list. */
static gboolean
add_item (GArray *list, const char *item)
{
  const char *colon = strchr (item, ':'), *equals = colon ? strchr (colon, '=') : NULL;
  g_autofree char *number = colon ? g_strndup (item, (gsize) (colon - item)) : NULL;
  g_autofree char *name = equals ? g_strndup (colon + 1, (gsize) (equals - colon - 1)) : NULL;
  gint64 iteration, least = list->len > 0 ? change_at (list, list->len - 1)->iteration : 0;
  if (!equals || !g_ascii_string_to_signed (g_strstrip (number), 10, least, G_MAXINT64 / 2, &iteration, NULL))
    return FALSE;
  insert (list, list->len, iteration, name, equals + 1);
  return TRUE;
}

/* (transfer full) (nullable): the changes in @text (nullable: none), by ascending iteration. RV_ERROR_SETTING. */
static GArray *
parse (const char *text, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Change));
  g_array_set_clear_func (list, clear_change);
  g_auto (GStrv) items = g_strsplit (text ? text : "", ",", -1);
  for (char **item = items; *item; item++)
    if (!add_item (list, *item))
      return rv__null (rv__error_setting (
        error, "steer",
        "'steer' must be ITERATION:NAME=VALUE,... in ascending order of iterations, such as 40:strength=80, "
        "not '%.100s'",
        *item));
  return g_steal_pointer (&list);
}

/* Whether @change is one of inputs: its name is a role with may_change, not an option. */
static gboolean
changes_inputs (const RvJobRequest *request, const Change *change)
{
  const RvJobRole *role = rv__job_find_role (request->class, change->name);
  return role && role->may_change;
}

/* Number of inputs that @change, a change of inputs, sets; -1: its value is no such number. */
static gint64
n_inputs (const Change *change)
{
  gint64 n;
  return g_ascii_string_to_signed (change->value, 10, 0, RV_JOB_MAX_INPUTS, &n, NULL) ? n : -1;
}

/* Checks the changes of @list in order; each sees the settings of @request with the changes before it.
 * RV_ERROR_SETTING: this kind of job allows no changes, or a number of inputs is wrong. */
static gboolean
check_changes (const RvJobRequest *request, const GArray *list, GError **error)
{
  g_autoptr (RvSettings) now = rv__settings_copy (request->settings);
  if (list->len > 0 && !request->class->check_steer)
    return rv__error_setting (error, "steer", "%s jobs cannot be combined with 'steer'", request->class->kind);
  for (guint i = 0; i < list->len; i++) {
    const Change *change = change_at (list, i);
    if (changes_inputs (request, change) && n_inputs (change) < 0)
      return rv__error_setting (error, "steer", "'%s' in 'steer' must be a number of inputs, not '%.100s'",
                                change->name, change->value);
    if (!changes_inputs (request, change) &&
        (!rv_settings_set (now, change->name, change->value, error) ||
         !request->class->check_steer (request->settings, request->kind_settings, now, error)))
      return FALSE;
  }
  return TRUE;
}

gboolean
rv__steer_plan (RvJobRun *run, const char *text, GError **error)
{
  run->progress.current_settings = rv__settings_copy (run->request.settings);
  run->progress.steering = parse (text, error);
  if (!run->progress.steering || !check_changes (&run->request, run->progress.steering, error))
    return FALSE;
  for (guint i = 0; i < run->progress.steering->len;)
    if (changes_inputs (&run->request, change_at (run->progress.steering, i))) {
      g_array_remove_index (run->progress.steering, i); /* its pictures are not known */
      run->progress.note = LOST_INPUTS;
    } else
      i++;
  return TRUE;
}

/* ---- states and recipes ------------------------------------------------------------------------------------------ */

char *
rv__steer_text (const RvJobRun *run)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < run->progress.n_steered; i++) {
    const Change *change = change_at (run->progress.steering, i);
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT ":%s=%s", i ? "," : "", change->iteration, change->name,
                            change->value);
  }
  return g_string_free (text, FALSE);
}

void
rv__steer_save (const RvJobRun *run, RvTensorMap *state)
{
  g_autofree char *text = rv__steer_text (run);
  rv_tensor_map_set_text (state, STEERED, text);
}

/* Applies the next change of progress.steering to the settings of run and job; a change of inputs changes no setting,
 * and is only counted in n_steered. The caller holds the job's lock. */
static void
apply_next (RvJobRun *run)
{
  const Change *change = change_at (run->progress.steering, run->progress.n_steered++);
  if (changes_inputs (&run->request, change))
    return;
  rv_settings_set (run->progress.current_settings, change->name, change->value, NULL);
  rv_settings_set (run->job->settings[RV_SETTINGS_METHOD], change->name, change->value, NULL);
}

gboolean
rv__steer_restore (RvJobRun *run, const RvTensorMap *state, GError **error)
{
  const char *text = rv_tensor_map_get_text (state, STEERED);
  g_autoptr (GArray) list = parse (text, NULL);
  if (!list || !check_changes (&run->request, list, NULL))
    return rv__error_set (error, RV_ERROR_FORMAT,
                          "the checkpoint is damaged: its changed settings belong to another run");
  g_mutex_lock (&run->job->lock);
  for (guint i = 0; i < list->len; i++) {
    const Change *change = change_at (list, i);
    insert (run->progress.steering, run->progress.n_steered, change->iteration, change->name, change->value);
    apply_next (run);
  }
  g_mutex_unlock (&run->job->lock);
  return list->len == 0 || run->request.class->steer (run, error);
}

void
rv__steer_clear_past (RvJobRun *run)
{
  while (run->progress.n_steered < run->progress.steering->len &&
         change_at (run->progress.steering, run->progress.n_steered)->iteration <= run->progress.iteration)
    g_array_remove_index (run->progress.steering, run->progress.n_steered);
}

/* ---- inputs ------------------------------------------------------------------------------------------------------ */

/* (nullable): the last change of @role that is done; NULL: none. Borrowed until the list changes. */
static const Change *
last_done (const RvJobRun *run, const char *role)
{
  const Change *last = NULL;
  for (guint i = 0; i < run->progress.n_steered; i++)
    if (strcmp (change_at (run->progress.steering, i)->name, role) == 0)
      last = change_at (run->progress.steering, i);
  return last;
}

void
rv__steer_note_inputs (RvJobRun *run, const char *role, guint n)
{
  g_autofree char *value = g_strdup_printf ("%u", n);
  insert (run->progress.steering, run->progress.n_steered++, run->progress.iteration, role, value);
}

gint64
rv__steer_n_inputs (const RvJobRun *run, const char *role)
{
  const Change *last = last_done (run, role);
  return last ? n_inputs (last) : -1;
}

gboolean
rv__steer_inputs_just_changed (const RvJobRun *run, const char *role)
{
  const Change *last = last_done (run, role);
  return last && last->iteration == run->progress.iteration;
}

/* ---- applying ---------------------------------------------------------------------------------------------------- */

/* Applies planned changes up to progress.iteration. Returns whether there were any. The caller holds the lock. */
static gboolean
apply_due (RvJobRun *run)
{
  guint before = run->progress.n_steered;
  while (run->progress.n_steered < run->progress.steering->len &&
         change_at (run->progress.steering, run->progress.n_steered)->iteration <= run->progress.iteration)
    apply_next (run);
  return run->progress.n_steered > before;
}

gboolean
rv__job_steer (RvJobRun *run)
{
  RvJob *job = run->job;
  g_mutex_lock (&job->lock);
  gboolean changed = job->pending_settings->len > 0, steered = apply_due (run);
  for (guint i = 0; i < job->pending_settings->len; i += 2) {
    const char *name = job->pending_settings->pdata[i], *value = job->pending_settings->pdata[i + 1];
    if (rv_settings_find_option (run->request.picture->class->kind, name))
      rv_settings_set (run->request.picture, name, value, NULL);
    else if (rv_settings_find_option (run->request.settings->class->kind, name)) {
      insert (run->progress.steering, run->progress.n_steered, run->progress.iteration, name, value);
      steered |= apply_due (run);
    }
  }
  g_ptr_array_set_size (job->pending_settings, 0);
  double every_s = rv_settings_get_real (job->settings[RV_SETTINGS_STATE], "state-every", NULL);
  g_mutex_unlock (&job->lock);
  if (run->files.state)
    run->files.state->every_s = every_s;
  if (steered && !run->progress.error)
    run->request.class->steer (run, &run->progress.error);
  return changed || steered;
}
