/* packed.c -- pictures that wait: what came out of a file of 8 or 16 bits fits into as many. And masks, which wait too.
 */
#include "packed.h"
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

/* As they are read (image.c). */
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

/* Zeros. (transfer full) (nullable) */
static RvPackedImage *
new_packed (int width, int height, int planes, gsize unit, GError **error)
{
  void *data = rv__alloc ((gsize) (planes * count_of (width, height)) * unit, "a picture that waits", error);
  if (!data)
    return NULL;
  RvPackedImage *packed = g_new (RvPackedImage, 1);
  *packed = (RvPackedImage){ width, height, planes, unit, data };
  return packed;
}

static void
put (RvPackedImage *packed, gint64 i, float value)
{
  if (packed->unit == sizeof (guint8))
    ((guint8 *) packed->data)[i] = to_8 (value);
  else
    ((guint16 *) packed->data)[i] = to_16 (value);
}

gsize
rv__image_packed_unit (const RvImage *image)
{
  const float *v = image->rgb->data;
  gint64 n = 3 * count_of (image->width, image->height), i = 0;
  while (i < n && v[i] == (float) to_8 (v[i]))
    i++;
  if (i == n)
    return sizeof (guint8);
  for (i = 0; i < n && v[i] == from_16 (to_16 (v[i]));)
    i++;
  return i == n ? sizeof (guint16) : sizeof (float);
}

RvPackedImage *
rv__image_pack (const RvImage *image, GError **error)
{
  const float *v = image->rgb->data;
  gsize unit = rv__image_packed_unit (image);
  RvPackedImage *packed = unit < sizeof (float) ? new_packed (image->width, image->height, 3, unit, error) : NULL;
  for (gint64 i = 0; packed && i < 3 * count_of (image->width, image->height); i++)
    put (packed, i, v[i]);
  return packed;
}

RvImage *
rv__image_unpack (const RvPackedImage *packed, GError **error)
{
  RvImage *image = rv_image_new (packed->width, packed->height, error);
  float *v = image ? image->rgb->data : NULL;
  for (int c = 0; image && c < 3; c++, v += count_of (packed->width, packed->height))
    rv__packed_image_read (packed, MIN (c, packed->planes - 1), 0, packed->height, v);
  return image;
}

void
rv__packed_image_free (RvPackedImage *packed)
{
  if (!packed)
    return;
  rv__free (packed->data);
  g_free (packed);
}

void
rv__packed_image_read (const RvPackedImage *packed, int plane, int from, int end, float *to)
{
  gint64 first = plane * count_of (packed->width, packed->height) + count_of (packed->width, from);
  for (gint64 i = 0; i < count_of (packed->width, end - from); i++)
    to[i] = packed->unit == sizeof (guint8) ? (float) ((const guint8 *) packed->data)[first + i]
                                            : from_16 (((const guint16 *) packed->data)[first + i]);
}

gsize
rv__packed_image_bytes (const RvPackedImage *packed)
{
  return (gsize) (packed->planes * count_of (packed->width, packed->height)) * packed->unit;
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* The mean of a pixel's colours times its alpha, 0..255: the one rule for masks. */
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

RvPackedImage *
rv__image_pack_mask (const RvImage *mask, GError **error)
{
  gint64 n = count_of (mask->width, mask->height), i = 0;
  while (i < n && brightness (mask, i) == (float) to_8 (brightness (mask, i)))
    i++;
  RvPackedImage *packed = new_packed (mask->width, mask->height, 1, i == n ? sizeof (guint8) : sizeof (guint16), error);
  for (i = 0; packed && i < n; i++)
    put (packed, i, brightness (mask, i));
  return packed;
}
