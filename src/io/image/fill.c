/* fill.c -- fills transparent pixels with the colours around them.
 *
 * "Pull-push" (Gortler et al. 1996, "The lumigraph", section 3.4): averages visible colours, weighted by alpha, into
 * smaller and smaller levels until every pixel has a colour. Then, from the smallest level to the largest, each pixel
 * keeps its own colour by its weight and takes the rest from the smaller level. A network then gets no black edges
 * around transparent areas. */
#include "base/alloc.h"
#include "image-internal.h"
#include <string.h>

#define OWN_WEIGHT 16 /* weight of a pixel's own colour, for each unit of alpha; at most 1 */

/* Level of the pyramid, w x h px. data: [4, h, w]: premultiplied red, green and blue, and the weight; owned. */
typedef struct {
  int w, h;
  float *data;
} Level;

/* Address of a number of @level. Positions beyond the last row or column count as the last one. */
static float *
at (const Level *level, int channel, int y, int x)
{
  return level->data + ((gint64) channel * level->h + MIN (y, level->h - 1)) * level->w + MIN (x, level->w - 1);
}

/* Sets *@level to zeroed memory for @w x @h px with four channels; free level->data with rv__free(). */
static gboolean
new_level (Level *level, int w, int h, GError **error)
{
  *level = (Level){ w, h, rv__alloc ((gsize) w * (gsize) h * 4 * sizeof (float), "a picture", error) };
  return level->data != NULL;
}

/* Sets each pixel of @small to the mean of 2 x 2 pixels of @big. */
static void
pull (const Level *big, const Level *small)
{
  for (int c = 0; c < 4; c++)
    for (int y = 0; y < small->h; y++)
      for (int x = 0; x < small->w; x++)
        *at (small, c, y, x) = 0.25f * (*at (big, c, 2 * y, 2 * x) + *at (big, c, 2 * y, 2 * x + 1) +
                                        *at (big, c, 2 * y + 1, 2 * x) + *at (big, c, 2 * y + 1, 2 * x + 1));
}

/* Completes the colours of @big (inout) from those of @small, the next smaller level of the pyramid, which are
 * complete. Each pixel takes the part that its weight (channel 3, 0..1; unchanged) lacks, by bilinear interpolation. */
static void
push (const Level *small, const Level *big)
{
  for (int y = 0; y < big->h; y++)
    for (int x = 0; x < big->w; x++) {
      float weight = MIN (*at (big, 3, y, x), 1);
      int y0 = MAX ((y - 1) / 2, 0), x0 = MAX ((x - 1) / 2, 0);
      float ty = y % 2 ? 0.25f : y ? 0.75f : 0, tx = x % 2 ? 0.25f : x ? 0.75f : 0;
      for (int c = 0; c < 3; c++) {
        float above = (1 - ty) * ((1 - tx) * *at (small, c, y0, x0) + tx * *at (small, c, y0, x0 + 1)) +
                      ty * ((1 - tx) * *at (small, c, y0 + 1, x0) + tx * *at (small, c, y0 + 1, x0 + 1));
        float *own = at (big, c, y, x);
        *own += (1 - weight) * above;
      }
    }
}

/* Colour of a pixel: @own if its alpha is at least 1 / OWN_WEIGHT, else mixed with its surroundings. @filled: result of
 * push(), in which @own counts by its alpha only. */
static float
final_color (float own, float alpha, float filled)
{
  float weight = OWN_WEIGHT * alpha;
  return weight >= 1 ? own : weight * own + (1 - weight) * (filled - alpha * own) / (1 - alpha);
}

gboolean
rv__image_fill_transparent (RvImage *image, GError **error)
{
  if (!image->alpha)
    return TRUE;
  Level level[32] = { { 0 } };
  int n = 0, w = image->width, h = image->height;
  gint64 plane = (gint64) w * h;
  const float *alpha = image->alpha->data;
  float *rgb = image->rgb->data;
  gboolean ok = new_level (&level[n++], w, h, error);

  for (int c = 0; ok && c < 3; c++)
    for (gint64 p = 0; p < plane; p++)
      level[0].data[c * plane + p] = rgb[c * plane + p] * alpha[p];
  if (ok)
    memcpy (level[0].data + 3 * plane, alpha, (gsize) plane * sizeof (float));

  while (ok && (w > 1 || h > 1)) {
    w = (w + 1) / 2, h = (h + 1) / 2;
    ok = new_level (&level[n++], w, h, error);
    if (ok)
      pull (&level[n - 2], &level[n - 1]);
  }
  if (ok) {
    float *last = level[n - 1].data; /* 1 x 1 px; black without weight */
    for (int c = 0; c < 3; c++)
      last[c] = last[3] > 0 ? last[c] / last[3] : 0;
    for (int k = n - 1; k > 0; k--)
      push (&level[k], &level[k - 1]);
    for (gint64 i = 0; i < 3 * plane; i++)
      rgb[i] = final_color (rgb[i], alpha[i % plane], level[0].data[i]);
  }
  for (int k = 0; k < n; k++)
    rv__free (level[k].data);
  return ok;
}
