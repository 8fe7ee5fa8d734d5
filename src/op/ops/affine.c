/* affine.c -- one scale and one shift per channel: preprocesses a picture for a network.
 *
 *   forward  y[n,c,h,w] = scale[c] * x[n,c,h,w] + shift[c]        backward  gx = scale[c] * gy
 *
 * The shift is optional, so the backward pass is the same op. scale and shift are constants: no gradient. */
#include "op/real.h"

static gboolean
affine_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  for (int i = 1; i < n_in; i++)
    if (in[0].n != 4 || in[i].n != 1 || in[i].dim[0] != in[0].dim[1])
      return rv__shape_error ("affine", "needs x [N, C, H, W], scale [C] and shift [C]", n_in, in, error);
  out[0] = in[0];
  return TRUE;
}

RV_CLONES static void
scale_row (const real *x, real scale, real shift, real *y, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    y[i] = scale * x[i] + shift;
}

static void
affine_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const gint64 *d = in[0].shape.dim;
  gint64 C = d[1], H = d[2], W = d[3];
  const real *scale = in[1].data, *shift = n_in > 2 ? in[2].data : NULL;

#pragma omp parallel for schedule(static)
  for (gint64 row = 0; row < d[0] * C * H; row++) {
    gint64 c = row / H % C;
    scale_row ((const real *) in[0].data + row * W, scale[c], shift ? shift[c] : 0, (real *) out[0].data + row * W, W);
  }
}

static void
affine_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  grad_in[0] = rv__program_record (program, RV_OP_AFFINE, NULL, 2, (int[]){ grad_out, step->in[1] });
}

const RvOpClass RV_OP (affine) = {
  .name = "affine",
  .n_in = 2,
  .max_in = 3,
  .n_out = 1,
  .supports = RV_SUPPORTS_IN_PLACE,
  .locality = RV_LOCALITY_POINTWISE,
  .shape = affine_shape,
  .run = affine_run,
  .gradient = affine_gradient,
};
