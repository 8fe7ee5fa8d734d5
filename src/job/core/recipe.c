/* recipe.c -- writes recipes: the program, the command, its settings, and its input files by name and hash. */
#include "backend/kernel-table.h"
#include "base/json.h"
#include "base/settings.h"
#include "job/core/recipe.h"
#include "net/net.h"
#include <reverie/fetch.h>
#include <reverie/net.h>
#include <string.h>

#define MAX_KERNELS_BYTES 32000 /* a recipe has at most 60,000 */

/* Whether the recipe contains the setting @name: recipe->setting_names is NULL or names it, and left_out does not. */
static gboolean
contains (const RvRecipe *recipe, const char *name)
{
  return (!recipe->setting_names || g_strv_contains (recipe->setting_names, name)) &&
         !(recipe->left_out && g_strv_contains (recipe->left_out, name));
}

/* Adds the member "settings": settings of recipe->setting_names (NULL: all) that are not empty, as typed. Order, unless
 * in_order: those of the method, then those of own_table. Last: `steer`, if not empty. */
static void
add_settings (JsonBuilder *json, const RvRecipe *recipe)
{
  json_builder_set_member_name (json, "settings");
  json_builder_begin_object (json);
  const char *kind = recipe->settings->class->kind;
  for (const char *const *name = recipe->in_order ? recipe->setting_names : NULL; name && *name; name++) {
    gboolean own = rv__option_find (recipe->own_table, *name) != NULL;
    g_autofree char *value =
      own ? rv__option_get (recipe->own_table, recipe->own, *name) : rv_settings_get (recipe->settings, *name, NULL);
    if (*value && contains (recipe, *name))
      rv__json_add_text (json, *name, value);
  }
  for (guint i = 0; !recipe->in_order && i < rv_settings_n_options (kind); i++) {
    const char *name = rv_option_name (rv_settings_option (kind, i));
    g_autofree char *value = rv_settings_get (recipe->settings, name, NULL);
    if (*value && contains (recipe, name))
      rv__json_add_text (json, name, value);
  }
  for (const RvOption *option = recipe->in_order ? NULL : recipe->own_table; option && option->name; option++) {
    g_autofree char *value = rv__option_get (recipe->own_table, recipe->own, option->name);
    if (*value && contains (recipe, option->name))
      rv__json_add_text (json, option->name, value);
  }
  if (recipe->steer && *recipe->steer)
    rv__json_add_text (json, "steer", recipe->steer);
  json_builder_end_object (json);
}

/* Adds the SHA-256 of @file (nullable) to @hashes, unless it is there already or cannot be read. */
static void
hash_file (GHashTable *hashes, const char *file)
{
  RvFileHashes found;
  if (file && !g_hash_table_contains (hashes, file) && rv_file_hashes (file, &found, NULL))
    g_hash_table_insert (hashes, g_strdup (file), g_strdup (found.sha256));
}

GHashTable *
rv__recipe_hash_files (const RvRecipe *recipe)
{
  GHashTable *hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < recipe->inputs->len; i++) {
    const RvJobInput *input = recipe->inputs->pdata[i];
    if (!input->role->unlisted)
      hash_file (hashes, input->file);
  }
  hash_file (hashes, recipe->weights);
  hash_file (hashes, recipe->labels);
  return hashes;
}

/* Adds the SHA-256 of @file as @member, from recipe->hashes if it is there; nothing if the file cannot be read. */
static void
add_hash (JsonBuilder *json, const RvRecipe *recipe, const char *member, const char *file)
{
  RvFileHashes now;
  const char *known = recipe->hashes ? g_hash_table_lookup (recipe->hashes, file) : NULL;
  if (known || rv_file_hashes (file, &now, NULL))
    rv__json_add_text (json, member, known ? known : now.sha256);
}

/* Adds an object for a file: its role, its name without folders, which are private, and its SHA-256, unless it cannot
 * be read. */
static void
add_file (JsonBuilder *json, const RvRecipe *recipe, const RvJobInput *input)
{
  g_autofree char *name = g_path_get_basename (input->file);
  json_builder_begin_object (json);
  rv__json_add_text (json, "role", input->role->name);
  rv__json_add_text (json, "file", name);
  add_hash (json, recipe, "sha256", input->file);
  json_builder_end_object (json);
}

/* Adds an object for a picture in memory: its role, and the SHA-256 of its colours and alpha. */
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

