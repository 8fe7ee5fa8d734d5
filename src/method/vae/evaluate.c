/* evaluate.c -- uses a model: encoding, decoding, sampling, and scores on data that it was not trained on.
 *
 *   ELBO = -(reconstruction + KL), z sampled once for each picture
 *   importance-weighted log-likelihood (Burda, Grosse, Salakhutdinov 2016, equation 8):
 *     log (1/K) sum over k of p(x|z_k) p(z_k) / q(z_k|x),  z_k ~ q(z|x)
 *   active units: dimensions in which the variance of mu over the data is above 0.01 (same paper, section 5.2) */
#include "base/alloc.h"
#include "base/error.h"
#include "base/random.h"
#include "base/system.h"
#include "base/sized.h"
#include "method/compute.h"
#include "method/vae/vae-internal.h"
#include <math.h>
#include <string.h>

#define BATCH 128
#define MAX_FITTED 20000 /* latent vectors to which a prior is fitted */
#define ACTIVE_VARIANCE 0.01
#define SCORE_SAMPLES 50      /* number K of rv__vae_score() */
#define SCORE_STREAM_SHIFT 40 /* each of the K samples has its own range of indices */

/* Encodes as rv__vae_encode(), with cached @engines and the current number of threads. @logvar may be NULL. */
static gboolean
encode (const RvVae *vae, RvVaeEngines *engines, const guint8 *pixels, const int *labels, gint64 n, float *mu,
        float *logvar, GError **error)
{
  const RvVaeEngine *engine = rv__vae_engines_get (engines, vae, RV_VAE_ENCODE, MIN (n, BATCH), error);
  gint64 latent = vae->settings->latent;
  for (gint64 first = 0; engine && first < n; first += engine->batch) {
    gint64 count = MIN (engine->batch, n - first);
    gsize bytes = (gsize) (count * latent) * sizeof (float);
    rv__vae_load_pixels (vae, pixels, NULL, first, count, 0, rv__vae_engine_data (engine, engine->x));
    rv__vae_engine_set_labels (vae, engine, labels ? labels + first : NULL, count);
    if (!rv__vae_engine_forward (engine, error))
      return FALSE;
    memcpy (mu + first * latent, rv__vae_engine_data (engine, engine->mu), bytes);
    if (logvar)
      memcpy (logvar + first * latent, rv__vae_engine_data (engine, engine->logvar), bytes);
  }
  return engine != NULL;
}

gboolean
rv__vae_encode (const RvVae *vae, const guint8 *pixels, const int *labels, gint64 n, float *mu, float *logvar,
                GError **error)
{
  int before =
    rv__system_use_threads (rv__compute_threads (vae->settings->threads)); /* for the loops between programs */
  g_auto (RvVaeEngines) engines = { 0 };
  gboolean ok = encode (vae, &engines, pixels, labels, n, mu, logvar, error);
  rv__system_use_threads (before);
  return ok;
}

gboolean
rv_vae_encode (const RvVae *vae, const guint8 *pixels, gint64 n, float *mu, float *logvar, GError **error)
{
  return rv__vae_encode (vae, pixels, NULL, n, mu, logvar, error);
}

gboolean
rv_vae_encode_dataset (const RvVae *vae, const RvDataset *dataset, float *mu, float *logvar, GError **error)
{
  g_autofree int *labels =
    rv_vae_check (vae, dataset, error) ? rv__vae_labels_from_dataset (vae, dataset, error) : NULL;
  return labels && rv__vae_encode (vae, dataset->pixels, labels, dataset->n, mu, logvar, error);
}

/* Decodes as rv__vae_decode(), with cached @engines. */
static gboolean
decode (const RvVae *vae, RvVaeEngines *engines, const float *z, const int *labels, gint64 n, float *pixels_01,
        GError **error)
{
  const RvVaeEngine *engine = rv__vae_engines_get (engines, vae, RV_VAE_DECODE, MIN (n, BATCH), error);
  gint64 latent = vae->settings->latent, size = rv__vae_pixels (vae);
  for (gint64 first = 0; engine && first < n; first += engine->batch) {
    gint64 count = MIN (engine->batch, n - first);
    memcpy (rv__vae_engine_data (engine, engine->z), z + first * latent, (gsize) (count * latent) * sizeof (float));
    rv__vae_engine_set_labels (vae, engine, labels ? labels + first : NULL, count);
    if (!rv__vae_engine_forward (engine, error))
      return FALSE;
    memcpy (pixels_01 + first * size, rv__vae_engine_data (engine, engine->pixels),
            (gsize) (count * size) * sizeof (float));
  }
  return engine != NULL;
}

