/* dream-largest.c -- objective of dreams on a class map: the strongest class at each position.
 *
 *   L = mean over positions of max over channels of w B z,   B: a Gaussian of `smooth` positions
 *
 * Smoothing makes neighbouring positions agree on one class. Channels of weight 0 are ignored. The gradient treats the
 * largest channel as constant.
 *
 * With `share`, no group of channels keeps much more than that fraction of the positions, so that one group does not
 * take all. Each of BALANCE_ROUNDS rounds adds sd * (the group's fraction - share) to the cost of the groups above it,
 * and at each position the group with the largest value minus cost wins. sd: standard deviation of the winners over
 * positions. The costs choose the winners and are not part of L. Compare the auction algorithm (Bertsekas 1979). */
#include "base/alloc.h"
#include "base/blur.h"
#include "loss.h"
#include <math.h>
#include <string.h>

#define BALANCE_ROUNDS 30
#define LARGE_PX 672 /* 640, and 32 for the canvas around a picture */

typedef struct {
  double smooth, smooth_large, share;
} Settings;

/* Largest channel at each position. Without `share`, all channels are one group. */
typedef struct {
  int n_groups;
  gint64 n_positions;
  double *largest;  /* [n_groups][n_positions]: largest smoothed value among the group's channels */
  double *channel;  /* [n_groups][n_positions]: index of that channel; -1: none */
  double *winner;   /* [n_positions]: index of the group that wins; -1: none */
  double *row;      /* [n_positions]: workspace, values of one channel */
  double *cost;     /* [n_groups] */
  double *fraction; /* [n_groups]: fraction of the positions that the group has */
} Winners;

static const RvOption options[] = {
  { "smooth", 0, RV_OPTION_REAL, offsetof (Settings, smooth), "2", 0, 64, .unit = "POSITIONS",
    .help = "radius over which a channel is smoothed" },
  { "smooth-large", 0, RV_OPTION_REAL, offsetof (Settings, smooth_large), NULL, 0, 64, .unit = "POSITIONS",
    .help = "the same for pictures whose longer side exceeds 640 px; 0: as 'smooth'" },
  { "share", 0, RV_OPTION_REAL, offsetof (Settings, share), NULL, 0, 1, .unit = "PART",
    .help = "part of the positions above which a group of channels becomes more expensive; 0: no limit" },
  { NULL },
};

/* Smooths one channel's values in place, or its gradient: the Gaussian is symmetric, and so its own transpose. FALSE
 * and RV_ERROR_MEMORY. */
static gboolean
smooth (const RvLossInfo *info, double *row, GError **error)
{
  const Settings *settings = info->settings;
  gboolean is_large = settings->smooth_large > 0 && MAX (info->picture_w, info->picture_h) > LARGE_PX;
  double sigma = is_large ? settings->smooth_large : settings->smooth;
  return sigma <= 0 || rv__blur_f64 (row, row, 1, (int) (info->positions / info->rows), (int) info->rows, sigma, error);
}

/* Number of groups whose share is limited, at least 2; 1: `share` is 0 or there is one group. */
static int
count_groups (const RvLossInfo *info)
{
  int n = 1;
  if (!info->channel_groups || ((const Settings *) info->settings)->share <= 0)
    return 1;
  for (gint64 c = 0; c < info->channels; c++)
    n = MAX (n, info->channel_groups[c] + 1);
  return n;
}

/* Numbers in the arrays of Winners. */
static gsize
count_numbers (int n_groups, gint64 n_positions)
{
  return (2 * (gsize) n_groups + 2) * (gsize) n_positions + 2 * (gsize) n_groups;
}

/* Places the arrays of @winners in @numbers, which the caller owns, and sets all costs to 0. */
static void
place (Winners *winners, double *numbers)
{
  gsize n = (gsize) winners->n_positions, n_groups = (gsize) winners->n_groups;
  winners->largest = numbers;
  winners->channel = winners->largest + n_groups * n;
  winners->winner = winners->channel + n_groups * n;
  winners->row = winners->winner + n;
  winners->cost = winners->row + n;
  winners->fraction = winners->cost + n_groups;
  for (gsize g = 0; g < n_groups; g++)
    winners->cost[g] = 0;
}

/* Sets winners->largest and ->channel. Skips channels of weight 0. Overwrites winners->row. FALSE and
 * RV_ERROR_MEMORY. */
static gboolean
compare_channels (const RvLossInfo *info, const RvLossMap *map, Winners *winners, GError **error)
{
  gint64 n = winners->n_positions;
  for (gint64 i = 0; i < winners->n_groups * n; i++)
    winners->channel[i] = -1;
  for (gint64 c = 0; c < map->channels; c++) {
    double weight = rv__loss_channel_weight (info, c);
    if (weight == 0)
      continue;
    gint64 group = winners->n_groups > 1 ? info->channel_groups[c] : 0;
    double *largest = winners->largest + group * n, *channel = winners->channel + group * n;
    rv__loss_map_get (map, c, winners->row);
    if (!smooth (info, winners->row, error))
      return FALSE;
    for (gint64 p = 0; p < n; p++)
      if (channel[p] < 0 || weight * winners->row[p] > largest[p]) {
        largest[p] = weight * winners->row[p];
        channel[p] = (double) c;
      }
  }
  return TRUE;
}

