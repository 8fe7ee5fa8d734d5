/* tv-palette.c -- total variation that is cheap in the colours in which the paintings vary.
 *
 *   L = (tr (M V) + tr (M H)) / C,   V = mean dy dy^T,  H = mean dx dx^T,   M = t (S + e t I)^-1
 *
 * dy, dx: differences between neighbours of all C colours at once, [C]; means over the existing pairs. S: the sum of
 * dy dy^T and dx dx^T of the painting; t: its trace; e: FLOOR. Where M is I, this is the squared total variation. A
 * difference across the palette costs more by the ratio of the painting's variances: such differences are visible as
 * grain of all hues. The loss is not from a paper. */
#include "loss.h"

#define FLOOR 0.001 /* e; the largest ratio of costs is about 1000 */

/* Records the differences of @x in one direction, that of the 3 x 3 kernel @numbers, multiplied by @mask (-1: none).
 * Returns their value, [1, C, H, W], 0 at the last row or column; -1: program->error. */
static int
differences (RvProgram *program, int x, int mask, gint64 channels, const double numbers[9])
{
  int kernel = rv__loss_record_kernel (program, channels, numbers);
  int wide = rv__pad (program, x, (RvPad){ 1, 1, 1, 1 }, RV_PAD_REPLICATE);
  int d = rv__conv2d (program, wide, kernel, -1, 1, (RvPad){ 0 });
  return mask >= 0 ? rv__mask (program, d, mask) : d;
}

/* RvLossClass.record: stats[0] is the sum of dy dy^T, stats[1] that of dx dx^T, [C, C] each. */
static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int stats[RV_LOSS_MAX_SUMS])
{
  static const double down[9] = { 0, 0, 0, 0, -1, 0, 0, 1, 0 }, right[9] = { 0, 0, 0, 0, -1, 1, 0, 0, 0 };
  stats[0] = rv__gram (program, differences (program, values->x, values->mask, info->channels, down));
  stats[1] = rv__gram (program, differences (program, values->x, values->mask, info->channels, right));
}

/* Inverts the symmetric positive matrix @a, [n, n], in place, by Gauss-Jordan elimination. The result is symmetric to
 * the bit. Cannot fail. */
static void
invert (double *a, gint64 n)
{
  for (gint64 k = 0; k < n; k++) {
    double pivot = a[k * n + k];
    a[k * n + k] = 1;
    for (gint64 j = 0; j < n; j++)
      a[k * n + j] /= pivot;
    for (gint64 i = 0; i < n; i++) {
      double factor = a[i * n + k];
      if (i == k)
        continue;
      a[i * n + k] = 0;
      for (gint64 j = 0; j < n; j++)
        a[i * n + j] -= factor * a[k * n + j];
    }
  }
  for (gint64 i = 0; i < n * n; i++)
    a[i] = a[MAX (i / n, i % n) * n + MIN (i / n, i % n)];
}

/* RvLossClass.evaluate: returns L for the sums of dy dy^T and dx dx^T in @sum, and of the painting in @target.
 * Overwrites grad[0] and grad[1], [C, C], with its gradients with respect to @sum. A painting of one colour gives
 * M = I. Cannot fail. */
static double
evaluate (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target, double *const grad[])
{
  gint64 C = info->channels, H = info->picture_h, W = info->picture_w;
  double n[2] = { (double) MAX ((H - 1) * W, 1), (double) MAX (H * (W - 1), 1) }, trace = 0, loss = 0;
  for (gint64 c = 0; c < C; c++)
    trace += target->sum[0][c * C + c] + target->sum[1][c * C + c];
  double *M = grad[0];
  for (gint64 i = 0; i < C * C; i++) {
    double identity = i % (C + 1) == 0;
    M[i] = trace > 0 ? (target->sum[0][i] + target->sum[1][i]) / trace + FLOOR * identity : identity;
  }
  invert (M, C);
  for (gint64 i = 0; i < C * C; i++) {
    double m = M[i];
    loss += m * (sum[0][i] / n[0] + sum[1][i] / n[1]) / (double) C;
    grad[1][i] = m / n[1] / (double) C;
    grad[0][i] = m / n[0] / (double) C;
  }
  return loss;
}

/* Mean dy^2 + mean dx^2, larger across the painting's colours (ours, docs/losses.md). */
const RvLossClass rv__loss_tv_palette = {
  .group = "tv",
  .name = "palette",
  .on_picture = TRUE,
  .target = RV_TARGET_SUMS,
  .tiling = RV_TILING_HALO,
  .halo = 1,
  .n_sums = 2,
  .symmetric = { TRUE, TRUE },
  .linear = TRUE,
  .record = record,
  .evaluate = evaluate,
};
