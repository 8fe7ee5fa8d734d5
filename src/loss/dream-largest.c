/* dream-largest.c -- what a dream maximises on a map of classes: at each position whatever is seen there most.
 *
 *   L = mean over positions of max over channels of w B z,   B: a Gaussian of `smooth` positions
 *
 * Smoothed, so that one creature at a time comes where neighbouring positions see several. Channels of weight 0 do not
 * take part. Which one is the largest counts as constant in the gradient. */
#include "base/alloc.h"
#include "base/blur.h"
#include "loss.h"
#include <math.h>

typedef struct {
  double smooth;
} Settings;

static const RvOption options[] = {
  { "smooth", 0, RV_OPTION_REAL, offsetof (Settings, smooth), "2", 0, 64, .unit = "POSITIONS",
    .help = "how far around a position counts for what is seen there" },
  { NULL },
};

static void
record (RvProgram *program, const RvLossInfo *info, const RvLossValues *values, int found[RV_LOSS_MAX_SUMS])
{
  found[0] = values->x;
}

static double
part_of (const RvLossInfo *info, gint64 p)
{
  return info->mask ? (double) info->mask[p] * (double) info->mask[p] : 1;
}

static double
weight_of (const RvLossInfo *info, gint64 channel)
{
  return info->channel_weights ? info->channel_weights[channel] : 1;
}

/* One channel's row, or a gradient on its way back to it. */
static gboolean
smooth (const RvLossInfo *info, double *row, GError **error)
{
  double sigma = ((const Settings *) info->settings)->smooth;
  return sigma <= 0 || rv__blur_f64 (row, row, 1, (int) (info->positions / info->rows), (int) info->rows, sigma, error);
}

/* The largest at each position and whose it is; -1: nobody's. */
static gboolean
find_largest (const RvLossInfo *info, const RvLossMap *map, double *largest, double *whose, double *row, GError **error)
{
  for (gint64 p = 0; p < map->positions; p++)
    whose[p] = -1;
  for (gint64 c = 0; c < map->channels; c++) {
    double weight = weight_of (info, c);
    if (weight == 0)
      continue;
    rv__loss_map_get (map, c, row);
    if (!smooth (info, row, error))
      return FALSE;
    for (gint64 p = 0; p < map->positions; p++)
      if (whose[p] < 0 || weight * row[p] > largest[p]) {
        largest[p] = weight * row[p];
        whose[p] = (double) c;
      }
  }
  return TRUE;
}

/* What each position gives its largest channel, back through the smoothing. */
static gboolean
send_back (const RvLossInfo *info, const double *whose, double total, double factor, RvLossMap *grad, double *row,
           GError **error)
{
  for (gint64 c = 0; c < grad->channels; c++) {
    gboolean any = FALSE;
    for (gint64 p = 0; p < grad->positions; p++) {
      gboolean its = whose[p] == (double) c;
      row[p] = its ? part_of (info, p) / total : 0;
      any |= its;
    }
    if (!any)
      continue;
    if (!smooth (info, row, error))
      return FALSE;
    rv__loss_map_add (grad, c, factor * weight_of (info, c), row);
  }
  return TRUE;
}

static gboolean
compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double factor, RvLossMap *grad,
         double *loss, GError **error)
{
  gint64 n = map->positions;
  double total = 0, *largest = rv__alloc (3 * (gsize) n * sizeof (double), "a map's largest", error);
  double *whose = largest + n, *row = whose + n;
  if (!largest)
    return FALSE;
  gboolean ok = find_largest (info, map, largest, whose, row, error);
  for (gint64 p = 0; p < n; p++)
    total += part_of (info, p);
  *loss = 0;
  for (gint64 p = 0; ok && p < n; p++)
    *loss += whose[p] < 0 ? 0 : part_of (info, p) * largest[p] / total;
  ok = ok && send_back (info, whose, total, factor, grad, row, error);
  rv__free (largest);
  return ok;
}

static gsize
room (const RvLossInfo *info, int n_threads)
{
  return 4 * (gsize) info->positions * sizeof (double); /* one in the blur */
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
  .record = record,
  .compare = compare,
  .room = room,
};
