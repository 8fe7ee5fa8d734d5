/* vips-helpers.h -- libvips for load, save and resize. Only this folder includes libvips. Layer 2 (io). */
#pragma once

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

/* Starts libvips unless it is started; its settings stay. Any thread. FALSE: RV_ERROR_FILE: libvips does not start. */
gboolean rv__vips_start (GError **error);

/* Whether rv__vips_init_process() has blocked libvips' untrusted loaders, such as SVG's: only in
 * processes that called rv_process_start(). */
gboolean rv__vips_untrusted_blocked (void);

/* Sets @error to @code with "@what @filename: " and libvips' first message, and clears its messages. Sets
 * RV_ERROR_CANCELLED instead if the thread's GCancellable is cancelled, RV_ERROR_MEMORY if the message says so. Returns
 * FALSE. */
gboolean rv__vips_error (RvError code, const char *what, const char *filename, GError **error);

/* Makes the computation of @image's pixels fail soon after the thread's current GCancellable is cancelled;
 * rv__vips_error() then reports RV_ERROR_CANCELLED. Does nothing without a GCancellable. Only for the last image of a
 * chain: others would print a warning. */
void rv__vips_connect_cancellable (VipsImage *image);

/* Replaces *image by one of exactly @width x @height px: Lanczos3 to shrink, bicubic to enlarge, with aligned pixel
 * centres. Does not weight by alpha. Returns 0; not 0 with libvips' message, *image valid. Pixels may be computed
 * later. */
int rv__vips_resize (VipsImage **image, int width, int height);

/* (transfer full) (nullable): an image whose header is read and checked; its pixels are decoded when they are used,
 * once from top to bottom. Starts libvips. */
VipsImage *rv__image_open_header (const char *filename, GError **error);

/* Checks that the white of @image's numbers is known. *max: (out): the largest absolute value that a float of it may
 * have, also after an error; no limit for Lab and XYZ. RV_ERROR_FORMAT, naming @filename: 32-bit integers, complex
 * numbers. */
gboolean rv__image_check_range (VipsImage *image, const char *filename, double *max, GError **error);

/* Replaces *image, which passed rv__image_check_range() and is in memory, by sRGB of 8 or 16 bits. Uses its profile
 * unless that is damaged or of other colours; keeps alpha, except of Lab. Returns 0; not 0 with libvips' message. */
int rv__image_to_srgb (VipsImage **image);

/* Applies the colours that a file states by numbers: PNG's cICP, gAMA and cHRM, HEIF's nclx. @hdr: PQ and HLG, which
 * exceed white, before resizing; else all others, after it. @bytes: content of the file; NULL: reads @filename.
 * Converts *image to sRGB of 16 bits, unless the numbers are sRGB's, and removes its profile. Other files and
 * unreadable ones stay unchanged: 0. Returns 0; not 0: failed, libvips has the message, *image is valid. */
int rv__image_apply_tag (VipsImage **image, gboolean hdr, const char *filename, GBytes *bytes);

/* Writes @image as a PNG, completely or not at all. Without @replace an existing file stays: FALSE with RV_ERROR_FILE,
 * whose message gives the other name of the result. */
gboolean rv__image_write_png (VipsImage *image, const char *filename, gboolean replace, GError **error);

/* Unreferences *image and sets it to @other (taken). Always returns 0. */
int rv__vips_replace (VipsImage **image, VipsImage *other);
/* Replaces *image by the output of a function of libvips: rv__vips_apply (vips_cast, image, FORMAT). 0; -1 with
 * libvips' message, *image unchanged. Calls form chains, joined by ||. */
#define rv__vips_apply(function, image, ...)                                                                           \
  ({                                                                                                                   \
    VipsImage *output_ = NULL;                                                                                         \
    function (*(image), &output_, ##__VA_ARGS__, NULL) ? -1 : rv__vips_replace ((image), output_);                     \
  })
/* Replaces *image by a copy in memory, with all pixels decoded and computed. Returns 0, or not 0 as libvips does, also
 * if the thread's current GCancellable is cancelled; *image then stays. */
int rv__vips_to_memory (VipsImage **image);
