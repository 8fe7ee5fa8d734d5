/* yuv.c -- luma and chroma planes to RGB and back.
 *
 *   Y = Kr R + (1 - Kr - Kb) G + Kb B,   Cb = (B - Y) / (2 (1 - Kb)),   Cr = (R - Y) / (2 (1 - Kr))
 *
 * with R, G, B, Y from 0 to 1, Cb, Cr from -1/2 to 1/2. */
#include "io/film/yuv.h"
#include "base/parallel.h"
#include "base/sample.h"
#include <math.h>

#define SD_WIDTH 1279
#define SD_HEIGHT 576

typedef struct {
  float r, g, b;
} Weights;

static Weights
weights_of (const RvYuv *yuv)
{
  gboolean sd = yuv->width <= SD_WIDTH && yuv->height <= SD_HEIGHT;
  return sd ? (Weights){ 0.299f, 0.587f, 0.114f } : (Weights){ 0.2126f, 0.7152f, 0.0722f };
}

/* sample = zero + value * one */
typedef struct {
  float zero, one;
} Scale;

static Scale
scale_of (const RvYuv *yuv, gboolean chroma)
{
  float unit = (float) (1 << (yuv->bits - 8)), white = (float) ((1 << yuv->bits) - 1);
  if (yuv->full_range)
    return (Scale){ chroma ? 128 * unit : 0, white };
  return chroma ? (Scale){ 128 * unit, 224 * unit } : (Scale){ 16 * unit, 219 * unit };
}

static int
chroma_width (const RvYuv *yuv)
{
  return (yuv->width + (1 << yuv->shift_x) - 1) >> yuv->shift_x;
}

static int
chroma_height (const RvYuv *yuv)
{
  return (yuv->height + (1 << yuv->shift_y) - 1) >> yuv->shift_y;
}

gsize
rv__yuv_bytes (const RvYuv *yuv)
{
  gsize luma = (gsize) yuv->width * (gsize) yuv->height;
  gsize chroma = (gsize) chroma_width (yuv) * (gsize) chroma_height (yuv);
  return (luma * (yuv->alpha ? 2 : 1) + (yuv->mono ? 0 : 2 * chroma)) * (yuv->bits > 8 ? 2 : 1);
}

/* A plane of a frame. */
typedef struct {
  const guint8 *bytes;
  int width, height;
  gboolean wide; /* samples are of two bytes */
  Scale scale;
} Plane;

static inline float
value_at (const Plane *plane, int x, int y)
{
  gsize i = (gsize) y * (gsize) plane->width + (gsize) x;
  int sample = plane->wide ? plane->bytes[2 * i] | plane->bytes[2 * i + 1] << 8 : plane->bytes[i];
  return ((float) sample - plane->scale.zero) / plane->scale.one;
}

/* Where on an axis of the chroma plane a pixel's middle lies: between samples *a and *b, *t of the way. */
static inline void
place (int at, int shift, gboolean left, int size, int *a, int *b, float *t)
{
  float where = left ? (float) at / (float) (1 << shift) : ((float) at + 0.5f) / (float) (1 << shift) - 0.5f;
  int below = (int) floorf (where);
  *t = where - (float) below;
  *a = CLAMP (below, 0, size - 1);
  *b = CLAMP (below + 1, 0, size - 1);
}

static inline float
chroma_at (const RvYuv *yuv, const Plane *plane, int x, int y)
{
  int x0, x1, y0, y1;
  float tx, ty;
  place (x, yuv->shift_x, yuv->left, plane->width, &x0, &x1, &tx);
  place (y, yuv->shift_y, FALSE, plane->height, &y0, &y1, &ty);
  float above = value_at (plane, x0, y0) * (1 - tx) + value_at (plane, x1, y0) * tx;
  float below = value_at (plane, x0, y1) * (1 - tx) + value_at (plane, x1, y1) * tx;
  return above * (1 - ty) + below * ty;
}

