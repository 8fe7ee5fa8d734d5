/* cmd-diff.c -- reverie diff A B: differences between the recipes of two pictures. */
#include "cli/saved-recipe.h"
#include <stdio.h>
#include <string.h>

/* GCompareDataFunc: orders texts by bytes, as strcmp(). @data is not used. */
static int
by_text (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

/* Adds copies of @what and @value (NULL: ""), made safe to print by text_plain(), to @lines. Replaces the value of an
 * equal @what. */
static void
insert_line (GTree *lines, const char *what, const char *value)
{
  g_tree_insert (lines, text_plain (what, FALSE), text_plain (value ? value : "", FALSE));
}

/* (transfer full): the members of @recipe as a tree, sorted by name, from name to value. Both are texts that are safe
 * to print, owned by the tree. It has version, command, kernels, device, network, size, inputs by number, and settings.
 * A missing text is "", a missing width or height 0. Cannot fail. */
static GTree *
recipe_lines (GVariant *recipe)
{
  GTree *lines = g_tree_new_full (by_text, NULL, g_free, g_free);
  insert_line (lines, "reverie", recipe_text (recipe, "reverie"));
  insert_line (lines, "command", recipe_text (recipe, "command"));
  insert_line (lines, "device", recipe_text (recipe, "device"));
  g_autofree char *text = recipe_kernels (recipe);
  g_auto (GStrv) kernels = g_strsplit (text, "\n", -1);
  for (char **line = kernels; *line; line++) { /* "forward 64x64 3x3 ... = winograd" */
    g_auto (GStrv) pair = g_strsplit (*line, " = ", 2);
    if (pair[0] && pair[1])
      insert_line (lines, pair[0], pair[1]);
  }
  g_autoptr (GVariant) network = recipe_object (recipe, "network"), inputs = recipe_list (recipe, "inputs"),
                       settings = recipe_object (recipe, "settings");
  insert_line (lines, "network", recipe_text (network, "name"));
  insert_line (lines, "network's hash", recipe_text (network, "sha256"));
  insert_line (lines, "network's file", recipe_text (network, "file"));
  insert_line (lines, "--preprocessing", recipe_text (network, "preprocessing"));
  insert_line (lines, "--labels", recipe_text (network, "labels"));
  insert_line (lines, "labels' hash", recipe_text (network, "labels_sha256"));
  g_autofree char *size = g_strdup_printf ("%" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " px",
                                           recipe_number (recipe, "width"), recipe_number (recipe, "height"));
  insert_line (lines, "size", size);
  for (gsize i = 0; inputs && i < g_variant_n_children (inputs); i++) {
    g_autoptr (GVariant) input = recipe_item (inputs, i);
    g_autofree char *name = g_strdup_printf ("input %d", (int) i + 1),
                    *role = g_strdup_printf ("input %d's role", (int) i + 1),
                    *hash = g_strdup_printf ("input %d's hash", (int) i + 1);
    insert_line (lines, name, recipe_text (input, "file"));
    insert_line (lines, role, recipe_text (input, "role"));
    insert_line (lines, hash, recipe_text (input, "sha256"));
  }
  const char *setting, *value;
  for (gsize i = 0; recipe_member (settings, i, &setting, &value); i++) {
    g_autofree char *option = g_strconcat ("--", setting, NULL);
    insert_line (lines, option, value);
  }
  return lines;
}

/* Command.run. Prints on standard output a line for each member in which the recipes of the pictures args[0] and
 * args[1] differ, or "the same recipe". EXIT_DONE in both cases. */
static int
cmd_diff (const CommandLine *line, GError **error)
{
  g_autoptr (GVariant) a = rv_process_start (1, error) ? recipe_read (line->args[0], error) : NULL,
                       b = a ? recipe_read (line->args[1], error) : NULL;
  if (!b)
    return EXIT_FAILED;
  g_autoptr (GTree) left = recipe_lines (a), right = recipe_lines (b);
  gboolean is_same = TRUE;
  for (GTreeNode *x = g_tree_node_first (left), *y = g_tree_node_first (right); x || y;) {
    int order = !x ? 1 : !y ? -1 : strcmp (g_tree_node_key (x), g_tree_node_key (y));
    const char *what = g_tree_node_key (order <= 0 ? x : y), *old = order <= 0 ? g_tree_node_value (x) : "",
               *new = order >= 0 ? g_tree_node_value (y) : "";
    if (strcmp (old, new) != 0) {
      printf ("%-18s %s -> %s\n", what, *old ? old : "nothing", *new ? new : "nothing");
      is_same = FALSE;
    }
    x = order <= 0 ? g_tree_node_next (x) : x;
    y = order >= 0 ? g_tree_node_next (y) : y;
  }
  if (is_same)
    printf ("the same recipe\n");
  return EXIT_DONE;
}

static const char *const examples[] = { "reverie diff first.png second.png", "what was changed between them", NULL };

const Command command_diff = {
  .name = "diff",
  .summary = "show how two pictures were made differently",
  .usage = "A B",
  .about = "Compares the recipes that two pictures carry, setting by setting and file by file.",
  .examples = examples,
  .wrong_args = "two pictures are needed: reverie diff A B",
  .min_args = 2,
  .max_args = 2,
  .run = cmd_diff,
};
