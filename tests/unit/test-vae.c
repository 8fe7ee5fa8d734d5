/* test-vae.c -- variational autoencoders: gradients of whole models in double; the fast backend against the reference;
 * 21 steps against PyTorch (tests/golden/vae-torch.py); checkpoints, files, scores. */
#include "base/random.h"
#include "graph/graph.h"
#include "io/dataset/dataset-internal.h"
#include "method/vae/vae-internal.h"
#include "support/formula.h"
#include "support/support.h"
#include <gio/gio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROWS 12
#define COLS 8
#define N 20

/* ---- models and pictures from formulas --------------------------------------------------------------------------- */

static RvSettings *
settings_with (const char *const *pairs)
{
  g_autoptr (GError) error = NULL;
  RvSettings *settings = rv_settings_new ("vae", NULL);
  for (; *pairs; pairs += 2) {
    rv_settings_set (settings, pairs[0], pairs[1], &error);
    g_assert_no_error (error);
  }
  return settings;
}

static const char *const conv[] = { "width",         "4",    "depth", "2", "dense",  "10", "latent", "3",
                                    "kl-warmup",     "2",    "batch", "8", "epochs", "7",  "seed",   "5",
                                    "learning-rate", "0.02", NULL };
static const char *const mlp[] = { "architecture", "mlp", "width",         "16",       "depth",  "1",
                                   "latent",       "4",   "likelihood",    "gaussian", "sigma",  "learned",
                                   "beta",         "0.5", "batch",         "8",        "epochs", "7",
                                   "seed",         "5",   "learning-rate", "0.02",     NULL };

static const char *const conv_iwae[] = { "objective", "iwae:5", "width", "4", "depth",  "2", "dense",         "10",
                                         "latent",    "3",      "batch", "8", "epochs", "7", "learning-rate", "0.02",
                                         "seed",      "5",      NULL };
static const char *const mlp_iwae[] = {
  "objective", "iwae:3",     "architecture",  "mlp",   "width",   "16",    "latent",
  "4",         "likelihood", "gaussian",      "sigma", "learned", "batch", "8",
  "epochs",    "7",          "learning-rate", "0.02",  "seed",    "5",     NULL
};

static char *const letters[] = { (char *) "a", (char *) "b", (char *) "c", NULL };
enum { N_LABELS = G_N_ELEMENTS (letters) - 1 };

/* (transfer full): a VAE with weights from a formula. @labels (nullable): labels of a conditional model. */
static RvVae *
formula_labelled_vae (const char *const *pairs, char *const *labels)
{
  g_autoptr (RvSettings) settings = settings_with (pairs);
  RvVae *vae = rv__vae_new_labelled (settings, 1, ROWS, COLS, labels, NULL);
  for (guint i = 0; i < vae->parameters->len; i++) {
    const RvParameter *parameter = &g_array_index (vae->parameters, RvParameter, i);
    float scale = g_str_has_suffix (parameter->name, "bias") ? 0.1f : 0.6f;
    if (parameter->tensor == rv__vae_log_sigma (vae))
      continue;
    for (gint64 k = 0; k < rv_tensor_count (parameter->tensor); k++)
      ((float *) parameter->tensor->data)[k] = (float) formula_number (parameter->name, (guint64) k) * scale;
  }
  return vae;
}

static RvVae *
formula_vae (const char *const *pairs)
{
  return formula_labelled_vae (pairs, NULL);
}

/* (transfer full): @n pictures of noise, with the labels 0, 1, 2, 0, ... */
static RvDataset *
formula_dataset (int n)
{
  RvDataset *dataset = rv__dataset_new ("formula", n, 1, ROWS, COLS, NULL);
  for (int i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("vae/%d", i);
    formula_noise (name, 4, ROWS, COLS, dataset->pixels + i * ROWS * COLS);
  }
  rv__dataset_compute_hash (dataset, NULL);
  dataset->label_names = g_strdupv ((GStrv) letters);
  dataset->labels = g_new (guint16, n);
  for (int i = 0; i < n; i++)
    dataset->labels[i] = (guint16) (i % N_LABELS);
  return dataset;
}

/* ---- gradients --------------------------------------------------------------------------------------------------- */

#define STEP 1e-5
#define BATCH 3

/* Outputs of the training program, and the values of their gradients; -1: none. */
#define SEEDS(engine)                                                                                                  \
  {                                                                                                                    \
    { (engine)->reconstruction, (engine)->grad_reconstruction }, { (engine)->kl, (engine)->grad_kl },                  \
      { (engine)->z, (engine)->grad_z },                                                                               \
    {                                                                                                                  \
      (engine)->logvar, (engine)->grad_logvar                                                                          \
    }                                                                                                                  \
  }

/* Parameters in the program: all but log sigma, the last one. */
static guint
n_recorded (const RvVae *vae)
{
  return vae->parameters->len - (rv__vae_log_sigma (vae) != NULL);
}

