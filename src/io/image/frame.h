/* frame.h -- what comes between two frames of a moving picture: one blended into the next, one zoomed into.
 * Layer 2 (io). */
#ifndef RV_IMAGE_FRAME_H
#define RV_IMAGE_FRAME_H

#include <reverie/image.h>

/* (transfer full) (nullable): @part_01 * from + (1 - @part_01) * to, with @to's alpha. Under a @mask (nullable; of any
 * size) the part is multiplied by the mean of its colours times its alpha, 1 where it is white. RV_ERROR_SHAPE unless
 * both have one size, RV_ERROR_MEMORY. */
RvImage *rv__image_blend (const RvImage *from, const RvImage *to, double part_01, const RvImage *mask, GError **error);

/* (transfer full) (nullable): @image enlarged around its middle by @factor, above 0, turned clockwise by @degrees, and
 * cut to its size; bicubic (Keys 1981). Pixels beyond the borders repeat them. RV_ERROR_MEMORY. */
RvImage *rv__image_zoom (const RvImage *image, double factor, double degrees, GError **error);

#endif