gboolean
rv__vae_decode (const RvVae *vae, const float *z, const int *labels, gint64 n, float *pixels_01, GError **error)
{
  g_auto (RvVaeEngines) engines = { 0 };
  return decode (vae, &engines, z, labels, n, pixels_01, error);
}

gboolean
rv_vae_decode (const RvVae *vae, const float *z, gint64 n, float *pixels_01, GError **error)
{
  return rv__vae_decode (vae, z, NULL, n, pixels_01, error);
}

void
rv_vae_sample_prior (const RvVae *vae, gint64 n, double temperature, gint64 seed, float *z)
{
  gint64 latent = vae->settings->latent;
  double eps[RV_MIXTURE_MAX_DIMENSIONS];
  for (gint64 i = 0; i < n; i++, z += latent) {
    for (gint64 j = 0; j < latent; j++) {
      double number = rv__random_normal ((guint64) seed, RV_VAE_PRIOR_STREAM, (guint64) (i * latent + j));
      if (vae->prior)
        eps[j] = number;
      else
        z[j] = (float) (temperature * number);
    }
    if (vae->prior)
      rv__mixture_sample (vae->prior, rv__random_uniform_01 ((guint64) seed, RV_VAE_COMPONENT_STREAM, (guint64) i), eps,
                          temperature, z);
  }
}

gboolean
rv__vae_fit_prior (RvVae *vae, const RvDataset *dataset, GError **error)
{
  gint64 latent = vae->settings->latent, n = MIN (dataset->n, MAX_FITTED);
  guint64 seed = (guint64) vae->settings->seed;
  g_clear_pointer (&vae->prior, rv__mixture_free);
  int K = rv__vae_prior_components (vae->settings);
  if (K == 0)
    return TRUE;
  gsize bytes = (gsize) (dataset->n * latent) * sizeof (float);
  g_autoptr (float) z = rv__alloc (bytes, "codes", error), logvar = z ? rv__alloc (bytes, "codes", error) : NULL;
  g_autofree int *labels = logvar ? rv__vae_labels_from_dataset (vae, dataset, error) : NULL;
  if (!labels || !rv__vae_encode (vae, dataset->pixels, labels, dataset->n, z, logvar, error))
    return FALSE;
  for (gint64 i = 0; i < n * latent; i++) { /* evenly spaced pictures; never moves a later one */
    gint64 from = i / latent * dataset->n / n * latent + i % latent;
    z[i] = (float) (z[from] + exp (0.5 * logvar[from]) * rv__random_normal (seed, RV_VAE_EPS_STREAM, (guint64) i));
  }
  int before = rv__system_use_threads (rv__compute_threads (vae->settings->threads));
  vae->prior = rv__mixture_fit (z, n, latent, K, seed, error);
  rv__system_use_threads (before);
  return vae->prior != NULL;
}

/* ---- scores ------------------------------------------------------------------------------------------------------ */

/* Sums over the pictures so far. */
typedef struct {
  double reconstruction, kl, squared_elbo;
  double likelihood, squared_likelihood;
  double *mu, *squared_mu; /* [latent] */
  double baseline;
} Sums;

/* Data of one evaluation. */
typedef struct {
  const RvVae *vae;
  const RvDataset *dataset;
  int n_samples;
  guint64 seed;
  const float *mean;            /* mean picture, [channels, height, width], 0..1, for the baseline; NULL: none */
  int *labels;                  /* [dataset->n]; -1: none */
  RvVaeEngine *score, *explain; /* explain: NULL without samples */
  double *log_weights;          /* [batch] */
  double *likelihoods;          /* [dataset->n]: output, nats; NULL: not needed */
  Sums sums;
} Evaluation;

