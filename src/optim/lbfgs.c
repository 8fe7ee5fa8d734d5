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
 * is a linear combination of g and the pairs, and the loops need only products of these. So an accepted step reads
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
#define BLOCK (16 * CHUNK) /* numbers in a block of one thread, about */

typedef struct {
  gint64 history;    /* pairs */
  char *line_search; /* "none": the learning rate is the step */
} Settings;

static const char *const *
line_searches (void)
{
  static const char *const names[] = { "armijo", "none", NULL };
  return names;
}

static const RvOption options[] = {
  { "history", 0, RV_OPTION_INT, offsetof (Settings, history), "10", 1, 100, .unit = "COUNT",
    .help = "lbfgs: number of stored pairs" },
  { "line-search", 0, RV_OPTION_CHOICE, offsetof (Settings, line_search), "armijo", .unit = "armijo|none",
    .help = "lbfgs: armijo: shorten steps that do not reduce the loss; none: never", .choices = line_searches },
  { NULL },
};

/* Slots: the accepted point, its gradient, the direction; then s and y of each pair. */
enum { X0, G0, DIRECTION, PAIRS };

typedef struct {
  gboolean started;
  double loss, step; /* loss at X0; current step */
  double slope;      /* g0 * direction, the directional derivative; negative */
  int n_refusals;
  int n_pairs, first; /* number of pairs; position of the oldest one in the ring */
  double gg;          /* g0 * g0 */
  double product[];   /* s g, y g: [history] each; s y, y y: [history, history] each; by position in the ring */
} Own;

static gsize
lbfgs_own_bytes (const void *settings)
{
  gsize history = (gsize) ((const Settings *) settings)->history;
  return sizeof (Own) + 2 * (history + history * history) * sizeof (double);
}

static int
lbfgs_slots (const void *settings)
{
  return PAIRS + 2 * (int) ((const Settings *) settings)->history;
}

static gboolean
lbfgs_shrink (void *settings)
{
  gint64 *history = &((Settings *) settings)->history;
  if (*history <= MIN_HISTORY)
    return FALSE;
  *history = MAX (*history / 2, MIN_HISTORY);
  return TRUE;
}

static int
history_of (const RvOptim *optim)
{
  return (int) ((const Settings *) optim->settings.specific)->history;
}

static gboolean
searches (const RvOptim *optim)
{
  return strcmp (((const Settings *) optim->settings.specific)->line_search, "armijo") == 0;
}

/* ---- the pairs and their products -------------------------------------------------------------------------------- */

static float *
pair_s (const RvOptim *optim, int place)
{
  return optim->slot[PAIRS + 2 * place];
}

static float *
pair_y (const RvOptim *optim, int place)
{
  return optim->slot[PAIRS + 2 * place + 1];
}

/* Position in the ring of the pair with @k older ones. */
static int
place_of (const RvOptim *optim, int k)
{
  return (((const Own *) optim->extra_state)->first + k) % history_of (optim);
}

static double *
product_sg (const RvOptim *optim, int i)
{
  return ((Own *) optim->extra_state)->product + i;
}

static double *
product_yg (const RvOptim *optim, int i)
{
  return product_sg (optim, history_of (optim) + i);
}

static double *
product_sy (const RvOptim *optim, int i, int j)
{
  return product_yg (optim, history_of (optim) + i * history_of (optim) + j);
}

static double *
product_yy (const RvOptim *optim, int i, int j)
{
  return product_sy (optim, history_of (optim) + i, j);
}

RV_DEFINE_DOT (dot_chunk, float)

/* ---- sums over x ------------------------------------------------------------------------------------------------- */

/* Adds the sums over @n numbers from @begin on to @sums; may write to its own data in that range. */
typedef void (*SumFunc) (const RvOptim *optim, gconstpointer data, gint64 begin, gint64 n, double *sums);

/* Computes @n_sums sums into @total, block by block: the bytes do not depend on the number of threads. */
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

/* Adds products of up to RV_DOT_LANES numbers, each into its own lane. */
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

/* Adds all five products at once: each number is read and converted once, and the sums are independent. */
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

static gboolean
is_held (const RvOptim *optim, int place)
{
  const Own *own = optim->extra_state;
  int history = history_of (optim);
  return (place - own->first + history) % history < own->n_pairs;
}

/* An accepted point. The pair of the move to it is stored at position @place of the ring; -1: no pair. */
typedef struct {
  const float *x, *grad;
  int place;
} Accepted;

/* Stores one chunk of the point, its gradient and the new pair. Adds to @sums, for each place of the ring, the products
 * of that pair with the gradient and with the new pair; last, g g. */
