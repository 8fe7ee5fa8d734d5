/* compact.h -- masks in 8 or 16 bits per pixel. Layer 2 (io). */
#ifndef RV_IMAGE_COMPACT_H
#define RV_IMAGE_COMPACT_H

#include <reverie/image.h>

typedef struct {
  int width, height; /* px */
  gsize unit;        /* bytes per pixel */
  void *data;        /* owned */
} RvCompactImage;

/* (transfer full) (nullable): brightness of @mask (rv__image_mask_plane()): exact in 8 bits if possible, else rounded
 * to 16. RV_ERROR_MEMORY. */
RvCompactImage *rv__compact_image_new_mask (const RvImage *mask, GError **error);
/* (transfer full) (nullable): a mask of three equal colours. RV_ERROR_MEMORY. */
RvImage *rv__compact_image_to_image (const RvCompactImage *packed, GError **error);
void rv__compact_image_free (RvCompactImage *packed);

/* (transfer full: rv__free()) (nullable): brightness of @mask, 0..1: the mean of its colours times its alpha. A plane,
 * resized to @width x @height px. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
float *rv__image_mask_plane (const RvImage *mask, int width, int height, GError **error);

/* Writes the brightness, 0..255, to @to, [height, width]. */
void rv__compact_image_read (const RvCompactImage *packed, float *to);
/* Bytes of the pixels. */
gsize rv__compact_image_bytes (const RvCompactImage *packed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvCompactImage, rv__compact_image_free)

#endif
