/* tv-keras.c -- the total variation of the Keras program: sum (dy^2 + dx^2)^1.25, the power per element. */
#include "loss.h"

static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int found[RV_LOSS_MAX_SUMS])
{
  found[0] = rv__total_variation (program, values->x, values->mask, RV_TV_KERAS);
}

static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1, grad[0][1] = 0;
  return sum[0][0];
}

const RvLossClass rv__loss_tv_keras = {
  .group = "tv",
  .name = "keras",
  .summary = "sum (dy^2 + dx^2)^1.25",
  .source = "the Keras example neural_style_transfer; Mahendran, Vedaldi 2015",
  .on_picture = TRUE,
  .tiling = RV_TILING_HALO,
  .halo = 1,
  .n_sums = 1,
  .linear = TRUE,
  .record = record,
  .evaluate = evaluate,
};
