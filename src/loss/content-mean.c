/* content-mean.c -- the content loss of Dive into Deep Learning: mean (F - P)^2. */
#include "loss.h"

const RvLossClass rv__loss_content_mean = {
  .group = "content",
  .name = "mean",
  .summary = "mean (F - P)^2",
  .source = "Dive into Deep Learning, section Neural Style Transfer",
  .target = RV_TARGET_FEATURES,
  .n_sums = 1,
  .linear = TRUE,
  .record = rv__difference_record,
  .evaluate = rv__mean_evaluate,
};
