/* style-gatys.c -- style loss of Gatys, Ecker, Bethge 2016.
 *
 *   L = sum (G - S)^2 / (4 C^2 N^2),   G = F F^T
 *
 * If the style picture has another number of positions, S is multiplied by N / N_style. */
#include "loss.h"

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double C = (double) info->channels, N = (double) info->positions;
  double same_size = N / (double) target->positions;
  return rv__gram_distance (info->channels, sum[0], 1, target->sum[0], same_size, 1 / (4 * C * C * N * N), grad[0]);
}

const RvLossClass rv__loss_style_gatys = {
  .group = "style",
  .name = "gatys",
  .summary = "sum (G - S)^2 / (4 C^2 N^2), G = F F^T",
  .source = "Gatys, Ecker, Bethge, CVPR 2016, section 2.2",
  .target = RV_TARGET_SUMS,
  .n_sums = 1,
  .symmetric = { TRUE },
  .record = rv__gram_record,
  .evaluate = evaluate,
};