static RvExecutable *
executable_of (const RvVae *vae, RvType type, const char *backend, RvVaeEngine *engine)
{
  RvExecutable *executable = test_executable (rv__vae_record (vae, RV_VAE_TRAIN, BATCH, type, engine), backend);
  test_fill (executable, engine->eps, 1, 1);
  const RvGradSeed seeds[] = SEEDS (engine);
  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    if (seeds[i].grad >= 0)
      test_fill (executable, seeds[i].grad, 2 + i, 1);
  g_autofree double *x = test_get (executable, engine->x);
  g_autofree float *single = g_new (float, BATCH *ROWS *COLS);
  for (int i = 0; i < BATCH * ROWS * COLS; i++)
    single[i] = (float) (x[i] = (test_number (6, (guint64) i) + 1) / 2);
  rv__executable_set (executable, engine->x, type == RV_F64 ? (void *) x : (void *) single, NULL);
  static const double one_hot[BATCH * N_LABELS] = { 1, 0, 0, 0, 0, 1, 0, 0, 0 };
  static const float one_hot_f32[BATCH * N_LABELS] = { 1, 0, 0, 0, 0, 1, 0, 0, 0 };
  if (engine->label >= 0)
    rv__executable_set (executable, engine->label, type == RV_F64 ? (void *) one_hot : (void *) one_hot_f32, NULL);
  for (guint i = 0; i < n_recorded (vae); i++) {
    const RvTensor *tensor = g_array_index (vae->parameters, RvParameter, i).tensor;
    g_autofree double *wide = g_new (double, rv_tensor_count (tensor));
    for (gint64 k = 0; k < rv_tensor_count (tensor); k++)
      wide[k] = ((const float *) tensor->data)[k];
    rv__executable_set (executable, engine->trained->value[i], type == RV_F64 ? (void *) wide : tensor->data, NULL);
  }
  return executable;
}

/* Sum of all outputs times their gradients. */
static double
weighted_loss (RvExecutable *executable, const RvVaeEngine *engine)
{
  rv__executable_forward (executable, NULL);
  const RvGradSeed seeds[] = SEEDS (engine);
  double loss = 0;
  for (guint k = 0; k < G_N_ELEMENTS (seeds); k++) {
    if (seeds[k].grad < 0)
      continue;
    g_autofree double *value = test_get (executable, seeds[k].value), *grad = test_get (executable, seeds[k].grad);
    for (gint64 i = 0; i < rv_shape_count (rv__program_shape (executable->program, seeds[k].value)); i++)
      loss += value[i] * grad[i];
  }
  return loss;
}

/* Asserts that some gradients of each parameter equal central differences of the forward pass. */
static void
check_gradients (const char *const *pairs, char *const *labels)
{
  g_autoptr (RvVae) vae = formula_labelled_vae (pairs, labels);
  RvVaeEngine engine;
  g_autoptr (RvExecutable) executable = executable_of (vae, RV_F64, "reference", &engine);
  rv__executable_forward (executable, NULL);
  rv__executable_backward (executable, NULL);
  g_autoptr (GPtrArray) grads = g_ptr_array_new_with_free_func (g_free); /* a forward pass may reuse their memory */
  for (guint i = 0; i < vae->parameters->len; i++)
    g_ptr_array_add (grads, i < n_recorded (vae) ? test_get (executable, engine.trained->grad[i]) : NULL);
  for (guint i = 0; i < n_recorded (vae); i++) {
    const RvParameter *parameter = &g_array_index (vae->parameters, RvParameter, i);
    g_autofree double *w = test_get (executable, engine.trained->value[i]);
    const double *grad = grads->pdata[i];
    gint64 n = rv_tensor_count (parameter->tensor), stride = MAX (n / 13, 1);
    for (gint64 k = 0; k < n; k += stride) {
      double kept = w[k], loss[2];
      for (int side = 0; side < 2; side++) {
        w[k] = kept + (side ? STEP : -STEP);
        rv__executable_set (executable, engine.trained->value[i], w, NULL);
        loss[side] = weighted_loss (executable, &engine);
      }
      w[k] = kept;
      rv__executable_set (executable, engine.trained->value[i], w, NULL);
      double numeric = (loss[1] - loss[0]) / (2 * STEP);
      assert_less (fabs (numeric - grad[k]), 1e-6 * (1 + fabs (numeric)));
    }
  }
  rv__parameter_values_free (engine.trained);
}

static void
test_gradients (gconstpointer data)
{
  check_gradients (data, NULL);
  check_gradients (data, letters);
}

/* Asserts that all gradients of the fast backend, with blocks and packed weights, equal the reference's. */
static void
check_backends (const char *const *pairs, char *const *labels)
{
  g_autoptr (RvSettings) settings = settings_with (pairs);
  test_set (settings, "width", "16");
  test_set (settings, "dense", "24");
  g_autoptr (RvVae) vae = rv__vae_new_labelled (settings, 1, ROWS, COLS, labels, NULL);
  RvVaeEngine right_engine, engine;
  g_autoptr (RvExecutable) right = executable_of (vae, RV_F32, "reference", &right_engine);
  g_autoptr (RvExecutable) executable = executable_of (vae, RV_F32, rv__backend_find (NULL, NULL)->name, &engine);
  RvExecutable *both[] = { right, executable };
  for (int i = 0; i < 2; i++)
    for (int repeat = 0; repeat < 2; repeat++) {
      g_assert_true (rv__executable_forward (both[i], NULL));
      g_assert_true (rv__executable_backward (both[i], NULL));
    }
  for (guint i = 0; i < n_recorded (vae); i++) {
    const RvParameter *parameter = &g_array_index (vae->parameters, RvParameter, i);
    g_autofree double *a = test_get (executable, engine.trained->grad[i]),
                      *b = test_get (right, right_engine.trained->grad[i]);
    g_test_message ("%s %g", parameter->name, test_relative (a, b, rv_tensor_count (parameter->tensor)));
    assert_less (test_relative (a, b, rv_tensor_count (parameter->tensor)), 1e-5);
  }
  rv__parameter_values_free (engine.trained);
  rv__parameter_values_free (right_engine.trained);
}

static void
test_backends (gconstpointer data)
{
  check_backends (data, NULL);
  check_backends (data, letters);
}

/* ---- training ---------------------------------------------------------------------------------------------------- */

typedef struct {
  const char *name;
  char **golden;
  int n_compared;
  int stop_after; /* epochs; 0: never */
} Watch;

