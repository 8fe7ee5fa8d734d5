/* pool.c -- maximum and average pooling.
 *
 *   max      y[i,j] = max over the window's positions inside x; the position u * V + v of the first maximum is kept
 *   average  y[i,j] = scale / (positions inside x) * sum over them
 *
 * A window covers rows i*s - top .. + U-1, columns likewise; what lies outside x is never counted (TensorFlow's `same`;
 * PyTorch's count_include_pad = False). `valid` is no padding, ceil mode is padding after (rv__pad_ceil()).
 * Backward: to the maximum's position; to all positions alike. Works per channel: any channel block does.
 */
#include "op/real.h"
#include <math.h>
#include <string.h>

#define MAX_WINDOW 256 /* positions */

static gboolean
pool_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  const RvPoolAttrs *a = &attrs->pool;
  if (in[0].n != 4 || a->window[0] * a->window[1] > MAX_WINDOW)
    return rv__shape_error ("pooling", "wants [N, C, H, W] and a window of at most " G_STRINGIFY (MAX_WINDOW), n_in, in,
                            error);

  gint64 rows = in[0].dim[2] + a->pad.top + a->pad.bottom - a->window[0];
  gint64 cols = in[0].dim[3] + a->pad.left + a->pad.right - a->window[1];
  if (rows < 0 || cols < 0)
    return rv__shape_error ("pooling", "the picture is smaller than the window", n_in, in, error);
  out[0] = in[0];
  out[0].dim[2] = rows / a->stride[0] + 1;
  out[0].dim[3] = cols / a->stride[1] + 1;
  out[1] = out[0];
  return TRUE;
}

static gboolean
backward_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  out[0] = in[0];
  out[0].dim[2] = attrs->pool.extent[0];
  out[0].dim[3] = attrs->pool.extent[1];
  return TRUE;
}

static gboolean
pool_window (const RvOpAttrs *attrs, const RvShape *in, int axis, RvWindow *window)
{
  const RvPoolAttrs *a = &attrs->pool;
  gint64 before = axis == 0 ? a->pad.top : a->pad.left;
  *window = (RvWindow){ before, a->window[axis] - 1 - before, a->stride[axis], 1 };
  return TRUE;
}

/* The part of one window inside 0 .. extent-1, as offsets first .. last-1 into the window. */
static inline void
window_inside (gint64 start, int window, gint64 extent, gint64 *first, gint64 *last)
{
  *first = MAX (0, -start);
  *last = MIN (window, extent - start);
}

/* The rows below are written once for any number of channels side by side, and compiled for the usual ones, so that
 * their loops over channels become vector instructions; `omp simd` sees to it before the loops are unrolled, after
 * which GCC 12 makes single instructions of them, and wrong ones of max_backward_row_of()'s. */
#define SPECIALIZE(inner, call)                                                                                        \
  switch (inner) {                                                                                                     \
  case 16:                                                                                                             \
    call (16);                                                                                                         \
    break;                                                                                                             \
  case 8:                                                                                                              \
    call (8);                                                                                                          \
    break;                                                                                                             \
  case 1:                                                                                                              \
    call (1);                                                                                                          \
    break;                                                                                                             \
  default:                                                                                                             \
    call (inner);                                                                                                      \
  }
#define FOR_ANY_INNER static inline __attribute__ ((always_inline)) void
#define MAX_INNER 16

/* Sizes of one call; planes are [rows][cols][inner]. */
typedef struct {
  gint64 planes, H, W, Ho, Wo, inner;
} Sizes;

static Sizes
sizes_of (const RvView *big, const RvView *small)
{
  const gint64 *d = big->shape.dim;
  gint64 inner = block_of (big);
  return (Sizes){ d[0] * d[1] / inner, d[2], d[3], small->shape.dim[2], small->shape.dim[3], inner };
}

