/* keep.c -- parts of the photograph that stay recognisable, the setting `keep`, and painting one part, `only`.
 *
 *   after each step   x <- x + w (p - x),  w = k s^8
 *
 * k: the mask of the part, 0 to 1; s: --keep-strength, 0 to 1; p: the photograph, of which 4 (1 - s), at most all, is
 * in the colours of the style pictures (RV_COLOR_COVARIANCE). The step of the optimiser and this pull balance: where
 * w = 0.06 (s = 0.7), x differs from p by up to 17 times the step of the optimiser: fine strokes. Where w = 1, x is the
 * photograph.
 */
#include "method/masks/masks.h"
#include "method/style/style-run.h"
#include <math.h>
#include <string.h>

gboolean
rv__style_detect_kept (RvStyle *style, GError **error)
{
  const RvStyleSettings *settings = style->settings;
  if (strcmp (settings->keep, "none") == 0 || settings->keep_strength == 0)
    return TRUE;
  g_autofree char *found = NULL;
  g_autoptr (RvImage) mask =
    rv_mask_new (style->content, settings->keep, rv__compute_threads (&settings->compute), &found, error);
  return mask && (!found || (style->keep = rv__compact_image_new_mask (mask, error)));
}

gboolean
rv__style_detect_only (RvStyle *style, GError **error)
{
  const RvStyleSettings *settings = style->settings;
  if (strcmp (settings->only, "none") == 0)
    return TRUE;
  g_autofree char *found = NULL;
  g_autoptr (RvImage) mask =
    rv_mask_new (style->content, settings->only, rv__compute_threads (&settings->compute), &found, error);
  g_autofree RvCompactImage **masks = g_new0 (RvCompactImage *, style->n_styles);
  gboolean ok = mask != NULL;
  for (int i = 0; ok && found && i < style->n_styles; i++)
    ok = (masks[i] = rv__compact_image_new_mask (mask, error)) != NULL;
  if (ok && found)
    rv__style_take_masks (style, masks);
  for (int i = 0; !ok && i < style->n_styles; i++)
    rv__compact_image_free (masks[i]);
  return ok;
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
rv__style_pull_kept (const RvStyleRun *run, float *x)
{
  gint64 n = rv__scale_canvas_pixels (run->scale);
  for (gint64 i = 0; run->keep && i < 3 * n; i++)
    x[i] += run->keep[i % n] * (run->kept[i] - x[i]);
}
