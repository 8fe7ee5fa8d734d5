/* subcommand.c -- checks subcommands and the number of their arguments. */
#include "cli/cli.h"
#include <string.h>

/* Sets *min and *max to the number of arguments in a usage text: "evaluate MODEL DATA" -> 2, 2; "verify [NAME|FILE...]"
 * -> 0, G_MAXINT. */
static void
count_arguments (const char *usage, int *min, int *max)
{
  g_auto (GStrv) words = g_strsplit (usage, " ", -1);
  *min = *max = 0;
  for (char **word = words + 1; *words && *word && (*word)[0] != '-' && !g_str_has_prefix (*word, "[-"); word++) {
    *min += (*word)[0] != '[';
    *max = strstr (*word, "...") ? G_MAXINT : *max + 1;
  }
}

char *
subcommand_name (const Subcommand *subcommand)
{
  return g_strndup (subcommand->usage, strcspn (subcommand->usage, " "));
}

void
subcommand_set_error (const char *command, const char *word, const char *const *names, GError **error)
{
  const char *nearest = word ? rv_text_nearest (word, names) : NULL;
  g_autofree char *all = g_strjoinv (", ", (char **) names);
  if (!word)
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "a subcommand is missing: reverie %s with one of: %s", command,
                 all);
  else
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "there is no subcommand '%s'; %s%s%s", word,
                 nearest ? "did you mean '" : "there are: ", nearest ? nearest : all, nearest ? "'?" : "");
}

const Subcommand *
subcommand_find (const Command *command, int n_args, char **args, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (const Subcommand *row = command->subcommands; row->usage; row++) {
    g_autofree char *name = subcommand_name (row);
    if (n_args > 0 && strcmp (args[0], name) == 0) {
      int min, max;
      count_arguments (row->usage, &min, &max);
      if (n_args - 1 >= min && n_args - 1 <= max)
        return row;
      g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "usage: reverie %s %s", command->name, row->usage);
      return NULL;
    }
    g_ptr_array_add (names, g_steal_pointer (&name));
  }
  g_ptr_array_add (names, NULL);
  subcommand_set_error (command->name, n_args > 0 ? args[0] : NULL, (const char *const *) names->pdata, error);
  return NULL;
}
