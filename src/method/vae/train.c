/* train.c -- training of a VAE: losses and gradients of each batch, and Adam on all parameters (trainer.h).
 *
 * Each random number is a function of the seed, the epoch and an index.
 * If a loss or a gradient of an epoch is not finite, the epoch is undone and starts again with half the learning rate.
 * This happens at most MAX_HALVINGS times in a training. */
#include "base/error.h"
#include "base/random.h"
#include "base/system.h"
#include "method/compute.h"
#include "method/train/grad-accumulator.h"
#include "method/train/trainer.h"
#include "method/vae/vae-internal.h"
#include "tensor/tensor-map.h"
#include <math.h>
#include <string.h>

#define MAX_HALVINGS 3
#define HALVINGS "training.halvings" /* in checkpoints; missing: 0 */
#define UNLABELLED_01 0.1            /* probability that a picture is trained without its label */
#define CLIP_NORM 1e8 /* ordinary trainings stay below 1e6; squares of much larger gradients overflow f32 in Adam */

/* Sums of a micro-batch, besides its gradients. */
enum { ERRORS, NATS, DIVERGENCE, N_SUMS }; /* ERRORS: reconstruction sum of the program */

struct _RvVaeTraining {
  RvVae *vae;
  const RvDataset *dataset, *validation_set; /* validation_set: NULL: none */
  int *labels;                               /* labels of dataset, see rv__vae_labels_from_dataset() */
  char *hash;                                /* hash of dataset, and of its labels for a conditional model */
  RvVaeEngine *engine;                       /* for a micro-batch */
  RvGradAccumulator *micro_batches;
  RvTrainer *trainer;
  GString *history;          /* a line of JSON for each epoch */
  double reconstruction, kl; /* sums over the current epoch */
  gint64 n_seen, began_us;   /* pictures so far in this run */
  gint64 first_epoch;        /* first epoch of this run */
  gint64 n_halvings;         /* number of times that the learning rate was halved */
  RvTensorMap *state;        /* state of the trainer at the end of the last whole epoch; NULL before the first run */
  RvParameters *parameters;  /* copies of the parameters at that time; NULL before the first run */
};

/* (transfer full) (nullable): an accumulator for the gradients of @engine, with as many micro-batches of
 * engine->batch pictures as @batch pictures need. */
static RvGradAccumulator *
new_micro_batches (const RvVae *vae, const RvVaeEngine *engine, gint64 batch, GError **error)
{
  g_autoptr (RvGradAccumulator) micro_batches =
    rv__grad_accumulator_new ((int) ((batch + engine->batch - 1) / engine->batch), N_SUMS);
  for (guint i = 0; i < vae->parameters->len; i++)
    rv__grad_accumulator_add_buffer (micro_batches, engine->trained->grad_at[i],
                                     rv_tensor_count (rv__parameter (vae->parameters, i)->tensor));
  return rv__grad_accumulator_allocate (micro_batches, error) ? g_steal_pointer (&micro_batches) : NULL;
}

/* (transfer full): dataset->hash; for a conditional model a SHA-256 of this hash and all @labels. */
static char *
hash_with_labels (const RvVae *vae, const RvDataset *dataset, const int *labels)
{
  if (!vae->labels)
    return g_strdup (dataset->hash);
  g_autoptr (GString) text = g_string_new (dataset->hash);
  for (gint64 i = 0; i < dataset->n; i++)
    g_string_append_printf (text, " %d", labels[i]);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str, (gssize) text->len);
}

