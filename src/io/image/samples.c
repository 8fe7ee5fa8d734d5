/* samples.c -- PNG files of numbers instead of colours. */
#include "samples.h"
#include "base/cancel.h"
#include "base/error.h"
#include "vips-helpers.h"

guint16 *
rv__image_load_u16 (const char *filename, int channels, int max_side, int *height, int *width, GError **error)
{
  auto_vips VipsImage *image = rv__image_open_header (filename, error);
  const char *loader = NULL;
  if (!image)
    return NULL;
  gboolean png = vips_image_get_typeof (image, VIPS_META_LOADER) &&
                 !vips_image_get_string (image, VIPS_META_LOADER, &loader) && g_str_has_prefix (loader, "png");
  if (!png || vips_image_get_format (image) != VIPS_FORMAT_USHORT || vips_image_get_bands (image) != channels ||
      vips_image_get_width (image) > max_side || vips_image_get_height (image) > max_side)
    return rv__error_null (error, RV_ERROR_FORMAT,
                           "%s is not a PNG of 16 bits and %d channels, of at most %d px a side", filename, channels,
                           max_side);
  if (!rv__check_cancelled (error))
    return NULL;
  *width = vips_image_get_width (image), *height = vips_image_get_height (image);
  gsize size;
  rv__vips_connect_cancellable (image);
  guint16 *samples = vips_image_write_to_memory (image, &size);
  if (!samples)
    rv__vips_error (RV_ERROR_FORMAT, "cannot read", filename, error);
  return samples;
}

gboolean
rv__image_save_u16 (const guint16 *samples, int channels, int height, int width, const char *filename, gboolean replace,
                    GError **error)
{
  gsize size = (gsize) channels * (gsize) height * (gsize) width * sizeof *samples;
  auto_vips VipsImage *pixels = NULL, *out = NULL;
  if (!rv__vips_start (error) || !rv__check_cancelled (error))
    return FALSE;
  pixels = vips_image_new_from_memory (samples, size, width, height, channels, VIPS_FORMAT_USHORT);
  if (pixels && vips_copy (pixels, &out, "interpretation", VIPS_INTERPRETATION_RGB16, NULL) == 0) {
    rv__vips_connect_cancellable (out);
    return rv__image_write_png (out, filename, replace, error);
  }
  return rv__vips_error (RV_ERROR_FILE, "cannot write", filename, error);
}