/* Adds the member "network". It has "name", unless there is only `preprocessing`; "file", the name of recipe->weights,
 * if that file defines the layers as well; "sha256" of recipe->weights or of the built-in file, unless unreadable;
 * then, if set, `preprocessing`, and the name and hash of the file `labels`. */
static void
add_network (JsonBuilder *json, const RvRecipe *recipe)
{
  const char *network = recipe->network, *weights = recipe->weights;
  json_builder_set_member_name (json, "network");
  json_builder_begin_object (json);
  if (network)
    rv__json_add_text (json, "name", network);
  if (network && weights && rv__net_find_graph (network)) {
    g_autofree char *name = g_path_get_basename (weights);
    rv__json_add_text (json, "file", name);
  }
  if (weights) {
    add_hash (json, recipe, "sha256", weights);
  } else if (g_strcmp0 (network, "builtin") == 0) {
    g_autoptr (GBytes) bytes = rv_net_builtin_file ();
    g_autofree char *sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
    rv__json_add_text (json, "sha256", sha256);
  }
  if (recipe->preprocessing)
    rv__json_add_text (json, "preprocessing", recipe->preprocessing);
  if (recipe->labels) {
    g_autofree char *name = g_path_get_basename (recipe->labels);
    rv__json_add_text (json, "labels", name);
    add_hash (json, recipe, "labels_sha256", recipe->labels);
  }
  json_builder_end_object (json);
}

/* Adds the kernels of the run, as "key = kernel", so that a repetition makes the same bytes. An empty list, and one
 * that is too long, is left out. */
static void
add_kernels (JsonBuilder *json, const RvKernelTable *kernels)
{
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (kernels);
  g_autofree char *text = rv__kernel_table_to_text (used);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  if (!*text || strlen (text) > MAX_KERNELS_BYTES)
    return;
  json_builder_set_member_name (json, "kernels");
  json_builder_begin_array (json);
  for (char **line = lines; **line; line++) /* the text ends with a new line, so the last is empty */
    json_builder_add_string_value (json, *line);
  json_builder_end_array (json);
}

/* Adds the members that identify a run: "inputs" (listed ones, by role), "network" if any, "width", "height". */
static void
add_inputs (JsonBuilder *json, const RvRecipe *recipe)
{
  json_builder_set_member_name (json, "inputs");
  json_builder_begin_array (json);
  for (const RvJobRole *role = recipe->roles; role->name; role++)
    for (guint i = 0; i < recipe->inputs->len && !role->unlisted; i++) {
      const RvJobInput *input = recipe->inputs->pdata[i];
      if (input->role == role && input->file)
        add_file (json, recipe, input);
      else if (input->role == role)
        add_picture (json, role->name, input->picture);
    }
  json_builder_end_array (json);
  if (recipe->network || recipe->preprocessing)
    add_network (json, recipe);
  json_builder_set_member_name (json, "width");
  json_builder_add_int_value (json, recipe->width);
  json_builder_set_member_name (json, "height");
  json_builder_add_int_value (json, recipe->height);
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
  if (recipe->device)
    rv__json_add_text (json, "device", recipe->device);
  if (recipe->kernels)
    add_kernels (json, recipe->kernels);
  return rv__json_finish (json);
}

char *
rv__recipe_inputs (const RvRecipe *recipe)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  json_builder_begin_object (json);
  add_inputs (json, recipe);
  return rv__json_finish (json);
}

/* (nullable): text member @name of input @i, or of the network if @i is -1. Borrowed from @inputs, a result of
 * rv__recipe_inputs(). NULL: no such member, or no network. */
static const char *
member (JsonObject *inputs, int i, const char *name)
{
  JsonNode *node = i < 0 ? json_object_get_member (inputs, "network")
                         : json_array_get_element (json_object_get_array_member (inputs, "inputs"), (guint) i);
  return rv__json_text_member (rv__json_node_object (node), name);
}

/* (transfer full) (nullable): text of the difference in input @i, or in the network if @i is -1. @a: the earlier run;
 * @b: this run. NULL: no difference. */
