/* compact.c -- masks in 8 or 16 bits per pixel. */
#include "compact.h"
#include "base/alloc.h"
#include "base/sample.h"
#include "io/image/plane.h"
#include <math.h>

#define WHITE_8 255.0f
#define WHITE_16 65535.0f

static gint64
count_of (int width, int height)
{
  return (gint64) width * height;
}

/* Same arithmetic as in image.c. */
static float
from_16 (guint16 value)
{
  return (float) (255 / (double) WHITE_16) * (float) value;
}

static guint16
to_16 (float value)
{
  return (guint16) lrintf (CLAMP (value * (WHITE_16 / WHITE_8), 0, WHITE_16));
}

static guint8
to_8 (float value)
{
  return (guint8) rv__sample (value, WHITE_8, 0);
}

static RvCompactImage *
new_packed (int width, int height, gsize unit, GError **error)
{
  void *data = rv__alloc ((gsize) count_of (width, height) * unit, "a mask", error);
  if (!data)
    return NULL;
  RvCompactImage *packed = g_new (RvCompactImage, 1);
  *packed = (RvCompactImage){ width, height, unit, data };
  return packed;
}

static void
put (RvCompactImage *packed, gint64 i, float value)
{
  if (packed->unit == sizeof (guint8))
    ((guint8 *) packed->data)[i] = to_8 (value);
  else
    ((guint16 *) packed->data)[i] = to_16 (value);
}

RvImage *
rv__compact_image_to_image (const RvCompactImage *packed, GError **error)
{
  RvImage *image = rv_image_new (packed->width, packed->height, error);
  float *v = image ? image->rgb->data : NULL;
  for (int c = 0; image && c < 3; c++, v += count_of (packed->width, packed->height))
    rv__compact_image_read (packed, v);
  return image;
}

void
rv__compact_image_free (RvCompactImage *packed)
{
  if (!packed)
    return;
  rv__free (packed->data);
  g_free (packed);
}

void
rv__compact_image_read (const RvCompactImage *packed, float *to)
{
  for (gint64 i = 0; i < count_of (packed->width, packed->height); i++)
    to[i] = packed->unit == sizeof (guint8) ? (float) ((const guint8 *) packed->data)[i]
                                            : from_16 (((const guint16 *) packed->data)[i]);
}

gsize
rv__compact_image_bytes (const RvCompactImage *packed)
{
  return (gsize) count_of (packed->width, packed->height) * packed->unit;
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* Brightness of a mask, 0..255: the mean of a pixel's colours times its alpha. */
static float
brightness (const RvImage *mask, gint64 i)
{
  const float *rgb = mask->rgb->data;
  gint64 plane = count_of (mask->width, mask->height);
  float mean = (rgb[i] + rgb[plane + i] + rgb[2 * plane + i]) / 3;
  return mask->alpha ? mean * ((const float *) mask->alpha->data)[i] : mean;
}

float *
rv__image_mask_plane (const RvImage *mask, int width, int height, GError **error)
{
  gint64 n = count_of (mask->width, mask->height), n_new = count_of (width, height);
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
  gint64 n = count_of (mask->width, mask->height), i = 0;
  while (i < n && brightness (mask, i) == (float) to_8 (brightness (mask, i)))
    i++;
  RvCompactImage *packed = new_packed (mask->width, mask->height, i == n ? sizeof (guint8) : sizeof (guint16), error);
  for (i = 0; packed && i < n; i++)
    put (packed, i, brightness (mask, i));
  return packed;
}
