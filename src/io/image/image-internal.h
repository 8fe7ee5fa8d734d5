/* image-internal.h -- what load, save and resize share. The only folder that includes libvips.
 * Layer 2 (io). */
#ifndef RV_IMAGE_INTERNAL_H
#define RV_IMAGE_INTERNAL_H

#include <reverie/image.h>
#include <vips/vips.h>

/* auto_vips VipsImage *x: unreferenced at the end of its scope. (Not g_autoptr: libvips 8.14 does not define it for its
 * types, later versions may.) */
static inline void
rv__clear_object (void *object)
{
  g_clear_object ((GObject **) object);
}
#define auto_vips __attribute__ ((cleanup (rv__clear_object)))

/* rv__vips_start: makes libvips ready; its settings are left as they are. RV_ERROR_FILE when it cannot start,
 * RV_ERROR_MEMORY where there is no room for its modules. */
gboolean rv__vips_start (GError **error);

/* rv__vips_untrusted_blocked: whether reverie's own program has blocked libvips' untrusted loaders. */
gboolean rv__vips_untrusted_blocked (void);

/* rv__vips_error: turns libvips' message into one line of ours, "@what @filename: ...", or says that it
 * was cancelled, or RV_ERROR_MEMORY. Returns FALSE. */
gboolean rv__vips_error (RvError code, const char *what, const char *filename, GError **error);

/* rv__vips_heed_cancellable: before the pixels of @image are computed: that fails soon once the thread's current
 * cancellable is cancelled, as rv__vips_error() then says. Not of a picture between the file and the last step: what
 * libvips does in between would print a warning. */
void rv__vips_heed_cancellable (VipsImage *image);

/* rv__vips_resize: to just @width x @height px, in place of *image: Lanczos3 where it shrinks, bicubic where it
 * enlarges, pixel centres in the middle. Returns 0, or -1 as libvips does, with *image left. */
int rv__vips_resize (VipsImage **image, int width, int height);

/* rv__image_open_header: (transfer full) (nullable): a file whose header has been read and checked. */
VipsImage *rv__image_open_header (const char *filename, GError **error);

#define MAX_FLOAT_WHITES 10 /* times white, in files of floats: 0..255, which are no such, have more */
/* Whether it is known which of @image's numbers is white; *most: the largest of floats that can be a colour.
 * RV_ERROR_FORMAT. */
gboolean rv__image_check_range (VipsImage *image, const char *filename, double *most, GError **error);

/* Brings *image, which passed that check and lies in memory, to sRGB of 8 or 16 bits; alpha is kept. Returns 0, or -1
 * as libvips does. */
int rv__image_to_srgb (VipsImage **image);

/* Gives @image a profile of the colours that its file, or that file's @bytes (nullable), states by numbers: PNG's cICP,
 * gAMA and cHRM, HEIF's nclx; or takes its profile away, where these count before it and are sRGB's. */
void rv__image_heed_tag (VipsImage *image, const char *filename, GBytes *bytes);

/* rv__image_write_png: as it is, to a file that is whole or untouched. RV_ERROR_FILE. */
gboolean rv__image_write_png (VipsImage *image, const char *filename, gboolean replace, GError **error);

/* rv__recipe_to_ascii: (transfer full): @json without letters beyond ASCII. rv__recipe_to_xmp: (transfer full)
 * (nullable): the packet that holds that; NULL when it is too long. */
char *rv__recipe_to_ascii (const char *json);
GBytes *rv__recipe_to_xmp (const char *ascii);

/* rv__vips_replace: *image becomes @with (taken). Returns 0. */
int rv__vips_replace (VipsImage **image, VipsImage *with);

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
