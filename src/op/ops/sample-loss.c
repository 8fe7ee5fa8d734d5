/* sample-loss.c -- negative log-likelihoods of pixels, one number for each sample. Each loss is one ROW.
 *
 *   r[n] = sum over i of loss (y[n,i], x[n,i])        gy[n,i] = gr[n] dloss/dy
 *
 * y and x: [N, ...], one shape; x has no gradient. Sums in double. In a row, a is a number of y, b one of x, and g is
 * gr[n]. */
#include "op/exponential.h"
#include "op/real.h"

/* -(x log p + (1 - x) log (1 - p)), p = sigmoid (l), as max (l, 0) - l x + log (1 + exp (-|l|)): finite for any logit.
 */
static inline real
bernoulli_loss (real l, real x)
{
  return (l < 0 ? 0 : l) - l * x + log_one_plus (exp_negative (l < 0 ? -l : l));
}

/* RvOpClass.shape: [N]. RV_ERROR_SHAPE unless both inputs are [N, ...], of one shape. */
static gboolean
loss_shape (const char *name, int n_in, const RvShape *in, RvShape *out, GError **error)
{
  if (in[0].n < 1 || !rv_shape_equal (&in[0], &in[1]))
    return rv__shape_error (name, "needs two of [N, ...]", n_in, in, error);
  out[0] = (RvShape){ 1, { in[0].dim[0] } };
  return TRUE;
}

/* RvOpClass.run of a row: writes the loss of each sample, by @loss_of. Cannot fail. */
static void
run_losses (double (*loss_of) (const real *y, const real *x, gint64 n), const RvView *in, const RvView *out)
{
  gint64 N = in[0].shape.dim[0], n = rv_shape_count (&in[0].shape) / N;
  const real *y = in[0].data, *x = in[1].data;
#pragma omp parallel for schedule(static)
  for (gint64 s = 0; s < N; s++)
    ((real *) out[0].data)[s] = (real) loss_of (y + s * n, x + s * n, n);
}

/* RvOpClass.run of a row's gradient: writes gy, sample by sample, by @gradient. Inputs: y, x, gr. Cannot fail. */
static void
run_gradients (void (*gradient) (const real *y, const real *x, real g, gint64 n, real *gy), const RvView *in,
               const RvView *out)
{
  gint64 N = in[0].shape.dim[0], n = rv_shape_count (&in[0].shape) / N;
  const real *y = in[0].data, *x = in[1].data, *g = in[2].data;
#pragma omp parallel for schedule(static)
  for (gint64 s = 0; s < N; s++)
    gradient (y + s * n, x + s * n, g[s], n, (real *) out[0].data + s * n);
}

/* Macros whose arguments are expressions, which clang-format takes for declarations. */
/* clang-format off */

#define ROW(name_, KIND, loss, derivative)                                                                             \
  RV_CLONES static double name_##_sum (const real *y, const real *x, gint64 n)                                         \
  {                                                                                                                    \
    double sum = 0;                                                                                                    \
    _Pragma ("omp simd reduction(+ : sum)")                                                                            \
    for (gint64 i = 0; i < n; i++) {                                                                                   \
      const real a = y[i], b = x[i];                                                                                   \
      sum += loss;                                                                                                     \
    }                                                                                                                  \
    return sum;                                                                                                        \
  }                                                                                                                    \
  RV_CLONES static void name_##_derivative (const real *y, const real *x, real g, gint64 n, real *gy)                  \
  {                                                                                                                    \
    _Pragma ("omp simd")                                                                                               \
    for (gint64 i = 0; i < n; i++) {                                                                                   \
      const real a = y[i], b = x[i];                                                                                   \
      gy[i] = derivative;                                                                                              \
    }                                                                                                                  \
  }                                                                                                                    \
  static gboolean name_##_shape (const RvOpAttrs *attrs, int n_in, const RvShape *in, RvShape *out, GError **error)    \
  {                                                                                                                    \
    return loss_shape (#name_, n_in, in, out, error);                                                                  \
  }                                                                                                                    \
  static void name_##_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)                      \
  {                                                                                                                    \
    run_losses (name_##_sum, in, out);                                                                                 \
  }                                                                                                                    \
  static void name_##_backward_run (const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out)             \
  {                                                                                                                    \
    run_gradients (name_##_derivative, in, out);                                                                       \
  }                                                                                                                    \
  static void name_##_gradient (RvProgram *program, const RvOpCall *step, int gr, const gboolean *wanted, int *grad_in)\
  {                                                                                                                    \
    grad_in[0] = RV_RECORD (KIND##_BACKWARD, NULL, step->in[0], step->in[1], gr);                                      \
  }                                                                                                                    \
  const RvOpClass RV_OP (name_) = {                                                                                    \
    .n_in = 2, .locality = RV_LOCALITY_REDUCTION, .shape = name_##_shape,                                              \
    .run = name_##_run, .gradient = name_##_gradient                                                                   \
  };                                                                                                                   \
  const RvOpClass RV_OP (name_##_backward) = {                                                                         \
    .n_in = 3, .run = name_##_backward_run                                                                             \
  }

/* Bernoulli distribution: a is a logit, b a pixel, 0..1. */
ROW (bernoulli, BERNOULLI,
     (double) bernoulli_loss (a, b),
     g * (sigmoid_of (a) - b));

/* Gaussian distribution of variance 1/2: the squared error. */
ROW (squared_error, SQUARED_ERROR,
     (double) (a - b) * (double) (a - b),
     2 * g * (a - b));
