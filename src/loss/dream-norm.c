/* dream-norm.c -- objective of dreams: length of a layer's features at each position.
 *
 *   L = mean over positions of sqrt (n + e),  n = sum over channels of w A^2,  e = 0.05 mean n
 *
 * The squares of dream-sums.c reward strong positions most, and a dream concentrates there. This objective rewards
 * all positions in proportion. With w = 1 / sd^2, where sd is the standard deviation of a channel over photographs,
 * weak channels count as well.
 *
 *   dL/dn_p = (1 / (2 r_p) + 0.05 mean (1 / (2 r))) / N,  r = sqrt (n + e) */
#include "base/alloc.h"
#include "base/parallel.h"
#include "loss.h"
#include <math.h>
#include <string.h>

#define CHUNK 512             /* positions in one item of work */
#define FRACTION_OF_MEAN 0.05 /* e / mean of n; keeps the root smooth where a layer has no response */

/* Adds @weight times the square of each of @n numbers of @x to @sum, [@n]. */
RV_CLONES static void
add_squares (const double *x, double weight, gint64 n, double *sum)
{
  for (gint64 p = 0; p < n; p++)
    sum[p] += weight * x[p] * x[p];
}

/* Multiplies @n numbers of @x by those of @factor, in place. */
RV_CLONES static void
multiply (const double *factor, gint64 n, double *x)
{
  for (gint64 p = 0; p < n; p++)
    x[p] *= factor[p];
}

/* Writes n, the weighted sum of squares over channels, to @squares, [positions]. */
static void
sum_squares (const RvLossInfo *info, const RvLossMap *map, double *squares)
{
  memset (squares, 0, (gsize) map->positions * sizeof (double));
#pragma omp parallel for schedule(static)
  for (gint64 first = 0; first < map->positions; first += CHUNK) {
    gint64 n = MIN (CHUNK, map->positions - first);
    double row[CHUNK];
    for (gint64 c = 0; c < map->channels; c++)
      if (rv__loss_channel_weight (info, c) != 0) {
        rv__loss_map_get (map, c, first, n, row);
        add_squares (row, rv__loss_channel_weight (info, c), n, squares + first);
      }
  }
}

/* Adds the gradient of the loss with respect to the features A of @map, 2 w A dL/dn, times @grad_factor to @grad. w:
 * channel weight. @grad_squares: dL/dn, [positions], n: the position's sum of squares. */
static void
add_gradient (const RvLossInfo *info, const RvLossMap *map, const double *grad_squares, double grad_factor,
              RvLossMap *grad)
{
#pragma omp parallel for schedule(static)
  for (gint64 first = 0; first < map->positions; first += CHUNK) {
    gint64 n = MIN (CHUNK, map->positions - first);
    double row[CHUNK];
    for (gint64 c = 0; c < map->channels; c++) {
      rv__loss_map_get (map, c, first, n, row);
      multiply (grad_squares + first, n, row);
      rv__loss_map_add (grad, c, first, n, 2 * grad_factor * rv__loss_channel_weight (info, c), row);
    }
  }
}

/* Returns the loss, the weighted mean over positions of sqrt (squares + e), e = FRACTION_OF_MEAN times the mean of
 * @squares. @squares: (inout): [@n], for each position the sum of squares over channels; replaced by the loss's
 * gradient with respect to it, all 0 if all are 0. @n: number of positions. Cannot fail. */
static double
differentiate (const RvLossInfo *info, double *squares, gint64 n)
{
  double total = 0, mean = 0, loss = 0, inverse = 0;
  for (gint64 p = 0; p < n; p++) {
    total += rv__loss_weight_at (info, p);
    mean += rv__loss_weight_at (info, p) * squares[p];
  }
  mean /= total;
  for (gint64 p = 0; p < n; p++) {
    double root = sqrt (squares[p] + FRACTION_OF_MEAN * mean);
    loss += rv__loss_weight_at (info, p) * root / total;
    squares[p] = mean > 0 ? 1 / (2 * root) : 0;
    inverse += rv__loss_weight_at (info, p) * squares[p] / total;
  }
  for (gint64 p = 0; p < n; p++)
    squares[p] = rv__loss_weight_at (info, p) * (squares[p] + FRACTION_OF_MEAN * inverse) / total;
  return loss;
}

/* RvLossClass.compare: sets *loss to the mean over positions, weighted by the mask, of sqrt (n + e), n: weighted sum of
 * squares over channels, e: FRACTION_OF_MEAN times the mean of n, and adds its gradient times @grad_factor to @grad.
 * Ignores @target. After an error both are unchanged. */
static gboolean
compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double grad_factor, RvLossMap *grad,
         double *loss, GError **error)
{
  double *squares = rv__alloc ((gsize) map->positions * sizeof (double), "a layer's lengths", error);
  if (!squares)
    return FALSE;
  sum_squares (info, map, squares);
  *loss = differentiate (info, squares, map->positions);
  add_gradient (info, map, squares, grad_factor, grad);
  rv__free (squares);
  return TRUE;
}

/* RvLossClass.workspace_bytes: bytes that compare() allocates. */
static gsize
workspace_bytes (const RvLossInfo *info, int n_threads)
{
  return (gsize) info->positions * sizeof (double);
}

/* Mean over positions of sqrt (sum of w A^2 + e) (ours, docs/dream.md). */
const RvLossClass rv__loss_dream_norm = {
  .group = "dream",
  .name = "norm",
  .on_words = "classes",
  .on_classes = "classes", /* on a class map the length means little: one class should stand out */
  .tiling = RV_TILING_WHOLE,
  .of_products = TRUE,
  .record = rv__map_record,
  .compare = compare,
  .workspace_bytes = workspace_bytes,
};
