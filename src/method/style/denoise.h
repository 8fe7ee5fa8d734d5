/* denoise.h -- style pictures without the noise of their own pixels.
 * Layer 6 (method). */
#ifndef RV_DENOISE_H
#define RV_DENOISE_H

#include <reverie/image.h>

/* rv__image_denoise: (transfer full) (nullable): @picture itself, or a copy whose finest detail is held to what the
 * picture has at half its size. RV_ERROR_MEMORY. */
RvImage *rv__image_denoise (RvImage *picture, GError **error);

#endif
