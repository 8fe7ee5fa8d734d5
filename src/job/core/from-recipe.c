/* from-recipe.c -- a job made of what a picture says of how it was made.
 *
 * A recipe is anybody's: of settings only those are taken that decide how a picture comes out, and of files names
 * without folders; where they lie the caller says. */
#include "base/error.h"
#include "base/json.h"
#include "base/settings.h"
#include "job/core/job.h"
#include <reverie/fetch.h>
#include <reverie/film.h>
#include <reverie/text.h>
#include <string.h>

static gboolean
damaged (const char *what, GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the recipe is damaged: %s", what);
  return FALSE;
}

/* ---- members; NULL or 0 where there are none of that type -------------------------------------------------------- */

static JsonNode *
member (JsonObject *object, const char *name, JsonNodeType type)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_TYPE (node) == type ? node : NULL;
}

static JsonObject *
object_of (JsonObject *object, const char *name)
{
  JsonNode *node = member (object, name, JSON_NODE_OBJECT);
  return node ? json_node_get_object (node) : NULL;
}

static JsonArray *
array_of (JsonObject *object, const char *name)
{
  JsonNode *node = member (object, name, JSON_NODE_ARRAY);
  return node ? json_node_get_array (node) : NULL;
}

static const char *
text_in (JsonNode *node)
{
  gboolean text = node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
  return text ? json_node_get_string (node) : NULL;
}

static const char *
text_of (JsonObject *object, const char *name)
{
  return text_in (member (object, name, JSON_NODE_VALUE));
}

static gint64
number_of (JsonObject *object, const char *name)
{
  JsonNode *node = member (object, name, JSON_NODE_VALUE);
  return node && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;
}

/* ---- which job --------------------------------------------------------------------------------------------------- */

static gboolean
knows (const RvJob *job, const char *name)
{
  return rv_settings_find_option (job->class->method, name) || strcmp (name, "steer") == 0 ||
         (job->class->own_table && rv__option_find (job->class->own_table, name));
}

static gboolean
knows_all (const RvJob *job, const GList *names)
{
  while (names && knows (job, names->data))
    names = names->next;
  return !names;
}

/* Whether jobs of that kind make what @command did; one of several subcommands is a setting of theirs. */
static gboolean
makes (RvJob *job, const char *command)
{
  const RvJobClass *class = job->class;
  const char *own = class->command ? class->command : class->method;
  if (!class->subcommand)
    return g_strcmp0 (own, command) == 0;
  gsize length = strlen (own);
  return command && g_str_has_prefix (command, own) && command[length] == ' ' &&
         rv_settings_set (job->settings[RV_OF_METHOD], class->subcommand, command + length + 1, NULL);
}

