/* reshape.c -- the same numbers in another shape, attrs->reshape.shape, in row-major order. The gradient is a reshape
 * back. */
#include "op/real.h"

static gboolean
reshape_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (rv_shape_count (&in[0]) != rv_shape_count (&attrs->reshape.shape))
    return rv__shape_error ("reshape", "needs a shape of as many elements", n_in, in, error);
  out[0] = attrs->reshape.shape;
  return TRUE;
}

static void
reshape_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  memcpy (out[0].data, in[0].data, (gsize) rv_shape_count (&in[0].shape) * sizeof (real));
}

RV_GRADIENT (reshape, RESHAPE, &(RvOpAttrs){ .reshape = { *rv__program_shape (program, step->in[0]) } }, grad_out)

const RvOpClass RV_OP (reshape) = {
  .n_in = 1,
  .shape = reshape_shape,
  .run = reshape_run,
  .gradient = reshape_gradient,
};
