/* train.h -- training of a VAE on a dataset, its curves, what is noted with the model. Jobs are its callers.
 * Layer 6 (method). No files and no printing. */
#ifndef RV_VAE_TRAIN_H
#define RV_VAE_TRAIN_H

#include <gio/gio.h>
#include <reverie/vae.h>

/* Sets @cancellable (nullable), held by reference, which is looked at before each layer of each batch by
 * rv_vae_encode(), rv_vae_decode(), rv_vae_evaluate() and rv__vae_training_run(), from their next call on: they end
 * with RV_ERROR_CANCELLED. After a training the model is that of a whole epoch, and the training may only be freed. It
 * may be cancelled from any thread. */
void rv__vae_set_cancellable (RvVae *vae, GCancellable *cancellable);

/* Keeps a text with the model, such as the source of its data; NULL removes it. */
void rv__vae_note (RvVae *vae, const char *key, const char *text);

/* A model being trained on a dataset. One thread at a time, which has the model as well. */
typedef struct _RvVaeTraining RvVaeTraining;

/* One batch. */
typedef struct {
  gint64 epoch, n_epochs;          /* 1 ... */
  gint64 batch, n_batches;         /* 1 ..., within the epoch */
  double loss, reconstruction, kl; /* nats a picture: means of this epoch so far */
  double validation;               /* -ELBO on what was held back, at the end of an epoch; else NaN */
  double samples_per_second, done_01;
  RvVae *vae; /* with the parameters of the last epoch's end */
} RvVaeProgress;

/* Called on the thread that runs after each batch, and once more at the end of each epoch, when batch == n_batches and
 * the model is up to date; FALSE stops the run. */
typedef gboolean (*RvVaeFunc) (const RvVaeProgress *progress, gboolean epoch_ended, gpointer user_data);

/* (transfer full) (nullable): a training of @vae on @dataset. @held_back: (nullable): for the validation figure, never
 * trained on. All are borrowed for the training's life. RV_ERROR_SHAPE when the pictures are not the model's size,
 * RV_ERROR_SETTING for a single picture, RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
RvVaeTraining *rv__vae_training_new (RvVae *vae, const RvDataset *dataset, const RvDataset *held_back, GError **error);
void rv__vae_training_free (RvVaeTraining *training);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVaeTraining, rv__vae_training_free)

/* (transfer full) (nullable): the model, the optimiser and the epoch; all random numbers are functions of the seed and
 * the epoch. */
RvTensorMap *rv__vae_training_to_map (const RvVaeTraining *training, GError **error);

/* Goes on from such a map; the result has the same bytes as an uninterrupted training's, for the same threads and
 * backend. RV_ERROR_SETTING, naming the setting that is another (all but epochs, threads and backend must be the same);
 * RV_ERROR_FORMAT, also when the checkpoint is of other data. */
gboolean rv__vae_training_restore (RvVaeTraining *training, const RvTensorMap *map, GError **error);

/* Trains up to the setting `epochs`. RV_ERROR_NUMBER when the loss stops being a number, saying what to lower: the
 * model is then that of the last epoch's end; RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
gboolean rv__vae_training_run (RvVaeTraining *training, RvVaeFunc progress, gpointer user_data, GError **error);

/* (transfer full): the training's curves, as SVG. */
char *rv__vae_plot_history (const RvVae *vae);

/* (transfer full): the first two of the latent means, @mu [@n, latent], coloured by @labels (nullable), as SVG. */
char *rv__vae_plot_latent (const RvVae *vae, const float *mu, const guint8 *labels, gint64 n);

/* (transfer full) (nullable): such an SVG as a picture; never one from outside. RV_ERROR_FORMAT. */
RvImage *rv__vae_plot_image (const char *svg, GError **error);

#endif
