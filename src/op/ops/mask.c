/* mask.c -- multiplies all channels by a mask: y[n,c,h,w] = mask[h,w] * x[n,c,h,w].
 *
 *   backward  gx = mask * gy: the same op
 *
 * Selects a tile's core, so that no position is counted twice. The mask is an input: no gradient.
 */
#include "op/real.h"

static gboolean
mask_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 4 || in[1].n != 2 || in[1].dim[0] != in[0].dim[2] || in[1].dim[1] != in[0].dim[3])
    return rv__shape_error ("mask", "needs x [N, C, H, W] and a mask [H, W]", n_in, in, error);
  out[0] = in[0];
  return TRUE;
}

RV_CLONES static void
mask_plane (const real *x, const real *mask, gint64 n, gint64 block, real *y)
{
  for (gint64 i = 0; i < n; i++)
    for (gint64 k = 0; k < block; k++)
      y[i * block + k] = mask[i] * x[i * block + k];
}

static void
mask_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const gint64 *d = in[0].shape.dim;
  gint64 block = block_of (&in[0]), P = d[2] * d[3], planes = d[0] * d[1] / block;

#pragma omp parallel for schedule(static)
  for (gint64 p = 0; p < planes; p++)
    mask_plane ((const real *) in[0].data + p * P * block, in[1].data, P, block, (real *) out[0].data + p * P * block);
}

static void
mask_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  grad_in[0] = rv__program_record (program, RV_OP_MASK, NULL, 2, (int[]){ grad_out, step->in[1] });
}

const RvOpClass RV_OP (mask) = {
  .name = "mask",
  .n_in = 2,
  .n_out = 1,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .shape = mask_shape,
  .run = mask_run,
  .gradient = mask_gradient,
};
