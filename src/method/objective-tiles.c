/* objective-tiles.c -- the objective of a picture too large for memory: windows in, gradients out, what they take.
 *
 *   sums <- for each tile: forward, the core's positions only; added up
 *   dL/d(sum) <- the small functions of the sums, as for a whole picture
 *   g <- for each tile: forward, backward from dL/d(sum); its window's gradient added in
 *
 * docs/tiles.md. */
#include "base/packed16.h"
#include "objective-internal.h"
#include <string.h>

/* ---- cutting into tiles ------------------------------------------------------------------------------------------ */

/* What the layers need around a core: their reach in the network as it would be recorded for the whole picture. */
static gboolean
find_halo (const RvObjectiveSpec *spec, int height, int width, RvHalo *halo, GError **error)
{
  g_autoptr (RvObjective) shapes = rv__objective_blank (spec, height, width);
  g_autoptr (RvProgram) program = rv__program_new (spec->type);
  shapes->spec.tv_weight = 0;
  if (!rv__objective_record (shapes, program, error))
    return FALSE;
  g_autofree RvReach *reaches = rv__graph_reach (program, shapes->x);
  g_autofree int *taps = g_new (int, shapes->terms->len);
  int border = 0;
  for (guint i = 0; i < shapes->terms->len; i++) {
    const RvTerm *term = &g_array_index (shapes->terms, RvTerm, i);
    taps[i] = term->feature;
    border = MAX (border, term->loss->border);
  }
  return rv__halo_of (reaches, taps, (int) shapes->terms->len, border, halo, error);
}

/* One that is cut, where that is asked for and the picture is larger than a tile. */
gboolean
rv__objective_cut (RvObjective *objective, gboolean with_gradient, GError **error)
{
  const RvObjectiveSpec *spec = &objective->spec;
  RvHalo halo;
  if (spec->fit.tile_px <= 0 || !rv__objective_looks (spec) ||
      MAX (objective->height, objective->width) <= spec->fit.tile_px)
    return TRUE;
  if (!find_halo (spec, objective->height, objective->width, &halo, error))
    return FALSE;
  objective->tiling = rv__tiling_new (objective->height, objective->width, &halo, spec->fit.tile_px);
  if (rv__tiling_size (objective->tiling) == 1) {
    g_clear_pointer (&objective->tiling, rv__tiling_free);
    return TRUE;
  }
  RvObjectiveSpec tv = *spec;
  tv.content_weight = tv.style_weight = tv.dream_weight = 0;
  tv.fit = (RvFit){ 0 };
  if (with_gradient && rv__objective_has_tv (spec))
    objective->tv = rv__objective_new (&tv, objective->height, objective->width, error);
  return !with_gradient || !rv__objective_has_tv (spec) || objective->tv;
}

/* Each layer's jump, and how many positions it has in the whole picture. */
void
rv__objective_count_positions (RvObjective *objective, const RvProgram *program)
{
  g_autofree RvReach *reaches = rv__graph_reach (program, objective->x);
  const RvTiling *tiling = objective->tiling;
  for (guint i = 0; i < objective->terms->len; i++) {
    RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    const RvShape *shape = rv__program_shape (program, term->feature);
    gint64 extent[2] = { 0, 0 };
    for (int axis = 0; axis < 2; axis++) {
      term->jump[axis] = reaches[term->feature].jump[axis];
      extent[axis] = (tiling->picture[axis] - tiling->window[axis]) / term->jump[axis] + shape->dim[2 + axis];
    }
    term->info.positions = extent[0] * extent[1];
    term->rows = extent[0];
  }
}

/* ---- memory and work --------------------------------------------------------------------------------------------- */

static gsize
picture_bytes (const RvObjective *objective)
{
  return (gsize) objective->height * (gsize) objective->width * 3 * rv_type_bytes (objective->spec.type);
}

/* Bytes of one number of what a content term compares with. */
static gsize
content_unit (const RvObjective *objective)
{
  return objective->spec.fit.compact ? sizeof (guint16) : rv_type_bytes (objective->spec.type);
}

