/* content-relative.c -- content loss relative to the content: ||F - P||^2 / ||P||^2. */
#include "loss.h"

const RvLossClass rv__loss_content_relative = {
  .group = "content",
  .name = "relative",
  .role = "content",
  .summary = "||F - P||^2 / ||P||^2",
  .source = "ours, docs/losses.md",
  .target = RV_TARGET_FEATURES,
  .n_sums = 1,
  .linear = TRUE,
  .record = rv__difference_record,
  .evaluate = rv__relative_evaluate,
};
