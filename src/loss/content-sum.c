/* content-sum.c -- the content loss of the Keras program: sum (F - P)^2. */
#include "loss.h"

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1;
  return sum[0][0];
}

const RvLossClass rv__loss_content_sum = {
  .group = "content",
  .name = "sum",
  .summary = "sum (F - P)^2",
  .source = "the Keras example neural_style_transfer",
  .target = RV_TARGET_FEATURES,
  .n_sums = 1,
  .linear = TRUE,
  .record = rv__difference_record,
  .evaluate = evaluate,
};
