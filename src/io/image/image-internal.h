/* image-internal.h -- pictures in memory, for load, save and resize. Layer 2 (io). */
#ifndef RV_IMAGE_INTERNAL_H
#define RV_IMAGE_INTERNAL_H

#include <reverie/image.h>

#define MAX_FLOAT_WHITES 10 /* limit of floats in files, relative to white: files with 0..255 exceed it */

/* (transfer full): @json in ASCII. */
char *rv__recipe_to_ascii (const char *json);
/* (transfer full) (nullable): an XMP packet with @ascii; NULL if it is too long. */
GBytes *rv__recipe_to_xmp (const char *ascii);

/* Adds an alpha plane of zeros. RV_ERROR_MEMORY. */
gboolean rv__image_add_alpha (RvImage *image, GError **error);

/* Fills transparent pixels with the colours around them. RV_ERROR_MEMORY. */
gboolean rv__image_fill_transparent (RvImage *image, GError **error);

/* Checks that no number is NaN, infinite or larger than @most, before a network computes with it. RV_ERROR_FORMAT with
 * @name. */
gboolean rv__image_check_floats (const float *pixels, int width, int height, int bands, double most, const char *name,
                                 GError **error);

/* (transfer full) (nullable): a picture for pixels of @bands bands. RV_ERROR_SHAPE, RV_ERROR_MEMORY. */
RvImage *rv__image_new_for (int width, int height, int bands, GError **error);
/* Writes interleaved float pixels of @bands bands to rows @first to @first + @n_rows - 1. Scales 0..@white to 0..255
 * without clamping. RV_ERROR_FORMAT with @name. */
gboolean rv__image_put_rows (RvImage *image, int first, int n_rows, const float *pixels, int bands, double white,
                             const char *name, GError **error);
/* Completes a picture once all rows are written. RV_ERROR_MEMORY. */
gboolean rv__image_finish (RvImage *image, GError **error);

/* (transfer full) (nullable): a picture of interleaved float pixels of 1 (grey) to 4 (RGBA) bands. Scales 0..@white to
 * 0..255 without clamping; alpha to 0..1. Transparent pixels get the colours around them. RV_ERROR_FORMAT with @name if
 * a number is NaN, infinite or beyond MAX_FLOAT_WHITES; RV_ERROR_MEMORY. */
RvImage *rv__image_from_floats (const float *pixels, int width, int height, int bands, double white, const char *name,
                                GError **error);

#endif
