/* test-loss.c -- losses. Each row of the loss table is tested as a term of an objective in double: gradient against
 * central differences, tiles against the whole, masks. Further tests: 0 at the target, several pictures, x from another
 * program, values computed by hand. */
#include "method/objective/objective.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

#define C 3
#define H 10
#define W 13
#define N (C * H * W)
#define STYLE_H 9
#define STYLE_W 12
#define CENTRAL_STEP 1e-5
#define CENTRAL_STEP_OF_RANKS 1e-6 /* for losses that sort: a change of the order makes a kink */
#define N_GUIDE 7                  /* positions of a target tensor */

static void
fill (double *x, int n, guint32 stream)
{
  for (int i = 0; i < n; i++)
    x[i] = test_number (stream, (guint64) i) + 0.3;
}

/* (transfer full): a target tensor of random numbers, [@channels, N_GUIDE]. */
static RvTensor *
new_guide (RvType type, gint64 channels)
{
  RvShape shape = rv_shape (2, channels, N_GUIDE);
  RvTensor *guide = rv_tensor_new (type, &shape, NULL);
  for (int i = 0; i < channels * N_GUIDE; i++)
    if (type == RV_F64)
      ((double *) guide->data)[i] = test_number (77, (guint64) i);
    else
      ((float *) guide->data)[i] = (float) test_number (77, (guint64) i);
  return guide;
}

/* (transfer full): an array of one term, on @layer, or on x itself if @layer is NULL. */
static GArray *
one_term (const RvLossClass *loss, const char *layer, gint64 channels)
{
  GArray *terms = rv__terms_new ();
  RvTerm term = { .loss = loss, .group = loss->group, .weight = 1.5, .mask = -1 };
  /* few projections, so few kinks */
  g_autofree gpointer settings = rv__loss_settings (loss, "swd.projections=4", NULL);
  term.picture = loss->target == RV_TARGET_SUMS ? -1 : 0;
  term.layer = (char *) layer;
  term.settings = settings;
  term.tensor = loss->target == RV_TARGET_TENSOR ? new_guide (RV_F64, channels) : NULL;
  rv__terms_append (terms, &term);
  rv_tensor_unref (term.tensor);
  return terms;
}

static RvObjectiveSpec
spec_of (GArray *terms)
{
  return (RvObjectiveSpec){ .type = RV_F64,
                            .terms = terms,
                            .channels = C,
                            .backend = rv__backend_find ("reference", NULL),
                            .space = rv__rgb_0_255,
                            .compile = { .n_threads = 1, .exact = TRUE } };
}

/* (transfer full): an objective with memory and targets. */
static RvObjective *
ready (const RvObjectiveSpec *spec, int height, int width)
{
  g_autoptr (GError) error = NULL;
  gint64 n = (gint64) MAX (spec->n_pictures, 1) * spec->channels * height * width;
  g_autofree double *picture = g_new (double, n);
  RvObjective *objective = rv__objective_new (spec, height, width, &error);
  g_assert_no_error (error);
  fill (picture, (int) n, 5);
  if (spec->net) /* brightness of a photograph */
    for (gint64 i = 0; i < n; i++)
      picture[i] = 100 + 60 * picture[i];
  g_assert_true (rv__objective_measure_and_add_target (objective, picture, height - 1, width - 1, 0.75, &error));
  g_assert_true (rv__objective_measure_and_add_target (objective, picture, height, width, 0.25, &error));
  g_assert_true (rv__objective_bind (objective, &error));
  g_assert_true (rv__objective_set_features (objective, 0, picture, &error));
  return objective;
}

static double
loss_at (RvObjective *objective, const double *x, int n, double *gradient)
{
  g_autoptr (GError) error = NULL;
  RvLosses losses;
  memcpy (rv__objective_x (objective), x, (gsize) n * sizeof (double));
  g_assert_true (rv__objective_evaluate (objective, &losses, &error));
  if (gradient)
    memcpy (gradient, rv__objective_gradient (objective), (gsize) n * sizeof (double));
  return losses.total;
}

/* ---- all rows ---------------------------------------------------------------------------------------------------- */

