/* regions.c -- the setting `regions`: matching regions of photograph and painting. The painting becomes one style for
 * each region. Each style has a mask in the photograph and one in the painting. */
#include "base/alloc.h"
#include "method/masks/masks.h"
#include "method/style/style-run.h"
#include <string.h>

void
rv__style_set_regions (RvStyle *style, RvRegions *regions)
{
  int n = regions->n;
  style->regions = rv__regions_ref (regions);
  style->n_styles = n;
  style->styles = g_renew (RvImage *, style->styles, n + 1);
  g_free (style->blends);
  style->blends = g_new (double, n);
  for (int i = 0; i < n; i++) {
    style->styles[i] = i > 0 ? rv_image_ref (style->styles[0]) : style->styles[0];
    style->blends[i] = 1; /* regions do not overlap: each position has the whole style weight */
  }
}

gboolean
rv__style_detect_regions (RvStyle *style, const RvImage *painting, GError **error)
{
  const RvStyleSettings *s = style->settings;
  if (g_str_equal (s->regions, "none"))
    return TRUE;
  g_autoptr (RvRegions) regions =
    rv__regions_find (style->content, painting, s->regions, s->match, rv__compute_threads (s->compute.threads), error);
  if (!regions || regions->n == 1)
    return regions != NULL;
  rv__style_set_regions (style, regions);
  rv__style_take_masks (style, regions->photo);
  memset (regions->photo, 0, sizeof regions->photo);
  return TRUE;
}

gboolean
rv__style_read_style_mask (const RvStyle *style, int i, int width, int height, float **plane, GError **error)
{
  const RvRegions *regions = style->regions;
  *plane = NULL;
  if (!regions)
    return TRUE;
  *plane = rv__alloc ((gsize) width * (gsize) height * sizeof (float), "a mask", error);
  if (*plane && !rv__style_read_mask (regions->painting[regions->match[i]], FALSE, width, height, *plane, error))
    g_clear_pointer (plane, rv__free);
  return *plane != NULL;
}
