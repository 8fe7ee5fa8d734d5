/* pool.c -- maximum and average pooling.
 *
 *   max      y[i,j] = max over the window's positions inside x; output 1: the position u * V + v of the first maximum
 *   average  y[i,j] = scale / (positions inside x) * sum over them
 *
 * A window covers rows i*s - top .. + U-1 and the same for columns. Positions outside x are never counted (TensorFlow's
 * `same`; PyTorch's count_include_pad = False). `valid` is no padding, ceil mode is padding after (rv__pad_ceil()).
 * Backward: the gradient of a maximum goes to its position, that of an average to all positions equally. Per channel:
 * works with any channel block.
 */
#include "op/chunks.h"
#include "op/weighted-row.h"
#include <math.h>

#define MAX_WINDOW 256 /* positions */

/* RvOpClass.shape of max_pool and average_pool. Sets out[0], y, and out[1], the positions of the maxima, which only
 * max_pool has, to [N, C, Ho, Wo]: the number of complete windows in the padded picture. RV_ERROR_SHAPE for inputs that
 * are not [N, C, H, W], and for windows of more than MAX_WINDOW positions or larger than the padded picture; @out is
 * unchanged then. */
static gboolean
pool_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  const RvPoolAttrs *a = &attrs->pool;
  if (in[0].n != 4 || a->window[0] * a->window[1] > MAX_WINDOW)
    return rv__shape_error ("pooling", "needs [N, C, H, W] and a window of at most " G_STRINGIFY (MAX_WINDOW), n_in, in,
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

/* Attributes of the backward op of the pooling @step. */
static RvPoolAttrs
backward_attrs (const RvProgram *program, const RvOpCall *step)
{
  RvPoolAttrs attrs = step->attrs.pool;
  const RvShape *x = rv__program_shape (program, step->in[0]);
  attrs.extent[0] = (int) x->dim[2], attrs.extent[1] = (int) x->dim[3];
  return attrs;
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
pool_window (const RvOpAttrs *attrs, const RvShape *in, int axis, RvOpWindow *window)
{
  const RvPoolAttrs *a = &attrs->pool;
  gint64 before = axis == 0 ? a->pad.top : a->pad.left;
  *window = (RvOpWindow){ before, a->window[axis] - 1 - before, a->stride[axis], 1 };
  return TRUE;
}

/* Part inside 0 .. extent-1 of the window at @start, which may be negative: offsets first .. last-1 into the window. */
static inline void
window_inside (gint64 start, int window, gint64 extent, gint64 *first, gint64 *last)
{
  *first = MAX (0, -start);
  *last = MIN (window, extent - start);
}

/* Compiles the row functions below for the usual numbers of adjacent channels, so that their loops over channels are
 * vectorised. `omp simd` vectorises them before unrolling. After unrolling, GCC 12 makes scalar code of them, and wrong
 * code of max_backward_row_of(). */
#define SPECIALIZE(inner, function, ...)                                                                               \
  switch (inner) {                                                                                                     \
  case 16:                                                                                                             \
    function (__VA_ARGS__, 16);                                                                                        \
    break;                                                                                                             \
  case 8:                                                                                                              \
    function (__VA_ARGS__, 8);                                                                                         \
    break;                                                                                                             \
  case 1:                                                                                                              \
    function (__VA_ARGS__, 1);                                                                                         \
    break;                                                                                                             \
  default:                                                                                                             \
    function (__VA_ARGS__, inner);                                                                                     \
  }
#define FOR_ANY_INNER static inline __attribute__ ((always_inline)) void
#define MAX_INNER 16

/* Sizes of one call. Data: [pictures][planes], planes are [rows][cols][inner]. */
typedef struct {
  gint64 pictures, planes, H, W, Ho, Wo, inner;
} Sizes;

static Sizes
sizes_of (const RvView *x, const RvView *y)
{
  const gint64 *d = x->shape.dim;
  gint64 inner = block_of (x);
  return (Sizes){ d[0], d[1] / inner, d[2], d[3], y->shape.dim[2], y->shape.dim[3], inner };
}

/* Computes row @i of y, and its positions @index (nullable), from a plane @x. @inner: s->inner, a constant. */
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
          gint32 better = (from[k] > best[k]) | (from[k] != from[k]); /* NaN passes through */
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

/* max_row_of() for any s->inner. */
RV_CLONES static void
max_row (const RvPoolAttrs *a, const Sizes *s, const real *x, gint64 i, real *y, guint8 *index)
{
  SPECIALIZE (s->inner, max_row_of, a, s, x, i, y, index)
}

/* RvOpClass.run of max_pool: writes y, the maximum of each window inside x. If output 1 has data, writes to it the
 * position u * V + v of the first maximum in its window, a byte. NaN passes through. Cannot fail. */
static void
max_pool_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Sizes s = sizes_of (&in[0], &out[0]);
  const real *x = in[0].data;
  real *y = out[0].data;
  guint8 *index = out[1].data;

  const RvChunks chunks = rv__chunks_of_planes (s.pictures, s.planes, s.Ho);

#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < chunks.n_chunks; i++) {
    RvChunk chunk = rv__chunk (&chunks, i);
    for (gint64 row = chunk.from; row < chunk.end; row++) {
      gint64 start = (chunk.index * s.Ho + row) * s.Wo * s.inner;
      max_row (&attrs->pool, &s, x + chunk.index * s.H * s.W * s.inner, row, y + start, index ? index + start : NULL);
    }
  }
}