/* Sets winners->winner to the group with the largest value minus cost; equal ones: the first. */
static void
choose_winners (Winners *winners)
{
  gint64 n = winners->n_positions;
  for (gint64 p = 0; p < n; p++) {
    double most = 0;
    int winner = -1;
    for (int g = 0; g < winners->n_groups; g++) {
      double value = winners->largest[g * n + p] - winners->cost[g];
      if (winners->channel[g * n + p] >= 0 && (winner < 0 || value > most)) {
        winner = g;
        most = value;
      }
    }
    winners->winner[p] = winner;
  }
}

/* Sets winners->fraction, and raises the cost of groups that have more than `share`. @total: sum of
 * rv__loss_weight_at(). */
static void
raise_costs (const RvLossInfo *info, Winners *winners, double total)
{
  double sum = 0, squares = 0, share = ((const Settings *) info->settings)->share;
  for (int g = 0; g < winners->n_groups; g++)
    winners->fraction[g] = 0;
  for (gint64 p = 0; p < winners->n_positions; p++) {
    int group = (int) winners->winner[p];
    if (group < 0)
      continue;
    double part = rv__loss_weight_at (info, p) / total, value = winners->largest[group * winners->n_positions + p];
    sum += part * value;
    squares += part * value * value;
    winners->fraction[group] += part;
  }
  for (int g = 0; g < winners->n_groups; g++)
    winners->cost[g] += sqrt (MAX (squares - sum * sum, 0)) * MAX (winners->fraction[g] - share, 0);
}

/* Adds the gradient times @grad_factor to @grad, smoothed: at each position that of the winner's channel. Overwrites
 * winners->row. FALSE and RV_ERROR_MEMORY. */
static gboolean
add_gradient (const RvLossInfo *info, const Winners *winners, double total, double grad_factor, RvLossMap *grad,
              GError **error)
{
  gint64 n = winners->n_positions;
  for (gint64 c = 0; c < grad->channels; c++) {
    gboolean any = FALSE;
    for (gint64 p = 0; p < n; p++) {
      gboolean wins = winners->winner[p] >= 0 && winners->channel[(gint64) winners->winner[p] * n + p] == (double) c;
      winners->row[p] = wins ? rv__loss_weight_at (info, p) / total : 0;
      any |= wins;
    }
    if (!any)
      continue;
    if (!smooth (info, winners->row, error))
      return FALSE;
    rv__loss_map_add (grad, c, grad_factor * rv__loss_channel_weight (info, c), winners->row);
  }
  return TRUE;
}

/* RvLossClass.compare: sets *loss to the weighted mean of the winners' values, and adds its gradient times @grad_factor
 * to @grad. Ignores @target. FALSE and RV_ERROR_MEMORY. */
static gboolean
compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double grad_factor, RvLossMap *grad,
         double *loss, GError **error)
{
  gint64 n = map->positions;
  Winners winners = { .n_groups = count_groups (info), .n_positions = n };
  double total = 0, *numbers = rv__alloc (count_numbers (winners.n_groups, n) * sizeof (double), "a class map", error);
  if (!numbers)
    return FALSE;
  place (&winners, numbers);
  for (gint64 p = 0; p < n; p++)
    total += rv__loss_weight_at (info, p);
  gboolean ok = compare_channels (info, map, &winners, error);
  if (ok)
    choose_winners (&winners);
  for (int round = 0; ok && winners.n_groups > 1 && round < BALANCE_ROUNDS; round++) {
    raise_costs (info, &winners, total);
    choose_winners (&winners);
  }
  *loss = 0;
  for (gint64 p = 0; ok && p < n; p++)
    if (winners.winner[p] >= 0)
      *loss += rv__loss_weight_at (info, p) * winners.largest[(gint64) winners.winner[p] * n + p] / total;
  ok = ok && add_gradient (info, &winners, total, grad_factor, grad, error);
  rv__free (numbers);
  return ok;
}

static gsize
workspace_bytes (const RvLossInfo *info, int n_threads)
{
  gint64 n = info->positions;
  return (count_numbers (count_groups (info), n) + (gsize) n) * sizeof (double); /* the last is the blur's */
}

const RvLossClass rv__loss_dream_largest = {
  .group = "dream",
  .name = "largest",
  .role = "classes",
  .summary = "mean over positions of the largest channel of the smoothed map",
  .source = "ours, docs/dream.md",
  .tiling = RV_TILING_WHOLE,
  .options = options,
  .settings_bytes = sizeof (Settings),
  .record = rv__map_record,
  .compare = compare,
  .workspace_bytes = workspace_bytes,
};