RvVaeTraining *
rv__vae_training_new (RvVae *vae, const RvDataset *dataset, const RvDataset *validation_set, GError **error)
{
  const RvVaeSettings *s = vae->settings;
  g_autoptr (RvVaeTraining) training = g_new0 (RvVaeTraining, 1);
  training->vae = vae;
  training->dataset = dataset;
  training->validation_set = validation_set;
  training->history = g_string_new (NULL);
  if (!rv_vae_check (vae, dataset, error) || (validation_set && !rv_vae_check (vae, validation_set, error)))
    return NULL;
  if (validation_set && validation_set->n < 1)
    return rv__error_null (error, RV_ERROR_SHAPE, "the validation set has no pictures; it needs at least one");
  if (dataset->n < 2)
    return rv__error_null (error, RV_ERROR_SETTING, "training needs at least two pictures, not one");
  if (dataset->n < rv__vae_prior_components (s))
    return rv__null (
      rv__error_setting (error, "prior", "'prior' %s needs as many pictures, not %d", s->prior, (int) dataset->n));
  if (!(training->labels = rv__vae_labels_from_dataset (vae, dataset, error)))
    return NULL;
  training->hash = hash_with_labels (vae, dataset, training->labels);
  gint64 batch = MIN (s->batch, dataset->n), micro_batch = (batch + s->micro_batches - 1) / s->micro_batches;
  const RvTrainerSettings trainer = { .optim = rv__optim_find ("adam"),
                                      .optim_settings = rv__optim_adam_settings (s->learning_rate),
                                      .n_examples = dataset->n,
                                      .batch = batch,
                                      .seed = (guint64) s->seed,
                                      .shuffle_stream = RV_VAE_SHUFFLE_STREAM,
                                      .clip_norm = CLIP_NORM,
                                      .data = training->hash };
  if ((training->engine = rv__vae_engine_new (vae, RV_VAE_TRAIN, micro_batch, error)) &&
      (training->micro_batches = new_micro_batches (vae, training->engine, batch, error)) &&
      (training->trainer = rv__trainer_new (vae->parameters, &trainer, error)))
    return g_steal_pointer (&training);
  return NULL;
}

void
rv__vae_training_free (RvVaeTraining *training)
{
  if (!training)
    return;
  rv__trainer_free (training->trainer);
  rv__grad_accumulator_free (training->micro_batches);
  rv__vae_engine_free (training->engine);
  g_free (training->labels);
  g_free (training->hash);
  rv_tensor_map_unref (training->state);
  if (training->parameters)
    g_array_unref (training->parameters);
  g_string_free (training->history, TRUE);
  g_free (training);
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

/* Weight of the KL divergence in batch @batch, from 0, of the current epoch: rises linearly from 0 to the setting
 * `beta` over `kl-warmup` epochs. With kl_cycles it then stays for as many epochs and starts again at 0 (Fu et al.
 * 2019, "Cyclical Annealing Schedule"). */
static double
beta_at (const RvVaeTraining *training, gint64 batch)
{
  const RvVaeSettings *s = training->vae->settings;
  double epochs = (double) training->trainer->epoch + (double) batch / (double) training->trainer->n_batches;
  if (s->kl_cycles && s->kl_warmup > 0)
    epochs = fmod (epochs, 2 * s->kl_warmup);
  return s->kl_warmup > 0 ? s->beta * MIN (epochs / s->kl_warmup, 1) : s->beta;
}

/* Sets the labels of @n pictures of the engine, those at trainer->order[first] and on. Each picture has no label with
 * probability UNLABELLED_01, so that the model also works without labels (Ho, Salimans 2022). */
static void
load_labels (const RvVaeTraining *training, gint64 first, gint64 n)
{
  const RvTrainer *trainer = training->trainer;
  guint64 seed = (guint64) training->vae->settings->seed, at = ((guint64) trainer->epoch << 36) + (guint64) first;
  g_autofree int *labels = g_new (int, n + 1);
  for (gint64 i = 0; i < n; i++)
    labels[i] = rv__random_uniform_01 (seed, RV_VAE_LABEL_STREAM, at + (guint64) i) < UNLABELLED_01
                  ? -1
                  : training->labels[trainer->order[first + i]];
  rv__vae_engine_set_labels (training->vae, training->engine, labels, n);
}

/* Overwrites the inputs x, label and eps of the engine with pictures and random numbers of micro-batch @k of @batch,
 * both from 0. Returns the number of pictures: 0 if the batch ends before the micro-batch. Fills the rest with copies
 * of its first picture, or of the batch's first picture; the caller must not count the copies. */
static gint64
load_micro_batch (RvVaeTraining *training, gint64 batch, int k)
{
  const RvVae *vae = training->vae;
  const RvVaeEngine *engine = training->engine;
  const RvTrainer *trainer = training->trainer;
  gint64 before = k * engine->batch, first = batch * trainer->settings.batch + before;
  gint64 n = CLAMP (rv__trainer_batch_size (trainer, batch) - before, 0, engine->batch);
  gint64 n_eps = engine->n_samples * vae->settings->latent; /* of a picture */
  float *x = rv__vae_engine_data (engine, engine->x), *eps = rv__vae_engine_data (engine, engine->eps);
  guint64 at = ((guint64) trainer->epoch << 36) + (guint64) (first * n_eps);
  rv__vae_load_pixels (vae, training->dataset->pixels, trainer->order + (n > 0 ? first : first - before), 0, MAX (n, 1),
                       trainer->epoch, x);
  if (vae->labels)
    load_labels (training, first, n);
  for (gint64 i = MAX (n, 1); i < engine->batch; i++)
    memcpy (x + i * rv__vae_pixels (vae), x, (gsize) rv__vae_pixels (vae) * sizeof (float));
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < engine->batch * n_eps; i++)
    eps[i] = (float) rv__random_normal ((guint64) vae->settings->seed, RV_VAE_EPS_STREAM, at + (guint64) i);
  return n;
}

