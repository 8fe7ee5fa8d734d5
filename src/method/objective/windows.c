/* windows.c -- copies pictures into a program and gradients out of it, tile by tile.
 *
 * A window is the input of a tile: core and halo. Without tiles it is the whole picture. A resident objective has x and
 * its gradient in the program, and nothing is copied. docs/tiles.md. */
#include "base/minifloat.h"
#include "objective-internal.h"
#include <string.h>

/* Count of the numbers in one picture: channels times height times width. */
static gint64
picture_numbers (const RvObjective *objective)
{
  return (gint64) objective->spec.channels * objective->height * objective->width;
}

gboolean
rv__objective_is_resident (const RvObjective *objective)
{
  return !objective->tiling && objective->spec.n_pictures == 1;
}

int
rv__objective_n_tiles (const RvObjective *objective)
{
  return objective->tiling ? rv__tiling_size (objective->tiling) : 1;
}

void
rv__objective_count_positions (RvObjective *objective, const RvProgram *program, int x)
{
  g_autofree RvReceptiveField *reaches = rv__graph_receptive_fields (program, x);
  const RvTiling *tiling = objective->tiling;
  for (guint i = 0; i < objective->instances->len; i++) {
    RvTermInstance *instance = instance_at (objective, i);
    const RvShape *shape = rv__program_shape (program, instance->feature);
    gint64 extent[2] = { 0, 0 };
    for (int axis = 0; axis < 2; axis++) {
      instance->jump[axis] = reaches[instance->feature].jump[axis];
      extent[axis] = (tiling->picture[axis] - tiling->window[axis]) / instance->jump[axis] + shape->dim[2 + axis];
    }
    instance->info.positions = extent[0] * extent[1];
    instance->rows = extent[0];
  }
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Program of the compiled objective. Borrowed. */
static const RvProgram *
objective_program (const RvObjective *objective)
{
  return objective->executable->program;
}

/* Whether a term's target is on the host, in host_target, and loaded into the program for each tile. */
static gboolean
is_loaded (const RvObjective *objective, const RvTermInstance *instance)
{
  return instance->term->loss->target == RV_TARGET_FEATURES && !rv__objective_is_resident (objective);
}

gsize
rv__objective_target_unit (const RvObjective *objective, const RvTermInstance *instance)
{
  gboolean compact = objective->spec.fit.compact && objective->tiling && instance->term->layer;
  return compact ? sizeof (guint16) : rv__type_bytes (objective->spec.type);
}

/* Bytes of a term's target, the whole layer of one picture. */
static gsize
target_bytes (const RvObjective *objective, const RvTermInstance *instance)
{
  return (gsize) (instance->info.channels * instance->info.positions) * rv__objective_target_unit (objective, instance);
}

/* Bytes of the largest region that is copied in or out of the program: of the picture, a target, or a map. 0: none. */
static gsize
window_bytes (const RvObjective *objective)
{
  gsize largest = 0;
  const RvProgram *program = objective_program (objective);
  if (objective->tiling)
    largest = rv__program_value_bytes (program, objective->x_value);
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    if (is_loaded (objective, instance))
      largest = MAX (largest, rv__program_value_bytes (program, instance->feature));
    if (instance->map.channels > 0 && objective->tiling)
      largest = MAX (largest, rv__program_value_bytes (program, instance->stats[0]));
  }
  return largest;
}

/* Whether this objective allocates the picture and its gradient: it has a gradient that is not resident. */
static gboolean
allocates_picture (const RvObjective *objective)
{
  return objective->grad_x_value >= 0 && !rv__objective_is_resident (objective);
}

gsize
rv__objective_pictures_bytes (const RvObjective *objective)
{
  gint64 n = objective->spec.n_pictures * picture_numbers (objective);
  return (gsize) n * rv__type_bytes (objective->spec.type);
}

void
rv__objective_add_window_buffers (RvObjective *objective)
{
  gsize pictures = allocates_picture (objective) ? rv__objective_pictures_bytes (objective) : 0;
  const RvBuffer x = { &objective->x, (gint64) pictures, "the picture", RV_OBJECTIVE_PICTURE, RV_OBJECTIVE_BOUND };
  g_array_append_val (objective->buffers, x);
  rv__objective_add_buffer (objective, &objective->gradient, pictures, "the gradient");
  rv__objective_add_buffer (objective, &objective->window, window_bytes (objective), "a tile");
  for (guint i = 0; i < objective->instances->len; i++) {
    RvTermInstance *instance = instance_at (objective, i);
    if (is_loaded (objective, instance))
      rv__objective_add_buffer (objective, &instance->host_target,
                                (gsize) objective->spec.n_pictures * target_bytes (objective, instance),
                                "the features compared with");
  }
}

