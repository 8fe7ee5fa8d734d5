/* lbfgs.c -- limited-memory BFGS with Armijo backtracking.
 *
 * Nocedal, Wright 2006, "Numerical optimization", algorithms 7.4 (two-loop recursion) and 3.1 (backtracking), with H0 =
 * (s y / y y) I (7.20). Each call of step() is one evaluation. If the loss is low enough, step() accepts the point and
 * adds the pair s = x - x0, y = g - g0. Then it goes along the next direction. Otherwise it halves the step along the
 * same direction.
 *
 * Differences from the book: pairs whose curvature s y is not clearly positive are skipped, because Armijo alone does
 * not ensure it. The very first step is rate / max |g|, since the gradient has no scale yet.
 *
 * The two loops work on coefficients, as in Chen, Wang, Zhou 2014, "Large-scale L-BFGS using MapReduce": the direction
 * is a linear combination of g and the pairs. The loops need only products of these vectors. So an accepted step reads
 * memory twice, for the new products and for the combination, for any history. Products are in double, in fixed chunks
 * that fit the first-level cache: the numbers do not depend on the threads. */
#include "base/dot.h"
#include "base/parallel.h"
#include "optim.h"
#include <math.h>
#include <string.h>

#define ARMIJO 1e-4         /* c1: required fraction of the predicted decrease */
#define SHORTEN 0.5         /* factor on the step after each refused point */
#define MAX_REFUSALS 20     /* then the history is cleared: its direction does not descend */
#define MIN_CURVATURE 1e-10 /* minimum of s y / y y */
#define MIN_HISTORY 2       /* minimum of pairs that reduce_memory() leaves: with fewer it is hardly L-BFGS */
#define CHUNK 2048
#define BLOCK (16 * CHUNK) /* numbers in a block of sum_all(); the last block may have fewer */

typedef struct {
  gint64 history;    /* pairs */
  char *line_search; /* "none": the learning rate is the step */
} Settings;

static const RvOption options[] = {
  { "history", 0, RV_OPTION_INT, offsetof (Settings, history), "10", 1, 100, .unit = "COUNT",
    .help = "lbfgs: number of past steps whose changes it stores" },
  { "line-search", 0, RV_OPTION_CHOICE, offsetof (Settings, line_search), "armijo", .unit = "armijo|none",
    .help = "lbfgs: armijo: shorten steps that do not reduce the loss; none: never",
    .names = RV_NAMES ("armijo", "none") },
  { NULL },
};

/* Slots: the accepted point, its gradient, the direction; then s and y of each pair. */
enum { X0, G0, DIRECTION, PAIRS };

typedef struct {
  gboolean started;
  double loss, step; /* loss at X0; current step */
  double derivative; /* gradient at X0 * direction, the directional derivative; negative */
  int n_refusals;
  int n_pairs, first; /* number of pairs; position of the oldest one in the ring */
  double gg;          /* squared length of the gradient at X0 */
  double product[];   /* s g, y g: [history] each; s y, y y: [history, history] each; by position in the ring */
} State;

/* RvOptimClass.extra_state_bytes: a State with the products of `history` pairs. */
static gsize
lbfgs_extra_state_bytes (const void *settings)
{
  gsize history = (gsize) ((const Settings *) settings)->history;
  return sizeof (State) + 2 * (history + history * history) * sizeof (double);
}

/* RvOptimClass.n_slots: three (accepted point, its gradient, direction), and two for each pair of the history. */
static int
lbfgs_slots (const void *settings)
{
  return PAIRS + 2 * (int) ((const Settings *) settings)->history;
}

/* RvOptimClass.reduce_memory: halves the history. FALSE: it has MIN_HISTORY pairs or fewer, and stays. */
static gboolean
lbfgs_reduce_memory (void *settings)
{
  gint64 *history = &((Settings *) settings)->history;
  if (*history <= MIN_HISTORY)
    return FALSE;
  *history = MAX (*history / 2, MIN_HISTORY);
  return TRUE;
}

/* Number of positions in the ring of pairs. */
static int
history_of (const RvOptim *optim)
{
  return (int) ((const Settings *) optim->settings.specific)->history;
}

/* Whether points that do not reduce the loss are refused. */
static gboolean
uses_line_search (const RvOptim *optim)
{
  return strcmp (((const Settings *) optim->settings.specific)->line_search, "armijo") == 0;
}

/* ---- the pairs and their products -------------------------------------------------------------------------------- */

/* The vector s of the pair at position @position of the ring. Borrowed. */
static float *
pair_s (const RvOptim *optim, int position)
{
  return optim->slot[PAIRS + 2 * position];
}

