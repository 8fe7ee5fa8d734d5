/* samples.h -- PNG files of numbers instead of colours: plain 16-bit samples. Layer 2 (io). */
#pragma once

#include <reverie/error.h>

/* (transfer full: g_free()) (nullable): samples [height][width][channels], 0..65535, without colour conversion, of
 * a 16-bit PNG with @channels channels and at most @max_side px a side. Sets *height and *width; undefined if NULL.
 * RV_ERROR_FORMAT: the PNG is damaged. */
guint16 *rv__image_load_u16 (const char *filename, int channels, int max_side, int *height, int *width, GError **error);

/* Saves samples [height][width][channels] to a 16-bit PNG, completely or not at all. Without @replace an existing file
 * stays: FALSE with RV_ERROR_FILE, and the message gives the other name of the result. RV_ERROR_FILE if libvips
 * fails. */
gboolean rv__image_save_u16 (const guint16 *samples, int channels, int height, int width, const char *filename,
                             gboolean replace, GError **error);