gboolean
rv__objective_map_picture (RvObjective *objective, GError **error)
{
  return objective->grad_x_value < 0 || allocates_picture (objective) ||
         ((objective->x = rv__executable_map (objective->executable, objective->x_value, error)) &&
          (objective->gradient = rv__executable_map (objective->executable, objective->grad_x_value, error)));
}

/* ---- regions ----------------------------------------------------------------------------------------------------- */

void
rv__objective_copy_row (const guint8 *from, gsize from_unit, guint8 *to, gsize to_unit, gint64 n)
{
  if (from_unit == to_unit)
    memcpy (to, from, (gsize) n * to_unit);
  else if (to_unit == sizeof (guint16))
    rv__minifloat_encode ((const float *) (const void *) from, (guint16 *) (void *) to, n);
  else
    rv__minifloat_decode ((const guint16 *) (const void *) from, (float *) (void *) to, n);
}

RvLayerRegion
rv__objective_core_region (const RvObjective *objective, const RvTermInstance *instance, int value, int tile)
{
  const RvTiling *tiling = objective->tiling;
  const RvShape *shape = rv__program_shape (objective_program (objective), value);
  RvLayerRegion place = { .channels = shape->dim[1], .rows = shape->dim[2], .cols = shape->dim[3] };
  place.whole_rows = instance->rows;
  place.whole_cols = instance->info.positions / instance->rows;
  for (int axis = 0; axis < 2; axis++) {
    place.end[axis] = shape->dim[2 + axis];
    if (!tiling)
      continue;
    rv__tile_positions (tiling, tile, axis, instance->jump[axis], shape->dim[2 + axis], &place.first[axis],
                        &place.end[axis]);
    place.whole_first[axis] = rv__tiling_span (tiling, tile, axis)->window / instance->jump[axis] + place.first[axis];
  }
  return place;
}

/* The whole window of tile @tile at the layer of value @value, for RV_TILING_HALO losses. */
static RvLayerRegion
window_region (const RvObjective *objective, const RvTermInstance *instance, int value, int tile)
{
  RvLayerRegion place = rv__objective_core_region (objective, instance, value, tile);
  for (int axis = 0; axis < 2; axis++) {
    place.whole_first[axis] -= place.first[axis];
    place.first[axis] = 0;
    place.end[axis] = axis == 0 ? place.rows : place.cols;
  }
  return place;
}

/* Index in the window of the first number of row @i of the region, counted over all channels. */
static gint64
window_row (const RvLayerRegion *at, gint64 i)
{
  gint64 rows = at->end[0] - at->first[0];
  return (i / rows * at->rows + at->first[0] + i % rows) * at->cols + at->first[1];
}

/* Index in the whole layer or picture of the first number of row @i, counted over the channels of the region. */
static gint64
whole_row (const RvLayerRegion *at, gint64 i)
{
  gint64 rows = at->end[0] - at->first[0];
  return (i / rows * at->whole_rows + at->whole_first[0] + i % rows) * at->whole_cols + at->whole_first[1];
}

void
rv__objective_copy_region (const RvLayerRegion *at, void *window, gsize unit, void *whole, gsize whole_unit,
                           gboolean into_window)
{
  gint64 cols = at->end[1] - at->first[1];
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < at->channels * (at->end[0] - at->first[0]); i++) {
    guint8 *inner = (guint8 *) window + (gsize) window_row (at, i) * unit,
           *outer = (guint8 *) whole + (gsize) whole_row (at, i) * whole_unit;
    if (into_window)
      rv__objective_copy_row (outer, whole_unit, inner, unit, cols);
    else
      rv__objective_copy_row (inner, unit, outer, whole_unit, cols);
  }
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

/* Start of picture @n, from 0, in the pictures @x. Borrowed. */
static const guint8 *
picture_at (const RvObjective *objective, const void *x, int n)
{
  gint64 before = n * picture_numbers (objective);
  return (const guint8 *) x + (gsize) before * rv__type_bytes (objective->spec.type);
}