FOR_ANY_INNER
max_row_of (const RvPoolAttrs *a, const Sizes *s, const real *x, gint64 i, real *y, guint8 *index, gint64 inner)
{
  gint64 u0, u1, h = i * a->stride[0] - a->pad.top;
  window_inside (h, a->window[0], s->H, &u0, &u1);
  for (gint64 j = 0; j < s->Wo; j++) {
    gint64 v0, v1, w = j * a->stride[1] - a->pad.left;
    real best[MAX_INNER];
    gint32 position[MAX_INNER];
    window_inside (w, a->window[1], s->W, &v0, &v1);
#pragma omp simd
    for (gint64 k = 0; k < inner; k++)
      best[k] = (real) -INFINITY, position[k] = 0;
    for (gint64 u = u0; u < u1; u++)
      for (gint64 v = v0; v < v1; v++) {
        const real *from = x + ((h + u) * s->W + w + v) * inner;
        gint32 here = (gint32) (u * a->window[1] + v);
#pragma omp simd
        for (gint64 k = 0; k < inner; k++) {
          gint32 better = (from[k] > best[k]) | (from[k] != from[k]); /* NaN is seen */
          best[k] = better ? from[k] : best[k];
          position[k] = better ? here : position[k];
        }
      }
#pragma omp simd
    for (gint64 k = 0; k < inner; k++)
      y[j * inner + k] = best[k];
    if (!index)
      continue;
#pragma omp simd
    for (gint64 k = 0; k < inner; k++)
      index[j * inner + k] = (guint8) position[k];
  }
}

RV_CLONES static void
max_row (const RvPoolAttrs *a, const Sizes *s, const real *x, gint64 i, real *y, guint8 *index)
{
#define CALL(n) max_row_of (a, s, x, i, y, index, n)
  SPECIALIZE (s->inner, CALL)
#undef CALL
}

static void
max_pool_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Sizes s = sizes_of (&in[0], &out[0]);
  const real *x = in[0].data;
  real *y = out[0].data;
  guint8 *index = out[1].data;

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < s.planes * s.Ho; row++) {
    gint64 start = row * s.Wo * s.inner;
    max_row (&attrs->pool, &s, x + row / s.Ho * s.H * s.W * s.inner, row % s.Ho, y + start,
             index ? index + start : NULL);
  }
}

static void
max_pool_gradient (RvProgram *program, const RvStep *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  RvOpAttrs attrs = step->attrs;
  const RvShape *x = rv__program_shape (program, step->in[0]);
  attrs.pool.extent[0] = (int) x->dim[2], attrs.pool.extent[1] = (int) x->dim[3];
  grad_in[0] = rv__program_record (program, RV_OP_MAX_POOL_BACKWARD, &attrs, 2, (int[]){ grad_out, step->out[1] });
}

const RvOpClass RV_OP (max_pool) = {
  .name = "max_pool",
  .min_in = 1,
  .max_in = 1,
  .n_out = 2,
  .holds = { RV_HOLDS_REALS, RV_HOLDS_BYTES },
  .supports = RV_SUPPORTS_BLOCKS,
  .reach = RV_REACH_WINDOW,
  .window = pool_window,
  .work = rv__work_of_elements,
  .shape = pool_shape,
  .run = max_pool_run,
  .gradient = max_pool_gradient,
};

/* The windows that cover a row or a column: first .. last-1. */
typedef struct {
  gint64 first, last;
} Windows;

/* Those of each of @n rows or columns; (transfer full). Found once: divisions are slow. */
static Windows *
windows_over (gint64 n, int before, int window, int stride, gint64 n_out)
{
  Windows *over = g_new (Windows, n + 1);
  for (gint64 at = 0; at < n; at++) {
    gint64 reach = at + before - window + 1;
    over[at].first = reach <= 0 ? 0 : (reach + stride - 1) / stride;
    over[at].last = MIN (n_out, (at + before) / stride + 1);
  }
  return over;
}

/* What gathers a backward pass: for each row and column, the windows over it. */
typedef struct {
  Sizes s;
  Windows *rows, *columns;
} Gather;

static Gather
gather_new (const RvPoolAttrs *a, const RvView *big, const RvView *small)
{
  Sizes s = sizes_of (big, small);
  return (Gather){ s, windows_over (s.H, a->pad.top, a->window[0], a->stride[0], s.Ho),
                   windows_over (s.W, a->pad.left, a->window[1], a->stride[1], s.Wo) };
}

static void
gather_clear (Gather *gather)
{
  g_free (gather->rows);
  g_free (gather->columns);
}

/* One row of gx: each window over it adds its number where its maximum was. Rows are independent, so threads may share
 * a plane. */
