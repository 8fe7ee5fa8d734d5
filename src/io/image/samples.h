/* samples.h -- PNG files of numbers instead of colours: plain 16-bit samples. Layer 2 (io). */
#ifndef RV_IMAGE_SAMPLES_H
#define RV_IMAGE_SAMPLES_H

#include <reverie/error.h>

/* (transfer full) (nullable): samples [height][width][channels]. RV_ERROR_FILE; RV_ERROR_FORMAT unless it is a 16-bit
 * PNG with @channels channels and at most @max_side px a side. */
guint16 *rv__image_load_u16 (const char *filename, int channels, int max_side, int *height, int *width, GError **error);

/* Saves samples to a PNG, completely or not at all. RV_ERROR_FILE. */
gboolean rv__image_save_u16 (const guint16 *samples, int channels, int height, int width, const char *filename,
                             gboolean replace, GError **error);

#endif
