/* total-variation.c -- how much neighbouring pixels differ, in three forms, each as two sums.
 *
 * With dy[i,j] = x[i+1,j] - x[i,j] (for i < H-1) and dx[i,j] = x[i,j+1] - x[i,j] (for j < W-1), per channel:
 *   KERAS     [sum of (dy^2 + dx^2)^1.25 where both exist, 0]   the power is per element. The regulariser of Mahendran
 *             and Vedaldi 2015, "Understanding deep image representations by inverting them", with beta = 2.5
 *   ABSOLUTE  [sum |dy|, sum |dx|]                              the derivative of |d| at 0 is 0
 *   SQUARED   [sum dy^2, sum dx^2]
 *
 * Only pairs that start inside the upper left `core` of the picture count, so that the sums of overlapping tiles add
 * up to those of the whole. Rows are summed in double and added in order: the same number for any number of threads.
 */
#include "op/real.h"
#include <math.h>

static gboolean
tv_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4)
    return rv__shape_error ("total_variation", "wants [N, C, H, W]", n_in, in, error);
  out[0] = (RvShape){ 1, { 2 } };
  return TRUE;
}

/* One row of one channel, what its pairs need, and how far the core reaches. */
typedef struct {
  RvTvForm form;
  gint64 W, core_w; /* columns; of them, those whose pairs count */
  gboolean down;    /* there is a row below */
} Row;

/* (dy^2 + dx^2)^1.25 as r * sqrt (sqrt (r)), r = dy^2 + dx^2: pow() would be most of an iteration. */
RV_CLONES static void
sums_keras (const real *x, const real *below, gint64 n, double sums[2])
{
  double total = 0;
  for (gint64 j = 0; j < n; j++) {
    real dy = below[j] - x[j], dx = x[j + 1] - x[j], r = dy * dy + dx * dx;
#ifdef RV_REAL_IS_DOUBLE
    total += r * sqrt (sqrt (r));
#else
    total += (double) (r * sqrtf (sqrtf (r)));
#endif
  }
  sums[0] = total;
}

RV_CLONES static double
sum_differences (const real *a, const real *b, gint64 n, gboolean squared)
{
  double sum = 0;
  if (squared)
    for (gint64 j = 0; j < n; j++)
      sum += (double) ((a[j] - b[j]) * (a[j] - b[j]));
  else
    for (gint64 j = 0; j < n; j++)
      sum += fabs ((double) (a[j] - b[j]));
  return sum;
}

static void
sum_row (const Row *row, const real *x, double sums[2])
{
  gint64 n_right = MIN (row->core_w, row->W - 1);
  sums[0] = sums[1] = 0;
  if (row->form == RV_TV_KERAS) {
    if (row->down)
      sums_keras (x, x + row->W, n_right, sums);
    return;
  }
  gboolean squared = row->form == RV_TV_SQUARED;
  if (row->down)
    sums[0] = sum_differences (x + row->W, x, row->core_w, squared);
  sums[1] = sum_differences (x + 1, x, n_right, squared);
}

static Row
row_of (const RvOpAttrs *attrs, const RvShape *shape, gint64 h)
{
  gint64 core_w = attrs->tv.core[1] ? MIN (attrs->tv.core[1], shape->dim[3]) : shape->dim[3];
  return (Row){ attrs->tv.form, shape->dim[3], core_w, h + 1 < shape->dim[2] };
}

static gint64
core_rows (const RvOpAttrs *attrs, const RvShape *shape)
{
  return attrs->tv.core[0] ? MIN (attrs->tv.core[0], shape->dim[2]) : shape->dim[2];
}

static void
tv_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const RvShape *shape = &in[0].shape;
  gint64 H = shape->dim[2], W = shape->dim[3], rows = shape->dim[0] * shape->dim[1] * H;
  gint64 core_h = core_rows (attrs, shape);
  g_autofree double *sums = g_new0 (double, 2 * rows + 2);
  double total[2] = { 0, 0 };