/* The whole layer that a content term compares with. */
static gsize
content_bytes (const RvObjective *objective, const RvTerm *term)
{
  return (gsize) (term->info.channels * term->info.positions) * content_unit (objective);
}

/* The largest thing that goes in or out of a window: the picture's part, or a content term's layer. */
static gsize
window_bytes (const RvObjective *objective)
{
  const RvProgram *program = objective->executable->program;
  gsize largest = rv__program_value_bytes (program, objective->x);
  for (guint i = 0; i < objective->terms->len; i++) {
    const RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    if (term->loss->role == RV_LOSS_CONTENT)
      largest = MAX (largest, rv__program_value_bytes (program, term->feature));
  }
  return largest;
}

gsize
rv__objective_memory (const RvObjective *objective)
{
  gsize bytes = rv__executable_memory (objective->executable) + rv__objective_sums_bytes (objective);
  bytes += (gsize) objective->spec.n_targets * rv__objective_target_bytes (objective);
  for (guint i = 0; i < objective->terms->len; i++) {
    const RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    bytes += term->style >= 0 ? (gsize) term->info.positions * sizeof (float) : 0;
  }
  if (!objective->tiling)
    return bytes;
  bytes += window_bytes (objective);
  if (objective->grad_x >= 0)
    bytes += objective->tv ? rv__objective_memory (objective->tv) : 2 * picture_bytes (objective);
  for (guint i = 0; i < objective->terms->len; i++) {
    const RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    if (term->loss->role == RV_LOSS_CONTENT)
      bytes += content_bytes (objective, term);
  }
  return bytes;
}

int
rv__objective_n_tiles (const RvObjective *objective)
{
  return objective->tiling ? rv__tiling_size (objective->tiling) : 1;
}

gboolean
rv__objective_is_linear (const RvObjective *objective)
{
  gboolean linear = TRUE;
  for (guint i = 0; i < objective->terms->len; i++)
    linear = linear && g_array_index (objective->terms, RvTerm, i).loss->linear;
  return linear;
}

#define FORWARD_PART 0.5 /* of a pass forward and backward */

double
rv__objective_work (const RvObjective *objective)
{
  const RvTiling *tiling = objective->tiling;
  if (!tiling)
    return objective->recompute_work;
  double area = (double) tiling->window[0] * tiling->window[1] * rv__tiling_size (tiling);
  double again = rv__objective_is_linear (objective) ? 0 : FORWARD_PART;
  return area / ((double) objective->height * objective->width) * (objective->recompute_work + again);
}

gboolean
rv__objective_bind_tiles (RvObjective *objective, GError **error)
{
  if (!(objective->window = rv__alloc (window_bytes (objective), "a tile", error)))
    return FALSE;
  for (guint i = 0; i < objective->terms->len; i++) {
    RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    if (term->loss->role == RV_LOSS_CONTENT &&
        !(term->content = rv__alloc (content_bytes (objective, term), "the content's features", error)))
      return FALSE;
  }
  if (objective->tv)
    return rv__objective_bind (objective->tv, error);
  if (objective->grad_x < 0)
    return TRUE;
  objective->picture = rv__alloc (picture_bytes (objective), "the picture", error);
  objective->gradient = objective->picture ? rv__alloc (picture_bytes (objective), "the gradient", error) : NULL;
  return objective->gradient != NULL;
}

/* ---- windows, in and out ----------------------------------------------------------------------------------------- */

/* Rectangles of @planes planes: @from and @to are where each begins, the strides from row to row and plane to plane. */
typedef struct {
  gint64 planes, rows, cols;
  gint64 from_row, from_plane, to_row, to_plane; /* in numbers */
} Rectangle;

/* Numbers of as many bytes each, or floats and packed ones. */
static void
copy_row (const guint8 *from, gsize from_unit, guint8 *to, gsize to_unit, gint64 n)
{
  if (from_unit == to_unit)
    memcpy (to, from, (gsize) n * to_unit);
  else if (to_unit == sizeof (guint16))
    rv__packed16_pack ((const float *) (const void *) from, (guint16 *) (void *) to, n);
  else
    rv__packed16_unpack ((const guint16 *) (const void *) from, (float *) (void *) to, n);
}