/* Derivative of rv__vae_nats() with respect to its argument `sum`. */
static double
nats_per_sum (const RvVae *vae)
{
  double sigma = rv_vae_sigma (vae);
  return rv__vae_is_gaussian (vae) ? 1 / (2 * sigma * sigma) : 1;
}

/* Sets the gradients of the sums of a micro-batch of @batch with @n pictures, each of whose losses has the weight
 * @part, and adds to @sums, [N_SUMS], for the loss reconstruction + beta KL. */
static void
set_elbo_gradients (const RvVaeTraining *training, gint64 batch, gint64 n, double part, double *sums)
{
  const RvVae *vae = training->vae;
  const RvVaeEngine *engine = training->engine;
  const float *reconstruction = rv__vae_engine_data (engine, engine->reconstruction),
              *kl = rv__vae_engine_data (engine, engine->kl);
  float *grad_reconstruction = rv__vae_engine_data (engine, engine->grad_reconstruction),
        *grad_kl = rv__vae_engine_data (engine, engine->grad_kl);
  double beta = beta_at (training, batch), per_sum = nats_per_sum (vae);
  for (gint64 i = 0; i < engine->batch; i++) {
    grad_reconstruction[i] = (float) (i < n ? part * per_sum : 0);
    grad_kl[i] = (float) (i < n ? part * beta : 0);
    sums[ERRORS] += i < n ? reconstruction[i] : 0;
    sums[NATS] += i < n ? rv__vae_nats (vae, reconstruction[i]) : 0;
    sums[DIVERGENCE] += i < n ? kl[i] : 0;
  }
}

/* set_elbo_gradients() for the importance-weighted bound (Burda, Grosse, Salakhutdinov 2016, equations 8 and 14):
 *
 *   loss = -log (1/K) sum over k of w_k,   w_k = p(x|z_k) p(z_k) / q(z_k|x),   v_k = w_k / sum over l of w_l
 *   dloss/dlog w_k = -v_k;   log p(z) - log q(z|x) = 1/2 sum (eps^2 + logvar - z^2)
 *
 * The reconstruction is the mean with the weights v_k, the divergence the rest of the loss. */