/* Checks the gradient along three random directions against central differences. */
static void
check_derivative (RvObjective *objective, const double *start, int n, double step, double tolerance)
{
  g_autofree double *gradient = g_new (double, n), *x = g_new (double, n);
  double analytic[3], numeric[3];
  loss_at (objective, start, n, gradient);
  for (guint64 direction = 0; direction < 3; direction++) {
    double ends[2];
    for (int sign = 0; sign < 2; sign++) {
      for (int i = 0; i < n; i++)
        x[i] = start[i] + (sign ? step : -step) * test_number ((guint32) direction + 20, (guint64) i);
      ends[sign] = loss_at (objective, x, n, NULL);
    }
    numeric[direction] = (ends[1] - ends[0]) / (2 * step);
    analytic[direction] = 0;
    for (int i = 0; i < n; i++)
      analytic[direction] += gradient[i] * test_number ((guint32) direction + 20, (guint64) i);
  }
  assert_less (0, fabs (analytic[0]));
  assert_less (test_relative (analytic, numeric, 3), tolerance);
}

static double
step_of (const RvLossClass *loss)
{
  return loss->tiling == RV_TILING_WHOLE ? CENTRAL_STEP_OF_RANKS : CENTRAL_STEP;
}

static void
test_gradient (gconstpointer data)
{
  double x[N];
  g_autoptr (GArray) terms = one_term (data, NULL, C);
  RvObjectiveSpec spec = spec_of (terms);
  g_autoptr (RvObjective) objective = ready (&spec, H, W);
  fill (x, N, 6);
  check_derivative (objective, x, N, step_of (data), 1e-7);
}

/* Tiles give loss and gradient of the whole: for a term on a layer, or on the picture together with a term on a
 * layer. */
static void
test_tiles (gconstpointer data)
{
  enum { ROWS = 46, COLS = 59, TILE_PX = 34, PIXELS = 3 * ROWS * COLS };
  const RvLossClass *loss = data;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autofree double *x = g_new (double, PIXELS), *one = g_new (double, PIXELS), *many = g_new (double, PIXELS);
  g_autoptr (GArray) terms = one_term (loss, loss->on_picture ? NULL : "conv2_1", 64);
  g_assert_true (rv__terms_add (terms, rv__loss_find ("content", "mean"), 1e-3, "conv2_1", "builtin", NULL, NULL));
  RvObjectiveSpec spec = spec_of (terms);
  spec.net = net;
  for (int i = 0; i < PIXELS; i++)
    x[i] = 120 + 80 * test_number (6, (guint64) i);
  g_autoptr (RvObjective) whole = ready (&spec, ROWS, COLS);
  spec.fit.tile_px = TILE_PX;
  g_autoptr (RvObjective) tiled = ready (&spec, ROWS, COLS);
  g_assert_cmpint (rv__objective_n_tiles (tiled), >=, 4);
  for (int again = 0; again < 2; again++) { /* the second evaluation must not depend on the first */
    double a = loss_at (whole, x, PIXELS, one), b = loss_at (tiled, x, PIXELS, many);
    assert_less (fabs (a - b), 1e-11 * fabs (a));
    assert_less (test_relative (many, one, PIXELS), 1e-11);
  }
}

/* A mask of ones changes nothing. With a soft mask the gradient is right as well. */
static void
test_masks (gconstpointer data)
{
  double x[N], with[N], without[N];
  float ones[H * W], soft[H * W];
  const float *planes[] = { ones };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) terms = one_term (data, NULL, C), masked = one_term (data, NULL, C);
  RvObjectiveSpec spec = spec_of (terms);
  for (int i = 0; i < H * W; i++) {
    ones[i] = 1;
    soft[i] = (float) (0.5 + 0.5 * sin (0.3 * i));
  }
  fill (x, N, 6);
  g_autoptr (RvObjective) plain = ready (&spec, H, W);
  g_array_index (masked, RvTerm, 0).mask = 0;
  spec.terms = masked;
  spec.masks = planes;
  g_autoptr (RvObjective) all = rv__objective_new (&spec, H, W, &error);
  if (!all) { /* a loss of the whole picture, which refuses masks */
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    return;
  }
  g_clear_pointer (&all, rv__objective_free);
  all = ready (&spec, H, W);
  double a = loss_at (plain, x, N, without), b = loss_at (all, x, N, with);
  assert_less (fabs (a - b), 1e-12 * fabs (a));
  assert_less (test_relative (with, without, N), 1e-12);
  planes[0] = soft;
  g_autoptr (RvObjective) part = ready (&spec, H, W);
  check_derivative (part, x, N, step_of (data), 1e-7);
}

