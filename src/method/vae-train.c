/* vae-train.c -- a VAE trained: mini-batches in an order shuffled for each epoch, Adam on all parameters.
 *
 * Every random number is a function of the seed, the epoch and a place: a checkpoint needs no random state, and a
 * training that was interrupted goes on as if it had not been.
 */
#include "base/option.h"
#include "base/random.h"
#include "base/system.h"
#include "optim/optim.h"
#include "vae-internal.h"
#include <math.h>
#include <string.h>

#define BETA1 0.9
#define BETA2 0.999

struct _RvVaeTraining {
  RvVae *vae;
  const RvDataset *dataset, *held_back;
  RvVaeEngine *engine;
  RvOptim **optim;           /* one for each parameter */
  gint64 epoch;              /* complete ones */
  gint64 *order;             /* of the pictures in this epoch */
  GString *history;          /* one JSON object a line for each epoch */
  double reconstruction, kl; /* sums over this epoch */
  gint64 n_seen, began_us;   /* pictures of this run */
  gint64 first_epoch;        /* of this run */
};

static gint64
n_batches (const RvVaeTraining *training)
{
  return (training->dataset->n + training->engine->batch - 1) / training->engine->batch;
}

static float *
parameter_data (const RvVaeTraining *training, guint i)
{
  RvTensor *tensor = g_array_index (training->vae->parameters, RvVaeParameter, i).tensor;
  return tensor == rv__vae_log_sigma (training->vae)
           ? tensor->data
           : rv__vae_engine_data (training->engine, training->engine->parameter[i]);
}

/* Fisher, Yates; the order of one epoch does not depend on those before. */
static void
shuffle (RvVaeTraining *training)
{
  gint64 n = training->dataset->n;
  guint64 first = (guint64) training->epoch << 36;
  for (gint64 i = 0; i < n; i++)
    training->order[i] = i;
  for (gint64 i = n - 1; i > 0; i--) {
    double u =
      rv__random_uniform_01 ((guint64) training->vae->settings->seed, RV_VAE_SHUFFLE_STREAM, first + (guint64) i);
    gint64 j = (gint64) (u * (double) (i + 1)), kept = training->order[i];
    training->order[i] = training->order[j];
    training->order[j] = kept;
  }
}

RvVaeTraining *
rv_vae_training_new (RvVae *vae, const RvDataset *dataset, const RvDataset *held_back, GError **error)
{
  const RvVaeSettings *s = vae->settings;
  const RvOptimSettings adam = { .learning_rate = s->learning_rate,
                                 .decay = 1,
                                 .decay_steps = 1,
                                 .beta1 = BETA1,
                                 .beta2 = BETA2,
                                 .epsilon = RV_ADAM_EPSILON };
  g_autoptr (RvVaeTraining) training = g_new0 (RvVaeTraining, 1);
  training->vae = vae;
  training->dataset = dataset;
  training->held_back = held_back;
  training->history = g_string_new (NULL);
  if (!rv_vae_check (vae, dataset, error) || (held_back && !rv_vae_check (vae, held_back, error)))
    return NULL;
  if (held_back && held_back->n < 1) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_SHAPE, "no pictures are held back: at least one is needed");
    return NULL;
  }
  if (dataset->n < 2) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "one picture alone has nothing to be told from: there must be two");
    return NULL;
  }
  training->order = g_new (gint64, dataset->n);
  training->optim = g_new0 (RvOptim *, vae->parameters->len + 1);
  training->engine = rv__vae_engine_new (vae, RV_VAE_TRAIN, MIN (s->batch, dataset->n), error);
  if (!training->engine)
    return NULL;
  for (guint i = 0; i < vae->parameters->len; i++) {
    gint64 n = rv_tensor_count (g_array_index (vae->parameters, RvVaeParameter, i).tensor);
    if (!(training->optim[i] = rv__optim_new (rv__optim_find ("adam"), &adam, n, error)))
      return NULL;
  }
  return g_steal_pointer (&training);
}

