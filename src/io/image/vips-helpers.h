/* vips-helpers.h -- libvips for load, save and resize. Only this folder includes libvips. Layer 2 (io). */
#ifndef RV_VIPS_HELPERS_H
#define RV_VIPS_HELPERS_H

#include <reverie/image.h>
#include <vips/vips.h>

/* Unreferences the GObject that @object, the address of a pointer, points to (nullable), and sets the pointer to
 * NULL. */
static inline void
rv__clear_object (void *object)
{
  g_clear_object ((GObject **) object);
}
/* auto_vips VipsImage *x: unreferenced at the end of its scope. libvips 8.14 does not define g_autoptr for its
 * types. */
#define auto_vips __attribute__ ((cleanup (rv__clear_object)))

/* Starts libvips if it is not started; its settings stay. RV_ERROR_FILE if it does not start, RV_ERROR_MEMORY without
 * memory for its modules, RV_ERROR_BACKEND as rv__system_check_threads(). */
gboolean rv__vips_start (GError **error);

/* Whether rv__vips_init_process() has blocked libvips' untrusted loaders: only the reverie program does. */
gboolean rv__vips_untrusted_blocked (void);

/* Sets @code with "@what @filename: " and libvips' first message, and clears its messages. Instead RV_ERROR_CANCELLED
 * if the thread is cancelled, RV_ERROR_MEMORY if libvips had too little. Returns FALSE. */
gboolean rv__vips_error (RvError code, const char *what, const char *filename, GError **error);

/* Lets the computation of @image's pixels fail soon after the thread's current cancellable is cancelled;
 * rv__vips_error() then reports that. Only for the last image of a chain: others would print a warning. Does nothing
 * without a cancellable. */
void rv__vips_connect_cancellable (VipsImage *image);

/* Replaces *image by one of exactly @width x @height px: Lanczos3 to shrink, bicubic to enlarge, with aligned pixel
 * centres. Does not weight by alpha. Returns 0, or -1 as libvips does, with *image valid. */
int rv__vips_resize (VipsImage **image, int width, int height);

/* (transfer full) (nullable): an image with its header read and checked; its pixels are decoded when they are used.
 * Errors as rv_image_probe(), RV_ERROR_MEMORY. */
VipsImage *rv__image_open_header (const char *filename, GError **error);

/* Checks that the white of @image's numbers is known. Sets *max to the largest float that can be a colour, also after
 * an error. RV_ERROR_FORMAT for 32-bit integers and complex numbers. */
gboolean rv__image_check_range (VipsImage *image, const char *filename, double *max, GError **error);

/* Converts *image, which passed rv__image_check_range() and is in memory, to sRGB of 8 or 16 bits by its profile; keeps
 * alpha, except of Lab. Returns 0, or -1 as libvips does. */
int rv__image_to_srgb (VipsImage **image);

/* Applies the colours that the file of *image, or the file's @bytes (nullable), states by numbers: PNG's cICP, gAMA and
 * cHRM, HEIF's nclx. Converts PQ and HLG to sRGB; gives *image a profile of other colours. Removes the profile if these
 * numbers precede it and are sRGB's. Other files stay unchanged. Returns 0, or -1 as libvips does. */
int rv__image_apply_tag (VipsImage **image, const char *filename, GBytes *bytes);

/* Writes @image as a PNG, completely or not at all. Without @replace an existing file stays: FALSE, and the error gives
 * the other name of the result. RV_ERROR_FILE, RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__image_write_png (VipsImage *image, const char *filename, gboolean replace, GError **error);

/* Unreferences *image and replaces it by @other (transfer full). Always 0, for chains of libvips calls. */
int rv__vips_replace (VipsImage **image, VipsImage *other);

#endif
