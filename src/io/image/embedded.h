/* embedded.h -- the picture in the library. Layer 2 (io). */
#pragma once

#include <reverie/image.h>

/* (transfer full) (nullable): a new copy of the built-in photograph: a lake between mountains, 288 x 192 px, opaque.
 * Errors of rv_image_load_bytes(), such as RV_ERROR_FORMAT: libvips has no JPEG. */
RvImage *rv__image_embedded (GError **error);
