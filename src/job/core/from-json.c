/* from-json.c -- reads and writes a job as one JSON object. */
#include "base/error.h"
#include "base/settings.h"
#include "job/core/job-object.h"
#include <string.h>

#define WHAT "the job"

/* Adds the files that @inputs names to @job: a name, or a list of names, for each role. @find_func (nullable): turns a
 * name into a path. After an error, earlier files stay. */
static gboolean
add_inputs (RvJob *job, JsonObject *inputs, RvJobFindFunc find_func, gpointer user_data, GError **error)
{
  JsonObjectIter iter;
  const char *role;
  JsonNode *node;
  json_object_iter_init_ordered (&iter, inputs);
  while (json_object_iter_next_ordered (&iter, &role, &node)) {
    JsonArray *list = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
    guint n = list ? json_array_get_length (list) : 1;
    for (guint i = 0; i < n; i++) {
      JsonNode *item = list ? json_array_get_element (list, i) : node;
      const char *name = JSON_NODE_HOLDS_VALUE (item) ? json_node_get_string (item) : NULL; /* NULL: no text */
      if (!name)
        return rv__error_setting (error, NULL, "the input '%s' must be a name, or a list of names", role);
      g_autofree char *file = find_func ? find_func (role, name, user_data, error) : g_strdup (name);
      if (!file || !rv_job_add_file (job, role, file, error))
        return FALSE;
    }
  }
  return TRUE;
}

/* Sets *member, borrowed, to the member @name of @object; NULL: there is none. RV_ERROR_SETTING if it is no object. */
static gboolean
get_object (JsonObject *object, const char *name, JsonObject **member, GError **error)
{
  *member = rv__json_object_member (object, name);
  return *member || !json_object_has_member (object, name) ||
         rv__error_setting (error, NULL, "'%s' of " WHAT " must be an object", name);
}

RvJob *
rv_job_new_from_json (const char *json, gssize length, RvJobFindFunc find_func, gpointer user_data, GError **error)
{
  static const char *const known[] = { "kind", "inputs", "settings", NULL };
  gsize bytes = length < 0 ? strlen (json) : (gsize) length;
  g_autoptr (JsonObject) object = rv__json_object (json, bytes, WHAT, error);
  if (!object)
    return NULL;
  g_autoptr (GList) names = json_object_get_members (object);
  for (GList *name = names; name; name = name->next)
    if (!g_strv_contains (known, name->data))
      return rv__null (rv__error_setting (error, NULL, WHAT " has a member '%s'; it may have kind, inputs and settings",
                                          (const char *) name->data));
  JsonObject *inputs, *settings;
  if (!get_object (object, "inputs", &inputs, error) || !get_object (object, "settings", &settings, error))
    return NULL;
  g_autoptr (RvJob) job = rv_job_new (rv__json_text_member (object, "kind"), error);
  if (!job || (inputs && !add_inputs (job, inputs, find_func, user_data, error)) ||
      (settings && !rv__job_set_object (job, settings, error)))
    return NULL;
  return g_steal_pointer (&job);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Appends the member @role to @json: names of the files of @inputs (RvJobInput). @func (nullable): turns a path into a
 * name. RV_ERROR_SETTING for a picture in memory, and for a name that is not UTF-8. */
static gboolean
add_names (JsonBuilder *json, const char *role, const GPtrArray *inputs, RvJobNameFunc func, gpointer user_data,
           GError **error)
{
  json_builder_set_member_name (json, role);
  json_builder_begin_array (json);
  for (guint i = 0; i < inputs->len; i++) {
    const RvJobInput *input = inputs->pdata[i];
    if (!input->file)
      return rv__error_setting (error, NULL, "the input '%s' is a picture in memory, which has no name", role);
    g_autofree char *name = func ? func (role, input->file, user_data, error) : g_strdup (input->file);
    if (!name)
      return FALSE;
    if (!g_utf8_validate (name, -1, NULL))
      return rv__error_setting (
        error, NULL, "the input '%s' is a file whose name is not UTF-8, which JSON cannot hold: %s", role, name);
    json_builder_add_string_value (json, name);
  }
  json_builder_end_array (json);
  return TRUE;
}

char *
rv_job_to_json (RvJob *job, RvJobNameFunc func, gpointer user_data, GError **error)
{
  g_mutex_lock (&job->lock); /* not during calls of @func, which may use the job */
  g_autoptr (GPtrArray) inputs = rv__job_copy_inputs (job);
  g_autoptr (JsonBuilder) changes = json_builder_new_immutable ();
  json_builder_begin_object (changes);
  for (int i = 0; i < RV_N_OF_JOB && job->settings[i]; i++)
    rv__settings_add_changes (changes, job->settings[i]);
  json_builder_end_object (changes);
  g_mutex_unlock (&job->lock);
  g_autoptr (JsonBuilder) json = json_builder_new_immutable ();
  json_builder_begin_object (json);
  rv__json_add_text (json, "kind", job->class->kind);
  json_builder_set_member_name (json, "inputs");
  json_builder_begin_object (json);
  for (const RvJobRole *role = job->class->roles; role->name; role++) {
    g_autoptr (GPtrArray) own = rv__request_inputs (&(RvJobRequest){ .inputs = inputs }, role->name);
    if (own->len > 0 && !add_names (json, role->name, own, func, user_data, error))
      return NULL;
  }
  json_builder_end_object (json);
  json_builder_set_member_name (json, "settings");
  json_builder_add_value (json, json_builder_get_root (changes));
  return rv__json_finish (json);
}
