/* masks.c -- terms that are weighted by masks, such as several styles in one picture.
 *
 * Gatys, Bethge, Hertzmann, Shechtman 2017, "Controlling perceptual factors in neural style transfer", section 4. The
 * features are multiplied by the mask at the layer's resolution. The Gram matrix of the product is compared with the
 * style's. Here the mask m, 0 to 1, at a position is the mean over the pixels under that position. Features are
 * multiplied by its square root. A Gram matrix is then sum m F F^T, and
 *
 *   L = mask_mean * loss (sums / mask_mean),   mask_mean = mean of m over the layer
 *
 * The gradient at a pixel is then as strong as without masks, and masks of 1 everywhere change nothing. Differs from
 * the paper, which normalises each mask to sum m^2 = 1. Losses on means use sum m F; RV_TILING_WHOLE losses get the
 * root of m. */
#include "base/alloc.h"
#include "objective-internal.h"
#include <math.h>

/* Integral image of the mask, [height + 1, width + 1]: the sum over any rectangle needs four of its numbers.
 * (transfer full) (nullable): freed by rv__free(). */
static double *
integral (const float *mask, int height, int width, GError **error)
{
  gint64 stride = width + 1;
  double *sums = rv__alloc ((gsize) stride * (gsize) (height + 1) * sizeof (double), "a mask", error);
  for (int y = 0; sums && y < height; y++)
    for (int x = 0; x < width; x++)
      sums[(y + 1) * stride + x + 1] = (double) mask[(gint64) y * width + x] + sums[y * stride + x + 1] +
                                       sums[(y + 1) * stride + x] - sums[y * stride + x];
  return sums;
}

/* Sets *from and *to (exclusive) to the pixels along @axis (0: rows, 1: columns) under position @p of a layer: `jump`
 * of them in the middle of its receptive field, clipped to the picture's 0 .. @extent - 1, at least one. */
static void
pixels_under (const RvReceptiveField *reach, int axis, gint64 p, gint64 extent, gint64 *from, gint64 *to)
{
  gint64 jump = reach->jump[axis], lead = (reach->after[axis] - reach->before[axis] - (jump - 1)) / 2;
  *from = CLAMP (p * jump + lead, 0, extent - 1);
  *to = CLAMP (p * jump + lead + jump, *from + 1, extent);
}

/* Resamples a mask to the term's layer: sets mask_plane, allocated once, to the root of the mean under each position,
 * and info.mask_mean. @sums: integral() of the mask. */
static gboolean
set_plane (const RvObjective *objective, RvTermInstance *instance, const double *sums, GError **error)
{
  const RvReceptiveField *reach = &instance->reach;
  gint64 stride = objective->width + 1, cols = instance->info.positions / instance->rows;
  double total = 0;
  if (!instance->mask_plane &&
      !(instance->mask_plane = rv__alloc ((gsize) instance->info.positions * sizeof (float), "a mask", error)))
    return FALSE;
  for (gint64 i = 0; i < instance->info.positions; i++) {
    gint64 top, bottom, left, right;
    pixels_under (reach, 0, i / cols, objective->height, &top, &bottom);
    pixels_under (reach, 1, i % cols, objective->width, &left, &right);
    double sum = sums[bottom * stride + right] - sums[top * stride + right] - sums[bottom * stride + left] +
                 sums[top * stride + left];
    double mean = MAX (sum, 0) / (double) ((bottom - top) * (right - left));
    instance->mask_plane[i] = (float) sqrt (mean);
    total += mean;
  }
  instance->info.mask_mean = total / (double) instance->info.positions;
  return TRUE;
}

/* Resamples all masks that terms use, @masks by their numbers, [height, width] each, to the layers of the terms, by
 * set_plane(). An error may leave some masks resampled. */
static gboolean
set_planes (const RvObjective *objective, const float *const *masks, GError **error)
{
  gboolean ok = TRUE;
  int n_masks = 0;
  for (guint i = 0; i < objective->instances->len; i++)
    n_masks = MAX (n_masks, instance_at (objective, i)->term->mask + 1);
  for (int m = 0; ok && m < n_masks; m++) {
    double *sums = integral (masks[m], objective->height, objective->width, error);
    ok = sums != NULL;
    for (guint i = 0; ok && i < objective->instances->len; i++) {
      RvTermInstance *instance = instance_at (objective, i);
      if (instance->term->mask == m)
        ok = set_plane (objective, instance, sums, error);
    }
    rv__free (sums);
  }
  return ok;
}

gboolean
rv__objective_set_masks (RvObjective *objective, const RvProgram *program, int x, GError **error)
{
  if (!objective->spec.masks)
    return TRUE;
  g_autofree RvReceptiveField *reaches = rv__graph_receptive_fields (program, x);
  for (guint i = 0; i < objective->instances->len; i++) {
    RvTermInstance *instance = instance_at (objective, i);
    instance->reach = reaches[instance->feature];
  }
  return set_planes (objective, objective->spec.masks, error);
}

gboolean
rv__objective_change_masks (RvObjective *objective, const float *const *masks, GError **error)
{
  return set_planes (objective, masks, error) && (objective->tiling || rv__objective_bind_masks (objective, error));
}

gboolean
rv__objective_bind_masks (RvObjective *objective, GError **error)
{
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    if (!instance->mask_plane || instance->mask < 0)
      continue;
    double *wide = NULL;
    if (objective->spec.type == RV_F64) {
      if (!(wide = rv__alloc ((gsize) instance->info.positions * sizeof (double), "a mask", error)))
        return FALSE;
      for (gint64 k = 0; k < instance->info.positions; k++)
        wide[k] = (double) instance->mask_plane[k];
    }
    const void *plane = wide ? (void *) wide : instance->mask_plane;
    gboolean ok = rv__executable_set (objective->executable, instance->mask, plane, error);
    rv__free (wide);
    if (!ok)
      return FALSE;
  }
  return TRUE;
}
