/* test-trainer.c -- training in batches: fits a linear model to points. Tests order, learning rates, clipping, mean
 * weights, and checkpoints that resume to the same bytes. */
#include "method/train/grad-accumulator.h"
#include "method/train/trainer.h"
#include "support/formula.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

#define N_POINTS 37
#define BATCH 8
#define N_IN 3
#define N_OUT 2

/* A model y = W x + b, fitted to points for which such an equation holds. */
typedef struct {
  RvParameters *parameters;
  RvParameterValues *trained;
  RvTrainer *trainer;
  RvExecutable *executable;
  int x, target, sums, grad_sums;
} Fit;

static RvTrainerSettings
usual (void)
{
  return (
    RvTrainerSettings){ .optim = rv__optim_find ("adam"),
                        .optim_settings = { .learning_rate = 0.05, .decay = 1, .decay_steps = 1, .gradient_scale = 1 },
                        .n_examples = N_POINTS,
                        .batch = BATCH,
                        .seed = 5,
                        .shuffle_stream = 1,
                        .data = "points" };
}

static Fit
fit_new (const RvTrainerSettings *settings)
{
  g_autoptr (GError) error = NULL;
  Fit fit = { .parameters = rv__parameters_new () };
  RvShape weight = rv_shape (2, N_OUT, N_IN), bias = rv_shape (1, N_OUT);
  RvShape x = rv_shape (2, BATCH, N_IN), y = rv_shape (2, BATCH, N_OUT), sums = rv_shape (1, BATCH);
  g_assert_true (rv__parameters_add (fit.parameters, "weight", &weight, &error));
  g_assert_true (rv__parameters_add (fit.parameters, "bias", &bias, &error));
  g_assert_true (rv__parameters_add (fit.parameters, "idle", &bias, &error)); /* not in the program */
  fit.trained = rv__parameter_values_new (fit.parameters);
  RvProgram *program = rv__program_new (RV_F32);
  fit.x = rv__program_input (program, &x);
  fit.target = rv__program_input (program, &y);
  int w = rv__parameter_values_record (fit.trained, program, "weight"),
      b = rv__parameter_values_record (fit.trained, program, "bias");
  g_assert_cmpint (rv__parameter_values_record (fit.trained, program, "bias"), ==, b);
  fit.sums = rv__squared_error (program, rv__dense (program, fit.x, w, b), fit.target);
  rv__program_output (program, fit.sums);
  fit.grad_sums = rv__program_input (program, &sums);
  g_assert_true (
    rv__parameter_values_differentiate (fit.trained, program, &(RvGradSeed){ fit.sums, fit.grad_sums }, 1));
  fit.executable = test_executable (program, rv__backend_find (NULL, NULL)->name);
  g_assert_true (rv__parameter_values_bind (fit.trained, fit.executable, &error));
  fit.trainer = rv__trainer_new (fit.parameters, settings, &error);
  g_assert_no_error (error);
  return fit;
}

static void
fit_clear (Fit *fit)
{
  rv__trainer_free (fit->trainer);
  rv__parameter_values_free (fit->trained);
  rv__executable_free (fit->executable);
  g_array_unref (fit->parameters);
}

/* Number @k of point @i: the coordinates of x, then those of y. */
static float
point (gint64 i, int k)
{
  if (k < N_IN)
    return (float) formula_number ("points", (guint64) (i * N_IN + k));
  double y = 0.5 * (k - N_IN) - 0.2;
  for (int j = 0; j < N_IN; j++)
    y += (j - k + 2.5) * (double) point (i, j);
  return (float) y;
}

