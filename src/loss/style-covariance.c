/* style-covariance.c -- covariances of channels: Gram matrices without the means.
 *
 *   L = mean (K - K_s)^2 over the C x C entries,   K = (F - mu)(F - mu)^T / N = F F^T / N - mu mu^T
 *
 * dL/d(F F^T) = D / N and dL/d(sum F) = -(D + D^T) mu / N, with D = dL/dK = 2 (K - K_s) / C^2, symmetric. */
#include "loss.h"
#include <string.h>

/* RvLossClass.record: stats[0] is F F^T, [C, C]; stats[1] is sum F, [C]. */
static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  stats[0] = rv__gram (program, values->x);
  stats[1] = rv__channel_sum (program, values->x);
}

/* RvLossClass.evaluate: returns mean (K - K_s)^2 over the entries of the covariances of @sum and of @target. Overwrites
 * grad[0], [C, C], and grad[1], [C], with its gradients with respect to the sums F F^T and sum F. Cannot fail. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  gint64 C = info->channels;
  double N = (double) info->positions, N_style = (double) target->positions, loss = 0;
  memset (grad[1], 0, (gsize) C * sizeof (double));
  for (gint64 i = 0; i < C; i++)
    for (gint64 j = 0; j < C; j++) {
      double K = sum[0][i * C + j] / N - sum[1][i] * sum[1][j] / (N * N);
      double K_style =
        target->sum[0][i * C + j] / N_style - target->sum[1][i] * target->sum[1][j] / (N_style * N_style);
      double D = 2 * (K - K_style) / (double) (C * C);
      loss += (K - K_style) * (K - K_style) / (double) (C * C);
      grad[0][i * C + j] = D / N;
      grad[1][i] -= 2 * D * sum[1][j] / (N * N);
    }
  return loss;
}

/* Mean (K - K_s)^2, K the covariance of the channels (the Gaussian part of crowsonkb's style-transfer-pytorch, without
 * the means). */
const RvLossClass rv__loss_style_covariance = {
  .group = "style",
  .name = "covariance",
  .target = RV_TARGET_SUMS,
  .n_sums = 2,
  .symmetric = { TRUE },
  .means = { [1] = TRUE },
  .record = record,
  .evaluate = evaluate,
};
