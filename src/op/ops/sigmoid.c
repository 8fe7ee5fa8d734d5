/* sigmoid.c -- y = 1 / (1 + exp (-x)); backward  gx = gy y (1 - y). */
#include "op/real.h"
#include "op/exponential.h"

#define CHUNK 8192

RV_CLONES static void
squash (const real *x, real *y, gint64 n)
{
#pragma omp simd
  for (gint64 i = 0; i < n; i++)
    y[i] = sigmoid_of (x[i]);
}

static void
sigmoid_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 n = rv_shape_count (&in[0].shape);
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 start = 0; start < n; start += CHUNK)
    squash ((const real *) in[0].data + start, (real *) out[0].data + start, MIN (CHUNK, n - start));
}

static void
sigmoid_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted, int *grad_in)
{
  grad_in[0] = rv__program_record (program, RV_OP_SIGMOID_BACKWARD, NULL, 2, (int[]){ grad_out, step->out[0] });
}

const RvOpClass RV_OP (sigmoid) = {
  .name = "sigmoid",
  .n_in = 1,
  .n_out = 1,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_POINTWISE,
  .run = sigmoid_run,
  .gradient = sigmoid_gradient,
};

static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 n = rv_shape_count (&in[0].shape);
  const real *gy = in[0].data, *y = in[1].data;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < n; i++)
    ((real *) out[0].data)[i] = gy[i] * y[i] * (1 - y[i]);
}

const RvOpClass RV_OP (sigmoid_backward) = {
  .name = "sigmoid_backward",
  .n_in = 2,
  .n_out = 1,
  .supports = RV_SUPPORTS_IN_PLACE | RV_SUPPORTS_BLOCKS,
  .run = backward_run,
};
