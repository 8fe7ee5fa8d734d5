/* scale.c -- the scales of a climb: their sizes, their iterations, their canvases. */
#include "method/style/scale.h"
#include "method/style/internal.h"
#include "base/alloc.h"
#include "base/mirror.h"
#include "io/image/plane.h"
#include "op/op.h"
#include <math.h>
#include <string.h>

#define CANVAS_UNIT 16 /* px: sizes that pooling halves evenly suit the kernels, and odd ones waste memory */
#define LARGE_PX 1024  /* the longest side beyond which a scale has little left to do but detail */
#define LEARNED_PX 500 /* the smallest longest side that begins from what a painter has painted */

int
rv__scale_side (int side, int longest, int wanted)
{
  return MAX ((int) lrint ((double) side * wanted / longest), 1);
}

/* The canvas of @side px: a margin on both sides, then up to a multiple of CANVAS_UNIT. */
static int
canvas_side (int side, gint64 margin)
{
  int wide = side + 2 * (int) margin;
  return margin > 0 ? (wide + CANVAS_UNIT - 1) / CANVAS_UNIT * CANVAS_UNIT : wide;
}

RvScale
rv__scale_new (const RvStyleSettings *settings, int width, int height, gint64 iterations)
{
  RvScale scale = { .width = width, .height = height, .iterations = iterations };
  scale.canvas_width = canvas_side (width, settings->margin_px);
  scale.canvas_height = canvas_side (height, settings->margin_px);
  scale.left = (scale.canvas_width - width) / 2;
  scale.top = (scale.canvas_height - height) / 2;
  return scale;
}

/* Iterations at a scale of this longest side: beyond LARGE_PX two thirds, a half, a third, a quarter, a sixth of
 * --iterations, by steps of the root of 2. */
static gint64
iterations_at (const RvStyleSettings *settings, int longest)
{
  static const double parts[] = { 2 / 3.0, 1 / 2.0, 1 / 3.0, 1 / 4.0, 1 / 6.0 };
  int step = (int) ceil (log ((double) longest / LARGE_PX) / log (G_SQRT2) - 0.01);
  if (settings->climb_from == 0 || step <= 0)
    return settings->iterations;
  return MAX ((gint64) lrint ((double) settings->iterations * parts[MIN (step, (int) G_N_ELEMENTS (parts)) - 1]), 1);
}

/* Smaller scales would paint over what the painter knows: at 512 px the loss of five scales is 0.311, of one 0.299 in
 * half the time. */
static double
climb_from (const RvStyleSettings *settings)
{
  gboolean learned = settings->climb_from > 0 && strcmp (settings->init, "learned") == 0;
  return learned ? MAX ((double) settings->climb_from, LEARNED_PX) : (double) settings->climb_from;
}

GArray *
rv__scale_find_all (const RvStyleSettings *settings, int width, int height, int min_side)
{
  GArray *scales = g_array_new (FALSE, FALSE, sizeof (RvScale));
  int longest = MAX (width, height), n = 1;
  if (settings->climb_from > 0)
    while (longest / pow (settings->climb_step, n) >= climb_from (settings))
      n++;
  for (int k = n - 1; k >= 0; k--) {
    int side = (int) lrint (longest / pow (settings->climb_step, k));
    double factor = k > 0 && scales->len == 0 ? settings->first_scale : 1;
    gint64 iterations = MAX ((gint64) lrint ((double) iterations_at (settings, side) * factor), 1);
    RvScale scale = k ? rv__scale_new (settings, rv__scale_side (width, longest, side),
                                       rv__scale_side (height, longest, side), iterations)
                      : rv__scale_new (settings, width, height, iterations);
    if (k == 0 || MIN (scale.canvas_width, scale.canvas_height) >= min_side) /* a long strip starts later */
      g_array_append_val (scales, scale);
  }
  if (rv__style_finishes (settings)) {
    gint64 iterations = lrint ((double) iterations_at (settings, longest) * settings->finish);
    RvScale finish = rv__scale_new (settings, width, height, MAX (iterations, 1));
    finish.is_finish = TRUE;
    g_array_append_val (scales, finish);
  }
  return scales;
}

