/* share.c -- windows that belong to ranks: what each finds in its own is put together; their sums: sums.c.
 *
 * A window's gradient reaches into cores around its own, which may be another rank's: that rank is sent the strip, and
 * adds for each of its positions what windows say of it in the order in which one rank alone would come to them. So the
 * bytes are the same for any number of ranks. A strip is as wide as windows are beyond cores, not only as wide as
 * features see: fast kernels round each number together with those around it.
 * Where each rank moves its own part of the picture (parts.h), that is all; else all are told all cores. */
#include "base/alloc.h"
#include "internal.h"
#include <math.h>
#include <string.h>
#include <unistd.h>

gboolean
rv__objective_is_shared (const RvObjective *objective)
{
  const RvPass *pass = &objective->pass;
  return pass->tiling && rv__cluster_size (objective->spec.cluster) > 1;
}

/* As many to each as it is fast, in a row: so that few borders are between ranks. Of one that nobody shares, rank
 * 0's sums count. */
void
rv__objective_deal (RvObjective *objective)
{
  RvPass *pass = &objective->pass;
  int size = rv__cluster_size (objective->spec.cluster), n = rv__objective_n_windows (objective);
  const double *speed = objective->spec.speed;
  double total = 0, before = 0;
  pass->first = g_new0 (int, size + 1);
  for (int rank = 0; rank < size; rank++)
    total += speed ? speed[rank] : 1;
  for (int rank = 1; rank <= size; rank++) {
    before += speed ? speed[rank - 1] : 1;
    pass->first[rank] = pass->tiling && rank < size ? (int) lrint (n * before / total) : n;
  }
  pass->n_found = rv__objective_count_told (objective);
}

int
rv__objective_first_own (const RvObjective *objective)
{
  const RvPass *pass = &objective->pass;
  return rv__objective_is_shared (objective) ? pass->first[rv__cluster_rank (objective->spec.cluster)] : 0;
}

int
rv__objective_end_own (const RvObjective *objective)
{
  const RvPass *pass = &objective->pass;
  return rv__objective_is_shared (objective) ? pass->first[rv__cluster_rank (objective->spec.cluster) + 1]
                                             : rv__objective_n_windows (objective);
}

/* ---- parts ------------------------------------------------------------------------------------------------------- */

/* A part as it lies in a message: nothing around it. */
static RvLayerPlace
packed (const RvLayerPlace *at)
{
  RvLayerPlace alone = *at;
  alone.rows = at->end[0] - at->first[0];
  alone.cols = at->end[1] - at->first[1];
  alone.end[0] = alone.rows;
  alone.end[1] = alone.cols;
  alone.first[0] = alone.first[1] = 0;
  return alone;
}

static gsize
part_bytes (const RvLayerPlace *at, gsize unit)
{
  return (gsize) (at->channels * (at->end[0] - at->first[0]) * (at->end[1] - at->first[1])) * unit;
}

/* What window @tile and the core of @other have in common. */
static gboolean
common_part (const RvObjective *objective, int tile, int other, RvLayerPlace *at)
{
  const RvPass *pass = &objective->pass;
  *at = (RvLayerPlace){ .channels = objective->spec.channels,
                        .rows = pass->tiling->window[0],
                        .cols = pass->tiling->window[1],
                        .whole_rows = objective->height,
                        .whole_cols = objective->width };
  for (int axis = 0; axis < 2; axis++) {
    int window = rv__tiling_span (pass->tiling, tile, axis)->window;
    const RvTileSpan *core = rv__tiling_span (pass->tiling, other, axis);
    int from = MAX (window, core->core), end = MIN (window + pass->tiling->window[axis], core->core_end);
    at->first[axis] = from - window;
    at->end[axis] = end - window;
    at->whole_first[axis] = from;
    if (from >= end)
      return FALSE;
  }
  return TRUE;
}

/* Number @i of rank @rank's windows, in the order in which their gradients are added. */
static int
window_at (const RvPass *pass, int rank, int i, gboolean rising)
{
  return rising ? pass->first[rank] + i : pass->first[rank + 1] - 1 - i;
}

/* Bytes of the strip that @from's windows have of @to's cores. */
static gsize
strip_bytes (const RvObjective *objective, int from, int to)
{
  const RvPass *pass = &objective->pass;
  gsize bytes = 0;
  RvLayerPlace at;
  for (int tile = pass->first[from]; tile < pass->first[from + 1] && from != to; tile++)
    for (int core = pass->first[to]; core < pass->first[to + 1]; core++)
      if (common_part (objective, tile, core, &at))
        bytes += part_bytes (&at, rv_type_bytes (objective->spec.type));
  return bytes;
}