static void
set_iwae_gradients (const RvVaeTraining *training, gint64 n, double part, double *sums)
{
  const RvVae *vae = training->vae;
  const RvVaeEngine *engine = training->engine;
  gint64 latent = vae->settings->latent;
  int K = engine->n_samples;
  const float *reconstruction = rv__vae_engine_data (engine, engine->reconstruction),
              *z = rv__vae_engine_data (engine, engine->z), *eps = rv__vae_engine_data (engine, engine->eps),
              *logvar = rv__vae_engine_data (engine, engine->logvar);
  float *grad_reconstruction = rv__vae_engine_data (engine, engine->grad_reconstruction),
        *grad_z = rv__vae_engine_data (engine, engine->grad_z),
        *grad_logvar = rv__vae_engine_data (engine, engine->grad_logvar);
  g_autofree double *log_weights = g_new (double, K), *wide = g_new (double, latent);
  double per_sum = nats_per_sum (vae);
  memset (grad_reconstruction, 0, (gsize) (engine->batch * K) * sizeof (float));
  memset (grad_z, 0, (gsize) (engine->batch * K * latent) * sizeof (float));
  memset (grad_logvar, 0, (gsize) (engine->batch * latent) * sizeof (float));
  for (gint64 i = 0; i < n; i++) {
    double log_sum = -INFINITY, nats = 0;
    for (gint64 k = 0, row = i * K; k < K; k++, row++) {
      for (gint64 j = 0; j < latent; j++)
        wide[j] = eps[row * latent + j];
      log_weights[k] =
        rv__vae_log_ratio (vae, z + row * latent, logvar + i * latent, wide) - rv__vae_nats (vae, reconstruction[row]);
      log_sum = rv__log_add (log_sum, log_weights[k]);
    }
    for (gint64 k = 0, row = i * K; k < K; k++, row++) {
      double v = exp (log_weights[k] - log_sum);
      nats += v * rv__vae_nats (vae, reconstruction[row]);
      sums[ERRORS] += v * reconstruction[row];
      grad_reconstruction[row] = (float) (part * v * per_sum);
      for (gint64 j = 0; j < latent; j++)
        grad_z[row * latent + j] = (float) (part * v) * z[row * latent + j];
    }
    for (gint64 j = 0; j < latent; j++)
      grad_logvar[i * latent + j] = (float) (-0.5 * part);
    sums[NATS] += nats;
    sums[DIVERGENCE] += log (K) - log_sum - nats;
  }
}

/* Overwrites engine->trained->grad_at with the gradients of the mean loss of batch @batch, without that of
 * log_sigma, and @sums, [N_SUMS], with sums over its pictures, on all ranks. Adds its micro-batches in order. After
 * an error both are undefined. Collective. */
static gboolean
run_batch (RvVaeTraining *training, gint64 batch, double *sums, GError **error)
{
  const RvVaeEngine *engine = training->engine;
  RvGradAccumulator *micro_batches = training->micro_batches;
  double part = 1 / (double) rv__trainer_batch_size (training->trainer, batch); /* the loss is a mean over the batch */
  rv__grad_accumulator_clear (micro_batches); /* the last batch may have been cancelled */
  for (int k = rv__grad_accumulator_first (micro_batches); k < rv__grad_accumulator_end (micro_batches); k++) {
    gint64 n = load_micro_batch (training, batch, k);
    if (!rv__vae_engine_forward (engine, error))
      return FALSE;
    memset (sums, 0, N_SUMS * sizeof *sums);
    if (engine->grad_z >= 0)
      set_iwae_gradients (training, n, part, sums);
    else
      set_elbo_gradients (training, batch, n, part, sums);
    if (!rv__vae_engine_backward (engine, error))
      return FALSE;
    rv__grad_accumulator_add (micro_batches, sums);
  }
  return rv__grad_accumulator_sum (micro_batches, sums, error);
}

/* Sets RV_ERROR_NUMBER: @what is not finite in this epoch. Always returns FALSE. */
static gboolean
not_finite (const RvVaeTraining *training, const char *what, GError **error)
{
  return rv__error_with_options (error, RV_ERROR_NUMBER, "learning-rate,beta,sigma",
                                 "in epoch %" G_GINT64_FORMAT
                                 " the %s is not finite, although the learning rate was halved "
                                 "%d times; lower 'learning-rate'%s, or raise 'sigma'",
                                 training->trainer->epoch + 1, what, MAX_HALVINGS,
                                 rv__vae_importance_samples (training->vae->settings) > 0 ? "" : " or 'beta'");
}

/* Takes the optimiser's step for @batch, from 0. Adds its sums to the epoch's and its pictures to n_seen. The
 * parameters change in the program; log_sigma alone changes in the model. RV_ERROR_NUMBER if a sum or a gradient is
 * not finite; parameters may then be not finite as well. Collective. */