/* Region of the whole window of tile @tile, in the window and in the picture. */
static RvLayerRegion
picture_at_window (const RvObjective *objective, const RvTiling *tiling, int tile)
{
  return (RvLayerRegion){
    .channels = objective->spec.channels,
    .rows = tiling->window[0],
    .cols = tiling->window[1],
    .whole_rows = objective->height,
    .whole_cols = objective->width,
    .end = { tiling->window[0], tiling->window[1] },
    .whole_first = { rv__tiling_span (tiling, tile, 0)->window, rv__tiling_span (tiling, tile, 1)->window },
  };
}

/* Loads x of the tile's window, core and halo, into the program. Without tiles: the whole picture. With tiles
 * overwrites objective->window. */
static gboolean
load_picture (RvObjective *objective, const RvTileInput *window, GError **error)
{
  const guint8 *x = picture_at (objective, window->x, window->n);
  gsize unit = rv__type_bytes (objective->spec.type);
  if (rv__objective_is_resident (objective) && window->x == objective->x)
    return rv__executable_push (objective->executable, objective->x_value, error);
  if (objective->tiling) {
    RvLayerRegion at = picture_at_window (objective, objective->tiling, window->tile);
    rv__objective_copy_region (&at, objective->window, unit, (void *) x, unit, TRUE);
    x = objective->window;
  }
  return rv__executable_set (objective->executable, objective->x_value, x, error);
}

/* Root of the mask at row @y and column @x of the layer of the term in the window, which are in the core; 1 without a
 * mask. */
static double
mask_at (const RvTermInstance *instance, const RvLayerRegion *at, gint64 y, gint64 x)
{
  gint64 row = at->whole_first[0] + y - at->first[0], col = at->whole_first[1] + x - at->first[1];
  return instance->mask_plane ? (double) instance->mask_plane[row * at->whole_cols + col] : 1;
}

/* Loads the mask of a term in the tile into the program: its root in the core, 0 around it. Only with tiles.
 * Overwrites objective->window. */
static gboolean
load_mask (RvObjective *objective, const RvTermInstance *instance, int tile, GError **error)
{
  RvLayerRegion at = rv__objective_core_region (objective, instance, instance->feature, tile);
  memset (objective->window, 0, (gsize) (at.rows * at.cols) * rv__type_bytes (objective->spec.type));
  for (gint64 y = at.first[0]; y < at.end[0]; y++)
    for (gint64 x = at.first[1]; x < at.end[1]; x++)
      if (objective->spec.type == RV_F64)
        ((double *) objective->window)[y * at.cols + x] = mask_at (instance, &at, y, x);
      else
        ((float *) objective->window)[y * at.cols + x] = (float) mask_at (instance, &at, y, x);
  return rv__executable_set (objective->executable, instance->mask, objective->window, error);
}

/* Loads the tile's region of a term's target into the program; zeros if the term's picture is window->target_picture.
 * Overwrites objective->window. */
static gboolean
load_target (RvObjective *objective, const RvTermInstance *instance, const RvTileInput *window, GError **error)
{
  gboolean halo = instance->term->loss->tiling == RV_TILING_HALO;
  RvLayerRegion at =
    (halo ? window_region : rv__objective_core_region) (objective, instance, instance->feature, window->tile);
  gsize unit = rv__type_bytes (objective->spec.type);
  guint8 *whole = (guint8 *) instance->host_target + (gsize) window->n * target_bytes (objective, instance);
  memset (objective->window, 0, (gsize) (at.channels * at.rows * at.cols) * unit);
  if (window->target_picture != instance->term->picture)
    rv__objective_copy_region (&at, objective->window, unit, whole, rv__objective_target_unit (objective, instance),
                               TRUE);
  return rv__executable_set (objective->executable, instance->target, objective->window, error);
}

