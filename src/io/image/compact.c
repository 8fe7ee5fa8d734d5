/* compact.c -- masks in 8 or 16 bits per pixel. */
#include "compact.h"
#include "base/alloc.h"
#include "base/sample.h"
#include "io/image/plane.h"
#include <math.h>

#define WHITE_8 255.0f
#define WHITE_16 65535.0f

static gint64
n_pixels (int width, int height)
{
  return (gint64) width * height;
}

/* @value, 0..255, truncated and clamped: exact for whole numbers. */
static guint8
to_8 (float value)
{
  return (guint8) rv__sample (value, WHITE_8, 0);
}

RvImage *
rv__compact_image_to_image (const RvCompactImage *compact, GError **error)
{
  RvImage *image = rv_image_new (compact->width, compact->height, error);
  float *v = image ? image->rgb->data : NULL;
  for (int c = 0; image && c < 3; c++, v += n_pixels (compact->width, compact->height))
    rv__compact_image_read (compact, v);
  return image;
}

void
rv__compact_image_free (RvCompactImage *compact)
{
  if (!compact)
    return;
  rv__free (compact->data);
  g_free (compact);
}

void
rv__compact_image_read (const RvCompactImage *compact, float *to)
{
  const float scale = (float) (255 / (double) WHITE_16); /* as in rv__image_put_rows() */
  for (gint64 i = 0; i < n_pixels (compact->width, compact->height); i++)
    to[i] = compact->pixel_bytes == sizeof (guint8) ? (float) ((const guint8 *) compact->data)[i]
                                                    : scale * (float) ((const guint16 *) compact->data)[i];
}

gsize
rv__compact_image_bytes (const RvCompactImage *compact)
{
  return (gsize) n_pixels (compact->width, compact->height) * compact->pixel_bytes;
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* Brightness of pixel @i of a mask, 0..255, not clamped: the mean of its colours times its alpha (1 without). */
static float
brightness (const RvImage *mask, gint64 i)
{
  const float *rgb = mask->rgb->data;
  gint64 plane = n_pixels (mask->width, mask->height);
  float mean = (rgb[i] + rgb[plane + i] + rgb[2 * plane + i]) / 3;
  return mask->alpha ? mean * ((const float *) mask->alpha->data)[i] : mean;
}

float *
rv__image_mask_plane (const RvImage *mask, int width, int height, GError **error)
{
  gint64 n = n_pixels (mask->width, mask->height), n_new = n_pixels (width, height);
  gboolean same = mask->width == width && mask->height == height;
  float *plane = rv__alloc ((gsize) n * sizeof (float), "a mask", error);
  for (gint64 i = 0; plane && i < n; i++)
    plane[i] = CLAMP (brightness (mask, i) / WHITE_8, 0, 1);
  if (!plane || same)
    return plane;
  float *resized = rv__alloc ((gsize) n_new * sizeof (float), "a mask", error);
  if (resized &&
      !rv__plane_resize (plane, mask->width, mask->height, 1, RV_IMAGE_RESIZE_BEST, resized, width, height, error))
    g_clear_pointer (&resized, rv__free);
  rv__free (plane);
  return resized;
}

RvCompactImage *
rv__compact_image_new_mask (const RvImage *mask, GError **error)
{
  gint64 n = n_pixels (mask->width, mask->height), i = 0;
  while (i < n && brightness (mask, i) == (float) to_8 (brightness (mask, i)))
    i++;
  gsize pixel_bytes = i == n ? sizeof (guint8) : sizeof (guint16);
  void *data = rv__alloc ((gsize) n * pixel_bytes, "a mask", error);
  if (!data)
    return NULL;
  for (i = 0; i < n; i++) {
    float value = brightness (mask, i);
    if (pixel_bytes == sizeof (guint8))
      ((guint8 *) data)[i] = to_8 (value);
    else
      ((guint16 *) data)[i] = (guint16) lrintf (CLAMP (value * (WHITE_16 / WHITE_8), 0, WHITE_16));
  }
  RvCompactImage *compact = g_new (RvCompactImage, 1);
  *compact = (RvCompactImage){ mask->width, mask->height, pixel_bytes, data };
  return compact;
}