/* (transfer full) (nullable): of the first kind that makes such pictures, with all of these settings. */
static RvJob *
new_job (const char *command, JsonObject *settings, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (settings);
  gboolean of_command = FALSE;
  for (const char *const *kind = rv_job_kinds (); *kind; kind++) {
    g_autoptr (RvJob) job = rv_job_new (*kind, NULL);
    gboolean it_makes = makes (job, command);
    if (it_makes && knows_all (job, names))
      return g_steal_pointer (&job);
    of_command |= it_makes;
  }
  if (of_command || !command)
    damaged (command ? "an unknown setting" : "no command", error);
  else
    rv__error_setting (error, NULL, "it is of 'reverie %.40s', which is no job", command);
  return NULL;
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* Of a name that two tables have, the value tells which is meant. */
static gboolean
set_one (RvJob *job, const char *name, const char *value, GError **error)
{
  g_autoptr (GError) why = NULL;
  gboolean steers = strcmp (name, "steer") == 0;
  RvSettings *own = job->class->own_table ? job->settings[RV_OF_KIND] : NULL;
  if (!value)
    return damaged ("a setting that is no text", error);
  if (strcmp (name, "init") == 0 && strcmp (value, "picture") == 0)
    return TRUE; /* an input says which */
  if (strcmp (name, "toward") == 0 && strchr (value, G_DIR_SEPARATOR))
    return damaged ("a picture in a folder", error);
  if (rv_settings_set (job->settings[steers ? RV_OF_STATE : RV_OF_METHOD], name, value, &why) ||
      (own && rv__option_find (job->class->own_table, name) && rv_settings_set (own, name, value, NULL)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

/* The preset. Recipes that lack content targets are of versions whose default is called gallery1 now. */
static const char *
preset_of (JsonObject *settings)
{
  const char *preset = text_of (settings, "preset");
  gboolean is_earlier = g_strcmp0 (preset, "gallery") == 0 && !json_object_has_member (settings, "content-target");
  return is_earlier ? "gallery1" : preset;
}

/* The preset first, over which the others are set. */
static gboolean
set_all (RvJob *job, JsonObject *settings, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (settings);
  const char *preset = preset_of (settings);
  if (preset && !set_one (job, "preset", preset, error))
    return FALSE;
  for (GList *name = names; name; name = name->next)
    if (strcmp (name->data, "preset") != 0 && !set_one (job, name->data, text_of (settings, name->data), error))
      return FALSE;
  return TRUE;
}

/* A sheet and an atlas are as large as their cells make them, what a model draws as the model has it. */
static gboolean
set_size (RvJob *job, JsonObject *recipe, GError **error)
{
  gint64 width = number_of (recipe, "width"), height = number_of (recipe, "height");
  JsonObject *settings = object_of (recipe, "settings");
  gboolean sheet = text_of (settings, "atlas") || text_of (settings, "cell"),
           of_model = job->class->look && !job->class->film;
  return sheet || of_model || width <= 0 || height <= 0 ||
         (rv__settings_set_int (job->settings[RV_OF_PICTURE], "width", width, error) &&
          rv__settings_set_int (job->settings[RV_OF_PICTURE], "height", height, error));
}

static gboolean
set_network (RvJob *job, JsonObject *recipe, GError **error)
{
  const char *network = text_of (object_of (recipe, "network"), "name");
  return !network || strcmp (network, "builtin") == 0 || strcmp (network, RV_WITH_ANY) == 0 ||
         rv_settings_set (job->settings[RV_OF_PICTURE], "network", network, error);
}

static void
set_kernels (RvJob *job, JsonObject *recipe)
{
  JsonArray *lines = array_of (recipe, "kernels");
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; lines && i < json_array_get_length (lines); i++) {
    const char *line = text_in (json_array_get_element (lines, i));
    g_string_append_printf (text, "%s\n", line ? line : "");
  }
  if (!lines)
    return;
  job->kernels = rv_kernel_table_new ();
  rv_kernel_table_add_text (job->kernels, text->str);
}

/* ---- inputs ------------------------------------------------------------------------------------------------------ */

typedef struct {
  RvJob *job;
  RvRecipeFindFunc find;
  gpointer user_data;
  GPtrArray *missing; /* names */
} Inputs;

static gboolean
add_input (const Inputs *inputs, JsonObject *input, GError **error)
{
  const char *role = text_of (input, "role"), *name = text_of (input, "file"), *sha256 = text_of (input, "sha256");
  g_autofree char *base = name ? g_path_get_basename (name) : NULL;
  if (!role || (!name && !sha256) ||
      (name && (strcmp (base, name) != 0 || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)))
    return damaged ("an input without a name", error);
  g_autofree char *file = inputs->find (role, name, sha256, inputs->user_data);
  if (file)
    return rv_job_add_file (inputs->job, role, file, error);
  g_ptr_array_add (inputs->missing, g_strdup (name ? name : role));
  return TRUE;
}

static gboolean
add_inputs (const Inputs *inputs, JsonObject *recipe, GError **error)
{
  JsonArray *array = array_of (recipe, "inputs");
  guint n = array ? json_array_get_length (array) : 0;
  if (!array || n > RV_JOB_MAX_INPUTS)
    return damaged (array ? "more inputs than a recipe has room for" : "no inputs", error);
  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (!JSON_NODE_HOLDS_OBJECT (node))
      return damaged ("an input without a name", error);
    if (!add_input (inputs, json_node_get_object (node), error))
      return FALSE;
  }
  return TRUE;
}

/* What is not there goes to the caller, or is an error. */
static gboolean
tell_missing (GPtrArray *missing, char ***names, GError **error)
{
  if (names) {
    g_ptr_array_add (missing, NULL);
    *names = g_strdupv ((char **) missing->pdata);
    return TRUE;
  }
  if (missing->len > 0)
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "it was made of %s, which is not there",
                 (const char *) missing->pdata[0]);
  return missing->len == 0;
}

char *
rv__recipe_find_in (const char *role, const char *name, const char *sha256, gpointer folders)
{
  g_autofree char *first = NULL;
  for (const char *const *folder = folders; name && *folder; folder++) {
    g_autofree char *file = g_build_filename (*folder, name, NULL);
    RvFileHashes hashes;
    RvFilmInfo film;
    if (rv_frame_is_pattern (name) && rv_film_probe (file, &film, NULL))
      return g_steal_pointer (&file);
    if (!g_file_test (file, G_FILE_TEST_IS_REGULAR))
      continue;
    if (!sha256 || (rv_file_hashes (file, &hashes, NULL) && strcmp (hashes.sha256, sha256) == 0))
      return g_steal_pointer (&file);
    if (!first)
      first = g_steal_pointer (&file);
  }
  return g_steal_pointer (&first);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

RvJob *
rv__job_new_from_recipe (const char *recipe, RvRecipeFindFunc find, gpointer user_data, char ***missing, GError **error)
{
  g_autoptr (JsonObject) object =
    rv__json_object (recipe ? recipe : "", recipe ? strlen (recipe) : 0, "the recipe", error);
  JsonObject *settings = object_of (object, "settings");
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  if (missing)
    *missing = NULL;
  if (!object || (!settings && !damaged ("no settings", error)))
    return NULL;
  g_autoptr (RvJob) job = new_job (text_of (object, "command"), settings, error);
  const Inputs inputs = { job, find, user_data, names };
  if (!job || !set_all (job, settings, error) || !set_size (job, object, error) || !set_network (job, object, error) ||
      !add_inputs (&inputs, object, error) || !tell_missing (names, missing, error))
    return NULL;
  set_kernels (job, object);
  return g_steal_pointer (&job);
}
