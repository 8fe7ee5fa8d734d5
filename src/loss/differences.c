/* differences.c -- losses of squared differences at the same positions: a row of FEATURES or PICTURE each.
 *
 *   content mean      mean (F - P)^2
 *   content sum       sum (F - P)^2
 *   content relative  ||F - P||^2 / ||P||^2
 *   content pixels    mean (x - p)^2 / s^2. s, in the units of x, is the difference that counts as 1. With the default,
 *                     40 grey levels, it preserves a photograph about as much as features do at the same weight. At 16
 *                     the photograph dominates; at 100 little of it remains. With a mask: the mean of w (x - p)^2
 *   temporal last     sum m |x - x_w|^2 / (3 sum m) / s^2. x_w is the previous painted frame, warped along the flow. m,
 *                     0..1, is the confidence of the flow. s = 40 grey levels, so that a weight of 1 is comparable to
 *                     the content's. The paper divides by the number of all pixels; here it is the number of those that
 *                     count */
#include "loss.h"

#define LEVELS 40.0

typedef struct {
  double scale;
} PixelSettings;

static const RvOption pixel_options[] = {
  { "scale", 0, RV_OPTION_REAL, offsetof (PixelSettings, scale), "40", 1e-3, 1e6, .unit = "LEVELS",
    .help = "the difference from the photograph that counts 1" },
  { NULL },
};

/* RvLossClass.record: stats[0] is the sum of squared differences of values->x and values->target. */
static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__sum_squared_difference (program, values->x, values->target);
}

/* RvLossClass.evaluate of content sum: returns sum[0][0] and sets grad[0][0] to 1. Cannot fail. */
static double
evaluate_sum (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1;
  return sum[0][0];
}

/* RvLossClass.evaluate of content pixels: returns sum[0][0] / (s^2 C N), s: the setting `scale`, and sets grad[0][0] to
 * 1 / (s^2 C N). C channels, N positions. Cannot fail. */
static double
evaluate_pixels (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double scale = ((const PixelSettings *) info->settings)->scale;
  grad[0][0] = 1 / (scale * scale * (double) info->channels * (double) info->positions);
  return sum[0][0] * grad[0][0];
}

/* RvLossClass.evaluate of temporal last: returns sum[0][0] / (s^2 C sum m), and sets grad[0][0] to 1 / (s^2 C sum m).
 * s: LEVELS; C channels; sum m: mask_mean times the positions, above 0 (unchecked). Cannot fail. */
static double
evaluate_last (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double counted = info->mask_mean * (double) info->positions; /* sum m */
  grad[0][0] = 1 / (LEVELS * LEVELS * (double) info->channels * counted);
  return sum[0][0] * grad[0][0];
}

#define FEATURES(group_, id, evaluate_, ...)                                                                           \
  const RvLossClass rv__loss_##group_##_##id = { .group = #group_,                                                     \
                                                 .name = #id,                                                          \
                                                 .target = RV_TARGET_FEATURES,                                         \
                                                 .n_sums = 1,                                                          \
                                                 .linear = TRUE,                                                       \
                                                 .record = record,                                                     \
                                                 .evaluate = evaluate_,                                                \
                                                 __VA_ARGS__ }
#define PICTURE(group_, id, ...) FEATURES (group_, id, evaluate_##id, .on_picture = TRUE, __VA_ARGS__)

/* Mean (F - P)^2 (Dive into Deep Learning, section Neural Style Transfer). */
FEATURES (content, mean, rv__mean_evaluate);
/* Sum (F - P)^2 (the Keras example neural_style_transfer). */
FEATURES (content, sum, evaluate_sum);
/* ||F - P||^2 / ||P||^2 (ours, docs/losses.md). */
FEATURES (content, relative, rv__relative_evaluate, .role = "content");
/* Mean (x - p)^2 / scale^2 of the pixels themselves (ours, docs/losses.md). */
PICTURE (content, pixels, .options = pixel_options, .settings_bytes = sizeof (PixelSettings));
/* Sum m |x - x_w|^2 / (3 sum m) / 40^2, to the last frame of a video, warped (Ruder, Dosovitskiy, Brox 2016). */
PICTURE (temporal, last, .role = "last frame");
