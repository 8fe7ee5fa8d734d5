/* cmd-info.c -- reverie info PICTURE: the recipe that a picture carries. */
#include "cli.h"
#include "io/image/program.h"
#include <json-glib/json-glib.h>
#include <stdio.h>

typedef struct {
  gboolean json;
} InfoOptions;

static const RvOption own_options[] = {
  { "json", 0, RV_OPTION_BOOL, offsetof (InfoOptions, json), .help = "as it is, for programs" },
  { NULL },
};

/* A member as text; the recipe may be anybody's, so that nothing is taken for granted. */
static char *
text_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  if (!node || !JSON_NODE_HOLDS_VALUE (node))
    return g_strdup ("?");
  GType type = json_node_get_value_type (node);
  if (type == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return type == G_TYPE_STRING ? g_strescape (json_node_get_string (node), "\"\\") : g_strdup ("?");
}

static JsonObject *
object_of (JsonNode *node)
{
  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
print_file (JsonObject *file, const char *role)
{
  g_autofree char *name = text_of (file, json_object_has_member (file, "file") ? "file" : "name"),
                  *hash = text_of (file, "sha256");
  printf ("%-10s %s (sha256 %.16s...)\n", role, name, hash);
}

static void
print_inputs (JsonNode *node)
{
  JsonArray *inputs = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  for (guint i = 0; inputs && i < json_array_get_length (inputs); i++) {
    JsonObject *input = object_of (json_array_get_element (inputs, i));
    if (!input)
      continue;
    g_autofree char *role = text_of (input, "role");
    print_file (input, role);
  }
}

static void
print_settings (JsonObject *settings)
{
  g_autoptr (GList) names = settings ? json_object_get_members (settings) : NULL;
  for (GList *name = names; name; name = name->next) {
    g_autofree char *shown = g_strescape (name->data, ""), *value = text_of (settings, name->data);
    printf ("  --%s %s\n", shown, value);
  }
}

static int
print_recipe (const char *file, const char *text)
{
  GError *error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *recipe =
    json_parser_load_from_data (parser, text, -1, NULL) ? object_of (json_parser_get_root (parser)) : NULL;
  if (!recipe) {
    g_set_error (&error, RV_ERROR, RV_ERROR_FORMAT, "%s: its recipe is damaged", file);
    return run_error (error);
  }
  g_autofree char *version = text_of (recipe, "reverie"), *command = text_of (recipe, "command"),
                  *width = text_of (recipe, "width"), *height = text_of (recipe, "height");
  printf ("%s: reverie %s %s, %s x %s px\n", file, command, version, width, height);
  print_inputs (json_object_get_member (recipe, "inputs"));
  JsonObject *network = object_of (json_object_get_member (recipe, "network"));
  if (network)
    print_file (network, "network");
  print_settings (object_of (json_object_get_member (recipe, "settings")));
  return EXIT_DONE;
}

static int
cmd_info (int n_args, char **args, GPtrArray *given)
{
  GError *error = NULL;
  InfoOptions own = { 0 };
  if (!options_apply (given, own_options, &own, NULL, &error))
    return usage_error (error);
  if (n_args != 1) {
    g_set_error (&error, RV_ERROR, RV_ERROR_SETTING, "which picture? reverie info PICTURE");
    return usage_error (error);
  }
  g_autofree char *recipe = rv__vips_start_for_program (1, &error) ? rv_image_recipe (args[0], &error) : NULL;
  if (!recipe)
    return run_error (error);
  if (!own.json)
    return print_recipe (args[0], recipe);
  printf ("%s\n", recipe);
  return EXIT_DONE;
}

static const RvOption *const tables[] = { own_options, NULL };

static const char *const examples[] = {
  "reverie info picture.png",
  "how it was made: files, network, settings",
  "reverie info picture.png --json",
  "the same for programs",
  NULL,
};

const Command command_info = {
  .name = "info",
  .summary = "show how a picture was made",
  .usage = "PICTURE",
  .about =
    "Pictures that reverie makes carry their recipe: the settings, the program's version, the names and hashes of the "
    "pictures and the network they were made of. --no-recipe of style and dream leaves it out.",
  .examples = examples,
  .options = tables,
  .run = cmd_info,
};