/* Random number of N(0, 1), a function of the seed, of @index and of @sample: a sample from 0, or -1 for the ELBO. */
static double
normal (const Evaluation *e, int sample, gint64 index)
{
  return rv__random_normal (e->seed, RV_VAE_EPS_STREAM,
                            ((guint64) (sample + 1) << SCORE_STREAM_SHIFT) + (guint64) index);
}

/* Draws z for the @n pictures whose codes e->score has computed, runs the decoder e->explain, and adds p(x, z) /
 * q(z|x) to the sums whose logarithms are e->log_weights, which sample 0 sets. @sample: from 0, in order. @first:
 * index of the first picture in the data, for the random numbers. Overwrites z and the outputs of e->explain. An
 * error leaves e->log_weights unchanged. */
static gboolean
add_sample (Evaluation *e, int sample, gint64 first, gint64 n, GError **error)
{
  gint64 latent = e->vae->settings->latent;
  const float *mu = rv__vae_engine_data (e->score, e->score->mu),
              *logvar = rv__vae_engine_data (e->score, e->score->logvar);
  float *z = rv__vae_engine_data (e->explain, e->explain->z);
  g_autofree double *eps = g_new (double, n *latent);
  for (gint64 i = 0; i < n * latent; i++) {
    eps[i] = normal (e, sample, first * latent + i);
    z[i] = (float) (mu[i] + exp (0.5 * logvar[i]) * eps[i]);
  }
  if (!rv__vae_engine_forward (e->explain, error))
    return FALSE;
  const float *sums = rv__vae_engine_data (e->explain, e->explain->reconstruction);
#pragma omp parallel for schedule(static) if (e->vae->prior)
  for (gint64 i = 0; i < n; i++) {
    gint64 at = i * latent;
    double weight = rv__vae_log_ratio (e->vae, z + at, logvar + at, eps + at) - rv__vae_nats (e->vae, sums[i]);
    e->log_weights[i] = sample == 0 ? weight : rv__log_add (e->log_weights[i], weight);
  }
  return TRUE;
}

/* Sum of -log p of @n pictures @x, 0..1, in nats, under a model that predicts e->mean for each. e->mean, not NULL here,
 * is the mean picture of the training data. */
static double
baseline (const Evaluation *e, const float *x, gint64 n)
{
  gint64 size = rv__vae_pixels (e->vae);
  gboolean gaussian = rv__vae_is_gaussian (e->vae);
  double nats = 0;
  for (gint64 i = 0; i < n; i++) {
    double sum = 0;
    for (gint64 k = 0; k < size; k++) {
      double p = CLAMP (e->mean[k], 1e-6, 1 - 1e-6), v = x[i * size + k];
      sum += gaussian ? (e->mean[k] - v) * (e->mean[k] - v) : -v * log (p) - (1 - v) * log1p (-p);
    }
    nats += rv__vae_nats (e->vae, sum);
  }
  return nats;
}

/* Adds the scores of @n pictures of the dataset, at most e->score->batch, from @first on, to e->sums, and sets
 * their e->likelihoods, if not NULL. Without samples (e->n_samples 0) the likelihood is left out; without e->mean,
 * the baseline. Overwrites the data of the engines. After an error e->sums is incomplete. */
