/* whole.c -- what ranks hold parts of in a style transfer, as the first of them wants the whole. */
#include "base/alloc.h"
#include "method/run/whole.h"
#include "method/style/run.h"
#include <string.h>

#define BAND (1 << 20) /* numbers of a picture that are read at once */

static RvWhole
whole_of (RvStyleRun *run, gint64 which)
{
  const float *array = which == RV_STYLE_X         ? run->style->x
                       : which == RV_STYLE_AVERAGE ? run->average
                                                   : run->optim->slot[which - RV_STYLE_SLOTS];
  return (RvWhole){ &run->common, run->parts, array, which };
}

gboolean
rv__style_serve (gpointer user_data, const RvAsked *asked, GError **error)
{
  RvWhole whole = whole_of (user_data, asked->which);
  return rv__whole_serve (&whole, asked, error);
}

gboolean
rv__style_read_picture (RvStyleRun *run, float *picture, GError **error)
{
  const RvScale *scale = run->scale;
  gint64 width = scale->canvas_width, pixels = rv__scale_canvas_pixels (scale), n_rows = MAX (BAND / width, 1);
  RvWhole whole = whole_of (run, RV_STYLE_X);
  float *band = rv__alloc ((gsize) (n_rows * width) * sizeof (float), "a picture", error);
  gboolean ok = band != NULL;
  for (int c = 0; ok && c < 3; c++)
    for (gint64 y = 0; ok && y < scale->height; y += n_rows) {
      gint64 n = MIN (n_rows, scale->height - y), from = c * pixels + (y + scale->top) * width;
      ok = rv__whole_read (&whole, from, from + n * width, band, error);
      for (gint64 row = 0; ok && row < n; row++, picture += scale->width)
        memcpy (picture, band + row * width + scale->left, (gsize) scale->width * sizeof (float));
    }
  rv__free (band);
  return ok;
}

RvTensor *
rv__style_tensor (RvStyleRun *run, int which)
{
  RvShape canvas = rv_shape (3, 3, run->scale->canvas_height, run->scale->canvas_width);
  RvWhole whole = whole_of (run, which);
  return rv__whole_tensor (&whole, &canvas);
}