#pragma omp parallel for schedule(static)
  for (gint64 r = 0; r < rows; r++) {
    Row row = row_of (attrs, shape, r % H);
    if (r % H < core_h)
      sum_row (&row, (const real *) in[0].data + r * W, sums + 2 * r);
  }
  for (gint64 r = 0; r < rows; r++)
    total[0] += sums[2 * r], total[1] += sums[2 * r + 1];
  ((real *) out[0].data)[0] = (real) total[0];
  ((real *) out[0].data)[1] = (real) total[1];
}

static void
tv_gradient (RvProgram *program, const RvStep *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  grad_in[0] =
    rv__program_record (program, RV_OP_TOTAL_VARIATION_BACKWARD, &step->attrs, 2, (int[]){ step->in[0], grad_out });
}

const RvOpClass RV_OP (total_variation) = {
  .name = "total_variation",
  .min_in = 1,
  .max_in = 1,
  .n_out = 1,
  .reach = RV_REACH_SUM,
  .work = rv__work_of_elements,
  .shape = tv_shape,
  .run = tv_run,
  .gradient = tv_gradient,
};

/* ---- backward ---------------------------------------------------------------------------------------------------- */

/* d/d(dy) of r^1.25 is 2.5 dy r^0.25. Adds to the three pixels of each pair of pairs. */
RV_CLONES static void
spread_keras (const real *x, const real *below, real g, gint64 n, real *gx, real *gbelow)
{
  for (gint64 j = 0; j < n; j++) {
    real dy = below[j] - x[j], dx = x[j + 1] - x[j], r = dy * dy + dx * dx;
#ifdef RV_REAL_IS_DOUBLE
    real k = g * 2.5 * sqrt (sqrt (r));
#else
    real k = g * 2.5f * sqrtf (sqrtf (r));
#endif
    gx[j] -= k * (dy + dx);
    gx[j + 1] += k * dx;
    gbelow[j] += k * dy;
  }
}

static real
slope (RvTvForm form, real difference)
{
  if (form == RV_TV_SQUARED)
    return 2 * difference;
  return (real) ((difference > 0) - (difference < 0));
}

/* Adds the gradient of the pairs (a[j], b[j]), j < n, to both ends. */
static void
spread_differences (RvTvForm form, const real *a, const real *b, real g, gint64 n, real *ga, real *gb)
{
  for (gint64 j = 0; j < n; j++) {
    real k = g * slope (form, b[j] - a[j]);
    ga[j] -= k;
    gb[j] += k;
  }
}

static void
backward_plane (const RvOpAttrs *attrs, const RvShape *shape, const real *x, const real *g, real *gx)
{
  gint64 H = shape->dim[2], W = shape->dim[3], core_h = core_rows (attrs, shape);
  memset (gx, 0, H * W * sizeof (real));
  for (gint64 h = 0; h < core_h; h++) {
    Row row = row_of (attrs, shape, h);
    gint64 at = h * W, n_right = MIN (row.core_w, W - 1);
    if (row.form == RV_TV_KERAS) {
      if (row.down)
        spread_keras (x + at, x + at + W, g[0], n_right, gx + at, gx + at + W);
      continue;
    }
    if (row.down)
      spread_differences (row.form, x + at, x + at + W, g[0], row.core_w, gx + at, gx + at + W);
    spread_differences (row.form, x + at, x + at + 1, g[1], n_right, gx + at, gx + at + 1);
  }
}

static gboolean
backward_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  out[0] = in[0];
  return TRUE;
}

static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const RvShape *shape = &in[0].shape;
  gint64 plane = shape->dim[2] * shape->dim[3];

#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < shape->dim[0] * shape->dim[1]; p++)
    backward_plane (attrs, shape, (const real *) in[0].data + p * plane, in[1].data, (real *) out[0].data + p * plane);
}

const RvOpClass RV_OP (total_variation_backward) = {
  .name = "total_variation_backward",
  .min_in = 2,
  .max_in = 2,
  .n_out = 1,
  .work = rv__work_of_elements,
  .shape = backward_shape,
  .run = backward_run,
};
