/* vae.h -- variational autoencoders: encoded and decoded with, evaluated, sampled from. Jobs of the kind "vae-train"
 * train them (job.h).
 * Layer 6 (method). Implemented in src/method/vae. No files and no printing.
 *
 * Kingma, Welling 2014, "Auto-Encoding Variational Bayes": an encoder q(z|x) = N (mu, exp (logvar)), a sample
 * z = mu + exp (logvar / 2) eps, a decoder p(x|z), and
 *   loss = reconstruction + beta * KL,    reconstruction = -log p(x|z),    KL = -1/2 sum (1 + logvar - mu^2 - exp
 * (logvar)) each summed over pixels or latent dimensions, and averaged over the batch; with beta 1 it is -ELBO, in
 * nats. */
#ifndef RV_VAE_H
#define RV_VAE_H

#include <gio/gio.h>
#include <reverie/dataset.h>
#include <reverie/image.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvVae: a model: its settings, the size of its pictures, its parameters. One thread at a time. */
typedef struct _RvVae RvVae;

/** rv_vae_new: (transfer full) (nullable): with fresh parameters, Glorot uniform by the setting `seed`, biases 0.
 * @settings, of the kind "vae", are copied; pictures are [@channels, @height, @width]. Errors: %RV_ERROR_SETTING for a
 * size that the depth does not divide (the nearest is named), %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvVae *rv_vae_new (const RvSettings *settings, int channels, int height, int width, GError **error);
RV_API void rv_vae_free (RvVae *vae);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVae, rv_vae_free)

/** rv_vae_to_map: (transfer full) (nullable): parameters, and as texts the settings and what was noted: what a model
 * file holds. rv_vae_from_map: back. Errors: %RV_ERROR_FORMAT for a map of another kind or with parameters missing or
 * of the wrong shape, %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvTensorMap *rv_vae_to_map (const RvVae *vae, GError **error);
RV_API RvVae *rv_vae_from_map (const RvTensorMap *map, GError **error);

/** rv_vae_set_threads: @n_threads to compute with from now on; 0: one for each physical core. A file does not say.
 * Since: 0.1 */
RV_API void rv_vae_set_threads (RvVae *vae, int n_threads);

/** rv_vae_settings: as they are in use: no 0 stands for anything. Borrowed. rv_vae_get_note: a text
 * kept with the model, such as where its data came from; (nullable), borrowed. rv_vae_picture_size: @channels, and
 * @height and @width in px (out). Since: 0.1 */
RV_API const RvSettings *rv_vae_settings (const RvVae *vae);
RV_API const char *rv_vae_get_note (const RvVae *vae, const char *key);
RV_API void rv_vae_picture_size (const RvVae *vae, int *channels, int *height, int *width);
/** rv_vae_n_parameters: numbers in all parameters. rv_vae_sigma: of the Gaussian likelihood, as set or learned; pixels
 * are 0..1. Since: 0.1 */
RV_API gint64 rv_vae_n_parameters (const RvVae *vae);
RV_API double rv_vae_sigma (const RvVae *vae);

/** rv_vae_check: whether the pictures have the model's size. Errors: %RV_ERROR_SHAPE. Since: 0.1 */
RV_API gboolean rv_vae_check (const RvVae *vae, const RvDataset *dataset, GError **error);

/**
 * rv_vae_encode:
 * @pixels: [@n, channels, height, width], bytes; 0..1 is made of them as the model's settings binarize
 * @mu, @logvar: (out caller-allocates): [@n, latent] each; @logvar (nullable)
 *
 * Errors: %RV_ERROR_SHAPE for no pictures, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Since: 0.1
 */
RV_API gboolean rv_vae_encode (const RvVae *vae, const guint8 *pixels, gint64 n, float *mu, float *logvar,
                               GError **error);
/** rv_vae_decode: @z [@n, latent] to the pixels' means, @pixels_01 [@n, channels, height, width], 0..1. Errors: as
 * rv_vae_encode(). Since: 0.1 */
RV_API gboolean rv_vae_decode (const RvVae *vae, const float *z, gint64 n, float *pixels_01, GError **error);

/** rv_vae_sample_prior: @z [@n, latent] of N (0, @temperature^2), by @seed. Can't fail. Since: 0.1 */
RV_API void rv_vae_sample_prior (const RvVae *vae, gint64 n, double temperature, gint64 seed, float *z);

/** RvVaeScores: how good a model is on a dataset. */
typedef struct {
  gint64 n;                        /* pictures */
  double reconstruction, kl, elbo; /* nats a picture: means; elbo = -(reconstruction + kl), z sampled once */
  double elbo_error;               /* standard error of the mean */
  int n_samples;                   /* K of the next; 0: not computed */
  double log_likelihood;           /* mean of log (1/K) sum over k of p(x, z_k) / q(z_k|x), nats */
  double log_likelihood_error;     /* its standard error */
  int active_units;                /* latent dimensions j whose mu_j has a variance above 0.01 over the data */
  double baseline;                 /* nats a picture of a decoder that always says @mean; NaN without */
} RvVaeScores;

/** RvVaeDoneFunc: called on the caller's thread; FALSE stops, with %RV_ERROR_CANCELLED. */
typedef gboolean (*RvVaeDoneFunc) (double done_01, gpointer user_data);

/**
 * rv_vae_evaluate:
 * @n_samples: K of the importance-weighted log-likelihood (Burda, Grosse, Salakhutdinov 2016); 0: leave it out
 * @seed: of the samples
 * @mean: (nullable): [channels, height, width] in 0..1: the baseline's picture, of the training data
 * @done:      (nullable)
 *
 * Pixels are as in training: Bernoulli likelihoods of grey levels and of binarized pixels are different scales. Errors:
 * %RV_ERROR_SHAPE when there are no pictures, or not of the model's size; %RV_ERROR_SETTING for a negative K;
 * %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Since: 0.1
 */
RV_API gboolean rv_vae_evaluate_sized (const RvVae *vae, const RvDataset *dataset, int n_samples, gint64 seed,
                                       const float *mean, RvVaeDoneFunc done, gpointer user_data, RvVaeScores *scores,
                                       gsize size, GError **error);
static inline gboolean
rv_vae_evaluate (const RvVae *vae, const RvDataset *dataset, int n_samples, gint64 seed, const float *mean,
                 RvVaeDoneFunc done, gpointer user_data, RvVaeScores *scores, GError **error)
{
  return rv_vae_evaluate_sized (vae, dataset, n_samples, seed, mean, done, user_data, scores, sizeof *scores, error);
}

/** rv_vae_sheet: (transfer full) (nullable): @n pictures in 0..1 in rows of @columns, small ones enlarged by a whole
 * number, @gap_px apart, on white. Errors: %RV_ERROR_MEMORY, %RV_ERROR_SHAPE. Since: 0.1 */
RV_API RvImage *rv_vae_sheet (const RvVae *vae, const float *pixels_01, gint64 n, int columns, int gap_px,
                              GError **error);

/** rv_vae_to_page: (transfer full): an HTML page that holds the decoder and a map of its latent space to drag around
 * in; nothing is fetched. Can't fail. Since: 0.1 */
RV_API char *rv_vae_to_page (const RvVae *vae, const char *title);

G_END_DECLS
#endif
