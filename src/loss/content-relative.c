/* content-relative.c -- content loss relative to the content: ||F - P||^2 / ||P||^2. */
#include "loss.h"

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1 / rv__loss_norm (target->sum[0][0], (double) info->channels * (double) info->positions);
  return sum[0][0] * grad[0][0];
}

const RvLossClass rv__loss_content_relative = {
  .group = "content",
  .name = "relative",
  .role = "content",
  .summary = "||F - P||^2 / ||P||^2",
  .source = "ours, docs/losses.md",
  .target = RV_TARGET_FEATURES,
  .n_sums = 1,
  .linear = TRUE,
  .record = rv__difference_record,
  .evaluate = evaluate,
};
