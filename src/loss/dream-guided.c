/* dream-guided.c -- objective of a guided dream: agreement of a layer with the features of another picture
 * (google/deepdream 2015).
 *
 *   L = sum over the interior of max over q of <A[:,p], G[:,q]> / numel (A),   G: the layer's features of the guide
 *
 * Interior and divisor as in dream-squares.c. The gradient treats the best q as constant. If channels are chosen, the
 * other channels of the guide are 0. */
#include "loss.h"

#define BORDER 2 /* rows and columns on each side, where convolutions read zero padding */

static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__best_match (program, values->x, values->target, BORDER);
}

const RvLossClass rv__loss_dream_guided = {
  .group = "guide",
  .name = "guided",
  .role = "guide",
  .summary = "sum of the best <A, G> at each position of the interior / numel (A)",
  .source = "google/deepdream's notebook, 2015",
  .target = RV_TARGET_TENSOR,
  .border = BORDER,
  .n_sums = 1,
  .linear = TRUE,
  .record = record,
  .evaluate = rv__mean_evaluate,
};
