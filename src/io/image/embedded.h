/* embedded.h -- the picture in the library. Layer 2 (io). */
#pragma once

#include <reverie/image.h>

/* (transfer full) (nullable): a new copy of the built-in photograph: a lake between mountains, 288 x 192 px, opaque.
 * RV_ERROR_FORMAT: libvips has no JPEG; RV_ERROR_MEMORY, RV_ERROR_CANCELLED; errors of rv__vips_start(). */
RvImage *rv__image_embedded (GError **error);