static gboolean
score_batch (Evaluation *e, gint64 first, gint64 n, GError **error)
{
  gint64 latent = e->vae->settings->latent;
  float *x = rv__vae_engine_data (e->score, e->score->x), *eps = rv__vae_engine_data (e->score, e->score->eps);
  rv__vae_load_pixels (e->vae, e->dataset->pixels, NULL, first, n, 0, x);
  rv__vae_engine_set_labels (e->vae, e->score, e->labels + first, n);
  for (gint64 i = 0; i < n * latent; i++)
    eps[i] = (float) normal (e, -1, first * latent + i);
  if (!rv__vae_engine_forward (e->score, error))
    return FALSE;
  const float *sums = rv__vae_engine_data (e->score, e->score->reconstruction),
              *kl = rv__vae_engine_data (e->score, e->score->kl), *mu = rv__vae_engine_data (e->score, e->score->mu);
  for (gint64 i = 0; i < n; i++) {
    double nats = rv__vae_nats (e->vae, sums[i]);
    e->sums.reconstruction += nats;
    e->sums.kl += kl[i];
    e->sums.squared_elbo += (nats + kl[i]) * (nats + kl[i]);
  }
  for (gint64 i = 0; i < n * latent; i++) {
    e->sums.mu[i % latent] += mu[i];
    e->sums.squared_mu[i % latent] += (double) mu[i] * mu[i];
  }
  if (e->mean)
    e->sums.baseline += baseline (e, x, n);
  if (e->n_samples == 0)
    return TRUE;
  rv__vae_engine_set_labels (e->vae, e->explain, e->labels + first, n);
  memcpy (rv__vae_engine_data (e->explain, e->explain->x), x, (gsize) (n * rv__vae_pixels (e->vae)) * sizeof (float));
  for (int k = 0; k < e->n_samples; k++)
    if (!add_sample (e, k, first, n, error))
      return FALSE;
  for (gint64 i = 0; i < n; i++) {
    double likelihood = e->log_weights[i] - log (e->n_samples);
    e->sums.likelihood += likelihood;
    if (e->likelihoods)
      e->likelihoods[first + i] = likelihood;
    e->sums.squared_likelihood += likelihood * likelihood;
  }
  return TRUE;
}

/* Standard error of the mean of @n numbers. @sum, @squares: their sum and that of their squares. 0 for one number. */
static double
standard_error (double sum, double squares, double n)
{
  double variance = n > 1 ? (squares - sum * sum / n) / (n - 1) : 0;
  return sqrt (MAX (variance, 0) / n);
}

/* Overwrites *scores with means, standard errors and the number of active units, from e->sums over the whole dataset.
 * NaN: log_likelihood without samples, baseline without e->mean. Cannot fail. */
static void
compute_scores (const Evaluation *e, RvVaeScores *scores)
{
  double n = (double) e->dataset->n;
  const Sums *s = &e->sums;
  *scores = (RvVaeScores){ .n = e->dataset->n,
                           .reconstruction = s->reconstruction / n,
                           .kl = s->kl / n,
                           .elbo = -(s->reconstruction + s->kl) / n,
                           .elbo_error = standard_error (s->reconstruction + s->kl, s->squared_elbo, n),
                           .n_samples = e->n_samples,
                           .log_likelihood = e->n_samples ? s->likelihood / n : NAN,
                           .log_likelihood_error = standard_error (s->likelihood, s->squared_likelihood, n),
                           .baseline = e->mean ? s->baseline / n : NAN };
  for (gint64 j = 0; j < e->vae->settings->latent; j++) {
    double mean = s->mu[j] / n;
    scores->active_units += s->squared_mu[j] / n - mean * mean > ACTIVE_VARIANCE;
  }
}

/* Adds the scores of all pictures to e->sums, by score_batch(). Calls @done (nullable) after each batch.
 * RV_ERROR_CANCELLED if @done returns FALSE. */
static gboolean
run_evaluation (Evaluation *e, RvVaeDoneFunc done, gpointer user_data, GError **error)
{
  for (gint64 first = 0; first < e->dataset->n; first += e->score->batch) {
    gint64 n = MIN (e->score->batch, e->dataset->n - first);
    if (!score_batch (e, first, n, error))
      return FALSE;
    if (done && !done ((double) (first + n) / (double) e->dataset->n, user_data))
      return rv__error_set (error, RV_ERROR_CANCELLED, "the evaluation was stopped");
  }
  return TRUE;
}

/* Overwrites *scores with the scores over the whole dataset, with cached @engines; also fills
 * evaluation->likelihoods, if not NULL. The sums of @evaluation must be 0; its engines and log_weights are ignored.
 * @done: (nullable). An error leaves *scores unchanged. */
