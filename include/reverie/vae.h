/* vae.h -- variational autoencoders: encoding, decoding, evaluation, sampling. Jobs of the kind "vae-train" train them
 * (job.h).
 * Layer 6 (method). Implemented in src/method/vae. No files and no printing.
 *
 * Kingma, Welling 2014, "Auto-Encoding Variational Bayes": an encoder q(z|x) = N (mu, exp (logvar)), a sample z = mu +
 * exp (logvar / 2) eps, a decoder p(x|z), and
 *
 *   loss = reconstruction + beta * KL
 *   reconstruction = -log p(x|z)
 *   KL = -1/2 sum (1 + logvar - mu^2 - exp (logvar))
 *
 * Both are summed over pixels or latent dimensions and averaged over the batch. With beta 1 the loss is -ELBO, in
 * nats. */
#ifndef RV_VAE_H
#define RV_VAE_H

#include <gio/gio.h>
#include <reverie/dataset.h>
#include <reverie/image.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
G_BEGIN_DECLS

/** RvVae: a model: settings, picture size, parameters. Used by one thread at a time. */
typedef struct _RvVae RvVae;

/** rv_vae_new: (transfer full) (nullable): an untrained model for pictures [@channels, @height, @width]. Weights are
 * Glorot uniform, from the setting `seed`; biases are 0. @settings, of the kind "vae", are copied. Errors:
 * %RV_ERROR_SETTING for settings of another kind, channels other than 1 to 3, a size out of range, or one that the
 * depth does not divide (names the nearest); %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvVae *rv_vae_new (const RvSettings *settings, int channels, int height, int width, GError **error);
/** rv_vae_free: (nullable): frees the model. Since: 0.1 */
RV_API void rv_vae_free (RvVae *vae);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVae, rv_vae_free)

/** rv_vae_to_map: (transfer full) (nullable): the content of a model file, for rv_weights_save(): parameters, with
 * settings and notes as texts. It shares the parameters' tensors with @vae. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvTensorMap *rv_vae_to_map (const RvVae *vae, GError **error);
/** rv_vae_from_map: (transfer full) (nullable): the model of rv_vae_to_map(), copied from @map. Errors:
 * %RV_ERROR_FORMAT for a map of another kind, or with parameters missing or of the wrong shape; %RV_ERROR_FILE if the
 * map's file has changed; %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvVae *rv_vae_from_map (const RvTensorMap *map, GError **error);

/** rv_vae_set_threads: sets @n_threads to compute with, clamped to the setting's range; 0: one for each physical core.
 * Not stored in files. Since: 0.1 */
RV_API void rv_vae_set_threads (RvVae *vae, int n_threads);
/** rv_vae_settings: the settings in use: each 0 is replaced by the value that was chosen. Borrowed. Since: 0.1 */
RV_API const RvSettings *rv_vae_settings (const RvVae *vae);
/** rv_vae_get_note: (nullable): the text stored with the model as @key, such as the source of its training data; NULL:
 * none. Borrowed. Since: 0.1 */
RV_API const char *rv_vae_get_note (const RvVae *vae, const char *key);
/** rv_vae_picture_size: sets @channels, 1 to 3, and @height and @width in px (out, none optional) of the model's
 * pictures. Since: 0.1 */
RV_API void rv_vae_picture_size (const RvVae *vae, int *channels, int *height, int *width);
/** rv_vae_set_label: sets the label of later pictures and codes of a conditional model; it replaces the labels of
 * datasets. @label NULL, as in a new model: none. The note "labels" lists the labels of the model, one in each line.
 * Not stored in files. Errors: %RV_ERROR_SETTING for a label that the model lacks. Since: 0.1 */
RV_API gboolean rv_vae_set_label (RvVae *vae, const char *label, GError **error);
/** rv_vae_n_parameters: number of trainable numbers. Since: 0.1 */
RV_API gint64 rv_vae_n_parameters (const RvVae *vae);
/** rv_vae_sigma: standard deviation of the Gaussian likelihood, as set or learned, for pixels 0..1. Since: 0.1 */
RV_API double rv_vae_sigma (const RvVae *vae);
/** rv_vae_check: whether the pictures of @dataset have the model's channels, height and width; FALSE sets an error.
 * Errors: %RV_ERROR_SHAPE. Since: 0.1 */
RV_API gboolean rv_vae_check (const RvVae *vae, const RvDataset *dataset, GError **error);

/** rv_vae_encode: writes mean and log variance of q(z|x), [@n, latent] each, to @mu and @logvar (out caller-allocates),
 * which an error leaves partly written. @logvar: (nullable). @pixels: [@n, channels, height, width], bytes; converted
 * to 0..1, binarized as the model's settings say. Errors: %RV_ERROR_SHAPE for @n < 1, %RV_ERROR_MEMORY,
 * %RV_ERROR_BACKEND; %RV_ERROR_CANCELLED by the current GCancellable of the thread. Since: 0.1 */
