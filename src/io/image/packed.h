/* packed.h -- pictures that wait, in as few bytes as hold them to the bit; and masks, in 8 or 16 bits a pixel.
 * Layer 2 (io). */
#ifndef RV_IMAGE_PACKED_H
#define RV_IMAGE_PACKED_H

#include <reverie/image.h>

typedef struct {
  int width, height; /* px */
  int planes;        /* 3 colours, or 1: grey */
  gsize unit;        /* bytes of a number */
  void *data;        /* plane after plane. Owned */
} RvPackedImage;

/* rv__image_packed_unit: bytes for each number of its colours: 1 or 2, as files have them; else that of floats.
 * rv__image_pack: (transfer full) (nullable): its colours, without alpha. NULL without an error: it would be no
 * smaller. rv__image_pack_mask: (transfer full) (nullable): how bright it is, as far as it is opaque: of grey that has
 * 8 bits just that, else rounded to 16. rv__image_unpack: (transfer full) (nullable): just what was packed, grey as
 * three equal colours. RV_ERROR_MEMORY. */
gsize rv__image_packed_unit (const RvImage *image);
RvPackedImage *rv__image_pack (const RvImage *image, GError **error);
RvPackedImage *rv__image_pack_mask (const RvImage *mask, GError **error);
RvImage *rv__image_unpack (const RvPackedImage *packed, GError **error);
void rv__packed_image_free (RvPackedImage *packed);

/* Brightness of @mask, 0..1, white being 1: the mean of its colours times its alpha. A plane, resized to @width x
 * @height px. (transfer full: rv__free()) (nullable). RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
float *rv__image_mask_plane (const RvImage *mask, int width, int height, GError **error);

/* rv__packed_image_read: rows @from up to @end of a plane, 0..255, into @to. rv__packed_image_bytes: of its numbers. */
void rv__packed_image_read (const RvPackedImage *packed, int plane, int from, int end, float *to);
gsize rv__packed_image_bytes (const RvPackedImage *packed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvPackedImage, rv__packed_image_free)

#endif
