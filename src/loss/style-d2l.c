/* style-d2l.c -- the style loss of Dive into Deep Learning.
 *
 *   L = mean (G - S)^2 over the C x C entries,   G = F F^T / (C N) */
#include "loss.h"

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double C = (double) info->channels;
  return rv__gram_distance (info->channels, sum[0], 1 / (C * (double) info->positions), target->sum[0],
                            1 / (C * (double) target->positions), 1 / (C * C), grad[0]);
}

const RvLossClass rv__loss_style_d2l = {
  .group = "style",
  .name = "d2l",
  .summary = "mean (G - S)^2, G = F F^T / (C N)",
  .source = "Dive into Deep Learning, section Neural Style Transfer",
  .target = RV_TARGET_SUMS,
  .n_sums = 1,
  .symmetric = { TRUE },
  .record = rv__gram_record,
  .evaluate = evaluate,
};