void
rv_vae_training_free (RvVaeTraining *training)
{
  if (!training)
    return;
  for (guint i = 0; training->optim && training->optim[i]; i++)
    rv__optim_free (training->optim[i]);
  g_free (training->optim);
  rv__vae_engine_free (training->engine);
  g_string_free (training->history, TRUE);
  g_free (training->order);
  g_free (training);
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

/* beta rises linearly over the warm-up's epochs, from 0 at the first step. */
static double
beta_at (const RvVaeTraining *training, gint64 batch)
{
  const RvVaeSettings *s = training->vae->settings;
  double epochs = (double) training->epoch + (double) batch / (double) n_batches (training);
  return s->kl_warmup > 0 ? s->beta * MIN (epochs / s->kl_warmup, 1) : s->beta;
}

/* Pictures and random numbers of one batch; what is missing to a whole one repeats the first and counts nothing. */
static gint64
load_batch (RvVaeTraining *training, gint64 batch)
{
  const RvVae *vae = training->vae;
  const RvVaeEngine *engine = training->engine;
  gint64 first = batch * engine->batch, n = MIN (engine->batch, training->dataset->n - first);
  gint64 latent = vae->settings->latent;
  float *x = rv__vae_engine_data (engine, engine->x), *eps = rv__vae_engine_data (engine, engine->eps);
  guint64 at = ((guint64) training->epoch << 36) + (guint64) (first * latent);
  rv__vae_load_pixels (vae, training->dataset->pixels, training->order + first, 0, n, training->epoch, x);
  for (gint64 i = n; i < engine->batch; i++)
    memcpy (x + i * rv__vae_pixels (vae), x, (gsize) rv__vae_pixels (vae) * sizeof (float));
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < engine->batch * latent; i++)
    eps[i] = (float) rv__random_normal ((guint64) vae->settings->seed, RV_VAE_EPS_STREAM, at + (guint64) i);
  return n;
}

/* d loss / d log (sigma) of a batch whose squared errors sum to @errors. */
static float
sigma_gradient (const RvVae *vae, double errors, gint64 n)
{
  double variance = rv_vae_sigma (vae) * rv_vae_sigma (vae);
  return (float) ((double) rv__vae_pixels (vae) - errors / (double) n / variance);
}

static gboolean
step (RvVaeTraining *training, gint64 batch, GError **error)
{
  const RvVae *vae = training->vae;
  const RvVaeEngine *engine = training->engine;
  gint64 n = load_batch (training, batch);
  if (!rv__vae_engine_forward (engine, error))
    return FALSE;
  const float *sums = rv__vae_engine_data (engine, engine->reconstruction),
              *kl = rv__vae_engine_data (engine, engine->kl);
  float *grad_sums = rv__vae_engine_data (engine, engine->grad_reconstruction),
        *grad_kl = rv__vae_engine_data (engine, engine->grad_kl);
  double sigma = rv_vae_sigma (vae), beta = beta_at (training, batch), errors = 0, nats = 0, divergence = 0;
  double nats_per_sum = rv__vae_is_gaussian (vae) ? 1 / (2 * sigma * sigma) : 1;
  for (gint64 i = 0; i < engine->batch; i++) {
    double part = i < n ? 1 / (double) n : 0;
    grad_sums[i] = (float) (part * nats_per_sum);
    grad_kl[i] = (float) (part * beta);
    errors += i < n ? sums[i] : 0;
    nats += i < n ? rv__vae_nats (vae, sums[i]) : 0;
    divergence += i < n ? kl[i] : 0;
  }
  training->reconstruction += nats;
  training->kl += divergence;
  if (!isfinite (nats) || !isfinite (divergence)) {
    g_set_error (error, RV_ERROR, RV_ERROR_NUMBER,
                 "in epoch %" G_GINT64_FORMAT " the %s stopped being a number; lower --learning-rate or --beta",
                 training->epoch + 1, isfinite (nats) ? "KL divergence" : "reconstruction");
    return FALSE;
  }
  if (!rv__vae_engine_backward (engine, error))
    return FALSE;
  for (guint i = 0; i < vae->parameters->len; i++) {
    gboolean log_sigma = g_array_index (vae->parameters, RvVaeParameter, i).tensor == rv__vae_log_sigma (vae);
    float own = log_sigma ? sigma_gradient (vae, errors, n) : 0;
    const float *grad = log_sigma ? &own : rv__vae_engine_data (engine, engine->grad[i]);
    training->optim[i]->class->step (training->optim[i], parameter_data (training, i), nats, grad);
  }
  training->n_seen += n;
  return TRUE;
}

/* ---- epochs ------------------------------------------------------------------------------------------------------ */

/* The model gets the parameters as they are now. */
static void
update_model (RvVaeTraining *training)
{
  for (guint i = 0; i < training->vae->parameters->len; i++) {
    RvTensor *tensor = g_array_index (training->vae->parameters, RvVaeParameter, i).tensor;
    memmove (tensor->data, parameter_data (training, i), rv_tensor_bytes (tensor));
  }
}

