/* adam.c -- Adam.
 *
 *   m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2
 *   x <- x - rate_k * (m / (1 - b1^k)) / (sqrt (v / (1 - b2^k)) + eps)
 *
 * Kingma, Ba 2015, "Adam: a method for stochastic optimization", algorithm 1; eps outside the root, as in PyTorch, and
 * in proportion to RvOptimSettings.gradient_scale. Difference: m and v below SMALLEST are set to 0. One fused loop over
 * memory. */
#include "base/parallel.h"
#include "optim.h"
#include <math.h>

#define SMALLEST 1e-33f
#define EPSILON 1e-8 /* Kingma, Ba 2015 */

typedef struct {
  double beta1, beta2;
} Settings;

static const RvOption options[] = {
  { "beta1", 0, RV_OPTION_REAL, offsetof (Settings, beta1), "0.9", 0, 0.999999, .unit = "0..0.999999",
    .help = "adam: decay rate of the mean gradient" },
  { "beta2", 0, RV_OPTION_REAL, offsetof (Settings, beta2), "0.99", 0, 0.999999, .unit = "0..0.999999",
    .help = "adam: decay rate of the mean squared gradient" },
  { NULL },
};

RvOptimSettings
rv__optim_adam_settings (double learning_rate)
{
  static const Settings pytorch = { .beta1 = 0.9, .beta2 = 0.999 };
  return (RvOptimSettings){
    .learning_rate = learning_rate, .decay = 1, .decay_steps = 1, .gradient_scale = 1, .specific = &pytorch
  };
}

/* RvOptimClass.n_slots: 2, the moments m and v. */
static int
adam_slots (const void *settings)
{
  return 2; /* m, v */
}

typedef struct {
  float b1, b2, rate, unbias_v, eps; /* rate: with m's bias correction; unbias_v: 1 / (1 - b2^k) */
} Update;

/* @moment, or 0 if its magnitude is below SMALLEST. Pixels without a gradient have moments that decay to denormal
 * numbers, or to denormal products with the rate. Processors take ten times as long for such numbers. */
static inline float
flushed (float moment)
{
  return fabsf (moment) < SMALLEST ? 0 : moment;
}

/* Updates @n numbers of @x and their moments @m and @v by the gradient @g. */
RV_CLONES static void
update (const Update *u, float *x, float *m, float *v, const float *g, gint64 n)
{
  for (gint64 i = 0; i < n; i++) {
    m[i] = flushed (u->b1 * m[i] + (1 - u->b1) * g[i]);
    v[i] = flushed (u->b2 * v[i] + (1 - u->b2) * g[i] * g[i]);
    x[i] -= u->rate * m[i] / (sqrtf (v[i] * u->unbias_v) + u->eps);
  }
}

/* RvOptimClass.step: counts one iteration and takes Adam's step: changes @x and the slots m and v by @grad, [optim->n]
 * each, at the rate of this iteration. Ignores @loss. Cannot fail. */
static void
adam_step (RvOptim *optim, float *x, double loss, const float *grad)
{
  const Settings *s = optim->settings.specific;
  double k = (double) ++optim->iteration;
  Update u = { .b1 = (float) s->beta1,
               .b2 = (float) s->beta2,
               .rate = (float) (rv__optim_rate (&optim->settings, optim->iteration) / (1 - pow (s->beta1, k))),
               .unbias_v = (float) (1 / (1 - pow (s->beta2, k))),
               .eps = (float) (EPSILON * optim->settings.gradient_scale) };

#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < optim->n; i += RV_PARALLEL_MIN)
    update (&u, x + i, optim->slot[0] + i, optim->slot[1] + i, grad + i, MIN (RV_PARALLEL_MIN, optim->n - i));
}

/* RvOptimClass.rescale: multiplies the slot m by @p, and v by its square. Losses are means over the picture: with 1/p
 * times the pixels, the gradient of each pixel is p times as large. Cubic resizing undershoots, so v / (1 - b2^k) is
 * kept at least (m / (1 - b1^k))^2: otherwise a step could be enormous. */
static void
adam_rescale (RvOptim *optim, double p)
{
  const Settings *s = optim->settings.specific;
  double k = (double) optim->iteration;
  float bound = k > 0 ? (float) ((1 - pow (s->beta2, k)) / pow (1 - pow (s->beta1, k), 2)) : 0;
  for (gint64 i = 0; i < optim->n; i++) {
    float *m = &optim->slot[0][i], *v = &optim->slot[1][i];
    *m *= (float) p;
    *v = MAX (*v * (float) (p * p), *m * *m * bound);
  }
}

/* Adaptive moments; works at most learning rates, the usual choice (Kingma, Ba 2015). */
const RvOptimClass rv__optim_adam = {
  .name = "adam",
  .options = options,
  .settings_bytes = sizeof (Settings),
  .keeps_state = TRUE,
  .slot_names = (const char *const[]){ "m", "v" },
  .n_slots = adam_slots,
  .step = adam_step,
  .rescale = adam_rescale,
};