static void
test_zero_at_target (gconstpointer data)
{
  const RvLossClass *loss = data;
  double x[N];
  g_autoptr (GArray) terms = one_term (loss, NULL, C);
  RvObjectiveSpec spec = spec_of (terms);
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, H, W, NULL);
  fill (x, N, 5);
  for (int i = 0; i < N && (loss->target == RV_TARGET_NONE || strcmp (loss->group, "tv") == 0); i++)
    x[i] = 2;
  g_assert_true (rv__objective_measure_and_add_target (objective, x, H, W, 1, NULL));
  g_assert_true (rv__objective_bind (objective, NULL));
  g_assert_true (rv__objective_set_features (objective, 0, x, NULL));
  /* Losses of the whole picture may be 1 - cos, which has rounding errors. */
  assert_less (fabs (loss_at (objective, x, N, NULL)), loss->tiling == RV_TILING_WHOLE ? 1e-14 : 1e-20);
}

/* An objective whose masks and target were changed gives the values of a new objective with the same masks and
 * target. */
static void
test_masks_change (void)
{
  enum { ROWS = 46, COLS = 59, PIXELS = 3 * ROWS * COLS };
  const RvLossClass *rows[] = { rv__loss_find ("temporal", "last"), rv__loss_find ("content", "relative") };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (GArray) terms = one_term (rows[0], NULL, C);
  g_autofree float *ones = g_new (float, ROWS *COLS), *soft = g_new (float, ROWS *COLS);
  g_autofree double *x = g_new (double, PIXELS), *fresh = g_new (double, PIXELS), *changed = g_new (double, PIXELS);
  const float *first[] = { ones }, *then[] = { soft };
  g_assert_true (rv__terms_add (terms, rows[1], 1, "conv2_1", "builtin", NULL, NULL));
  for (guint i = 0; i < terms->len; i++)
    g_array_index (terms, RvTerm, i).mask = 0;
  for (int i = 0; i < ROWS * COLS; i++) {
    ones[i] = 1;
    soft[i] = (float) (0.5 + 0.5 * sin (0.3 * i));
  }
  for (int i = 0; i < PIXELS; i++)
    x[i] = 120 + 80 * test_number (6, (guint64) i);
  for (int tile_px = 0; tile_px <= 34; tile_px += 34) {
    RvObjectiveSpec spec = spec_of (terms);
    spec.net = net;
    spec.fit.tile_px = tile_px;
    spec.masks = first;
    g_autoptr (RvObjective) kept = ready (&spec, ROWS, COLS);
    spec.masks = then;
    g_autoptr (RvObjective) new = ready (&spec, ROWS, COLS);
    loss_at (kept, x, PIXELS, NULL);
    g_assert_true (rv__objective_set_features (kept, 0, x, NULL));
    g_assert_true (rv__objective_change_masks (kept, then, NULL));
    g_autofree double *picture = g_new (double, PIXELS); /* same as in ready() */
    fill (picture, PIXELS, 5);
    for (int i = 0; i < PIXELS; i++)
      picture[i] = 100 + 60 * picture[i];
    g_assert_true (rv__objective_set_features (kept, 0, picture, NULL));
    double a = loss_at (new, x, PIXELS, fresh), b = loss_at (kept, x, PIXELS, changed);
    assert_less (fabs (a - b), 1e-13 * fabs (a));
    assert_less (test_relative (changed, fresh, PIXELS), 1e-13);
  }
}

