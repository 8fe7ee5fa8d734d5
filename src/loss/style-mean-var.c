/* style-mean-var.c -- means and standard deviations of channels (Li, Wang, Liu, Hou 2017): a palette of features,
 * without their combinations.
 *
 *   L = mean over channels of (mu - mu_s)^2 + (sigma - sigma_s)^2,   sigma = sqrt (var + 1e-8)
 *
 * With the sums s = sum F and q = sum F^2: mu = s / N, var = q / N - mu^2, dL/dq = (sigma - sigma_s) / (sigma N C),
 * dL/ds = 2 (mu - mu_s) / (N C) - 2 mu dL/dq. */
#include "loss.h"
#include <math.h>

#define VARIANCE_FLOOR 1e-8

/* RvLossClass.record: stats[0] is sum F, [C]; stats[1] is sum F^2, [C]. */
static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__channel_sum (program, values->x);
  stats[1] = rv__channel_sum_squares (program, values->x, 0);
}

typedef struct {
  double mean, sigma;
} Moments;

/* Mean and standard deviation of @n numbers with this sum and sum of squares; sigma is at least the root of
 * VARIANCE_FLOOR. */
static Moments
moments (double sum, double squares, double n)
{
  double mean = sum / n, variance = MAX (squares / n - mean * mean, 0);
  return (Moments){ mean, sqrt (variance + VARIANCE_FLOOR) };
}

/* RvLossClass.evaluate: returns L for the sums of F and F^2 in @sum, and of the style in @target. Overwrites grad[0]
 * and grad[1], [C], with its gradients with respect to @sum. Cannot fail. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  double C = (double) info->channels, N = (double) info->positions, loss = 0;
  for (gint64 c = 0; c < info->channels; c++) {
    Moments ours = moments (sum[0][c], sum[1][c], N);
    Moments theirs = moments (target->sum[0][c], target->sum[1][c], (double) target->positions);
    double mean_off = ours.mean - theirs.mean, sigma_off = ours.sigma - theirs.sigma;
    loss += (mean_off * mean_off + sigma_off * sigma_off) / C;
    grad[1][c] = sigma_off / (ours.sigma * N * C);
    grad[0][c] = 2 * mean_off / (N * C) - 2 * ours.mean * grad[1][c];
  }
  return loss;
}

/* Mean over channels of (mu - mu_s)^2 + (sigma - sigma_s)^2 (Li, Wang, Liu, Hou 2017, Demystifying Neural Style
 * Transfer, section 4.2). */
const RvLossClass rv__loss_style_mean_var = {
  .group = "style",
  .name = "mean-var",
  .target = RV_TARGET_SUMS,
  .n_sums = 2,
  .means = { [0] = TRUE },
  .record = record,
  .evaluate = evaluate,
};