static gboolean
evaluate (const Evaluation *evaluation, RvVaeEngines *engines, RvVaeDoneFunc done, gpointer user_data,
          RvVaeScores *scores, GError **error)
{
  Evaluation e = *evaluation;
  const RvVae *vae = e.vae;
  const RvDataset *dataset = e.dataset;
  int n_samples = e.n_samples;
  gint64 batch = MIN (dataset->n, BATCH), latent = vae->settings->latent;
  if (!rv_vae_check (vae, dataset, error))
    return FALSE;
  e.score = rv__vae_engines_get (engines, vae, RV_VAE_SCORE, batch, error);
  e.explain = e.score && n_samples > 0 ? rv__vae_engines_get (engines, vae, RV_VAE_EXPLAIN, batch, error) : NULL;
  if (!e.score || (n_samples > 0 && !e.explain))
    return FALSE;
  g_autofree double *log_weights = e.log_weights = g_new0 (double, batch);
  g_autofree double *mu = e.sums.mu = g_new0 (double, latent);
  g_autofree double *squared = e.sums.squared_mu = g_new0 (double, latent);
  int before =
    rv__system_use_threads (rv__compute_threads (vae->settings->threads)); /* for the loops between programs */
  gboolean ok = run_evaluation (&e, done, user_data, error);
  rv__system_use_threads (before);
  if (ok)
    compute_scores (&e, scores);
  return ok;
}

gboolean
rv_vae_evaluate_sized (const RvVae *vae, const RvDataset *dataset, int n_samples, gint64 seed, const float *mean,
                       RvVaeDoneFunc done, gpointer user_data, RvVaeScores *scores, gsize size, GError **error)
{
  RvVaeScores all;
  Evaluation e = { .vae = vae, .dataset = dataset, .n_samples = n_samples, .seed = (guint64) seed, .mean = mean };
  if (n_samples < 0)
    return rv__error_set (error, RV_ERROR_SETTING,
                          "the number of samples must be 0 or more, not %d; 0 leaves the likelihood out", n_samples);
  g_auto (RvVaeEngines) engines = { 0 };
  g_autofree int *labels = e.labels = rv__vae_labels_from_dataset (vae, dataset, error);
  if (!labels || !evaluate (&e, &engines, done, user_data, &all, error))
    return FALSE;
  rv__sized_copy (scores, size, &all, sizeof all);
  return TRUE;
}

gboolean
rv__vae_score (const RvVae *vae, RvVaeEngines *engines, const RvDataset *dataset, gint64 seed, double *scores,
               GError **error)
{
  RvVaeScores all;
  g_auto (RvVaeEngines) own = { 0 };
  g_autofree int *labels = g_new (int, dataset->n + 1);
  memset (labels, -1, (gsize) dataset->n * sizeof *labels);
  const Evaluation e = { .vae = vae,
                         .dataset = dataset,
                         .n_samples = SCORE_SAMPLES,
                         .seed = (guint64) seed,
                         .labels = labels,
                         .likelihoods = scores };
  gboolean ok = evaluate (&e, engines ? engines : &own, NULL, NULL, &all, error);
  for (gint64 i = 0; ok && i < dataset->n; i++)
    scores[i] = -scores[i];
  return ok;
}

RvTensor *
rv__vae_reconstruction_error (const RvVae *vae, RvVaeEngines *engines, const RvDataset *dataset, gint64 i,
                              GError **error)
{
  gint64 plane = (gint64) vae->height * vae->width, size = rv__vae_pixels (vae);
  const guint8 *bytes = dataset->pixels + i * size;
  RvShape shape = rv_shape (2, (gint64) vae->height, (gint64) vae->width);
  g_autoptr (RvTensor) map = rv_tensor_new (RV_F32, &shape, error);
  g_autofree float *mu = g_new (float, vae->settings->latent), *pixels = g_new (float, size);
  if (!map || !encode (vae, engines, bytes, NULL, 1, mu, NULL, error) ||
      !decode (vae, engines, mu, NULL, 1, pixels, error))
    return NULL;
  for (gint64 k = 0; k < size; k++) {
    float difference = pixels[k] - (float) bytes[k] / 255;
    ((float *) map->data)[k % plane] += difference * difference / (float) vae->channels;
  }
  return g_steal_pointer (&map);
}
