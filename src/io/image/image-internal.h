/* image-internal.h -- pictures in memory, for load, save and resize. Layer 2 (io). */
#pragma once

#include <reverie/image.h>

#define MAX_FLOAT_WHITES 10 /* limit of floats in files, relative to white: files with 0..255 exceed it */

/* (transfer full): @json in ASCII, as equal JSON: other characters become \u escapes, control characters spaces. "{}"
 * if @json is no valid UTF-8. Cannot fail. */
char *rv__recipe_to_ascii (const char *json);
/* (transfer full) (nullable): an XMP packet that contains @ascii, escaped for XML. NULL without an error: it would have
 * over 60,000 bytes, too many for JPEG. */
GBytes *rv__recipe_to_xmp (const char *ascii);

/* Sets image->alpha, which must be NULL, to a new plane of zeros, f32 [1, 1, height, width]: all pixels become
 * transparent. After an error image->alpha stays NULL. */
gboolean rv__image_add_alpha (RvImage *image, GError **error);

/* Mixes the colours of pixels with an alpha below 1/16 with those of less transparent pixels around them; alpha stays.
 * If all pixels have alpha 0, they become black. Does nothing without an alpha: TRUE. After an error @image is
 * unchanged. */
gboolean rv__image_fill_transparent (RvImage *image, GError **error);

/* Checks that all @width * @height * @bands numbers of @pixels, in any order, are finite and at most @max in absolute
 * value. FALSE with RV_ERROR_FORMAT, whose message begins with @name, the picture's name. */
gboolean rv__image_check_floats (const float *pixels, int width, int height, int bands, double max, const char *name,
                                 GError **error);

/* (transfer full) (nullable): a black picture for pixels of @bands bands: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and
 * alpha. Alpha, if any, is 0 everywhere. */
RvImage *rv__image_new_for (int width, int height, int bands, GError **error);
/* Writes @pixels, interleaved floats of @bands bands, to the rows @first to @first + @n_rows - 1 of @image, made by
 * rv__image_new_for() with these bands. Scales 0..@white to 0..255, not clamped, and alpha to 0..1, clamped. Grey goes
 * to all colours. Checks the numbers first by rv__image_check_floats(), with @name and up to 1000 times @white:
 * after an error no row is written. */
gboolean rv__image_put_rows (RvImage *image, int first, int n_rows, const float *pixels, int bands, double white,
                             const char *name, GError **error);

/* (transfer full) (nullable): a picture of interleaved floats of 1 (grey) to 4 (RGBA) bands, copied. Scales 0..@white
 * to 0..255, not clamped, and alpha to 0..1, clamped. Transparent pixels get the colours around them. @name: for
 * messages. */
RvImage *rv__image_from_floats (const float *pixels, int width, int height, int bands, double white, const char *name,
                                GError **error);

/* Does rv_image_to_memory(); @channels must be 3 or 4. @half: 0.5 rounds U8 and U16, 0 truncates them. Cannot fail. */
void rv__image_put_samples (const RvImage *image, gpointer data, RvPixelType type, int channels, gsize stride_bytes,
                            float half);