static void
accept_chunk (const RvOptim *optim, gconstpointer data, gint64 begin, gint64 n, double *sums)
{
  const Accepted *accepted = data;
  int place = accepted->place;
  float *x0 = optim->slot[X0] + begin, *g0 = optim->slot[G0] + begin;
  const float *x = accepted->x + begin, *g = accepted->grad + begin, *s_new = NULL, *y_new = NULL;
  if (place >= 0) {
    float *s = pair_s (optim, place) + begin, *y = pair_y (optim, place) + begin;
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
    if (i == place || is_held (optim, i))
      add_products (s, y, g, s_new, y_new, n, sums);
  }
  *sums += dot_chunk (g, g, n);
}

/* First pass over memory of an accepted step. */
static void
accept (RvOptim *optim, const Accepted *accepted)
{
  Own *own = optim->extra_state;
  int n_places = history_of (optim), place = accepted->place;
  gint64 n_sums = (gint64) n_places * N_PRODUCTS + 1;
  g_autofree double *total = g_new0 (double, n_sums);
  sum_all (optim, n_sums, accept_chunk, accepted, total);
  for (int i = 0; i < n_places; i++) {
    const double *of = total + i * N_PRODUCTS;
    *product_sg (optim, i) = of[SG];
    *product_yg (optim, i) = of[YG];
    if (place < 0) /* no new pair, no products with it */
      continue;
    *product_sy (optim, i, place) = of[S_NEW_Y];
    *product_sy (optim, place, i) = of[NEW_S_Y];
    *product_yy (optim, i, place) = *product_yy (optim, place, i) = of[YY];
  }
  own->gg = total[n_sums - 1];
}

/* Accepts the point. Stores the pair of the move to it, except for the first point. */
static void
remember (RvOptim *optim, const float *x, const float *grad)
{
  Own *own = optim->extra_state;
  int history = history_of (optim);
  Accepted accepted = { x, grad, -1 };
  if (!own->started || history == 0) {
    accept (optim, &accepted);
    return;
  }
  int place = accepted.place =
    place_of (optim, own->n_pairs); /* behind the newest pair; in a full ring that of the oldest */
  if (own->n_pairs == history)
    own->first = (own->first + 1) % history, own->n_pairs--;
  accept (optim, &accepted);
  if (*product_sy (optim, place, place) > MIN_CURVATURE * *product_yy (optim, place, place))
    own->n_pairs++;
}

/* ---- direction --------------------------------------------------------------------------------------------------- */

/* Direction: g * g0 + sum over positions i of s[i] * (s of pair i) + y[i] * (y of pair i). */
typedef struct {
  double g, *s, *y;
} Coefficients;

/* Computes -H g0 by the two loops. Returns the directional derivative. */
static double
find_direction (const RvOptim *optim, Coefficients *d)
{
  const Own *own = optim->extra_state;
  int m = own->n_pairs;
  double alpha[m + 1];
  d->g = -1;
  for (int k = m - 1; k >= 0; k--) {
    int i = place_of (optim, k);
    double sd = d->g * *product_sg (optim, i);
    for (int l = k + 1; l < m; l++)
      sd += d->y[place_of (optim, l)] * *product_sy (optim, i, place_of (optim, l));
    alpha[k] = sd / *product_sy (optim, i, i);
    d->y[i] = -alpha[k];
  }
  if (m > 0) {
    int newest = place_of (optim, m - 1);
    double scale = *product_sy (optim, newest, newest) / *product_yy (optim, newest, newest);
    d->g *= scale;
    for (int k = 0; k < m; k++)
      d->y[place_of (optim, k)] *= scale;
  }
  for (int k = 0; k < m; k++) {
    int i = place_of (optim, k);
    double yd = d->g * *product_yg (optim, i);
    for (int l = 0; l < m; l++) {
      int j = place_of (optim, l);
      yd += d->y[j] * *product_yy (optim, i, j) + d->s[j] * *product_sy (optim, j, i);
    }
    d->s[i] = alpha[k] - yd / *product_sy (optim, i, i);
  }
  double slope = d->g * own->gg;
  for (int k = 0; k < m; k++) {
    int i = place_of (optim, k);
    slope += d->s[i] * *product_sg (optim, i) + d->y[i] * *product_yg (optim, i);
  }
  return slope;
}

RV_CLONES static void
add_two_scaled (double *to, const float *a, double by_a, const float *b, double by_b, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    to[i] += by_a * (double) a[i] + by_b * (double) b[i];
}

/* Computes the direction and the first point along it, for @n numbers from @begin on, at most CHUNK. */
static void
go_along_chunk (const RvOptim *optim, const Coefficients *d, gint64 begin, gint64 n, float *x)
{
  const Own *own = optim->extra_state;
  const float *x0 = optim->slot[X0] + begin, *g0 = optim->slot[G0] + begin;
  float *direction = optim->slot[DIRECTION] + begin;
  double sum[CHUNK];
  for (gint64 i = 0; i < n; i++)
    sum[i] = d->g * (double) g0[i];
  for (int k = 0; k < own->n_pairs; k++) {
    int i = place_of (optim, k);
    add_two_scaled (sum, pair_s (optim, i) + begin, d->s[i], pair_y (optim, i) + begin, d->y[i], n);
  }
  for (gint64 i = 0; i < n; i++) {
    direction[i] = (float) sum[i];
    x[begin + i] = x0[i] + (float) own->step * direction[i];
  }
}

