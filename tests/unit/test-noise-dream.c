/* test-noise-dream.c -- dreams from noise: spectrum to picture and back against PyTorch's FFT
 * (tests/golden/fourier-torch.py) and finite differences. Also the random transform and its transpose, tiles, and
 * resumed runs. */
#include "method/dream/dream-internal.h"
#include "method/objective/fourier.h"
#include "support/formula.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/weights.h>
#include <string.h>

#define ROWS 97
#define COLS 121
#define NUMBERS (3 * ROWS * COLS)

/* ---- the spectrum ------------------------------------------------------------------------------------------------ */

static void
compare (const char *golden, const float *numbers)
{
  g_autofree double *wide = g_new (double, NUMBERS);
  for (int i = 0; i < NUMBERS; i++)
    wide[i] = (double) numbers[i];
  formula_compare (golden, wide, NUMBERS, 1e-5, 1e-4);
}

static void
test_golden (gconstpointer backend)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = formula_golden ("fourier-torch.txt");
  const RvBackendClass *class = rv__backend_find (backend, &error);
  RvFourier *fourier = rv__fourier_new (class, 2, COLS, ROWS, 1, &rv__dream_space, &error);
  g_assert_no_error (error);
  g_autofree float *x = g_new (float, NUMBERS), *wanted = g_new (float, NUMBERS);
  for (int i = 0; i < NUMBERS; i++) {
    rv__fourier_spectrum (fourier)[i] = (float) formula_number ("spectrum", (guint64) i);
    wanted[i] = (float) formula_number ("wanted", (guint64) i);
  }
  g_assert_true (rv__fourier_get_picture (fourier, x, &error));
  compare (lines[0], x);
  const float *grad = rv__fourier_gradient (fourier, wanted, &error);
  g_assert_no_error (error);
  compare (lines[1], grad);
  rv__fourier_free (fourier);
}

/* Sum of the picture's numbers with random weights. */
static double
weighed_picture (RvExecutable *executable, int x, int n)
{
  double sum = 0;
  g_assert_true (rv__executable_forward (executable, NULL));
  g_autofree double *picture = test_get (executable, x);
  for (int i = 0; i < n; i++)
    sum += test_number (2, (guint64) i) * picture[i];
  return sum;
}

#define CENTRAL_STEP 1e-5

static void
check_gradient (int rows, int cols)
{
  RvShape shape = rv_shape (4, 1, 3, rows, cols);
  RvProgram *program = rv__program_new (RV_F64);
  int n = 3 * rows * cols, s = rv__program_input (program, &shape);
  int x = rv__fourier_record (program, s, 1, &rv__rgb_0_255), grad_x;
  rv__program_output (program, x);
  grad_x = rv__program_input (program, &shape);
  int grad_s = rv__graph_differentiate (program, &(RvGradSeed){ x, grad_x }, 1, s);
  g_autoptr (RvExecutable) executable = test_executable (program, NULL);
  test_fill (executable, s, 1, 1);
  test_fill (executable, grad_x, 2, 1);
  weighed_picture (executable, x, n);
  g_assert_true (rv__executable_backward (executable, NULL));
  g_autofree double *grad = test_get (executable, grad_s), *slope = g_new (double, n), *at = g_new (double, n);
  for (int i = 0; i < n; i++)
    at[i] = test_number (1, (guint64) i);
  for (int i = 0; i < n; i++) {
    double sum[2], was = at[i];
    for (int side = 0; side < 2; side++) {
      at[i] = was + (side ? CENTRAL_STEP : -CENTRAL_STEP);
      g_assert_true (rv__executable_set (executable, s, at, NULL));
      sum[side] = weighed_picture (executable, x, n);
    }
    at[i] = was;
    slope[i] = (sum[1] - sum[0]) / (2 * CENTRAL_STEP);
  }
  assert_less (test_relative (grad, slope, n), 1e-8);
}

static void
test_gradient (void)
{
  check_gradient (5, 6);
  check_gradient (4, 1);
  check_gradient (1, 1);
  check_gradient (7, 7);
}

/* Picture to spectrum and back gives the picture, except near black and white, for odd and even sides and for one
 * pixel. */
static void
test_enter (void)
{
  static const int sides[][2] = { { 12, 9 }, { 7, 16 }, { 1, 1 }, { 1, 5 } };
  const RvBackendClass *class = rv__backend_find (NULL, NULL);
  for (guint k = 0; k < G_N_ELEMENTS (sides); k++) {
    g_autoptr (GError) error = NULL;
    int n = 3 * sides[k][0] * sides[k][1];
    g_autofree float *x = g_new (float, n), *back = g_new (float, n);
    RvFourier *fourier = rv__fourier_new (class, 1, sides[k][0], sides[k][1], 0.01, &rv__rgb_0_255, &error);
    g_assert_no_error (error);
    for (int i = 0; i < n; i++)
      x[i] = i == 1 ? 255 : (float) (128 + 120 * test_number (3, (guint64) i)); /* 8 to 248 */
    g_assert_true (rv__fourier_set_picture (fourier, x, &error) && rv__fourier_get_picture (fourier, back, &error));
    for (int i = 0; i < n; i++)
      assert_less (fabs ((double) back[i] - (double) MIN (x[i], 0.99f * 255)), 0.01);
    rv__fourier_free (fourier);
  }
}

