/* jpeg-zeros.h -- sectors of zeros within a JPEG, which libjpeg mostly decodes in silence.
 * Layer 2 (io). */
#ifndef RV_IMAGE_JPEG_ZEROS_H
#define RV_IMAGE_JPEG_ZEROS_H

#include <glib.h>

/* rv__jpeg_zeros: length in bytes of the first run of zeros in the scans of the JPEG in @data that is damage; 0: none.
 */
gsize rv__jpeg_zeros (const guint8 *data, gsize size);

#endif
