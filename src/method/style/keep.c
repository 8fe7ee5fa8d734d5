/* keep.c -- parts of the photograph that stay recognisable, the setting `keep`, painting one part, `only`, and faces
 * for matching.
 *
 *   after each step   x <- x + w (p - x),  w = k s^8
 *
 * k: the mask of the part, 0 to 1; s: --keep-strength, 0 to 1; p: the photograph, recoloured by min (4 (1 - s), 1)
 * toward the style pictures (RV_COLOR_COVARIANCE). The step of the optimiser and this pull balance. With w = 0.06 (s =
 * 0.7), x differs from p by up to 17 steps of the optimiser: fine strokes. With w = 1, x = p. */
#include "method/style/style-run.h"
#include <math.h>
#include <string.h>

/* Appends @n equal masks, RvCompactImage, of the part @kind of the content to @masks, which owns them. TRUE without
 * masks: @kind is "none" or the part is not found. An error may leave some appended. */
static gboolean
detect (const RvStyle *style, const char *kind, int n, GPtrArray *masks, GError **error)
{
  if (strcmp (kind, "none") == 0)
    return TRUE;
  g_autofree char *found = NULL;
  g_autoptr (RvImage) mask =
    rv_mask_new (style->content, kind, rv__compute_threads (style->settings->compute.threads), &found, error);
  for (int i = 0; mask && found && i < n; i++) {
    RvCompactImage *compact = rv__compact_image_new_mask (mask, error);
    if (!compact)
      return FALSE;
    g_ptr_array_add (masks, compact);
  }
  return mask != NULL;
}

/* Sets *mask (transfer full) to the mask of the part @kind of the content; NULL: @kind is "none" or the part is not
 * found. */
static gboolean
detect_one (const RvStyle *style, const char *kind, RvCompactImage **mask, GError **error)
{
  g_autoptr (GPtrArray) masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv__compact_image_free);
  gboolean ok = detect (style, kind, 1, masks, error);
  *mask = ok && masks->len > 0 ? g_ptr_array_steal_index (masks, 0) : NULL;
  return ok;
}

gboolean
rv__style_detect_keep (RvStyle *style, GError **error)
{
  const RvStyleSettings *s = style->settings;
  return s->keep_strength == 0 || detect_one (style, s->keep, &style->keep, error);
}

gboolean
rv__style_detect_faces (RvStyle *style, GError **error)
{
  return style->faces || !rv__style_matches (style->settings) || detect_one (style, "faces", &style->faces, error);
}

gboolean
rv__style_detect_only (RvStyle *style, GError **error)
{
  g_autoptr (GPtrArray) masks = g_ptr_array_new_with_free_func ((GDestroyNotify) rv__compact_image_free);
  if (!detect (style, style->settings->only, style->n_styles, masks, error))
    return FALSE;
  if (masks->len > 0) {
    g_autofree gpointer *taken = g_ptr_array_steal (masks, NULL);
    style->has_one_mask = TRUE;
    rv__style_take_masks (style, (RvCompactImage *const *) taken);
  }
  return TRUE;
}

gboolean
rv__style_start_keep (RvStyleRun *run, const RvScale *scale, GError **error)
{
  const RvStyle *style = run->style;
  if (!run->keep)
    return TRUE;
  float s = (float) style->settings->keep_strength / 100;
  gint64 n = rv__scale_canvas_pixels (scale);
  if (!rv__style_set_mask (style->keep, scale, run->keep, error))
    return FALSE;
  float weight = powf (s, 8);
  for (gint64 i = 0; i < n; i++)
    run->keep[i] *= weight;
  memcpy (run->kept, style->x, (gsize) n * 3 * sizeof (float)); /* x contains the content */
  return rv__style_recolor (style, scale, MIN (4 * (1 - s), 1), run->kept, error);
}

void
rv__style_pull_to_keep (const RvStyleRun *run)
{
  float *x = run->style->x;
  gint64 n = rv__scale_canvas_pixels (run->scale);
  for (gint64 i = 0; run->keep && i < 3 * n; i++)
    x[i] += run->keep[i % n] * (run->kept[i] - x[i]);
}
