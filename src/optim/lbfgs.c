/* lbfgs.c -- limited-memory BFGS with Armijo backtracking.
 *
 * Nocedal, Wright 2006, "Numerical optimization", algorithm 7.4 (two-loop recursion) and 3.1 (backtracking), with
 * H0 = (s y / y y) I (7.20). Each call of step() is one evaluation: either it accepts the point it was given, adds the
 * pair s = x - x0, y = g - g0, and sets out along the next direction; or the point lies too high, and the step along
 * the same direction is halved. Differs from the book: pairs whose curvature s y is not clearly positive are skipped
 * (Armijo alone does not ensure it), and the very first step is rate / max |g|, since the gradient has no scale yet.
 * Dot products in double, in fixed chunks: the same numbers for any number of threads.
 */
#include "base/dot.h"
#include "base/parallel.h"
#include "optim.h"
#include <math.h>
#include <string.h>

#define ARMIJO 1e-4         /* c1: the part of the promised descent that must be had */
#define SHORTEN 0.5         /* of the step at each refusal */
#define MAX_REFUSALS 20     /* then the history is forgotten: its direction is no descent */
#define MIN_CURVATURE 1e-10 /* of s y, relative to y y */
#define CHUNK 16384

/* Slots: the accepted point, its gradient, the direction; then the pairs, s and y in turn. */
enum { X0, G0, DIRECTION, PAIRS };

typedef struct {
  gboolean started;
  double loss, step; /* at X0; the step being tried */
  double slope;      /* g0 * direction, below 0 */
  int n_refusals;
  int n_pairs, first; /* pairs held, and the oldest of them, in a ring */
} Own;

static int
lbfgs_slots (const RvOptimSettings *settings)
{
  return PAIRS + 2 * settings->history;
}

RV_DEFINE_DOT (dot_chunk, float)

static double
dot (const float *a, const float *b, gint64 n)
{
  gint64 n_chunks = (n + CHUNK - 1) / CHUNK;
  g_autofree double *sums = g_new (double, n_chunks + 1);
  double total = 0;
#pragma omp parallel for schedule(static)
  for (gint64 k = 0; k < n_chunks; k++)
    sums[k] = dot_chunk (a + k * CHUNK, b + k * CHUNK, MIN (CHUNK, n - k * CHUNK));
  for (gint64 k = 0; k < n_chunks; k++)
    total += sums[k];
  return total;
}

/* to += factor * from */
static void
add_scaled (float *to, const float *from, double factor, gint64 n)
{
  float f = (float) factor;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < n; i++)
    to[i] += f * from[i];
}

static void
set_scaled (float *to, const float *from, double factor, gint64 n)
{
  float f = (float) factor;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < n; i++)
    to[i] = f * from[i];
}

static float *
pair_s (RvOptim *optim, int k)
{
  const Own *own = optim->own;
  return optim->slot[PAIRS + 2 * ((own->first + k) % optim->settings.history)];
}

static float *
pair_y (RvOptim *optim, int k)
{
  const Own *own = optim->own;
  return optim->slot[PAIRS + 2 * ((own->first + k) % optim->settings.history) + 1];
}

/* Adds the pair of the move from (X0, G0) to (x, grad). */
static void
remember_pair (RvOptim *optim, const float *x, const float *grad)
{
  Own *own = optim->own;
  int history = optim->settings.history;
  if (history == 0)
    return;
  /* The place after the newest pair; when the ring is full, that of the oldest. */
  int place = (own->first + own->n_pairs) % history;
  float *s = optim->slot[PAIRS + 2 * place], *y = optim->slot[PAIRS + 2 * place + 1];
  const float *x0 = optim->slot[X0], *g0 = optim->slot[G0];

  if (own->n_pairs == history)
    own->first = (own->first + 1) % history, own->n_pairs--;
#pragma omp parallel for schedule(static) if (optim->n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < optim->n; i++) {
    s[i] = x[i] - x0[i];
    y[i] = grad[i] - g0[i];
  }
  if (dot (s, y, optim->n) > MIN_CURVATURE * dot (y, y, optim->n))
    own->n_pairs++;
}

