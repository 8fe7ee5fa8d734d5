/* vips-helpers.h -- libvips as load, save and resize use it. The only folder that includes libvips.
 * Layer 2 (io). */
#ifndef RV_VIPS_HELPERS_H
#define RV_VIPS_HELPERS_H

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

/* rv__vips_replace: *image becomes @with (taken). Returns 0. */
int rv__vips_replace (VipsImage **image, VipsImage *with);

#endif
