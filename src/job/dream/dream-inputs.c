/* dream-inputs.c -- finds and reads the inputs of a dream besides its picture. */
#include "job/dream/dream-inputs.h"
#include "base/error.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

/* ---- masks of words ---------------------------------------------------------------------------------------------- */

/* Adds a copy of @file, the path of a mask called @name, to @files, unless it has that path already (TRUE).
 * RV_ERROR_SETTING for another file called @name, because masks are found by name. */
static gboolean
add_mask_file (GPtrArray *files, const char *file, const char *name, GError **error)
{
  for (guint i = 0; i < files->len; i++) {
    g_autofree char *other = g_path_get_basename (files->pdata[i]);
    if (strcmp (files->pdata[i], file) == 0)
      return TRUE;
    if (strcmp (other, name) != 0)
      continue;
    return rv__error_setting (error, "toward", "'toward' names two pictures called %s", name);
  }
  g_ptr_array_add (files, g_strdup (file));
  return TRUE;
}

GPtrArray *
rv__word_masks_extract_files (RvSettings *settings, const char *const *where, GError **error)
{
  const char *toward = rv_settings_get_text (settings, "toward", NULL);
  g_auto (GStrv) words = rv_text_split_files (toward, *where ? where : NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  for (char **word = words; *word; word++) {
    const char *path = rv__word_masks_name (*word);
    if (!path)
      continue;
    const char *file = rv__text_find_file (path, where);
    g_autofree char *name = g_path_get_basename (file ? file : path),
                    *before = g_strndup (*word, (gsize) (path - *word)), *escaped = rv_text_escape_commas (name),
                    *plain = g_strconcat ("a:", name, NULL);
    if (!add_mask_file (files, file ? file : path, name, error))
      return NULL;
    gboolean whole = g_strcmp0 (rv__word_masks_name (plain), name) == 0; /* not "12:30.png": a weight and a name */
    g_free (*word);
    *word = g_strconcat (before, whole || strchr (before, ':') != strrchr (before, ':') ? "" : "1:", escaped, NULL);
  }
  g_autofree char *names = g_strjoinv (",", words);
  return files->len == 0 || rv_settings_set (settings, "toward", names, error) ? g_steal_pointer (&files) : NULL;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the picture of @input, reduced to about @width * @height pixels; a smaller one keeps its
 * size. */
static RvImage *
load_shrunk (const RvJobInput *input, int width, int height, GError **error)
{
  int own_width, own_height;
  if (!rv__job_input_size (input, &own_width, &own_height, error))
    return NULL;
  double scale = sqrt ((double) width * height / ((double) own_width * own_height));
  return rv__job_input_load_within (input, scale * MAX (own_width, own_height), error);
}

/* Loads @input into @inputs by its role. "mask" (the first only) and "word-mask" are resized to @width x @height px. A
 * word-mask is appended to word_masks, its file name to names. "guide" and "style" are shrunk to about as many pixels,
 * never enlarged. Other roles and further masks are skipped (TRUE). */
static gboolean
load (RvDreamInputs *inputs, const RvJobInput *input, int width, int height, GError **error)
{
  const char *role = input->role->name;
  if (strcmp (role, "guide") == 0)
    return (inputs->guide = load_shrunk (input, width, height, error)) != NULL;
  if (strcmp (role, "style") == 0)
    return (inputs->style = load_shrunk (input, width, height, error)) != NULL;
  gboolean is_word_mask = strcmp (role, "word-mask") == 0;
  if (!is_word_mask && (strcmp (role, "mask") != 0 || inputs->mask))
    return TRUE;
  RvImage *image = rv__job_input_load (input, width, height, RV_IMAGE_RESIZE_BEST, error);
  if (!image)
    return FALSE;
  if (is_word_mask) {
    g_ptr_array_add (inputs->word_masks, image);
    g_ptr_array_add (inputs->names, g_path_get_basename (input->file));
  } else
    inputs->mask = image;
  return TRUE;
}

gboolean
rv__dream_inputs_load (RvDreamInputs *inputs, const RvJobRequest *request, GError **error)
{
  inputs->word_masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  inputs->names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < request->inputs->len; i++)
    if (!load (inputs, request->inputs->pdata[i], request->width, request->height, error))
      return FALSE;
  return TRUE;
}
