/* frame.h -- transitions between frames: blend and zoom. Layer 2 (io). */
#ifndef RV_IMAGE_FRAME_H
#define RV_IMAGE_FRAME_H

#include <reverie/image.h>

/* (transfer full) (nullable): @part_01 * from + (1 - @part_01) * to, with the alpha of @to. @mask (nullable; any size)
 * multiplies @part_01 by the mean of its colours times its alpha, 0..1. RV_ERROR_SHAPE unless both have one size,
 * RV_ERROR_MEMORY. */
RvImage *rv__image_blend (const RvImage *from, const RvImage *to, double part_01, const RvImage *mask, GError **error);

/* (transfer full) (nullable): @image scaled around its centre by @factor, above 0, rotated clockwise by @degrees, and
 * cropped to its size; bicubic (Keys 1981). Border pixels continue outside. RV_ERROR_MEMORY. */
RvImage *rv__image_zoom (const RvImage *image, double factor, double degrees, GError **error);

#endif