/* Second pass over memory of an accepted step. */
static void
go_along (const RvOptim *optim, const Coefficients *d, float *x)
{
#pragma omp parallel for schedule(static)
  for (gint64 begin = 0; begin < optim->n; begin += CHUNK)
    go_along_chunk (optim, d, begin, MIN (CHUNK, optim->n - begin), x);
}

/* Largest magnitude of the gradient at X0. */
static double
find_largest (const RvOptim *optim)
{
  double largest = 0;
  for (gint64 i = 0; i < optim->n; i++)
    largest = MAX (largest, fabs ((double) optim->slot[G0][i]));
  return largest;
}

static void
set_out (RvOptim *optim, float *x)
{
  Own *own = optim->extra_state;
  double rate = rv__optim_rate (&optim->settings, optim->iteration);
  int history = history_of (optim);
  g_autofree double *s = g_new0 (double, history + 1), *y = g_new0 (double, history + 1);
  Coefficients d = { -1, s, y };
  own->slope = find_direction (optim, &d);
  if (!(own->slope < 0)) { /* rounding errors have spoilt the history */
    own->n_pairs = 0;
    own->slope = find_direction (optim, &d);
  }
  own->step = own->n_pairs == 0 ? rate / MAX (find_largest (optim), 1e-30) : rate;
  own->n_refusals = 0;
  go_along (optim, &d, x);
}

/* ---- line search ------------------------------------------------------------------------------------------------- */

/* Moves @x to the next point along the same direction. */
static void
shorten_step (RvOptim *optim, float *x)
{
  Own *own = optim->extra_state;
  const float *x0 = optim->slot[X0], *direction = optim->slot[DIRECTION];
  own->step *= SHORTEN;
  float step = (float) own->step;
#pragma omp parallel for schedule(static) if (optim->n >= RV_PARALLEL_MIN)
  for (gint64 i = 0; i < optim->n; i++)
    x[i] = x0[i] + step * direction[i];
}

static void
add_promise (const RvOptim *optim, gconstpointer x, gint64 begin, gint64 n, double *sum)
{
  const float *g0 = optim->slot[G0] + begin, *x0 = optim->slot[X0] + begin;
  *sum += dot_chunk (g0, (const float *) x + begin, n) - dot_chunk (g0, x0, n);
}

/* Armijo's condition, with the predicted decrease g0 * (x - x0) of the actual move, after clamping. */
static gboolean
descends (const RvOptim *optim, const float *x, double loss)
{
  double promised;
  sum_all (optim, 1, add_promise, x, &promised);
  return loss <= ((const Own *) optim->extra_state)->loss + ARMIJO * promised;
}

/* RvOptimClass.step: one evaluation of the line search, or the first point along a new direction. */
static void
lbfgs_step (RvOptim *optim, float *x, double loss, const float *grad)
{
  Own *own = optim->extra_state;
  optim->iteration++;
  if (own->started && searches (optim) && !descends (optim, x, loss)) {
    if (++own->n_refusals < MAX_REFUSALS) {
      shorten_step (optim, x);
      return;
    }
    own->n_pairs = 0;
  } else {
    remember (optim, x, grad);
    own->loss = loss;
    own->started = TRUE;
  }
  set_out (optim, x);
}

static void
lbfgs_finish (RvOptim *optim, float *x)
{
  const Own *own = optim->extra_state;
  if (own->started && searches (optim)) /* the last point was not evaluated */
    memcpy (x, optim->slot[X0], (gsize) optim->n * sizeof (float));
}

/* Earlier losses and gradients cannot be compared with later ones. */
static void
lbfgs_restart (RvOptim *optim, float *x)
{
  Own *own = optim->extra_state;
  lbfgs_finish (optim, x);
  own->started = FALSE;
  own->n_pairs = own->first = 0;
}

static gboolean
lbfgs_is_sound (const RvOptim *optim)
{
  const Own *own = optim->extra_state;
  int history = history_of (optim);
  return own->n_pairs >= 0 && own->n_pairs <= history && own->first >= 0 && own->first <= MAX (history - 1, 0);
}

const RvOptimClass rv__optim_lbfgs = {
  .name = "lbfgs",
  .summary = "limited-memory BFGS: fewest iterations to a low loss",
  .source = "Nocedal, Wright 2006, algorithms 7.4 and 3.1",
  .options = options,
  .settings_bytes = sizeof (Settings),
  .n_slots = lbfgs_slots,
  .own_bytes = lbfgs_own_bytes,
  .reduce_memory = lbfgs_shrink,
  .step = lbfgs_step,
  .finish = lbfgs_finish,
  .restart = lbfgs_restart,
  .is_sound = lbfgs_is_sound,
};