static double
fit_batch (Fit *fit, gint64 batch)
{
  float x[BATCH * N_IN] = { 0 }, y[BATCH * N_OUT] = { 0 }, sums[BATCH], grad[BATCH] = { 0 };
  gint64 n = rv__trainer_batch_size (fit->trainer, batch);
  double loss = 0;
  for (gint64 i = 0; i < n; i++) {
    gint64 at = fit->trainer->order[batch * BATCH + i];
    grad[i] = (float) (1 / (double) n);
    for (int k = 0; k < N_IN + N_OUT; k++)
      *(k < N_IN ? &x[i * N_IN + k] : &y[i * N_OUT + k - N_IN]) = point (at, k);
  }
  g_assert_true (rv__executable_set (fit->executable, fit->x, x, NULL));
  g_assert_true (rv__executable_set (fit->executable, fit->target, y, NULL));
  g_assert_true (rv__parameter_values_push (fit->trained, NULL));
  g_assert_true (rv__executable_forward (fit->executable, NULL));
  g_assert_true (rv__executable_get (fit->executable, fit->sums, sums, NULL));
  g_assert_true (rv__executable_set (fit->executable, fit->grad_sums, grad, NULL));
  g_assert_true (rv__executable_backward (fit->executable, NULL));
  g_assert_true (rv__parameter_values_pull (fit->trained, NULL));
  for (gint64 i = 0; i < n; i++)
    loss += (double) sums[i] / (double) n;
  rv__trainer_step (fit->trainer, fit->trained->at, fit->trained->grad_at, loss);
  return loss;
}

/* Trains until epoch @until. Returns the mean loss of the last epoch. */
static double
fit_epochs (Fit *fit, gint64 until)
{
  double loss = 0;
  for (; fit->trainer->epoch < until; fit->trainer->epoch++) {
    rv__trainer_shuffle (fit->trainer);
    loss = 0;
    for (gint64 batch = 0; batch < fit->trainer->n_batches; batch++)
      loss += fit_batch (fit, batch) / (double) fit->trainer->n_batches;
  }
  rv__parameter_values_store (fit->trained);
  return loss;
}

static void
test_fits (void)
{
  RvTrainerSettings settings = usual ();
  Fit fit = fit_new (&settings);
  double first = fit_epochs (&fit, 1), last = fit_epochs (&fit, 200);
  g_test_message ("%g to %g", first, last);
  assert_less (last, 1e-4 * first);
  const float *w = rv__parameter (fit.parameters, 0)->tensor->data,
              *b = rv__parameter (fit.parameters, 1)->tensor->data;
  for (int k = 0; k < N_OUT; k++)
    for (int j = 0; j < N_IN; j++)
      assert_less (fabs (w[k * N_IN + j] - (j - k - N_IN + 2.5)), 0.02);
  assert_less (fabs (b[0] + 0.2), 0.02);
  g_assert_cmpfloat (((float *) rv__parameter (fit.parameters, 2)->tensor->data)[0], ==, 0);
  fit_clear (&fit);
}

/* An epoch has each example once. The order differs from epoch to epoch and is reproducible. */
static void
test_order (void)
{
  RvTrainerSettings settings = usual ();
  Fit fit = fit_new (&settings);
  gint64 first[N_POINTS], seen[N_POINTS] = { 0 };
  g_assert_cmpint (fit.trainer->n_batches, ==, 5);
  g_assert_cmpint (rv__trainer_batch_size (fit.trainer, 3), ==, BATCH);
  g_assert_cmpint (rv__trainer_batch_size (fit.trainer, 4), ==, N_POINTS - 4 * BATCH);
  rv__trainer_shuffle (fit.trainer);
  memcpy (first, fit.trainer->order, sizeof first);
  for (int i = 0; i < N_POINTS; i++)
    seen[first[i]]++;
  for (int i = 0; i < N_POINTS; i++)
    g_assert_cmpint (seen[i], ==, 1);
  fit.trainer->epoch = 1;
  rv__trainer_shuffle (fit.trainer);
  g_assert_cmpint (memcmp (first, fit.trainer->order, sizeof first), !=, 0);
  fit.trainer->epoch = 0;
  rv__trainer_shuffle (fit.trainer);
  g_assert_cmpmem (first, sizeof first, fit.trainer->order, sizeof first);
  fit_clear (&fit);
}

static void
test_rates (void)
{
  static const struct {
    RvRateSchedule form;
    gint64 warmup, n, k;
    double rate;
  } cases[] = { { RV_RATE_CONSTANT, 0, 0, 0, 1 },  { RV_RATE_CONSTANT, 4, 0, 0, 0.25 },
                { RV_RATE_CONSTANT, 4, 0, 3, 1 },  { RV_RATE_CONSTANT, 4, 0, 9, 1 },
                { RV_RATE_LINEAR, 0, 10, 0, 1 },   { RV_RATE_LINEAR, 0, 10, 5, 0.5 },
                { RV_RATE_LINEAR, 0, 10, 10, 0 },  { RV_RATE_LINEAR, 0, 10, 99, 0 },
                { RV_RATE_LINEAR, 2, 10, 6, 0.5 }, { RV_RATE_COSINE, 0, 10, 0, 1 },
                { RV_RATE_COSINE, 0, 10, 5, 0.5 }, { RV_RATE_COSINE, 0, 12, 4, 0.75 },
                { RV_RATE_COSINE, 0, 10, 10, 0 } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    RvTrainerSettings settings = { .rate = cases[i].form, .warmup_steps = cases[i].warmup, .n_steps = cases[i].n };
    assert_less (fabs (rv__trainer_rate_factor (&settings, cases[i].k) - cases[i].rate), 1e-12);
  }
}