/* Bytes of all strips that come to @me, or go from it. */
static gsize
all_strips_bytes (const RvObjective *objective, int me, gboolean in)
{
  gsize bytes = 0;
  for (int rank = 0; rank < rv__cluster_size (objective->spec.cluster); rank++)
    bytes += in ? strip_bytes (objective, rank, me) : strip_bytes (objective, me, rank);
  return bytes;
}

static gsize
cores_bytes (const RvObjective *objective, int rank)
{
  const RvPass *pass = &objective->pass;
  gsize bytes = 0;
  RvLayerPlace at;
  for (int tile = pass->first[rank]; tile < pass->first[rank + 1]; tile++)
    if (common_part (objective, tile, tile, &at))
      bytes += part_bytes (&at, rv_type_bytes (objective->spec.type));
  return bytes;
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* The most windows that a rank has. */
static int
most_windows (const RvObjective *objective)
{
  const RvPass *pass = &objective->pass;
  int most = 0;
  for (int rank = 0; rank < rv__cluster_size (objective->spec.cluster); rank++)
    most = MAX (most, pass->first[rank + 1] - pass->first[rank]);
  return most;
}

static gsize
kept_bytes (const RvObjective *objective)
{
  const RvPass *pass = &objective->pass;
  if (!rv__objective_is_shared (objective) || pass->grad_x < 0)
    return 0;
  return (gsize) most_windows (objective) * rv__program_value_bytes (pass->executable->program, pass->grad_x);
}

/* The largest rank's cores, where all are told them. */
static gsize
message_bytes (const RvObjective *objective)
{
  const RvPass *pass = &objective->pass;
  gsize most = 0;
  if (!rv__objective_is_shared (objective) || pass->grad_x < 0 || objective->spec.in_parts)
    return 0;
  for (int rank = 0; rank < rv__cluster_size (objective->spec.cluster); rank++)
    most = MAX (most, cores_bytes (objective, rank));
  return most;
}

static gsize
strips_bytes (const RvObjective *objective, gboolean in)
{
  const RvPass *pass = &objective->pass;
  gsize most = 0;
  if (!rv__objective_is_shared (objective) || pass->grad_x < 0)
    return 0;
  for (int rank = 0; rank < rv__cluster_size (objective->spec.cluster); rank++)
    most = MAX (most, all_strips_bytes (objective, rank, in));
  return most;
}

/* Of the rank that holds most, so that all ranks say the same. */
gsize
rv__objective_share_bytes (const RvObjective *objective)
{
  return kept_bytes (objective) + message_bytes (objective) + strips_bytes (objective, TRUE) +
         strips_bytes (objective, FALSE);
}

/* Nothing, where there is nothing to hold. */
static gboolean
room (void **buffer, gsize bytes, GError **error)
{
  return bytes == 0 || (*buffer = rv__alloc (bytes, "what ranks tell each other", error));
}

gboolean
rv__objective_bind_share (RvObjective *objective, GError **error)
{
  RvPass *pass = &objective->pass;
  return room (&pass->kept, kept_bytes (objective), error) && room (&pass->message, message_bytes (objective), error) &&
         room (&pass->in, strips_bytes (objective, TRUE), error) &&
         room (&pass->out, strips_bytes (objective, FALSE), error);
}

void
rv__objective_free_share (RvObjective *objective)
{
  RvPass *pass = &objective->pass;
  rv__free (pass->kept);
  rv__free (pass->message);
  rv__free (pass->in);
  rv__free (pass->out);
  g_free (pass->first);
}

/* Of one picture: sums, and where it is in tiles maps, gradients, and the picture itself. */
static gsize
traffic_of (const RvObjective *objective)
{
  gsize bytes = rv__objective_sums_traffic (objective);
  if (!rv__objective_is_shared (objective))
    return bytes;
  bytes += all_strips_bytes (objective, 0, TRUE) + all_strips_bytes (objective, 0, FALSE);
  for (int rank = 0; rank < rv__cluster_size (objective->spec.cluster) && !objective->spec.in_parts; rank++)
    bytes += cores_bytes (objective, rank);
  bytes += rv__parts_strips_bytes (objective->parts);
  for (guint i = 0; i < objective->placed->len; i++)
    bytes += map_bytes (&placed_at (objective, i)->map);
  return bytes;
}

gsize
rv__objective_traffic (const RvObjective *objective)
{
  if (rv__cluster_size (objective->spec.cluster) == 1)
    return 0;
  return (gsize) objective->spec.n_pictures * traffic_of (objective);
}

/* How much of a layer with rows of so many bytes @rank writes to: where its cores end within a row, a page more of it.
 */
static double
written_01 (const RvObjective *objective, int rank, gsize row_bytes)
{
  const RvPass *pass = &objective->pass;
  double more = (double) sysconf (_SC_PAGESIZE) / (double) row_bytes, written = 0;
  for (int tile = pass->first[rank], next; tile < pass->first[rank + 1]; tile = next) {
    const RvTileSpan *rows = rv__tiling_span (pass->tiling, tile, 0);
    gint64 across = 0;
    for (next = tile; next < pass->first[rank + 1] && rv__tiling_span (pass->tiling, next, 0) == rows; next++)
      across += rv__tiling_span (pass->tiling, next, 1)->core_end - rv__tiling_span (pass->tiling, next, 1)->core;
    written += (rows->core_end - rows->core) * MIN ((double) across / objective->width + more, 1);
  }
  return written / objective->height;
}

/* Pages that nobody writes to are not held. */
gsize
rv__objective_share_of (const RvObjective *objective, const RvPlaced *placed, gsize bytes)
{
  gsize row_bytes = (gsize) (placed->info.positions / placed->rows) * rv__objective_target_unit (objective, placed);
  double most = 0;
  if (!rv__objective_is_shared (objective) || placed->term->loss->tiling == RV_TILING_HALO)
    return bytes;
  for (int rank = 0; rank < rv__cluster_size (objective->spec.cluster); rank++)
    most = MAX (most, written_01 (objective, rank, row_bytes));
  return (gsize) (most * (double) bytes);
}

void *
rv__objective_kept_gradient (const RvObjective *objective, int tile)
{
  const RvPass *pass = &objective->pass;
  gsize bytes = rv__program_value_bytes (pass->executable->program, pass->grad_x);
  return (guint8 *) pass->kept + (gsize) (tile - rv__objective_first_own (objective)) * bytes;
}

/* ---- what is found ----------------------------------------------------------------------------------------------- */

/* Every rank's cores of a term's whole layer, to all. */
static gboolean
join_layer (const RvObjective *objective, const RvPlaced *placed, int value, void *whole, gsize unit, GError **error)
{
  const RvPass *pass = &objective->pass;
  for (int tile = 0, rank = 0; tile < rv__objective_n_windows (objective); tile++) {
    RvLayerPlace at = rv__objective_core_of (objective, placed, value, tile), alone = packed (&at);
    gsize bytes = part_bytes (&at, unit);
    g_autofree void *part = NULL;
    while (tile >= pass->first[rank + 1])
      rank++;
    if (bytes == 0)
      continue;
    part = g_try_malloc (bytes);
    if (!part) {
      g_set_error_literal (error, RV_ERROR, RV_ERROR_MEMORY, "no memory is left for what ranks tell each other");
      return FALSE;
    }
    rv__objective_move_part (&alone, part, unit, whole, unit, TRUE);
    if (!rv__cluster_broadcast (objective->spec.cluster, part, bytes, rank, error))
      return FALSE;
    rv__objective_move_part (&alone, part, unit, whole, unit, FALSE);
  }
  return TRUE;
}

gboolean
rv__objective_join_maps (RvObjective *objective, GError **error)
{
  gsize unit = rv_type_bytes (objective->spec.type);
  for (guint i = 0; i < objective->placed->len && rv__objective_is_shared (objective); i++) {
    const RvPlaced *placed = placed_at (objective, i);
    if (placed->map.channels > 0 && !join_layer (objective, placed, placed->found[0], placed->map.data, unit, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
rv__objective_join_targets (RvObjective *objective, int n, int becomes, GError **error)
{
  for (guint i = 0; i < objective->placed->len && rv__objective_is_shared (objective); i++) {
    const RvPlaced *placed = placed_at (objective, i);
    gsize unit = rv__objective_target_unit (objective, placed);
    gsize before = (gsize) (n * placed->info.channels * placed->info.positions) * unit;
    if (placed->whole && placed->term->picture == becomes && placed->term->loss->tiling == RV_TILING_HALO &&
        !join_layer (objective, placed, placed->feature, (guint8 *) placed->whole + before, unit, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- gradients --------------------------------------------------------------------------------------------------- */

/* What this rank's windows say of @to's cores, into @strip. */
static void
pack_strip (const RvObjective *objective, int to, gboolean rising, guint8 *strip)
{
  const RvPass *pass = &objective->pass;
  int me = rv__cluster_rank (objective->spec.cluster);
  gsize unit = rv_type_bytes (objective->spec.type);
  RvLayerPlace at;
  for (int i = 0; i < pass->first[me + 1] - pass->first[me]; i++)
    for (int core = pass->first[to]; core < pass->first[to + 1]; core++) {
      int tile = window_at (pass, me, i, rising);
      if (!common_part (objective, tile, core, &at))
        continue;
      RvLayerPlace inner = packed (&at);
      inner.whole_rows = at.rows; /* out of the window, as if it were the whole */
      inner.whole_cols = at.cols;
      memcpy (inner.whole_first, at.first, sizeof at.first);
      rv__objective_move_part (&inner, strip, unit, rv__objective_kept_gradient (objective, tile), unit, TRUE);
      strip += part_bytes (&at, unit);
    }
}

/* Strips to and from all others; *in: where that of each begins, once it has come. */
static gboolean
exchange_strips (const RvObjective *objective, gboolean rising, guint8 **in, GError **error)
{
  const RvPass *pass = &objective->pass;
  int size = rv__cluster_size (objective->spec.cluster), me = rv__cluster_rank (objective->spec.cluster);
  g_autofree RvStrip *strips = g_new0 (RvStrip, size);
  guint8 *into = pass->in, *out = pass->out;
  for (int rank = 0; rank < size; rank++) {
    strips[rank] = (RvStrip){ .out = out,
                              .in = in[rank] = into,
                              .out_bytes = strip_bytes (objective, me, rank),
                              .in_bytes = strip_bytes (objective, rank, me) };
    if (rank != me)
      pack_strip (objective, rank, rising, out);
    out += strips[rank].out_bytes;
    into += strips[rank].in_bytes;
  }
  return rv__cluster_exchange (objective->spec.cluster, strips, error);
}

/* What all windows say of this rank's cores, in their order. */
static void
add_to_cores (const RvObjective *objective, gboolean rising, guint8 **in, void *whole)
{
  const RvPass *pass = &objective->pass;
  int size = rv__cluster_size (objective->spec.cluster), me = rv__cluster_rank (objective->spec.cluster);
  RvType type = objective->spec.type;
  RvLayerPlace at;
  for (int r = 0; r < size; r++) {
    int rank = rising ? r : size - 1 - r;
    for (int i = 0; i < pass->first[rank + 1] - pass->first[rank]; i++)
      for (int core = pass->first[me]; core < pass->first[me + 1]; core++) {
        int tile = window_at (pass, rank, i, rising);
        if (!common_part (objective, tile, core, &at))
          continue;
        if (rank == me) {
          rv__objective_add_part (&at, type, rv__objective_kept_gradient (objective, tile), whole);
          continue;
        }
        RvLayerPlace alone = packed (&at);
        rv__objective_add_part (&alone, type, in[rank], whole);
        in[rank] += part_bytes (&at, rv_type_bytes (type));
      }
  }
}

/* The cores of each rank, of @whole, to all. */
static gboolean
tell_cores (const RvObjective *objective, void *whole, GError **error)
{
  const RvPass *pass = &objective->pass;
  gsize unit = rv_type_bytes (objective->spec.type);
  int me = rv__cluster_rank (objective->spec.cluster);
  RvLayerPlace at;
  for (int rank = 0; rank < rv__cluster_size (objective->spec.cluster); rank++) {
    for (int into = rank == me; into >= 0; into--) {
      guint8 *message = pass->message;
      if (!into &&
          !rv__cluster_broadcast (objective->spec.cluster, pass->message, cores_bytes (objective, rank), rank, error))
        return FALSE;
      for (int tile = pass->first[rank]; tile < pass->first[rank + 1] && (into || rank != me); tile++) {
        common_part (objective, tile, tile, &at);
        RvLayerPlace alone = packed (&at);
        rv__objective_move_part (&alone, message, unit, whole, unit, into);
        message += part_bytes (&at, unit);
      }
    }
  }
  return TRUE;
}

gboolean
rv__objective_join_gradients (RvObjective *objective, int n, gboolean rising, void *whole, GError **error)
{
  gint64 before = n * rv__objective_picture_numbers (objective);
  guint8 *picture = (guint8 *) whole + (gsize) before * rv_type_bytes (objective->spec.type);
  g_autofree guint8 **in = g_new0 (guint8 *, rv__cluster_size (objective->spec.cluster));
  if (!rv__objective_is_shared (objective))
    return TRUE;
  if (!exchange_strips (objective, rising, in, error))
    return FALSE;
  add_to_cores (objective, rising, in, picture);
  return objective->spec.in_parts || tell_cores (objective, picture, error);
}
