/* style-keras.c -- style loss of the Keras program.
 *
 *   L = sum (G - S)^2 / (4 * 3^2 * (H W)^2) / layers,   G = F F^T
 *
 * H and W are the picture's, and 3 its channels: the program divides by the size of the picture for all layers. The
 * division by the number of layers is part of the loss. If the style picture has another number of positions, S is
 * multiplied by N / N_style. */
#include "loss.h"

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double picture = (double) info->picture_h * (double) info->picture_w, rgb = 3;
  double same_size = (double) info->positions / (double) target->positions;
  double factor = 1 / (4 * rgb * rgb * picture * picture * info->n_layers);
  return rv__gram_distance (info->channels, sum[0], 1, target->sum[0], same_size, factor, grad[0]);
}

const RvLossClass rv__loss_style_keras = {
  .group = "style",
  .name = "keras",
  .summary = "sum (G - S)^2 / (4 * 3^2 * (H W)^2), mean over layers",
  .source = "the Keras example neural_style_transfer",
  .target = RV_TARGET_SUMS,
  .n_sums = 1,
  .symmetric = { TRUE },
  .record = rv__gram_record,
  .evaluate = evaluate,
};