RV_GRADIENT (max_pool, MAX_POOL_BACKWARD, &(RvOpAttrs){ .pool = backward_attrs (program, step) }, grad_out,
             step->out[1])

const RvOpClass RV_OP (max_pool) = {
  .n_in = 1,
  .has_second_out = TRUE,
  .holds = { RV_ELEMENT_REAL, RV_ELEMENT_BYTE },
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_WINDOW,
  .window = pool_window,
  .shape = pool_shape,
  .run = max_pool_run,
  .gradient = max_pool_gradient,
};

/* Range first .. last-1 of the windows that cover a row or column. */
typedef struct {
  gint64 first, last;
} Windows;

/* (transfer full): the windows over each of @n rows or columns, of @n_out windows with @before positions of padding.
 * Computed once, since divisions are slow. */
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

/* Tables of a backward pass: the windows over each row and column. */
typedef struct {
  Sizes s;
  Windows *rows, *columns;
} Gather;

static Gather
gather_new (const RvPoolAttrs *a, const RvView *x, const RvView *y)
{
  Sizes s = sizes_of (x, y);
  return (Gather){ s, windows_over (s.H, a->pad.top, a->window[0], a->stride[0], s.Ho),
                   windows_over (s.W, a->pad.left, a->window[1], a->stride[1], s.Wo) };
}

static void
gather_clear (Gather *gather)
{
  g_free (gather->rows);
  g_free (gather->columns);
}

/* Overwrites @gx, row @h of the gradient of a plane: each window over the row adds its number of @gy where its maximum
 * is, by @index, both the first element of the plane. Rows are independent, so threads may share a plane. */
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
  SPECIALIZE (g->s.inner, max_backward_row_of, a, g, gy, index, h, gx)
}

/* RvOpClass.run of max_pool_backward: writes gx: at each position, the sum of gy over the windows whose maximum it is;
 * 0 elsewhere. Inputs: gy, positions of the maxima. Cannot fail. */
static void
max_pool_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Gather g = gather_new (&attrs->pool, &out[0], &in[0]);
  const Sizes *s = &g.s;

  const RvChunks chunks = rv__chunks_of_planes (s->pictures, s->planes, s->H);

#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < chunks.n_chunks; i++) {
    RvChunk chunk = rv__chunk (&chunks, i);
    gint64 at = chunk.index * s->Ho * s->Wo * s->inner;
    for (gint64 row = chunk.from; row < chunk.end; row++)
      max_backward_row (&attrs->pool, &g, (const real *) in[0].data + at, (const guint8 *) in[1].data + at, row,
                        (real *) out[0].data + (chunk.index * s->H + row) * s->W * s->inner);
  }
  gather_clear (&g);
}

const RvOpClass RV_OP (max_pool_backward) = {
  .n_in = 2,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = backward_shape,
  .run = max_pool_backward_run,
};

/* ---- average ----------------------------------------------------------------------------------------------------- */

/* The mean is separable: rows are summed first, then columns, which reads six numbers for a 3 x 3 window instead of
 * nine. With stride 1, all complete windows are one loop over the numbers of a row, for any number of channels. */