/* ---- transforms -------------------------------------------------------------------------------------------------- */

/* For a transform T and its transpose T': <T x, y> = <x, T' y>. The identity changes no byte. */
static void
test_turn (void)
{
  static const RvDreamAffine turns[] = {
    { 9, 7, 0, 0, 0, 1, FALSE },         { 9, 7, 2.5, -1.25, 0.2, 1.1, FALSE }, { 9, 7, -30, 12, -1, 0.6, TRUE },
    { 1, 1, 0.5, 0.5, 0.3, 1.2, FALSE }, { 1, 4, 0.5, 0.5, 3, 1.9, TRUE },
  };
  for (guint t = 0; t < G_N_ELEMENTS (turns); t++) {
    float x[3 * 9 * 7], y[3 * 9 * 7], turned[3 * 9 * 7], back[3 * 9 * 7];
    int n = 3 * turns[t].width * turns[t].height;
    double there = 0, here = 0;
    for (int i = 0; i < n; i++) {
      x[i] = (float) test_number (1, (guint64) i);
      y[i] = (float) test_number (2, (guint64) i);
    }
    rv__dream_affine (&turns[t], x, turned);
    rv__dream_affine_backward (&turns[t], y, back);
    for (int i = 0; i < n; i++) {
      there += (double) turned[i] * (double) y[i];
      here += (double) x[i] * (double) back[i];
    }
    assert_less (fabs (there - here), 1e-5 * (1 + fabs (here)));
    if (t == 0)
      g_assert_cmpmem (x, (gsize) n * sizeof (float), turned, (gsize) n * sizeof (float));
  }
}

/* A rotation by 90 degrees moves the middle of the right edge to the middle of the top edge. */
static void
test_quarter (void)
{
  RvDreamAffine quarter = { .width = 3, .height = 3, .angle_rad = G_PI / 2, .scale = 1 };
  float x[27] = { 0 }, y[27];
  x[3 + 2] = 1;
  rv__dream_affine (&quarter, x, y);
  for (int i = 0; i < 27; i++)
    assert_less (fabs ((double) y[i] - (i == 1)), 1e-6);
}

/* ---- runs -------------------------------------------------------------------------------------------------------- */

#define SIDE 80

static RvDream *
prepare (const char *const *pairs, RvNet *net)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvSettings) settings = test_settings_of ("dream", "feature");
  g_autoptr (RvImage) size = rv_image_new (SIDE, SIDE, &error);
  rv_settings_set (settings, "exact", "yes", NULL);
  rv_settings_set (settings, "precision", "f32", NULL);
  rv_settings_set (settings, "iterations", "6", NULL);
  for (; *pairs; pairs += 2) {
    rv_settings_set (settings, pairs[0], pairs[1], &error);
    g_assert_no_error (error);
  }
  RvDream *dream = rv__dream_new (settings, net, size, &error);
  g_assert_no_error (error);
  return dream;
}

static RvImage *
run (const char *const *pairs, RvNet *net, RvIterationFunc progress, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvDream) dream = prepare (pairs, net);
  RvImage *result = NULL;
  rv__dream_run (dream, progress, data, &result, &error);
  g_assert_no_error (error);
  return result;
}

typedef struct {
  double first, last;
} Climb;

static gboolean
watch (const RvIteration *progress, gpointer user_data)
{
  Climb *climb = user_data;
  if (progress->iteration == 1)
    climb->first = progress->loss;
  climb->last = progress->loss;
  return TRUE;
}

/* The objective of a channel, of a word and of a layer grows. */
static void
test_climbs (void)
{
  static const char *const wanted[][2] = { { "neuron", "conv4_1:3" }, { "toward", "macaw" }, { "layers", "conv3_1" } };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    Climb climb = { 0 };
    const char *const pairs[] = { wanted[i][0],    wanted[i][1], "iterations",   "30", "step", "0.06",
                                  "random-rotate", "0",          "random-scale", "0",  NULL };
    g_autoptr (RvImage) result = run (pairs, net, watch, &climb);
    g_test_message ("%s: %g to %g", wanted[i][1], climb.first, climb.last);
    assert_less (climb.first + 1, climb.last);
  }
}