FOR_ANY_INNER
max_backward_row_of (const RvPoolAttrs *a, const Gather *g, const real *gy, const guint8 *index, gint64 h, real *gx,
                     gint64 inner)
{
  const Windows rows = g->rows[h];
  memset (gx, 0, (gsize) (g->s.W * inner) * sizeof (real));
  for (gint64 i = rows.first; i < rows.last; i++)
    for (gint64 j = 0; j < g->s.Wo; j++) {
      gint64 v0, v1, w = j * a->stride[1] - a->pad.left, at = (i * g->s.Wo + j) * inner;
      gint32 row = (gint32) ((h + a->pad.top - i * a->stride[0]) * a->window[1]);
      real part[MAX_INNER];
      gint32 position[MAX_INNER];
      window_inside (w, a->window[1], g->s.W, &v0, &v1);
#pragma omp simd
      for (gint64 k = 0; k < inner; k++)
        part[k] = gy[at + k], position[k] = index[at + k];
      for (gint64 v = v0; v < v1; v++) {
        real *to = gx + (w + v) * inner;
        gint32 here = row + (gint32) v;
#pragma omp simd
        for (gint64 k = 0; k < inner; k++)
          to[k] += position[k] == here ? part[k] : 0;
      }
    }
}

RV_CLONES static void
max_backward_row (const RvPoolAttrs *a, const Gather *g, const real *gy, const guint8 *index, gint64 h, real *gx)
{
#define CALL(n) max_backward_row_of (a, g, gy, index, h, gx, n)
  SPECIALIZE (g->s.inner, CALL)
#undef CALL
}

static void
max_pool_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Gather g = gather_new (&attrs->pool, &out[0], &in[0]);
  const Sizes *s = &g.s;

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < s->planes * s->H; row++) {
    gint64 small = row / s->H * s->Ho * s->Wo * s->inner;
    max_backward_row (&attrs->pool, &g, (const real *) in[0].data + small, (const guint8 *) in[1].data + small,
                      row % s->H, (real *) out[0].data + row * s->W * s->inner);
  }
  gather_clear (&g);
}

const RvOpClass RV_OP (max_pool_backward) = {
  .name = "max_pool_backward",
  .min_in = 2,
  .max_in = 2,
  .n_out = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .work = rv__work_of_elements,
  .shape = backward_shape,
  .run = max_pool_backward_run,
};

/* ---- average ----------------------------------------------------------------------------------------------------- */

/* The scale divided by how many positions are inside, for each number that a window may have: divided here once, not
 * for every position of every window. */
typedef struct {
  real of[MAX_WINDOW + 1];
} Shares;

static Shares
shares_new (const RvPoolAttrs *a)
{
  Shares shares = { { 0 } };
  for (int n = 1; n <= a->window[0] * a->window[1]; n++)
    shares.of[n] = (real) (a->scale / (double) n);
  return shares;
}

FOR_ANY_INNER
average_row_of (const RvPoolAttrs *a, const Shares *shares, const Sizes *s, const real *x, gint64 i, real *y,
                gint64 inner)
{
  gint64 u0, u1, v0, v1, h = i * a->stride[0] - a->pad.top;
  window_inside (h, a->window[0], s->H, &u0, &u1);
  for (gint64 j = 0; j < s->Wo; j++) {
    gint64 w = j * a->stride[1] - a->pad.left;
    real sum[MAX_INNER] = { 0 };
    window_inside (w, a->window[1], s->W, &v0, &v1);
    real scale = shares->of[(u1 - u0) * (v1 - v0)];
    for (gint64 u = u0; u < u1; u++)
      for (gint64 v = v0; v < v1; v++)
#pragma omp simd
        for (gint64 k = 0; k < inner; k++)
          sum[k] += scale * x[((h + u) * s->W + w + v) * inner + k];
#pragma omp simd
    for (gint64 k = 0; k < inner; k++)
      y[j * inner + k] = sum[k];
  }
}

RV_CLONES static void
average_row (const RvPoolAttrs *a, const Shares *shares, const Sizes *s, const real *x, gint64 i, real *y)
{
#define CALL(n) average_row_of (a, shares, s, x, i, y, n)
  SPECIALIZE (s->inner, CALL)
#undef CALL
}

static void
average_pool_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Sizes s = sizes_of (&in[0], &out[0]);
  Shares shares = shares_new (&attrs->pool);

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < s.planes * s.Ho; row++)
    average_row (&attrs->pool, &shares, &s, (const real *) in[0].data + row / s.Ho * s.H * s.W * s.inner, row % s.Ho,
                 (real *) out[0].data + row * s.Wo * s.inner);
}