/* By hand: sum m |x - x_w|^2 / (3 sum m) / 40^2. Two pixels differ by 1 and 4; their weights are 1 and 1/4. */
static void
test_temporal_worked (void)
{
  const double last[] = { 10, 20, 10, 20, 10, 20 }, x[] = { 11, 24, 11, 24, 11, 24 };
  const float mask[] = { 1, 0.25f };
  const float *masks[] = { mask };
  g_autoptr (GArray) terms = one_term (rv__loss_find ("temporal", "last"), NULL, C);
  RvObjectiveSpec spec = spec_of (terms);
  RvTerm *term = &g_array_index (terms, RvTerm, 0);
  term->mask = 0;
  term->weight = 1;
  spec.masks = masks;
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, 1, 2, NULL);
  g_assert_true (rv__objective_bind (objective, NULL));
  g_assert_true (rv__objective_set_features (objective, 0, last, NULL));
  double by_hand = 3 * (1 * 1 + 0.25 * 16) / (3 * 1.25) / 1600;
  assert_less (fabs (loss_at (objective, x, 6, NULL) - by_hand), 1e-15);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static GArray *
several_terms (void)
{
  GArray *terms = one_term (rv__loss_find ("style", "relative"), NULL, C);
  static const char *const more[][2] = { { "content", "relative" }, { "tv", "squared" }, { "style", "mean-var" } };
  for (guint i = 0; i < G_N_ELEMENTS (more); i++) {
    g_autoptr (GArray) one = one_term (rv__loss_find (more[i][0], more[i][1]), NULL, C);
    rv__terms_append (terms, &g_array_index (one, RvTerm, 0));
  }
  return terms;
}

/* The loss of two pictures is the mean of their losses. The gradient of each picture is half of its gradient as a
 * single picture. */
static void
test_pictures (void)
{
  double x[2 * N], both[2 * N], alone[2 * N], sum = 0, targets[2 * N];
  g_autoptr (GArray) terms = several_terms ();
  RvObjectiveSpec spec = spec_of (terms);
  fill (x, 2 * N, 6);
  fill (targets, 2 * N, 5);
  for (int n = 0; n < 2; n++) {
    g_autoptr (RvObjective) one = ready (&spec, H, W);
    g_assert_true (rv__objective_set_features (one, 0, targets + n * N, NULL)); /* replaces earlier features */
    sum += loss_at (one, x + n * N, N, alone + n * N) / 2;
  }
  for (int i = 0; i < 2 * N; i++)
    alone[i] /= 2;
  spec.n_pictures = 2;
  g_autoptr (RvObjective) two = ready (&spec, H, W);
  double loss = loss_at (two, x, 2 * N, both);
  assert_less (fabs (loss - sum), 1e-12 * fabs (sum));
  assert_less (test_relative (both, alone, 2 * N), 1e-12);
}

/* x is the value y = conv (z) of another program. The objective's gradient is the seed of that program's backward pass;
 * the result equals central differences. */
static void
test_other_program (void)
{
  double z[N], grad[N], y[N], grad_y[N], weights[C * C * 9];
  RvShape shape = rv_shape (4, 1, C, H, W), kernel = rv_shape (4, C, C, 3, 3);
  g_autoptr (RvTensor) weight = rv_tensor_new (RV_F64, &kernel, NULL);
  g_autoptr (GArray) terms = several_terms ();
  RvObjectiveSpec spec = spec_of (terms);
  g_autoptr (RvObjective) objective = ready (&spec, H, W);
  fill (weights, C * C * 9, 9);
  memcpy (weight->data, weights, sizeof weights);
  RvProgram *program = rv__program_new (RV_F64);
  int in = rv__program_input (program, &shape);
  int out = rv__conv2d (program, in, rv__program_constant (program, weight), -1, 1, (RvPad){ 1, 1, 1, 1 });
  rv__program_output (program, out);
  int seed = rv__program_input (program, &shape);
  int grad_in = rv__graph_differentiate (program, &(RvGradSeed){ out, seed }, 1, in);
  RvExecutable *executable = test_executable (program, NULL);
  double ends[2], along = 0;
  fill (z, N, 8);
  for (int end = 0; end < 3; end++) {
    double moved[N];
    RvLosses losses;
    for (int i = 0; i < N; i++)
      moved[i] = z[i] + (end - 1) * CENTRAL_STEP * test_number (21, (guint64) i);
    rv__executable_set (executable, in, moved, NULL);
    g_assert_true (rv__executable_forward (executable, NULL));
    rv__executable_get (executable, out, y, NULL);
    g_assert_true (rv__objective_evaluate_at (objective, y, grad_y, &losses, NULL));
    rv__executable_set (executable, seed, grad_y, NULL);
    g_assert_true (rv__executable_backward (executable, NULL));
    if (end == 1)
      rv__executable_get (executable, grad_in, grad, NULL);
    else
      ends[end / 2] = losses.total;
  }
  for (int i = 0; i < N; i++)
    along += grad[i] * test_number (21, (guint64) i);
  assert_less (fabs (along - (ends[1] - ends[0]) / (2 * CENTRAL_STEP)), 1e-7 * fabs (along));
  rv__executable_free (executable);
}

