/* bias.c -- one number added per channel, or per column: y[n,c,h,w] = x[n,c,h,w] + b[c], y[n,c] = x[n,c] + b[c].
 *
 *   backward  gx = gy;  gb[c] = sum over n,h,w of gy[n,c,h,w]
 */
#include "op/real.h"

static gboolean
bias_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if ((in[0].n != 4 && in[0].n != 2) || in[1].n != 1 || in[1].dim[0] != in[0].dim[1])
    return rv__shape_error ("bias", "needs x [N, C, H, W] or [N, C] and b [C]", n_in, in, error);
  out[0] = in[0];
  return TRUE;
}

/* Adds @b to @n positions of @block adjacent channels. */
RV_CLONES static void
add_bias (const real *x, const real *b, gint64 n, gint64 block, real *y)
{
  if (block == 1)
    for (gint64 i = 0; i < n; i++)
      y[i] = x[i] + b[0];
  else
    for (gint64 i = 0; i < n; i++)
      for (gint64 k = 0; k < block; k++)
        y[i * block + k] = x[i * block + k] + b[k];
}

static void
bias_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const gint64 *d = in[0].shape.dim;
  gboolean columns = in[0].shape.n == 2; /* rows of columns are one block of all channels */
  gint64 block = columns ? d[1] : block_of (&in[0]), P = columns ? 1 : d[2] * d[3], planes = d[0] * d[1] / block;

#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < planes; p++)
    add_bias ((const real *) in[0].data + p * P * block, (const real *) in[1].data + p * block % d[1], P, block,
              (real *) out[0].data + p * P * block);
}

static void
bias_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  if (wanted[0])
    grad_in[0] = grad_out;
  if (wanted[1])
    grad_in[1] = rv__program_record (program, RV_OP_CHANNEL_SUM, NULL, 1, &grad_out);
}

const RvOpClass RV_OP (bias) = {
  .name = "bias",
  .n_in = 2,
  .n_out = 1,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .shape = bias_shape,
  .run = bias_run,
  .gradient = bias_gradient,
};