/* Writes the gradient of step @number, for the first picture of a dream, to @grad. */
static void
gradient_at (const char *const *pairs, RvNet *net, gint64 number, float *grad)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvDream) dream = prepare (pairs, net);
  g_assert_true (rv__dream_plan_memory (dream, NULL, &error));
  g_autoptr (GArray) buffers = rv__dream_buffers (dream);
  RvDreamRun run = { .dream = dream, .at = rv__dream_octave (dream, 0) };
  double loss;
  run.noise_dream = rv__noise_dream_new (dream, run.at, &error);
  g_assert_true (run.noise_dream && rv__buffers_enter (buffers, RV_DREAM_RUNNING, &error) &&
                 rv__noise_dream_picture (run.noise_dream, run.at->x, &error) &&
                 rv__dream_engines_acquire (dream, 0, &run.engines, &error));
  g_assert_true (rv__dream_gradient (&run, run.engines.dream, number, grad, &loss, &error));
  rv__dream_engines_clear (&run.engines);
  rv__noise_dream_free (run.noise_dream);
}

/* Step -1 has no random transform, for both values of `jitter-edge`. Other steps have one. */
static void
test_untransformed (void)
{
  const char *const still[] = { "layers",        "conv3_1", "jitter",       "0", /* no transform in any step */
                                "random-rotate", "0",       "random-scale", "0", NULL };
  const char *const wrap[] = { "layers", "conv3_1", NULL };
  const char *const mirror[] = { "layers", "conv3_1", "jitter-edge", "mirror", NULL };
  const gsize bytes = 3 * SIDE * SIDE * sizeof (float);
  g_autofree float *a = g_malloc (bytes), *b = g_malloc (bytes);
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  gradient_at (still, net, 5, a);
  gradient_at (wrap, net, -1, b);
  g_assert_cmpmem (a, bytes, b, bytes);
  gradient_at (mirror, net, -1, b);
  g_assert_cmpmem (a, bytes, b, bytes);
  gradient_at (wrap, net, 5, b);
  g_assert_true (memcmp (a, b, bytes) != 0);
}

/* The whole picture is transformed before it is divided into tiles. */
static void
test_tiles (void)
{
  const char *const whole[] = { "neuron", "conv3_1:3", "iterations", "1", NULL };
  const char *const tiled[] = { "neuron", "conv3_1:3", "iterations", "1", "tile", "48", NULL };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  double first = 0;
  for (int i = 0; i < 2; i++) {
    Climb climb;
    g_autoptr (RvImage) result = run (i ? tiled : whole, net, watch, &climb);
    if (i == 0)
      first = climb.last;
    assert_less (fabs (climb.last - first), 1e-5 * (1 + fabs (first)));
  }
}

static gboolean
save_and_stop (const RvIteration *p, gpointer file)
{
  if (p->iteration != 3)
    return TRUE;
  g_autoptr (RvTensorMap) state = rv__dream_state (p);
  g_assert_true (rv_weights_save (state, file, TRUE, NULL));
  return FALSE;
}

/* A resumed run gives the bytes of an uninterrupted one. A damaged spectrum is refused. */
static void
test_resume (void)
{
  const char *const pairs[] = { "neuron", "conv3_1:3", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL), *file = g_build_filename (folder, "run.st", NULL);
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) whole = run (pairs, net, NULL, NULL), part = run (pairs, net, save_and_stop, file), result = NULL;
  g_autoptr (RvDream) again = prepare (pairs, net), damaged = prepare (pairs, net);
  g_autoptr (RvTensorMap) state = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, &error);
  g_assert_nonnull (part);
  g_assert_true (rv__dream_resume (again, state, &error) && rv__dream_run (again, NULL, NULL, &result, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (whole->rgb->data, rv_tensor_bytes (whole->rgb), result->rgb->data, rv_tensor_bytes (result->rgb));
  RvShape one = rv_shape (1, 1);
  g_autoptr (RvTensor) tensor = rv_tensor_new (RV_F32, &one, NULL);
  rv_tensor_map_set (state, "spectrum", tensor);
  g_clear_pointer (&result, rv_image_unref);
  g_assert_false (rv__dream_resume (damaged, state, &error) && rv__dream_run (damaged, NULL, NULL, &result, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_remove (file);
  g_rmdir (folder);
}

static void
test_refused (void)
{
  static const char *const wrong[][2] = { { "neuron", "conv4_1" },
                                          { "neuron", "conv4_1:999" },
                                          { "neuron", "conv9_1:1" },
                                          { "neuron", "conv4_1:" },
                                          { "octaves", "2" } };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvSettings) settings = test_settings_of ("dream", "feature");
    rv_settings_set (settings, wrong[i][0], wrong[i][1], NULL);
    g_assert_false (rv__dream_settings_check (settings, "builtin", &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/feature/golden", NULL, test_golden);
  g_test_add_data_func ("/feature/golden/reference", "reference", test_golden);
  g_test_add_func ("/feature/gradient", test_gradient);
  g_test_add_func ("/feature/enter", test_enter);
  g_test_add_func ("/feature/turn", test_turn);
  g_test_add_func ("/feature/turn/quarter", test_quarter);
  g_test_add_func ("/feature/climbs", test_climbs);
  g_test_add_func ("/feature/untransformed", test_untransformed);
  g_test_add_func ("/feature/tiles", test_tiles);
  g_test_add_func ("/feature/resume", test_resume);
  g_test_add_func ("/feature/refused", test_refused);
  return g_test_run ();
}
