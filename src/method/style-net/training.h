/* training.h -- a painter that learns. Jobs are its callers.
 * Layer 6 (method). No files and no printing. */
#ifndef RV_STYLE_TRAINING_OBJECT_H
#define RV_STYLE_TRAINING_OBJECT_H

#include <gio/gio.h>
#include <reverie/style-net.h>

/* A painter that learns. One thread at a time. */
typedef struct _RvStyleTraining RvStyleTraining;

/* (transfer full) (nullable): a learning. @settings: of the kind "learn"; copied. @net: the network that compares
 * pictures; kept by reference. @from: (nullable): the painter whose convolutions are taken over; NULL: everything is
 * learnt from nothing. RV_ERROR_SETTING, RV_ERROR_MEMORY. */
RvStyleTraining *rv__style_training_new (const RvSettings *settings, RvNet *net, const RvStyleNet *from,
                                         GError **error);
void rv__style_training_free (RvStyleTraining *training);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvStyleTraining, rv__style_training_free)

/* Adds a style, before rv__style_training_run(). @name: its own: small letters of any script, digits, '-' and '_', at
 * most 100 bytes of UTF-8. @licence: (nullable): of the paintings. @paintings: @n of them, 1 or more: what they have in
 * common is one style. RV_ERROR_SETTING for a name, RV_ERROR_SHAPE for a painting too small for the layers,
 * RV_ERROR_MEMORY. */
gboolean rv__style_training_add_style (RvStyleTraining *training, const char *name, const char *licence,
                                       RvImage *const *paintings, int n, GError **error);

/* Returns the shorter side that photographs are best given at. */
int rv__style_training_photo_px (const RvStyleTraining *training);

/* Adds a photograph to learn on, copied in 8 bits, before rv__style_training_run(). RV_ERROR_SHAPE when it is smaller
 * than the setting `crop`, RV_ERROR_MEMORY. */
gboolean rv__style_training_add_photo (RvStyleTraining *training, const RvImage *photo, GError **error);

/* Returns whether the next photograph is one of those that are not learnt on: every twentieth, by which
 * rv__style_training_validate() judges. */
gboolean rv__style_training_is_validation (const RvStyleTraining *training);

/* Computes the loss over a batch of photographs that were held back, the mean of all styles as
 * rv__style_training_result() has them; NaN: there are none, or nothing has been learnt. Between steps; changes
 * nothing. Takes as long as half a step of each style. RV_ERROR_BACKEND. */
gboolean rv__style_training_validate (RvStyleTraining *training, double *loss, GError **error);

/* Sets @cancellable (nullable), held by reference, which is looked at within each step, and while paintings are looked
 * at and rv__style_training_validate() judges: these end with RV_ERROR_CANCELLED. The steps before are kept, and
 * rv__style_training_run() goes on after them once there is another. It may be cancelled from any thread. */
void rv__style_training_set_cancellable (RvStyleTraining *training, GCancellable *cancellable);

/* Names of the terms of the loss: "content", "style", "tv", "steady"; NULL-terminated; borrowed. */
const char *const *rv__style_training_losses (const RvStyleTraining *training);

/* One step. */
typedef struct {
  gint64 iteration, n_iterations; /* 1 ...; n_iterations may change while there is a limit of time */
  guint style;                    /* which was painted */
  double loss;                    /* of the batch, before the step */
  const double *losses;           /* its terms, one for each name of rv__style_training_losses() */
  double seconds;                 /* of this run */
  double done_01;
  RvStyleTraining *training;
} RvStyleTrainingProgress;

/* Called after each step on the thread that runs; FALSE stops. */
typedef gboolean (*RvStyleTrainingFunc) (const RvStyleTrainingProgress *progress, gpointer user_data);

/* Learns until all is done, or @progress (nullable) says so. RV_ERROR_SETTING without a style or a photograph,
 * RV_ERROR_NUMBER when the loss or a gradient stops being a number, with what was learnt before kept; RV_ERROR_MEMORY,
 * RV_ERROR_BACKEND. */
gboolean rv__style_training_run (RvStyleTraining *training, RvStyleTrainingFunc progress, gpointer user_data,
                                 GError **error);

/* (transfer full) (nullable): the painter learnt so far: the mean of the last weights, with the new styles alone.
 * RV_ERROR_MEMORY. */
RvStyleNet *rv__style_training_result (const RvStyleTraining *training, GError **error);

/* (transfer full) (nullable): all it takes to go on later with the same numbers. RV_ERROR_MEMORY. */
RvTensorMap *rv__style_training_to_map (const RvStyleTraining *training, GError **error);

/* Goes on from such a map, with the same settings, styles and photographs, before rv__style_training_run().
 * RV_ERROR_FORMAT, RV_ERROR_SETTING for other settings, RV_ERROR_MEMORY. */
gboolean rv__style_training_restore (RvStyleTraining *training, const RvTensorMap *map, GError **error);

#endif