static gboolean
step (RvVaeTraining *training, gint64 batch, GError **error)
{
  const RvVae *vae = training->vae;
  RvParameterValues *trained = training->engine->trained;
  gint64 n = rv__trainer_batch_size (training->trainer, batch);
  double sums[N_SUMS];
  if (!run_batch (training, batch, sums, error))
    return FALSE;
  training->reconstruction += sums[NATS];
  training->kl += sums[DIVERGENCE];
  if (!isfinite (sums[NATS]) || !isfinite (sums[DIVERGENCE]))
    return not_finite (training, isfinite (sums[NATS]) ? "KL divergence" : "reconstruction", error);
  float grad_log_sigma;
  if (rv__vae_learns_sigma (vae)) { /* the last parameter: D - errors / (n sigma^2), D: values of a picture */
    double variance = rv_vae_sigma (vae) * rv_vae_sigma (vae);
    grad_log_sigma = (float) ((double) rv__vae_pixels (vae) - sums[ERRORS] / (double) n / variance);
    trained->grad_at[vae->parameters->len - 1] = &grad_log_sigma;
  }
  double norm = rv__trainer_step (training->trainer, trained->at, trained->grad_at, sums[NATS]);
  training->n_seen += n;
  return isfinite (norm) || not_finite (training, "gradient", error);
}

/* ---- epochs ------------------------------------------------------------------------------------------------------ */

/* Calls @progress (nullable) with the means of the epoch so far. @batch: number of batches done in the epoch.
 * @epoch_ended: trainer->epoch already counts this epoch. @validation: NaN if there is none. Returns the result of
 * @progress: FALSE stops the run, and is no error. TRUE without @progress. */
static gboolean
call_progress (const RvVaeTraining *training, gint64 batch, gboolean epoch_ended, double validation, RvVaeFunc progress,
               gpointer user_data)
{
  const RvVaeSettings *s = training->vae->settings;
  gint64 batches = training->trainer->n_batches,
         n = MIN (batch * training->trainer->settings.batch, training->dataset->n);
  double seconds = (double) (g_get_monotonic_time () - training->began_us) / G_USEC_PER_SEC;
  double before = (double) (training->trainer->epoch - training->first_epoch);
  before += epoch_ended ? 0 : (double) batch / (double) batches;
  RvVaeProgress p = { .epoch = training->trainer->epoch + !epoch_ended, /* the epoch is counted already at its end */
                      .n_epochs = s->epochs,
                      .batch = batch,
                      .n_batches = batches,
                      .reconstruction = training->reconstruction / (double) n,
                      .kl = training->kl / (double) n,
                      .validation = validation,
                      .learning_rate = training->trainer->settings.optim_settings.learning_rate,
                      .samples_per_second = (double) training->n_seen / MAX (seconds, 1e-9),
                      .done_01 = before / (double) MAX (s->epochs - training->first_epoch, 1),
                      .vae = training->vae };
  p.loss = p.reconstruction + s->beta * p.kl;
  return !progress || progress (&p, epoch_ended, user_data);
}

/* Appends the means of the epoch and @validation, the loss of the validation set, to training->history, and copies it
 * to the model's note "history". Times are left out, so that resumed trainings have the same bytes. */
static void
record_history (RvVaeTraining *training, double validation)
{
  char numbers[3][G_ASCII_DTOSTR_BUF_SIZE];
  double n = (double) training->dataset->n;
  g_ascii_formatd (numbers[0], sizeof numbers[0], "%.9g", training->reconstruction / n);
  g_ascii_formatd (numbers[1], sizeof numbers[1], "%.9g", training->kl / n);
  g_ascii_formatd (numbers[2], sizeof numbers[2], "%.9g", validation);
  g_string_append_printf (
    training->history, "{\"epoch\": %" G_GINT64_FORMAT ", \"reconstruction\": %s, \"kl\": %s, \"validation\": %s}\n",
    training->trainer->epoch + 1, numbers[0], numbers[1], training->validation_set ? numbers[2] : "null");
  rv__vae_set_note (training->vae, "history", training->history->str);
}

/* Overwrites *stopped with the value of rank 0. Collective. */
static gboolean
broadcast_stopped (gboolean *stopped, GError **error)
{
  return rv__cluster_broadcast (rv__cluster_current (), stopped, sizeof *stopped, 0, error);
}

/* Sets *validation to the loss of the validation set, -ELBO or minus the importance-weighted bound with the K of
 * training, computed on rank 0; to NaN without a validation set. RV_ERROR_NUMBER if the value is not finite.
 * Collective. */