static gboolean
compare_step (const RvVaeProgress *p, gboolean epoch_ended, gpointer user_data)
{
  Watch *watch = user_data;
  for (char **line = watch->golden; line && *line && !epoch_ended; line++) {
    char name[16];
    int epoch, batch;
    double reconstruction, kl;
    if (sscanf (*line, "%15s %d %d %lf %lf", name, &epoch, &batch, &reconstruction, &kl) != 5 ||
        strcmp (name, watch->name) != 0 || epoch != p->epoch || batch != p->batch)
      continue;
    assert_less (fabs (p->reconstruction / reconstruction - 1), 1e-5);
    assert_less (fabs (p->kl - kl), 1e-5 * (reconstruction + kl)); /* relative to the loss: f32 against f64 */
    watch->n_compared++;
  }
  return !(epoch_ended && p->epoch == watch->stop_after);
}

static double
golden_elbo (const Watch *watch)
{
  for (char **line = watch->golden; *line; line++) {
    char name[16];
    double elbo;
    if (sscanf (*line, "%15s elbo %lf", name, &elbo) == 2 && strcmp (name, watch->name) == 0)
      return elbo;
  }
  return NAN;
}

static void
check_golden (const char *name, const char *const *pairs, char *const *labels)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) golden = formula_golden ("vae-torch.txt");
  Watch watch = { .name = name, .golden = golden };
  g_autoptr (RvVae) vae = formula_labelled_vae (pairs, labels);
  g_autoptr (RvDataset) dataset = formula_dataset (N);
  g_autoptr (RvVaeTraining) training = rv__vae_training_new (vae, dataset, NULL, &error);
  g_assert_true (rv__vae_training_run (training, compare_step, &watch, &error));
  g_assert_no_error (error);
  g_assert_cmpint (watch.n_compared, ==, 21);
  RvVaeScores scores;
  g_assert_true (rv_vae_evaluate (vae, dataset, 0, 5, NULL, NULL, NULL, &scores, &error));
  assert_less (fabs (scores.elbo / golden_elbo (&watch) - 1), 1e-5);
}

static void
test_golden (void)
{
  check_golden ("conv", conv, NULL);
  check_golden ("mlp", mlp, NULL);
  check_golden ("conv-labels", conv, letters);
  check_golden ("mlp-labels", mlp, letters);
  check_golden ("conv-iwae", conv_iwae, NULL);
  check_golden ("mlp-iwae-labels", mlp_iwae, letters);
}

static GBytes *
bytes_of (const RvVae *vae)
{
  g_autoptr (RvTensorMap) map = rv_vae_to_map (vae, NULL);
  GByteArray *bytes = g_byte_array_new ();
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const RvTensor *tensor = rv_tensor_map_get (map, rv_tensor_map_name (map, i));
    g_byte_array_append (bytes, tensor->data, (guint) rv_tensor_bytes (tensor));
  }
  const char *history = rv_tensor_map_get_text (map, "note.history");
  g_byte_array_append (bytes, (const guint8 *) history, (guint) strlen (history));
  return g_byte_array_free_to_bytes (bytes);
}

