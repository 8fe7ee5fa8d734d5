/* picture.c -- pictures of a run: the original at an octave's size, and the result at the original's size. */
#include "io/image/plane.h"
#include "method/dream/dream-internal.h"
#include <string.h>

#define WHITE 255.0f

gboolean
rv__dream_carries_residual (const RvDream *dream)
{
  return strcmp (dream->settings->carry, "dream") == 0;
}

/* ---- the original ------------------------------------------------------------------------------------------------ */

void
rv__dream_set_original (RvDream *dream, RvImage *image)
{
  rv_image_ref (image);
  rv_image_unref (dream->image);
  dream->image = image;
  dream->mix = rv__dream_color_mix (dream->settings->dream_colors, image);
}

gboolean
rv__dream_downsample (const RvDream *dream, const RvDreamOctave *octave, GError **error)
{
  const RvImage *image = dream->image;
  const float *rgb = image->rgb->data;
  gint64 from_plane = (gint64) image->width * image->height, plane = rv__dream_octave_pixels (octave);
  gboolean ok = TRUE;
  if (!rv__dream_carries_residual (dream)) {
    memcpy (octave->original, rgb, (gsize) rv_tensor_bytes (image->rgb));
    rv__pixel_space_from_rgb (&rv__dream_space, octave->original, from_plane);
    rv__resize_planes (octave->original, 3, image->height, image->width, RV_RESIZE_BILINEAR, octave->base,
                       octave->height, octave->width);
    return TRUE;
  }
  if (image->width == octave->width && image->height == octave->height)
    for (gint64 i = 0; i < 3 * plane; i++)
      octave->base[i] = CLAMP (rgb[i], 0, WHITE);
  else
    for (int c = 0; ok && c < 3; c++)
      ok = rv__plane_resize (rgb + c * from_plane, image->width, image->height, WHITE, RV_IMAGE_RESIZE_BEST,
                             octave->base + c * plane, octave->width, octave->height, error);
  if (ok)
    rv__pixel_space_from_rgb (&rv__dream_space, octave->base, plane);
  return ok;
}

/* ---- result ------------------------------------------------------------------------------------------------------ */

RvImage *
rv__dream_picture (const RvIteration *iteration, GError **error)
{
  g_autoptr (RvImage) image = rv_image_new (iteration->width, iteration->height, error);
  if (!image)
    return NULL;
  memcpy (image->rgb->data, ((RvDream *) iteration->run)->run->at->x, (gsize) rv_tensor_bytes (image->rgb));
  rv__pixel_space_to_rgb (&rv__dream_space, image->rgb->data, (gint64) iteration->width * iteration->height);
  return g_steal_pointer (&image);
}

/* Copies the original's exact colours to @image, of the same size, where run->at->weights is 0: outside the masks. */
static void
restore_original (const RvDreamRun *run, RvImage *image)
{
  gint64 plane = (gint64) image->width * image->height;
  const float *original = run->dream->image->rgb->data;
  float *rgb = image->rgb->data;
  for (int c = 0; c < 3; c++)
    for (gint64 p = 0; p < plane; p++)
      if (run->at->weights[p] == 0)
        rgb[c * plane + p] = original[c * plane + p];
}

RvImage *
rv__dream_result (const RvDreamRun *run, GError **error)
{
  const RvImage *original = run->dream->image;
  int width = original->width, height = original->height;
  g_autoptr (RvImage) image = rv_image_new (width, height, error);
  if (!image)
    return NULL;
  rv__resize_planes (run->at->x, 3, run->at->height, run->at->width, RV_RESIZE_BILINEAR, image->rgb->data, height,
                     width);
  rv__pixel_space_to_rgb (&rv__dream_space, image->rgb->data, (gint64) width * height);
  if (run->at->weights && run->at->width == width && run->at->height == height)
    restore_original (run, image);
  image->alpha = original->alpha ? rv_tensor_ref (original->alpha) : NULL;
  return g_steal_pointer (&image);
}