static gboolean
evaluate (const RvVaeTraining *training, double *validation, GError **error)
{
  RvCluster *cluster = rv__cluster_current ();
  RvVaeScores scores = { .elbo = NAN };
  int n_samples = rv__vae_importance_samples (training->vae->settings);
  *validation = NAN;
  if (!training->validation_set)
    return TRUE;
  if (rv__cluster_rank (cluster) == 0 &&
      !rv_vae_evaluate (training->vae, training->validation_set, n_samples, training->vae->settings->seed, NULL, NULL,
                        NULL, &scores, error))
    return FALSE;
  *validation = n_samples > 0 ? -scores.log_likelihood : -scores.elbo;
  return rv__cluster_broadcast (cluster, validation, sizeof *validation, 0, error) &&
         (isfinite (*validation) || not_finite (training, "loss of the validation set", error));
}

/* Overwrites training->state and ->parameters with copies of the trainer's state and of the model's parameters, to
 * undo an epoch. After an error the copies are incomplete. */
static gboolean
save_state (RvVaeTraining *training, GError **error)
{
  const RvParameters *from = training->vae->parameters;
  rv_tensor_map_unref (training->state);
  training->state = rv_tensor_map_new ();
  if (!training->parameters)
    training->parameters = rv__parameters_new ();
  for (guint i = training->parameters->len; i < from->len; i++)
    if (!rv__parameters_add (training->parameters, rv__parameter (from, i)->name,
                             &rv__parameter (from, i)->tensor->shape, error))
      return FALSE;
  for (guint i = 0; i < from->len; i++) {
    const RvTensor *tensor = rv__parameter (from, i)->tensor;
    memcpy (rv__parameter (training->parameters, i)->tensor->data, tensor->data, rv_tensor_bytes (tensor));
  }
  return rv__trainer_save (training->trainer, training->state, error);
}

/* Runs an epoch and calls @progress (nullable). Unless it is stopped within the epoch, stores the parameters in the
 * model, adds the epoch to the history, increments trainer->epoch and calls save_state(). Sets *stopped, FALSE
 * before, to TRUE if @progress stopped the run on rank 0: no error, returns TRUE. If trainer->epoch is unchanged
 * afterwards, the parameters may have changed. Collective. */
static gboolean
try_epoch (RvVaeTraining *training, RvVaeFunc progress, gpointer user_data, gboolean *stopped, GError **error)
{
  double validation;
  gboolean ok = TRUE;
  training->reconstruction = training->kl = 0;
  rv__trainer_shuffle (training->trainer);
  for (gint64 batch = 0; ok && batch < training->trainer->n_batches && !*stopped; batch++)
    if ((ok = step (training, batch, error))) {
      *stopped = !call_progress (training, batch + 1, FALSE, NAN, progress, user_data);
      ok = broadcast_stopped (stopped, error);
    }
  if (!ok || *stopped)
    return ok;
  rv__parameter_values_store (training->engine->trained); /* copies the trained parameters to the model */
  if (!evaluate (training, &validation, error))
    return FALSE;
  record_history (training, validation);
  training->trainer->epoch++;
  if (!save_state (training, error))
    return FALSE;
  *stopped = !call_progress (training, training->trainer->n_batches, TRUE, validation, progress, user_data);
  return broadcast_stopped (stopped, error);
}

/* Sets the optimiser's rate: the setting, halved n_halvings times. */
static void
set_rate (RvVaeTraining *training)
{
  training->trainer->settings.optim_settings.learning_rate =
    ldexp (training->vae->settings->learning_rate, (int) -training->n_halvings);
}

/* Runs an epoch, and sets *stopped, as try_epoch(). If a number is not finite, undoes the epoch and repeats it with
 * half the learning rate, up to MAX_HALVINGS times in the training. After an error, or a stop within the epoch, the
 * model is that of the last whole epoch. Collective. */
