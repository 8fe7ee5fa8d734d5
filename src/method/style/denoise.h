/* denoise.h -- removes pixel noise from style pictures. Layer 6 (method). */
#pragma once

#include <reverie/image.h>

/* (transfer full) (nullable): a copy of @picture with smoother fine detail, without alpha (denoise.c). If @picture is
 * not rough from pixel to pixel: a reference to it. */
RvImage *rv__image_denoise (RvImage *picture, GError **error);