static void
copy_rectangle (const Rectangle *r, const guint8 *from, gsize from_unit, guint8 *to, gsize to_unit)
{
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < r->planes * r->rows; i++) {
    gint64 plane = i / r->rows, row = i % r->rows;
    copy_row (from + (gsize) (plane * r->from_plane + row * r->from_row) * from_unit, from_unit,
              to + (gsize) (plane * r->to_plane + row * r->to_row) * to_unit, to_unit, r->cols);
  }
}

/* The part of @whole, a picture, that lies in the tile's window becomes x. */
static gboolean
load_window (RvObjective *objective, int tile, const void *whole, GError **error)
{
  const RvTiling *tiling = objective->tiling;
  gint64 h = tiling->window[0], w = tiling->window[1], H = objective->height, W = objective->width;
  gint64 top = rv__tiling_span (tiling, tile, 0)->window, left = rv__tiling_span (tiling, tile, 1)->window;
  gsize unit = rv_type_bytes (objective->spec.type);
  copy_rectangle (&(Rectangle){ 3, h, w, W, H * W, w, h * w }, (const guint8 *) whole + (gsize) (top * W + left) * unit,
                  unit, objective->window, unit);
  return rv__executable_set (objective->executable, objective->x, objective->window, error);
}

/* A term's layer: where the core lies in the window and in the whole. */
typedef struct {
  gint64 channels, rows, cols;             /* of the window */
  gint64 whole_rows, whole_cols;           /* of the picture */
  gint64 first[2], end[2], whole_first[2]; /* of the core: in the window; in the picture */
} LayerPlace;

static LayerPlace
place_of (const RvObjective *objective, const RvTerm *term, int tile)
{
  const RvTiling *tiling = objective->tiling;
  const RvShape *shape = rv__program_shape (objective->executable->program, term->feature);
  LayerPlace place = { .channels = shape->dim[1], .rows = shape->dim[2], .cols = shape->dim[3] };
  place.whole_rows = (tiling->picture[0] - tiling->window[0]) / term->jump[0] + place.rows;
  place.whole_cols = (tiling->picture[1] - tiling->window[1]) / term->jump[1] + place.cols;
  for (int axis = 0; axis < 2; axis++) {
    rv__tile_positions (tiling, tile, axis, term->jump[axis], shape->dim[2 + axis], &place.first[axis],
                        &place.end[axis]);
    place.whole_first[axis] = rv__tiling_span (tiling, tile, axis)->window / term->jump[axis] + place.first[axis];
  }
  return place;
}

/* The core of a content term's layer, between the window's memory and the whole layer's. */
static void
move_core (const RvObjective *objective, const RvTerm *term, const LayerPlace *at, gboolean into_window)
{
  gsize unit = rv_type_bytes (objective->spec.type), whole_unit = content_unit (objective);
  gint64 plane = at->rows * at->cols, whole_plane = at->whole_rows * at->whole_cols;
  guint8 *window = (guint8 *) objective->window + (gsize) (at->first[0] * at->cols + at->first[1]) * unit;
  guint8 *whole =
    (guint8 *) term->content + (gsize) (at->whole_first[0] * at->whole_cols + at->whole_first[1]) * whole_unit;
  Rectangle r = { .planes = at->channels, .rows = at->end[0] - at->first[0], .cols = at->end[1] - at->first[1] };
  r.from_row = into_window ? at->whole_cols : at->cols;
  r.from_plane = into_window ? whole_plane : plane;
  r.to_row = into_window ? at->cols : at->whole_cols;
  r.to_plane = into_window ? plane : whole_plane;
  if (into_window)
    copy_rectangle (&r, whole, whole_unit, window, unit);
  else
    copy_rectangle (&r, window, unit, whole, whole_unit);
}

/* How much of a position counts: the core's in full, or as far as the style's mask goes. */
static double
mask_at (const RvTerm *term, const LayerPlace *at, gint64 y, gint64 x)
{
  gint64 row = at->whole_first[0] + y - at->first[0], col = at->whole_first[1] + x - at->first[1];
  return term->style_mask ? (double) term->style_mask[row * at->whole_cols + col] : 1;
}

