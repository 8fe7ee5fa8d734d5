/* dream-squares.c -- objective of dreams: strength of a layer's activations (Mordvintsev, Olah, Tyka 2015).
 *
 *   L = sum over the interior of A^2 / numel (A),   interior: all but two rows and columns on each side
 *
 * The border is ignored because convolutions read zero padding there. The divisor still counts all elements, as in the
 * Keras program. If channels are chosen, the others have weight 0. */
#include "loss.h"

#define BORDER 2 /* rows and columns on each side, where convolutions read zero padding */

static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__channel_sum_squares (program, values->x, BORDER);
}

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double numel = (double) info->channels * (double) info->positions, total = 0;
  for (gint64 c = 0; c < info->channels; c++) {
    grad[0][c] = rv__loss_channel_weight (info, c) / numel;
    total += grad[0][c] * sum[0][c];
  }
  return total;
}

const RvLossClass rv__loss_dream_squares = {
  .group = "dream",
  .name = "squares",
  .role = "activations",
  .on_words = "channels",
  .summary = "sum of A^2 over the interior / numel (A)",
  .source = "Mordvintsev, Olah, Tyka 2015; the Keras example deep_dream",
  .border = BORDER,
  .n_sums = 1,
  .linear = TRUE,
  .of_products = TRUE,
  .record = record,
  .evaluate = evaluate,
};
