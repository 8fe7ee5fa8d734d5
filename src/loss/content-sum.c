/* content-sum.c -- the content loss of the Keras program: sum (F - P)^2. */
#include "loss.h"

static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1;
  return sum[0][0];
}

const RvLossClass rv__loss_content_sum = {
  .name = "sum",
  .summary = "sum (F - P)^2",
  .source = "the Keras example neural_style_transfer",
  .role = RV_LOSS_CONTENT,
  .n_sums = 1,
  .linear = TRUE,
  .record = rv__content_record,
  .evaluate = evaluate,
};
