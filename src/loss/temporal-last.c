/* temporal-last.c -- temporal loss of videos: distance to the previous result, warped.
 *
 *   L = sum m |x - x_w|^2 / (3 sum m) / s^2
 *
 * x_w is the previous painted frame, warped along the flow. m, 0..1, is the confidence of the flow. s = 40 grey levels,
 * so that a weight of 1 is comparable to the content's. Ruder, Dosovitskiy, Brox 2016, "Artistic style transfer for
 * videos", divide by the number of all pixels; here it is the number of those that count. */
#include "loss.h"

#define LEVELS 40.0

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double counted = info->mask_mean * (double) info->positions; /* sum m */
  grad[0][0] = 1 / (LEVELS * LEVELS * (double) info->channels * counted);
  return sum[0][0] * grad[0][0];
}

const RvLossClass rv__loss_temporal_last = {
  .group = "temporal",
  .name = "last",
  .role = "last frame",
  .summary = "sum m |x - x_w|^2 / (3 sum m) / 40^2, to the last frame of a video, warped",
  .source = "Ruder, Dosovitskiy, Brox 2016",
  .on_picture = TRUE,
  .target = RV_TARGET_FEATURES,
  .n_sums = 1,
  .linear = TRUE,
  .record = rv__difference_record,
  .evaluate = evaluate,
};
