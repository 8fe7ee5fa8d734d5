/* channel-norm.c -- normalises the channels of each position to mean 0 and variance 1, then scales and shifts them.
 *
 * Ba, Kiros, Hinton 2016, "Layer normalization", over the C channels of one position, as ConvNeXt uses it (Liu, Mao,
 * Wu, Feichtenhofer, Darrell, Xie 2022, "A ConvNet for the 2020s"):
 *
 *   y[c] = scale[c] z[c] + shift[c]      z[c] = (x[c] - m) r, m = mean of x, r = 1 / sqrt (mean of (x - m)^2 + epsilon)
 *   gx[c] = r (g[c] - mean of g - z[c] mean of g z)        g[c] = scale[c] gy[c]
 */
#include "op/real.h"
#include <math.h>

#define CHUNK                                                                                                          \
  256 /* numbers of a row: some positions of all channels of a block; the rows of a task stay in the cache */

static gboolean
channel_norm_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  for (int i = 1; i < 3; i++)
    if (in[0].n != 4 || in[i].n != 1 || in[i].dim[0] != in[0].dim[1])
      return rv__shape_error ("channel_norm", "needs x [N, C, H, W], scale [C] and shift [C]", n_in, in, error);
  out[0] = in[0];
  return TRUE;
}

static double
channel_norm_work (const RvOpAttrs *attrs, const RvShape *in, const RvShape *out)
{
  return 8.0 * (double) rv_shape_count (&in[0]);
}

/* Rows of one task: @n numbers, which are positions times @block channels, of each plane of @block channels. */
typedef struct {
  gint64 n_planes, plane, n, block; /* plane: numbers from one row to the next */
  double epsilon;
} Rows;

/* sums[i] += x[i]. */
RV_CLONES static void
add_row (const real *restrict x, gint64 n, real *restrict sums)
{
  for (gint64 i = 0; i < n; i++)
    sums[i] += x[i];
}

/* sums[i] += (x[i] - mean[i])^2. */
RV_CLONES static void
add_squares (const real *restrict x, const real *restrict mean, gint64 n, real *restrict sums)
{
  for (gint64 i = 0; i < n; i++)
    sums[i] += (x[i] - mean[i]) * (x[i] - mean[i]);
}

/* Replaces the sums of each position, one for each channel of a block, by their mean over all channels. */
static void
to_means (const Rows *rows, real *sums)
{
  real factor = (real) 1 / (real) (rows->n_planes * rows->block);
  for (gint64 i = 0; i < rows->n; i += rows->block) {
    real sum = 0;
    for (gint64 k = 0; k < rows->block; k++)
      sum += sums[i + k];
    for (gint64 k = 0; k < rows->block; k++)
      sums[i + k] = sum * factor;
  }
}

/* Sets @mean and @r, 1 / deviation, of the position of each number of a row of @x. */
static void
moments_of (const Rows *rows, const real *x, real *mean, real *r)
{
  memset (mean, 0, (gsize) rows->n * sizeof (real));
  memset (r, 0, (gsize) rows->n * sizeof (real));
  for (gint64 k = 0; k < rows->n_planes; k++)
    add_row (x + k * rows->plane, rows->n, mean);
  to_means (rows, mean);
  for (gint64 k = 0; k < rows->n_planes; k++)
    add_squares (x + k * rows->plane, mean, rows->n, r);
  to_means (rows, r);
  for (gint64 i = 0; i < rows->n; i++)
    r[i] = 1 / (real) sqrt (r[i] + (real) rows->epsilon);
}

/* Fills @row, of @n numbers, with copies of the @block ones in @numbers. @n: a multiple of @block. */
static void
repeat (const real *numbers, gint64 block, gint64 n, real *row)
{
  memcpy (row, numbers, (gsize) block * sizeof (real));
  for (gint64 done = block; done < n; done *= 2)
    memcpy (row + done, row, (gsize) MIN (done, n - done) * sizeof (real));
}

/* y = scale (x - mean) r + shift, for the @n numbers of a row. */
RV_CLONES static void
normalize_row (const real *x, const real *mean, const real *r, const real *scale, const real *shift, gint64 n, real *y)
{
#pragma omp simd
  for (gint64 i = 0; i < n; i++)
    y[i] = scale[i] * (x[i] - mean[i]) * r[i] + shift[i];
}

