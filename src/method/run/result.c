/* result.c -- who is to have a run's picture, and as what. */
#include "method/run/result.h"
#include <string.h>

void
rv__result_want_file (RvResultWanted *wanted, const char *filename, const RvSaveOptions *save)
{
  g_free (wanted->filename);
  wanted->filename = g_strdup (filename);
  wanted->save = *save;
  wanted->save.recipe = NULL;
}

void
rv__result_wanted_clear (RvResultWanted *wanted)
{
  g_clear_pointer (&wanted->filename, g_free);
  g_clear_pointer (&wanted->finished, rv__finished_free);
}

gboolean
rv__result_open (RvResult *result, const RvResultWanted *wanted, const RvPixelSpace *space, int width, int height,
                 RvTensor *alpha, GError **error)
{
  *result = (RvResult){ .space = space, .width = width, .height = height };
  if (!wanted) {
    result->image = rv_image_new (width, height, error);
    if (result->image && alpha)
      result->image->alpha = rv_tensor_ref (alpha);
    return result->image != NULL;
  }
  result->finished = rv__finished_new (wanted->filename, width, height, alpha != NULL, &wanted->save, error);
  if (result->finished && alpha)
    rv__finished_put (result->finished, 3, 0, rv_tensor_count (alpha), alpha->data);
  return result->finished != NULL;
}

RvImage *
rv__result_close (RvResult *result, RvResultWanted *wanted)
{
  g_clear_pointer (&wanted->finished, rv__finished_free);
  wanted->finished = g_steal_pointer (&result->finished);
  return g_steal_pointer (&result->image);
}

void
rv__result_clear (RvResult *result)
{
  g_clear_pointer (&result->image, rv_image_unref);
  g_clear_pointer (&result->finished, rv__finished_free);
}

void
rv__result_take (gpointer user_data, int color, int from, int end, float *rows)
{
  const RvResult *result = user_data;
  gint64 width = result->width, n = (end - from) * width;
  rv__pixel_space_leave_plane (result->space, color, rows, n);
  if (result->finished)
    rv__finished_put (result->finished, color, from * width, n, rows);
  else
    memcpy ((float *) result->image->rgb->data + ((gint64) color * result->height + from) * width, rows,
            (gsize) n * sizeof (float));
}
