/* regions.c -- the setting `regions`: matching regions of photograph and painting. The painting becomes one style for
 * each region. Each style has a mask in the photograph and one in the painting. */
#include "base/alloc.h"
#include "method/masks/masks.h"
#include "method/style/style-run.h"

gboolean
rv__style_detect_regions (RvStyle *style, GError **error)
{
  RvRegions regions;
  const char *choice = style->settings->regions;
  if (g_str_equal (choice, "none"))
    return TRUE;
  if (!rv__regions_find (style->content, style->styles[0], choice, rv__compute_threads (&style->settings->compute),
                         &regions, error))
    return FALSE;
  if (regions.n == 1) {
    rv__regions_clear (&regions);
    return TRUE;
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
  if (*plane && !rv__style_read_mask (style->style_masks[i], FALSE, width, height, *plane, error))
    g_clear_pointer (plane, rv__free);
  return *plane != NULL;
}

/* (transfer full: rv__free()) (nullable): the pixels of @rgb, [3, @n], whose @mask is at least half, [3, *n_chosen];
 * all if there are none. RV_ERROR_MEMORY. */
static float *
choose_pixels (const float *rgb, const float *mask, gint64 n, gint64 *n_chosen, GError **error)
{
  gint64 count = 0;
  for (gint64 i = 0; i < n; i++)
    count += mask[i] >= 0.5f;
  *n_chosen = count > 0 ? count : n;
  float *chosen = rv__alloc ((gsize) *n_chosen * 3 * sizeof (float), "a picture", error);
  for (gint64 i = 0, k = 0; chosen && i < 3 * n; i++)
    if (count == 0 || mask[i % n] >= 0.5f)
      chosen[k++] = rgb[i];
  return chosen;
}

gboolean
rv__style_region_colors (const RvStyle *style, int i, const float *rgb, const float *mask, gint64 n, RvColorMap *map,
                         GError **error)
{
  const RvImage *picture = style->styles[i];
  gint64 n_own, n_from;
  float *plane = NULL, *own = NULL, *from = NULL;
  gboolean ok =
    rv__style_read_style_mask (style, i, picture->width, picture->height, &plane, error) &&
    (own = choose_pixels (rgb, mask, n, &n_own, error)) &&
    (from = choose_pixels (picture->rgb->data, plane, (gint64) picture->width * picture->height, &n_from, error));
  if (ok)
    rv__color_map_covariance (own, n_own, from, n_from, map);
  rv__free (plane);
  rv__free (own);
  rv__free (from);
  return ok;
}
