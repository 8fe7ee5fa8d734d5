/* frame.h -- transitions between frames: blend and zoom. Layer 2 (io). */
#ifndef RV_IMAGE_FRAME_H
#define RV_IMAGE_FRAME_H

#include <reverie/image.h>

/* (transfer full) (nullable): @weight_01 * from + (1 - @weight_01) * to, with the alpha of @to (shared). @mask
 * (nullable; any size) multiplies @weight_01 by the mean of its colours times its alpha, 0..1. RV_ERROR_SHAPE unless
 * @from and @to have one size; errors of rv__image_mask_plane(). */
RvImage *rv__image_blend (const RvImage *from, const RvImage *to, double weight_01, const RvImage *mask,
                          GError **error);

/* (transfer full) (nullable): @image scaled around its centre by @enlargement (above 1: enlarged), rotated clockwise by
 * @degrees, and cropped to its size. Bicubic (Keys 1981): colours may exceed 0..255. Border pixels continue outside.
 * RV_ERROR_MEMORY. */
RvImage *rv__image_zoom (const RvImage *image, double enlargement, double degrees, GError **error);

#endif
