/* dream-guided.c -- what a guided dream maximises: how well a layer agrees with what it sees in another picture.
 *
 *   L = sum over the interior of max over q of <A[:,p], G[:,q]> / numel (A),   G: the layer's features of the guide
 *
 * Interior and divisor as in dream-squares.c. Which feature agrees best counts as constant in the gradient. With
 * channels chosen, the guide's others are 0. */
#include "loss.h"

static void
record (RvProgram *program, int x, int target, int sums[RV_LOSS_MAX_SUMS])
{
  sums[0] = rv__best_match (program, x, target, RV_DREAM_BORDER);
}

static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1 / ((double) info->channels * (double) info->positions);
  return grad[0][0] * sum[0][0];
}

const RvLossClass rv__loss_dream_guided = {
  .name = "guided",
  .summary = "sum of the best <A, G> at each position of the interior / numel (A)",
  .source = "google/deepdream's notebook, 2015",
  .role = RV_LOSS_DREAM,
  .border = RV_DREAM_BORDER,
  .n_sums = 1,
  .linear = TRUE,
  .record = record,
  .evaluate = evaluate,
};