RV_API gboolean rv_vae_encode (const RvVae *vae, const guint8 *pixels, gint64 n, float *mu, float *logvar,
                               GError **error);
/** rv_vae_encode_dataset: rv_vae_encode() of all pictures of @dataset, with their labels if the model is conditional.
 * Errors: those of rv_vae_encode(); %RV_ERROR_SHAPE for another size; %RV_ERROR_SETTING for a label that the model
 * lacks. Since: 0.1 */
RV_API gboolean rv_vae_encode_dataset (const RvVae *vae, const RvDataset *dataset, float *mu, float *logvar,
                                       GError **error);
/** rv_vae_decode: writes the mean pixels for the codes @z [@n, latent] to @pixels_01 (out caller-allocates), [@n,
 * channels, height, width], 0..1. An error leaves it partly written. Errors: %RV_ERROR_SHAPE for @n < 1,
 * %RV_ERROR_MEMORY, %RV_ERROR_BACKEND; %RV_ERROR_CANCELLED by the current GCancellable of the thread. Since: 0.1 */
RV_API gboolean rv_vae_decode (const RvVae *vae, const float *z, gint64 n, float *pixels_01, GError **error);
/** rv_vae_sample_prior: writes @n samples of the prior, always the same for one @seed, to @z (out caller-allocates),
 * [@n, latent]. Standard deviations are multiplied by @temperature. The prior is N (0, I), or the mixture of Gaussians
 * of a model that was trained with the setting `prior`. Can't fail. Since: 0.1 */
RV_API void rv_vae_sample_prior (const RvVae *vae, gint64 n, double temperature, gint64 seed, float *z);

/** RvVaeScores: quality of a model on a dataset. */
typedef struct {
  gint64 n;                        /* pictures */
  double reconstruction, kl, elbo; /* nats per picture, means; elbo = -(reconstruction + kl), with one sample of z */
  double elbo_error;               /* standard error of the mean */
  int n_samples;                   /* K of log_likelihood; 0: not computed */
  double log_likelihood;           /* mean of log (1/K) sum over k of p(x, z_k) / q(z_k|x), nats; p(z): prior */
  double log_likelihood_error;     /* standard error of log_likelihood */
  int active_units;                /* latent dimensions j with a variance of mu_j above 0.01 over the data */
  double baseline;                 /* reconstruction of a decoder that returns @mean, nats per picture; NaN: no @mean */
} RvVaeScores;

/** RvVaeDoneFunc: reports progress on the caller's thread; @done_01: fraction done. FALSE stops, with
 * %RV_ERROR_CANCELLED. */
typedef gboolean (*RvVaeDoneFunc) (double done_01, gpointer user_data);

/**
 * rv_vae_evaluate:
 * @n_samples: K of the importance-weighted log-likelihood (Burda, Grosse, Salakhutdinov 2016); 0: skips it
 * @seed:      seed of the samples
 * @mean:      (nullable): mean picture of the training data, [channels, height, width], 0..1, for the baseline
 * @done:      (nullable): reports progress
 * @scores:    (out): the result, unchanged after an error; @size: sizeof *@scores
 *
 * Pixels are converted as in training: likelihoods of grey levels and of binarized pixels cannot be compared. Errors:
 * %RV_ERROR_SHAPE without pictures, or for another size than the model's; %RV_ERROR_SETTING for a negative K, and for a
 * label that a conditional model lacks; %RV_ERROR_MEMORY, %RV_ERROR_BACKEND; %RV_ERROR_CANCELLED by @done or the
 * current GCancellable of the thread. Since: 0.1
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

/** rv_vae_sheet: (transfer full) (nullable): one picture of @n pictures of the model's size, 0..1, in rows of @columns
 * (clamped to 1..@n), @gap_px apart, on white; small ones are enlarged by a whole factor. Errors: %RV_ERROR_SHAPE for
 * @n < 1, a negative gap, or too large a sheet; %RV_ERROR_MEMORY; %RV_ERROR_BACKEND in a forked process. Since: 0.1 */
RV_API RvImage *rv_vae_sheet (const RvVae *vae, const float *pixels_01, gint64 n, int columns, int gap_px,
                              GError **error);

/** rv_vae_to_page: (transfer full): an HTML page with the heading @title, which is escaped; it contains the decoder and
 * an interactive map of its latent space, and works offline. Can't fail. Since: 0.1 */
RV_API char *rv_vae_to_page (const RvVae *vae, const char *title);

G_END_DECLS
#endif