static gboolean
report (const RvVaeTraining *training, gint64 batch, gboolean epoch_ended, double validation, RvVaeFunc progress,
        gpointer user_data)
{
  const RvVaeSettings *s = training->vae->settings;
  gint64 batches = n_batches (training), n = MIN (batch * training->engine->batch, training->dataset->n);
  double seconds = (double) (g_get_monotonic_time () - training->began_us) / G_USEC_PER_SEC;
  double before = (double) (training->epoch - training->first_epoch);
  before += epoch_ended ? 0 : (double) batch / (double) batches;
  RvVaeProgress p = { .epoch = training->epoch + !epoch_ended, /* that one is counted already */
                      .n_epochs = s->epochs,
                      .batch = batch,
                      .n_batches = batches,
                      .reconstruction = training->reconstruction / (double) n,
                      .kl = training->kl / (double) n,
                      .validation = validation,
                      .samples_per_second = (double) training->n_seen / MAX (seconds, 1e-9),
                      .done_01 = before / (double) MAX (s->epochs - training->first_epoch, 1),
                      .vae = training->vae };
  p.loss = p.reconstruction + s->beta * p.kl;
  return !progress || progress (&p, epoch_ended, user_data);
}

/* What is kept of an epoch; no times, so that resumed trainings have the same bytes. */
static void
record_history (RvVaeTraining *training, double validation)
{
  char numbers[3][G_ASCII_DTOSTR_BUF_SIZE];
  double n = (double) training->dataset->n;
  g_ascii_formatd (numbers[0], sizeof numbers[0], "%.9g", training->reconstruction / n);
  g_ascii_formatd (numbers[1], sizeof numbers[1], "%.9g", training->kl / n);
  g_ascii_formatd (numbers[2], sizeof numbers[2], "%.9g", validation);
  g_string_append_printf (training->history,
                          "{\"epoch\": %" G_GINT64_FORMAT ", \"reconstruction\": %s, \"kl\": %s, \"validation\": %s}\n",
                          training->epoch + 1, numbers[0], numbers[1], training->held_back ? numbers[2] : "null");
  rv_vae_note (training->vae, "history", training->history->str);
}

/* The last batch's report comes with the epoch's end; *stopped when @progress said so. */
static gboolean
run_epoch (RvVaeTraining *training, RvVaeFunc progress, gpointer user_data, gboolean *stopped, GError **error)
{
  RvVaeScores scores = { 0 };
  RvTensor *log_sigma = rv__vae_log_sigma (training->vae);
  float kept = log_sigma ? ((float *) log_sigma->data)[0] : 0;
  training->reconstruction = training->kl = 0;
  shuffle (training);
  for (gint64 batch = 0; batch < n_batches (training) && !*stopped; batch++) {
    if (!step (training, batch, error)) {
      if (log_sigma) /* it alone is changed in the model itself at each step */
        ((float *) log_sigma->data)[0] = kept;
      return FALSE;
    }
    *stopped = !report (training, batch + 1, FALSE, NAN, progress, user_data);
  }
  if (*stopped)
    return TRUE;
  update_model (training);
  if (training->held_back && !rv_vae_evaluate (training->vae, training->held_back, 0, training->vae->settings->seed,
                                               NULL, NULL, NULL, &scores, error))
    return FALSE;
  double validation = training->held_back ? -scores.elbo : NAN;
  record_history (training, validation);
  training->epoch++;
  *stopped = !report (training, n_batches (training), TRUE, validation, progress, user_data);
  return TRUE;
}

gboolean
rv_vae_training_run (RvVaeTraining *training, RvVaeFunc progress, gpointer user_data, GError **error)
{
  gboolean stopped = FALSE, ok = TRUE;
  int before = rv__system_use_threads (rv__vae_threads (training->vae)); /* for the loops between programs */
  training->began_us = g_get_monotonic_time ();
  training->first_epoch = training->epoch;
  training->n_seen = 0;
  while (ok && training->epoch < training->vae->settings->epochs && !stopped)
    ok = run_epoch (training, progress, user_data, &stopped, error);
  rv__system_use_threads (before);
  return ok;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------- */

static const char *const slot_names[] = { "m", "v" };

static void
set_count (RvTensorMap *map, const char *key, gint64 count)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, count);
  rv_tensor_map_set_text (map, key, text);
}

RvTensorMap *
rv_vae_training_to_map (const RvVaeTraining *training, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_vae_to_map (training->vae, error);
  if (!map)
    return NULL;
  set_count (map, "training.epoch", training->epoch);
  set_count (map, "training.steps", training->optim[0]->iteration);
  rv_tensor_map_set_text (map, "training.data", training->dataset->hash);
  for (guint i = 0; i < training->vae->parameters->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (slot_names); k++) {
      const RvVaeParameter *parameter = &g_array_index (training->vae->parameters, RvVaeParameter, i);
      g_autofree char *name = g_strconcat ("adam.", slot_names[k], ".", parameter->name, NULL);
      g_autoptr (RvTensor) slot = rv_tensor_new (RV_F32, &parameter->tensor->shape, error);
      if (!slot)
        return NULL;
      memcpy (slot->data, training->optim[i]->slot[k], rv_tensor_bytes (slot));
      rv_tensor_map_set (map, name, slot);
    }
  return g_steal_pointer (&map);
}

