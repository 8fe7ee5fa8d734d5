/* dream-norm.c -- what a dream maximises: the length of a layer's features, position by position.
 *
 *   L = mean over positions of sqrt (n + e),  n = sum over channels of w A^2,  e = 0.05 mean n
 *
 * The squares of dream-squares.c reward most what is already strong, and a dream gathers there. This rewards every
 * place in proportion. With w = 1 / sd^2, sd how far a channel spreads over photographs, quiet channels speak as well.
 *
 *   dL/dn_p = (1 / (2 r_p) + 0.05 mean (1 / (2 r))) / N,  r = sqrt (n + e) */
#include "base/alloc.h"
#include "loss.h"
#include <math.h>
#include <string.h>

#define PART_OF_MEAN 0.05 /* e to the mean of n: where a layer sees nothing the root has no corner */

static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int found[RV_LOSS_MAX_SUMS])
{
  found[0] = values->x;
}

static double
weight_of (const RvLossInfo *info, gint64 channel)
{
  return info->channel_weights ? info->channel_weights[channel] : 1;
}

static double
part_of (const RvLossInfo *info, gint64 p)
{
  return info->mask ? (double) info->mask[p] * (double) info->mask[p] : 1;
}

/* n at each position. */
static void
find_squares (const RvLossInfo *info, const RvLossMap *map, double *squares, double *row)
{
  memset (squares, 0, (gsize) map->positions * sizeof (double));
  for (gint64 c = 0; c < map->channels; c++) {
    double weight = weight_of (info, c);
    if (weight == 0)
      continue;
    rv__loss_map_get (map, c, row);
    for (gint64 p = 0; p < map->positions; p++)
      squares[p] += weight * row[p] * row[p];
  }
}

/* The loss; n becomes dL/dn. */
static double
differentiate (const RvLossInfo *info, double *squares, gint64 n)
{
  double total = 0, mean = 0, loss = 0, inverse = 0;
  for (gint64 p = 0; p < n; p++) {
    total += part_of (info, p);
    mean += part_of (info, p) * squares[p];
  }
  mean /= total;
  for (gint64 p = 0; p < n; p++) {
    double root = sqrt (squares[p] + PART_OF_MEAN * mean);
    loss += part_of (info, p) * root / total;
    squares[p] = mean > 0 ? 1 / (2 * root) : 0;
    inverse += part_of (info, p) * squares[p] / total;
  }
  for (gint64 p = 0; p < n; p++)
    squares[p] = part_of (info, p) * (squares[p] + PART_OF_MEAN * inverse) / total;
  return loss;
}

static gboolean
compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double factor, RvLossMap *grad,
         double *loss, GError **error)
{
  gint64 n = map->positions;
  double *squares = rv__alloc (2 * (gsize) n * sizeof (double), "a layer's lengths", error), *row = squares + n;
  if (!squares)
    return FALSE;
  find_squares (info, map, squares, row);
  *loss = differentiate (info, squares, n);
  for (gint64 c = 0; c < map->channels; c++) {
    rv__loss_map_get (map, c, row);
    for (gint64 p = 0; p < n; p++)
      row[p] *= squares[p];
    rv__loss_map_add (grad, c, 2 * factor * weight_of (info, c), row);
  }
  rv__free (squares);
  return TRUE;
}

static gsize
room (const RvLossInfo *info, int n_threads)
{
  return 2 * (gsize) info->positions * sizeof (double);
}

const RvLossClass rv__loss_dream_norm = {
  .group = "dream",
  .name = "norm",
  .on_words = "classes",
  .on_classes = "classes", /* of classes a length says nothing: what stands out is one of them */
  .summary = "mean over positions of sqrt (sum of w A^2 + e)",
  .source = "ours, docs/dream.md",
  .tiling = RV_TILING_WHOLE,
  .of_products = TRUE,
  .record = record,
  .compare = compare,
  .room = room,
};
