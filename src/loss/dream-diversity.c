/* dream-diversity.c -- diversity of pictures with one objective: similarity of their Gram matrices.
 *
 *   L = cos - 1 = -|G / |G| - S / |S||^2 / 2,   cos = <G, S> / (|G| |S|),   G = F F^T;  0: equal, -1: orthogonal
 *
 * The diversity term of Olah, Mordvintsev, Schubert 2017, "Feature Visualization"; there it is negated and covers all
 * pictures at once. */
#include "loss.h"
#include <math.h>

static double
product (const double *a, const double *b, gint64 n)
{
  double sum = 0;
  for (gint64 i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

/* RvLossClass.evaluate: returns cos - 1 of the Gram matrices, and writes its gradient of G to grad[0]. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  gint64 n = info->channels * info->channels;
  const double *G = sum[0], *S = target->sum[0];
  double g = sqrt (product (G, G, n)), s = sqrt (product (S, S, n));
  double alike = g > 0 && s > 0 ? product (G, S, n) / (g * s) : 0, apart = 0;
  for (gint64 i = 0; i < n; i++) {
    double own = g > 0 ? G[i] / g : 0, other = s > 0 ? S[i] / s : 0;
    apart += (own - other) * (own - other);
    grad[0][i] = g > 0 ? (other - alike * own) / g : 0;
  }
  return -apart / 2;
}

const RvLossClass rv__loss_dream_diversity = {
  .group = "unlike",
  .name = "unlike",
  .role = "unlike",
  .summary = "the cosine between two pictures' Gram products",
  .source = "Olah, Mordvintsev, Schubert 2017",
  .target = RV_TARGET_SUMS,
  .n_sums = 1,
  .symmetric = { TRUE },
  .record = rv__gram_record,
  .evaluate = evaluate,
};
