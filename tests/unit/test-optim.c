/* test-optim.c -- every optimiser: minimum of a quadratic, reproducible bits; and properties of each: rates, momentum,
 * line search. */
#include "optim/optim.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

#define N 50

/* f(x) = sum of w (x - c)^2 with weights over two orders of magnitude. */
static double
quadratic (const float *x, float *grad)
{
  double loss = 0;
  for (int i = 0; i < N; i++) {
    double w = pow (10, 2.0 * i / N - 1), c = 3 * test_number (1, (guint64) i), d = x[i] - c;
    loss += w * d * d;
    grad[i] = (float) (2 * w * d);
  }
  return loss;
}

/* (transfer full): an optimiser of @n numbers. @option: NULL, or a specific option and its @value. */
static RvOptim *
new_optim (const char *name, RvOptimSettings settings, const char *option, const char *value, gint64 n)
{
  const RvOptimClass *class = rv__optim_find (name);
  gpointer own = rv__optim_specific_used (class, &settings, NULL);
  g_assert_true (!option || rv__option_set (class->options, own, option, value, NULL));
  settings.specific = own;
  RvOptim *optim = rv__optim_new (class, &settings, n, NULL);
  rv__optim_specific_free (class, own);
  g_assert_nonnull (optim);
  return optim;
}

static RvOptimSettings
settings_for (const char *name)
{
  RvOptimSettings s = { .learning_rate = 1, .decay = 1, .decay_steps = 1, .gradient_scale = 1 };
  if (strcmp (name, "sgd") == 0)
    s.learning_rate = 0.02;
  if (strcmp (name, "adam") == 0)
    s.learning_rate = 0.3, s.decay = 0.98;
  return s;
}

static double
minimise (const char *name, const char *option, const char *value, int steps, float *x)
{
  g_autoptr (RvOptim) optim = new_optim (name, settings_for (name), option, value, N);
  float grad[N];
  memset (x, 0, N * sizeof *x);
  for (int k = 0; k < steps; k++) {
    double loss = quadratic (x, grad);
    optim->class->step (optim, x, loss, grad);
  }
  if (optim->class->finish)
    optim->class->finish (optim, x);
  return quadratic (x, grad);
}

static void
test_quadratic (gconstpointer name)
{
  const char *option = strcmp (name, "sgd") == 0 ? "momentum" : NULL;
  float x[N], again[N];
  double loss = minimise (name, option, "0.9", 400, x);
  assert_less (loss, 1e-5);
  minimise (name, option, "0.9", 400, again);
  g_assert_cmpmem (x, sizeof x, again, sizeof again);
}

static void
test_lbfgs_is_quick (void)
{
  float x[N];
  assert_less (minimise ("lbfgs", NULL, NULL, 60, x), 1e-4);
  assert_less (minimise ("lbfgs", "line-search", "none", 80, x), 1e-3); /* sufficient for this quadratic */
}

static double
dot (const double *a, const double *b)
{
  double sum = 0;
  for (int i = 0; i < N; i++)
    sum += a[i] * b[i];
  return sum;
}

/* Algorithm 7.4 of Nocedal and Wright (2006) on the last @m pairs: d = -H g. */
static void
two_loops (const double (*s)[N], const double (*y)[N], int n_pairs, int m, const double *g, double *d)
{
  double alpha[16];
  int first = MAX (n_pairs - m, 0);
  for (int i = 0; i < N; i++)
    d[i] = -g[i];
  for (int k = n_pairs - 1; k >= first; k--) {
    alpha[k - first] = dot (s[k], d) / dot (s[k], y[k]);
    for (int i = 0; i < N; i++)
      d[i] -= alpha[k - first] * y[k][i];
  }
  for (int i = 0; n_pairs > 0 && i < N; i++)
    d[i] *= dot (s[n_pairs - 1], y[n_pairs - 1]) / dot (y[n_pairs - 1], y[n_pairs - 1]);
  for (int k = first; k < n_pairs; k++) {
    double beta = dot (y[k], d) / dot (s[k], y[k]);
    for (int i = 0; i < N; i++)
      d[i] += (alpha[k - first] - beta) * s[k][i];
  }
}

/* The implementation runs the loops on dot products and must give the same points, also after the ring of pairs wraps.
 * x^4 is added to the loss, because for a quadratic s[i] y[j] equals s[j] y[i]. */
