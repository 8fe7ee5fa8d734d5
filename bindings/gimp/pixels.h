/* pixels.h -- pictures from and to GEGL's buffers, which layers are in every GIMP. Colours go through GEGL, which knows
 * the image's profile. */
#ifndef PIXELS_H
#define PIXELS_H

#include <gegl.h>
#include <reverie/image.h>

/* pixels_read: (transfer full) (nullable): @format is the layer's own: 8 and 16 bits come as they are, all else as f32.
 * pixels_write: all of @buffer, which has @image's size. Errors: %RV_ERROR_MEMORY, and those of image.h. */
RvImage *pixels_read (GeglBuffer *buffer, const Babl *format, GError **error);
gboolean pixels_write (GeglBuffer *buffer, const Babl *format, const RvImage *image, GError **error);

#endif
