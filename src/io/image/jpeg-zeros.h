/* jpeg-zeros.h -- sectors of zeros in a JPEG; libjpeg decodes most of them without an error. Layer 2 (io). */
#ifndef RV_IMAGE_JPEG_ZEROS_H
#define RV_IMAGE_JPEG_ZEROS_H

#include <glib.h>

/* Length in bytes of the first damaged run of zeros in the scans of the JPEG in @data; 0: none. */
gsize rv__jpeg_zeros (const guint8 *data, gsize size);

#endif