static char *
member_difference (JsonObject *a, JsonObject *b, int i)
{
  const char *key = i < 0 ? "name" : "file", *then = member (a, i, key), *now = member (b, i, key);
  if (g_strcmp0 (then, now) != 0 || g_strcmp0 (member (a, i, "role"), member (b, i, "role")) != 0)
    return g_strdup_printf ("it was %s, and is now %s", then ? then : "another input", now ? now : "another input");
  if (g_strcmp0 (member (a, i, "sha256"), member (b, i, "sha256")) != 0)
    return g_strdup_printf ("%s has changed", now ? now : "a picture in memory");
  if (g_strcmp0 (member (a, i, "preprocessing"), member (b, i, "preprocessing")) != 0)
    return g_strdup ("'preprocessing' has changed");
  if (g_strcmp0 (member (a, i, "labels_sha256"), member (b, i, "labels_sha256")) != 0)
    return g_strdup ("'labels' has changed");
  return NULL;
}

/* Length of the member "inputs", which must be an array. */
static guint
n_inputs (JsonObject *inputs)
{
  return json_array_get_length (json_object_get_array_member (inputs, "inputs"));
}

/* Removes the inputs of @role from the member "inputs". Returns (transfer full) their hashes in order ("unreadable"
 * without one), each with a space behind; "": no such input. */
static char *
remove_role (JsonObject *inputs, const char *role)
{
  GString *hashes = g_string_new (NULL);
  for (guint i = 0; i < n_inputs (inputs);)
    if (g_strcmp0 (member (inputs, (int) i, "role"), role) == 0) {
      const char *sha256 = member (inputs, (int) i, "sha256");
      g_string_append_printf (hashes, "%s ", sha256 ? sha256 : "unreadable");
      json_array_remove_element (json_object_get_array_member (inputs, "inputs"), i);
    } else
      i++;
  return g_string_free (hashes, FALSE);
}

/* (transfer full) (nullable): text of the difference in size between @a, the earlier run, and @b, this run, both from
 * rv__recipe_inputs(); NULL: none. A missing width or height counts as 0. */
static char *
size_difference (JsonObject *a, JsonObject *b)
{
  int width = (int) rv__json_int_member (a, "width"), height = (int) rv__json_int_member (a, "height"),
      new_width = (int) rv__json_int_member (b, "width"), new_height = (int) rv__json_int_member (b, "height");
  return width == new_width && height == new_height
           ? NULL
           : g_strdup_printf ("it was %d x %d px, and is now %d x %d px: see 'size'", width, height, new_width,
                              new_height);
}

char *
rv__recipe_difference (const char *then, const char *now, const RvJobRole *roles, GPtrArray *changed)
{
  if (g_strcmp0 (then, now) == 0)
    return NULL;
  g_autoptr (JsonObject) a = then ? rv__json_object (then, strlen (then), "the state", NULL) : NULL,
                         b = rv__json_object (now, strlen (now), "the run", NULL);
  if (!a || !b || !rv__json_array_member (a, "inputs"))
    return g_strdup ("it is damaged");
  for (const RvJobRole *role = roles; role->name; role++)
    if (role->may_change) {
      g_autofree char *old_hashes = remove_role (a, role->name), *hashes = remove_role (b, role->name);
      if (strcmp (old_hashes, hashes) != 0)
        g_ptr_array_add (changed, (gpointer) role);
    }
  if (n_inputs (a) != n_inputs (b))
    return g_strdup_printf ("it had %u input%s, and now has %u", n_inputs (a), n_inputs (a) == 1 ? "" : "s",
                            n_inputs (b));
  char *text = NULL;
  for (int i = -1; !text && i < (int) n_inputs (b); i++)
    text = member_difference (a, b, i);
  return text ? text : size_difference (a, b);
}

char *
rv__recipe_setting_difference (const char *then, const char *now, char **name)
{
  g_autoptr (JsonObject) a = then ? rv__json_object (then, strlen (then), "the state", NULL) : NULL,
                         b = rv__json_object (now, strlen (now), "the run", NULL);
  JsonObject *old_settings = rv__json_object_member (a, "settings"), *settings = rv__json_object_member (b, "settings");
  for (int pass = 0; old_settings && settings && pass < 2; pass++) {
    /* pass 1: settings that only the earlier run had */
    g_autoptr (GList) names = json_object_get_members (pass == 0 ? settings : old_settings);
    for (GList *member = names; member; member = member->next) {
      const char *old_value = rv__json_text_member (old_settings, member->data),
                 *value = rv__json_text_member (settings, member->data);
      if (g_strcmp0 (old_value, value) == 0)
        continue;
      *name = g_strdup (member->data);
      return g_strdup_printf ("the run that stopped had '%s'=%.80s, and this has '%s'=%.80s", *name,
                              old_value ? old_value : "", *name, value ? value : "");
    }
  }
  return NULL;
}
