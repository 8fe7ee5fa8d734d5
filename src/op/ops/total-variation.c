/* total-variation.c -- differences of neighbouring pixels, in three variants, each as two sums.
 *
 * With dy[i,j] = x[i+1,j] - x[i,j] (for i < H-1) and dx[i,j] = x[i,j+1] - x[i,j] (for j < W-1), per channel:
 *   KERAS     [sum of (dy^2 + dx^2)^1.25 where both exist, 0]   the power is per element. The regulariser of Mahendran
 *             and Vedaldi 2015, "Understanding deep image representations by inverting them", with beta = 2.5
 *   ABSOLUTE  [sum |dy|, sum |dx|]                              the derivative of |d| at 0 is 0
 *   SQUARED   [sum dy^2, sum dx^2]
 *
 * With a mask [H, W] both differences of a pixel are multiplied by the mask there. With a mask of 1 in a tile's core
 * and 0 in its halo, the sums of overlapping tiles add up to those of the picture. The mask is an input: no gradient.
 * Rows are summed in double and added in order: the same number for any number of threads.
 */
#include "op/real.h"
#include <tgmath.h> /* sqrt() of the type of its argument */

static gboolean
tv_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  gboolean fits = n_in == 1 || (in[1].n == 2 && in[1].dim[0] == in[0].dim[2] && in[1].dim[1] == in[0].dim[3]);
  if (in[0].n != 4 || !fits)
    return rv__shape_error ("total_variation", "needs [N, C, H, W], and where there is a mask, [H, W]", n_in, in,
                            error);
  out[0] = (RvShape){ 1, { 2 } };
  return TRUE;
}

/* Pixels of a picture and the mask of their differences, which is a row of ones for all rows without a mask. */
typedef struct {
  RvTvKind kind;
  gint64 H, W, mask_step; /* offset to the next row of the mask, 0 for the ones */
  const real *x, *mask;
} Picture;

/* Fills *picture (out). Returns (transfer full) (nullable): the row of ones that *picture uses; NULL with a @mask. */
static real *
picture_of (const RvOpAttrs *attrs, const RvView *x, const RvView *mask, Picture *picture)
{
  const gint64 *d = x->shape.dim;
  real *ones = mask ? NULL : g_new (real, d[3] + 1);
  for (gint64 j = 0; ones && j < d[3]; j++)
    ones[j] = 1;
  *picture = (Picture){ attrs->tv.kind, d[2], d[3], mask ? d[3] : 0, x->data, mask ? mask->data : ones };
  return ones;
}

/* sums[0] = sum of (dy^2 + dx^2)^1.25 over @n pixels of the row @x; dy is the difference from @below. Computed as r *
 * sqrt (sqrt (r)): pow() would take most of the time of an iteration. */
RV_CLONES static void
sums_keras (const real *x, const real *below, const real *mask, gint64 n, double sums[2])
{
  double total = 0;
  for (gint64 j = 0; j < n; j++) {
    real dy = mask[j] * (below[j] - x[j]), dx = mask[j] * (x[j + 1] - x[j]), r = dy * dy + dx * dx;
    total += (double) (r * sqrt (sqrt (r)));
  }
  sums[0] = total;
}

/* Sum of |d| or d^2 over @n pixels, d = mask (a - b). */
RV_CLONES static double
sum_differences (const real *a, const real *b, const real *mask, gint64 n, gboolean squared)
{
  double sum = 0;
  if (squared)
    for (gint64 j = 0; j < n; j++) {
      real d = mask[j] * (a[j] - b[j]);
      sum += (double) (d * d);
    }
  else
    for (gint64 j = 0; j < n; j++)
      sum += fabs ((double) (mask[j] * (a[j] - b[j])));
  return sum;
}

/* Overwrites @sums with two sums over the row @x, W numbers: of its differences from the row below, 0 unless @down
 * (there is one), and from the next number to the right. They are absolute or squared, as picture->kind says. Keras'
 * kind: sums_keras(), 0 unless @down. @mask: weights of the row, [W]. */
static void
sum_row (const Picture *picture, const real *x, const real *mask, gboolean down, double sums[2])
{
  gint64 W = picture->W;
  sums[0] = sums[1] = 0;
  if (picture->kind == RV_TV_KERAS) {
    if (down)
      sums_keras (x, x + W, mask, W - 1, sums);
    return;
  }
  gboolean squared = picture->kind == RV_TV_SQUARED;
  if (down)
    sums[0] = sum_differences (x + W, x, mask, W, squared);
  sums[1] = sum_differences (x + 1, x, mask, W - 1, squared);
}

/* RvOpClass.run of total_variation: writes [2] sums over the differences between neighbours in x: vertical, horizontal;
 * of d^2 or |d|, by attrs->tv.kind. RV_TV_KERAS: one sum of (dy^2 + dx^2)^1.25, then 0. Input 1, optional: a mask [H,
 * W] that multiplies the differences. Cannot fail. */