static void
average_pool_gradient (RvProgram *program, const RvStep *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  RvOpAttrs attrs = step->attrs;
  const RvShape *x = rv__program_shape (program, step->in[0]);
  attrs.pool.extent[0] = (int) x->dim[2], attrs.pool.extent[1] = (int) x->dim[3];
  grad_in[0] = rv__program_record (program, RV_OP_AVERAGE_POOL_BACKWARD, &attrs, 1, &grad_out);
}

static gboolean
average_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  RvShape both[2];
  if (!pool_shape (attrs, n_in, in, both, error))
    return FALSE;
  out[0] = both[0];
  return TRUE;
}

const RvOpClass RV_OP (average_pool) = {
  .name = "average_pool",
  .min_in = 1,
  .max_in = 1,
  .n_out = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .reach = RV_REACH_WINDOW,
  .window = pool_window,
  .work = rv__work_of_elements,
  .shape = average_shape,
  .run = average_pool_run,
  .gradient = average_pool_gradient,
};

/* How many rows or columns of the picture each window has; (transfer full). */
static gint64 *
inside_of_each (gint64 n_windows, int before, int window, int stride, gint64 extent)
{
  gint64 *inside = g_new (gint64, n_windows + 1);
  for (gint64 i = 0; i < n_windows; i++) {
    gint64 first, last;
    window_inside (i * stride - before, window, extent, &first, &last);
    inside[i] = last - first;
  }
  return inside;
}

/* What the windows over a row share out, window by window along the row. */
typedef struct {
  const Gather *gather;
  const gint64 *rows_inside, *columns_inside; /* of each window */
  Shares shares;
} Average;

/* One row of gx, in two passes: the windows above each other are summed first, in @sums [Wo][inner], then those beside
 * each other: six numbers are read for a window of 3 x 3 instead of nine. */
FOR_ANY_INNER
average_backward_row_of (const Average *average, const real *gy, gint64 h, real *sums, real *gx, gint64 inner)
{
  const Gather *g = average->gather;
  const Windows rows = g->rows[h];
  for (gint64 j = 0; j < g->s.Wo; j++) {
    real sum[MAX_INNER] = { 0 };
    for (gint64 i = rows.first; i < rows.last; i++) {
      real scale = average->shares.of[average->rows_inside[i] * average->columns_inside[j]];
#pragma omp simd
      for (gint64 k = 0; k < inner; k++)
        sum[k] += scale * gy[(i * g->s.Wo + j) * inner + k];
    }
#pragma omp simd
    for (gint64 k = 0; k < inner; k++)
      sums[j * inner + k] = sum[k];
  }
  for (gint64 w = 0; w < g->s.W; w++) {
    const Windows columns = g->columns[w];
    real sum[MAX_INNER] = { 0 };
    for (gint64 j = columns.first; j < columns.last; j++)
#pragma omp simd
      for (gint64 k = 0; k < inner; k++)
        sum[k] += sums[j * inner + k];
#pragma omp simd
    for (gint64 k = 0; k < inner; k++)
      gx[w * inner + k] = sum[k];
  }
}

RV_CLONES static void
average_backward_row (const Average *average, const real *gy, gint64 h, real *sums, real *gx)
{
#define CALL(n) average_backward_row_of (average, gy, h, sums, gx, n)
  SPECIALIZE (average->gather->s.inner, CALL)
#undef CALL
}

static void
average_pool_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const RvPoolAttrs *a = &attrs->pool;
  Gather g = gather_new (a, &out[0], &in[0]);
  const Sizes *s = &g.s;
  g_autofree gint64 *rows = inside_of_each (s->Ho, a->pad.top, a->window[0], a->stride[0], s->H);
  g_autofree gint64 *columns = inside_of_each (s->Wo, a->pad.left, a->window[1], a->stride[1], s->W);
  const Average average = { &g, rows, columns, shares_new (a) };

#pragma omp parallel
  {
    real *sums = g_new (real, s->Wo * s->inner + 1);
#pragma omp for schedule(static)
    for (gint64 row = 0; row < s->planes * s->H; row++)
      average_backward_row (&average, (const real *) in[0].data + row / s->H * s->Ho * s->Wo * s->inner, row % s->H,
                            sums, (real *) out[0].data + row * s->W * s->inner);
    g_free (sums);
  }
  gather_clear (&g);
}

const RvOpClass RV_OP (average_pool_backward) = {
  .name = "average_pool_backward",
  .min_in = 1,
  .max_in = 1,
  .n_out = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .work = rv__work_of_elements,
  .shape = backward_shape,
  .run = average_pool_backward_run,
};
