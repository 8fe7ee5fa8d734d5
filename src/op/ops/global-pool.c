/* global-pool.c -- sums over all positions of each channel of each picture, times a factor. The factor 1 / positions
 * makes the global average pooling.
 *
 *   global_pool           y[n,c] = f sum over h,w of x[n,c,h,w], or of x[n,c,h,w] z[n,c,h,w]
 *   global_pool_backward  gx[n,c,h,w] = f gy[n,c]
 *
 * y and gy are [N, C, 1, 1], f is attrs->global.factor. With z, which gradients of products need, there is no gradient.
 * Sums in double.
 */
#include "op/real.h"

#define LANES 16 /* numbers summed in parallel: channels of a block, or neighbours in a row */

static gboolean
global_pool_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || (n_in > 1 && !rv_shape_equal (&in[0], &in[1])))
    return rv__shape_error ("global_pool", "needs one or two of [N, C, H, W]", n_in, in, error);
  out[0] = (RvShape){ 4, { in[0].dim[0], in[0].dim[1], 1, 1 } };
  return TRUE;
}

/* sum[k] += x[i stride + k] z[i stride + k] for i < n, k < count <= LANES. @z: (nullable): ones. */
RV_CLONES static void
add_products (const real *x, const real *z, gint64 n, gint64 stride, gint64 count, double *sum)
{
  for (gint64 i = 0; i < n * stride; i += stride)
#pragma omp simd
    for (gint64 k = 0; k < count; k++)
      sum[k] += z ? (double) x[i + k] * (double) z[i + k] : (double) x[i + k];
}

/* Writes to @y, [block], the sum over @n adjacent positions of each channel of a block, times @factor. @z: (nullable):
 * factors of @x. */
static void
sum_plane (const real *x, const real *z, gint64 n, gint64 block, double factor, real *y)
{
  double sum[LANES];
  for (gint64 first = 0; first < block; first += LANES) {
    gint64 count = MIN (block - first, LANES);
    memset (sum, 0, sizeof sum);
    if (block == 1) {
      gint64 whole = n / LANES * LANES;
      add_products (x, z, n / LANES, LANES, LANES, sum);
      add_products (x + whole, z ? z + whole : NULL, n - whole, 1, 1, sum);
      for (int k = 1; k < LANES; k++)
        sum[0] += sum[k];
    } else
      add_products (x + first, z ? z + first : NULL, n, block, count, sum);
    for (gint64 k = 0; k < count; k++)
      y[first + k] = (real) (factor * sum[k]);
  }
}

static void
global_pool_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const gint64 *d = in[0].shape.dim;
  gint64 block = block_of (&in[0]), positions = d[2] * d[3];
  const real *x = in[0].data, *z = n_in > 1 ? in[1].data : NULL;
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < d[0] * d[1]; c += block)
    sum_plane (x + c * positions, z ? z + c * positions : NULL, positions, block, attrs->global.factor,
               (real *) out[0].data + c);
}

static void
global_pool_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  const RvShape *x = rv__program_shape (program, step->in[0]);
  RvOpAttrs attrs = { .global = { step->attrs.global.factor, { x->dim[2], x->dim[3] } } };
  if (step->n_in == 1)
    grad_in[0] = RV_RECORD (GLOBAL_POOL_BACKWARD, &attrs, grad_out);
}

const RvOpClass RV_OP (global_pool) = {
  .name = "global_pool",
  .n_in = 1,
  .max_in = 2,
  .n_out = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = global_pool_shape,
  .run = global_pool_run,
  .gradient = global_pool_gradient,
};

static gboolean
global_pool_backward_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || in[0].dim[2] != 1 || in[0].dim[3] != 1)
    return rv__shape_error ("global_pool_backward", "needs [N, C, 1, 1]", n_in, in, error);
  out[0] = (RvShape){ 4, { in[0].dim[0], in[0].dim[1], attrs->global.extent[0], attrs->global.extent[1] } };
  return TRUE;
}

static void
global_pool_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const gint64 *d = out[0].shape.dim;
  gint64 block = block_of (&out[0]), n = d[2] * d[3] * block;
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < d[0] * d[1]; c += block)
    for (gint64 i = 0; i < n; i++)
      ((real *) out[0].data)[c * d[2] * d[3] + i] =
        (real) (attrs->global.factor * ((const real *) in[0].data)[c + i % block]);
}

const RvOpClass RV_OP (global_pool_backward) = {
  .name = "global_pool_backward",
  .n_in = 1,
  .n_out = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = global_pool_backward_shape,
  .run = global_pool_backward_run,
};