/* Losses are reported by group, in order; the total is their sum. */
static void
test_groups (void)
{
  double x[N];
  RvLosses losses;
  g_autoptr (GArray) terms = several_terms ();
  RvObjectiveSpec spec = spec_of (terms);
  g_autoptr (RvObjective) objective = ready (&spec, H, W);
  fill (x, N, 6);
  memcpy (rv__objective_x (objective), x, sizeof x);
  g_assert_true (rv__objective_evaluate (objective, &losses, NULL));
  g_assert_cmpint (losses.n_groups, ==, 3);
  g_assert_cmpstr (losses.group[0], ==, "style");
  g_assert_cmpstr (losses.group[1], ==, "content");
  g_assert_cmpstr (losses.group[2], ==, "tv");
  g_assert_null (losses.group[3]);
  assert_less (0, losses.loss[1]);
  assert_less (fabs (losses.total - losses.loss[0] - losses.loss[1] - losses.loss[2]), 1e-15);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static void
test_settings (void)
{
  static const char *const bad[] = { "swd", "nothing.x=1", "relative.x=1", "swd.x=1", "swd.projections=0", "x" };
  const RvLossClass *loss = rv__loss_find ("style", "relative");
  g_autoptr (GError) none = NULL;
  /* settings of other losses are ignored */
  g_assert_null (rv__loss_settings (loss, "swd.projections=8,laplacian.smooth=2", &none));
  g_assert_no_error (none);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (rv__loss_settings (loss, bad[i], &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  }
}

/* ---- values by hand ---------------------------------------------------------------------------------------------- */

/* A loss with its input x and target, one row for each channel, and its value computed by hand. */
typedef struct {
  const char *group, *name, *settings;
  int channels, height, width;
  double x[25], target[25], loss;
} Worked;

/* F = [[1, 2], [3, 4]], two positions of two channels: G = [[5, 11], [11, 25]]. */
static const Worked worked[] = {
  { "style", "keras", NULL, 2, 1, 2, { 1, 2, 3, 4 }, { 0 }, (25 + 121 + 121 + 625) / (4 * 9 * 4.0) },
  { "style", "d2l", NULL, 2, 1, 2, { 1, 2, 3, 4 }, { 0 }, (25 + 121 + 121 + 625) / (4.0 * 4.0) / 4 },
  { "style", "gatys", NULL, 2, 1, 2, { 1, 2, 3, 4 }, { 0 }, (25 + 121 + 121 + 625) / (4.0 * 4.0 * 4.0) },
  /* S = [[10, 0], [0, 0]] */
  { "style", "relative", NULL, 2, 1, 2, { 1, 2, 3, 4 }, { 3, 1, 0, 0 }, (25 + 121 + 121 + 625) / 100.0 },
  { "style", "covariance", NULL, 2, 1, 2, { 1, 2, 3, 4 }, { 0 }, 4 * 0.0625 / 4 },
  /* means 1.5 and 3.5, deviations 1/2; target 0 and 1e-4 */
  { "style",
    "mean-var",
    NULL,
    2,
    1,
    2,
    { 1, 2, 3, 4 },
    { 0 },
    (1.5 * 1.5 + 3.5 * 3.5 + 2 * (0.5 + 1e-8 - 1e-4) * (0.5 + 1e-8 - 1e-4)) / 2 },
  { "content", "sum", NULL, 1, 1, 2, { 1, 2 }, { 3, 5 }, 13 },
  { "content", "mean", NULL, 1, 1, 2, { 1, 2 }, { 3, 5 }, 6.5 },
  { "content", "relative", NULL, 1, 1, 2, { 1, 2 }, { 3, 5 }, 13.0 / 34 },
  { "temporal", "last", NULL, 1, 1, 2, { 1, 2 }, { 3, 5 }, 6.5 / 1600 },
  { "tv", "squared", NULL, 1, 2, 2, { 1, 2, 4, 8 }, { 0 }, (9 + 36) / 2.0 + (1 + 16) / 2.0 },
  { "tv", "d2l", NULL, 1, 2, 2, { 1, 2, 4, 8 }, { 0 }, ((3 + 6) / 2.0 + (1 + 4) / 2.0) / 2 },
  { "tv", "keras", NULL, 1, 2, 2, { 1, 1, 5, 8 }, { 0 }, 32 }, /* (4^2 + 0)^1.25 */
  /* dx = (1, 2); S / t = u u^T, u = (3, 1) / sqrt (10). dx has squares 2.5 along u and 2.5 across it. */
  { "tv", "palette", NULL, 2, 1, 2, { 1, 2, 3, 5 }, { 0, 3, 0, 1 }, (2.5 / 1.001 + 2.5 / 0.001) / 2 },
  { "content", "pixels", "pixels.scale=2", 1, 1, 2, { 1, 2 }, { 3, 5 }, 6.5 / 4 },
  /* Laplacians of x and target: 1 -2 1 and 2 -4 2 */
  { "content", "laplacian", "laplacian.smooth=1", 1, 1, 3, { 0, 1, 0 }, { 0, 2, 0 }, 6.0 / 24 },
  /* histogram matching replaces 1 3 4 by 2 2 5 */
  { "style", "histogram", NULL, 1, 1, 3, { 4, 1, 3 }, { 5, 2, 2 }, 1.0 / 11 },
  { "style", "swd", "swd.projections=2", 1, 1, 3, { 4, 1, 3 }, { 5, 2, 2 }, 1.0 / 11 },
  /* (1, 0) and (-1, 0) match (0.6, 0.8) and (-0.6, -0.8) */
  { "style", "neighbours", NULL, 2, 1, 2, { 1, -1, 0, 0 }, { 3, -3, 4, -4 }, 0.4 },
  { "dream", "squares", NULL, 1, 5, 5, { 9, [12] = 3 }, { 0 }, 9 / 25.0 }, /* the border does not count */
  { "dream", "mean", NULL, 1, 1, 2, { 3, 5 }, { 0 }, 4 },
  /* S = [[10, 0], [0, 0]]: 5 / sqrt (892) - 1 */
  { "unlike", "unlike", NULL, 2, 1, 2, { 1, 2, 3, 4 }, { 3, 1, 0, 0 }, -0.8325876174543938 },
  /* n = 400 + 16 + 4 at both positions, and e = n / 20: sqrt (441) */
  { "dream", "norm", NULL, 3, 1, 2, { 20, 4, 4, 20, 2, 2 }, { 0 }, 21 },
  { "dream", "largest", "largest.smooth=0", 2, 1, 2, { 1, 5, 3, 4 }, { 0 }, 4 },
};

static double
work (const Worked *one)
{
  const RvLossClass *loss = rv__loss_find (one->group, one->name);
  g_autofree gpointer settings = rv__loss_settings (loss, one->settings, NULL);
  g_autoptr (GArray) terms = one_term (loss, NULL, one->channels);
  RvTerm *term = &g_array_index (terms, RvTerm, 0);
  RvLosses losses;
  term->weight = 1;
  g_free (term->settings);
  term->settings = g_steal_pointer (&settings);
  RvObjectiveSpec spec = spec_of (terms);
  spec.channels = one->channels;
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, one->height, one->width, NULL);
  g_assert_true (rv__objective_measure_and_add_target (objective, one->target, one->height, one->width, 1, NULL));
  g_assert_true (rv__objective_bind (objective, NULL));
  g_assert_true (rv__objective_set_features (objective, 0, one->target, NULL));
  memcpy (rv__objective_x (objective), one->x, (gsize) (one->channels * one->height * one->width) * sizeof (double));
  g_assert_true (rv__objective_evaluate (objective, &losses, NULL));
  return losses.total;
}

static void
test_worked (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (worked); i++) {
    double loss = work (&worked[i]);
    g_test_message ("%s-%s: %.15g, by hand %.15g", worked[i].group, worked[i].name, loss, worked[i].loss);
    assert_less (fabs (loss - worked[i].loss), 1e-12 + 1e-12 * worked[i].loss);
  }
}

