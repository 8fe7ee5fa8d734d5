/* cmd-info.c -- reverie info PICTURE: the recipe that a picture carries. */
#include "base/text.h"
#include "cli/recipe.h"
#include <stdio.h>

typedef struct {
  gboolean json;
} InfoOptions;

static const RvOption own_options[] = {
  { "json", 0, RV_OPTION_BOOL, offsetof (InfoOptions, json), .help = "as it is, for programs" },
  { NULL },
};

/* (transfer full): a member for a terminal: nothing in it moves the cursor. */
static char *
shown (JsonObject *object, const char *name)
{
  const char *text = recipe_text (object, name);
  return rv__text_plain (text ? text : "?", FALSE);
}

static void
print_file (JsonObject *file, const char *name, const char *role)
{
  g_autofree char *text = shown (file, name), *hash = shown (file, "sha256");
  printf ("%-10s %s (sha256 %.16s...)\n", role, text, hash);
}

static void
print_recipe (const char *picture, JsonObject *recipe)
{
  g_autofree char *version = shown (recipe, "reverie"), *command = shown (recipe, "command"),
                  *shown_picture = rv__text_plain (picture, FALSE);
  printf ("%s: reverie %s %s, %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " px\n", shown_picture, command, version,
          recipe_number (recipe, "width"), recipe_number (recipe, "height"));
  JsonArray *inputs = recipe_array (recipe, "inputs");
  for (guint i = 0; inputs && i < json_array_get_length (inputs); i++) {
    JsonNode *input = json_array_get_element (inputs, i);
    JsonObject *file = JSON_NODE_HOLDS_OBJECT (input) ? json_node_get_object (input) : NULL;
    g_autofree char *role = shown (file, "role");
    print_file (file, "file", role);
  }
  if (recipe_object (recipe, "network"))
    print_file (recipe_object (recipe, "network"), "name", "network");
  JsonObject *settings = recipe_object (recipe, "settings");
  g_autoptr (GList) names = settings ? json_object_get_members (settings) : NULL;
  for (GList *name = names; name; name = name->next) {
    g_autofree char *option = rv__text_plain (name->data, FALSE), *value = shown (settings, name->data);
    printf ("  --%s %s\n", option, value);
  }
  JsonArray *kernels = recipe_array (recipe, "kernels");
  if (kernels)
    printf ("%-10s %u, shown by --json\n", "kernels", json_array_get_length (kernels));
}

static int
print_json (const char *picture)
{
  GError *error = NULL;
  g_autoptr (JsonObject) recipe = recipe_read (picture, &error);
  if (!recipe)
    return run_error (error);
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), recipe);
  g_autofree char *text = json_to_string (node, FALSE), *plain = rv__text_plain (text, FALSE);
  printf ("%s\n", plain);
  return EXIT_DONE;
}

static int
cmd_info (int n_args, char **args, GPtrArray *given)
{
  GError *error = NULL;
  InfoOptions own = { 0 };
  if (!options_apply (given, own_options, &own, &error))
    return usage_error (error);
  if (n_args != 1) {
    g_set_error (&error, RV_ERROR, RV_ERROR_SETTING, "which picture? reverie info PICTURE");
    return usage_error (error);
  }
  if (own.json)
    return print_json (args[0]);
  g_autoptr (JsonObject) recipe = recipe_read (args[0], &error);
  if (!recipe)
    return run_error (error);
  print_recipe (args[0], recipe);
  return EXIT_DONE;
}

static const OptionTable tables[] = { { own_options }, { NULL } };

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
