/* content-pixels.c -- the picture's own pixels: mean (x - p)^2, in the units of x.
 *
 * Under a mask, one weight a pixel, the mean of w (x - p)^2: what holds a film's frame to the last one, where that can
 * be trusted. */
#include "loss.h"

static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1 / ((double) info->channels * (double) info->positions);
  return sum[0][0] * grad[0][0];
}

const RvLossClass rv__loss_content_pixels = {
  .group = "content",
  .name = "pixels",
  .summary = "mean (x - p)^2 of the pixels themselves",
  .source = "ours, docs/losses.md",
  .on_picture = TRUE,
  .target = RV_TARGET_FEATURES,
  .n_sums = 1,
  .linear = TRUE,
  .record = rv__difference_record,
  .evaluate = evaluate,
};
