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

static gboolean
pool_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  const RvPoolAttrs *a = &attrs->pool;
  if (in[0].n != 4 || a->window[0] * a->window[1] > 256)
    return rv__shape_error ("pooling", "wants [N, C, H, W] and a window of at most 256", n_in, in, error);

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

/* The part of one window inside 0 .. extent-1, as offsets first .. last-1 into the window. */
static void
window_inside (gint64 start, int window, gint64 extent, gint64 *first, gint64 *last)
{
  *first = MAX (0, -start);
  *last = MIN (window, extent - start);
}

RV_CLONES static void
keep_max (const real *x, gint64 n, guint8 position, real *y, guint8 *index)
{
  for (gint64 k = 0; k < n; k++)
    if (x[k] > y[k] || x[k] != x[k])
      y[k] = x[k], index[k] = position;
}

RV_CLONES static void
add_scaled (const real *x, gint64 n, real scale, real *y)
{
  for (gint64 k = 0; k < n; k++)
    y[k] += scale * x[k];
}

RV_CLONES static void
add_where (const real *gy, const guint8 *index, guint8 position, gint64 n, real *gx)
{
  for (gint64 k = 0; k < n; k++)
    gx[k] += index[k] == position ? gy[k] : 0;
}

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

static void
max_row (const RvPoolAttrs *a, const Sizes *s, const real *x, gint64 i, real *y, guint8 *index)
{
  gint64 u0, u1;
  window_inside (i * a->stride[0] - a->pad.top, a->window[0], s->H, &u0, &u1);
  for (gint64 j = 0; j < s->Wo; j++) {
    gint64 v0, v1, h = i * a->stride[0] - a->pad.top, w = j * a->stride[1] - a->pad.left;
    guint8 ignored[64], *position = index ? index + j * s->inner : ignored;
    real *best = y + j * s->inner;
    window_inside (w, a->window[1], s->W, &v0, &v1);
    for (gint64 k = 0; k < s->inner; k++)
      best[k] = (real) -INFINITY, position[k] = 0;
    for (gint64 u = u0; u < u1; u++)
      for (gint64 v = v0; v < v1; v++)
        keep_max (x + ((h + u) * s->W + w + v) * s->inner, s->inner, (guint8) (u * a->window[1] + v), best, position);
  }
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
  .any_block = TRUE,
  .shape = pool_shape,
  .run = max_pool_run,
  .gradient = max_pool_gradient,
};

static void
max_backward_plane (const RvPoolAttrs *a, const Sizes *s, const real *gy, const guint8 *index, real *gx)
{
  memset (gx, 0, s->H * s->W * s->inner * sizeof (real));
  for (gint64 i = 0; i < s->Ho; i++)
    for (gint64 j = 0; j < s->Wo; j++) {
      gint64 u0, u1, v0, v1, h = i * a->stride[0] - a->pad.top, w = j * a->stride[1] - a->pad.left;
      gint64 at = (i * s->Wo + j) * s->inner;
      window_inside (h, a->window[0], s->H, &u0, &u1);
      window_inside (w, a->window[1], s->W, &v0, &v1);
      for (gint64 u = u0; u < u1; u++)
        for (gint64 v = v0; v < v1; v++)
          add_where (gy + at, index + at, (guint8) (u * a->window[1] + v), s->inner,
                     gx + ((h + u) * s->W + w + v) * s->inner);
    }
}

static void
max_pool_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Sizes s = sizes_of (&out[0], &in[0]);

#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < s.planes; p++) {
    gint64 small = p * s.Ho * s.Wo * s.inner, big = p * s.H * s.W * s.inner;
    max_backward_plane (&attrs->pool, &s, (const real *) in[0].data + small, (const guint8 *) in[1].data + small,
                        (real *) out[0].data + big);
  }
}

const RvOpClass RV_OP (max_pool_backward) = {
  .name = "max_pool_backward",
  .min_in = 2,
  .max_in = 2,
  .n_out = 1,
  .any_block = TRUE,
  .shape = backward_shape,
  .run = max_pool_backward_run,
};

/* ---- average ----------------------------------------------------------------------------------------------------- */

static real
average_scale (const RvPoolAttrs *a, gint64 u0, gint64 u1, gint64 v0, gint64 v1)
{
  return (real) (a->scale / (double) ((u1 - u0) * (v1 - v0)));
}

static void
average_row (const RvPoolAttrs *a, const Sizes *s, const real *x, gint64 i, real *y)
{
  gint64 u0, u1, v0, v1, h = i * a->stride[0] - a->pad.top;
  window_inside (h, a->window[0], s->H, &u0, &u1);
  memset (y, 0, s->Wo * s->inner * sizeof (real));
  for (gint64 j = 0; j < s->Wo; j++) {
    gint64 w = j * a->stride[1] - a->pad.left;
    window_inside (w, a->window[1], s->W, &v0, &v1);
    real scale = average_scale (a, u0, u1, v0, v1);
    for (gint64 u = u0; u < u1; u++)
      for (gint64 v = v0; v < v1; v++)
        add_scaled (x + ((h + u) * s->W + w + v) * s->inner, s->inner, scale, y + j * s->inner);
  }
}

static void
average_pool_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Sizes s = sizes_of (&in[0], &out[0]);

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < s.planes * s.Ho; row++)
    average_row (&attrs->pool, &s, (const real *) in[0].data + row / s.Ho * s.H * s.W * s.inner, row % s.Ho,
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
  .any_block = TRUE,
  .shape = average_shape,
  .run = average_pool_run,
  .gradient = average_pool_gradient,
};

/* The windows that cover one row or column: first .. last-1. */
static void
windows_over (gint64 at, int before, int window, int stride, gint64 n_out, gint64 *first, gint64 *last)
{
  gint64 reach = at + before - window + 1;
  *first = reach <= 0 ? 0 : (reach + stride - 1) / stride;
  *last = MIN (n_out, (at + before) / stride + 1);
}

/* One row of gx, gathered from the windows over it: rows are independent, so threads may share a plane. */
static void
average_backward_row (const RvPoolAttrs *a, const Sizes *s, const real *gy, gint64 h, real *gx)
{
  gint64 i0, i1, j0, j1, u0, u1, v0, v1;
  memset (gx, 0, s->W * s->inner * sizeof (real));
  windows_over (h, a->pad.top, a->window[0], a->stride[0], s->Ho, &i0, &i1);
  for (gint64 i = i0; i < i1; i++) {
    window_inside (i * a->stride[0] - a->pad.top, a->window[0], s->H, &u0, &u1);
    for (gint64 w = 0; w < s->W; w++) {
      windows_over (w, a->pad.left, a->window[1], a->stride[1], s->Wo, &j0, &j1);
      for (gint64 j = j0; j < j1; j++) {
        window_inside (j * a->stride[1] - a->pad.left, a->window[1], s->W, &v0, &v1);
        add_scaled (gy + (i * s->Wo + j) * s->inner, s->inner, average_scale (a, u0, u1, v0, v1), gx + w * s->inner);
      }
    }
  }
}

static void
average_pool_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Sizes s = sizes_of (&out[0], &in[0]);

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < s.planes * s.H; row++)
    average_backward_row (&attrs->pool, &s, (const real *) in[0].data + row / s.H * s.Ho * s.Wo * s.inner, row % s.H,
                          (real *) out[0].data + row * s.W * s.inner);
}

const RvOpClass RV_OP (average_pool_backward) = {
  .name = "average_pool_backward",
  .min_in = 1,
  .max_in = 1,
  .n_out = 1,
  .any_block = TRUE,
  .shape = backward_shape,
  .run = average_pool_backward_run,
};
