/* bernoulli.c -- the negative log-likelihood of pixels under a Bernoulli distribution, from logits, per sample.
 *
 *   r[n] = -sum over i of x log p + (1 - x) log (1 - p), p = sigmoid (l)
 *        = sum over i of max (l, 0) - l x + log (1 + exp (-|l|))
 *   gl[n,i] = g[n] (sigmoid (l) - x)
 *
 * logits l and pixels x: [N, ...], one shape; x in 0..1, without a gradient. Finite for any logit. Sums in double.
 */
#include "op/real.h"
#include "op/exponential.h"

static gboolean
bernoulli_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n < 1 || !rv_shape_equal (&in[0], &in[1]))
    return rv__shape_error ("bernoulli", "needs two of [N, ...]", n_in, in, error);
  out[0] = (RvShape){ 1, { in[0].dim[0] } };
  return TRUE;
}

RV_CLONES static double
sample_loss (const real *l, const real *x, gint64 n)
{
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (gint64 i = 0; i < n; i++) {
    real a = l[i] < 0 ? -l[i] : l[i];
    sum += (double) ((l[i] < 0 ? 0 : l[i]) - l[i] * x[i] + log_one_plus (exp_negative (a)));
  }
  return sum;
}

static void
bernoulli_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 N = in[0].shape.dim[0], n = rv_shape_count (&in[0].shape) / N;
#pragma omp parallel for schedule(static)
  for (gint64 s = 0; s < N; s++)
    ((real *) out[0].data)[s] =
      (real) sample_loss ((const real *) in[0].data + s * n, (const real *) in[1].data + s * n, n);
}

static void
bernoulli_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  grad_in[0] =
    rv__program_record (program, RV_OP_BERNOULLI_BACKWARD, NULL, 3, (int[]){ step->in[0], step->in[1], grad_out });
}

const RvOpClass RV_OP (bernoulli) = {
  .name = "bernoulli",
  .n_in = 2,
  .n_out = 1,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = bernoulli_shape,
  .run = bernoulli_run,
  .gradient = bernoulli_gradient,
};

RV_CLONES static void
sample_gradient (const real *l, const real *x, real g, gint64 n, real *gl)
{
#pragma omp simd
  for (gint64 i = 0; i < n; i++)
    gl[i] = g * (sigmoid_of (l[i]) - x[i]);
}

static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 N = in[0].shape.dim[0], n = rv_shape_count (&in[0].shape) / N;
#pragma omp parallel for schedule(static)
  for (gint64 s = 0; s < N; s++)
    sample_gradient ((const real *) in[0].data + s * n, (const real *) in[1].data + s * n,
                     ((const real *) in[2].data)[s], n, (real *) out[0].data + s * n);
}

const RvOpClass RV_OP (bernoulli_backward) = {
  .name = "bernoulli_backward",
  .n_in = 3,
  .n_out = 1,
  .run = backward_run,
};
