/* svg.c -- renders this program's SVG by librsvg through libvips. Input from outside is never rendered. */
#include "base/error.h"
#include "image-internal.h"
#include "vips-helpers.h"
#include "io/plot.h"
#include <string.h>

#define LOADER "VipsForeignLoadSvgBuffer" /* untrusted for libvips, and blocked by the reverie program */

RvImage *
rv__plot_image (const char *svg, double scale, GError **error)
{
  auto_vips VipsImage *drawn = NULL;
  auto_vips VipsImage *flat = NULL, *floats = NULL;
  gsize size;
  if (!rv__vips_start (error))
    return NULL;
  if (rv__vips_untrusted_blocked ())
    vips_operation_block_set (LOADER, FALSE);
  int failed = vips_svgload_buffer ((void *) svg, strlen (svg), &drawn, "scale", scale, NULL) ||
               vips_flatten (drawn, &flat, NULL) || vips_cast (flat, &floats, VIPS_FORMAT_FLOAT, NULL);
  g_autofree float *pixels = failed ? NULL : vips_image_write_to_memory (floats, &size);
  if (rv__vips_untrusted_blocked ())
    vips_operation_block_set (LOADER, TRUE);
  if (!pixels)
    return rv__null (rv__vips_error (RV_ERROR_FORMAT, "cannot draw", "a plot", error));
  return rv__image_from_floats (pixels, vips_image_get_width (floats), vips_image_get_height (floats),
                                vips_image_get_bands (floats), 255, "the plot", error);
}