/* One parameter of two numbers, by hand: gradient descent with rate 1. */
static void
test_step (void)
{
  RvTrainerSettings settings = { .optim = rv__optim_find ("sgd"),
                                 .optim_settings = { .learning_rate = 1, .decay = 1, .decay_steps = 1 },
                                 .n_examples = 2,
                                 .batch = 1,
                                 .data = "",
                                 .rate = RV_RATE_LINEAR,
                                 .n_steps = 4,
                                 .clip_norm = 5,
                                 .average = 0.6 };
  RvShape shape = rv_shape (1, 2);
  g_autoptr (GError) error = NULL;
  RvParameters *parameters = rv__parameters_new ();
  g_assert_true (rv__parameters_add (parameters, "w", &shape, &error));
  g_autoptr (RvTrainer) trainer = rv__trainer_new (parameters, &settings, &error);
  g_assert_no_error (error);
  float x[2] = { 0 }, g[2] = { 6, 8 }, *at[] = { x }, *grad[] = { g };
  assert_less (fabs (rv__trainer_step (trainer, at, grad, 1) - 10), 1e-6); /* clipped to 3, 4; rate 1 */
  assert_less (fabs (x[0] + 3) + fabs (x[1] + 4), 1e-6);
  assert_less (fabs (trainer->average[0][0] + 3), 1e-6); /* mean of one */
  g[0] = 0, g[1] = 4;
  assert_less (fabs (rv__trainer_step (trainer, at, grad, 1) - 4), 1e-6); /* not clipped; rate 3/4 */
  assert_less (fabs (x[0] + 3) + fabs (x[1] + 7), 1e-6);
  assert_less (fabs (trainer->average[0][1] + 5.5), 1e-6); /* mean of two */
  g[1] = 2;
  rv__trainer_step (trainer, at, grad, 1); /* rate 1/2 */
  assert_less (fabs (x[1] + 8), 1e-6);
  assert_less (fabs (trainer->average[0][1] + 0.6 * 5.5 + 0.4 * 8), 1e-6); /* weight 0.6, which is less than 2/3 */
  g_array_unref (parameters);
}

static RvTensorMap *
saved (const Fit *fit)
{
  RvTensorMap *map = rv_tensor_map_new ();
  g_autoptr (GError) error = NULL;
  g_assert_true (rv__trainer_save (fit->trainer, map, &error));
  g_assert_no_error (error);
  return map;
}

static void
test_goes_on (void)
{
  RvTrainerSettings settings = usual ();
  settings.rate = RV_RATE_COSINE, settings.n_steps = 40, settings.warmup_steps = 3;
  settings.clip_norm = 1, settings.average = 0.9;
  Fit whole = fit_new (&settings), first = fit_new (&settings), second = fit_new (&settings);
  fit_epochs (&whole, 7);
  fit_epochs (&first, 3);
  g_autoptr (RvTensorMap) map = saved (&first);
  g_autoptr (GError) error = NULL;
  g_assert_true (rv__trainer_restore (second.trainer, map, first.parameters, &error));
  g_assert_no_error (error);
  rv__parameter_values_load (second.trained);
  g_assert_cmpint (second.trainer->epoch, ==, 3);
  fit_epochs (&second, 7);
  for (guint i = 0; i < whole.parameters->len; i++) {
    const RvTensor *a = rv__parameter (whole.parameters, i)->tensor, *b = rv__parameter (second.parameters, i)->tensor;
    g_assert_cmpmem (a->data, rv_tensor_bytes (a), b->data, rv_tensor_bytes (b));
    g_assert_cmpmem (whole.trainer->average[i], rv_tensor_bytes (a), second.trainer->average[i], rv_tensor_bytes (a));
  }
  fit_clear (&whole);
  fit_clear (&first);
  fit_clear (&second);
}