/* The vector y of the pair at position @position of the ring. Borrowed. */
static float *
pair_y (const RvOptim *optim, int position)
{
  return optim->slot[PAIRS + 2 * position + 1];
}

/* Position in the ring of pair number @k: 0, the oldest, to n_pairs. n_pairs is the position of the next pair; in a
 * full ring, that of the oldest. */
static int
ring_position (const RvOptim *optim, int k)
{
  return (((const State *) optim->extra_state)->first + k) % history_of (optim);
}

/* Address of the product of s of the pair at position @i of the ring and g0, the gradient at X0. Borrowed. */
static double *
product_sg (const RvOptim *optim, int i)
{
  return ((State *) optim->extra_state)->product + i;
}

/* Address of the product of y of the pair at position @i of the ring and g0, the gradient at X0. Borrowed. */
static double *
product_yg (const RvOptim *optim, int i)
{
  return product_sg (optim, history_of (optim) + i);
}

/* Address of the product of s of the pair at position @i and y of that at position @j. */
static double *
product_sy (const RvOptim *optim, int i, int j)
{
  return product_yg (optim, history_of (optim) + i * history_of (optim) + j);
}

/* Address of the product of y of the pair at position @i and y of that at position @j. */
static double *
product_yy (const RvOptim *optim, int i, int j)
{
  return product_sy (optim, history_of (optim) + i, j);
}

RV_DEFINE_DOT (dot_chunk, float)

/* ---- sums over x ------------------------------------------------------------------------------------------------- */

/* Adds the sums over @n numbers from @begin on to @sums; may write to that range of the slots of @optim. */
typedef void (*SumFunc) (const RvOptim *optim, gconstpointer data, gint64 begin, gint64 n, double *sums);

/* Overwrites @total, [@n_sums], with the sums that @func adds over all numbers of x, block by block: the bytes do not
 * depend on the number of threads. */
static void
sum_all (const RvOptim *optim, gint64 n_sums, SumFunc func, gconstpointer data, double *total)
{
  gint64 n_blocks = (optim->n + BLOCK - 1) / BLOCK;
  g_autofree double *sums = g_new0 (double, n_blocks *n_sums + 1);
#pragma omp parallel for schedule(static)
  for (gint64 k = 0; k < n_blocks; k++)
    for (gint64 begin = k * BLOCK, end = MIN (begin + BLOCK, optim->n); begin < end; begin += CHUNK)
      func (optim, data, begin, MIN (CHUNK, end - begin), sums + k * n_sums);
  memset (total, 0, (gsize) n_sums * sizeof (double));
  for (gint64 k = 0; k < n_blocks; k++)
    for (gint64 i = 0; i < n_sums; i++)
      total[i] += sums[k * n_sums + i];
}

/* ---- products of the pairs --------------------------------------------------------------------------------------- */

/* Sums for each position of the ring, in this order; g g is added once at the end. */
enum { SG, YG, S_NEW_Y, NEW_S_Y, YY, N_PRODUCTS };

/* Adds the N_PRODUCTS products of each of @n numbers, at most RV_DOT_LANES, to the lane of its index. @s, @y: a pair of
 * the ring; @g: the gradient; @s_new, @y_new: the new pair. */
static inline void
add_lanes (const float *s, const float *y, const float *g, const float *s_new, const float *y_new, int n,
           double lanes[N_PRODUCTS][RV_DOT_LANES])
{
  for (int k = 0; k < n; k++) {
    lanes[SG][k] += (double) s[k] * g[k];
    lanes[YG][k] += (double) y[k] * g[k];
    lanes[S_NEW_Y][k] += (double) s[k] * y_new[k];
    lanes[NEW_S_Y][k] += (double) s_new[k] * y[k];
    lanes[YY][k] += (double) y[k] * y_new[k];
  }
}

/* Adds the N_PRODUCTS products of add_lanes() over @n numbers to @sums, all at once: each number is read and converted
 * once, and the sums are independent. No pointer may be NULL. */
RV_CLONES static void
add_products (const float *s, const float *y, const float *g, const float *s_new, const float *y_new, gint64 n,
              double *sums)
{
  double lanes[N_PRODUCTS][RV_DOT_LANES] = { { 0 } };
  gint64 i = 0;
  for (; i + RV_DOT_LANES <= n; i += RV_DOT_LANES)
    add_lanes (s + i, y + i, g + i, s_new + i, y_new + i, RV_DOT_LANES, lanes);
  add_lanes (s + i, y + i, g + i, s_new + i, y_new + i, (int) (n - i), lanes);
  for (int product = 0; product < N_PRODUCTS; product++)
    for (int k = 0; k < RV_DOT_LANES; k++)
      sums[product] += lanes[product][k];
}