/* Adds g to @sums and g z to @products, for the @n numbers of a row. */
RV_CLONES static void
add_gradients (const real *x, const real *gy, const real *mean, const real *r, const real *scale, gint64 n,
               real *restrict sums, real *restrict products)
{
  for (gint64 i = 0; i < n; i++) {
    real g = scale[i] * gy[i];
    sums[i] += g;
    products[i] += g * (x[i] - mean[i]) * r[i];
  }
}

/* gx = r (g - mean_g - z mean_gz), for the @n numbers of a row. */
RV_CLONES static void
backward_row (const real *x, const real *gy, const real *mean, const real *r, const real *scale, const real *mean_g,
              const real *mean_gz, gint64 n, real *gx)
{
#pragma omp simd
  for (gint64 i = 0; i < n; i++)
    gx[i] = r[i] * (scale[i] * gy[i] - mean_g[i] - (x[i] - mean[i]) * r[i] * mean_gz[i]);
}

static void
forward_rows (const Rows *rows, const real *x, const real *scale, const real *shift, real *y)
{
  real mean[CHUNK], r[CHUNK], scales[CHUNK], shifts[CHUNK];
  moments_of (rows, x, mean, r);
  for (gint64 k = 0; k < rows->n_planes; k++) {
    repeat (scale + k * rows->block, rows->block, rows->n, scales);
    repeat (shift + k * rows->block, rows->block, rows->n, shifts);
    normalize_row (x + k * rows->plane, mean, r, scales, shifts, rows->n, y + k * rows->plane);
  }
}

static void
backward_rows (const Rows *rows, const real *x, const real *gy, const real *scale, real *gx)
{
  real mean[CHUNK], r[CHUNK], scales[CHUNK], mean_g[CHUNK] = { 0 }, mean_gz[CHUNK] = { 0 };
  moments_of (rows, x, mean, r);
  for (gint64 k = 0; k < rows->n_planes; k++) {
    repeat (scale + k * rows->block, rows->block, rows->n, scales);
    add_gradients (x + k * rows->plane, gy + k * rows->plane, mean, r, scales, rows->n, mean_g, mean_gz);
  }
  to_means (rows, mean_g);
  to_means (rows, mean_gz);
  for (gint64 k = 0; k < rows->n_planes; k++) {
    repeat (scale + k * rows->block, rows->block, rows->n, scales);
    backward_row (x + k * rows->plane, gy + k * rows->plane, mean, r, scales, mean_g, mean_gz, rows->n,
                  gx + k * rows->plane);
  }
}

/* Runs forward_rows(), or backward_rows() if @gy is not NULL, on all positions of @x, and writes y or gx to @out. */
static void
run_rows (const RvOpAttrs *attrs, const RvView *x, const real *gy, const real *scale, const real *shift, real *out)
{
  const gint64 *d = x->shape.dim;
  gint64 block = block_of (x), plane = d[2] * d[3] * block, step = CHUNK / block * block;
  gint64 n_parts = (plane + step - 1) / step;
#pragma omp parallel for schedule(static) if (rv_shape_count(&x->shape) >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < d[0] * n_parts; i++) {
    gint64 first = i % n_parts * step, at = i / n_parts * d[1] / block * plane + first;
    const Rows rows = { d[1] / block, plane, MIN (step, plane - first), block, attrs->norm.epsilon };
    const real *from = (const real *) x->data + at;
    if (gy)
      backward_rows (&rows, from, gy + at, scale, out + at);
    else
      forward_rows (&rows, from, scale, shift, out + at);
  }
}

/* RvOpClass.run of channel_norm. Inputs: x, scale, shift. Cannot fail. */
static void
channel_norm_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  run_rows (attrs, &in[0], NULL, in[1].data, in[2].data, out[0].data);
}

RV_GRADIENT (channel_norm, CHANNEL_NORM_BACKWARD, &step->attrs, grad_out, step->in[0], step->in[1])

const RvOpClass RV_OP (channel_norm) = {
  .n_in = 3,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .work = channel_norm_work,
  .shape = channel_norm_shape,
  .run = channel_norm_run,
  .gradient = channel_norm_gradient,
};

/* RvOpClass.run of channel_norm_backward. Inputs: gy, x, scale. Cannot fail. */
static void
channel_norm_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  run_rows (attrs, &in[1], in[0].data, in[2].data, NULL, out[0].data);
}

const RvOpClass RV_OP (channel_norm_backward) = {
  .n_in = 3,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .work = channel_norm_work,
  .run = channel_norm_backward_run,
};
