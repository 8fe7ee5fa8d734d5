/* sum-squared-difference.c -- d = sum (x - t)^2 over all numbers; gx = 2 gd (x - t). The target t has no gradient.
 *
 * Summed in double, in fixed chunks: the same number for any number of threads.
 */
#include "base/dot.h"
#include "op/real.h"

#define CHUNK 8192

static gboolean
difference_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (!rv_shape_equal (&in[0], &in[1]))
    return rv__shape_error ("sum_squared_difference", "needs two of one shape", n_in, in, error);
  out[0] = (RvShape){ 1, { 1 } };
  return TRUE;
}

/* sum_chunk(): sum of (a - b)^2 in double. */
RV_DEFINE_SUM (sum_chunk, real, double, 16, (double) (a[i] - b[i]) * (double) (a[i] - b[i]))

/* RvOpClass.run: writes d, the sum over all numbers. Cannot fail. */
static void
difference_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 n = rv_shape_count (&in[0].shape), n_chunks = (n + CHUNK - 1) / CHUNK;
  const real *x = in[0].data, *t = in[1].data;
  g_autofree double *sums = g_new (double, n_chunks + 1);
  double total = 0;

#pragma omp parallel for schedule(static)
  for (gint64 k = 0; k < n_chunks; k++)
    sums[k] = sum_chunk (x + k * CHUNK, t + k * CHUNK, MIN (CHUNK, n - k * CHUNK));
  for (gint64 k = 0; k < n_chunks; k++)
    total += sums[k];
  ((real *) out[0].data)[0] = (real) total;
}

RV_GRADIENT (difference, SUM_SQUARED_DIFFERENCE_BACKWARD, NULL, step->in[0], step->in[1], grad_out)

const RvOpClass RV_OP (sum_squared_difference) = {
  .n_in = 2,
  .supports = RV_SUPPORTS_BLOCKS,
  .locality = RV_LOCALITY_REDUCTION,
  .shape = difference_shape,
  .run = difference_run,
  .gradient = difference_gradient,
};

/* Writes gx = factor (x - t) for @n numbers. */
RV_CLONES static void
spread (const real *x, const real *t, real factor, real *gx, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    gx[i] = factor * (x[i] - t[i]);
}

/* RvOpClass.run: writes gx = 2 gd (x - t). Inputs: x, t, gd [1]. Cannot fail. */
static void
backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)
{
  gint64 n = rv_shape_count (&in[0].shape);
  const real *x = in[0].data, *t = in[1].data;
  real factor = 2 * ((const real *) in[2].data)[0], *gx = out[0].data;

#pragma omp parallel for schedule(static)
  for (gint64 start = 0; start < n; start += CHUNK)
    spread (x + start, t + start, factor, gx + start, MIN (CHUNK, n - start));
}

const RvOpClass RV_OP (sum_squared_difference_backward) = {
  .n_in = 3,
  .supports = RV_SUPPORTS_BLOCKS,
  .run = backward_run,
};
