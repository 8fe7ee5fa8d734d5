/* train.h -- training of a VAE on a dataset, its curves, scores of pictures, and notes of a model. Called by jobs;
 * accesses no files and prints nothing. Layer 6 (method). */
#pragma once

#include <gio/gio.h>
#include <reverie/vae.h>

/* Stores a note in the model, such as the source of its data: copies of @key and @text, which must not be NULL.
 * Replaces an earlier text of @key. Model files contain the notes. Cannot fail. */
void rv__vae_set_note (RvVae *vae, const char *key, const char *text);

/* Programs of a model, cached between calls (vae-internal.h). */
typedef struct _RvVaeEngines RvVaeEngines;
/* Writes minus the importance-weighted log-likelihood of each picture, with K = 50, in nats, to @scores,
 * [dataset->n]. Labels of @dataset and rv_vae_set_label() are ignored. @engines: (nullable): cached programs.
 * @seed: seed of the samples. After an error @scores may be written in part. */
gboolean rv__vae_score (const RvVae *vae, RvVaeEngines *engines, const RvDataset *dataset, gint64 seed, double *scores,
                        GError **error);
/* Replaces the prior of @vae by that of the setting `prior`. gmm:K is fitted to latent vectors of at most 20,000
 * pictures of @dataset, one drawn from q(z|x) for each (Ghosh, Sajjadi, Vergari, Black, Schölkopf 2020, section 4,
 * fit it to means). @dataset: the training set, at least K pictures. After an error the prior is N (0, I). */
gboolean rv__vae_fit_prior (RvVae *vae, const RvDataset *dataset, GError **error);
/* (transfer full) (nullable): an untrained model, as rv_vae_new() makes it, for pictures with @labels,
 * NULL-terminated names (nullable: none). The model is then conditional: encoder and decoder have the label as an
 * additional input (Sohn, Lee, Yan 2015). The note "labels" lists the names, one in each line. Initial weights of
 * all other layers are those of a model without labels. */
RvVae *rv__vae_new_labelled (const RvSettings *settings, int channels, int height, int width, char *const *labels,
                             GError **error);

/* A model that is trained on a dataset. One thread at a time may use the training and its model. */
typedef struct _RvVaeTraining RvVaeTraining;

/* Report of a batch. */
typedef struct {
  gint64 epoch, n_epochs;             /* from 1 */
  gint64 batch, n_batches;            /* from 1, within the epoch */
  double loss, reconstruction, kl;    /* nats per picture: means of this epoch so far */
  double validation;                  /* loss of the validation set, at the end of an epoch; else NaN */
  double learning_rate;               /* halved after epochs that were not finite */
  double samples_per_second, done_01; /* pictures per second, and the fraction done, of this run */
  RvVae *vae;                         /* has the parameters of the last whole epoch, but the current sigma */
} RvVaeProgress;

/* Called on the training thread after each batch, and again at the end of each epoch, when the model is up to date.
 * FALSE stops the run. */
typedef gboolean (*RvVaeFunc) (const RvVaeProgress *progress, gboolean epoch_ended, gpointer user_data);

/* (transfer full) (nullable): a training of @vae on @dataset, from the model's parameters; nothing runs yet. A
 * conditional model learns the labels of @dataset; in each epoch, each picture is used without its label with
 * probability 0.1. @validation_set: (nullable). All three are borrowed while the training exists. RV_ERROR_SHAPE if the
 * validation set is empty; RV_ERROR_SETTING for fewer than two pictures, or fewer than the Gaussians of `prior`. */
RvVaeTraining *rv__vae_training_new (RvVae *vae, const RvDataset *dataset, const RvDataset *validation_set,
                                     GError **error);
/* Frees @training (nullable), not the model and the datasets. The model has the parameters of the last whole
 * epoch. */
void rv__vae_training_free (RvVaeTraining *training);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVaeTraining, rv__vae_training_free)

/* (transfer full) (nullable): a checkpoint after a whole epoch: model, optimiser, epoch, hash of the data. Call it
 * before the first batch or at the end of an epoch: within an epoch, optimiser and model do not match. The
 * checkpoint shares the model's tensors, which further training changes. */
RvTensorMap *rv__vae_training_to_map (const RvVaeTraining *training, GError **error);

/* (transfer full) (nullable): a checkpoint as of rv__vae_training_to_map(), but of the last whole epoch. Call it
 * once rv__vae_training_run() has begun, also within an epoch. Its tensors refer to the training: save it before
 * the next epoch. */
RvTensorMap *rv__vae_training_last_epoch (const RvVaeTraining *training, GError **error);
/* Restores model, optimiser, epoch, history and halvings of the learning rate from @map, made by
 * rv__vae_training_to_map(). The result then has the bytes of an uninterrupted training, with the same threads and
 * backend. Only the settings epochs, prior, threads, backend and gpu may differ. RV_ERROR_SETTING if the labels
 * differ. After an error the training may only be freed. */
gboolean rv__vae_training_restore (RvVaeTraining *training, const RvTensorMap *map, GError **error);

/* Trains up to the setting `epochs`, over all ranks, and stores each whole epoch in the model. Returns TRUE at once
 * if there are no epochs left. @progress: (nullable): its result on rank 0 counts; FALSE stops the run, and the
 * function returns TRUE. If a number in an epoch is not finite, the epoch is repeated at half the learning rate.
 * @progress is then called for its batches again. A fourth such epoch in a training is an error. After a stop or an
 * error, the model is that of the last whole epoch. Blocks; collective. */
gboolean rv__vae_training_run (RvVaeTraining *training, RvVaeFunc progress, gpointer user_data, GError **error);

/* (transfer full): an SVG of loss, reconstruction and validation (nats per picture) of each epoch, from the model's
 * note "history". Empty axes without the note; skips damaged lines. Never NULL. */
char *rv__vae_plot_history (const RvVae *vae);

/* (transfer full): an SVG of the first two latent means of all pictures of @dataset. @mu: [dataset->n, latent], finite.
 * Each label has a colour. With one latent dimension both axes show it. Never NULL. */
char *rv__vae_plot_latent (const RvVae *vae, const float *mu, const RvDataset *dataset);

/* (transfer full) (nullable): @svg, of rv__vae_plot_history() or rv__vae_plot_latent(), as a picture of 960 x 630
 * px. */
RvImage *rv__vae_plot_image (const char *svg, GError **error);
