/* dream-mean.c -- objective of dreams toward a class: mean activation of its channel (Simonyan, Vedaldi, Zisserman
 * 2013).
 *
 *   L = sum over channels of w * mean over positions of z,   z: the class map, before any ReLU
 *
 * Linear, and without a border: a class may appear anywhere. The built-in network's map is in standard deviations of
 * each class. */
#include "loss.h"

static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__channel_sum (program, values->x);
}

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double total = 0;
  for (gint64 c = 0; c < info->channels; c++) {
    grad[0][c] = rv__loss_channel_weight (info, c) / (double) info->positions;
    total += grad[0][c] * sum[0][c];
  }
  return total;
}

const RvLossClass rv__loss_dream_mean = {
  .group = "dream",
  .name = "mean",
  .role = "channels",
  .summary = "sum of w * mean z over the class map",
  .source = "Simonyan, Vedaldi, Zisserman 2013",
  .n_sums = 1,
  .linear = TRUE,
  .record = record,
  .evaluate = evaluate,
};
