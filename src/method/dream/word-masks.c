/* word-masks.c -- masks of words, as in --toward birds:sky.png, and the mask of the dream.
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

/* Index of @name in @masks; -1: none. */
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

/* ---- planes ------------------------------------------------------------------------------------------------------ */

/* Overwrites @plane, 0..1, with the mask at the octave's size, in the middle of a canvas that is @margin larger,
 * and mirrored in the margin. */
static gboolean
fill_mask (const RvImage *image, const RvDreamOctave *octave, int margin, float *plane, GError **error)
{
  RvDreamCanvas middle = { octave->width, octave->height, margin, margin / 2, margin / 2 };
  float *mask = rv__image_mask_plane (image, octave->width, octave->height, error);
  if (mask)
    rv__dream_canvas_fill (&middle, mask, 1, plane);
  rv__free (mask);
  return mask != NULL;
}

/* Whether every term has a mask, so that pixels outside all masks do not change. */
static gboolean
all_terms_have_masks (const RvDream *dream)
{
  gboolean bounds = TRUE;
  for (guint i = 0; i < dream->terms->len; i++)
    bounds &= g_array_index (dream->terms, RvTerm, i).mask >= 0;
  return bounds;
}

gboolean
rv__dream_has_weights (const RvDream *dream)
{
  return dream->mask || all_terms_have_masks (dream);
}

/* Multiplies octave->weights by the maximum of the words' masks at each pixel. */
static void
apply_word_masks (const RvDreamOctave *octave, guint n_masks)
{
  gint64 width = octave->width + octave->margin, height = octave->height + octave->margin;
  for (gint64 p = 0; p < rv__dream_octave_pixels (octave); p++) {
    gint64 row = p / octave->width + octave->margin / 2, column = p % octave->width + octave->margin / 2;
    float most = 0;
    for (guint m = 0; m < n_masks; m++)
      most = MAX (most, octave->word_masks[(m * height + row) * width + column]);
    octave->weights[p] *= most;
  }
}

gboolean
rv__dream_fill_masks (const RvDream *dream, const RvDreamOctave *octave, GError **error)
{
  const RvWordMasks *words = &dream->word_masks;
  gint64 canvas = (gint64) (octave->width + octave->margin) * (octave->height + octave->margin);
  if (dream->mask && !fill_mask (dream->mask, octave, 0, octave->weights, error))
    return FALSE;
  for (guint m = 0; m < words->names->len; m++) {
    if (!words->images->pdata[m])
      return rv__error_setting (error, "toward", "'toward' has '%s', which is neither a weight nor a given picture",
                                (const char *) words->names->pdata[m]);
    if (!fill_mask (words->images->pdata[m], octave, octave->margin, octave->word_masks + m * canvas, error))
      return FALSE;
  }
  for (gint64 p = 0; octave->weights && !dream->mask && p < rv__dream_octave_pixels (octave); p++)
    octave->weights[p] = 1;
  if (all_terms_have_masks (dream))
    apply_word_masks (octave, words->names->len);
  return TRUE;
}
