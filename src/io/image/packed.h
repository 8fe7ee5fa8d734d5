/* packed.h -- pictures that wait, in as few bytes as hold them to the bit.
 * Layer 2 (io). */
#ifndef RV_IMAGE_PACKED_H
#define RV_IMAGE_PACKED_H

#include <reverie/image.h>

typedef struct _RvPackedImage RvPackedImage;

/* rv__image_packed_unit: bytes for each number of its colours: 1 or 2, as files have them; else that of floats.
 * rv__image_pack: (transfer full) (nullable): its colours, without alpha. NULL without an error: it would be no
 * smaller. rv__image_unpack: (transfer full) (nullable): just those. RV_ERROR_MEMORY. */
gsize rv__image_packed_unit (const RvImage *image);
RvPackedImage *rv__image_pack (const RvImage *image, GError **error);
RvImage *rv__image_unpack (const RvPackedImage *packed, GError **error);
void rv__packed_image_free (RvPackedImage *packed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvPackedImage, rv__packed_image_free)

#endif