/* Whether position @position of the ring has a pair. */
static gboolean
is_stored (const RvOptim *optim, int position)
{
  const State *state = optim->extra_state;
  int history = history_of (optim);
  return (position - state->first + history) % history < state->n_pairs;
}

/* An accepted point. The pair of the move to it is stored at position @position of the ring; -1: no pair. */
typedef struct {
  const float *x, *grad;
  int position;
} Accepted;

/* SumFunc: stores @n numbers from @begin on of the Accepted @data. Stores the pair s = x - x0, y = g - g0 if its
 * position is not -1, then the point as X0 and its gradient as G0. Adds to @sums, for each position of the ring, the
 * N_PRODUCTS products of its pair with g and the new pair, then g g. Leaves the sums of positions without a pair
 * unchanged. */
static void
accept_chunk (const RvOptim *optim, gconstpointer data, gint64 begin, gint64 n, double *sums)
{
  const Accepted *accepted = data;
  int position = accepted->position;
  float *x0 = optim->slot[X0] + begin, *g0 = optim->slot[G0] + begin;
  const float *x = accepted->x + begin, *g = accepted->grad + begin, *s_new = NULL, *y_new = NULL;
  if (position >= 0) {
    float *s = pair_s (optim, position) + begin, *y = pair_y (optim, position) + begin;
    for (gint64 i = 0; i < n; i++) {
      s[i] = x[i] - x0[i];
      y[i] = g[i] - g0[i];
    }
    s_new = s, y_new = y;
  }
  memcpy (x0, x, (gsize) n * sizeof (float));
  memcpy (g0, g, (gsize) n * sizeof (float));
  for (int i = 0; i < history_of (optim); i++, sums += N_PRODUCTS) {
    const float *s = pair_s (optim, i) + begin, *y = pair_y (optim, i) + begin;
    if (i == position || is_stored (optim, i))
      add_products (s, y, g, s_new, y_new, n, sums);
  }
  *sums += dot_chunk (g, g, n);
}

/* Stores the accepted point as X0, its gradient as G0 and its pair, if any, in the ring, in one pass over memory. Sets
 * state->gg and the products of all pairs with the gradient and the new pair. Leaves state->n_pairs and `first`
 * unchanged: accept_point() sets them. */
static void
store_accepted (RvOptim *optim, const Accepted *accepted)
{
  State *state = optim->extra_state;
  int history = history_of (optim), position = accepted->position;
  gint64 n_sums = (gint64) history * N_PRODUCTS + 1;
  g_autofree double *total = g_new0 (double, n_sums);
  sum_all (optim, n_sums, accept_chunk, accepted, total);
  for (int i = 0; i < history; i++) {
    const double *of = total + i * N_PRODUCTS;
    *product_sg (optim, i) = of[SG];
    *product_yg (optim, i) = of[YG];
    if (position < 0) /* no new pair, no products with it */
      continue;
    *product_sy (optim, i, position) = of[S_NEW_Y];
    *product_sy (optim, position, i) = of[NEW_S_Y];
    *product_yy (optim, i, position) = *product_yy (optim, position, i) = of[YY];
  }
  state->gg = total[n_sums - 1];
}

/* Stores @x and its gradient as X0 and G0, with their products, and appends the pair of the move from the last X0 to
 * the ring. The first point, state->started FALSE, has no pair. A full ring first loses its oldest pair. A new pair
 * whose curvature s y is at most MIN_CURVATURE * y y is dropped, also then. Does not set state->started or `loss`. */
static void
accept_point (RvOptim *optim, const float *x, const float *grad)
{
  State *state = optim->extra_state;
  int history = history_of (optim);
  Accepted accepted = { x, grad, -1 };
  if (!state->started) {
    store_accepted (optim, &accepted);
    return;
  }
  int position = accepted.position =
    ring_position (optim, state->n_pairs); /* behind the newest pair; in a full ring that of the oldest */
  if (state->n_pairs == history)
    state->first = (state->first + 1) % history, state->n_pairs--;
  store_accepted (optim, &accepted);
  if (*product_sy (optim, position, position) > MIN_CURVATURE * *product_yy (optim, position, position))
    state->n_pairs++;
}

/* ---- direction --------------------------------------------------------------------------------------------------- */

/* Direction: g * g0 + sum over positions i of s[i] * (s of pair i) + y[i] * (y of pair i). */
typedef struct {
  double g, *s, *y;
} Coefficients;