static gboolean
restore_slots (RvVaeTraining *training, const RvTensorMap *map, GError **error)
{
  for (guint i = 0; i < training->vae->parameters->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (slot_names); k++) {
      const RvVaeParameter *parameter = &g_array_index (training->vae->parameters, RvVaeParameter, i);
      g_autofree char *name = g_strconcat ("adam.", slot_names[k], ".", parameter->name, NULL);
      const RvTensor *slot = rv_tensor_map_get (map, name);
      if (!slot || slot->type != RV_F32 || !rv_shape_equal (&slot->shape, &parameter->tensor->shape)) {
        g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the checkpoint has no %s", name);
        return FALSE;
      }
      g_autoptr (RvTensor) numbers = rv_tensor_to_f32 (slot, error);
      if (!numbers)
        return FALSE;
      memcpy (training->optim[i]->slot[k], numbers->data, rv_tensor_bytes (numbers));
    }
  return TRUE;
}

/* Whether the training goes on as it began; how long it is to go on, and on how many threads, may be another. */
static gboolean
same_settings (const RvVaeSettings *now, const RvVaeSettings *then, GError **error)
{
  static const char *const free[] = { "epochs", "threads", NULL };
  for (const RvOption *option = rv_vae_options; option->name; option++) {
    g_autofree char *mine = rv_option_get (rv_vae_options, now, option->name),
                    *theirs = rv_option_get (rv_vae_options, then, option->name);
    if (g_strv_contains (free, option->name) || strcmp (mine, theirs) == 0)
      continue;
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the training that stopped had --%s=%.80s, and this has --%s=%.80s",
                 option->name, theirs, option->name, mine);
    return FALSE;
  }
  return TRUE;
}

#define MAX_STEPS (G_MAXINT64 / 2)

/* Complete epochs, and steps of the optimiser: no fewer than these epochs have. */
static gboolean
read_counts (const RvVaeTraining *training, const RvTensorMap *map, gint64 *epoch, gint64 *steps, GError **error)
{
  const char *epoch_text = rv_tensor_map_get_text (map, "training.epoch"),
             *steps_text = rv_tensor_map_get_text (map, "training.steps");
  if (!epoch_text || !steps_text || !rv_tensor_map_get_text (map, "training.data")) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "it is no checkpoint of a training");
    return FALSE;
  }
  if (g_ascii_string_to_signed (epoch_text, 10, 0, MAX_STEPS, epoch, NULL) &&
      g_ascii_string_to_signed (steps_text, 10, 0, MAX_STEPS, steps, NULL) && *steps / n_batches (training) >= *epoch)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the checkpoint is damaged: epoch '%.30s' after step '%.30s'",
               epoch_text, steps_text);
  return FALSE;
}

gboolean
rv_vae_training_restore (RvVaeTraining *training, const RvTensorMap *map, GError **error)
{
  const char *data = rv_tensor_map_get_text (map, "training.data");
  gint64 epoch, steps;
  g_autoptr (RvVae) stored = rv_vae_from_map (map, error);
  if (!stored || !same_settings (training->vae->settings, stored->settings, error))
    return FALSE;
  if (data && strcmp (data, training->dataset->hash) != 0) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_FORMAT, "the checkpoint is of other data");
    return FALSE;
  }
  if (!read_counts (training, map, &epoch, &steps, error))
    return FALSE;
  RvVae *vae = training->vae;
  for (guint i = 0; i < vae->parameters->len; i++) {
    const RvVaeParameter *mine = &g_array_index (vae->parameters, RvVaeParameter, i);
    const RvVaeParameter *theirs =
      i < stored->parameters->len ? &g_array_index (stored->parameters, RvVaeParameter, i) : NULL;
    if (!theirs || strcmp (mine->name, theirs->name) != 0 ||
        !rv_shape_equal (&mine->tensor->shape, &theirs->tensor->shape)) {
      g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the checkpoint is of another architecture");
      return FALSE;
    }
  }
  if (!restore_slots (training, map, error))
    return FALSE;
  for (guint i = 0; i < vae->parameters->len; i++) {
    const RvTensor *tensor = g_array_index (stored->parameters, RvVaeParameter, i).tensor;
    memcpy (g_array_index (vae->parameters, RvVaeParameter, i).tensor->data, tensor->data, rv_tensor_bytes (tensor));
    memcpy (parameter_data (training, i), tensor->data, rv_tensor_bytes (tensor));
    training->optim[i]->iteration = steps;
  }
  training->epoch = epoch;
  g_string_assign (training->history, rv_vae_get_note (stored, "history") ? rv_vae_get_note (stored, "history") : "");
  rv_vae_note (vae, "history", training->history->str);
  return TRUE;
}