gboolean
rv__objective_load (RvObjective *objective, const RvTileInput *window, GError **error)
{
  if (!load_picture (objective, window, error))
    return FALSE;
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    if (objective->tiling && instance->mask >= 0 && !load_mask (objective, instance, window->tile, error))
      return FALSE;
    if (is_loaded (objective, instance) && !load_target (objective, instance, window, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- statistics -------------------------------------------------------------------------------------------------- */

gboolean
rv__objective_collect (RvObjective *objective, const RvTileInput *window, GError **error)
{
  gsize unit = rv__type_bytes (objective->spec.type);
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    if (instance->map.channels <= 0)
      continue;
    RvLayerRegion at = rv__objective_core_region (objective, instance, instance->stats[0], window->tile);
    void *to = objective->tiling ? objective->window : instance->map.data;
    if (!rv__executable_get (objective->executable, instance->stats[0], to, error))
      return FALSE;
    if (objective->tiling)
      rv__objective_copy_region (&at, to, unit, instance->map.data, unit, FALSE);
  }
  return rv__objective_add_tile_sums (objective, error);
}

gboolean
rv__objective_store_targets (RvObjective *objective, const RvTileInput *window, GError **error)
{
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    RvExecutable *executable = objective->executable;
    if (instance->target < 0 || instance->term->picture != window->target_picture)
      continue;
    if (!is_loaded (objective, instance)) {
      if (!rv__executable_copy (executable, instance->feature, instance->target, error))
        return FALSE;
      continue;
    }
    RvLayerRegion at = rv__objective_core_region (objective, instance, instance->feature, window->tile);
    guint8 *whole = (guint8 *) instance->host_target + (gsize) window->n * target_bytes (objective, instance);
    if (!rv__executable_get (executable, instance->feature, objective->window, error))
      return FALSE;
    rv__objective_copy_region (&at, objective->window, rv__type_bytes (objective->spec.type), whole,
                               rv__objective_target_unit (objective, instance), FALSE);
  }
  return TRUE;
}

/* ---- gradients --------------------------------------------------------------------------------------------------- */

gboolean
rv__objective_load_grad_maps (RvObjective *objective, const RvTileInput *window, GError **error)
{
  gsize unit = rv__type_bytes (objective->spec.type);
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    if (instance->map.channels == 0)
      continue;
    RvLayerRegion at = rv__objective_core_region (objective, instance, instance->stats[0], window->tile);
    if (objective->tiling) {
      memset (objective->window, 0, (gsize) (at.channels * at.rows * at.cols) * unit);
      rv__objective_copy_region (&at, objective->window, unit, instance->grad_map.data, unit, TRUE);
    }
    const void *from = objective->tiling ? objective->window : instance->grad_map.data;
    if (!rv__executable_set (objective->executable, instance->grad_stats[0], from, error))
      return FALSE;
  }
  return TRUE;
}

/* Adds the numbers of the region @at of @window to that of @whole, both of @type. Cannot fail. */
static void
add_region (const RvLayerRegion *at, RvType type, const void *window, void *whole)
{
  gint64 cols = at->end[1] - at->first[1];
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < at->channels * (at->end[0] - at->first[0]); i++) {
    gint64 from = window_row (at, i), to = whole_row (at, i);
    for (gint64 x = 0; x < cols; x++)
      if (type == RV_F64)
        ((double *) whole)[to + x] += ((const double *) window)[from + x];
      else
        ((float *) whole)[to + x] += ((const float *) window)[from + x];
  }
}

void
rv__objective_add_window (const RvObjective *objective, int n, int tile, const void *grad, void *whole)
{
  gint64 rows = objective->height, cols = objective->width;
  RvLayerRegion at = { objective->spec.channels, rows, cols, rows, cols, { 0, 0 }, { rows, cols }, { 0, 0 } };
  if (objective->tiling)
    at = picture_at_window (objective, objective->tiling, tile);
  add_region (&at, objective->spec.type, grad, (void *) picture_at (objective, whole, n));
}

gboolean
rv__objective_add_gradient (RvObjective *objective, const RvTileInput *window, void *whole, GError **error)
{
  const void *grad = rv__executable_map (objective->executable, objective->grad_x_value, error);
  if (!grad || !rv__executable_pull (objective->executable, objective->grad_x_value, error))
    return FALSE;
  if (rv__objective_is_resident (objective)) {
    if (whole != grad)
      memcpy (whole, grad, rv__objective_pictures_bytes (objective));
    return TRUE;
  }
  if (rv__objective_is_distributed (objective)) /* until the tiles of all ranks are added */
    memcpy (rv__objective_tile_gradient (objective, window->tile), grad,
            rv__program_value_bytes (objective->executable->program, objective->grad_x_value));
  else
    rv__objective_add_window (objective, window->n, window->tile, grad, whole);
  return TRUE;
}
