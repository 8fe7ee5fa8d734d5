/* image-internal.h -- pictures in memory, for load, save and resize. Layer 2 (io). */
#ifndef RV_IMAGE_INTERNAL_H
#define RV_IMAGE_INTERNAL_H

#include <reverie/image.h>

#define MAX_FLOAT_WHITES 10 /* limit of floats in files, relative to white: files with 0..255 exceed it */

/* (transfer full): @json in ASCII: other characters as \u escapes, control characters as spaces. "{}" unless it is
 * UTF-8. */
char *rv__recipe_to_ascii (const char *json);
/* (transfer full) (nullable): an XMP packet with @ascii. NULL without an error: it would have over 60,000 bytes, too
 * many for JPEG. */
GBytes *rv__recipe_to_xmp (const char *ascii);

/* Sets image->alpha, which must be NULL, to a plane of zeros: all pixels become transparent. RV_ERROR_MEMORY. */
gboolean rv__image_add_alpha (RvImage *image, GError **error);

/* Changes the colours of pixels with an alpha below 1/16 toward those around them. @image must have alpha, which stays.
 * RV_ERROR_MEMORY. */
gboolean rv__image_fill_transparent (RvImage *image, GError **error);

/* Checks before a network computes that no number is NaN, infinite, or beyond @max in absolute value. @pixels: @width *
 * @height * @bands numbers, in any order. RV_ERROR_FORMAT, with the picture's name @name. */
gboolean rv__image_check_floats (const float *pixels, int width, int height, int bands, double max, const char *name,
                                 GError **error);

/* (transfer full) (nullable): a black picture for pixels of @bands bands, 1 to 4. With 2 or 4 it has alpha, all 0.
 * RV_ERROR_SHAPE without pixels, RV_ERROR_MEMORY. */
RvImage *rv__image_new_for (int width, int height, int bands, GError **error);
/* Writes interleaved float pixels of @bands bands to rows @first to @first + @n_rows - 1. Scales 0..@white to 0..255,
 * not clamped, and alpha to 0..1, clamped. Grey goes to all colours. RV_ERROR_FORMAT with @name for NaN, infinite
 * numbers and those beyond 1000 times @white. */
gboolean rv__image_put_rows (RvImage *image, int first, int n_rows, const float *pixels, int bands, double white,
                             const char *name, GError **error);
/* Completes a picture once all rows are written: fills its transparent pixels, if it has alpha. RV_ERROR_MEMORY. */
gboolean rv__image_finish (RvImage *image, GError **error);

/* (transfer full) (nullable): a picture of interleaved float pixels of 1 (grey) to 4 (RGBA) bands. Scales 0..@white to
 * 0..255, not clamped; alpha to 0..1. Transparent pixels get the colours around them. RV_ERROR_FORMAT with @name for
 * NaN, infinite numbers and those beyond 1000 times @white; RV_ERROR_SHAPE, RV_ERROR_MEMORY. */
RvImage *rv__image_from_floats (const float *pixels, int width, int height, int bands, double white, const char *name,
                                GError **error);

#endif
