/* recipe.c -- recipes as commands meet them: read from the pictures they are given; and the kernels in them. */
#include "cli/recipe.h"
#include "base/json.h"
#include <string.h>

/* ---- reading ----------------------------------------------------------------------------------------------------- */

char *
recipe_file (const char *film)
{
  return g_strconcat (film, ".json", NULL);
}

/* A film's lies beside it, and in it. */
static char *
read_text (const char *picture, GError **error)
{
  g_autoptr (GError) why = NULL;
  char *text = NULL;
  if (!rv_process_start (1, error) || (text = rv_image_recipe (picture, &why)))
    return text;
  g_autofree char *beside = recipe_file (picture);
  if (rv_film_check_target (picture, NULL) && g_file_test (picture, G_FILE_TEST_IS_REGULAR) &&
      ((text = rv_film_comment (picture, NULL)) || g_file_get_contents (beside, &text, NULL, NULL)))
    return text;
  g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

JsonObject *
recipe_read (const char *picture, GError **error)
{
  g_autofree char *text = read_text (picture, error);
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

/* ---- kernels ----------------------------------------------------------------------------------------------------- */

/* Those of the picture come first and so win. */
RvKernelTable *
kernel_file_load (const PictureOptions *options, GError **error)
{
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  if (options->kernels) {
    g_autoptr (JsonObject) recipe = recipe_read (options->kernels, error);
    if (!recipe)
      return NULL;
    g_autofree char *text = recipe_kernels (recipe);
    rv_kernel_table_add_text (kernels, text);
  }
  rv_kernel_cache_add (kernels);
  return g_steal_pointer (&kernels);
}

void
kernel_file_save (const PictureOptions *options, const RvKernelTable *kernels)
{
  if (!options->kernels) /* those are anybody's, and not kept */
    rv_kernel_cache_save (kernels);
}