/* (transfer full): an array of one term dream-largest, on two channels, each of which is a group. */
static GArray *
priced_terms (const char *settings)
{
  GArray *terms = one_term (rv__loss_find ("dream", "largest"), NULL, 2);
  RvTerm *term = &g_array_index (terms, RvTerm, 0);
  term->weight = 1;
  rv__term_set_loss (term, term->loss, settings);
  term->channel_groups = g_new0 (int, 2);
  term->channel_groups[1] = 1;
  return terms;
}

/* With a price, a group that wins all positions gets a cost. In round 1 the winners are 10 and 6, with deviation 2: the
 * second group's 5 exceeds 6 - 2. In round 2 the winners are 10 and 5, with deviation 2.5. Each group gets half of it,
 * and 5 - 1.25 exceeds 6 - 3.25. */
static void
test_price (void)
{
  static const double x[] = { 10, 6, 0, 5 }, before[] = { 0.5, 0.5, 0, 0 }, after[] = { 0.5, 0, 0, 0.5 };
  static const char *const settings[] = { "largest.smooth=0", "largest.smooth=0,largest.price=1" };
  for (int priced = 0; priced < 2; priced++) {
    double gradient[4];
    g_autoptr (GArray) terms = priced_terms (settings[priced]);
    RvObjectiveSpec spec = spec_of (terms);
    spec.channels = 2;
    g_autoptr (RvObjective) objective = rv__objective_new (&spec, 1, 2, NULL);
    g_assert_true (rv__objective_bind (objective, NULL));
    g_assert_cmpfloat (loss_at (objective, x, 4, gradient), ==, priced ? 7.5 : 8);
    for (int i = 0; i < 4; i++)
      g_assert_cmpfloat (gradient[i], ==, priced ? after[i] : before[i]);
  }
}