/* y = weight times the sum of @window numbers of x that are @inner apart. */
RV_CLONES static void
sum_neighbours (const real *x, int window, real weight, real *restrict y, gint64 n, gint64 inner)
{
  if (window == 3) { /* the usual size */
    for (gint64 t = 0; t < n; t++)
      y[t] = weight * (x[t] + x[t + inner] + x[t + 2 * inner]);
    return;
  }
  add_weighted_row (x, weight, TRUE, y, n);
  for (int v = 1; v < window; v++)
    add_weighted_row (x + v * inner, weight, FALSE, y, n);
}

/* Writes columns @from .. @end-1 of a row of y, one by one. @sums: mean over the rows of x in the window, times
 * a->scale. */
FOR_ANY_INNER
means_of (const RvPoolAttrs *a, const Sizes *s, const real *sums, gint64 from, gint64 end, real *y, gint64 inner)
{
  const real whole = (real) 1 / (real) a->window[1]; /* precomputed, since divisions are slow */
  for (gint64 j = from; j < end; j++) {
    gint64 v0, v1, w = j * a->stride[1] - a->pad.left;
    real *to = y + j * inner;
    window_inside (w, a->window[1], s->W, &v0, &v1);
    real weight = v1 - v0 == a->window[1] ? whole : (real) 1 / (real) (v1 - v0);
    for (gint64 v = v0; v < v1; v++)
#pragma omp simd
      for (gint64 k = 0; k < inner; k++)
        to[k] = (v == v0 ? 0 : to[k]) + sums[(w + v) * inner + k];
#pragma omp simd
    for (gint64 k = 0; k < inner; k++)
      to[k] *= weight;
  }
}

RV_CLONES static void
means (const RvPoolAttrs *a, const Sizes *s, const real *sums, gint64 from, gint64 end, real *y)
{
  SPECIALIZE (s->inner, means_of, a, s, sums, from, end, y)
}

/* Writes row @i of y, means over windows of the plane @x. @sums: workspace of one row of x. */
static void
average_row (const RvPoolAttrs *a, const Sizes *s, const real *x, gint64 i, real *sums, real *y)
{
  gint64 u0, u1, h = i * a->stride[0] - a->pad.top, W = s->W, inner = s->inner;
  window_inside (h, a->window[0], s->H, &u0, &u1);
  for (gint64 u = u0; u < u1; u++)
    add_weighted_row (x + (h + u) * W * inner, (real) (a->scale / (double) (u1 - u0)), u == u0, sums, W * inner);
  gint64 first = a->stride[1] == 1 ? MIN (a->pad.left, s->Wo) : s->Wo; /* complete windows */
  gint64 end = CLAMP (W - a->window[1] + a->pad.left + 1, first, s->Wo);
  means (a, s, sums, 0, first, y);
  if (first < end)
    sum_neighbours (sums + (first - a->pad.left) * inner, a->window[1], (real) 1 / (real) a->window[1],
                    y + first * inner, (end - first) * inner, inner);
  means (a, s, sums, end, s->Wo, y);
}

/* RvOpClass.run of average_pool: writes y, the mean of each window over its positions inside x, times
 * attrs->pool.scale. Cannot fail. */
static void
average_pool_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Sizes s = sizes_of (&in[0], &out[0]);

  const RvChunks chunks = rv__chunks_of_planes (s.pictures, s.planes, s.Ho);

#pragma omp parallel
  {
    real *sums = g_new (real, s.W * s.inner + 1);
#pragma omp for schedule(static)
    for (gint64 i = 0; i < chunks.n_chunks; i++) {
      RvChunk chunk = rv__chunk (&chunks, i);
      for (gint64 row = chunk.from; row < chunk.end; row++)
        average_row (&attrs->pool, &s, (const real *) in[0].data + chunk.index * s.H * s.W * s.inner, row, sums,
                     (real *) out[0].data + (chunk.index * s.Ho + row) * s.Wo * s.inner);
    }
    g_free (sums);
  }
}

RV_GRADIENT (average_pool, AVERAGE_POOL_BACKWARD, &(RvOpAttrs){ .pool = backward_attrs (program, step) }, grad_out)

const RvOpClass RV_OP (average_pool) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_WINDOW,
  .window = pool_window,
  .shape = pool_shape,
  .run = average_pool_run,
  .gradient = average_pool_gradient,
};

/* (transfer full): 1 / (rows or columns inside the picture, which has @extent), for each of @n_windows windows.
 * @before: positions of padding. */
