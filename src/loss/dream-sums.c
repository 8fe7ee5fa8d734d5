/* dream-sums.c -- objectives of dreams that are sums over positions.
 *
 *   squares  sum over the interior of A^2 / numel (A): strength of a layer's activations. If channels are chosen, the
 *            others have weight 0
 *   mean     sum over channels of w * mean over positions of z, the class map before any ReLU. Linear, and without a
 *            border: a class may appear anywhere. The built-in network's map is in standard deviations of each class
 *   guided   sum over the interior of max over q of <A[:,p], G[:,q]> / numel (A), G: the layer's features of another
 *            picture. The gradient treats the best q as constant. If channels are chosen, the guide's others are 0
 *
 * Interior: all but two rows and columns on each side, where convolutions read zero padding. The divisor still counts
 * all elements, as in the Keras program. */
#include "loss.h"

#define BORDER 2

/* RvLossClass.record: stats[0] is the sum of squares of each channel over the interior, [C]. */
static void
record_squares (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__channel_sum_squares (program, values->x, BORDER);
}

/* RvLossClass.record: stats[0] is the sum of each channel over all positions, [C]. */
static void
record_mean (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__channel_sum (program, values->x);
}

/* RvLossClass.record: stats[0] is the sum over the interior of each position's largest product <A, G> of its features
 * with those of a position of the guide. */
static void
record_guided (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__best_match (program, values->x, values->target, BORDER);
}

/* Returns the sums of the channels, @sum, [C], added up with their weights and divided by @n. Overwrites @grad, [C],
 * with the gradient. */
static double
add_channels (const RvLossInfo *info, const double *sum, double n, double *grad)
{
  double total = 0;
  for (gint64 c = 0; c < info->channels; c++) {
    grad[c] = rv__loss_channel_weight (info, c) / n;
    total += grad[c] * sum[c];
  }
  return total;
}

/* RvLossClass.evaluate of squares: returns the weighted sums of the channels, sum[0], [C], added up and divided by
 * numel (A), C N. Overwrites grad[0], [C]. Cannot fail. */
static double
evaluate_squares (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  return add_channels (info, sum[0], (double) info->channels * (double) info->positions, grad[0]);
}

/* RvLossClass.evaluate of mean: returns the weighted sums of the channels, sum[0], [C], added up and divided by the
 * number of positions. Overwrites grad[0], [C]. Cannot fail. */
static double
evaluate_mean (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  return add_channels (info, sum[0], (double) info->positions, grad[0]);
}

/* Sum of A^2 over the interior / numel (A) (Mordvintsev, Olah, Tyka 2015; the Keras example deep_dream). */
const RvLossClass rv__loss_dream_squares = {
  .group = "dream",
  .name = "squares",
  .role = "activations",
  .on_words = "channels",
  .border = BORDER,
  .n_sums = 1,
  .linear = TRUE,
  .of_products = TRUE,
  .record = record_squares,
  .evaluate = evaluate_squares,
};

/* Sum of w * mean z over the class map (Simonyan, Vedaldi, Zisserman 2013). */
const RvLossClass rv__loss_dream_mean = {
  .group = "dream",
  .name = "mean",
  .role = "channels",
  .n_sums = 1,
  .linear = TRUE,
  .record = record_mean,
  .evaluate = evaluate_mean,
};

/* Sum of the best <A, G> at each position of the interior / numel (A) (google/deepdream's notebook, 2015). */
const RvLossClass rv__loss_guide_guided = {
  .group = "guide",
  .name = "guided",
  .role = "guide",
  .target = RV_TARGET_TENSOR,
  .border = BORDER,
  .n_sums = 1,
  .linear = TRUE,
  .record = record_guided,
  .evaluate = rv__mean_evaluate,
};
