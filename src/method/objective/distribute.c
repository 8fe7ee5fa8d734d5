/* distribute.c -- distribution of tiles over ranks: maps, targets and gradients. Sums: reduce-sums.c.
 *
 * Every rank has the whole picture. The gradient of each tile is broadcast. All ranks add the tiles in the order of
 * a single rank: the bytes are the same for any number of ranks. */
#include "base/error.h"
#include "objective-internal.h"
#include <math.h>

gboolean
rv__objective_is_distributed (const RvObjective *objective)
{
  return objective->tiling && rv__cluster_size (objective->spec.cluster) > 1;
}

void
rv__objective_assign_tiles (RvObjective *objective)
{
  /* consecutive tiles, so that few borders lie between ranks */
  int size = rv__cluster_size (objective->spec.cluster), n = rv__objective_n_tiles (objective);
  const double *speed = objective->spec.speed;
  double total = 0, before = 0;
  objective->first_tile = g_new0 (int, size + 1);
  for (int rank = 0; rank < size; rank++)
    total += speed ? speed[rank] : 1;
  for (int rank = 1; rank <= size; rank++) {
    before += speed ? speed[rank - 1] : 1;
    objective->first_tile[rank] = objective->tiling && rank < size ? (int) lrint (n * before / total) : n;
  }
  objective->n_sums = rv__objective_n_sums (objective);
}

int
rv__objective_first_tile (const RvObjective *objective)
{
  return rv__objective_is_distributed (objective) ? objective->first_tile[rv__cluster_rank (objective->spec.cluster)]
                                                  : 0;
}

int
rv__objective_end_tile (const RvObjective *objective)
{
  return rv__objective_is_distributed (objective)
           ? objective->first_tile[rv__cluster_rank (objective->spec.cluster) + 1]
           : rv__objective_n_tiles (objective);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Bytes of the gradient of one window. Only with gradient. */
static gsize
window_bytes (const RvObjective *objective)
{
  return rv__program_value_bytes (objective->executable->program, objective->grad_x_value);
}

/* Whether each rank stores the gradients of its tiles, which are broadcast afterwards. */
static gboolean
distributes_gradients (const RvObjective *objective)
{
  return rv__objective_is_distributed (objective) && objective->grad_x_value >= 0;
}

void
rv__objective_add_tile_grad_buffers (RvObjective *objective)
{
  gsize most = 0; /* number of tiles of the rank with most tiles */
  for (int rank = 0; rank < rv__cluster_size (objective->spec.cluster); rank++)
    most = MAX (most, (gsize) (objective->first_tile[rank + 1] - objective->first_tile[rank]));
  gsize window = distributes_gradients (objective) ? window_bytes (objective) : 0;
  rv__objective_add_buffer (objective, &objective->tile_grads, most * window, "the gradients of tiles");
  rv__objective_add_buffer (objective, &objective->core_buffer, window, "the gradient of a tile");
}

gsize
rv__objective_traffic (const RvObjective *objective)
{
  if (rv__cluster_size (objective->spec.cluster) == 1)
    return 0;
  gsize bytes = rv__objective_sums_traffic (objective);
  if (distributes_gradients (objective))
    bytes += (gsize) rv__objective_n_tiles (objective) * window_bytes (objective);
  for (guint i = 0; i < objective->instances->len && rv__objective_is_distributed (objective); i++)
    bytes += map_bytes (&instance_at (objective, i)->map);
  return (gsize) objective->spec.n_pictures * bytes;
}

void *
rv__objective_tile_gradient (const RvObjective *objective, int tile)
{
  return (guint8 *) objective->tile_grads +
         (gsize) (tile - rv__objective_first_tile (objective)) * window_bytes (objective);
}

/* ---- maps and targets -------------------------------------------------------------------------------------------- */

/* Completes @whole, the layer @value of a term with @unit bytes per number, on every rank: each rank broadcasts the
 * cores of its tiles. Collective. RV_ERROR_MEMORY without memory for a message. */
static gboolean
all_gather_layer (const RvObjective *objective, const RvTermInstance *instance, int value, void *whole, gsize unit,
                  GError **error)
{
  for (int tile = 0, rank = 0; tile < rv__objective_n_tiles (objective); tile++) {
    RvLayerRegion at = rv__objective_core_region (objective, instance, value, tile), alone = at;
    gsize bytes = (gsize) (at.channels * (at.end[0] - at.first[0]) * (at.end[1] - at.first[1])) * unit;
    g_autofree void *part = NULL;
    alone.rows = at.end[0] - at.first[0]; /* in a message the window has only the region */
    alone.cols = at.end[1] - at.first[1];
    alone.end[0] = alone.rows;
    alone.end[1] = alone.cols;
    alone.first[0] = alone.first[1] = 0;
    while (tile >= objective->first_tile[rank + 1])
      rank++;
    if (bytes == 0)
      continue;
    part = g_try_malloc (bytes);
    if (!part)
      return rv__error_set (error, RV_ERROR_MEMORY, "out of memory for messages between ranks");
    rv__objective_copy_region (&alone, part, unit, whole, unit, TRUE);
    if (!rv__cluster_broadcast (objective->spec.cluster, part, bytes, rank, error))
      return FALSE;
    rv__objective_copy_region (&alone, part, unit, whole, unit, FALSE);
  }
  return TRUE;
}

gboolean
rv__objective_all_gather_maps (RvObjective *objective, GError **error)
{
  gsize unit = rv__type_bytes (objective->spec.type);
  for (guint i = 0; i < objective->instances->len && rv__objective_is_distributed (objective); i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    if (instance->map.channels > 0 &&
        !all_gather_layer (objective, instance, instance->stats[0], instance->map.data, unit, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
rv__objective_all_gather_targets (RvObjective *objective, int n, int target_picture, GError **error)
{
  for (guint i = 0; i < objective->instances->len && rv__objective_is_distributed (objective); i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    gsize unit = rv__objective_target_unit (objective, instance);
    gsize before = (gsize) (n * instance->info.channels * instance->info.positions) * unit;
    gboolean beyond_core = instance->term->loss->tiling == RV_TILING_HALO || objective->spec.n_matched > 0;
    if (instance->host_target && instance->term->picture == target_picture && beyond_core &&
        !all_gather_layer (objective, instance, instance->feature, (guint8 *) instance->host_target + before, unit,
                           error))
      return FALSE;
  }
  return TRUE;
}

/* ---- gradients --------------------------------------------------------------------------------------------------- */

gboolean
rv__objective_reduce_gradients (RvObjective *objective, int n, gboolean rising, void *whole, GError **error)
{
  int n_windows = rv__objective_n_tiles (objective), me = rv__cluster_rank (objective->spec.cluster);
  if (!rv__objective_is_distributed (objective))
    return TRUE;
  for (int i = 0; i < n_windows; i++) {
    int tile = rising ? i : n_windows - 1 - i, owner = 0;
    while (tile >= objective->first_tile[owner + 1])
      owner++;
    void *grad = owner == me ? rv__objective_tile_gradient (objective, tile) : objective->core_buffer;
    if (!rv__cluster_broadcast (objective->spec.cluster, grad, window_bytes (objective), owner, error))
      return FALSE;
    rv__objective_add_window (objective, n, tile, grad, whole);
  }
  return TRUE;
}
