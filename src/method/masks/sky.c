/* sky.c -- the sky of a photograph: its uppermost region, refined by colours. A plain wall or backdrop at the top is
 * taken for a sky. */
#include "masks.h"
#include "op/op.h"

#define BIAS 0.8f           /* log odds in favour of the sky */
#define COARSE_01 (1 / 6.0) /* distance of positions where logits stay, in longer sides */

/* RvMaskClass.make. (transfer full) (nullable): white on the sky. *found: "a sky"; without one it is unchanged, and the
 * mask is black. */
static RvImage *
make_sky (const RvImage *picture, int n_threads, char **found, GError **error)
{
  gboolean is_found;
  g_autoptr (RvImage) small = rv__mask_shrink (picture, RV_MASK_SMALL_PX, 1, error);
  g_autofree float *logits = small ? g_new (float, (gsize) small->width * small->height) : NULL;
  if (!small || !rv__regions_top_logits (small, n_threads, logits, &is_found, error))
    return NULL;
  if (!is_found)
    return rv_image_new (picture->width, picture->height, error);
  /* Near an edge the features are those of both sides; there the colours must decide. */
  int height = small->height, width = small->width;
  double step = COARSE_01 * MAX (height, width);
  int rows = CLAMP ((int) (height / step), 1, height), columns = CLAMP ((int) (width / step), 1, width);
  g_autofree float *coarse = g_new (float, rows *columns);
  rv__mask_cell_means (logits, height, width, rows, columns, coarse);
  for (int i = 0; i < rows * columns; i++)
    coarse[i] += BIAS;
  rv__resize_planes (coarse, 1, rows, columns, RV_RESIZE_BILINEAR, logits, height, width);
  rv__mask_refine (small, logits);
  RvImage *mask = rv__mask_from_logits (picture, small, logits, error);
  if (mask)
    *found = g_strdup ("a sky");
  return mask;
}

const RvMaskClass rv__mask_sky = { "sky", make_sky };