static void
tv_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Picture picture;
  g_autofree real *ones = picture_of (attrs, &in[0], n_in > 1 ? &in[1] : NULL, &picture);
  gint64 H = picture.H, rows = in[0].shape.dim[0] * in[0].shape.dim[1] * H;
  g_autofree double *sums = g_new0 (double, 2 * rows + 2);
  double total[2] = { 0, 0 };

#pragma omp parallel for schedule(static)
  for (gint64 r = 0; r < rows; r++)
    sum_row (&picture, picture.x + r * picture.W, picture.mask + r % H * picture.mask_step, r % H + 1 < H,
             sums + 2 * r);
  for (gint64 r = 0; r < rows; r++)
    total[0] += sums[2 * r], total[1] += sums[2 * r + 1];
  ((real *) out[0].data)[0] = (real) total[0];
  ((real *) out[0].data)[1] = (real) total[1];
}

static void
tv_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  int mask = step->n_in > 1 ? step->in[1] : -1;
  grad_in[0] = RV_RECORD (TOTAL_VARIATION_BACKWARD, &step->attrs, step->in[0], grad_out, mask);
}

const RvOpClass RV_OP (total_variation) = {
  .n_in = 1,
  .max_in = 2,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = tv_shape,
  .run = tv_run,
  .gradient = tv_gradient,
};

/* ---- backward ---------------------------------------------------------------------------------------------------- */

/* Gradient of sums_keras(): d/d(dy) of r^1.25 is 2.5 dy r^0.25. Adds to the three pixels of each pair of
 * differences. */
RV_CLONES static void
spread_keras (const real *x, const real *below, const real *mask, real g, gint64 n, real *gx, real *gbelow)
{
  for (gint64 j = 0; j < n; j++) {
    real dy = mask[j] * (below[j] - x[j]), dx = mask[j] * (x[j + 1] - x[j]), r = dy * dy + dx * dx;
    real k = mask[j] * (g * (real) 2.5 * sqrt (sqrt (r)));
    gx[j] -= k * (dy + dx);
    gx[j + 1] += k * dx;
    gbelow[j] += k * dy;
  }
}

/* Derivative at @difference of d^2 (RV_TV_SQUARED), else of |d|: -1, 0 or 1. */
static real
derivative (RvTvKind kind, real difference)
{
  if (kind == RV_TV_SQUARED)
    return 2 * difference;
  return (real) ((difference > 0) - (difference < 0));
}

/* Adds the gradient of the pairs (a[j], b[j]), j < n, to @ga and @gb. @mask: weight of each pair, [@n]; @g: gradient of
 * the sum. */
static void
spread_differences (RvTvKind kind, const real *a, const real *b, const real *mask, real g, gint64 n, real *ga, real *gb)
{
  for (gint64 j = 0; j < n; j++) {
    real k = mask[j] * (g * derivative (kind, mask[j] * (b[j] - a[j])));
    ga[j] -= k;
    gb[j] += k;
  }
}

/* Writes @gx, the gradient of one plane @x, [H, W], from g[0], g[1], those of the two sums. @picture: kind, H, W and
 * mask. */
static void
backward_plane (const Picture *picture, const real *x, const real *g, real *gx)
{
  gint64 H = picture->H, W = picture->W;
  memset (gx, 0, H * W * sizeof (real));
  for (gint64 h = 0; h < H; h++) {
    const real *mask = picture->mask + h * picture->mask_step;
    gboolean down = h + 1 < H;
    gint64 at = h * W;
    if (picture->kind == RV_TV_KERAS) {
      if (down)
        spread_keras (x + at, x + at + W, mask, g[0], W - 1, gx + at, gx + at + W);
      continue;
    }
    if (down)
      spread_differences (picture->kind, x + at, x + at + W, mask, g[0], W, gx + at, gx + at + W);
    spread_differences (picture->kind, x + at, x + at + 1, mask, g[1], W - 1, gx + at, gx + at + 1);
  }
}

/* RvOpClass.run of total_variation_backward: writes gx. Inputs: x, the gradients [2] of both sums, and optionally the
 * mask. Cannot fail. */
static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  Picture picture;
  g_autofree real *ones = picture_of (attrs, &in[0], n_in > 2 ? &in[2] : NULL, &picture);
  const RvShape *shape = &in[0].shape;
  gint64 plane = shape->dim[2] * shape->dim[3];

#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < shape->dim[0] * shape->dim[1]; p++)
    backward_plane (&picture, picture.x + p * plane, in[1].data, (real *) out[0].data + p * plane);
}

const RvOpClass RV_OP (total_variation_backward) = {
  .n_in = 2,
  .max_in = 3,
  .run = backward_run,
};
