/* denoise.c -- removes pixel noise from style pictures.
 *
 * At full size a scan or a sharpened JPEG varies more from pixel to pixel than brush strokes do. A style loss takes
 * this for style, and the result is covered with dots, the more the larger the picture.
 *
 * R = mean dy^2 + mean dx^2 per pixel. Real detail varies less per pixel at twice the size, so R should hardly exceed R
 * of the picture at half its size. The ratio is 0.7 to 1.2 for pictures drawn at full size, and 3.3 for a scan that
 * gave dots. A rougher picture is mixed with its own half size, enlarged, until the ratio is ROUGHNESS_RATIO or
 * less. */
#include "method/style/denoise.h"

#define ROUGHNESS_RATIO 1.3 /* largest ratio of full to half size; found by eye */
#define MIX_STEP 0.125f

/* Roughness R of @image: mean over pixels and colours of dy^2 + dx^2, the squared differences to the neighbours below
 * and to the right. Larger is rougher. */
static double
roughness (const RvImage *image)
{
  gint64 w = image->width, h = image->height;
  const float *rgb = image->rgb->data;
  double sum = 0;
  for (gint64 row = 0; row < 3 * h; row++)
    for (gint64 x = 0; x + 1 < w; x++) {
      const float *p = rgb + row * w + x;
      double dx = p[1] - p[0], dy = (row + 1) % h ? p[w] - p[0] : 0;
      sum += dx * dx + dy * dy;
    }
  return sum / (double) (3 * w * h);
}

RvImage *
rv__image_denoise (RvImage *picture, GError **error)
{
  g_autoptr (RvImage) half =
    rv_image_resize (picture, MAX (picture->width / 2, 1), MAX (picture->height / 2, 1), RV_IMAGE_RESIZE_BEST, error);
  if (!half)
    return NULL;
  double limit = ROUGHNESS_RATIO * roughness (half);
  if (roughness (picture) <= limit)
    return rv_image_ref (picture);

  g_autoptr (RvImage) smooth = rv_image_resize (half, picture->width, picture->height, RV_IMAGE_RESIZE_BEST, error);
  g_autoptr (RvImage) calm = smooth ? rv_image_new (picture->width, picture->height, error) : NULL;
  if (!calm)
    return NULL;
  const float *a = picture->rgb->data, *b = smooth->rgb->data;
  float *to = calm->rgb->data;
  for (float part = MIX_STEP; part <= 1; part += MIX_STEP) {
    for (gint64 i = 0, n = rv_tensor_count (picture->rgb); i < n; i++)
      to[i] = a[i] + part * (b[i] - a[i]);
    if (roughness (calm) <= limit)
      break;
  }
  return g_steal_pointer (&calm);
}
