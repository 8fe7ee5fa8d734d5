/* packed.c -- pictures that wait: what came out of a file of 8 or 16 bits fits into as many. */
#include "packed.h"
#include "base/alloc.h"
#include <math.h>

#define WHITE_8 255.0f
#define WHITE_16 65535.0f

struct _RvPackedImage {
  int width, height;
  gsize unit;
  void *data; /* of each colour its plane */
};

static gint64
count_of (int width, int height)
{
  return 3 * (gint64) width * height;
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
  return (guint8) CLAMP (value, 0, WHITE_8);
}

gsize
rv__image_packed_unit (const RvImage *image)
{
  const float *v = image->rgb->data;
  gint64 n = count_of (image->width, image->height), i = 0;
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
  gint64 n = count_of (image->width, image->height);
  gsize unit = rv__image_packed_unit (image);
  void *data = unit < sizeof (float) ? rv__alloc ((gsize) n * unit, "a picture that waits", error) : NULL;
  if (!data)
    return NULL;
  for (gint64 i = 0; i < n; i++)
    if (unit == sizeof (guint8))
      ((guint8 *) data)[i] = to_8 (v[i]);
    else
      ((guint16 *) data)[i] = to_16 (v[i]);
  RvPackedImage *packed = g_new (RvPackedImage, 1);
  *packed = (RvPackedImage){ image->width, image->height, unit, data };
  return packed;
}

RvImage *
rv__image_unpack (const RvPackedImage *packed, GError **error)
{
  RvImage *image = rv_image_new (packed->width, packed->height, error);
  float *v = image ? image->rgb->data : NULL;
  for (gint64 i = 0; image && i < count_of (packed->width, packed->height); i++)
    v[i] = packed->unit == sizeof (guint8) ? (float) ((const guint8 *) packed->data)[i]
                                           : from_16 (((const guint16 *) packed->data)[i]);
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