static gboolean
run_epoch (RvVaeTraining *training, RvVaeFunc progress, gpointer user_data, gboolean *stopped, GError **error)
{
  gint64 epoch = training->trainer->epoch;
  for (;;) {
    g_autoptr (GError) fault = NULL;
    gboolean ok = try_epoch (training, progress, user_data, stopped, &fault);
    if (training->trainer->epoch == epoch) { /* undoes the epoch by the copies of save_state() */
      if (!rv__trainer_restore (training->trainer, training->state, training->parameters, error))
        return FALSE;
      rv__parameter_values_load (training->engine->trained);
    }
    if (ok)
      return TRUE;
    if (!g_error_matches (fault, RV_ERROR, RV_ERROR_NUMBER) || training->n_halvings == MAX_HALVINGS) {
      if (fault)
        g_propagate_error (error, g_steal_pointer (&fault));
      return FALSE;
    }
    training->n_halvings++;
    set_rate (training);
  }
}

gboolean
rv__vae_training_run (RvVaeTraining *training, RvVaeFunc progress, gpointer user_data, GError **error)
{
  gboolean stopped = FALSE,
           ok = rv__trainer_broadcast (training->trainer, rv__cluster_current (), training->engine->trained->at, error);
  ok =
    ok && rv__cluster_broadcast (rv__cluster_current (), &training->n_halvings, sizeof training->n_halvings, 0, error);
  set_rate (training);
  int before = rv__system_use_threads (rv__compute_threads (training->vae->settings->threads)); /* between programs */
  training->began_us = g_get_monotonic_time ();
  training->first_epoch = training->trainer->epoch;
  training->n_seen = 0;
  ok = ok && save_state (training, error);
  while (ok && training->trainer->epoch < training->vae->settings->epochs && !stopped)
    ok = run_epoch (training, progress, user_data, &stopped, error);
  rv__system_use_threads (before);
  return ok;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------- */

RvTensorMap *
rv__vae_training_to_map (const RvVaeTraining *training, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_vae_to_map (training->vae, error);
  if (map && training->n_halvings > 0)
    rv__tensor_map_set_count (map, HALVINGS, training->n_halvings);
  return map && rv__trainer_save (training->trainer, map, error) ? g_steal_pointer (&map) : NULL;
}

RvTensorMap *
rv__vae_training_last_epoch (const RvVaeTraining *training, GError **error)
{
  g_autoptr (RvTensorMap) map = rv__vae_training_to_map (training, error);
  for (guint i = 0; map && i < training->parameters->len; i++)
    rv_tensor_map_set (map, rv__parameter (training->parameters, i)->name,
                       rv__parameter (training->parameters, i)->tensor);
  if (map)
    rv__tensor_map_copy_notes (map, training->state);
  for (guint i = 0; map && i < rv_tensor_map_size (training->state); i++) {
    const char *name = rv_tensor_map_name (training->state, i);
    rv_tensor_map_set (map, name, (RvTensor *) rv_tensor_map_get (training->state, name));
  }
  return g_steal_pointer (&map);
}

gboolean
rv__vae_training_restore (RvVaeTraining *training, const RvTensorMap *map, GError **error)
{
  static const char *const may_differ[] = { "epochs", "prior", RV_VAE_MACHINE_OPTIONS, NULL };
  g_autoptr (RvVae) stored = rv_vae_from_map (map, error);
  const char *labels = rv_vae_get_note (training->vae, "labels"),
             *stored_labels = stored ? rv_vae_get_note (stored, "labels") : NULL;
  const char *halvings = rv_tensor_map_get_text (map, HALVINGS);
  training->n_halvings = halvings ? CLAMP (g_ascii_strtoll (halvings, NULL, 10), 0, MAX_HALVINGS) : 0;
  if (!stored ||
      !rv__trainer_check_settings (rv__vae_options, training->vae->settings, stored->settings, may_differ, error))
    return FALSE;
  if (g_strcmp0 (labels, stored_labels) != 0)
    return rv__error_setting (error, "condition", "the training that stopped had other labels, or none");
  if (!rv__trainer_restore (training->trainer, map, stored->parameters, error))
    return FALSE;
  rv__parameter_values_load (training->engine->trained);
  g_string_assign (training->history, rv_vae_get_note (stored, "history") ? rv_vae_get_note (stored, "history") : "");
  rv__vae_set_note (training->vae, "history", training->history->str);
  return TRUE;
}
