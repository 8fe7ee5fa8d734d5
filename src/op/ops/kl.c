/* kl.c -- the Kullback-Leibler divergence of N(mu, exp (logvar)) from N(0, I), per sample (Kingma, Welling 2014,
 * appendix B).
 *
 *   kl[n] = -1/2 sum over j of 1 + logvar[n,j] - mu[n,j]^2 - exp (logvar[n,j])
 *   gmu = g[n] mu;  glogvar = g[n] (exp (logvar) - 1) / 2
 *
 * mu, logvar [N, J]; sums in double.
 */
#include "op/real.h"
#include <math.h>

static gboolean
kl_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n != 2 || !rv_shape_equal (&in[0], &in[1]))
    return rv__shape_error ("kl", "needs two of [N, J]", n_in, in, error);
  out[0] = (RvShape){ 1, { in[0].dim[0] } };
  return TRUE;
}

static void
kl_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *mu = in[0].data, *logvar = in[1].data;
  gint64 N = in[0].shape.dim[0], J = in[0].shape.dim[1];
#pragma omp parallel for schedule(static)
  for (gint64 n = 0; n < N; n++) {
    double sum = 0;
    for (gint64 i = n * J; i < (n + 1) * J; i++)
      sum += 1 + (double) logvar[i] - (double) mu[i] * mu[i] - exp (logvar[i]);
    ((real *) out[0].data)[n] = (real) (-0.5 * sum);
  }
}

static void
kl_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  int both = RV_RECORD (KL_BACKWARD, NULL, step->in[0], step->in[1], grad_out);
  grad_in[0] = both;
  grad_in[1] = both < 0 ? -1 : both + 1;
}

const RvOpClass RV_OP (kl) = {
  .name = "kl",
  .n_in = 2,
  .n_out = 1,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = kl_shape,
  .run = kl_run,
  .gradient = kl_gradient,
};

static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *mu = in[0].data, *logvar = in[1].data, *g = in[2].data;
  gint64 J = in[0].shape.dim[1];
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < rv_shape_count (&in[0].shape); i++) {
    if (out[0].data)
      ((real *) out[0].data)[i] = g[i / J] * mu[i];
    if (out[1].data)
      ((real *) out[1].data)[i] = g[i / J] * (real) expm1 (logvar[i]) / 2;
  }
}

const RvOpClass RV_OP (kl_backward) = {
  .name = "kl_backward",
  .n_in = 3,
  .n_out = 2,
  .run = backward_run,
};
