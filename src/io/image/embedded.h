/* embedded.h -- the picture in the library. Layer 2 (io). */
#ifndef RV_IMAGE_EMBEDDED_H
#define RV_IMAGE_EMBEDDED_H

#include <reverie/image.h>

/* (transfer full) (nullable): a lake between mountains, 288 x 192 px. */
RvImage *rv__image_embedded (GError **error);

#endif
