/* train.h -- training of a VAE on a dataset, its curves, and notes of a model. Jobs are its callers.
 * Layer 6 (method). No files and no printing. */
#ifndef RV_VAE_TRAIN_H
#define RV_VAE_TRAIN_H

#include <gio/gio.h>
#include <reverie/vae.h>

/* Sets @cancellable (nullable), referenced. rv_vae_encode(), rv_vae_decode(), rv_vae_evaluate() and
 * rv__vae_training_run() check it before each layer of each batch, from their next call on, and end with
 * RV_ERROR_CANCELLED. After a cancelled training, the model is that of a whole epoch, and the training may only be
 * freed. Any thread may cancel. */
void rv__vae_set_cancellable (RvVae *vae, GCancellable *cancellable);

/* Stores a copy of a text in the model under @key, such as the source of its data, in place of an earlier one. @text:
 * NULL: removes it. */
void rv__vae_set_note (RvVae *vae, const char *key, const char *text);

/* A model that is trained on a dataset. One thread at a time may use it and the model. */
typedef struct _RvVaeTraining RvVaeTraining;

/* Report of a batch. */
typedef struct {
  gint64 epoch, n_epochs;          /* from 1 */
  gint64 batch, n_batches;         /* from 1, within the epoch */
  double loss, reconstruction, kl; /* nats per picture: means of this epoch so far */
  double validation;               /* -ELBO of the validation set, at the end of an epoch; else NaN */
  double samples_per_second, done_01;
  RvVae *vae; /* has the parameters at the end of the last epoch */
} RvVaeProgress;

/* Called on the training thread after each batch, and again at the end of each epoch, when the model is up to date.
 * FALSE stops the run. */
typedef gboolean (*RvVaeFunc) (const RvVaeProgress *progress, gboolean epoch_ended, gpointer user_data);

/* A training of @vae on @dataset. (transfer full) (nullable). @validation_set (nullable). All are borrowed while the
 * training exists. RV_ERROR_SHAPE if pictures do not have the model's size or the validation set is empty,
 * RV_ERROR_SETTING for fewer than two pictures, RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
RvVaeTraining *rv__vae_training_new (RvVae *vae, const RvDataset *dataset, const RvDataset *validation_set,
                                     GError **error);
/* Frees @training (nullable). */
void rv__vae_training_free (RvVaeTraining *training);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvVaeTraining, rv__vae_training_free)

/* A checkpoint of the last whole epoch: model, optimiser and epoch. (transfer full) (nullable). Random numbers are
 * functions of the seed and the epoch. RV_ERROR_MEMORY. */
RvTensorMap *rv__vae_training_to_map (const RvVaeTraining *training, GError **error);

/* Restores a checkpoint, with the model's history. The result has the same bytes as that of an uninterrupted training,
 * with the same threads and backend. RV_ERROR_SETTING names a setting that differs (epochs, threads, backend may);
 * RV_ERROR_FORMAT, also for a checkpoint of other data; RV_ERROR_FILE. After an error, only free the training. */
gboolean rv__vae_training_restore (RvVaeTraining *training, const RvTensorMap *map, GError **error);

/* Trains up to the setting `epochs`, over all ranks, and stores each whole epoch in the model. @progress (nullable).
 * TRUE also if @progress stopped the run: the model is then that of the last whole epoch. RV_ERROR_NUMBER if the loss
 * is not finite, naming what to lower: the model is then that of the last epoch. RV_ERROR_BACKEND, RV_ERROR_CANCELLED.
 * Collective. */
gboolean rv__vae_training_run (RvVaeTraining *training, RvVaeFunc progress, gpointer user_data, GError **error);

/* SVG of the training curves: loss, reconstruction and validation of each epoch in the note "history". (transfer full).
 * Empty axes without the note. */
char *rv__vae_plot_history (const RvVae *vae);

/* SVG of the first two latent means, @mu [n, latent], coloured by @labels, [n] (nullable). (transfer full). */
char *rv__vae_plot_latent (const RvVae *vae, const float *mu, const guint8 *labels, gint64 n);

/* rv__plot_image() of @svg, which one of the functions above made, at the scale of plots. (transfer full) (nullable).
 * RV_ERROR_FORMAT without librsvg; RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
RvImage *rv__vae_plot_image (const char *svg, GError **error);

#endif
