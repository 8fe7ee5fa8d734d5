/* style-neighbours.c -- distance of each position's features to the nearest features of the style.
 *
 *   L = mean over positions p of 1 - max over q of cos (F[:,p] - mean F, S[:,q] - mean S)
 *
 * Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich 2022, "Neural Neighbor Style Transfer". The loss reproduces
 * strokes of the painting instead of their statistics. The paper concatenates layers; here each layer counts by itself.
 * The gradient treats the nearest feature as constant. At most `positions` positions of the style are used, evenly
 * spaced, because the work grows with the product of both numbers of positions. The op best_match finds the nearest
 * position. */
#include "base/alloc.h"
#include "loss.h"
#include "op/op.h"
#include "tensor/type.h"
#include <math.h>
#include <string.h>

#define MIN_LENGTH 1e-12 /* minimum length, for a position whose activations equal the mean */
#define CHUNK 1024       /* positions in one item of work */

typedef struct {
  gint64 positions;
} Settings;

static const RvOption options[] = {
  { "positions", 0, RV_OPTION_INT, offsetof (Settings, positions), "4096", 1, 1 << 20, .unit = "COUNT",
    .help = "number of positions of the style that are compared with" },
  { NULL },
};

/* Writes the features of directions->positions evenly spaced positions of @map, minus @means, [C], and scaled to length
 * 1, to directions->data, caller-allocated. @lengths: (out caller-allocates): their lengths before scaling, at least
 * MIN_LENGTH. Cannot fail. */
static void
compute_directions (const RvLossMap *map, const double *means, RvLossMap *directions, double *lengths)
{
  gint64 n = directions->positions, N = map->positions;
#pragma omp parallel for schedule(static)
  for (gint64 start = 0; start < n; start += CHUNK) {
    gint64 end = MIN (start + CHUNK, n);
    memset (lengths + start, 0, (gsize) (end - start) * sizeof (double));
    for (gint64 c = 0; c < map->channels; c++)
      for (gint64 k = start; k < end; k++) {
        double x = rv__loss_map_number (map, c * N + k * N / n) - means[c];
        rv__loss_map_set (directions, c * n + k, x);
        lengths[k] += x * x;
      }
    for (gint64 k = start; k < end; k++)
      lengths[k] = MAX (sqrt (lengths[k]), MIN_LENGTH);
    for (gint64 c = 0; c < map->channels; c++)
      for (gint64 k = start; k < end; k++)
        rv__loss_map_set (directions, c * n + k, rv__loss_map_number (directions, c * n + k) / lengths[k]);
  }
}

/* (transfer full: g_free()): the mean of each channel, weighted by the mask, [C]. *total: (out): sum of the weights of
 * all positions. */
static double *
compute_means (const RvLossInfo *info, const RvLossMap *map, double *total)
{
  double *means = g_new0 (double, map->channels);
  *total = 0;
  for (gint64 p = 0; p < map->positions; p++)
    *total += rv__loss_weight_at (info, p);
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < map->channels; c++) {
    for (gint64 p = 0; p < map->positions; p++)
      means[c] += rv__loss_weight_at (info, p) * rv__loss_map_number (map, c * map->positions + p);
    means[c] /= *total;
  }
  return means;
}

/* RvLossClass.prepare_target: replaces the style's @map by at most settings->positions of its positions, evenly spaced:
 * features minus their mean over the whole map, scaled to length 1. Sets map->positions; frees map->data and sets it to
 * the new numbers, owned by the map. After an error the map is unchanged. */
static gboolean
prepare_target (const RvLossInfo *info, RvLossMap *map, GError **error)
{
  const Settings *settings = info->settings;
  RvLossMap chosen = { map->type, map->channels, MIN (map->positions, settings->positions), NULL };
  double total;
  g_autofree double *means = compute_means (info, map, &total);
  gsize bytes = (gsize) (chosen.channels * chosen.positions) * rv__type_bytes (chosen.type);
  double *lengths = rv__alloc ((gsize) chosen.positions * sizeof (double), "a style's positions", error);
  chosen.data = lengths ? rv__alloc (bytes, "a style's positions", error) : NULL;
  if (chosen.data) {
    compute_directions (map, means, &chosen, lengths);
    rv__free (map->data);
    *map = chosen;
  }
  rv__free (lengths);
  return chosen.data != NULL;
}

/* Workspace of compare(), for each position: direction of its features, nearest direction of the style, length before
 * scaling, cosine of both directions. */
typedef struct {
  RvLossMap directions;
  void *nearest; /* indices, as best_match writes them */
  double *lengths, *cosines;
} Workspace;

/* RvLossClass.workspace_bytes: upper limit of the bytes of a Workspace for an f32 map. */
static gsize
workspace_bytes (const RvLossInfo *info, int n_threads)
{
  return (gsize) info->positions * ((gsize) info->channels * sizeof (float) + 3 * sizeof (double));
}

/* Overwrites @workspace with new buffers for @map, all zeros; workspace_clear() frees them, also after an error. */
static gboolean
workspace_init (Workspace *workspace, const RvLossMap *map, GError **error)
{
  gsize n = (gsize) map->positions, unit = rv__type_bytes (map->type);
  *workspace = (Workspace){ .directions = *map };
  return (workspace->directions.data = rv__alloc ((gsize) map->channels * n * unit, "a layer's directions", error)) &&
         (workspace->nearest = rv__alloc (n * unit, "a layer's neighbours", error)) &&
         (workspace->lengths = rv__alloc (n * sizeof (double), "a layer's lengths", error)) &&
         (workspace->cosines = rv__alloc (n * sizeof (double), "a layer's cosines", error));
}

