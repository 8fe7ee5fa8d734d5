/* picture.c -- pictures of a run: the original at an octave's size, the region of the dream, and the result at the
 * original's size. */
#include "base/alloc.h"
#include "io/image/compact.h"
#include "io/image/plane.h"
#include "method/dream/dream-internal.h"
#include <string.h>

#define WHITE 255.0f

gboolean
rv__dream_carries_residual (const RvDream *dream)
{
  return strcmp (dream->settings->carry, "dream") == 0;
}

float *
rv__dream_new_picture (const RvDreamOctave *octave, GError **error)
{
  return rv__alloc (3 * (gsize) rv__dream_octave_pixels (octave) * sizeof (float), "a picture", error);
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

/* Resizes @image to the octave, in -1..1, for --carry picture. RV_ERROR_MEMORY. */
static gboolean
resize_bilinear (const RvImage *image, const RvDreamOctave *octave, float *picture, GError **error)
{
  gint64 plane = (gint64) image->width * image->height;
  float *original = rv__alloc (3 * (gsize) plane * sizeof (float), "a picture", error);
  if (!original)
    return FALSE;
  memcpy (original, image->rgb->data, 3 * (gsize) plane * sizeof (float));
  rv__pixel_space_from_rgb (&rv__dream_space, original, plane);
  rv__resize_planes (original, 3, image->height, image->width, RV_RESIZE_BILINEAR, picture, octave->height,
                     octave->width);
  rv__free (original);
  return TRUE;
}

/* Resizes @image to the octave with antialiasing, in -1..1, into @picture, three planes, for --carry dream. If both
 * have the same size, only clips 0..255. FALSE: errors of rv__plane_resize(); @picture is then partly overwritten. */
static gboolean
resize_antialiased (const RvImage *image, const RvDreamOctave *octave, float *picture, GError **error)
{
  const float *rgb = image->rgb->data;
  gint64 from_plane = (gint64) image->width * image->height, plane = rv__dream_octave_pixels (octave);
  gboolean ok = TRUE;
  if (image->width == octave->width && image->height == octave->height)
    for (gint64 i = 0; i < 3 * plane; i++)
      picture[i] = CLAMP (rgb[i], 0, WHITE);
  else
    for (int c = 0; ok && c < 3; c++)
      ok = rv__plane_resize (rgb + c * from_plane, image->width, image->height, WHITE, RV_IMAGE_RESIZE_BEST,
                             picture + c * plane, octave->width, octave->height, error);
  if (ok)
    rv__pixel_space_from_rgb (&rv__dream_space, picture, plane);
  return ok;
}

float *
rv__dream_downsample (const RvDream *dream, const RvDreamOctave *octave, GError **error)
{
  float *picture = rv__dream_new_picture (octave, error);
  gboolean antialiased = rv__dream_carries_residual (dream);
  if (picture && !(antialiased ? resize_antialiased : resize_bilinear) (dream->image, octave, picture, error))
    g_clear_pointer (&picture, rv__free);
  return picture;
}

/* ---- region of the dream ----------------------------------------------------------------------------------------- */

/* Whether every term has a mask, so that pixels outside all masks do not change. */
static gboolean
all_terms_have_masks (const RvDream *dream)
{
  gboolean bounds = TRUE;
  for (guint i = 0; i < dream->terms->len; i++)
    bounds &= g_array_index (dream->terms, RvTerm, i).mask >= 0;
  return bounds;
}

static float *
new_weights (const RvDreamOctave *octave, GError **error)
{
  float *weights = rv__alloc ((gsize) rv__dream_octave_pixels (octave) * sizeof (float), "the mask", error);
  for (gint64 p = 0; weights && p < rv__dream_octave_pixels (octave); p++)
    weights[p] = 1;
  return weights;
}

gboolean
rv__dream_set_mask_weights (RvDream *dream, const RvDreamOctave *octave, GError **error)
{
  g_clear_pointer (&dream->weights, rv__free);
  if (!dream->mask && !all_terms_have_masks (dream))
    return TRUE;
  dream->weights = dream->mask ? rv__image_mask_plane (dream->mask, octave->width, octave->height, error)
                               : new_weights (octave, error);
  return dream->weights &&
         (!all_terms_have_masks (dream) || rv__word_masks_apply (&dream->word_masks, octave, dream->weights, error));
}

/* ---- result ------------------------------------------------------------------------------------------------------ */

RvImage *
rv__dream_picture (const RvIteration *iteration, GError **error)
{
  g_autoptr (RvImage) image = rv_image_new (iteration->width, iteration->height, error);
  if (!image)
    return NULL;
  memcpy (image->rgb->data, ((RvDream *) iteration->run)->run->x, (gsize) rv_tensor_bytes (image->rgb));
  rv__pixel_space_to_rgb (&rv__dream_space, image->rgb->data, (gint64) iteration->width * iteration->height);
  return g_steal_pointer (&image);
}

/* Restores the original's exact values outside the region of the dream. */
static void
restore_original (const RvDream *dream, RvImage *image)
{
  gint64 plane = (gint64) image->width * image->height;
  const float *original = dream->image->rgb->data;
  float *rgb = image->rgb->data;
  for (int c = 0; c < 3; c++)
    for (gint64 p = 0; p < plane; p++)
      if (dream->weights[p] == 0)
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
  rv__resize_planes (run->x, 3, run->at->height, run->at->width, RV_RESIZE_BILINEAR, image->rgb->data, height, width);
  rv__pixel_space_to_rgb (&rv__dream_space, image->rgb->data, (gint64) width * height);
  if (run->dream->weights && run->at->width == width && run->at->height == height)
    restore_original (run->dream, image);
  image->alpha = original->alpha ? rv_tensor_ref (original->alpha) : NULL;
  return g_steal_pointer (&image);
}
