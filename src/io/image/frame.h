/* frame.h -- blending, cropping and zooming of pictures. Layer 2 (io). */
#pragma once

#include <reverie/image.h>

/* (transfer full) (nullable): @weight_01 * from + (1 - @weight_01) * to, with the alpha of @to (shared; @from's is
 * ignored). @mask (nullable; any size, then resized) multiplies @weight_01 by the mean of its colours times its alpha,
 * 0..1. NULL: RV_ERROR_SHAPE: @from and @to differ in size. */
RvImage *rv__image_blend (const RvImage *from, const RvImage *to, double weight_01, const RvImage *mask,
                          GError **error);

/* (transfer full) (nullable): the part of @image of @width x @height px from (@left, @top), which must lie inside
 * (unchecked), without alpha. */
RvImage *rv__image_crop (const RvImage *image, int left, int top, int width, int height, GError **error);

/* (transfer full) (nullable): a copy of @image, antialiased, with both sides times @factor, rounded, at least 1 px. */
RvImage *rv__image_scale (const RvImage *image, double factor, GError **error);

/* (transfer full) (nullable): a picture of the same size. Scales @image around its centre by @enlargement (above 1:
 * larger; not 0), rotates it clockwise by @degrees, and crops it. Bicubic (Keys 1981): colours may exceed 0..255.
 * Border pixels continue outside. Alpha is treated alike and clamped to 0..1. */
RvImage *rv__image_zoom (const RvImage *image, double enlargement, double degrees, GError **error);
