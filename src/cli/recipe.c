/* recipe.c -- what a picture's recipe says: the command and its settings, the program, and the files it was made of, by
 * name and hash. */
#include "recipe.h"
#include "base/json.h"
#include "io/image/program.h"
#include "method/builtin-weights.h"
#include <string.h>

#define MAX_KERNELS_BYTES 32000 /* of 60,000 that a recipe may take */

static void
add_text (JsonBuilder *json, const char *name, const char *text)
{
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, text);
}

/* Every setting that is not empty, as a user would type it. */
static void
add_settings (JsonBuilder *json, const Recipe *recipe)
{
  json_builder_set_member_name (json, "settings");
  json_builder_begin_object (json);
  const char *kind = rv_settings_kind (recipe->settings);
  for (guint i = 0; i < rv_settings_n_options (kind); i++) {
    const char *name = rv_option_name (rv_settings_option (kind, i));
    g_autofree char *value = rv_settings_get (recipe->settings, name, NULL);
    if (*value)
      add_text (json, name, value);
  }
  for (const RvOption *option = recipe->own_table; option && option->name; option++) {
    g_autofree char *value = rv__option_get (recipe->own_table, recipe->own, option->name);
    if (*value)
      add_text (json, option->name, value);
  }
  json_builder_end_object (json);
}

/* Those that were typed: of commands whose settings are no table, but for where things are written. */
static void
add_given (JsonBuilder *json, const GPtrArray *given)
{
  static const char *const left_out[] = { "output", "log", "settings", "force", "quiet", NULL };
  json_builder_set_member_name (json, "settings");
  json_builder_begin_object (json);
  for (guint i = 0; i < given->len; i++) {
    const Given *one = given->pdata[i];
    if (!g_strv_contains (left_out, one->option->name))
      add_text (json, one->option->name, one->value);
  }
  json_builder_end_object (json);
}

/* A file by its name without folders: where somebody keeps pictures is nobody's business. */
static void
add_file (JsonBuilder *json, const char *role, const char *file)
{
  RvFileHashes hashes;
  g_autofree char *name = g_path_get_basename (file), *shown = g_filename_display_name (name);
  json_builder_begin_object (json);
  add_text (json, "role", role);
  add_text (json, "file", shown);
  if (rv_file_hashes (file, &hashes, NULL))
    add_text (json, "sha256", hashes.sha256);
  json_builder_end_object (json);
}

static void
add_network (JsonBuilder *json, const char *network, const char *weights)
{
  json_builder_set_member_name (json, "network");
  json_builder_begin_object (json);
  add_text (json, "name", network);
  if (weights) {
    RvFileHashes hashes;
    if (rv_file_hashes (weights, &hashes, NULL))
      add_text (json, "sha256", hashes.sha256);
  } else {
    g_autoptr (GBytes) bytes = rv__builtin_bytes ();
    g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
    add_text (json, "sha256", sha256);
  }
  json_builder_end_object (json);
}

/* The kernels that it was computed with, "key = kernel" each: with the same, threads and processor being the same as
 * well, a run makes the same bytes. More than pictures have room for are left out. */
static void
add_kernels (JsonBuilder *json, const RvKernelTable *kernels)
{
  g_autoptr (RvKernelTable) used = rv_kernel_table_used (kernels);
  g_autofree char *text = rv_kernel_table_to_text (used);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  if (!*text || strlen (text) > MAX_KERNELS_BYTES)
    return;
  json_builder_set_member_name (json, "kernels");
  json_builder_begin_array (json);
  for (char **line = lines; **line; line++) /* the text ends with a new line, so the last is empty */
    json_builder_add_string_value (json, *line);
  json_builder_end_array (json);
}

static void
add_inputs (JsonBuilder *json, const Recipe *recipe)
{
  json_builder_set_member_name (json, "inputs");
  json_builder_begin_array (json);
  for (int i = 0; i < recipe->n_inputs; i++)
    if (recipe->inputs[i].file)
      add_file (json, recipe->inputs[i].role, recipe->inputs[i].file);
  json_builder_end_array (json);
  if (recipe->network)
    add_network (json, recipe->network, recipe->weights);
  json_builder_set_member_name (json, "width");
  json_builder_add_int_value (json, recipe->width);
  json_builder_set_member_name (json, "height");
  json_builder_add_int_value (json, recipe->height);
}

static char *
end_json (JsonBuilder *json)
{
  json_builder_end_object (json);
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  return json_to_string (root, FALSE);
}

char *
recipe_json (const Recipe *recipe)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  add_text (json, "reverie", RV_VERSION);
  add_text (json, "command", recipe->command);
  add_inputs (json, recipe);
  if (recipe->given)
    add_given (json, recipe->given);
  else
    add_settings (json, recipe);
  if (recipe->kernels)
    add_kernels (json, recipe->kernels);
  return end_json (json);
}

char *
recipe_inputs (const Recipe *recipe)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  add_inputs (json, recipe);
  return end_json (json);
}

void
recipe_keep (const Recipe *recipe, PictureOptions *options)
{
  g_clear_pointer (&options->recipe, g_free);
  if (options->keep_recipe)
    options->recipe = recipe_json (recipe);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

JsonObject *
recipe_read (const char *picture, GError **error)
{
  g_autofree char *text = rv__vips_start_for_program (1, error) ? rv_image_recipe (picture, error) : NULL;
  g_autofree char *what = g_strdup_printf ("the recipe of %s", picture);
  return text ? rv__json_object (text, strlen (text), what, error) : NULL;
}

JsonObject *
recipe_object (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
recipe_array (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

const char *
recipe_text (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
           ? json_node_get_string (node)
           : NULL;
}

gint64
recipe_number (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
           ? json_node_get_int (node)
           : 0;
}

char *
recipe_kernels (JsonObject *recipe)
{
  JsonArray *lines = recipe_array (recipe, "kernels");
  GString *text = g_string_new (NULL);
  for (guint i = 0; lines && i < json_array_get_length (lines); i++) {
    JsonNode *line = json_array_get_element (lines, i);
    if (JSON_NODE_HOLDS_VALUE (line) && json_node_get_value_type (line) == G_TYPE_STRING)
      g_string_append_printf (text, "%s\n", json_node_get_string (line));
  }
  return g_string_free (text, FALSE);
}