/* DIRECTION = -H G0 by the two loops. */
static void
find_direction (RvOptim *optim)
{
  Own *own = optim->own;
  gint64 n = optim->n;
  int m = own->n_pairs;
  float *d = optim->slot[DIRECTION];
  double alpha[m + 1], rho[m + 1];

  set_scaled (d, optim->slot[G0], -1, n);
  for (int k = m - 1; k >= 0; k--) {
    rho[k] = 1 / dot (pair_s (optim, k), pair_y (optim, k), n);
    alpha[k] = rho[k] * dot (pair_s (optim, k), d, n);
    add_scaled (d, pair_y (optim, k), -alpha[k], n);
  }
  if (m > 0)
    set_scaled (d, d, 1 / (rho[m - 1] * dot (pair_y (optim, m - 1), pair_y (optim, m - 1), n)), n);
  for (int k = 0; k < m; k++)
    add_scaled (d, pair_s (optim, k), alpha[k] - rho[k] * dot (pair_y (optim, k), d, n), n);
  own->slope = dot (optim->slot[G0], d, n);
}

static double
largest (const float *g, gint64 n)
{
  double max = 0;
  for (gint64 i = 0; i < n; i++)
    max = MAX (max, fabs ((double) g[i]));
  return max;
}

static void
set_out (RvOptim *optim)
{
  Own *own = optim->own;
  double rate = rv__optim_rate (&optim->settings, optim->iteration);
  find_direction (optim);
  if (!(own->slope < 0)) { /* rounding has spoilt the history */
    own->n_pairs = 0;
    find_direction (optim);
  }
  own->step = own->n_pairs ? rate : rate / MAX (largest (optim->slot[G0], optim->n), 1e-30);
  own->n_refusals = 0;
}

static void
try_step (RvOptim *optim, float *x)
{
  const Own *own = optim->own;
  set_scaled (x, optim->slot[X0], 1, optim->n);
  add_scaled (x, optim->slot[DIRECTION], own->step, optim->n);
}

/* g0 * (x - x0): what the slope promises for the move that was really made, clamping included. */
static double
promised (const RvOptim *optim, const float *x)
{
  return dot (optim->slot[G0], x, optim->n) - dot (optim->slot[G0], optim->slot[X0], optim->n);
}

static void
lbfgs_step (RvOptim *optim, float *x, double loss, const float *grad)
{
  Own *own = optim->own;
  gsize bytes = (gsize) optim->n * sizeof (float);
  optim->iteration++;

  gboolean searching = own->started && optim->settings.line_search;
  if (searching && !(loss <= own->loss + ARMIJO * promised (optim, x))) {
    if (++own->n_refusals < MAX_REFUSALS) {
      own->step *= SHORTEN;
    } else {
      own->n_pairs = 0;
      set_out (optim);
    }
    try_step (optim, x);
    return;
  }
  if (own->started)
    remember_pair (optim, x, grad);
  memcpy (optim->slot[X0], x, bytes);
  memcpy (optim->slot[G0], grad, bytes);
  own->loss = loss;
  own->started = TRUE;
  set_out (optim);
  try_step (optim, x);
}

static void
lbfgs_finish (RvOptim *optim, float *x)
{
  const Own *own = optim->own;
  if (own->started && optim->settings.line_search)
    memcpy (x, optim->slot[X0], (gsize) optim->n * sizeof (float)); /* the last point tried was never evaluated */
}

static gboolean
lbfgs_is_sound (const RvOptim *optim)
{
  const Own *own = optim->own;
  int history = optim->settings.history;
  return own->n_pairs >= 0 && own->n_pairs <= history && own->first >= 0 && own->first <= MAX (history - 1, 0);
}

const RvOptimClass rv__optim_lbfgs = {
  .name = "lbfgs",
  .summary = "limited-memory BFGS: fewest iterations to a low loss",
  .source = "Nocedal, Wright 2006, algorithms 7.4 and 3.1",
  .n_slots = lbfgs_slots,
  .own_bytes = sizeof (Own),
  .step = lbfgs_step,
  .finish = lbfgs_finish,
  .is_sound = lbfgs_is_sound,
};
