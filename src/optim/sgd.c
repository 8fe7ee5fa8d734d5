/* sgd.c -- gradient descent (Robbins, Monro 1951), optionally with momentum (Polyak 1964).
 *
 *   v <- momentum * v - rate_k * g;  x <- x + v        (as in Keras: the velocity contains the rate)
 *
 * Without momentum there is no velocity: x <- x - rate_k * g. */
#include "base/parallel.h"
#include "optim.h"

typedef struct {
  double momentum;
} Settings;

static const RvOption options[] = {
  { "momentum", 0, RV_OPTION_REAL, offsetof (Settings, momentum), "0", 0, 0.9999, .unit = "0..0.9999",
    .help = "sgd: fraction of the last step that is added" },
  { NULL },
};

/* RvOptimClass.n_slots: 1, the velocity, with momentum; else 0. */
static int
sgd_slots (const void *settings)
{
  return ((const Settings *) settings)->momentum > 0;
}

/* RvOptimClass.step: counts one iteration and moves @x against @grad, [optim->n] each, at the rate of this iteration;
 * with momentum also changes the velocity, slot 0. Ignores @loss. Cannot fail. */
static void
sgd_step (RvOptim *optim, float *x, double loss, const float *grad)
{
  float rate = (float) rv__optim_rate (&optim->settings, ++optim->iteration);
  float momentum = (float) ((const Settings *) optim->settings.specific)->momentum;
  float *velocity = optim->n_slots ? optim->slot[0] : NULL;

#pragma omp parallel for schedule(static) if (optim->n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < optim->n; i++) {
    float move = -rate * grad[i];
    if (velocity)
      velocity[i] = move = momentum * velocity[i] + move;
    x[i] += move;
  }
}

/* Gradient descent, with 'momentum' and exponential decay (Robbins, Monro 1951; Polyak 1964). */
const RvOptimClass rv__optim_sgd = {
  .name = "sgd",
  .options = options,
  .settings_bytes = sizeof (Settings),
  .slot_names = (const char *const[]){ "velocity" },
  .n_slots = sgd_slots,
  .step = sgd_step,
};