RvImage *
rv__yuv_unpack (const RvYuv *yuv, const guint8 *bytes, GError **error)
{
  RvImage *image = rv_image_new (yuv->width, yuv->height, error);
  if (!image)
    return NULL;
  Weights k = weights_of (yuv);
  gsize sample = yuv->bits > 8 ? 2 : 1, n = (gsize) yuv->width * (gsize) yuv->height;
  Plane luma = { bytes, yuv->width, yuv->height, yuv->bits > 8, scale_of (yuv, FALSE) };
  Plane blue = { bytes + n * sample, chroma_width (yuv), chroma_height (yuv), yuv->bits > 8, scale_of (yuv, TRUE) };
  Plane red = blue;
  red.bytes += (gsize) blue.width * (gsize) blue.height * sample;
  float *rgb = image->rgb->data;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (int y = 0; y < yuv->height; y++)
    for (int x = 0; x < yuv->width; x++) {
      float Y = value_at (&luma, x, y), Cb = 0, Cr = 0;
      if (!yuv->mono)
        Cb = chroma_at (yuv, &blue, x, y), Cr = chroma_at (yuv, &red, x, y);
      float R = Y + 2 * (1 - k.r) * Cr, B = Y + 2 * (1 - k.b) * Cb, G = (Y - k.r * R - k.b * B) / k.g;
      gsize i = (gsize) y * (gsize) yuv->width + (gsize) x;
      rgb[i] = CLAMP (255 * R, 0, 255);
      rgb[n + i] = CLAMP (255 * G, 0, 255);
      rgb[2 * n + i] = CLAMP (255 * B, 0, 255);
    }
  return image;
}

/* ---- and back ---------------------------------------------------------------------------------------------------- */

static inline guint8
sample_of (float value, Scale scale)
{
  return rv__byte (scale.zero + value * scale.one);
}

/* R, G and B, 0..1, in the mean of what a chroma sample stands for. */
static inline void
mean_of (const RvYuv *yuv, const float *rgb, int cx, int cy, float mean[3])
{
  int x0 = cx << yuv->shift_x, y0 = cy << yuv->shift_y, n = 0;
  gsize plane = (gsize) yuv->width * (gsize) yuv->height;
  mean[0] = mean[1] = mean[2] = 0;
  for (int y = y0; y < MIN (y0 + (1 << yuv->shift_y), yuv->height); y++)
    for (int x = x0; x < MIN (x0 + (1 << yuv->shift_x), yuv->width); x++, n++)
      for (int c = 0; c < 3; c++)
        mean[c] += rgb[(gsize) c * plane + (gsize) y * (gsize) yuv->width + (gsize) x];
  for (int c = 0; c < 3; c++)
    mean[c] /= 255 * (float) n;
}

void
rv__yuv_pack (const RvYuv *yuv, const RvImage *image, guint8 *bytes)
{
  Weights k = weights_of (yuv);
  Scale of_luma = scale_of (yuv, FALSE), of_chroma = scale_of (yuv, TRUE);
  gsize n = (gsize) yuv->width * (gsize) yuv->height;
  int across = chroma_width (yuv), down = chroma_height (yuv);
  guint8 *blue = bytes + n, *red = blue + (gsize) across * (gsize) down;
  const float *rgb = image->rgb->data;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gsize i = 0; i < n; i++)
    bytes[i] = sample_of ((k.r * rgb[i] + k.g * rgb[n + i] + k.b * rgb[2 * n + i]) / 255, of_luma);
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (int cy = 0; cy < down; cy++)
    for (int cx = 0; cx < across; cx++) {
      float mean[3];
      mean_of (yuv, rgb, cx, cy, mean);
      float Y = k.r * mean[0] + k.g * mean[1] + k.b * mean[2];
      gsize i = (gsize) cy * (gsize) across + (gsize) cx;
      blue[i] = sample_of ((mean[2] - Y) / (2 * (1 - k.b)), of_chroma);
      red[i] = sample_of ((mean[0] - Y) / (2 * (1 - k.r)), of_chroma);
    }
}
