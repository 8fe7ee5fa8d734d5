/* frame.c -- blending, cropping and zooming of pictures. */
#include "base/alloc.h"
#include "base/error.h"
#include "frame.h"
#include "image-internal.h"
#include "compact.h"
#include <math.h>

RvImage *
rv__image_blend (const RvImage *from, const RvImage *to, double weight_01, const RvImage *mask, GError **error)
{
  if (from->width != to->width || from->height != to->height)
    return rv__error_null (error, RV_ERROR_SHAPE, "frames of %d x %d px and %d x %d px cannot be blended", from->width,
                           from->height, to->width, to->height);
  float *weights = mask ? rv__image_mask_plane (mask, to->width, to->height, error) : NULL;
  RvImage *image = !mask || weights ? rv_image_new (to->width, to->height, error) : NULL;
  const float *a = from->rgb->data, *b = to->rgb->data;
  gint64 plane = (gint64) to->width * to->height;
  for (gint64 i = 0; image && i < 3 * plane; i++) {
    float part = (float) weight_01 * (weights ? weights[i % plane] : 1);
    ((float *) image->rgb->data)[i] = part * a[i] + (1 - part) * b[i];
  }
  rv__free (weights);
  if (image && to->alpha)
    image->alpha = rv_tensor_ref (to->alpha);
  return image;
}

/* Weights of four neighbours by Keys 1981, a = -1/2; @t: distance from the second one, 0..1. */
static void
cubic_weights (double t, double weights[4])
{
  weights[0] = ((-0.5 * t + 1) * t - 0.5) * t;
  weights[1] = (1.5 * t - 2.5) * t * t + 1;
  weights[2] = ((-1.5 * t + 2) * t + 0.5) * t;
  weights[3] = (0.5 * t - 0.5) * t * t;
}

/* Value of a plane, [height, width], at (x, y), px from the centre of the first pixel, by Catmull-Rom over 4 x 4 px.
 * Outside the plane the nearest border pixel counts. The result may overshoot the range of the plane. */
static double
sample_bicubic (const float *plane, int width, int height, double x, double y)
{
  double across[4], down[4], sum = 0;
  int left = (int) floor (x), top = (int) floor (y);
  cubic_weights (x - left, across);
  cubic_weights (y - top, down);
  for (int i = 0; i < 4; i++) {
    const float *row = plane + (gint64) CLAMP (top - 1 + i, 0, height - 1) * width;
    double along = 0;
    for (int j = 0; j < 4; j++)
      along += across[j] * row[CLAMP (left - 1 + j, 0, width - 1)];
    sum += down[i] * along;
  }
  return sum;
}

/* Does rv__image_zoom() for one plane, [@height, @width]: writes @to. Rotates clockwise by @radians. Not clamped. */
static void
zoom_plane (const float *from, float *to, int width, int height, double enlargement, double radians)
{
  double cosine = cos (radians) / enlargement, sine = sin (radians) / enlargement;
  double middle_x = (width - 1) / 2.0, middle_y = (height - 1) / 2.0;
#pragma omp parallel for schedule(static)
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      double dx = x - middle_x, dy = y - middle_y;
      to[(gint64) y * width + x] = (float) sample_bicubic (from, width, height, middle_x + cosine * dx + sine * dy,
                                                           middle_y - sine * dx + cosine * dy);
    }
}

RvImage *
rv__image_crop (const RvImage *image, int left, int top, int width, int height, GError **error)
{
  RvImage *part = rv_image_new (width, height, error);
  for (int c = 0; part && c < 3; c++)
    for (int y = 0; y < height; y++)
      memcpy ((float *) part->rgb->data + ((gint64) c * height + y) * width,
              (const float *) image->rgb->data + ((gint64) c * image->height + top + y) * image->width + left,
              (gsize) width * sizeof (float));
  return part;
}

RvImage *
rv__image_scale (const RvImage *image, double factor, GError **error)
{
  return rv_image_resize (image, MAX ((int) lrint (image->width * factor), 1),
                          MAX ((int) lrint (image->height * factor), 1), RV_IMAGE_RESIZE_BEST, error);
}

RvImage *
rv__image_zoom (const RvImage *image, double enlargement, double degrees, GError **error)
{
  g_autoptr (RvImage) zoomed = rv_image_new (image->width, image->height, error);
  gint64 plane = (gint64) image->width * image->height;
  if (!zoomed || (image->alpha && !rv__image_add_alpha (zoomed, error)))
    return NULL;
  for (int c = 0; c < 3; c++)
    zoom_plane ((const float *) image->rgb->data + c * plane, (float *) zoomed->rgb->data + c * plane, image->width,
                image->height, enlargement, degrees * G_PI / 180);
  if (image->alpha)
    zoom_plane (image->alpha->data, zoomed->alpha->data, image->width, image->height, enlargement,
                degrees * G_PI / 180);
  for (gint64 p = 0; image->alpha && p < plane; p++) {
    float *alpha = zoomed->alpha->data;
    alpha[p] = CLAMP (alpha[p], 0, 1); /* the cubic overshoots */
  }
  return g_steal_pointer (&zoomed);
}
