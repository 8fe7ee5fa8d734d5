/* transport.c -- squared Wasserstein distance of the numbers of each channel to the other picture's.
 *
 *   L = sum over channels of W (v, t)^2 / sum over channels of mean t^2
 *
 * W is the Wasserstein distance in one dimension: with both sets sorted and paired in order, the sum of squared
 * differences is minimal. Of N positions here and M there, each takes 1 / N of the sorted t, which may be fractions of
 * neighbours. With a mask it takes a fraction equal to its weight. The gradient treats the pairing as constant, which
 * is exact if all numbers differ. */
#include "transport.h"
#include "base/error.h"
#include "base/alloc.h"
#include <string.h>

/* Radix sort with digits of 11 bits: three of them cover a float. */
#define DIGIT_BITS 11
#define N_DIGITS 3
#define N_BUCKETS (1 << DIGIT_BITS)

static double
number_at (const RvLossMap *map, gint64 i)
{
  return map->type == RV_F64 ? ((const double *) map->data)[i] : (double) ((const float *) map->data)[i];
}

/* The bits of a float, as an integer with the same order. */
static guint32
key_of (double number)
{
  float x = (float) number;
  guint32 bits;
  memcpy (&bits, &x, sizeof bits);
  return bits ^ (bits >> 31 ? 0xffffffffu : 0x80000000u);
}

/* Sorts by the upper half, the key; the lower half is the position. @spare: workspace of the same size. Returns the
 * sorted array, @pairs or @spare. */
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

/* Positions of one channel in the lower halves, sorted by value, smallest first. */
static const guint64 *
sort_channel (const RvLossMap *map, gint64 channel, guint64 *room)
{
  gint64 n = map->positions;
  for (gint64 p = 0; p < n; p++)
    room[p] = (guint64) key_of (number_at (map, channel * n + p)) << 32 | (guint64) p;
  return sort_pairs (room, room + n, n);
}

gsize
rv__transport_workspace_bytes (const RvLossInfo *info, int n_threads)
{
  return 2 * (gsize) info->positions * sizeof (guint64) * (gsize) n_threads;
}

/* Workspace of one thread; NULL: no memory. */
static guint64 *
new_room (gint64 positions, GError **error)
{
  return rv__alloc (2 * (gsize) positions * sizeof (guint64), "a channel's order", error);
}

gboolean
rv__transport_prepare_target (const RvLossInfo *info, RvLossMap *map, GError **error)
{
  gint64 n = map->positions;
  guint64 *room = new_room (n, error);
  double *row = room ? rv__alloc ((gsize) n * sizeof (double), "a channel", error) : NULL;
  for (gint64 c = 0; row && c < map->channels; c++) {
    const guint64 *order = sort_channel (map, c, room);
    for (gint64 i = 0; i < n; i++)
      row[i] = number_at (map, c * n + (gint64) (order[i] & 0xffffffffu));
    for (gint64 i = 0; i < n; i++)
      if (map->type == RV_F64)
        ((double *) map->data)[c * n + i] = row[i];
      else
        ((float *) map->data)[c * n + i] = (float) row[i];
  }
  gboolean ok = row != NULL;
  rv__free (row);
  rv__free (room);
  return ok;
}

static double
weight_at (const RvLossInfo *info, gint64 p)
{
  return info->mask ? (double) info->mask[p] * (double) info->mask[p] : 1;
}

/* Mean squared distance of one channel; adds its gradient times @grad_factor. Each position takes a fraction of the
 * sorted target equal to its weight, in order. */
static double
move_channel (const RvLossInfo *info, const RvLossMap *map, const RvLossMap *sorted, gint64 channel, double total,
              double grad_factor, RvLossMap *grad, guint64 *room)
{
  const guint64 *order = sort_channel (map, channel, room);
  gint64 n = map->positions, M = sorted->positions, j = 0;
  double each = total / (double) M, left = each, sum = 0;
  for (gint64 i = 0; i < n; i++) {
    gint64 at = channel * n + (gint64) (order[i] & 0xffffffffu);
    double wanted = weight_at (info, at - channel * n), slope = 0;
    while (wanted > 0) {
      double taken = j < M - 1 ? MIN (wanted, left) : wanted; /* the last one takes what rounding leaves */
      double way = number_at (map, at) - number_at (sorted, channel * M + j);
      sum += taken * way * way / total;
      slope += 2 * taken * way / total;
      wanted -= taken;
      left -= taken;
      if (left <= 0 && j < M - 1)
        j++, left = each;
    }
    if (map->type == RV_F64)
      ((double *) grad->data)[at] += grad_factor * slope;
    else
      ((float *) grad->data)[at] += (float) (grad_factor * slope);
  }
  return sum;
}

static double
mean_square (const RvLossMap *map)
{
  double sum = 0;
  for (gint64 i = 0; i < map->channels * map->positions; i++)
    sum += number_at (map, i) * number_at (map, i);
  return sum / (double) map->positions;
}

gboolean
rv__transport_compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double grad_factor,
                       RvLossMap *grad, double *loss, GError **error)
{
  double norm = rv__loss_norm (mean_square (&target->map), 1), total = 0;
  g_autofree double *ways = g_new0 (double, map->channels);
  gboolean ok = TRUE;
  for (gint64 p = 0; p < map->positions; p++)
    total += weight_at (info, p);
#pragma omp parallel
  {
    guint64 *room = new_room (map->positions, NULL);
#pragma omp for schedule(dynamic)
    for (gint64 c = 0; c < map->channels; c++)
      if (room)
        ways[c] = move_channel (info, map, &target->map, c, total, grad_factor / norm, grad, room);
    if (!room) {
#pragma omp atomic write
      ok = FALSE;
    }
    rv__free (room);
  }
  *loss = 0;
  for (gint64 c = 0; c < map->channels; c++)
    *loss += ways[c] / norm;
  if (!ok)
    rv__error_with_options (error, RV_ERROR_MEMORY, "size", "there is no memory to sort a layer: a smaller 'size'");
  return ok;
}