/* Frees the buffers of @workspace, not the struct. */
static void
workspace_clear (Workspace *workspace)
{
  rv__free (workspace->directions.data);
  rv__free (workspace->nearest);
  rv__free (workspace->lengths);
  rv__free (workspace->cosines);
}

/* Sets workspace->nearest to the index of the direction in @style with the largest cosine, for each position. */
static void
match_nearest (const RvLossMap *style, Workspace *workspace)
{
  RvOpAttrs attrs = { .interior = { 0 } };
  double best; /* large enough for float and double */
  gint64 n = workspace->directions.positions;
  RvView in[] = { { workspace->directions.data, rv_shape (4, 1, style->channels, 1, n), 1 },
                  { style->data, rv_shape (2, style->channels, style->positions), 1 } };
  RvView out[] = { { &best, rv_shape (1, 1), 1 }, { workspace->nearest, rv_shape (1, n), 1 } };
  rv__op_class (RV_OP_BEST_MATCH, style->type)->run (&attrs, 2, in, out);
}

/* Index in the style's directions of the one nearest to position @p, from match_nearest(). */
static gint64
nearest_of (const Workspace *workspace, gint64 p)
{
  const RvLossMap indices = { .type = workspace->directions.type, .data = workspace->nearest };
  return (gint64) rv__loss_map_number (&indices, p);
}

/* Adds the cosine of the nearest direction in @style to workspace->cosines, for each position. */
static void
compute_cosines (const RvLossMap *style, Workspace *workspace)
{
  gint64 n = workspace->directions.positions, Q = style->positions;
#pragma omp parallel for schedule(static)
  for (gint64 start = 0; start < n; start += CHUNK)
    for (gint64 c = 0; c < style->channels; c++)
      for (gint64 p = start; p < MIN (start + CHUNK, n); p++)
        workspace->cosines[p] += rv__loss_map_number (&workspace->directions, c * n + p) *
                                 rv__loss_map_number (style, c * Q + nearest_of (workspace, p));
}

/* d (1 - cos) / dF for position p and channel c, without mask weight. F: features minus their mean; the nearest
 * direction counts as constant. @workspace: with directions, lengths, nearest and cosines. */
static double
position_gradient (const RvLossMap *style, const Workspace *workspace, gint64 c, gint64 p)
{
  double here = rv__loss_map_number (&workspace->directions, c * workspace->directions.positions + p);
  double nearest = rv__loss_map_number (style, c * style->positions + nearest_of (workspace, p));
  return (workspace->cosines[p] * here - nearest) / workspace->lengths[p];
}

/* Adds the gradient of the loss times @grad_factor to @grad, of the shape of the map. Each position also changes the
 * mean that is subtracted from all positions. @total: sum of the weights. */
static void
add_gradient (const RvLossInfo *info, const RvLossMap *style, const Workspace *workspace, double total,
              double grad_factor, RvLossMap *grad)
{
  gint64 n = workspace->directions.positions;
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < style->channels; c++) {
    double mean = 0;
    for (gint64 p = 0; p < n; p++)
      mean += rv__loss_weight_at (info, p) * position_gradient (style, workspace, c, p) / total;
    for (gint64 p = 0; p < n; p++)
      rv__loss_map_set (grad, c * n + p,
                        rv__loss_map_number (grad, c * n + p) + grad_factor * rv__loss_weight_at (info, p) / total *
                                                                  (position_gradient (style, workspace, c, p) - mean));
  }
}

/* RvLossClass.compare: sets *loss to the mean over positions, weighted by the mask, of 1 - cos between the feature
 * minus the mean feature and the nearest direction of target->map, from prepare_target(). Adds its gradient, also that
 * through the mean, times @grad_factor to @grad. The gradient treats the nearest direction as constant. After an
 * error *loss is 0 and @grad unchanged. */
static gboolean
compare (const RvLossInfo *info, const RvLossMap *map, const RvLossTarget *target, double grad_factor, RvLossMap *grad,
         double *loss, GError **error)
{
  Workspace workspace;
  double total;
  g_autofree double *means = compute_means (info, map, &total);
  gboolean ok = workspace_init (&workspace, map, error);
  *loss = 0;
  if (ok) {
    compute_directions (map, means, &workspace.directions, workspace.lengths);
    match_nearest (&target->map, &workspace);
    compute_cosines (&target->map, &workspace);
    add_gradient (info, &target->map, &workspace, total, grad_factor, grad);
  }
  for (gint64 p = 0; ok && p < map->positions; p++)
    *loss += rv__loss_weight_at (info, p) * (1 - workspace.cosines[p]) / total;
  workspace_clear (&workspace);
  return ok;
}

/* Mean distance 1 - cos to the nearest of the style's features (Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich
 * 2022). */
const RvLossClass rv__loss_style_neighbours = {
  .group = "style",
  .name = "neighbours",
  .target = RV_TARGET_SUMS,
  .tiling = RV_TILING_WHOLE,
  .options = options,
  .settings_bytes = sizeof (Settings),
  .record = rv__map_record,
  .prepare_target = prepare_target,
  .compare = compare,
  .workspace_bytes = workspace_bytes,
};
