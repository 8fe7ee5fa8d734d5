/* pixels.h -- conversion between RvImage and GeglBuffer, the layers of every GIMP. GEGL converts colours by the image's
 * profile. */
#ifndef PIXELS_H
#define PIXELS_H

#include <gegl.h>
#include <reverie/image.h>

/* (transfer full) (nullable): the picture of a layer with @format. 8 and 16 bits are kept, other types become f32.
 * Errors: %RV_ERROR_MEMORY and those of image.h. */
RvImage *pixels_read (GeglBuffer *buffer, const Babl *format, GError **error);
/* Writes all of @buffer, which has the size of @image. Errors as pixels_read(). */
gboolean pixels_write (GeglBuffer *buffer, const Babl *format, const RvImage *image, GError **error);

#endif
