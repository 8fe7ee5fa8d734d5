/* plane.h -- one channel of a picture, in memory.
 * Layer 2 (io). */
#ifndef RV_IMAGE_PLANE_H
#define RV_IMAGE_PLANE_H

#include <reverie/image.h>

/* rv__plane_resize: as rv_image_resize() does it to each, cut to 0..@white. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__plane_resize (const float *from, int width, int height, float white, RvImageResize how, float *to,
                           int new_width, int new_height, GError **error);

#endif