/* Writes the coefficients of the direction -H g0 to @d, by the two loops over products; reads no slots. g0: gradient
 * at the accepted point; H: L-BFGS's inverse Hessian. Without pairs: of -g0. d->s and d->y: (inout): [history], zeros
 * before. Returns the directional derivative g0 * direction: negative if the direction descends. */
static double
compute_direction (const RvOptim *optim, Coefficients *d)
{
  const State *state = optim->extra_state;
  int m = state->n_pairs;
  double alpha[m + 1];
  d->g = -1;
  for (int k = m - 1; k >= 0; k--) {
    int i = ring_position (optim, k);
    double sd = d->g * *product_sg (optim, i);
    for (int l = k + 1; l < m; l++)
      sd += d->y[ring_position (optim, l)] * *product_sy (optim, i, ring_position (optim, l));
    alpha[k] = sd / *product_sy (optim, i, i);
    d->y[i] = -alpha[k];
  }
  if (m > 0) {
    int newest = ring_position (optim, m - 1);
    double scale = *product_sy (optim, newest, newest) / *product_yy (optim, newest, newest);
    d->g *= scale;
    for (int k = 0; k < m; k++)
      d->y[ring_position (optim, k)] *= scale;
  }
  for (int k = 0; k < m; k++) {
    int i = ring_position (optim, k);
    double yd = d->g * *product_yg (optim, i);
    for (int l = 0; l < m; l++) {
      int j = ring_position (optim, l);
      yd += d->y[j] * *product_yy (optim, i, j) + d->s[j] * *product_sy (optim, j, i);
    }
    d->s[i] = alpha[k] - yd / *product_sy (optim, i, i);
  }
  double derivative = d->g * state->gg;
  for (int k = 0; k < m; k++) {
    int i = ring_position (optim, k);
    derivative += d->s[i] * *product_sg (optim, i) + d->y[i] * *product_yg (optim, i);
  }
  return derivative;
}

/* Adds @by_a times @a plus @by_b times @b to @to, @n numbers each. */
RV_CLONES static void
add_two_scaled (double *to, const float *a, double by_a, const float *b, double by_b, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    to[i] += by_a * (double) a[i] + by_b * (double) b[i];
}

/* Writes @n numbers, at most CHUNK, from index @begin on: the direction of the coefficients @d to the slot DIRECTION,
 * and X0 (the accepted point) + state->step * direction to @x, the whole point. */
static void
move_along_chunk (const RvOptim *optim, const Coefficients *d, gint64 begin, gint64 n, float *x)
{
  const State *state = optim->extra_state;
  const float *x0 = optim->slot[X0] + begin, *g0 = optim->slot[G0] + begin;
  float *direction = optim->slot[DIRECTION] + begin;
  double sum[CHUNK];
  for (gint64 i = 0; i < n; i++)
    sum[i] = d->g * (double) g0[i];
  for (int k = 0; k < state->n_pairs; k++) {
    int i = ring_position (optim, k);
    add_two_scaled (sum, pair_s (optim, i) + begin, d->s[i], pair_y (optim, i) + begin, d->y[i], n);
  }
  for (gint64 i = 0; i < n; i++) {
    direction[i] = (float) sum[i];
    x[begin + i] = x0[i] + (float) state->step * direction[i];
  }
}

/* Computes the direction from X0 by the pairs. If it does not descend, clears the pairs and computes it without them.
 * With a gradient of 0 the direction is 0. Sets state->derivative, state->n_refusals to 0, and state->step to the
 * learning rate; without pairs, to rate / max |g0|, the largest gradient at X0. Writes the direction to the slot
 * DIRECTION, and X0 + step * direction to @x. */
static void
begin_line (RvOptim *optim, float *x)
{
  State *state = optim->extra_state;
  double rate = rv__optim_rate (&optim->settings, optim->iteration);
  int history = history_of (optim);
  g_autofree double *s = g_new0 (double, history + 1), *y = g_new0 (double, history + 1);
  Coefficients d = { -1, s, y };
  state->derivative = compute_direction (optim, &d);
  if (!(state->derivative < 0)) { /* rounding errors in the history */
    state->n_pairs = 0;
    state->derivative = compute_direction (optim, &d);
  }
  double largest = 0;
  for (gint64 i = 0; state->n_pairs == 0 && i < optim->n; i++)
    largest = MAX (largest, fabs ((double) optim->slot[G0][i]));
  state->step = state->n_pairs == 0 ? rate / MAX (largest, 1e-30) : rate;
  state->n_refusals = 0;
#pragma omp parallel for schedule(static)
  for (gint64 begin = 0; begin < optim->n; begin += CHUNK)
    move_along_chunk (optim, &d, begin, MIN (CHUNK, optim->n - begin), x);
}