gint64
rv__scale_canvas_pixels (const RvScale *scale)
{
  return (gint64) scale->canvas_width * scale->canvas_height;
}

/* ---- canvases ---------------------------------------------------------------------------------------------------- */

#define COLORS 3
#define WHITE 255.0f
#define BAND (1 << 20) /* numbers of a picture that are made at once */

static gint64
picture_pixels (const RvScale *scale)
{
  return (gint64) scale->width * scale->height;
}

/* Rows @from up to @end of one colour's plane, which are @rows, into its part of the canvas: margins have them, too. */
static void
extend_rows (const float *rows, gint64 from, gint64 end, int c, const RvScale *scale, const RvPart *part, float *canvas)
{
  gint64 pixels = rv__scale_canvas_pixels (scale), cw = scale->canvas_width;
  for (guint k = 0; k < part->len; k++) {
    RvSpan span = rv__part_span (part, k);
    for (gint64 i = span.from, n; span.from / pixels == c && i < span.end; i += n) {
      int y = (int) (i % pixels / cw), x = (int) (i % pixels % cw);
      gint64 row = rv__mirror_about_last (y - scale->top, scale->height);
      n = MIN (cw - x, span.end - i);
      for (int j = 0; row >= from && row < end && j < n; j++)
        canvas[i + j] = rows[(row - from) * scale->width + rv__mirror_about_last (x + j - scale->left, scale->width)];
    }
  }
}

void
rv__scale_extend (const float *picture, const RvScale *scale, const RvPart *part, float *canvas)
{
  for (int c = 0; c < COLORS; c++)
    extend_rows (picture + c * picture_pixels (scale), 0, scale->height, c, scale, part, canvas);
}

gboolean
rv__scale_extend_plane (const float *plane, int width, int height, float white, RvImageResize how, const RvScale *scale,
                        int color, const RvPart *part, float *canvas, GError **error)
{
  float *resized = rv__alloc ((gsize) picture_pixels (scale) * sizeof (float), "a picture", error);
  gboolean ok =
    resized && rv__plane_resize (plane, width, height, white, how, resized, scale->width, scale->height, error);
  if (ok)
    extend_rows (resized, 0, scale->height, color, scale, part, canvas);
  rv__free (resized);
  return ok;
}

gboolean
rv__scale_extend_packed (const RvPackedImage *packed, int plane, RvImageResize how, const RvScale *scale, int color,
                         const RvPart *part, float *canvas, GError **error)
{
  gboolean fits = packed->width == scale->width && packed->height == scale->height, ok = TRUE;
  int n_rows = fits ? (int) MIN (MAX (BAND / packed->width, 1), packed->height) : packed->height;
  float *rows = rv__alloc ((gsize) n_rows * (gsize) packed->width * sizeof (float), "a picture", error);
  for (int y = 0, end; rows && ok && y < packed->height; y = end) {
    end = MIN (y + n_rows, packed->height);
    rv__packed_image_read (packed, plane, y, end, rows);
    if (fits)
      extend_rows (rows, y, end, color, scale, part, canvas);
    else
      ok = rv__scale_extend_plane (rows, packed->width, packed->height, WHITE, how, scale, color, part, canvas, error);
  }
  rv__free (rows);
  return rows && ok;
}

/* ---- from scale to scale ----------------------------------------------------------------------------------------- */

/* Of one colour: a canvas with its margin as it comes, without it, and what is made of it. */
typedef struct {
  float *came, *cropped, *made;
} Bands;

static gint64
band_rows (const RvScale *next)
{
  return MAX (BAND / next->width, 1);
}

