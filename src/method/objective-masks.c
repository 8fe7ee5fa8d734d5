/* objective-masks.c -- styles that share a picture: each looks at its own part of every layer.
 *
 * Gatys, Bethge, Hertzmann, Shechtman 2017, "Controlling perceptual factors in neural style transfer", section 4: the
 * features are multiplied by the mask as the layer sees it, and the Gram matrix of the product is compared with the
 * style's. Here m, 0 to 1, is brought to a layer as the mean over the pixels that lie under a position, features are
 * multiplied by its square root, so that a Gram matrix is sum m F F^T, and
 *
 *   L = sum over styles of blend * share * style loss (sums / share),   share = mean of m over the layer
 *
 * so that a pixel is pulled as strongly as without masks, and masks that are 1 everywhere change nothing. Differs from
 * the paper, where each mask is brought to sum m^2 = 1. Of losses that look at means, these are sum m F.
 */
#include "objective-internal.h"
#include <math.h>

/* The mean of the mask over [from, to) of one axis after the other: its integral image makes that four numbers. */
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

/* The pixels under position @p: `jump` of them, in the middle of what it sees; at the borders those there are. */
static void
pixels_under (const RvReach *reach, int axis, gint64 p, gint64 extent, gint64 *from, gint64 *to)
{
  gint64 jump = reach->jump[axis], lead = (reach->after[axis] - reach->before[axis] - (jump - 1)) / 2;
  *from = CLAMP (p * jump + lead, 0, extent - 1);
  *to = CLAMP (p * jump + lead + jump, *from + 1, extent);
}

static gboolean
set_term_mask (const RvObjective *objective, RvTerm *term, const RvReach *reach, const double *sums, GError **error)
{
  gint64 stride = objective->width + 1, cols = term->info.positions / term->rows;
  double total = 0;
  if (!(term->style_mask = rv__alloc ((gsize) term->info.positions * sizeof (float), "a mask", error)))
    return FALSE;
  for (gint64 i = 0; i < term->info.positions; i++) {
    gint64 top, bottom, left, right;
    pixels_under (reach, 0, i / cols, objective->height, &top, &bottom);
    pixels_under (reach, 1, i % cols, objective->width, &left, &right);
    double sum = sums[bottom * stride + right] - sums[top * stride + right] - sums[bottom * stride + left] +
                 sums[top * stride + left];
    double mean = MAX (sum, 0) / (double) ((bottom - top) * (right - left));
    term->style_mask[i] = (float) sqrt (mean);
    total += mean;
  }
  term->share = total / (double) term->info.positions;
  return TRUE;
}

gboolean
rv__objective_set_masks (RvObjective *objective, const RvProgram *program, GError **error)
{
  const RvObjectiveSpec *spec = &objective->spec;
  gboolean ok = TRUE;
  if (!spec->masks)
    return TRUE;
  g_autofree RvReach *reaches = rv__graph_reach (program, objective->x);
  for (int s = 0; ok && s < spec->n_masks; s++) {
    double *sums = integral (spec->masks[s], objective->height, objective->width, error);
    ok = sums != NULL;
    for (guint i = 0; ok && i < objective->terms->len; i++) {
      RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
      ok = term->style != s || set_term_mask (objective, term, &reaches[term->feature], sums, error);
    }
    rv__free (sums);
  }
  return ok;
}

gboolean
rv__objective_bind_masks (RvObjective *objective, GError **error)
{
  for (guint i = 0; i < objective->terms->len; i++) {
    const RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    if (!term->style_mask)
      continue;
    double *wide = NULL;
    if (objective->spec.type == RV_F64) {
      if (!(wide = rv__alloc ((gsize) term->info.positions * sizeof (double), "a mask", error)))
        return FALSE;
      for (gint64 k = 0; k < term->info.positions; k++)
        wide[k] = (double) term->style_mask[k];
    }
    gboolean ok =
      rv__executable_set (objective->executable, term->mask, wide ? (void *) wide : term->style_mask, error);
    rv__free (wide);
    if (!ok)
      return FALSE;
  }
  return TRUE;
}
