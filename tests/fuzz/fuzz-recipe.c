/* fuzz-recipe.c -- libFuzzer target: any bytes as a recipe that redo turns into a command line. Built with -Dfuzz=true;
 * run by tools/check.sh. */
#include "cli/saved-recipe.h"
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Parses @line like a typed command line. Asserts that no argument names a file that the recipe chose. */
static void
check_line (char **line)
{
  const Command *command = NULL;
  for (int i = 0; commands[i]; i++)
    if (strcmp (commands[i]->name, line[0]) == 0)
      command = commands[i];
  if (!command)
    __builtin_trap ();
  g_autoptr (GPtrArray) given = NULL, args = NULL;
  g_autoptr (GError) error = NULL;
  options_parse (command, (int) g_strv_length (line) - 1, line + 1, &given, &args, &error);
  static const char *const files[] = { "settings", "log", "output", "weights", "labels", "live", "plot", "timeline" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (options_last (given, files[i]))
      __builtin_trap ();
  const char *init = options_last (given, "init");
  if (init && strchr (init, '/') && !g_str_has_prefix (init, "./") && !g_str_has_prefix (init, "/none/"))
    __builtin_trap ();
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  char picture[] = "/none/fuzz.png", *argv[] = { picture, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) recipe = rv_json_read ((const char *) data, (gssize) size, "fuzz", NULL);
  if (!recipe)
    return 0;
  g_auto (GStrv) line = redo_command_line (recipe, argv, &error);
  if (!line == !error)
    __builtin_trap (); /* exactly one of both */
  if (line)
    check_line (line);
  g_autofree char *kernels = recipe_kernels (recipe);
  return 0;
}
