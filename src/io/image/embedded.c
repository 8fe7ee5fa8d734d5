/* embedded.c -- the picture in the library: a lake, to test networks on. */
#include "base/error.h"
#include "vips-helpers.h"
#include "embedded.h"

extern const guint8 rv__lake[], rv__lake_end[]; /* data/meson.build */

RvImage *
rv__image_embedded (GError **error)
{
  auto_vips VipsImage *image = NULL;
  gsize size = 0;
  g_autofree guint8 *pixels = NULL;
  if (!rv__vips_start (error))
    return NULL;
  if (vips_jpegload_buffer ((void *) rv__lake, (gsize) (rv__lake_end - rv__lake), &image, NULL) ||
      !(pixels = vips_image_write_to_memory (image, &size)))
    return rv__null (rv__vips_error (RV_ERROR_FORMAT, "cannot read", "the embedded picture", error));
  int width = vips_image_get_width (image), height = vips_image_get_height (image);
  return rv_image_new_from_memory (pixels, RV_PIXEL_U8, width, height, 3, (gsize) width * 3, error);
}
