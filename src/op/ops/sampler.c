/* sampler.c -- the reparameterised sample of a normal distribution (Kingma, Welling 2014, section 2.4).
 *
 *   z = mu + exp (logvar / 2) eps,  eps ~ N(0, I)      gmu = gz;  glogvar = gz eps exp (logvar / 2) / 2
 *
 * mu, logvar, eps, z: one shape of any rank. eps is an input without a gradient.
 */
#include "op/real.h"
#include <math.h>

static gboolean
sampler_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (!rv_shape_equal (&in[0], &in[1]) || !rv_shape_equal (&in[0], &in[2]))
    return rv__shape_error ("sampler", "needs three of one shape", n_in, in, error);
  out[0] = in[0];
  return TRUE;
}

static void
sampler_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *mu = in[0].data, *logvar = in[1].data, *eps = in[2].data;
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < rv_shape_count (&in[0].shape); i++)
    ((real *) out[0].data)[i] = mu[i] + (real) exp (logvar[i] / 2) * eps[i];
}

static void
sampler_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  if (wanted[0])
    grad_in[0] = grad_out;
  if (wanted[1])
    grad_in[1] =
      rv__program_record (program, RV_OP_SAMPLER_BACKWARD, NULL, 3, (int[]){ grad_out, step->in[1], step->in[2] });
}

const RvOpClass RV_OP (sampler) = {
  .name = "sampler",
  .n_in = 3,
  .n_out = 1,
  .locality = RV_LOCALITY_POINTWISE,
  .shape = sampler_shape,
  .run = sampler_run,
  .gradient = sampler_gradient,
};

static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  const real *gz = in[0].data, *logvar = in[1].data, *eps = in[2].data;
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < rv_shape_count (&in[0].shape); i++)
    ((real *) out[0].data)[i] = gz[i] * eps[i] * (real) exp (logvar[i] / 2) / 2;
}

const RvOpClass RV_OP (sampler_backward) = {
  .name = "sampler_backward",
  .n_in = 3,
  .n_out = 1,
  .shape = sampler_shape,
  .run = backward_run,
};
