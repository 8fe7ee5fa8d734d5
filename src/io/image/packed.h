/* packed.h -- masks in 8 or 16 bits per pixel. Layer 2 (io). */
#ifndef RV_IMAGE_PACKED_H
#define RV_IMAGE_PACKED_H

#include <reverie/image.h>

typedef struct {
  int width, height; /* px */
  gsize unit;        /* bytes per pixel */
  void *data;        /* owned */
} RvPackedImage;

/* (transfer full) (nullable): brightness of @mask (rv__image_mask_plane()): exact in 8 bits if possible, else rounded
 * to 16. RV_ERROR_MEMORY. */
RvPackedImage *rv__image_pack_mask (const RvImage *mask, GError **error);
/* (transfer full) (nullable): a mask of three equal colours. RV_ERROR_MEMORY. */
RvImage *rv__image_unpack (const RvPackedImage *packed, GError **error);
void rv__packed_image_free (RvPackedImage *packed);

/* (transfer full: rv__free()) (nullable): brightness of @mask, 0..1: the mean of its colours times its alpha. A plane,
 * resized to @width x @height px. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
float *rv__image_mask_plane (const RvImage *mask, int width, int height, GError **error);

/* Writes the brightness, 0..255, to @to. */
void rv__packed_image_read (const RvPackedImage *packed, float *to);
/* Bytes of the pixels. */
gsize rv__packed_image_bytes (const RvPackedImage *packed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvPackedImage, rv__packed_image_free)

#endif
