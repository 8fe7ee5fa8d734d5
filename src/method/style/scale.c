/* scale.c -- sizes, iterations and canvases of the scales. */
#include "method/style/scale.h"
#include "method/style/style-internal.h"
#include "base/alloc.h"
#include "base/mirror.h"
#include "io/image/plane.h"
#include "op/op.h"
#include <math.h>
#include <string.h>

#define CANVAS_UNIT 16 /* px: pooling halves such sizes evenly; odd sizes waste memory */
#define LARGE_PX 1024  /* larger scales add only detail and need fewer iterations */
#define LEARNED_PX 500 /* smallest longest side of a scale that starts from a style network's picture */

int
rv__scale_side (int side, int longest, int size_px)
{
  return MAX ((int) lrint ((double) side * size_px / longest), 1);
}

/* Side of the canvas, px: a margin on both sides, rounded up to a multiple of CANVAS_UNIT. Without a margin: @side. */
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

/* Iterations at a scale of this longest side, px. Beyond LARGE_PX, each factor of the root of 2 reduces --iterations
 * further: 2/3, 1/2, 1/3, 1/4, 1/6. With a single scale (`start-size` 0): --iterations. */
static gint64
iterations_at (const RvStyleSettings *settings, int longest)
{
  static const double parts[] = { 2 / 3.0, 1 / 2.0, 1 / 3.0, 1 / 4.0, 1 / 6.0 };
  int step = (int) ceil (log ((double) longest / LARGE_PX) / log (G_SQRT2) - 0.01);
  if (settings->start_size == 0 || step <= 0)
    return settings->iterations;
  return MAX ((gint64) lrint ((double) settings->iterations * parts[MIN (step, (int) G_N_ELEMENTS (parts)) - 1]), 1);
}

/* Lower limit of the longest side of a scale, px; 0: one scale. At least LEARNED_PX if `init` is learned: smaller
 * scales would paint over the style network's result. At 512 px the loss with five scales is 0.311; with one scale it
 * is 0.299, in half the time. */
static double
start_size (const RvStyleSettings *settings)
{
  gboolean learned = settings->start_size > 0 && strcmp (settings->init, "learned") == 0;
  return learned ? MAX ((double) settings->start_size, LEARNED_PX) : (double) settings->start_size;
}

GArray *
rv__scale_schedule (const RvStyleSettings *settings, int width, int height, int min_side)
{
  GArray *scales = g_array_new (FALSE, FALSE, sizeof (RvScale));
  int longest = MAX (width, height), n = 1;
  if (settings->start_size > 0)
    while (longest / pow (settings->climb_step, n) >= start_size (settings))
      n++;
  for (int k = n - 1; k >= 0; k--) {
    int side = (int) lrint (longest / pow (settings->climb_step, k));
    double factor = k > 0 && scales->len == 0 ? settings->first_scale : 1;
    gint64 iterations = MAX ((gint64) lrint ((double) iterations_at (settings, side) * factor), 1);
    RvScale scale = k ? rv__scale_new (settings, rv__scale_side (width, longest, side),
                                       rv__scale_side (height, longest, side), iterations)
                      : rv__scale_new (settings, width, height, iterations);
    if (k == 0 || MIN (scale.canvas_width, scale.canvas_height) >= min_side) /* narrow pictures have fewer scales */
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

/* Number of pixels of the scale's picture, without margin. */
static gint64
picture_pixels (const RvScale *scale)
{
  return (gint64) scale->width * scale->height;
}

/* Copies @plane, [height, width] of @scale, to the middle of one plane of its canvas and mirrors it in the margin. */
static void
extend (const float *plane, const RvScale *scale, float *canvas)
{
  for (int y = 0; y < scale->canvas_height; y++) {
    const float *row = plane + (gint64) rv__mirror_about_last (y - scale->top, scale->height) * scale->width;
    for (int x = 0; x < scale->canvas_width; x++)
      *canvas++ = row[rv__mirror_about_last (x - scale->left, scale->width)];
  }
}

void
rv__scale_pad (const float *picture, const RvScale *scale, float *canvas)
{
  for (int c = 0; c < COLORS; c++)
    extend (picture + c * picture_pixels (scale), scale, canvas + c * rv__scale_canvas_pixels (scale));
}

gboolean
rv__scale_extend_plane (const float *plane, int width, int height, float white, const RvScale *scale, float *canvas,
                        GError **error)
{
  if (width == scale->width && height == scale->height) {
    extend (plane, scale, canvas);
    return TRUE;
  }
  float *resized = rv__alloc ((gsize) picture_pixels (scale) * sizeof (float), "a picture", error);
  gboolean ok = resized && rv__plane_resize (plane, width, height, white, RV_IMAGE_RESIZE_BEST, resized, scale->width,
                                             scale->height, error);
  if (ok)
    extend (resized, scale, canvas);
  rv__free (resized);
  return ok;
}

/* ---- between scales ---------------------------------------------------------------------------------------------- */

gboolean
rv__scale_picture (const float *canvas, const RvScale *old, const RvScale *next, float *picture, GError **error)
{
  gboolean resizes = old->width != next->width || old->height != next->height;
  float *plane = resizes ? rv__alloc ((gsize) picture_pixels (old) * sizeof (float), "a picture", error) : NULL;
  if (resizes && !plane)
    return FALSE;
  for (int c = 0; c < COLORS; c++, canvas += rv__scale_canvas_pixels (old), picture += picture_pixels (next)) {
    float *to = resizes ? plane : picture;
    for (int y = 0; y < old->height; y++)
      memcpy (to + (gint64) y * old->width, canvas + (gint64) (y + old->top) * old->canvas_width + old->left,
              (gsize) old->width * sizeof (float));
    if (resizes)
      rv__resize_planes (plane, 1, old->height, old->width, RV_RESIZE_BICUBIC, picture, next->height, next->width);
  }
  rv__free (plane);
  return TRUE;
}

gboolean
rv__scale_enlarge_canvas (const float *canvas, const RvScale *old, const RvScale *next, float *to, GError **error)
{
  float *picture = rv__alloc ((gsize) (COLORS * picture_pixels (next)) * sizeof (float), "a picture", error);
  gboolean ok = picture && rv__scale_picture (canvas, old, next, picture, error);
  if (ok)
    rv__scale_pad (picture, next, to);
  rv__free (picture);
  return ok;
}
