/* compact.h -- masks in 8 or 16 bits per pixel. Layer 2 (io). */
#pragma once

#include <reverie/image.h>

/* Mask of 8 or 16 bits per pixel. Free with rv__compact_image_free(). */
typedef struct {
  int width, height; /* px */
  gsize pixel_bytes; /* 1: guint8, 0..255; 2: guint16, 0..65535 */
  void *data;        /* brightness, [height, width]; owned */
} RvCompactImage;

/* (transfer full) (nullable): the brightness of @mask, 0..255: the mean of its colours times its alpha (1 without),
 * clamped. In 8 bits if all pixels are whole numbers, which is exact; else rounded to 16 bits. */
RvCompactImage *rv__compact_image_new_mask (const RvImage *mask, GError **error);
/* (transfer full) (nullable): a new opaque picture of the same size whose three colours are the brightness, 0..255. */
RvImage *rv__compact_image_to_image (const RvCompactImage *compact, GError **error);
/* Frees @compact (nullable) and its pixels. */
void rv__compact_image_free (RvCompactImage *compact);

/* (transfer full: rv__free()) (nullable): f32 [@height, @width], the brightness of @mask, 0..1: the mean of its colours
 * times its alpha (1 without), clamped. Resized as RV_IMAGE_RESIZE_BEST if the size of @mask differs. */
float *rv__image_mask_plane (const RvImage *mask, int width, int height, GError **error);

/* Writes the brightness as floats, 0..255, to @to, [height, width]; 16 bits become fractions. Cannot fail. */
void rv__compact_image_read (const RvCompactImage *compact, float *to);
/* Bytes that the pixels take in memory, without the struct. */
gsize rv__compact_image_bytes (const RvCompactImage *compact);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvCompactImage, rv__compact_image_free)
