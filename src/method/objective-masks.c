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
integral (const float *mask, int height, int width)
{
  gint64 stride = width + 1;
  double *sums = g_new0 (double, (gsize) stride *(gsize) (height + 1));
  for (int y = 0; y < height; y++)
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

static void
set_term_mask (const RvObjective *objective, RvTerm *term, const RvReach *reach, const double *sums)
{
  gint64 stride = objective->width + 1, cols = term->info.positions / term->rows;
  double total = 0;
  term->style_mask = g_new (float, term->info.positions);
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
}

void
rv__objective_set_masks (RvObjective *objective, const RvProgram *program)
{
  const RvObjectiveSpec *spec = &objective->spec;
  if (!spec->masks)
    return;
  g_autofree RvReach *reaches = rv__graph_reach (program, objective->x);
  for (int s = 0; s < spec->n_masks; s++) {
    g_autofree double *sums = integral (spec->masks[s], objective->height, objective->width);
    for (guint i = 0; i < objective->terms->len; i++) {
      RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
      if (term->style == s)
        set_term_mask (objective, term, &reaches[term->feature], sums);
    }
  }
}

void
rv__objective_bind_masks (RvObjective *objective)
{
  for (guint i = 0; i < objective->terms->len; i++) {
    const RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    if (!term->style_mask)
      continue;
    g_autofree double *wide = NULL;
    if (objective->spec.type == RV_F64) {
      wide = g_new (double, term->info.positions);
      for (gint64 k = 0; k < term->info.positions; k++)
        wide[k] = (double) term->style_mask[k];
    }
    rv__executable_set (objective->executable, term->mask, wide ? (void *) wide : term->style_mask);
  }
}
