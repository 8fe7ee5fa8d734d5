/* plane.h -- one channel of a picture. Layer 2 (io). */
#pragma once

#include <reverie/image.h>

/* Resizes one plane from [@height, @width] to [@new_height, @new_width], into @to, as rv_image_resize() does, clamped
 * to 0..@white. NEAREST and TRIANGLE round to whole numbers 0..255. Starts libvips. The thread's GCancellable stops
 * the resizing. After an error @to is undefined. */
gboolean rv__plane_resize (const float *from, int width, int height, float white, RvImageResize how, float *to,
                           int new_width, int new_height, GError **error);
