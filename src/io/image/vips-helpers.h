/* vips-helpers.h -- libvips for load, save and resize. Only this folder includes libvips. Layer 2 (io). */
#ifndef RV_VIPS_HELPERS_H
#define RV_VIPS_HELPERS_H

#include <reverie/image.h>
#include <vips/vips.h>

static inline void
rv__clear_object (void *object)
{
  g_clear_object ((GObject **) object);
}
/* auto_vips VipsImage *x: unreferenced at the end of its scope. libvips 8.14 does not define g_autoptr for its
 * types. */
#define auto_vips __attribute__ ((cleanup (rv__clear_object)))

/* Starts libvips; its settings stay. RV_ERROR_FILE if it does not start, RV_ERROR_MEMORY without memory for its
 * modules. */
gboolean rv__vips_start (GError **error);

/* Whether the reverie program has blocked libvips' untrusted loaders. */
gboolean rv__vips_untrusted_blocked (void);

/* Sets an error from libvips' message: "@what @filename: ...", RV_ERROR_CANCELLED or RV_ERROR_MEMORY. Returns FALSE. */
gboolean rv__vips_error (RvError code, const char *what, const char *filename, GError **error);

/* Lets the computation of @image's pixels fail soon after the thread's current cancellable is cancelled; see
 * rv__vips_error(). Only for the last image of a chain: others would print a warning. */
void rv__vips_heed_cancellable (VipsImage *image);

/* Resizes *image to exactly @width x @height px: Lanczos3 to shrink, bicubic to enlarge, with aligned pixel centres.
 * Returns 0, or -1 as libvips does, with *image valid. */
int rv__vips_resize (VipsImage **image, int width, int height);

/* (transfer full) (nullable): an image with its header read and checked. */
VipsImage *rv__image_open_header (const char *filename, GError **error);

/* Whether the white of @image's numbers is known; *most: largest float that can be a colour. RV_ERROR_FORMAT. */
gboolean rv__image_check_range (VipsImage *image, const char *filename, double *most, GError **error);

/* Converts *image, which passed that check and is in memory, to sRGB of 8 or 16 bits; keeps alpha. Returns 0, or -1 as
 * libvips does. */
int rv__image_to_srgb (VipsImage **image);

/* Gives *image a profile of the colours in its file, or in the file's @bytes (nullable): PNG's cICP, gAMA and cHRM,
 * HEIF's nclx. If these are sRGB's and precede the profile, removes the profile. Converts PQ and HLG to sRGB. Returns
 * 0, or -1 as libvips does. */
int rv__image_heed_tag (VipsImage **image, const char *filename, GBytes *bytes);

/* Writes @image as a PNG, completely or not at all. RV_ERROR_FILE. */
gboolean rv__image_write_png (VipsImage *image, const char *filename, gboolean replace, GError **error);

/* Replaces *image by @with (transfer full). Returns 0. */
int rv__vips_replace (VipsImage **image, VipsImage *with);

#endif