/* Gradients with smoothing equal central differences. Pictures wider than 672 px use `smooth-large`. */
static void
test_price_gradient (void)
{
  static const struct {
    const char *settings;
    int height, width;
  } runs[] = { { "largest.smooth=1,largest.price=0.5", H, W },
               { "largest.smooth=1,largest.smooth-large=3,largest.price=0.5", 3, 673 },
               { "largest.smooth=1,largest.smooth-large=3,largest.price=0.5", 3, 672 },
               { "largest.smooth=1,largest.price=0.5", 3, 672 } };
  double loss[G_N_ELEMENTS (runs)];
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++) {
    int n = 2 * runs[i].height * runs[i].width;
    g_autofree double *x = g_new (double, n);
    g_autoptr (GArray) terms = priced_terms (runs[i].settings);
    RvObjectiveSpec spec = spec_of (terms);
    spec.channels = 2;
    g_autoptr (RvObjective) objective = rv__objective_new (&spec, runs[i].height, runs[i].width, NULL);
    g_assert_true (rv__objective_bind (objective, NULL));
    fill (x, n, 6);
    check_derivative (objective, x, n, CENTRAL_STEP_OF_RANKS, 1e-7);
    loss[i] = loss_at (objective, x, n, NULL);
  }
  assert_less (0.01, fabs (loss[1] / loss[2] - 1));
  g_assert_cmpfloat (loss[2], ==, loss[3]);
}

