/* word-masks.c -- masks of words, as in --toward birds:sky.png.
 *
 * The weight of a pixel is its brightness: 1 for white, 0 for black or transparent. The weights multiply the objective
 * (objective/masks.c). The mask lies in the middle of a step's canvas; the random shifts of the picture make its edges
 * soft. Outside all masks the picture does not change. */
#include "base/alloc.h"
#include "base/error.h"
#include "io/image/compact.h"
#include "method/dream/dream-internal.h"
#include <string.h>

const char *
rv__word_masks_name (const char *text)
{
  const char *colon = strchr (text, ':');
  char *end = NULL;
  if (!colon)
    return NULL;
  g_ascii_strtod (colon + 1, &end);
  gboolean number = end > colon + 1 && (*end == 0 || *end == ':');
  return !number ? colon + 1 : *end ? end + 1 : NULL;
}

void
rv__word_masks_init (RvWordMasks *masks)
{
  masks->names = g_ptr_array_new_with_free_func (g_free);
  masks->images = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
}

void
rv__word_masks_clear (RvWordMasks *masks)
{
  g_clear_pointer (&masks->names, g_ptr_array_unref);
  g_clear_pointer (&masks->images, g_ptr_array_unref);
}

static int
find_name (const RvWordMasks *masks, const char *name)
{
  for (guint i = 0; i < masks->names->len; i++)
    if (strcmp (masks->names->pdata[i], name) == 0)
      return (int) i;
  return -1;
}

int
rv__word_masks_add (RvWordMasks *masks, const char *name)
{
  int i = find_name (masks, name);
  if (i >= 0)
    return i;
  g_ptr_array_add (masks->names, g_strdup (name));
  g_ptr_array_add (masks->images, NULL);
  return (int) masks->names->len - 1;
}

gboolean
rv__word_masks_set_picture (RvWordMasks *masks, const char *name, RvImage *image)
{
  int i = find_name (masks, name);
  if (i < 0)
    return FALSE;
  rv_image_ref (image);
  rv_image_unref (masks->images->pdata[i]);
  masks->images->pdata[i] = image;
  return TRUE;
}

/* Plane of the octave's canvas, 0..1: the mask in its middle, mirrored in the margin. (transfer full) (nullable): freed
 * by rv__free(). RV_ERROR_MEMORY. */
static float *
canvas_mask (RvImage *mask_image, const RvDreamOctave *octave, GError **error)
{
  gsize width = (gsize) (octave->width + octave->margin), height = (gsize) (octave->height + octave->margin);
  RvDreamCanvas middle = { octave->width, octave->height, octave->margin, octave->margin / 2, octave->margin / 2 };
  float *mask = rv__image_mask_plane (mask_image, octave->width, octave->height, error);
  float *plane = mask ? rv__alloc (width * height * sizeof (float), "a mask", error) : NULL;
  if (plane)
    rv__dream_canvas_fill (&middle, mask, 1, plane);
  rv__free (mask);
  return plane;
}

float **
rv__word_masks_planes (const RvWordMasks *masks, const RvDreamOctave *octave, GError **error)
{
  float **planes = g_new0 (float *, masks->names->len + 1);
  for (guint i = 0; i < masks->names->len; i++) {
    if (!masks->images->pdata[i])
      rv__error_setting (error, "toward", "'toward' has '%s', which is neither a weight nor a given picture",
                         (const char *) masks->names->pdata[i]);
    if (!masks->images->pdata[i] || !(planes[i] = canvas_mask (masks->images->pdata[i], octave, error))) {
      rv__free_planes (planes);
      return NULL;
    }
  }
  return planes;
}

gboolean
rv__word_masks_apply (const RvWordMasks *masks, const RvDreamOctave *octave, float *weights, GError **error)
{
  RvDreamOctave whole = *octave;
  whole.margin = 0;
  float **planes = rv__word_masks_planes (masks, &whole, error);
  for (gint64 p = 0; planes && p < rv__dream_octave_pixels (octave); p++) {
    float most = 0;
    for (guint i = 0; i < masks->names->len; i++)
      most = MAX (most, planes[i][p]);
    weights[p] *= most;
  }
  rv__free_planes (planes);
  return planes != NULL;
}
