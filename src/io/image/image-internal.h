/* image-internal.h -- pictures in memory, as load, save and resize fill and check them.
 * Layer 2 (io). */
#ifndef RV_IMAGE_INTERNAL_H
#define RV_IMAGE_INTERNAL_H

#include <reverie/image.h>

#define MAX_FLOAT_WHITES 10 /* times white, in files of floats: 0..255, which are no such, have more */

/* rv__recipe_to_ascii: (transfer full): @json without letters beyond ASCII. rv__recipe_to_xmp: (transfer full)
 * (nullable): the packet that holds that; NULL when it is too long. */
char *rv__recipe_to_ascii (const char *json);
GBytes *rv__recipe_to_xmp (const char *ascii);

/* rv__image_add_alpha: makes room for alpha, zeros. RV_ERROR_MEMORY. */
gboolean rv__image_add_alpha (RvImage *image, GError **error);

/* rv__image_fill_transparent: colours under transparent pixels become those of the surroundings. */
gboolean rv__image_fill_transparent (RvImage *image, GError **error);

/* rv__image_check_floats: that no number is NaN, infinite or larger than @most: it would go through a whole network
 * before anybody notices. RV_ERROR_FORMAT, naming @name. */
gboolean rv__image_check_floats (const float *pixels, int width, int height, int bands, double most, const char *name,
                                 GError **error);

/* rv__image_new_for: (transfer full) (nullable): room for pixels of so many bands. rv__image_put_rows: interleaved
 * float pixels, where @white is full scale, into its rows from @first on. rv__image_finish: what is left to do once all
 * rows are there. Errors as below. */
RvImage *rv__image_new_for (int width, int height, int bands, GError **error);
gboolean rv__image_put_rows (RvImage *image, int first, int n_rows, const float *pixels, int bands, double white,
                             const char *name, GError **error);
gboolean rv__image_finish (RvImage *image, GError **error);

/* rv__image_from_floats: (transfer full) (nullable): interleaved float pixels of 1 to 4 bands, where @white is full
 * scale. RV_ERROR_FORMAT, naming @name, where one is NaN, infinite or far beyond white; RV_ERROR_MEMORY. */
RvImage *rv__image_from_floats (const float *pixels, int width, int height, int bands, double white, const char *name,
                                GError **error);

#endif