static void
test_lbfgs_two_loops (void)
{
#define HISTORY 4
  enum { STEPS = 12 };
  const RvOptimClass *lbfgs = rv__optim_find ("lbfgs");
  RvOptimSettings settings = settings_for ("lbfgs");
  gpointer own = rv__optim_specific_used (lbfgs, &settings, NULL);
  g_assert_true (rv__option_set (lbfgs->options, own, "history", G_STRINGIFY (HISTORY), NULL));
  g_assert_true (rv__option_set (lbfgs->options, own, "line-search", "none", NULL));
  settings.specific = own;
  g_autoptr (RvOptim) optim = rv__optim_new (lbfgs, &settings, N, NULL);
  rv__optim_specific_free (lbfgs, own);
  float x[N] = { 0 }, g[N], before[N], g_before[N];
  double s[STEPS][N], y[STEPS][N], g_now[N], d[N];
  for (int k = 0; k < STEPS; k++) {
    double loss = quadratic (x, g), largest = 0;
    for (int i = 0; i < N; i++) {
      g_now[i] = g[i] += 4 * powf (x[i], 3);
      largest = MAX (largest, fabs (g_now[i]));
      if (k > 0)
        s[k - 1][i] = (double) x[i] - before[i], y[k - 1][i] = (double) g[i] - g_before[i];
    }
    memcpy (before, x, sizeof x);
    memcpy (g_before, g, sizeof g);
    optim->class->step (optim, x, loss, g);
    two_loops (s, y, k, HISTORY, g_now, d);
    double step = k > 0 ? 1 : 1 / largest, off = 0, size = 0;
    for (int i = 0; i < N; i++) {
      off = MAX (off, fabs (x[i] - before[i] - step * d[i]));
      size = MAX (size, fabs (step * d[i]));
    }
    assert_less (off, 1e-4 * size);
  }
}

/* Rosenbrock's valley from (-1.2, 1): full steps overshoot, and backtracking must prevent it. */
static void
test_lbfgs_valley (void)
{
  g_autoptr (RvOptim) optim = new_optim ("lbfgs", settings_for ("lbfgs"), NULL, NULL, 2);
  float x[2] = { -1.2f, 1 }, g[2];
  for (int k = 0; k < 150; k++) {
    double a = 1 - x[0], b = (double) x[1] - (double) x[0] * x[0];
    g[0] = (float) (-2 * a - 400 * x[0] * b);
    g[1] = (float) (200 * b);
    optim->class->step (optim, x, a * a + 100 * b * b, g);
  }
  optim->class->finish (optim, x);
  assert_less (fabs (x[0] - 1), 1e-2);
  assert_less (fabs (x[1] - 1), 2e-2);
}

static void
test_rates (void)
{
  RvOptimSettings s = { .learning_rate = 100, .decay = 0.96, .decay_steps = 100, .decay_schedule = RV_DECAY_SMOOTH };
  assert_less (fabs (rv__optim_rate (&s, 1) - 100), 1e-12);
  assert_less (fabs (rv__optim_rate (&s, 51) - 100 * sqrt (0.96)), 1e-9);
  assert_less (fabs (rv__optim_rate (&s, 101) - 96), 1e-9);
  s.decay_schedule = RV_DECAY_STEPS;
  assert_less (fabs (rv__optim_rate (&s, 100) - 100), 1e-12);
  assert_less (fabs (rv__optim_rate (&s, 101) - 96), 1e-9);
}

/* By hand: Adam's first step is the rate for any gradient; SGD with momentum moves 1, then 1 + 0.5. */
static void
test_first_steps (void)
{
  RvOptimSettings s = settings_for ("adam");
  g_autoptr (RvOptim) adam = rv__optim_new (rv__optim_find ("adam"), &s, 2, NULL);
  float x[2] = { 0, 0 }, g[2] = { 1e-3f, -50 };
  adam->class->step (adam, x, 0, g);
  assert_less (fabs (x[0] + 0.3), 1e-5);
  assert_less (fabs (x[1] - 0.3), 1e-5);

  g_autoptr (RvOptim) sgd = new_optim ("sgd", settings_for ("lbfgs"), "momentum", "0.5", 1); /* the rate is 1 */
  float y = 0, one = 1;
  sgd->class->step (sgd, &y, 0, &one);
  assert_less (fabs (y + 1), 1e-6);
  sgd->class->step (sgd, &y, 0, &one);
  assert_less (fabs (y + 2.5), 1e-6);
}

/* m is scaled by p, v by p^2. A v below the bound from m is raised, so that no step exceeds the rate. */
static void
test_rescale (void)
{
  RvOptimSettings s = settings_for ("adam");
  g_autoptr (RvOptim) adam = rv__optim_new (rv__optim_find ("adam"), &s, 3, NULL);
  float x[3] = { 0, 0, 0 }, g[3] = { 0, 0, 0 };
  adam->iteration = 1000000;
  adam->slot[0][0] = 4, adam->slot[1][0] = 32;
  adam->slot[0][1] = 0, adam->slot[1][1] = -1;
  adam->slot[0][2] = -6, adam->slot[1][2] = -1;
  adam->class->rescale (adam, 0.5);
  g_assert_cmpfloat (adam->slot[0][0], ==, 2);
  g_assert_cmpfloat (adam->slot[1][0], ==, 8);
  g_assert_cmpfloat (adam->slot[1][1], ==, 0);
  g_assert_cmpfloat (adam->slot[1][2], ==, 9);
  adam->class->step (adam, x, 0, g);
  for (int i = 0; i < 3; i++)
    assert_less (fabs (x[i]), 1.01 * rv__optim_rate (&s, 1000001) + 1e-12);
}