static void
expect_refusal (Fit *fit, const RvTensorMap *map, const RvParameters *stored, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (rv__trainer_restore (fit->trainer, map, stored, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  if (!strstr (error->message, why))
    g_error ("'%s' lacks '%s'", error->message, why);
}

static void
test_refusals (void)
{
  RvTrainerSettings settings = usual (), other = usual ();
  other.data = "other points";
  Fit fit = fit_new (&settings), of_other = fit_new (&other);
  fit_epochs (&fit, 1);
  g_autoptr (RvTensorMap) map = saved (&fit), empty = rv_tensor_map_new ();
  RvParameters *none = rv__parameters_new ();
  expect_refusal (&of_other, map, fit.parameters, "other data");
  expect_refusal (&fit, empty, fit.parameters, "not a checkpoint");
  expect_refusal (&fit, map, none, "another architecture");
  rv_tensor_map_set_text (map, "training.steps", "1");
  expect_refusal (&fit, map, fit.parameters, "damaged");
  rv_tensor_map_set_text (map, "training.steps", "5");
  RvShape wrong = rv_shape (1, 1);
  g_autoptr (RvTensor) tensor = rv_tensor_new (RV_F32, &wrong, NULL);
  rv_tensor_map_set (map, "adam.v.bias", tensor);
  expect_refusal (&fit, map, fit.parameters, "adam.v.bias");

  g_autoptr (GError) error = NULL;
  settings.optim = rv__optim_find ("lbfgs");
  g_assert_null (rv__trainer_new (fit.parameters, &settings, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_array_unref (none);
  fit_clear (&fit);
  fit_clear (&of_other);
}

/* Gradients of micro-batches are added in double. In f32 the sum would depend on the grouping: 1 is lost next to 2^24.
 */
static void
test_slices (void)
{
  g_autoptr (GError) error = NULL;
  const float numbers[3][2] = { { 16777216, 0.25f }, { 1, 0.5f }, { 1, -2 } };
  float grad[2];
  double losses[1] = { 0 };
  g_autoptr (RvGradAccumulator) slices = rv__grad_accumulator_new (3, 1);
  rv__grad_accumulator_add_buffer (slices, &grad[0], 1);
  rv__grad_accumulator_add_buffer (slices, NULL, 5);
  rv__grad_accumulator_add_buffer (slices, &grad[1], 1);
  g_assert_true (rv__grad_accumulator_allocate (slices, &error));
  memcpy (grad, numbers[2], sizeof grad);
  rv__grad_accumulator_add (slices, losses); /* gradients of a batch that is then cancelled */
  rv__grad_accumulator_clear (slices);
  for (int batch = 0; batch < 2; batch++) { /* each batch starts from zero */
    g_assert_cmpint (rv__grad_accumulator_first (slices), ==, 0);
    g_assert_cmpint (rv__grad_accumulator_end (slices), ==, 3);
    for (int k = 0; k < 3; k++) {
      memcpy (grad, numbers[k], sizeof grad);
      losses[0] = k + 1;
      rv__grad_accumulator_add (slices, losses);
    }
    g_assert_true (rv__grad_accumulator_sum (slices, losses, &error));
    g_assert_cmpfloat (grad[0], ==, 16777218);
    g_assert_cmpfloat (grad[1], ==, -1.25f);
    g_assert_cmpfloat (losses[0], ==, 6);
  }
  g_autoptr (RvGradAccumulator) one = rv__grad_accumulator_new (1, 1);
  rv__grad_accumulator_add_buffer (one, grad, 2);
  g_assert_true (rv__grad_accumulator_allocate (one, &error));
  losses[0] = 7;
  rv__grad_accumulator_add (one, losses);
  g_assert_true (rv__grad_accumulator_sum (one, losses, &error));
  g_assert_cmpfloat (grad[0], ==, 16777218);
  g_assert_cmpfloat (losses[0], ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trainer/fits", test_fits);
  g_test_add_func ("/trainer/order", test_order);
  g_test_add_func ("/trainer/rates", test_rates);
  g_test_add_func ("/trainer/step", test_step);
  g_test_add_func ("/trainer/goes-on", test_goes_on);
  g_test_add_func ("/trainer/refusals", test_refusals);
  g_test_add_func ("/trainer/slices", test_slices);
  return g_test_run ();
}
