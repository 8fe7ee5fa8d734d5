/* saved-recipe.c -- recipes that commands read from pictures, and the kernels in them. */
#include "cli/saved-recipe.h"
#include <string.h>

/* ---- reading ----------------------------------------------------------------------------------------------------- */

GVariant *
recipe_read (const char *picture, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autofree char *text = rv_image_recipe (picture, &why), *what = g_strdup_printf ("the recipe of %s", picture);
  if (!text && rv_video_check_target (picture, NULL) &&
      (g_file_test (picture, G_FILE_TEST_IS_REGULAR) || rv_frame_is_pattern (picture))) {
    g_autofree char *name = rv_video_recipe_file (picture), *inside = rv_video_comment (picture, NULL), *sibling = NULL;
    gsize length = inside ? strlen (inside) : 0;
    if (g_file_test (name, G_FILE_TEST_IS_REGULAR))
      g_file_get_contents (name, &sibling, NULL, NULL);
    /* The metadata are written before kernels are chosen: the sibling file can have their members and more. */
    gboolean is_longer =
      sibling && (!inside || (length > 0 && strncmp (sibling, inside, length - 1) == 0 && sibling[length - 1] == ','));
    text = is_longer ? g_steal_pointer (&sibling) : g_steal_pointer (&inside);
  }
  if (!text)
    g_propagate_error (error, g_steal_pointer (&why));
  return text ? rv_json_read (text, -1, what, error) : NULL;
}

GVariant *
recipe_object (GVariant *object, const char *name)
{
  return object ? g_variant_lookup_value (object, name, G_VARIANT_TYPE_VARDICT) : NULL;
}

GVariant *
recipe_list (GVariant *object, const char *name)
{
  return object ? g_variant_lookup_value (object, name, G_VARIANT_TYPE ("av")) : NULL;
}

const char *
recipe_text (GVariant *object, const char *name)
{
  const char *text = NULL;
  return object && g_variant_lookup (object, name, "&s", &text) ? text : NULL;
}

gint64
recipe_number (GVariant *object, const char *name)
{
  gint64 number = 0;
  return object && g_variant_lookup (object, name, "x", &number) ? number : 0;
}

gboolean
recipe_member (GVariant *object, gsize i, const char **name, const char **text)
{
  g_autoptr (GVariant) value = NULL;
  if (!object || i >= g_variant_n_children (object))
    return FALSE;
  g_variant_get_child (object, i, "{&sv}", name, &value);
  *text = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_get_string (value, NULL) : NULL;
  return TRUE;
}

GVariant *
recipe_item (GVariant *list, gsize i)
{
  g_autoptr (GVariant) item = NULL;
  g_variant_get_child (list, i, "v", &item);
  return g_variant_is_of_type (item, G_VARIANT_TYPE_VARDICT) ? g_steal_pointer (&item) : NULL;
}

char *
recipe_kernels (GVariant *recipe)
{
  g_autoptr (GVariant) lines = recipe_list (recipe, "kernels");
  GString *text = g_string_new (NULL);
  for (gsize i = 0; lines && i < g_variant_n_children (lines); i++) {
    g_autoptr (GVariant) line = NULL;
    g_variant_get_child (lines, i, "v", &line);
    if (g_variant_is_of_type (line, G_VARIANT_TYPE_STRING))
      g_string_append_printf (text, "%s\n", g_variant_get_string (line, NULL));
  }
  return g_string_free (text, FALSE);
}

/* ---- kernels ----------------------------------------------------------------------------------------------------- */

RvKernelTable *
kernels_load (const PictureOptions *options, GError **error)
{
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  if (options->kernels) {
    g_autoptr (GVariant) recipe = recipe_read (options->kernels, error);
    if (!recipe)
      return NULL;
    g_autofree char *text = recipe_kernels (recipe);
    rv_kernel_table_add_text (kernels, text);
  }
  rv_kernel_cache_add (kernels);
  return g_steal_pointer (&kernels);
}

void
kernels_save (const PictureOptions *options, const RvKernelTable *kernels)
{
  if (!options->kernels && rv_process_rank () == 0)
    rv_kernel_cache_save (kernels);
}