static real *
weights_of_each (gint64 n_windows, int before, int window, int stride, gint64 extent)
{
  real *weights = g_new (real, n_windows + 1);
  for (gint64 i = 0; i < n_windows; i++) {
    gint64 first, last;
    window_inside (i * stride - before, window, extent, &first, &last);
    weights[i] = (real) 1 / (real) (last - first);
  }
  return weights;
}

/* Overwrites columns @from .. @end-1 of a row @gx of the gradient, [W, @inner]: each is the sum of @sums over the
 * columns of gy whose windows cover it, times their @weight, [Wo]. A column without windows gets 0. @sums: [Wo,
 * @inner], the weighted sum of the rows of gy whose windows cover the row. */
FOR_ANY_INNER
spread_of (const Gather *g, const real *weight, const real *sums, gint64 from, gint64 end, real *gx, gint64 inner)
{
  for (gint64 w = from; w < end; w++) {
    const Windows columns = g->columns[w];
    real *to = gx + w * inner;
    if (columns.first >= columns.last)
      memset (to, 0, (gsize) inner * sizeof (real));
    for (gint64 j = columns.first; j < columns.last; j++)
#pragma omp simd
      for (gint64 k = 0; k < inner; k++)
        to[k] = (j == columns.first ? 0 : to[k]) + weight[j] * sums[j * inner + k];
  }
}

RV_CLONES static void
spread (const Gather *g, const real *weight, const real *sums, gint64 from, gint64 end, real *gx)
{
  SPECIALIZE (g->s.inner, spread_of, g, weight, sums, from, end, gx)
}

/* Weights of each row and each column of gy: 1 / (rows or columns of its window inside x). */
typedef struct {
  real *rows, *columns;
} RowColumnWeights;

/* Writes row @h of gx, the gradient of average pooling, from a plane @gy. @weights: of the rows and columns of gy.
 * @sums: workspace of one row of gy, overwritten. */
static void
average_backward_row (const RvPoolAttrs *a, const Gather *g, const RowColumnWeights *weights, const real *gy, gint64 h,
                      real *sums, real *gx)
{
  const Windows rows = g->rows[h];
  gint64 n = g->s.Wo * g->s.inner, inner = g->s.inner, W = g->s.W;
  if (rows.first >= rows.last)
    memset (sums, 0, (gsize) n * sizeof (real));
  for (gint64 i = rows.first; i < rows.last; i++)
    add_weighted_row (gy + i * n, (real) a->scale * weights->rows[i], i == rows.first, sums, n);
  gint64 first = a->stride[1] == 1 ? MIN (a->window[1] - 1, W) : W; /* columns covered by complete windows only */
  gint64 end = CLAMP (W - a->window[1] + 1, first, W);
  spread (g, weights->columns, sums, 0, first, gx);
  if (first < end)
    sum_neighbours (sums + a->pad.left * inner, a->window[1], (real) 1 / (real) a->window[1], gx + first * inner,
                    (end - first) * inner, inner);
  spread (g, weights->columns, sums, end, W, gx);
}

/* RvOpClass.run of average_pool_backward: writes gx. Each gradient of y, times attrs->pool.scale, is spread equally
 * over the positions of its window inside x. Input: gy. Cannot fail. */
static void
average_pool_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const RvPoolAttrs *a = &attrs->pool;
  Gather g = gather_new (a, &out[0], &in[0]);
  const Sizes *s = &g.s;
  const RowColumnWeights weights = { weights_of_each (s->Ho, a->pad.top, a->window[0], a->stride[0], s->H),
                                     weights_of_each (s->Wo, a->pad.left, a->window[1], a->stride[1], s->W) };
  const RvChunks chunks = rv__chunks_of_planes (s->pictures, s->planes, s->H);

#pragma omp parallel
  {
    real *sums = g_new (real, s->Wo * s->inner + 1);
#pragma omp for schedule(static)
    for (gint64 i = 0; i < chunks.n_chunks; i++) {
      RvChunk chunk = rv__chunk (&chunks, i);
      for (gint64 row = chunk.from; row < chunk.end; row++)
        average_backward_row (a, &g, &weights, (const real *) in[0].data + chunk.index * s->Ho * s->Wo * s->inner, row,
                              sums, (real *) out[0].data + (chunk.index * s->H + row) * s->W * s->inner);
    }
    g_free (sums);
  }
  g_free (weights.rows);
  g_free (weights.columns);
  gather_clear (&g);
}

const RvOpClass RV_OP (average_pool_backward) = {
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = backward_shape,
  .run = average_pool_backward_run,
};
