/* jpeg-zeros.h -- sectors of zeros in a JPEG; libjpeg decodes most of them without an error. Layer 2 (io). */
#pragma once

#include <glib.h>

/* Length in bytes of the first run of at least 512 zeros in the scans of the JPEG @data that cannot be picture data.
 * Such a part was never written. 0: none; a lossless, hierarchical or arithmetically coded JPEG; or damaged segments,
 * which libjpeg reports. */
gsize rv__jpeg_zeros (const guint8 *data, gsize size);
