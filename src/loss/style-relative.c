/* style-relative.c -- style loss relative to the style: 0 is a perfect match, 1 the distance of a blank picture.
 *
 *   L = ||G - S||^2 / ||S||^2,   G = F F^T / N, S = the same of the style
 *
 * Its scale is the same for all layers, networks and sizes, so that one weight suits all. */
#include "loss.h"

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double b = 1 / (double) target->positions, norm = 0;
  for (gint64 i = 0; i < info->channels * info->channels; i++)
    norm += b * b * target->sum[0][i] * target->sum[0][i];
  return rv__gram_distance (info->channels, sum[0], 1 / (double) info->positions, target->sum[0], b,
                            1 / rv__loss_norm (norm, (double) info->channels * (double) info->channels), grad[0]);
}

const RvLossClass rv__loss_style_relative = {
  .group = "style",
  .name = "relative",
  .role = "style",
  .summary = "||G - S||^2 / ||S||^2, G = F F^T / N",
  .source = "ours, docs/losses.md",
  .target = RV_TARGET_SUMS,
  .n_sums = 1,
  .symmetric = { TRUE },
  .record = rv__gram_record,
  .evaluate = evaluate,
};
