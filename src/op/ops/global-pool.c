/* global-pool.c -- sums over all positions of each channel of each picture, times a factor. The factor 1 / positions
 * makes the global average pooling.
 *
 *   global_pool           y[n,c] = f sum over h,w of x[n,c,h,w], or of x[n,c,h,w] z[n,c,h,w]
 *   global_pool_backward  gx[n,c,h,w] = f gy[n,c]
 *
 * y and gy are [N, C, 1, 1], f is attrs->global.factor. With z, which gradients of products need, there is no gradient.
 * Sums in double.
 */
#include "op/plane-sums.h"

static gboolean
global_pool_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || (n_in > 1 && !rv_shape_equal (&in[0], &in[1])))
    return rv__shape_error ("global_pool", "needs one or two of [N, C, H, W]", n_in, in, error);
  out[0] = (RvShape){ 4, { in[0].dim[0], in[0].dim[1], 1, 1 } };
  return TRUE;
}

/* RvOpClass.run of global_pool: writes y [N, C, 1, 1], the sums of x, or of x z, times global.factor. Inputs: x, and
 * optionally z. Cannot fail. */
static void
global_pool_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const Planes planes = planes_of (&in[0]);
  g_autofree Sums *sums = sum_planes (&planes, in[0].data, in[n_in - 1].data);
  for (gint64 channel = 0; channel < planes.planes * planes.block; channel++) {
    const Sums *plane = &sums[channel / planes.block];
    double sum = (n_in > 1 ? plane->product : plane->sum)[channel % planes.block];
    ((real *) out[0].data)[channel] = (real) (attrs->global.factor * sum);
  }
}

/* RvOpClass.gradient of the form with x alone. With z records nothing: there is no gradient. */
static void
global_pool_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  const RvShape *x = rv__program_shape (program, step->in[0]);
  RvOpAttrs attrs = { .global = { step->attrs.global.factor, { x->dim[2], x->dim[3] } } };
  if (step->n_in == 1)
    grad_in[0] = RV_RECORD (GLOBAL_POOL_BACKWARD, &attrs, grad_out);
}

const RvOpClass RV_OP (global_pool) = {
  .n_in = 1,
  .max_in = 2,
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

/* RvOpClass.run of global_pool_backward: writes gx = global.factor * gy at all positions. Input: gy [N, C, 1, 1].
 * Cannot fail. */
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
  .n_in = 1,
  .supports = RV_SUPPORTS_BLOCKS,
  .shape = global_pool_backward_shape,
  .run = global_pool_backward_run,
};
