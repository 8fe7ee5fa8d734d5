/* content-mean.c -- the content loss of Dive into Deep Learning: mean (F - P)^2. */
#include "loss.h"

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1 / ((double) info->channels * (double) info->positions);
  return sum[0][0] * grad[0][0];
}

const RvLossClass rv__loss_content_mean = {
  .group = "content",
  .name = "mean",
  .summary = "mean (F - P)^2",
  .source = "Dive into Deep Learning, section Neural Style Transfer",
  .target = RV_TARGET_FEATURES,
  .n_sums = 1,
  .linear = TRUE,
  .record = rv__difference_record,
  .evaluate = evaluate,
};
