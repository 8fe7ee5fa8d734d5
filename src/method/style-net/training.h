/* training.h -- training of a style network. Jobs are its callers. Layer 6 (method). Without files and printing. */
#ifndef RV_STYLE_TRAINING_OBJECT_H
#define RV_STYLE_TRAINING_OBJECT_H

#include <gio/gio.h>
#include <reverie/style-net.h>

/* Training of a style network. For one thread at a time. */
typedef struct _RvStyleTraining RvStyleTraining;

/* A new training. (transfer full) (nullable). @settings: of the kind "learn"; copied. @net: the network that compares
 * pictures; takes a reference. @from: (nullable) style network whose convolutions are copied and, without the setting
 * `deep`, not trained; NULL: all weights are trained from random numbers. RV_ERROR_SETTING, RV_ERROR_MEMORY,
 * RV_ERROR_BACKEND. */
RvStyleTraining *rv__style_training_new (const RvSettings *settings, RvNet *net, const RvStyleNet *from,
                                         GError **error);
/* Frees @training (nullable). */
void rv__style_training_free (RvStyleTraining *training);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvStyleTraining, rv__style_training_free)

/* Adds a style with the statistics of its paintings, before rv__style_training_run(). @name: unique; small letters of
 * any script, digits, '-' and '_', at most 100 bytes of UTF-8. @license: (nullable) of the paintings; copied.
 * @paintings: @n of them, 1 or more, which form one style; only read. RV_ERROR_SETTING for a name, RV_ERROR_SHAPE for a
 * painting too small for the layers, RV_ERROR_MEMORY, RV_ERROR_CANCELLED. After an error the training may only be
 * freed. */
gboolean rv__style_training_add_style (RvStyleTraining *training, const char *name, const char *license,
                                       RvImage *const *paintings, int n, GError **error);

/* Best length of the shorter side of photographs, px. */
int rv__style_training_photo_px (const RvStyleTraining *training);

/* Adds a photograph, copied in 8 bits, before rv__style_training_run(). Every twentieth serves only for validation.
 * RV_ERROR_SHAPE if it is smaller than the setting `crop`, RV_ERROR_MEMORY. */
gboolean rv__style_training_add_photo (RvStyleTraining *training, const RvImage *photo, GError **error);

/* Whether the next photograph will be used for validation only: every twentieth. */
gboolean rv__style_training_next_is_validation (const RvStyleTraining *training);

/* Sets *loss to the validation loss: the mean over all styles of a batch, with the weights of
 * rv__style_training_result(). NaN without validation photographs, before the first step, or after an error. Call it
 * between steps; it changes nothing and takes as long as half a step of each style. RV_ERROR_BACKEND,
 * RV_ERROR_CANCELLED. */
gboolean rv__style_training_validate (RvStyleTraining *training, double *loss, GError **error);

/* Sets @cancellable (nullable) and takes a reference. It is polled within steps, while paintings are measured, and in
 * rv__style_training_validate(); these end with RV_ERROR_CANCELLED. Complete steps stay, and with another cancellable
 * rv__style_training_run() continues after them. Any thread may cancel. */
void rv__style_training_set_cancellable (RvStyleTraining *training, GCancellable *cancellable);

/* Names of the terms of the loss, those with weight 0 left out: "content", "style", "tv", "steady". NULL-terminated;
 * borrowed. */
const char *const *rv__style_training_losses (const RvStyleTraining *training);

/* Report of one step. */
typedef struct {
  gint64 iteration, n_iterations; /* 1 ...; with a time limit n_iterations may change */
  guint style;                    /* index of the painted style */
  double loss;                    /* for the batch, before the step */
  const double *losses;           /* its terms, in the order of rv__style_training_losses() */
  double seconds;                 /* since this run began */
  double done_01;
  RvStyleTraining *training;
} RvStyleTrainingProgress;

/* Called after each step on the thread of rv__style_training_run(); FALSE stops. */
typedef gboolean (*RvStyleTrainingFunc) (const RvStyleTrainingProgress *progress, gpointer user_data);

/* Trains until all steps are done, or @progress (nullable) returns FALSE: TRUE in both cases. Collective.
 * RV_ERROR_SETTING without a style or a photograph; RV_ERROR_NUMBER when the loss or a gradient is not finite, with the
 * previous weights unchanged; RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
gboolean rv__style_training_run (RvStyleTraining *training, RvStyleTrainingFunc progress, gpointer user_data,
                                 GError **error);

/* The network trained so far, with the mean of the last weights and only the new styles. (transfer full) (nullable).
 * RV_ERROR_MEMORY. */
RvStyleNet *rv__style_training_result (const RvStyleTraining *training, GError **error);

/* State from which rv__style_training_restore() continues with the same numbers. (transfer full) (nullable). Empty
 * before the first run. RV_ERROR_MEMORY. */
RvTensorMap *rv__style_training_to_map (const RvStyleTraining *training, GError **error);

/* Restores the state of a training with the same settings, styles and photographs, before rv__style_training_run(), and
 * prepares its next step. RV_ERROR_FORMAT, RV_ERROR_SETTING for other settings, RV_ERROR_MEMORY. After an error the
 * training may only be freed. */
gboolean rv__style_training_restore (RvStyleTraining *training, const RvTensorMap *map, GError **error);

#endif
