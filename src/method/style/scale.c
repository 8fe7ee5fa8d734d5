/* scale.c -- the scales of a climb: their sizes, their iterations, their canvases. */
#include "method/style/scale.h"
#include "base/alloc.h"
#include "base/mirror.h"
#include "op/op.h"
#include <math.h>
#include <string.h>

#define SCALE_STEP G_SQRT2       /* each scale's longest side over the last's */
#define CANVAS_UNIT 16           /* px: sizes that pooling halves evenly suit the kernels, and odd ones waste memory */
#define FIRST_SCALE_ITERATIONS 2 /* times --iterations */
#define LARGE_PX 1024            /* the longest side beyond which a scale has little left to do but detail */
#define LEARNED_PX 500           /* the smallest longest side that begins from what a painter has painted */

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

/* Of a scale of this longest side: beyond LARGE_PX two thirds, a half, a third, a quarter, a sixth of --iterations, by
 * steps of SCALE_STEP. */
static gint64
iterations_at (const RvStyleSettings *settings, int longest)
{
  static const double parts[] = { 2 / 3.0, 1 / 2.0, 1 / 3.0, 1 / 4.0, 1 / 6.0 };
  int step = (int) ceil (log ((double) longest / LARGE_PX) / log (SCALE_STEP) - 0.01);
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
    while (longest / pow (SCALE_STEP, n) >= climb_from (settings))
      n++;
  for (int k = n - 1; k >= 0; k--) {
    int side = (int) lrint (longest / pow (SCALE_STEP, k));
    gint64 iterations = iterations_at (settings, side) * (k > 0 && scales->len == 0 ? FIRST_SCALE_ITERATIONS : 1);
    RvScale scale = k ? rv__scale_new (settings, rv__scale_side (width, longest, side),
                                       rv__scale_side (height, longest, side), iterations)
                      : rv__scale_new (settings, width, height, iterations);
    if (k == 0 || MIN (scale.canvas_width, scale.canvas_height) >= min_side) /* a long strip starts later */
      g_array_append_val (scales, scale);
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

static gint64
picture_pixels (const RvScale *scale)
{
  return (gint64) scale->width * scale->height;
}

/* One colour's @plane, with its margin, into its part of the canvas. */
static void
extend_plane (const float *plane, int c, const RvScale *scale, const RvPart *part, float *canvas)
{
  gint64 pixels = rv__scale_canvas_pixels (scale), cw = scale->canvas_width;
  for (guint k = 0; k < part->len; k++) {
    RvSpan span = rv__part_span (part, k);
    for (gint64 i = span.from, n; span.from / pixels == c && i < span.end; i += n) {
      int y = (int) (i % pixels / cw), x = (int) (i % pixels % cw);
      const float *row = plane + (gint64) rv__mirror_about_last (y - scale->top, scale->height) * scale->width;
      n = MIN (cw - x, span.end - i);
      for (int j = 0; j < n; j++)
        canvas[i + j] = row[rv__mirror_about_last (x + j - scale->left, scale->width)];
    }
  }
}

void
rv__scale_extend (const float *picture, const RvScale *scale, const RvPart *part, float *canvas)
{
  for (int c = 0; c < COLORS; c++)
    extend_plane (picture + c * picture_pixels (scale), c, scale, part, canvas);
}

static void
crop_plane (const float *canvas, int c, const RvScale *scale, float *plane)
{
  int cw = scale->canvas_width, ch = scale->canvas_height;
  for (int y = 0; y < scale->height; y++)
    memcpy (plane + (gint64) y * scale->width, canvas + ((gint64) c * ch + y + scale->top) * cw + scale->left,
            (gsize) scale->width * sizeof (float));
}

void
rv__scale_crop (const float *canvas, const RvScale *scale, float *picture)
{
  for (int c = 0; c < COLORS; c++)
    crop_plane (canvas, c, scale, picture + c * picture_pixels (scale));
}

static float *
new_plane (const RvScale *scale, GError **error)
{
  return rv__alloc ((gsize) picture_pixels (scale) * sizeof (float), "a picture", error);
}

/* @cropped: room for a plane of the old scale. */
static void
enlarge_plane (const float *canvas, int c, const RvScale *old, const RvScale *next, float *cropped, float *plane)
{
  RvShape shape = rv_shape (4, 1, 1, old->height, old->width),
          new_shape = rv_shape (4, 1, 1, next->height, next->width);
  RvOpAttrs attrs = { .resize = { { next->height, next->width }, RV_RESIZE_BICUBIC } };
  crop_plane (canvas, c, old, cropped);
  rv__op_class (RV_OP_RESIZE, RV_F32)
    ->run (&attrs, 1, &(RvView){ cropped, shape, 1 }, &(RvView){ plane, new_shape, 1 });
}

gboolean
rv__scale_enlarge (const float *canvas, const RvScale *old, const RvScale *next, float *picture, GError **error)
{
  float *cropped = new_plane (old, error);
  for (int c = 0; cropped && c < COLORS; c++)
    enlarge_plane (canvas, c, old, next, cropped, picture + c * picture_pixels (next));
  gboolean ok = cropped != NULL;
  rv__free (cropped);
  return ok;
}

gboolean
rv__scale_enlarge_canvas (const float *canvas, const RvScale *old, const RvScale *next, const RvPart *part, float *to,
                          GError **error)
{
  float *cropped = new_plane (old, error), *plane = cropped ? new_plane (next, error) : NULL;
  for (int c = 0; plane && c < COLORS; c++) {
    enlarge_plane (canvas, c, old, next, cropped, plane);
    extend_plane (plane, c, next, part, to);
  }
  gboolean ok = plane != NULL;
  rv__free (cropped);
  rv__free (plane);
  return ok;
}
