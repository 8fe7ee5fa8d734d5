/* samples.h -- PNG files that hold numbers and not colours: samples of 16 bits as they are.
 * Layer 2 (io). */
#ifndef RV_IMAGE_SAMPLES_H
#define RV_IMAGE_SAMPLES_H

#include <reverie/error.h>

/* rv__image_load_u16: (transfer full) (nullable): [height][width][channels]. RV_ERROR_FILE, RV_ERROR_FORMAT unless it
 * is a PNG of 16 bits with as many channels and at most @max_side px a side. */
guint16 *rv__image_load_u16 (const char *filename, int channels, int max_side, int *height, int *width, GError **error);

/* rv__image_save_u16: the same to a PNG; whole or untouched. RV_ERROR_FILE. */
gboolean rv__image_save_u16 (const guint16 *samples, int channels, int height, int width, const char *filename,
                             gboolean replace, GError **error);

#endif
