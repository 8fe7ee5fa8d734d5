/* add.c -- y = a + b, element by element; the gradient goes to both unchanged. */
#include "op/chunks.h"
#include "op/real.h"

static gboolean
add_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (!rv_shape_equal (&in[0], &in[1]))
    return rv__shape_error ("add", "needs two of one shape", n_in, in, error);
  out[0] = in[0];
  return TRUE;
}

RV_CLONES static void
add (const real *a, const real *b, real *y, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    y[i] = a[i] + b[i];
}

static void
add_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *a = in[0].data, *b = in[1].data;
  real *y = out[0].data;
  const RvChunks chunks = rv__chunks_of (&in[0]);

#pragma omp parallel for schedule(static) if (rv_shape_count(&in[0].shape) >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < chunks.n_chunks; i++) {
    gint64 n, first = rv__chunk_span (&chunks, &in[0], i, &n);
    add (a + first, b + first, y + first, n);
  }
}

static void
add_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  grad_in[0] = grad_in[1] = grad_out;
}

const RvOpClass RV_OP (add) = {
  .name = "add",
  .n_in = 2,
  .n_out = 1,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .shape = add_shape,
  .run = add_run,
  .gradient = add_gradient,
};
