/* dream-largest.c -- objective of dreams on a class map: the strongest class at each position.
 *
 *   L = mean over positions of max over channels of w B z,   B: a Gaussian of `smooth` positions
 *
 * Smoothing makes neighbouring positions agree on one class. Channels of weight 0 are ignored. The gradient treats the
 * largest channel as constant.
 *
 * With `price`, a group of channels has a cost, which grows with the positions that the group wins, so that no group
 * wins all. Each of two rounds adds price * sd * (the group's fraction of the positions) to the group's cost, and the
 * channel with the largest value minus cost wins. sd: standard deviation of the winners over positions. */
#include "base/alloc.h"
#include "base/blur.h"
#include "loss.h"
#include <math.h>
#include <string.h>

#define PRICE_ROUNDS 2
#define LARGE_PX 672 /* 640, and 32 for the canvas around a picture */

typedef struct {
  double smooth, smooth_large, price;
} Settings;

/* Largest channel at each position. */
typedef struct {
  double *largest;  /* value minus the group's cost */
  double *winner;   /* index of the channel; -1: none */
  double *row;      /* workspace: values of one channel */
  double *cost;     /* per group; NULL: no costs */
  double *fraction; /* fraction of the positions of each group */
  int n_groups;
} Winners;

static const RvOption options[] = {
  { "smooth", 0, RV_OPTION_REAL, offsetof (Settings, smooth), "2", 0, 64, .unit = "POSITIONS",
    .help = "radius over which a channel is smoothed" },
  { "smooth-large", 0, RV_OPTION_REAL, offsetof (Settings, smooth_large), NULL, 0, 64, .unit = "POSITIONS",
    .help = "the same for pictures whose longer side exceeds 640 px; 0: as 'smooth'" },
  { "price", 0, RV_OPTION_REAL, offsetof (Settings, price), NULL, 0, 10, .unit = "FACTOR",
    .help = "cost of a group that has all positions, in standard deviations of the winners" },
  { NULL },
};

/* Smooths one channel's values @row, [positions], in place, or their gradient: the Gaussian is symmetric, and so its
 * own transpose. */
static gboolean
smooth (const RvLossInfo *info, double *row, GError **error)
{
  const Settings *settings = info->settings;
  gboolean is_large = settings->smooth_large > 0 && MAX (info->picture_w, info->picture_h) > LARGE_PX;
  double sigma = is_large ? settings->smooth_large : settings->smooth;
  return sigma <= 0 || rv__blur_f64 (row, row, 1, (int) (info->positions / info->rows), (int) info->rows, sigma, error);
}

/* Cost of the group of channel @channel; 0 without costs. */
static double
cost_of (const RvLossInfo *info, const Winners *winners, gint64 channel)
{
  return winners->cost ? winners->cost[info->channel_groups[channel]] : 0;
}

/* Sets winners->largest[p], for each position p of @map, to the largest over the channels of weight * smoothed value -
 * cost of the channel's group, and winners->winner[p] to that channel, the first of equals. Channels of weight 0 are
 * skipped; if all are, winner[p] is -1 and largest[p] unchanged. Overwrites winners->row. After an error the
 * winners are among the first channels only. */
static gboolean
choose_winners (const RvLossInfo *info, const RvLossMap *map, Winners *winners, GError **error)
{
  double *largest = winners->largest, *winner = winners->winner, *row = winners->row;
  for (gint64 p = 0; p < map->positions; p++)
    winner[p] = -1;
  for (gint64 c = 0; c < map->channels; c++) {
    double weight = rv__loss_channel_weight (info, c), cost = cost_of (info, winners, c);
    if (weight == 0)
      continue;
    rv__loss_map_get (map, c, 0, map->positions, row);
    if (!smooth (info, row, error))
      return FALSE;
    for (gint64 p = 0; p < map->positions; p++)
      if (winner[p] < 0 || weight * row[p] - cost > largest[p]) {
        largest[p] = weight * row[p] - cost;
        winner[p] = (double) c;
      }
  }
  return TRUE;
}

/* Sets winners->fraction to each group's weighted fraction of the positions that its channels win. Adds fraction *
 * price * sd to winners->cost of the group; sd: the standard deviation of the winners' values, without costs. Skips
 * positions without a winner. @total: sum of the weights of all positions. winners->cost: not NULL. Cannot fail. */