/* ---- line search ------------------------------------------------------------------------------------------------- */

/* Halves the step and moves @x to that point along the same direction. */
static void
shorten_step (RvOptim *optim, float *x)
{
  State *state = optim->extra_state;
  const float *x0 = optim->slot[X0], *direction = optim->slot[DIRECTION];
  state->step *= SHORTEN;
  float step = (float) state->step;
#pragma omp parallel for schedule(static) if (optim->n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < optim->n; i++)
    x[i] = x0[i] + step * direction[i];
}

/* SumFunc: adds the part of g0 * (x - x0) over @n numbers from @begin on to *sum. @x: the whole point. */
static void
add_predicted (const RvOptim *optim, gconstpointer x, gint64 begin, gint64 n, double *sum)
{
  const float *g0 = optim->slot[G0] + begin, *x0 = optim->slot[X0] + begin;
  *sum += dot_chunk (g0, (const float *) x + begin, n) - dot_chunk (g0, x0, n);
}

/* Whether @loss at @x meets Armijo's condition against the accepted point: it fell by at least ARMIJO times the
 * decrease that g0 * (x - x0) predicts. Uses the actual move, since the caller may have clamped @x. */
static gboolean
meets_armijo (const RvOptim *optim, const float *x, double loss)
{
  double predicted;
  sum_all (optim, 1, add_predicted, x, &predicted);
  return loss <= ((const State *) optim->extra_state)->loss + ARMIJO * predicted;
}

/* RvOptimClass.step: counts one iteration, accepts or refuses @x, whose loss and gradient are given, and moves it to
 * the next point to evaluate. Accepts the first point, points that meet Armijo's condition, and without line search all
 * points: stores the point and begins a new direction there. After a refusal halves the step from the last accepted
 * point. After MAX_REFUSALS refusals in a row clears the history instead, and begins a new direction from the last
 * accepted point. */
static void
lbfgs_step (RvOptim *optim, float *x, double loss, const float *grad)
{
  State *state = optim->extra_state;
  optim->iteration++;
  if (state->started && uses_line_search (optim) && !meets_armijo (optim, x, loss)) {
    if (++state->n_refusals < MAX_REFUSALS) {
      shorten_step (optim, x);
      return;
    }
    state->n_pairs = 0;
  } else {
    accept_point (optim, x, grad);
    state->loss = loss;
    state->started = TRUE;
  }
  begin_line (optim, x);
}

/* RvOptimClass.finish: sets @x to the last accepted point; @x stays without a line search or before a step. */
static void
lbfgs_finish (RvOptim *optim, float *x)
{
  const State *state = optim->extra_state;
  if (state->started && uses_line_search (optim)) /* the last point was not evaluated */
    memcpy (x, optim->slot[X0], (gsize) optim->n * sizeof (float));
}

/* RvOptimClass.restart: earlier losses and gradients cannot be compared with later ones. With a line search sets @x
 * to the last accepted point, if there is one, as the next one was not evaluated; else @x stays. Drops all pairs;
 * the next step begins like the first. */
static void
lbfgs_restart (RvOptim *optim, float *x)
{
  State *state = optim->extra_state;
  lbfgs_finish (optim, x);
  state->started = FALSE;
  state->n_pairs = state->first = 0;
}

/* RvOptimClass.is_valid: whether counts and positions in the ring are within their ranges. */
static gboolean
lbfgs_is_valid (const RvOptim *optim)
{
  const State *state = optim->extra_state;
  int history = history_of (optim);
  return state->n_pairs >= 0 && state->n_pairs <= (state->started ? history : 0) && state->first >= 0 &&
         state->first < history && state->n_refusals >= 0 && state->n_refusals <= MAX_REFUSALS;
}

/* Limited-memory BFGS: fewest iterations to a low loss (Nocedal, Wright 2006, algorithms 7.4 and 3.1). */
const RvOptimClass rv__optim_lbfgs = {
  .name = "lbfgs",
  .options = options,
  .settings_bytes = sizeof (Settings),
  .n_slots = lbfgs_slots,
  .extra_state_bytes = lbfgs_extra_state_bytes,
  .reduce_memory = lbfgs_reduce_memory,
  .step = lbfgs_step,
  .finish = lbfgs_finish,
  .restart = lbfgs_restart,
  .is_valid = lbfgs_is_valid,
};
