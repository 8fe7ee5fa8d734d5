/* regions.c -- the setting `regions`: matching regions of photograph and painting. The painting becomes one style for
 * each region. Each style has a mask in the photograph and one in the painting. */
#include "base/alloc.h"
#include "method/masks/masks.h"
#include "method/style/style-run.h"

gboolean
rv__style_detect_regions (RvStyle *style, const RvImage *painting, GError **error)
{
  RvRegions regions;
  const char *choice = style->settings->regions;
  if (g_str_equal (choice, "none"))
    return TRUE;
  if (!rv__regions_find (style->content, painting, choice, rv__compute_threads (&style->settings->compute), &regions,
                         error))
    return FALSE;
  if (regions.n == 1 || !rv__regions_parse_match (style->settings->match, regions.n, style->match, error)) {
    rv__regions_clear (&regions);
    return regions.n == 1;
  }
  style->n_styles = regions.n;
  style->styles = g_renew (RvImage *, style->styles, regions.n + 1);
  style->style_masks = g_new0 (RvCompactImage *, regions.n + 1);
  g_free (style->blends);
  style->blends = g_new (double, regions.n);
  for (int i = 0; i < regions.n; i++) {
    style->styles[i] = i > 0 ? rv_image_ref (style->styles[0]) : style->styles[0];
    style->style_masks[i] = regions.painting[i];
    style->blends[i] = 1; /* regions do not overlap: each position has the whole style weight */
  }
  rv__style_take_masks (style, regions.photo);
  return TRUE;
}

gboolean
rv__style_read_style_mask (const RvStyle *style, int i, int width, int height, float **plane, GError **error)
{
  *plane = NULL;
  if (!style->style_masks)
    return TRUE;
  *plane = rv__alloc ((gsize) width * (gsize) height * sizeof (float), "a mask", error);
  if (*plane && !rv__style_read_mask (style->style_masks[style->match[i]], FALSE, width, height, *plane, error))
    g_clear_pointer (plane, rv__free);
  return *plane != NULL;
}