/* Of a band no more rows are needed than it has, and those around: a climb does not shrink. */
static gboolean
new_bands (const RvScale *old, const RvScale *next, Bands *bands, GError **error)
{
  gint64 n = 0, from, end;
  for (gint64 y = 0; y < next->height; y += band_rows (next)) {
    rv__resize_needs (old->height, next->height, RV_RESIZE_BICUBIC, y, MIN (y + band_rows (next), next->height), &from,
                      &end);
    n = MAX (n, end - from);
  }
  return (bands->came = rv__alloc ((gsize) (n * old->canvas_width) * sizeof (float), "a picture", error)) &&
         (bands->cropped = rv__alloc ((gsize) (n * old->width) * sizeof (float), "a picture", error)) &&
         (bands->made = rv__alloc ((gsize) (band_rows (next) * next->width) * sizeof (float), "a picture", error));
}

static void
free_bands (Bands *bands)
{
  rv__free (bands->came);
  rv__free (bands->cropped);
  rv__free (bands->made);
}

/* Rows @from up to @end of colour @c without the margin, into @bands->cropped. */
static gboolean
crop_rows (RvParts *parts, const float *canvas, int c, const RvScale *old, gint64 from, gint64 end, gboolean first_only,
           Bands *bands, GError **error)
{
  gint64 cw = old->canvas_width, first = c * rv__scale_canvas_pixels (old) + (from + old->top) * cw;
  if (!(first_only ? rv__parts_gather : rv__parts_tell) (parts, canvas, first, first + (end - from) * cw, bands->came,
                                                         error))
    return FALSE;
  for (gint64 y = 0; y < end - from; y++)
    memcpy (bands->cropped + y * old->width, bands->came + y * cw + old->left, (gsize) old->width * sizeof (float));
  return TRUE;
}

/* Rows @from up to @end of colour @c at the next scale; borrowed (nullable). */
static float *
enlarge_rows (RvParts *parts, const float *canvas, int c, const RvScale *old, const RvScale *next, gint64 from,
              gint64 end, gboolean first_only, Bands *bands, GError **error)
{
  gint64 first = from, last_end = end;
  if (old != next)
    rv__resize_needs (old->height, next->height, RV_RESIZE_BICUBIC, from, end, &first, &last_end);
  if (!crop_rows (parts, canvas, c, old, first, last_end, first_only, bands, error))
    return NULL;
  if (old == next)
    return bands->cropped;
  rv__resize_rows (bands->cropped, old->height, old->width, RV_RESIZE_BICUBIC, next->height, next->width, from, end,
                   bands->made);
  return bands->made;
}

gboolean
rv__scale_picture (RvParts *parts, const float *canvas, const RvScale *old, const RvScale *next, gboolean first_only,
                   RvRowsFunc take, gpointer user_data, GError **error)
{
  Bands bands = { 0 };
  gboolean ok = new_bands (old, next, &bands, error);
  for (int c = 0; ok && c < COLORS; c++)
    for (gint64 y = 0, end; ok && y < next->height; y = end) {
      end = MIN (y + band_rows (next), next->height);
      float *rows = enlarge_rows (parts, canvas, c, old, next, y, end, first_only, &bands, error);
      ok = rows != NULL;
      if (ok && take)
        take (user_data, c, (int) y, (int) end, rows);
    }
  free_bands (&bands);
  return ok;
}

/* Where the next scale's canvas takes them. */
typedef struct {
  const RvScale *scale;
  const RvPart *part;
  float *to;
} Canvas;

static void
extend_taken (gpointer user_data, int color, int from, int end, float *rows)
{
  const Canvas *canvas = user_data;
  extend_rows (rows, from, end, color, canvas->scale, canvas->part, canvas->to);
}

gboolean
rv__scale_enlarge_canvas (RvParts *parts, const float *canvas, const RvScale *old, const RvScale *next,
                          const RvPart *part, float *to, GError **error)
{
  Canvas taken = { next, part, to };
  return rv__scale_picture (parts, canvas, old, next, FALSE, extend_taken, &taken, error);
}
