/* tiles.c -- positions of windows and cores.
 *
 * Along an axis of N px, with halos b and a and unit s, all windows are W px wide, W = N (mod s). The first, at 0, and
 * the last, at N - W, then begin on multiples of s. A core ends where the window's halo begins, on a multiple of s. The
 * next window begins b px before that end. (Galerne et al. 2022, "Scaling Painting Style Transfer"; here cores lie on
 * the common grid of all strides.) */
#include "tiles.h"
#include "base/error.h"

#define MAX_HALO (1 << 28) /* px, more than any picture has */

/* The smallest multiple of @unit that is not below @n, 0 or more. */
static int
round_up (gint64 n, int unit)
{
  return (int) ((n + unit - 1) / unit * unit);
}

gboolean
rv__halo_compute (const RvReceptiveField *reaches, const int *taps, int n_taps, int border, RvHalo *halo,
                  GError **error)
{
  gint64 before[2] = { 0 }, after[2] = { 0 }, unit = 1;
  *halo = (RvHalo){ .unit = 1 };
  for (int t = 0; t < n_taps; t++) {
    const RvReceptiveField *reach = &reaches[taps[t]];
    if (reach->untileable_op)
      return rv__error_setting (error, "memory,size",
                                "this network cannot be computed in tiles: its %s reads the whole picture; raise "
                                "'memory' or lower 'size'",
                                reach->untileable_op);
    for (int axis = 0; axis < 2; axis++) {
      gint64 jump = reach->jump[axis], beyond = border * jump;
      before[axis] = MAX (before[axis], reach->before[axis] + beyond);
      after[axis] = MAX (after[axis], reach->after[axis] - jump + 1 + beyond);
      unit = rv__common_multiple (unit, reach->unit[axis]);
    }
    if (unit > RV_MAX_UNIT)
      return rv__error_setting (error, "memory,size",
                                "this network cannot be computed in tiles: its strides have no small common multiple; "
                                "raise 'memory' or lower 'size'");
  }
  halo->unit = (int) unit;
  for (int axis = 0; axis < 2; axis++) {
    halo->before[axis] = round_up (MIN (before[axis], MAX_HALO), halo->unit);
    halo->after[axis] = round_up (CLAMP (after[axis], 0, MAX_HALO), halo->unit);
  }
  return TRUE;
}

void
rv__halo_widen (RvHalo *halo, int px)
{
  for (int axis = 0; axis < 2; axis++) {
    halo->before[axis] = MAX (halo->before[axis], round_up (px, halo->unit));
    halo->after[axis] = MAX (halo->after[axis], round_up (px, halo->unit));
  }
}

/* Size, px, of the windows along an axis of @picture px: congruent to @picture modulo @unit; at most @wanted, unless
 * the halo, @before and @after px, needs more; at most @picture, which means one window. */
static int
window_size (int picture, int before, int after, int unit, int wanted)
{
  int rest = picture % unit, least = before + after + 2 * unit + rest;
  int size = MAX (wanted, least) / unit * unit + rest;
  if (size > wanted && size - unit >= least)
    size -= unit;
  return MIN (size, picture);
}

/* (transfer full): the windows of @window px and their cores, RvTileSpan, along an axis of @picture px, with a halo of
 * @before and @after px. Cores end on multiples of @unit px, or with the picture. */
static GArray *
spans (int picture, int window, int before, int after, int unit)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (RvTileSpan));
  int last = picture - window;
  for (int core = 0; core < picture;) {
    RvTileSpan span = { .window = CLAMP (core - before, 0, last), .core = core };
    span.core_end = span.window == last ? picture : (span.window + window - after) / unit * unit;
    g_array_append_val (array, span);
    core = span.core_end;
  }
  return array;
}

/* Size of the smallest window, px, at most @window, that needs no more windows for the axis than @window does. Smaller
 * windows overlap less, and an overlap is computed twice. */
static int
shrunk_window (int picture, int window, int before, int after, int unit)
{
  g_autoptr (GArray) wanted = spans (picture, window, before, after, unit);
  for (int least = before + after + 2 * unit; window - unit >= least; window -= unit) {
    g_autoptr (GArray) smaller = spans (picture, window - unit, before, after, unit);
    if (smaller->len > wanted->len)
      break;
  }
  return window;
}

RvTiling *
rv__tiling_new (int height, int width, const RvHalo *halo, int window)
{
  RvTiling *tiling = g_new0 (RvTiling, 1);
  tiling->picture[0] = height;
  tiling->picture[1] = width;
  for (int axis = 0; axis < 2; axis++) {
    int before = halo->before[axis], after = halo->after[axis], picture = tiling->picture[axis];
    int most = window_size (picture, before, after, halo->unit, window);
    tiling->window[axis] = most < picture ? shrunk_window (picture, most, before, after, halo->unit) : most;
    tiling->span[axis] = spans (picture, tiling->window[axis], before, after, halo->unit);
  }
  return tiling;
}

void
rv__tiling_free (RvTiling *tiling)
{
  if (!tiling)
    return;
  g_array_unref (tiling->span[0]);
  g_array_unref (tiling->span[1]);
  g_free (tiling);
}

int
rv__tiling_size (const RvTiling *tiling)
{
  return (int) (tiling->span[0]->len * tiling->span[1]->len);
}

const RvTileSpan *
rv__tiling_span (const RvTiling *tiling, int i, int axis)
{
  guint across = tiling->span[1]->len, at = axis == 0 ? (guint) i / across : (guint) i % across;
  return &g_array_index (tiling->span[axis], RvTileSpan, at);
}

void
rv__tile_positions (const RvTiling *tiling, int i, int axis, gint64 jump, gint64 extent, gint64 *first, gint64 *end)
{
  const RvTileSpan *span = rv__tiling_span (tiling, i, axis);
  *first = (span->core - span->window) / jump;
  *end = span->core_end == tiling->picture[axis] ? extent : (span->core_end - span->window) / jump;
}
