/* tv.c -- total variation losses of the picture, from differences dy and dx between neighbours.
 *
 * Means are over the existing pairs: C (H - 1) W vertical ones, C H (W - 1) horizontal ones. */
#include "loss.h"

/* Returns the sum of both means, times @factor, and writes its gradient to @grad, [2]. @sum: [2], over vertical and
 * over horizontal pairs. */
static double
add_means (const RvLossInfo *info, const double *sum, double factor, double *grad)
{
  gint64 C = info->channels, H = info->picture_h, W = info->picture_w;
  grad[0] = factor / (double) MAX (C * (H - 1) * W, 1);
  grad[1] = factor / (double) MAX (C * H * (W - 1), 1);
  return grad[0] * sum[0] + grad[1] * sum[1];
}

/* RvLossClass.evaluate of tv squared: returns mean dy^2 + mean dx^2 of sum[0], [2]. Overwrites grad[0], [2]. Cannot
 * fail. */
static double
evaluate_squared (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  return add_means (info, sum[0], 1, grad[0]);
}

/* RvLossClass.evaluate of tv d2l: returns (mean |dy| + mean |dx|) / 2 of sum[0], [2]. Overwrites grad[0], [2]. Cannot
 * fail. */
static double
evaluate_d2l (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  return add_means (info, sum[0], 0.5, grad[0]);
}

/* RvLossClass.evaluate of tv keras: returns the sum itself, the first number of sum[0], [2]. Overwrites grad[0] with 1,
 * 0. Cannot fail. */
static double
evaluate_keras (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  grad[0][0] = 1, grad[0][1] = 0;
  return sum[0][0];
}

/* Defines the loss tv NAME and its record(): stats[0] is the sum of differences by FORM, an RvTvKind. */
#define TV_LOSS(NAME, FORM, ...)                                                                                       \
  static void record_##NAME (RvProgram *program, const RvLossInfo *info, const RvLossValues *values,                   \
                             int stats[RV_LOSS_MAX_SUMS])                                                              \
  {                                                                                                                    \
    stats[0] = rv__total_variation (program, values->x, values->mask, FORM);                                           \
  }                                                                                                                    \
  const RvLossClass rv__loss_tv_##NAME = { .group = "tv",                                                              \
                                           .name = #NAME,                                                              \
                                           .on_picture = TRUE,                                                         \
                                           .tiling = RV_TILING_HALO,                                                   \
                                           .halo = 1,                                                                  \
                                           .n_sums = 1,                                                                \
                                           .linear = TRUE,                                                             \
                                           .record = record_##NAME,                                                    \
                                           .evaluate = evaluate_##NAME,                                                \
                                           __VA_ARGS__ }

/* Mean dy^2 + mean dx^2 (ours, docs/losses.md). */
TV_LOSS (squared, RV_TV_SQUARED, .role = "smoothness");
/* (mean |dy| + mean |dx|) / 2 (Dive into Deep Learning, section Neural Style Transfer). */
TV_LOSS (d2l, RV_TV_ABSOLUTE);
/* Sum (dy^2 + dx^2)^1.25 (the Keras example neural_style_transfer; Mahendran, Vedaldi 2015). */
TV_LOSS (keras, RV_TV_KERAS);