/* Moments of a zero gradient end at 0 without slow denormal numbers, and x matches the formula in double. */
static void
test_moments_fade (void)
{
  RvOptimSettings s = { .learning_rate = 1e-3, .decay = 1, .decay_steps = 1, .gradient_scale = 1 };
  g_autoptr (RvOptim) adam = new_optim ("adam", s, "beta2", "0.9", 1);
  float x = 0, g = 1;
  double m = 0, v = 0, right = 0;
  for (int k = 1; k <= 1500; k++, g = 0) {
    adam->class->step (adam, &x, 0, &g);
    for (int slot = 0; slot < 2; slot++)
      g_assert_true (fpclassify (adam->slot[slot][0]) != FP_SUBNORMAL);
    m = 0.9 * m + 0.1 * (double) g;
    v = 0.9 * v + 0.1 * (double) g * (double) g;
    right -= 1e-3 * m / (1 - pow (0.9, k)) / (sqrt (v / (1 - pow (0.9, k))) + 1e-8);
  }
  assert_less (fabs (x - right), 1e-5 * fabs (right));
  g_assert_cmpfloat (adam->slot[0][0], ==, 0);
  g_assert_cmpfloat (adam->slot[1][0], ==, 0);
}

/* Specific settings, set by name, are copied and used. Unknown names are refused. */
static void
test_own (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvOptim) lbfgs = new_optim ("lbfgs", settings_for ("lbfgs"), "history", "7", 3);
  g_assert_false (rv__option_set (lbfgs->class->options, (gpointer) lbfgs->settings.specific, "beta1", "0.5", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_cmpint (lbfgs->n_slots, ==, 3 + 2 * 7);
  RvOptimSettings settings = lbfgs->settings;
  int n_shrunk;
  for (int i = 0; i < 4; i++) { /* 7, 3, 2, and no less */
    settings.n_shrunk = i;
    gpointer own = rv__optim_specific_used (lbfgs->class, &settings, &n_shrunk);
    g_autofree char *history = rv__option_get (lbfgs->class->options, own, "history");
    g_assert_cmpstr (history, ==, i == 0 ? "7" : i == 1 ? "3" : "2");
    g_assert_cmpint (n_shrunk, ==, MIN (i, 2));
    rv__optim_specific_free (lbfgs->class, own);
  }
}

/* The optimisers' options are inserted into another table after the named row, each name once. Specific settings are
 * read from the settings of that table. */
static void
test_join (void)
{
  typedef struct {
    gint64 first, last;
  } Settings;
  static const RvOption plain[] = {
    { "first", 0, RV_OPTION_INT, offsetof (Settings, first), "1", 0, 9 },
    { "last", 0, RV_OPTION_INT, offsetof (Settings, last), "2", 0, 9 },
    { NULL },
  };
  gsize bytes = sizeof (Settings);
  g_autofree RvOption *joined = rv__optim_insert_options (plain, "first", &bytes);
  g_autofree Settings *settings = g_malloc0 (bytes);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  rv__option_defaults (joined, settings);
  g_assert_true (settings->first == 1 && settings->last == 2);
  guint n = 0;
  for (const RvOption *row = joined; row->name; row++, n++)
    /* names are unique: a second row of one name could not be set */
    g_assert_true (g_hash_table_add (names, (gpointer) row->name));
  g_assert_true (strcmp (joined[0].name, "first") == 0 && strcmp (joined[n - 1].name, "last") == 0);
  for (int i = 0; rv__optim_names ()[i]; i++) {
    const RvOptimClass *class = rv__optim_find (rv__optim_names ()[i]);
    const void *own = rv__optim_specific_from_settings (class, settings, sizeof (Settings));
    for (const RvOption *row = class->options; row && row->name; row++, n--) {
      g_autofree char *value = rv__option_get (class->options, own, row->name);
      g_assert_cmpstr (value, ==, row->def);
    }
  }
  g_assert_cmpuint (n, ==, 2);
  rv__option_clear (joined, settings);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int i = 0; rv__optim_names ()[i]; i++) {
    g_autofree char *path = g_strconcat ("/optim/quadratic/", rv__optim_names ()[i], NULL);
    g_test_add_data_func (path, rv__optim_names ()[i], test_quadratic);
  }
  g_test_add_func ("/optim/own", test_own);
  g_test_add_func ("/optim/join", test_join);
  g_test_add_func ("/optim/lbfgs/quick", test_lbfgs_is_quick);
  g_test_add_func ("/optim/lbfgs/two-loops", test_lbfgs_two_loops);
  g_test_add_func ("/optim/lbfgs/valley", test_lbfgs_valley);
  g_test_add_func ("/optim/rates", test_rates);
  g_test_add_func ("/optim/first-steps", test_first_steps);
  g_test_add_func ("/optim/rescale", test_rescale);
  g_test_add_func ("/optim/moments-fade", test_moments_fade);
  return g_test_run ();
}
