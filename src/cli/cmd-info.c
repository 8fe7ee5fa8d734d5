/* cmd-info.c -- reverie info PICTURE: the recipe that a picture carries. */
#include "cli/saved-recipe.h"
#include <json-glib/json-glib.h>
#include <stdio.h>

static const RvOptionRow own_options[] = {
  { "json", 0, RV_OPTION_BOOL, .help = "print JSON, for programs" },
  { NULL },
};

/* Text of a member of @object, borrowed; "?" if missing. */
static const char *
text_of (GVariant *object, const char *name)
{
  const char *text = recipe_text (object, name);
  return text ? text : "?";
}

/* Prints a line for @file (nullable), an object of a recipe: @role, its text member @name, and the first digits of its
 * hash. Texts that are missing are "?", all of them if @file is NULL. */
static void
print_file (GVariant *file, const char *name, const char *role)
{
  text_print (stdout, "%-10s %s (sha256 %.16s...)", role, text_of (file, name), text_of (file, "sha256"));
}

/* Prints the recipe of the file @picture on standard output: command, version, size, files, network, device, settings,
 * and the number of kernels. Leaves out network, device, preprocessing and kernels that are missing; other missing
 * texts are "?", numbers 0. Escapes what is not printable. Cannot fail. */
static void
print_recipe (const char *picture, GVariant *recipe)
{
  text_print (stdout, "%s: reverie %s %s, %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " px", picture,
              text_of (recipe, "command"), text_of (recipe, "reverie"), recipe_number (recipe, "width"),
              recipe_number (recipe, "height"));
  g_autoptr (GVariant) inputs = recipe_list (recipe, "inputs"), network = recipe_object (recipe, "network"),
                       settings = recipe_object (recipe, "settings"), kernels = recipe_list (recipe, "kernels");
  for (gsize i = 0; inputs && i < g_variant_n_children (inputs); i++) {
    g_autoptr (GVariant) file = recipe_item (inputs, i);
    print_file (file, "file", text_of (file, "role"));
  }
  const char *name, *text, *preprocessing = recipe_text (network, "preprocessing"),
                           *device = recipe_text (recipe, "device");
  if (recipe_text (network, "name"))
    print_file (network, "name", "network");
  if (device)
    text_print (stdout, "%-10s %s", "device", device);
  if (preprocessing)
    text_print (stdout, "  --preprocessing %s", preprocessing);
  for (gsize i = 0; recipe_member (settings, i, &name, &text); i++)
    text_print (stdout, "  --%s %s", name, text ? text : "?");
  if (kernels)
    printf ("%-10s %" G_GSIZE_FORMAT ", shown by --json\n", "kernels", g_variant_n_children (kernels));
}

/* Command.run. Prints the recipe of the picture args[0], with --json as JSON. */
static int
cmd_info (const CommandLine *line, GError **error)
{
  g_autoptr (GVariant) recipe = rv_process_start (1, error) ? recipe_read (line->args[0], error) : NULL;
  if (!recipe)
    return EXIT_FAILED;
  if (line_is_on (line, "json")) {
    g_autoptr (JsonNode) node = json_gvariant_serialize (recipe);
    g_autofree char *text = json_to_string (node, FALSE);
    text_print (stdout, "%s", text);
  } else
    print_recipe (line->args[0], recipe);
  return EXIT_DONE;
}

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
  .usage = "PICTURE [OPTIONS]",
  .about = "Prints the recipe of a picture: settings, program version, names and hashes of the inputs and the network. "
           "Pictures of reverie contain it, except with --no-recipe.",
  .examples = examples,
  .options = { { own_options } },
  .wrong_args = "one picture is needed: reverie info PICTURE",
  .min_args = 1,
  .max_args = 1,
  .run = cmd_info,
};
