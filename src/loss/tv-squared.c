/* tv-squared.c -- squared differences: mean dy^2 + mean dx^2.
 *
 * Each mean is over the pairs there are: C (H - 1) W of one above the other, C H (W - 1) side by side. */
#include "loss.h"

static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int found[RV_LOSS_MAX_SUMS])
{
  found[0] = rv__total_variation (program, values->x, values->mask, RV_TV_SQUARED);
}

static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  gint64 C = info->channels, H = info->picture_h, W = info->picture_w;
  grad[0][0] = 1 / (double) MAX (C * (H - 1) * W, 1);
  grad[0][1] = 1 / (double) MAX (C * H * (W - 1), 1);
  return grad[0][0] * sum[0][0] + grad[0][1] * sum[0][1];
}

const RvLossClass rv__loss_tv_squared = {
  .group = "tv",
  .name = "squared",
  .role = "smoothness",
  .summary = "mean dy^2 + mean dx^2",
  .source = "ours, docs/losses.md",
  .on_picture = TRUE,
  .tiling = RV_TILING_HALO,
  .halo = 1,
  .n_sums = 1,
  .linear = TRUE,
  .record = record,
  .evaluate = evaluate,
};
