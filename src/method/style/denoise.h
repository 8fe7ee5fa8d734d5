/* denoise.h -- removes pixel noise from style pictures. Layer 6 (method). */
#ifndef RV_DENOISE_H
#define RV_DENOISE_H

#include <reverie/image.h>

/* @picture itself if it is not rough; else a copy with smoother fine detail, without alpha (denoise.c). (transfer full)
 * (nullable). RV_ERROR_MEMORY. */
RvImage *rv__image_denoise (RvImage *picture, GError **error);

#endif