/* Every row has a value computed by hand; for dream-guided see best_match in tests/unit/test-op.c. */
static void
test_all_worked (void)
{
  for (guint i = 0; rv__loss_list (i); i++) {
    const RvLossClass *loss = rv__loss_list (i);
    gboolean found = loss->target == RV_TARGET_TENSOR;
    for (guint k = 0; k < G_N_ELEMENTS (worked); k++)
      found |= rv__loss_find (worked[k].group, worked[k].name) == loss;
    if (!found)
      g_test_message ("%s-%s has no value computed by hand", loss->group, loss->name);
    g_assert_true (found);
  }
}

/* Ranks exchange one triangle of a symmetric matrix. Therefore its gradient must be symmetric, bit for bit. */
static void
test_symmetric (gconstpointer data)
{
  const RvLossClass *loss = data;
  double sums[RV_LOSS_MAX_SUMS][C * C], theirs[RV_LOSS_MAX_SUMS][C * C], grad[RV_LOSS_MAX_SUMS][C * C];
  RvLossTarget target = { .positions = 30 };
  RvLossInfo info = { .channels = C, .positions = 90, .picture_h = 9, .picture_w = 10, .n_layers = 1, .mask_mean = 1 };
  for (int k = 0; k < RV_LOSS_MAX_SUMS; k++) {
    target.sum[k] = theirs[k];
    for (int i = 0; i < C * C; i++) {
      int pair = MIN (i / C, i % C) * C + MAX (i / C, i % C);
      sums[k][i] = 90 * test_number (31 + (guint32) k, (guint64) pair);
      theirs[k][i] = 30 * test_number (41 + (guint32) k, (guint64) pair);
    }
  }
  loss->evaluate (&info, (const double *const[]){ sums[0], sums[1] }, &target, (double *const[]){ grad[0], grad[1] });
  for (int k = 0; k < loss->n_sums; k++)
    for (int i = 0; i < C * C && loss->symmetric[k]; i++)
      g_assert_cmpmem (&grad[k][i], sizeof (double), &grad[k][i % C * C + i / C], sizeof (double));
}

static void
add (const char *what, const RvLossClass *loss, GTestDataFunc func)
{
  g_autofree char *name = g_strdup_printf ("/loss/%s/%s-%s", what, loss->group, loss->name);
  g_test_add_data_func (name, loss, func);
}

/* Each role that code looks up exists exactly once. */
static void
test_roles (void)
{
  static const char *const roles[] = { "style",       "guide",   "unlike",  "last frame", "channels",
                                       "activations", "classes", "content", "smoothness" };
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    g_assert_nonnull (rv__loss_for (roles[i]));
  for (guint i = 0; rv__loss_list (i); i++) {
    const RvLossClass *loss = rv__loss_list (i);
    g_assert_true (!loss->role || rv__loss_for (loss->role) == loss);
    g_assert_nonnull (rv__loss_on_words (loss));
    g_assert_nonnull (rv__loss_on_classes (loss));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; rv__loss_list (i); i++) {
    const RvLossClass *loss = rv__loss_list (i);
    gboolean compares = loss->target == RV_TARGET_SUMS || loss->target == RV_TARGET_FEATURES;
    add ("gradient", loss, test_gradient);
    add ("tiles", loss, test_tiles);
    add ("masks", loss, test_masks);
    if (compares || strcmp (loss->group, "tv") == 0)
      add ("zero-at-target", loss, test_zero_at_target);
    if (loss->symmetric[0] || loss->symmetric[1])
      add ("symmetric", loss, test_symmetric);
  }
  g_test_add_func ("/loss/masks-change", test_masks_change);
  g_test_add_func ("/loss/temporal-worked", test_temporal_worked);
  g_test_add_func ("/loss/pictures", test_pictures);
  g_test_add_func ("/loss/other-program", test_other_program);
  g_test_add_func ("/loss/groups", test_groups);
  g_test_add_func ("/loss/roles", test_roles);
  g_test_add_func ("/loss/settings", test_settings);
  g_test_add_func ("/loss/worked", test_worked);
  g_test_add_func ("/loss/price", test_price);
  g_test_add_func ("/loss/price-gradient", test_price_gradient);
  g_test_add_func ("/loss/all-worked", test_all_worked);
  return g_test_run ();
}
