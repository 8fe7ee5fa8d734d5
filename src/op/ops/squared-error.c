/* squared-error.c -- the squared error of each sample, for a Gaussian likelihood.
 *
 *   r[n] = sum over i of (y[n,i] - x[n,i])^2        gy[n,i] = 2 g[n] (y[n,i] - x[n,i])
 *
 * y and x: [N, ...], one shape; x has no gradient. Sums in double. */
#include "op/real.h"

static gboolean
error_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n < 1 || !rv_shape_equal (&in[0], &in[1]))
    return rv__shape_error ("squared_error", "needs two of [N, ...]", n_in, in, error);
  out[0] = (RvShape){ 1, { in[0].dim[0] } };
  return TRUE;
}

RV_CLONES static double
sample_error (const real *y, const real *x, gint64 n)
{
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (gint64 i = 0; i < n; i++)
    sum += (double) (y[i] - x[i]) * (double) (y[i] - x[i]);
  return sum;
}

static void
error_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 N = in[0].shape.dim[0], n = rv_shape_count (&in[0].shape) / N;
#pragma omp parallel for schedule(static)
  for (gint64 s = 0; s < N; s++)
    ((real *) out[0].data)[s] =
      (real) sample_error ((const real *) in[0].data + s * n, (const real *) in[1].data + s * n, n);
}

static void
error_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  grad_in[0] =
    rv__program_record (program, RV_OP_SQUARED_ERROR_BACKWARD, NULL, 3, (int[]){ step->in[0], step->in[1], grad_out });
}

const RvOpClass RV_OP (squared_error) = {
  .name = "squared_error",
  .n_in = 2,
  .n_out = 1,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = error_shape,
  .run = error_run,
  .gradient = error_gradient,
};

static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 N = in[0].shape.dim[0], n = rv_shape_count (&in[0].shape) / N;
  const real *y = in[0].data, *x = in[1].data, *g = in[2].data;
#pragma omp parallel for schedule(static)
  for (gint64 s = 0; s < N; s++)
    for (gint64 i = s * n; i < (s + 1) * n; i++)
      ((real *) out[0].data)[i] = 2 * g[s] * (y[i] - x[i]);
}

const RvOpClass RV_OP (squared_error_backward) = {
  .name = "squared_error_backward",
  .n_in = 3,
  .n_out = 1,
  .run = backward_run,
};
