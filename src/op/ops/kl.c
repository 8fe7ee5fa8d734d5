/* kl.c -- the Kullback-Leibler divergence of N(mu, exp (logvar)) from N(0, I), per sample (Kingma, Welling 2014,
 * appendix B).
 *
 *   kl[n] = sum over j of max (kl[n,j], free),  kl[n,j] = -1/2 (1 + logvar[n,j] - mu[n,j]^2 - exp (logvar[n,j]))
 *   gmu = g[n] mu;  glogvar = g[n] (exp (logvar) - 1) / 2;  both 0 where kl[n,j] is below `free`
 *
 * mu, logvar [N, J]; sums in double. `free`: free bits, in nats (Kingma et al. 2016, "Improved Variational Inference
 * with Inverse Autoregressive Flow", equation 15), here for each sample; 0: none. */
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

/* Divergence of N(mu, exp (logvar)) from N(0, 1) in one dimension, in nats, 0 or more, before the limit
 * kl.free_nats. */
static inline double
nats_of (double mu, double logvar)
{
  return -0.5 * (1 + logvar - mu * mu - exp (logvar));
}

/* RvOpClass.run of kl: writes the divergence of each sample, [N], in nats. Inputs: mu, logvar [N, J]. Cannot fail. */
static void
kl_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *mu = in[0].data, *logvar = in[1].data;
  gint64 N = in[0].shape.dim[0], J = in[0].shape.dim[1];
  double free_nats = attrs->kl.free_nats;
#pragma omp parallel for schedule(static)
  for (gint64 n = 0; n < N; n++) {
    double sum = 0;
    for (gint64 i = n * J; i < (n + 1) * J; i++) {
      double nats = nats_of (mu[i], logvar[i]);
      sum += free_nats > 0 && nats < free_nats ? free_nats : nats;
    }
    ((real *) out[0].data)[n] = (real) sum;
  }
}

/* RvOpClass.gradient: one op computes the gradients of mu and logvar, so both are set. -1 after an error in
 * @program. */
static void
kl_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  int both = RV_RECORD (KL_BACKWARD, &step->attrs, step->in[0], step->in[1], grad_out);
  grad_in[0] = both;
  grad_in[1] = both < 0 ? -1 : both + 1;
}

const RvOpClass RV_OP (kl) = {
  .n_in = 2,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = kl_shape,
  .run = kl_run,
  .gradient = kl_gradient,
};

/* RvOpClass.run of kl_backward: writes gmu to output 0 and glogvar to output 1, [N, J] each; skips an output without
 * data. Inputs: mu, logvar, g [N]. Cannot fail. */
static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *mu = in[0].data, *logvar = in[1].data, *g = in[2].data;
  gint64 J = in[0].shape.dim[1];
  double free_nats = attrs->kl.free_nats;
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < rv_shape_count (&in[0].shape); i++) {
    gboolean is_free = free_nats > 0 && nats_of (mu[i], logvar[i]) < free_nats;
    real grad = is_free ? 0 : g[i / J];
    if (out[0].data)
      ((real *) out[0].data)[i] = grad * mu[i];
    if (out[1].data)
      ((real *) out[1].data)[i] = grad * (real) expm1 (logvar[i]) / 2;
  }
}

const RvOpClass RV_OP (kl_backward) = {
  .n_in = 3,
  .has_second_out = TRUE,
  .run = backward_run,
};
