/* pixels.c -- conversion between RvImage and GeglBuffer. */
#include "pixels.h"
#include <reverie/error.h>

/* Babl formats for one type of samples: sRGB, alpha not premultiplied. */
typedef struct {
  const char *samples; /* babl's name of the layer's type; NULL: any other */
  RvPixelType type;
  const char *rgb, *rgba;
  gsize bytes;
} Samples;

static const Samples samples[] = {
  { "u8", RV_PIXEL_U8, "R'G'B' u8", "R'G'B'A u8", 1 },
  { "u16", RV_PIXEL_U16, "R'G'B' u16", "R'G'B'A u16", 2 },
  { NULL, RV_PIXEL_F32, "R'G'B' float", "R'G'B'A float", 4 },
};

static const Samples *
samples_of (const Babl *format)
{
  const Samples *row = samples;
  while (row->samples && babl_format_get_type (format, 0) != babl_type (row->samples))
    row++;
  return row;
}

/* (transfer full) (nullable): memory for the pixels. RV_ERROR_MEMORY. */
static gpointer
new_rows (int width, int height, gsize pixel_bytes, GError **error)
{
  gpointer rows = g_try_malloc_n ((gsize) width * pixel_bytes, (gsize) height);
  if (!rows)
    g_set_error (error, RV_ERROR, RV_ERROR_MEMORY, "no memory for a layer of %d x %d px", width, height);
  return rows;
}

RvImage *
pixels_read (GeglBuffer *buffer, const Babl *format, GError **error)
{
  const Samples *row = samples_of (format);
  gboolean alpha = babl_format_has_alpha (format);
  int width = gegl_buffer_get_width (buffer), height = gegl_buffer_get_height (buffer), channels = alpha ? 4 : 3;
  g_autofree gpointer rows = new_rows (width, height, (gsize) channels * row->bytes, error);
  if (!rows)
    return NULL;
  gegl_buffer_get (buffer, NULL, 1, babl_format (alpha ? row->rgba : row->rgb), rows, GEGL_AUTO_ROWSTRIDE,
                   GEGL_ABYSS_NONE);
  return rv_image_new_from_memory (rows, row->type, width, height, channels,
                                   (gsize) width * (gsize) channels * row->bytes, error);
}

gboolean
pixels_write (GeglBuffer *buffer, const Babl *format, const RvImage *image, GError **error)
{
  const Samples *row = samples_of (format);
  int channels = image->alpha ? 4 : 3;
  gsize stride = (gsize) image->width * (gsize) channels * row->bytes;
  g_autofree gpointer rows = new_rows (image->width, image->height, (gsize) channels * row->bytes, error);
  if (!rows || !rv_image_to_memory (image, rows, row->type, channels, stride, error))
    return FALSE;
  gegl_buffer_set (buffer, NULL, 0, babl_format (image->alpha ? row->rgba : row->rgb), rows, GEGL_AUTO_ROWSTRIDE);
  return TRUE;
}
