/* content-pixels.c -- content loss of the pixels themselves.
 *
 *   L = mean (x - p)^2 / s^2
 *
 * s, in the units of x, is the difference that counts as 1. With the default, 40 grey levels, it preserves a photograph
 * about as much as features do at the same weight. At 16 the photograph dominates; at 100 little of it remains. With a
 * mask, it is the mean of w (x - p)^2. */
#include "loss.h"

typedef struct {
  double scale;
} Settings;

static const RvOption options[] = {
  { "scale", 0, RV_OPTION_REAL, offsetof (Settings, scale), "40", 1e-3, 1e6, .unit = "LEVELS",
    .help = "the difference from the photograph that counts 1" },
  { NULL },
};

/* RvLossClass.evaluate. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double scale = ((const Settings *) info->settings)->scale;
  grad[0][0] = 1 / (scale * scale * (double) info->channels * (double) info->positions);
  return sum[0][0] * grad[0][0];
}

const RvLossClass rv__loss_content_pixels = {
  .group = "content",
  .name = "pixels",
  .summary = "mean (x - p)^2 / scale^2 of the pixels themselves",
  .source = "ours, docs/losses.md",
  .on_picture = TRUE,
  .target = RV_TARGET_FEATURES,
  .n_sums = 1,
  .linear = TRUE,
  .options = options,
  .settings_bytes = sizeof (Settings),
  .record = rv__difference_record,
  .evaluate = evaluate,
};
