/* denoise.h -- removes pixel noise from style pictures. Layer 6 (method). */
#ifndef RV_DENOISE_H
#define RV_DENOISE_H

#include <reverie/image.h>

/* A copy of @picture with smoother fine detail, without alpha (denoise.c); a reference to @picture if it is not rough.
 * (transfer full) (nullable). RV_ERROR_MEMORY. */
RvImage *rv__image_denoise (RvImage *picture, GError **error);

#endif
