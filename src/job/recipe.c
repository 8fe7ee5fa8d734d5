/* recipe.c -- what a picture's recipe says: the command and its settings, the program, and the files it was made of, by
 * name and hash. */
#include "job/recipe.h"
#include "base/json.h"
#include <reverie/fetch.h>
#include <reverie/job.h>
#include <reverie/net.h>
#include <string.h>

#define MAX_KERNELS_BYTES 32000 /* of 60,000 that a recipe may take */

static gboolean
counts (const RvRecipe *recipe, const char *name)
{
  return !recipe->count || g_strv_contains (recipe->count, name);
}

/* Those that count, in their order. */
static void
add_counted (JsonBuilder *json, const RvRecipe *recipe)
{
  for (const char *const *name = recipe->count; *name; name++) {
    gboolean own = rv__option_find (recipe->own_table, *name) != NULL;
    g_autofree char *value =
      own ? rv__option_get (recipe->own_table, recipe->own, *name) : rv_settings_get (recipe->settings, *name, NULL);
    if (*value)
      rv__json_add_text (json, *name, value);
  }
}

/* Every setting that is not empty, as a user would type it. */
static void
add_settings (JsonBuilder *json, const RvRecipe *recipe)
{
  json_builder_set_member_name (json, "settings");
  json_builder_begin_object (json);
  const char *kind = rv_settings_kind (recipe->settings);
  if (recipe->in_order)
    add_counted (json, recipe);
  for (guint i = 0; !recipe->in_order && i < rv_settings_n_options (kind); i++) {
    const char *name = rv_option_name (rv_settings_option (kind, i));
    g_autofree char *value = rv_settings_get (recipe->settings, name, NULL);
    if (*value && counts (recipe, name))
      rv__json_add_text (json, name, value);
  }
  for (const RvOption *option = recipe->in_order ? NULL : recipe->own_table; option && option->name; option++) {
    g_autofree char *value = rv__option_get (recipe->own_table, recipe->own, option->name);
    if (*value && counts (recipe, option->name))
      rv__json_add_text (json, option->name, value);
  }
  if (recipe->steer && *recipe->steer)
    rv__json_add_text (json, "steer", recipe->steer);
  json_builder_end_object (json);
}

/* A file by its name without folders: where somebody keeps pictures is nobody's business. */
static void
add_file (JsonBuilder *json, const RvRecipeInput *input)
{
  RvFileHashes hashes;
  g_autofree char *name = g_path_get_basename (input->file);
  json_builder_begin_object (json);
  rv__json_add_text (json, "role", input->role);
  rv__json_add_text (json, "file", name);
  if (input->sha256)
    rv__json_add_text (json, "sha256", input->sha256);
  else if (rv_file_hashes (input->file, &hashes, NULL))
    rv__json_add_text (json, "sha256", hashes.sha256);
  json_builder_end_object (json);
}

/* A picture in memory by its pixels. */
static void
add_picture (JsonBuilder *json, const char *role, const RvImage *picture)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  const RvTensor *planes[] = { picture->rgb, picture->alpha };
  for (guint i = 0; i < G_N_ELEMENTS (planes); i++)
    if (planes[i])
      g_checksum_update (sum, planes[i]->data, (gssize) rv_shape_count (&planes[i]->shape) * (gssize) sizeof (float));
  json_builder_begin_object (json);
  rv__json_add_text (json, "role", role);
  rv__json_add_text (json, "sha256", g_checksum_get_string (sum));
  json_builder_end_object (json);
}

static void
add_network (JsonBuilder *json, const char *network, const char *weights)
{
  json_builder_set_member_name (json, "network");
  json_builder_begin_object (json);
  rv__json_add_text (json, "name", network);
  if (weights) {
    RvFileHashes hashes;
    if (rv_file_hashes (weights, &hashes, NULL))
      rv__json_add_text (json, "sha256", hashes.sha256);
  } else if (g_strcmp0 (network, "builtin") == 0) {
    g_autoptr (GBytes) bytes = rv_net_builtin_file ();
    g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
    rv__json_add_text (json, "sha256", sha256);
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
add_inputs (JsonBuilder *json, const RvRecipe *recipe)
{
  json_builder_set_member_name (json, "inputs");
  json_builder_begin_array (json);
  for (int i = 0; i < recipe->n_inputs; i++)
    if (recipe->inputs[i].file)
      add_file (json, &recipe->inputs[i]);
    else if (recipe->inputs[i].picture)
      add_picture (json, recipe->inputs[i].role, recipe->inputs[i].picture);
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
rv__recipe_json (const RvRecipe *recipe)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  gboolean two = recipe->subcommand != NULL;
  g_autofree char *command = g_strconcat (recipe->command, two ? " " : NULL, recipe->subcommand, NULL);
  json_builder_begin_object (json);
  rv__json_add_text (json, "reverie", RV_VERSION);
  rv__json_add_text (json, "command", command);
  add_inputs (json, recipe);
  add_settings (json, recipe);
  if (recipe->kernels)
    add_kernels (json, recipe->kernels);
  return end_json (json);
}

char *
rv__recipe_inputs (const RvRecipe *recipe)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  add_inputs (json, recipe);
  return end_json (json);
}