/* A run that is stopped after an epoch resumes from its checkpoint to the same model. */
static void
test_resume (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvDataset) dataset = formula_dataset (N);
  g_autoptr (GBytes) whole = NULL;
  for (int stop = 0; stop < 7; stop += 3) {
    g_autoptr (RvTensorMap) checkpoint = NULL;
    Watch watch = { .stop_after = stop };
    g_autoptr (RvVae) first = formula_vae (mlp), second = formula_vae (mlp);
    g_autoptr (RvVaeTraining) before = rv__vae_training_new (first, dataset, NULL, &error),
                              after = rv__vae_training_new (second, dataset, NULL, &error);
    g_assert_true (rv__vae_training_run (before, compare_step, &watch, &error));
    if (stop == 0) {
      whole = bytes_of (first);
      continue;
    }
    checkpoint = rv__vae_training_to_map (before, &error);
    g_assert_true (rv__vae_training_restore (after, checkpoint, &error));
    g_assert_true (rv__vae_training_run (after, NULL, NULL, &error));
    g_assert_no_error (error);
    g_autoptr (GBytes) resumed = bytes_of (second);
    g_assert_true (g_bytes_equal (whole, resumed));
  }
  /* checkpoints of other data or of another architecture are refused */
  g_autoptr (RvDataset) other = formula_dataset (N - 1);
  g_autoptr (RvVae) a = formula_vae (mlp), b = formula_vae (conv);
  g_autoptr (RvVaeTraining) on_data = rv__vae_training_new (a, dataset, NULL, &error),
                            on_other = rv__vae_training_new (a, other, NULL, &error),
                            by_conv = rv__vae_training_new (b, dataset, NULL, &error);
  g_autoptr (RvTensorMap) checkpoint = rv__vae_training_to_map (on_data, &error);
  g_assert_false (rv__vae_training_restore (on_other, checkpoint, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_false (rv__vae_training_restore (by_conv, checkpoint, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "'architecture'=mlp"));
}

/* A training resumes only with the settings of its checkpoint, and only if the counts in it are valid. */
static void
test_restore_refused (void)
{
  static const struct {
    const char *option, *value;
  } others[] = {
    { "likelihood", "bernoulli" }, { "beta", "2" },      { "learning-rate", "0.5" }, { "batch", "3" },
    { "binarize", "static" },      { "kl-warmup", "3" }, { "seed", "77" },           { "validation", "0.5" },
    { "objective", "iwae:5" }
  };
  static const struct {
    const char *epoch, *steps;
  } counts[] = {
    { "x", "0" }, { "-1", "0" }, { "1", "0" }, { "0", "-5" }, { "9999999999999999999", "0" }, { "0", "" }
  };
  g_autoptr (RvDataset) dataset = formula_dataset (N);
  g_autoptr (RvVae) vae = formula_vae (mlp);
  g_autoptr (RvVaeTraining) training = rv__vae_training_new (vae, dataset, NULL, NULL);
  g_autoptr (RvTensorMap) checkpoint = rv__vae_training_to_map (training, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvVae) other = formula_vae (mlp);
    g_autofree char *named = g_strconcat ("'", others[i].option, "'=", others[i].value, NULL);
    g_assert_true (rv_settings_set (other->settings_copy, others[i].option, others[i].value, NULL));
    g_autoptr (RvVaeTraining) another = rv__vae_training_new (other, dataset, NULL, NULL);
    g_assert_false (rv__vae_training_restore (another, checkpoint, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_nonnull (strstr (error->message, named));
  }
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    g_autoptr (GError) error = NULL;
    rv_tensor_map_set_text (checkpoint, "training.epoch", counts[i].epoch);
    rv_tensor_map_set_text (checkpoint, "training.steps", counts[i].steps);
    g_assert_false (rv__vae_training_restore (training, checkpoint, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  }
  vae->settings->epochs += 5; /* more epochs, another prior and other numbers of threads are accepted */
  test_set (vae->settings_copy, "prior", "gmm:5");
  vae->settings->threads = 1;
  rv_tensor_map_set_text (checkpoint, "training.epoch", "0");
  rv_tensor_map_set_text (checkpoint, "training.steps", "0");
  g_assert_true (rv__vae_training_restore (training, checkpoint, NULL));
}

/* Calls without pictures, with wrong sizes or numbers, or with settings that are NULL or of another kind are refused.
 */
static void
test_nothing (void)
{
  g_autoptr (RvVae) vae = formula_vae (mlp);
  g_autoptr (RvDataset) dataset = formula_dataset (N), empty = formula_dataset (2);
  float number = 0;
  RvVaeScores scores;
  empty->n = 0;
  for (int i = 0; i < 12; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvSettings) settings = i == 7 ? NULL : rv_settings_new (i == 8 ? "dream" : "vae", NULL);
    if (i == 6)
      test_set (settings, "sigma", "");
    gboolean ok = i == 0    ? rv_vae_encode (vae, empty->pixels, 0, &number, NULL, &error)
                  : i == 1  ? rv_vae_decode (vae, &number, 0, &number, &error)
                  : i == 2  ? rv_vae_evaluate (vae, empty, 0, 0, NULL, NULL, NULL, &scores, &error)
                  : i == 3  ? rv__vae_training_new (vae, dataset, empty, &error) != NULL
                  : i == 4  ? rv_vae_sheet (vae, &number, 0, 3, 1, &error) != NULL
                  : i == 5  ? rv_vae_sheet (vae, &number, 1, 3, -1, &error) != NULL
                  : i == 11 ? rv_vae_sheet (vae, &number, 1, 1, G_MAXINT, &error) != NULL
                  : i == 9  ? rv_vae_evaluate (vae, dataset, -1, 0, NULL, NULL, NULL, &scores, &error)
                            : rv_vae_new (settings, 1, i == 10 ? 0 : 28, 28, &error) != NULL;
    g_assert_false (ok);
    g_assert_error (error, RV_ERROR, (int) (i < 6 || i == 11 ? RV_ERROR_SHAPE : RV_ERROR_SETTING));
  }
  empty->n = 2;
}

/* A training that diverges ends with an error, and the model stays finite. */
static void
test_not_a_number (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvVae) vae = formula_vae (mlp);
  vae->settings->learning_rate = 1e4;
  vae->settings->epochs = 50;
  g_autoptr (RvDataset) dataset = formula_dataset (N);
  g_autoptr (RvVaeTraining) training = rv__vae_training_new (vae, dataset, NULL, NULL);
  g_assert_false (rv__vae_training_run (training, NULL, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_NUMBER);
  g_assert_nonnull (strstr (error->message, "lower 'learning-rate'"));
  for (guint i = 0; i < vae->parameters->len; i++)
    g_assert_true (isfinite (((float *) g_array_index (vae->parameters, RvParameter, i).tensor->data)[0]));
}

/* RvVaeFunc; stores the learning rate. */
static gboolean
see_rate (const RvVaeProgress *p, gboolean epoch_ended, gpointer rate)
{
  *(double *) rate = p->learning_rate;
  return TRUE;
}

/* An epoch that is not finite is repeated with half the learning rate. The result has the bytes of a training that
 * began with the lower rate. A resumed training keeps that rate. */
static void
test_rate_halved (void)
{
  static const double rates[] = { 129.75, 129.75 / 4 };
  g_autoptr (RvDataset) dataset = formula_dataset (N);
  GBytes *bytes[2];
  double rate = 0;
  for (int i = 0; i < 2; i++) {
    g_autoptr (RvVae) vae = formula_vae (mlp);
    vae->settings->learning_rate = rates[i];
    vae->settings->epochs = 2;
    g_autoptr (RvVaeTraining) training = rv__vae_training_new (vae, dataset, NULL, NULL);
    g_assert_true (rv__vae_training_run (training, see_rate, &rate, NULL));
    assert_less (fabs (rate - rates[1]), 1e-9);
    g_autoptr (RvTensorMap) checkpoint = rv__vae_training_to_map (training, NULL);
    g_assert_cmpstr (rv_tensor_map_get_text (checkpoint, "training.halvings"), ==, i == 0 ? "2" : NULL);
    bytes[i] = bytes_of (vae);
  }
  g_assert_true (g_bytes_equal (bytes[0], bytes[1]));
  g_bytes_unref (bytes[0]);
  g_bytes_unref (bytes[1]);

  g_autoptr (RvVae) vae = formula_vae (mlp);
  g_autoptr (RvVaeTraining) training = rv__vae_training_new (vae, dataset, NULL, NULL);
  g_autoptr (RvTensorMap) checkpoint = rv__vae_training_to_map (training, NULL);
  rv_tensor_map_set_text (checkpoint, "training.halvings", "1");
  g_assert_true (rv__vae_training_restore (training, checkpoint, NULL));
  g_assert_true (rv__vae_training_run (training, see_rate, &rate, NULL));
  assert_less (fabs (rate - 0.01), 1e-9);
}

/* RvVaeFunc; stores the sigma of each epoch and stops within epoch 2. */
static gboolean
stop_within (const RvVaeProgress *p, gboolean epoch_ended, gpointer sigma)
{
  if (epoch_ended)
    *(double *) sigma = rv_vae_sigma (p->vae);
  return epoch_ended || p->epoch < 2;
}

/* A training that is stopped within an epoch gives the model of the last whole epoch, with its learned sigma. */
static void
test_stopped_within (void)
{
  double sigma = NAN;
  g_autoptr (RvVae) vae = formula_vae (mlp);
  g_autoptr (RvDataset) dataset = formula_dataset (N);
  g_autoptr (RvVaeTraining) training = rv__vae_training_new (vae, dataset, NULL, NULL);
  g_assert_true (rv__vae_training_run (training, stop_within, &sigma, NULL));
  g_assert_true (sigma != 1 && rv_vae_sigma (vae) == sigma);
}

/* ---- files and scores -------------------------------------------------------------------------------------------- */

static void
test_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvVae) vae = formula_vae (mlp);
  rv__vae_set_note (vae, "history", "one\ntwo\n");
  g_autoptr (RvTensorMap) map = rv_vae_to_map (vae, &error);
  g_autoptr (RvVae) again = rv_vae_from_map (map, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) a = bytes_of (vae), b = bytes_of (again);
  g_assert_true (g_bytes_equal (a, b));
  g_assert_cmpstr (rv_settings_get_text (rv_vae_settings (again), "sigma", NULL), ==, "learned");
  for (guint i = 0; i < rv_settings_n_options ("vae"); i++) { /* options of a machine are not stored */
    const RvOption *option = rv_settings_option ("vae", i);
    g_autofree char *key = g_strconcat ("option.", rv_option_name (option), NULL);
    g_assert_true ((rv_tensor_map_get_text (map, key) == NULL) == g_str_equal (rv_option_group (option), "computing"));
  }

  rv_tensor_map_set_text (map, "option.width", "17");
  g_assert_null (rv_vae_from_map (map, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
  rv_tensor_map_set_text (map, "option.width", "many");
  g_assert_null (rv_vae_from_map (map, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
  rv_tensor_map_set_text (map, "option.width", "4096");
  rv_tensor_map_set_text (map, "height", "1024");
  g_assert_null (rv_vae_from_map (map, &error)); /* without an allocation of gigabytes */
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
  rv_tensor_map_set_text (map, "format", "something");
  g_assert_null (rv_vae_from_map (map, &error));
  g_assert_nonnull (strstr (error->message, "not a model of reverie vae"));
}

/* A training of a conditional model resumes to the same bytes, but only with the labels of the checkpoint. The model's
 * file has its labels. */
static void
test_labels (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvDataset) dataset = formula_dataset (N), swapped = formula_dataset (N);
  g_autoptr (RvVae) whole = formula_labelled_vae (mlp, letters), part = formula_labelled_vae (mlp, letters),
                    rest = formula_labelled_vae (mlp, letters), less = formula_labelled_vae (mlp, letters + 1),
                    none = formula_vae (mlp), untrained = formula_labelled_vae (mlp, letters);
  Watch watch = { .stop_after = 3 };
  swapped->labels[0] = 1;
  g_autoptr (RvVaeTraining) all = rv__vae_training_new (whole, dataset, NULL, NULL),
                            first = rv__vae_training_new (part, dataset, NULL, NULL),
                            second = rv__vae_training_new (rest, dataset, NULL, NULL),
                            other = rv__vae_training_new (rest, swapped, NULL, NULL),
                            without = rv__vae_training_new (none, dataset, NULL, NULL);
  g_assert_true (rv__vae_training_run (all, NULL, NULL, NULL));
  g_assert_true (rv__vae_training_run (first, compare_step, &watch, NULL));
  g_autoptr (RvTensorMap) checkpoint = rv__vae_training_to_map (first, NULL);
  g_assert_false (rv__vae_training_restore (without, checkpoint, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_false (rv__vae_training_restore (other, checkpoint, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_true (rv__vae_training_restore (second, checkpoint, NULL));
  g_assert_true (rv__vae_training_run (second, NULL, NULL, NULL));
  g_autoptr (RvTensorMap) map = rv_vae_to_map (rest, NULL);
  g_autoptr (RvVae) again = rv_vae_from_map (map, NULL);
  g_autoptr (GBytes) a = bytes_of (whole), b = bytes_of (again);
  g_assert_true (g_bytes_equal (a, b));
  g_assert_cmpstr (rv_vae_get_note (again, "labels"), ==, "a\nb\nc");

  /* rv_vae_set_label() replaces the labels of the data; a label that the model lacks is an error */
  float mu[N * 4], of_b[N * 4], of_none[N * 4];
  g_assert_true (rv_vae_encode (untrained, dataset->pixels, N, of_none, NULL, NULL));
  g_assert_true (rv_vae_encode_dataset (untrained, dataset, mu, NULL, NULL));
  g_assert_true (rv_vae_set_label (untrained, "b", NULL));
  g_assert_true (rv_vae_encode (untrained, dataset->pixels, N, of_b, NULL, NULL));
  g_assert_cmpmem (mu + 4, 4 * sizeof *mu, of_b + 4, 4 * sizeof *mu);
  g_assert_true (memcmp (mu, of_b, 4 * sizeof *mu) != 0 && memcmp (of_none, of_b, sizeof of_none) != 0);
  g_assert_true (rv_vae_encode_dataset (untrained, dataset, mu, NULL, NULL));
  g_assert_cmpmem (mu, sizeof mu, of_b, sizeof of_b);
  g_assert_false (rv_vae_set_label (untrained, "d", &error));
  g_assert_nonnull (strstr (error->message, "it has: a, b, c"));
  g_clear_error (&error);
  g_assert_false (rv_vae_encode_dataset (less, dataset, mu, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);

  /* wrong lists of labels; the last list is empty, and its weights have no columns */
  g_autofree char *many = g_strnfill (RV_DATASET_MAX_LABELS, '\n');
  const char *const lists[] = { "a\nb", "a\nb\nc\nd", many, "" }, *const weights[] = { "encoder.label.weight",
                                                                                       "decoder.label.weight" };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    for (guint k = 0; !*lists[i] && k < G_N_ELEMENTS (weights); k++) {
      RvShape shape = rv_shape (2, rv_tensor_map_get (map, weights[k])->shape.dim[0], (gint64) 0);
      g_autoptr (RvTensor) empty = rv_tensor_new (RV_F32, &shape, NULL);
      rv_tensor_map_set (map, weights[k], empty);
    }
    rv_tensor_map_set_text (map, "note.labels", lists[i]);
    g_assert_null (rv_vae_from_map (map, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_clear_error (&error);
  }
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvSettings) settings = rv_settings_new ("vae", NULL);
  g_assert_false (rv_settings_set (settings, "latent", "0", NULL));
  g_assert_null (rv_vae_new (settings, 1, 30, 28, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "28 x 32"));
  g_clear_error (&error);
  static const char *const objectives[] = { "", "iwae", "iwae:", "iwae:0", "iwae:1001", "iwae:5x", "iwae:5" };
  for (guint i = 0; i < G_N_ELEMENTS (objectives); i++) { /* iwae:5 cannot be combined with beta 2 */
    test_set (settings, "objective", objectives[i]);
    test_set (settings, "beta", "2");
    g_assert_null (rv_vae_new (settings, 1, 28, 28, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_nonnull (strstr (error->message, "'objective'"));
    g_clear_error (&error);
  }
  test_set (settings, "objective", "elbo");
  rv_settings_set (settings, "sigma", "-1", NULL);
  g_assert_null (rv_vae_new (settings, 1, 28, 28, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_autoptr (RvVae) vae = formula_vae (conv);
  g_autoptr (RvDataset) one = formula_dataset (1), wide = rv__dataset_new ("wide", 4, 1, ROWS, ROWS, NULL);
  g_assert_null (rv__vae_training_new (vae, one, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_null (rv__vae_training_new (vae, wide, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
}

/* With one sample, the importance-weighted log-likelihood is the ELBO of that sample; more samples raise it (Burda et
 * al. 2016). If posterior and prior are equal, any K gives the mean log-likelihood of reconstructions. */
static void
test_scores (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvVae) vae = formula_vae (mlp);
  g_autoptr (RvDataset) dataset = formula_dataset (N);
  RvVaeScores one, many;
  float mean[ROWS * COLS];
  rv_dataset_mean (dataset, mean);
  g_assert_true (rv_vae_evaluate (vae, dataset, 1, 1, mean, NULL, NULL, &one, &error));
  g_assert_true (rv_vae_evaluate (vae, dataset, 500, 1, mean, NULL, NULL, &many, &error));
  assert_less (fabs (one.elbo - one.log_likelihood), 4 * one.elbo_error + 2);
  assert_less (many.elbo, many.log_likelihood);
  g_assert_cmpint (many.active_units, >, 0);
  g_assert_cmpfloat (one.elbo, ==, many.elbo);

  for (guint i = 0; i < vae->parameters->len; i++) { /* mu = logvar = 0, and a decoder that ignores z */
    RvTensor *tensor = g_array_index (vae->parameters, RvParameter, i).tensor;
    memset (tensor->data, 0, rv_tensor_bytes (tensor));
  }
  g_assert_true (rv_vae_evaluate (vae, dataset, 7, 1, mean, NULL, NULL, &one, &error));
  assert_less (fabs (one.kl), 1e-6);
  assert_less (fabs (one.log_likelihood + one.reconstruction), 1e-4);
  assert_less (one.elbo, -one.baseline);
  g_assert_cmpint (one.active_units, ==, 0);
}

/* If the decoder ignores z, p(x|z) is constant, and the mean of p(z) / q(z|x) over q is 1. The importance-weighted
 * log-likelihood then approaches that of reconstructions for any posterior. */
static void
test_importance_weights (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvVae) vae = formula_vae (mlp);
  g_autoptr (RvDataset) dataset = formula_dataset (N);
  RvVaeScores scores;
  for (guint i = 0; i < vae->parameters->len; i++) {
    const RvParameter *parameter = &g_array_index (vae->parameters, RvParameter, i);
    float bias = strcmp (parameter->name, "encoder.logvar.bias") == 0 ? 0.5f
                 : strcmp (parameter->name, "encoder.mu.bias") == 0   ? 0.3f
                                                                      : 0;
    for (gint64 k = 0; k < rv_tensor_count (parameter->tensor); k++)
      ((float *) parameter->tensor->data)[k] = bias;
  }
  g_assert_true (rv_vae_evaluate (vae, dataset, 5000, 3, NULL, NULL, NULL, &scores, &error));
  assert_less (0.3, scores.kl);
  assert_less (fabs (scores.log_likelihood + scores.reconstruction), 0.02);
}

/* ---- prior ------------------------------------------------------------------------------------------------------- */

enum { N_VECTORS = 300, N_DIMENSIONS = 4, N_GAUSSIANS = 3 };

/* Writes the vectors of tests/golden/mixture-numpy.py to @z. */
static void
formula_vectors (float z[N_VECTORS][N_DIMENSIONS])
{
  for (int i = 0; i < N_VECTORS; i++)
    for (int j = 0; j < N_DIMENSIONS; j++) {
      guint64 at = (guint64) (i * (N_DIMENSIONS + 1) + j);
      z[i][j] = (float) (formula_number ("mixture", at + 1) + formula_number ("mixture", at) / 2);
      z[i][j] += j == i % N_GAUSSIANS ? 2.5f : 0;
    }
}

/* A fitted mixture has likelihood, weights and means of NumPy's in f64; its samples have its mean and variance. */
static void
test_mixture (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) golden = formula_golden ("mixture-numpy.txt");
  float z[N_VECTORS][N_DIMENSIONS], drawn[N_DIMENSIONS];
  double likelihood = 0, sum = 0, squares = 0, eps[N_DIMENSIONS];
  formula_vectors (z);
  g_autoptr (RvMixture) mixture = rv__mixture_fit (z[0], N_VECTORS, N_DIMENSIONS, N_GAUSSIANS, 3, &error);
  g_assert_no_error (error);
  for (int i = 0; i < N_VECTORS; i++)
    likelihood += rv__mixture_log_density (mixture, z[i]) / N_VECTORS;
  assert_less (fabs (likelihood - g_ascii_strtod (golden[0], NULL)), 1e-4);
  for (int k = 0; k < N_GAUSSIANS; k++) {
    const float *mean = (const float *) mixture->means->data + k * N_DIMENSIONS;
    int row = 0; /* the component with the same largest dimension */
    for (int j = 1; j < N_GAUSSIANS; j++)
      row = mean[j] > mean[row] ? j : row;
    g_auto (GStrv) numbers = g_strsplit (golden[row + 1], " ", -1);
    assert_less (fabs (((const float *) mixture->weights->data)[k] - g_ascii_strtod (numbers[0], NULL)), 1e-2);
    for (int j = 0; j < N_DIMENSIONS; j++)
      assert_less (fabs (mean[j] - g_ascii_strtod (numbers[j + 1], NULL)), 1e-2);
  }
  for (guint64 i = 0; i < 3000; i++) {
    for (guint64 j = 0; j < N_DIMENSIONS; j++)
      eps[j] = rv__random_normal (1, 1, i * N_DIMENSIONS + j);
    rv__mixture_sample (mixture, rv__random_uniform_01 (1, 2, i), eps, 1, drawn);
    sum += drawn[0] / 3000, squares += drawn[0] * drawn[0] / 3000;
  }
  double mean = 0, square = 0; /* of the vectors */
  for (int i = 0; i < N_VECTORS; i++)
    mean += z[i][0] / N_VECTORS, square += (double) z[i][0] * z[i][0] / N_VECTORS;
  assert_less (fabs (sum - mean), 0.1);
  assert_less (fabs (squares - square), 0.4);
}

/* A mixture as prior: with one sample, it gives the training data a higher bound of the likelihood. It is part of the
 * file, and is used by samples; an invalid one in a file is refused, as are more Gaussians than pictures. */
static void
test_prior (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvDataset) dataset = formula_dataset (90);
  g_autoptr (RvVae) vae = formula_vae (mlp);
  RvVaeScores before, after;
  float normal[8], mixed[8], again[8];
  g_assert_true (rv_vae_evaluate (vae, dataset, 1, 1, NULL, NULL, NULL, &before, NULL));
  rv_vae_sample_prior (vae, 2, 1, 1, normal);
  test_set (vae->settings_copy, "prior", "gmm:2");
  g_assert_true (rv__vae_fit_prior (vae, dataset, &error));
  g_assert_no_error (error);
  g_assert_true (rv_vae_evaluate (vae, dataset, 1, 1, NULL, NULL, NULL, &after, NULL));
  assert_less (before.log_likelihood, after.log_likelihood);
  g_assert_cmpfloat (before.elbo, ==, after.elbo);
  rv_vae_sample_prior (vae, 2, 1, 1, mixed);
  g_assert_cmpint (memcmp (normal, mixed, sizeof mixed), !=, 0);
  g_autoptr (RvTensorMap) map = rv_vae_to_map (vae, NULL);
  g_autoptr (RvVae) read = rv_vae_from_map (map, &error);
  rv_vae_sample_prior (read, 2, 1, 1, again);
  g_assert_cmpint (memcmp (mixed, again, sizeof mixed), ==, 0);
  ((float *) vae->prior->factors->data)[0] = -1; /* the map shares the tensor */
  g_assert_null (rv_vae_from_map (map, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);

  g_autoptr (RvVae) plain = formula_vae (mlp);
  test_set (plain->settings_copy, "prior", "gmm:91");
  g_assert_null (rv__vae_training_new (plain, dataset, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
}

/* Static binarization gives the same bits in each epoch; dynamic binarization does not. The mean of the bits is that of
 * the grey values. */
static void
test_binarize (void)
{
  static const char *const names[] = { "static", "dynamic" };
  enum { PIXELS = N * ROWS * COLS };
  g_autoptr (RvDataset) dataset = formula_dataset (N);
  for (int i = 0; i < 2; i++) {
    const char *const pairs[] = { "binarize", names[i], "architecture", "mlp", NULL };
    g_autoptr (RvVae) vae = formula_vae (pairs);
    float a[PIXELS], b[PIXELS];
    double ones = 0, grey = 0;
    rv__vae_load_pixels (vae, dataset->pixels, NULL, 0, N, 0, a);
    rv__vae_load_pixels (vae, dataset->pixels, NULL, 0, N, 1, b);
    g_assert_cmpint (memcmp (a, b, sizeof a) == 0, ==, i == 0);
    for (int p = 0; p < PIXELS; p++) {
      g_assert_true (a[p] == 0 || a[p] == 1);
      ones += a[p], grey += dataset->pixels[p] / 255.0;
    }
    assert_less (fabs (ones - grey), 4 * sqrt (PIXELS) / 2);
  }
}

/* Asserts that the decoder of the web page, run by @node, gives the pictures of the library's decoder, and that it
 * draws the same codes from a mixture. */
static void
check_page (const char *node, const char *const *pairs, char *const *labels)
{
  static const char script[] =
    "const html = require('fs').readFileSync(0, 'utf8');"
    "const code = html.split('<script>')[1].split('</script>')[0].replace(\"'use strict';\", '');"
    "(0, eval)(code + ';globalThis.decode = decode; globalThis.model = model;');"
    "const z = Array.from({length: model.latent}, (_, i) => (i % 3 - 1) * 0.75);"
    "console.log([...decode(z), ...drawPrior(0.7, z)].map(v => v.toFixed(7)).join(' '))";
  g_autoptr (GError) error = NULL;
  g_autoptr (RvVae) vae = formula_labelled_vae (pairs, labels);
  g_assert_true (rv_vae_set_label (vae, labels ? "b" : NULL, NULL));
  int D = (int) vae->settings->latent;
  float points[20 * 8], drawn[8];
  g_assert_cmpint (D, <=, 8);
  for (int i = 0; i < 20 * D; i++)
    points[i] = (float) ((i * 7919) % 101) / 50 + (float) (i / (10 * D));
  vae->prior = labels ? NULL : rv__mixture_fit (points, 20, D, 2, 1, &error);
  g_assert_no_error (error);
  g_autofree char *page = rv_vae_to_page (vae, "a <title>"), *out = NULL;
  g_assert_null (strstr (page, "a <title>"));
  g_assert_null (strstr (page, "http"));
  float z[8], pixels[ROWS * COLS];
  double eps[8];
  for (int i = 0; i < 8; i++)
    drawn[i] = z[i] = (float) (eps[i] = (i % 3 - 1) * 0.75);
  g_assert_true (rv_vae_decode (vae, z, 1, pixels, NULL));
  if (vae->prior)
    rv__mixture_sample (vae->prior, 0.7, eps, 1, drawn);
  g_autoptr (GSubprocess) process =
    g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, node, "-e", script, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, page, NULL, &out, NULL, &error));
  g_auto (GStrv) numbers = g_strsplit (g_strstrip (out), " ", -1);
  g_assert_cmpint ((int) g_strv_length (numbers), ==, ROWS * COLS + D);
  for (int p = 0; p < ROWS * COLS; p++)
    assert_less (fabs (g_ascii_strtod (numbers[p], NULL) - pixels[p]), 2e-6);
  for (int i = 0; i < D; i++)
    assert_less (fabs (g_ascii_strtod (numbers[ROWS * COLS + i], NULL) - drawn[i]), 2e-6);
}

static void
test_page (void)
{
  g_autofree char *node = g_find_program_in_path ("node");
  if (!node) {
    g_test_skip ("node is not installed");
    return;
  }
  check_page (node, conv, NULL);
  check_page (node, mlp, NULL);
  check_page (node, conv, letters);
  check_page (node, mlp, letters);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/vae/gradients/conv", conv, test_gradients);
  g_test_add_data_func ("/vae/gradients/mlp", mlp, test_gradients);
  g_test_add_data_func ("/vae/gradients/conv-iwae", conv_iwae, test_gradients);
  g_test_add_data_func ("/vae/gradients/mlp-iwae", mlp_iwae, test_gradients);
  g_test_add_data_func ("/vae/backends/conv", conv, test_backends);
  g_test_add_data_func ("/vae/backends/mlp", mlp, test_backends);
  g_test_add_data_func ("/vae/backends/mlp-iwae", mlp_iwae, test_backends);
  g_test_add_func ("/vae/golden", test_golden);
  g_test_add_func ("/vae/resume", test_resume);
  g_test_add_func ("/vae/restore-refused", test_restore_refused);
  g_test_add_func ("/vae/nothing", test_nothing);
  g_test_add_func ("/vae/not-a-number", test_not_a_number);
  g_test_add_func ("/vae/rate-halved", test_rate_halved);
  g_test_add_func ("/vae/stopped-within", test_stopped_within);
  g_test_add_func ("/vae/files", test_files);
  g_test_add_func ("/vae/labels", test_labels);
  g_test_add_func ("/vae/refused", test_refused);
  g_test_add_func ("/vae/scores", test_scores);
  g_test_add_func ("/vae/importance-weights", test_importance_weights);
  g_test_add_func ("/vae/mixture", test_mixture);
  g_test_add_func ("/vae/prior", test_prior);
  g_test_add_func ("/vae/binarize", test_binarize);
  g_test_add_func ("/vae/page", test_page);
  return g_test_run ();
}
