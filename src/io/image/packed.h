/* packed.h -- masks that wait, in 8 or 16 bits a pixel.
 * Layer 2 (io). */
#ifndef RV_IMAGE_PACKED_H
#define RV_IMAGE_PACKED_H

#include <reverie/image.h>

typedef struct {
  int width, height; /* px */
  gsize unit;        /* bytes of a number */
  void *data;        /* owned */
} RvPackedImage;

/* rv__image_pack_mask: (transfer full) (nullable): how bright it is, as far as it is opaque: of grey that has 8 bits
 * just that, else rounded to 16. rv__image_unpack: (transfer full) (nullable): the mask as three equal colours.
 * RV_ERROR_MEMORY. */
RvPackedImage *rv__image_pack_mask (const RvImage *mask, GError **error);
RvImage *rv__image_unpack (const RvPackedImage *packed, GError **error);
void rv__packed_image_free (RvPackedImage *packed);

/* Brightness of @mask, 0..1, white being 1: the mean of its colours times its alpha. A plane, resized to @width x
 * @height px. (transfer full: rv__free()) (nullable). RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
float *rv__image_mask_plane (const RvImage *mask, int width, int height, GError **error);

/* rv__packed_image_read: writes it to @to, 0..255. rv__packed_image_bytes: of its numbers. */
void rv__packed_image_read (const RvPackedImage *packed, float *to);
gsize rv__packed_image_bytes (const RvPackedImage *packed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvPackedImage, rv__packed_image_free)

#endif
