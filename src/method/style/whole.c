/* whole.c -- pictures, moments and averages of which ranks hold parts, as the first of them wants the whole: to show,
 * to save. It comes piece by piece; the others send theirs while it reports. */
#include "base/alloc.h"
#include "method/style/run.h"
#include "tensor/tensor-file.h"
#include <string.h>

#define BAND (1 << 20) /* numbers of a picture that are read at once */

static const float *
array_of (const RvStyleRun *run, gint64 which)
{
  return which == RV_STYLE_X         ? run->style->x
         : which == RV_STYLE_AVERAGE ? run->average
                                     : run->optim->slot[which - RV_STYLE_SLOTS];
}

gboolean
rv__style_serve (gpointer user_data, const RvAsked *asked, GError **error)
{
  RvStyleRun *run = user_data;
  return rv__parts_gather (run->parts, array_of (run, asked->which), asked->from, asked->end, NULL, error);
}

gboolean
rv__style_read (RvStyleRun *run, int which, gint64 from, gint64 end, float *out, GError **error)
{
  RvAsked asked = { which, from, end };
  const float *array = array_of (run, which);
  if (rv__parts_are_shared (run->parts) && rv__run_is_first (&run->common))
    return rv__run_ask (&run->common, &asked, error) && rv__parts_gather (run->parts, array, from, end, out, error);
  memcpy (out, array + from, (gsize) (end - from) * sizeof (float));
  return TRUE;
}

gboolean
rv__style_read_picture (RvStyleRun *run, float *picture, GError **error)
{
  const RvScale *scale = run->scale;
  gint64 width = scale->canvas_width, pixels = rv__scale_canvas_pixels (scale), n_rows = MAX (BAND / width, 1);
  float *band = rv__alloc ((gsize) (n_rows * width) * sizeof (float), "a picture", error);
  gboolean ok = band != NULL;
  for (int c = 0; ok && c < 3; c++)
    for (gint64 y = 0; ok && y < scale->height; y += n_rows) {
      gint64 n = MIN (n_rows, scale->height - y), from = c * pixels + (y + scale->top) * width;
      ok = rv__style_read (run, RV_STYLE_X, from, from + n * width, band, error);
      for (gint64 row = 0; ok && row < n; row++, picture += scale->width)
        memcpy (picture, band + row * width + scale->left, (gsize) scale->width * sizeof (float));
    }
  rv__free (band);
  return ok;
}

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

typedef struct {
  RvStyleRun *run;
  int which;
} Reader;

static gboolean
read_bytes (gpointer user_data, gsize from, gsize size, void *to, GError **error)
{
  const Reader *reader = user_data;
  gint64 first = (gint64) (from / sizeof (float)), n = (gint64) (size / sizeof (float));
  return rv__style_read (reader->run, reader->which, first, first + n, to, error);
}

RvTensor *
rv__style_tensor (RvStyleRun *run, int which)
{
  RvShape canvas = rv_shape (3, 3, run->scale->canvas_height, run->scale->canvas_width);
  if (!rv__parts_are_shared (run->parts)) {
    gsize size = (gsize) rv_shape_count (&canvas) * sizeof (float);
    g_autoptr (GBytes) bytes = g_bytes_new_static (array_of (run, which), size);
    return rv_tensor_new_from_bytes (RV_F32, &canvas, bytes, NULL);
  }
  Reader *reader = g_new (Reader, 1);
  *reader = (Reader){ run, which };
  return rv__tensor_new_elsewhere (RV_F32, &canvas, read_bytes, reader, g_free);
}
