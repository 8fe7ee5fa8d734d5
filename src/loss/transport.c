/* transport.c -- squared Wasserstein distance of the numbers of each channel to the other picture's.
 *
 *   L = sum over channels of W (v, t)^2 / sum over channels of mean t^2
 *
 * W is the Wasserstein distance in one dimension: with both sets sorted and paired in order, the sum of squared
 * differences is minimal. Each of the N positions is paired with 1 / N of the sorted t; at both ends this may be a
 * fraction of a number. With a mask the positions get fractions in proportion to their weights. The gradient treats the
 * pairing as constant, which is exact if all numbers differ. */
#include "transport.h"
#include "base/error.h"
#include "base/alloc.h"
#include <string.h>

/* Radix sort with digits of 11 bits: three of them cover a float. */
#define DIGIT_BITS 11
#define N_DIGITS 3
#define N_BUCKETS (1 << DIGIT_BITS)

/* Bits of @number, rounded to float, as an integer: larger numbers give larger integers. */
static guint32
key_of (double number)
{
  float x = (float) number;
  guint32 bits;
  memcpy (&bits, &x, sizeof bits);
  return bits ^ (bits >> 31 ? 0xffffffffu : 0x80000000u);
}

/* Sorts @n pairs by the upper half, the key, smallest first; equal keys keep their order. The lower half is the
 * position. @spare: workspace of the same size; overwrites both. Returns the sorted array, @pairs or @spare. Cannot
 * fail. */
static guint64 *
sort_pairs (guint64 *pairs, guint64 *spare, gint64 n)
{
  for (int digit = 0; digit < N_DIGITS; digit++) {
    int shift = 32 + digit * DIGIT_BITS;
    gint64 before[N_BUCKETS + 1] = { 0 };
    for (gint64 i = 0; i < n; i++)
      before[(pairs[i] >> shift & (N_BUCKETS - 1)) + 1]++;
    for (int b = 0; b < N_BUCKETS; b++)
      before[b + 1] += before[b];
    for (gint64 i = 0; i < n; i++)
      spare[before[pairs[i] >> shift & (N_BUCKETS - 1)]++] = pairs[i];
    guint64 *sorted = spare;
    spare = pairs;
    pairs = sorted;
  }
  return pairs;
}

/* Positions of channel @channel of @map, sorted by their values, smallest first: map->positions numbers, fewer than
 * 2^32 (unchecked), with the position in the lower 32 bits. Borrowed from @workspace, of 2 * positions numbers, which
 * is overwritten. */
static const guint64 *
sort_channel (const RvLossMap *map, gint64 channel, guint64 *workspace)
{
  gint64 n = map->positions;
  for (gint64 p = 0; p < n; p++)
    workspace[p] = (guint64) key_of (rv__loss_map_number (map, channel * n + p)) << 32 | (guint64) p;
  return sort_pairs (workspace, workspace + n, n);
}

gsize
rv__transport_workspace_bytes (const RvLossInfo *info, int n_threads)
{
  return 2 * (gsize) info->positions * sizeof (guint64) * (gsize) n_threads;
}

/* (transfer full) (nullable): workspace of one thread, 2 * @positions numbers, freed with rv__free(). */
static guint64 *
new_workspace (gint64 positions, GError **error)
{
  return rv__alloc (2 * (gsize) positions * sizeof (guint64), "a channel's order", error);
}

gboolean
rv__transport_prepare_target (const RvLossInfo *info, RvLossMap *map, GError **error)
{
  gint64 n = map->positions;
  guint64 *workspace = new_workspace (n, error);
  double *row = workspace ? rv__alloc ((gsize) n * sizeof (double), "a channel", error) : NULL;
  for (gint64 c = 0; row && c < map->channels; c++) {
    const guint64 *order = sort_channel (map, c, workspace);
    for (gint64 i = 0; i < n; i++)
      row[i] = rv__loss_map_number (map, c * n + (gint64) (order[i] & 0xffffffffu));
    for (gint64 i = 0; i < n; i++)
      rv__loss_map_set (map, c * n + i, row[i]);
  }
  gboolean ok = row != NULL;
  rv__free (row);
  rv__free (workspace);
  return ok;
}

/* Returns the weighted mean squared distance of the numbers of channel @channel of @map to those of @sorted, each
 * sorted in ascending order and paired. Adds its gradient times @grad_factor to that channel of @grad. Each
 * position is paired with a fraction of the sorted target equal to its weight / @total_weight. @total_weight: sum of
 * the weights of all positions. @workspace: 2 * positions numbers, overwritten. Cannot fail. */
static double
move_channel (const RvLossInfo *info, const RvLossMap *map, const RvLossMap *sorted, gint64 channel,
              double total_weight, double grad_factor, RvLossMap *grad, guint64 *workspace)
{
  const guint64 *order = sort_channel (map, channel, workspace);
  gint64 n = map->positions, M = sorted->positions, j = 0;
  double each = total_weight / (double) M, unused = each, sum = 0;
  for (gint64 i = 0; i < n; i++) {
    gint64 at = channel * n + (gint64) (order[i] & 0xffffffffu);
    double remaining = rv__loss_weight_at (info, at - channel * n), gradient = 0;
    while (remaining > 0) {
      double moved = j < M - 1 ? MIN (remaining, unused) : remaining; /* the last number gets the rounding error */
      double difference = rv__loss_map_number (map, at) - rv__loss_map_number (sorted, channel * M + j);
      sum += moved * difference * difference / total_weight;
      gradient += 2 * moved * difference / total_weight;
      remaining -= moved;
      unused -= moved;
      if (unused <= 0 && j < M - 1)
        j++, unused = each;
    }
    if (map->type == RV_F64)
      ((double *) grad->data)[at] += grad_factor * gradient;
    else
      ((float *) grad->data)[at] += (float) (grad_factor * gradient);
  }
  return sum;
}

gboolean
rv__transport_compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double grad_factor,
                       RvLossMap *grad, double *loss, GError **error)
{
  double squares = 0, total_weight = 0;
  for (gint64 i = 0; i < target->map.channels * target->map.positions; i++)
    squares += rv__loss_map_number (&target->map, i) * rv__loss_map_number (&target->map, i);
  double norm = rv__loss_norm (squares / (double) target->map.positions, 1);
  g_autofree double *distances = g_new0 (double, map->channels);
  gboolean ok = TRUE;
  for (gint64 p = 0; p < map->positions; p++)
    total_weight += rv__loss_weight_at (info, p);
#pragma omp parallel
  {
    guint64 *workspace = new_workspace (map->positions, NULL);
#pragma omp for schedule(dynamic)
    for (gint64 c = 0; c < map->channels; c++)
      if (workspace)
        distances[c] = move_channel (info, map, &target->map, c, total_weight, grad_factor / norm, grad, workspace);
    if (!workspace) {
#pragma omp atomic write
      ok = FALSE;
    }
    rv__free (workspace);
  }
  *loss = 0;
  for (gint64 c = 0; c < map->channels; c++)
    *loss += distances[c] / norm;
  return ok || rv__error_with_options (error, RV_ERROR_MEMORY, "size",
                                       "out of memory: a layer cannot be sorted; a smaller 'size' needs less");
}