/* The core's mask, and its targets. */
static gboolean
load_term (RvObjective *objective, const RvTerm *term, int tile, GError **error)
{
  LayerPlace at = place_of (objective, term, tile);
  gsize unit = rv_type_bytes (objective->spec.type);
  gint64 n = at.rows * at.cols;
  memset (objective->window, 0, (gsize) n * unit);
  for (gint64 y = at.first[0]; y < at.end[0]; y++)
    for (gint64 x = at.first[1]; x < at.end[1]; x++)
      if (objective->spec.type == RV_F64)
        ((double *) objective->window)[y * at.cols + x] = mask_at (term, &at, y, x);
      else
        ((float *) objective->window)[y * at.cols + x] = (float) mask_at (term, &at, y, x);
  if (!rv__executable_set (objective->executable, term->mask, objective->window, error))
    return FALSE;
  if (term->loss->role != RV_LOSS_CONTENT)
    return TRUE;
  memset (objective->window, 0, (gsize) (at.channels * n) * unit);
  move_core (objective, term, &at, TRUE);
  return rv__executable_set (objective->executable, term->target, objective->window, error);
}

gboolean
rv__objective_load_tile (RvObjective *objective, int tile, const void *whole, GError **error)
{
  if (!load_window (objective, tile, whole, error))
    return FALSE;
  for (guint i = 0; i < objective->terms->len; i++)
    if (!load_term (objective, &g_array_index (objective->terms, RvTerm, i), tile, error))
      return FALSE;
  return TRUE;
}

/* The window's gradient joins the whole's. */
static gboolean
add_gradient (RvObjective *objective, int tile, void *whole, GError **error)
{
  const RvTiling *tiling = objective->tiling;
  gint64 h = tiling->window[0], w = tiling->window[1], H = objective->height, W = objective->width;
  gint64 top = rv__tiling_span (tiling, tile, 0)->window, left = rv__tiling_span (tiling, tile, 1)->window;
  const void *grad = rv__executable_map (objective->executable, objective->grad_x, error);
  if (!grad || !rv__executable_pull (objective->executable, objective->grad_x, error))
    return FALSE;
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < 3 * h; i++) {
    gint64 from = i * w, to = (i / h * H + top + i % h) * W + left;
    if (objective->spec.type == RV_F64)
      for (gint64 x = 0; x < w; x++)
        ((double *) whole)[to + x] += ((const double *) grad)[from + x];
    else
      for (gint64 x = 0; x < w; x++)
        ((float *) whole)[to + x] += ((const float *) grad)[from + x];
  }
  return TRUE;
}

/* Where the features are that a content term is to compare with: in the whole layer, from this tile's core. */
gboolean
rv__objective_keep_content (RvObjective *objective, int tile, GError **error)
{
  for (guint i = 0; i < objective->terms->len; i++) {
    const RvTerm *term = &g_array_index (objective->terms, RvTerm, i);
    if (term->loss->role != RV_LOSS_CONTENT)
      continue;
    LayerPlace at = place_of (objective, term, tile);
    if (!rv__executable_get (objective->executable, term->feature, objective->window, error))
      return FALSE;
    move_core (objective, term, &at, FALSE);
  }
  return TRUE;
}

/* ---- the passes -------------------------------------------------------------------------------------------------- */

gboolean
rv__objective_backward_tiles (RvObjective *objective, gboolean lies, GError **error)
{
  const void *picture = rv__objective_picture (objective);
  void *gradient = rv__objective_gradient (objective);
  int n = rv__objective_n_tiles (objective);
  if (!objective->tv)
    memset (gradient, 0, picture_bytes (objective));
  for (int tile = n - 1; tile >= 0; tile--) {
    if ((tile < n - 1 || !lies) && (!rv__objective_load_tile (objective, tile, picture, error) ||
                                    !rv__executable_forward (objective->executable, error)))
      return FALSE;
    if (!lies && !rv__objective_add_sums (objective, error))
      return FALSE;
    if (!rv__executable_backward (objective->executable, error) || !add_gradient (objective, tile, gradient, error))
      return FALSE;
  }
  return TRUE;
}