static void
raise_costs (const RvLossInfo *info, Winners *winners, double total)
{
  double sum = 0, squares = 0, price = ((const Settings *) info->settings)->price;
  memset (winners->fraction, 0, (gsize) winners->n_groups * sizeof (double));
  for (gint64 p = 0; p < info->positions; p++) {
    gint64 channel = (gint64) winners->winner[p];
    if (channel < 0)
      continue;
    double part = rv__loss_weight_at (info, p) / total, value = winners->largest[p] + cost_of (info, winners, channel);
    sum += part * value;
    squares += part * value * value;
    winners->fraction[info->channel_groups[channel]] += part;
  }
  for (int g = 0; g < winners->n_groups; g++)
    winners->cost[g] += price * sqrt (MAX (squares - sum * sum, 0)) * winners->fraction[g];
}

/* Number of groups with costs; 0: no costs. */
static int
n_groups (const RvLossInfo *info)
{
  int n = 0;
  if (!info->channel_groups || ((const Settings *) info->settings)->price <= 0)
    return 0;
  for (gint64 c = 0; c < info->channels; c++)
    n = MAX (n, info->channel_groups[c] + 1);
  return n;
}

/* Adds the gradient of the loss, the mean, weighted by the mask, of the winners' values (channel weight times
 * smoothed map), times @grad_factor to @grad. @winner: channel of each position, constant; -1: none. @total: sum of
 * rv__loss_weight_at(), the mask, over all positions. @row: workspace, [positions]. After an error the first
 * channels are added. */
static gboolean
add_gradient (const RvLossInfo *info, const double *winner, double total, double grad_factor, RvLossMap *grad,
              double *row, GError **error)
{
  for (gint64 c = 0; c < grad->channels; c++) {
    gboolean any = FALSE;
    for (gint64 p = 0; p < grad->positions; p++) {
      gboolean is_winner = winner[p] == (double) c;
      row[p] = is_winner ? rv__loss_weight_at (info, p) / total : 0;
      any |= is_winner;
    }
    if (!any)
      continue;
    if (!smooth (info, row, error))
      return FALSE;
    rv__loss_map_add (grad, c, 0, grad->positions, grad_factor * rv__loss_channel_weight (info, c), row);
  }
  return TRUE;
}

/* RvLossClass.compare: sets *loss to the mean over positions, weighted by the mask, of the largest channel of @map,
 * smoothed and weighted. Adds its gradient times @grad_factor to @grad. Costs, higher for groups of channels that
 * win often, only change which channel wins, in PRICE_ROUNDS further rounds. Ignores @target. After an error *loss
 * and @grad are undefined. */
static gboolean
compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double grad_factor, RvLossMap *grad,
         double *loss, GError **error)
{
  gint64 n = map->positions;
  Winners winners = { .n_groups = n_groups (info) };
  gsize n_numbers = 3 * (gsize) n + 2 * (gsize) winners.n_groups;
  double total = 0, *numbers = rv__alloc (n_numbers * sizeof (double), "a class map", error);
  if (!numbers)
    return FALSE;
  winners.largest = numbers;
  winners.winner = numbers + n;
  winners.row = numbers + 2 * n;
  winners.fraction = numbers + 3 * n;
  winners.cost = winners.n_groups > 0 ? winners.fraction + winners.n_groups : NULL;
  for (int g = 0; g < winners.n_groups; g++)
    winners.cost[g] = 0;
  for (gint64 p = 0; p < n; p++)
    total += rv__loss_weight_at (info, p);
  gboolean ok = choose_winners (info, map, &winners, error);
  for (int round = 0; ok && winners.cost && round < PRICE_ROUNDS; round++) {
    raise_costs (info, &winners, total);
    ok = choose_winners (info, map, &winners, error);
  }
  *loss = 0;
  for (gint64 p = 0; ok && p < n; p++)
    if (winners.winner[p] >= 0)
      *loss += rv__loss_weight_at (info, p) *
               (winners.largest[p] + cost_of (info, &winners, (gint64) winners.winner[p])) / total;
  ok = ok && add_gradient (info, winners.winner, total, grad_factor, grad, winners.row, error);
  rv__free (numbers);
  return ok;
}

/* RvLossClass.workspace_bytes: bytes that compare() allocates. */
static gsize
workspace_bytes (const RvLossInfo *info, int n_threads)
{
  return (4 * (gsize) info->positions + 2 * (gsize) n_groups (info)) * sizeof (double); /* one array is in the blur */
}

/* Mean over positions of the largest channel of the smoothed map (ours, docs/dream.md). */
const RvLossClass rv__loss_dream_largest = {
  .group = "dream",
  .name = "largest",
  .role = "classes",
  .tiling = RV_TILING_WHOLE,
  .options = options,
  .settings_bytes = sizeof (Settings),
  .record = rv__map_record,
  .compare = compare,
  .workspace_bytes = workspace_bytes,
};
