/* training-internal.h -- training of a style network, for its source files. Layer 6 (method/style-net). */
#pragma once

#include "method/style-net/training.h"
#include "method/style-net/style-net.h"
#include "method/style-net/photos.h"
#include "method/style-net/style-net-settings.h"
#include "method/objective/match.h"
#include "method/train/grad-accumulator.h"
#include "method/train/trainer.h"

#define RV_STYLE_TRAINING_CHANNELS 3
#define RV_STYLE_TRAINING_LOSSES (RV_MAX_GROUPS + 1)

/* Targets of a style that is trained. */
typedef struct {
  GPtrArray *sums;     /* RvTargetStats, one for each painting */
  RvFeatureBank *bank; /* features that content is matched with; NULL: content targets are the photograph's features */
} RvStyleTarget;

struct _RvStyleTraining {
  RvSettings *settings_copy;
  const RvStyleTrainingSettings *settings;
  RvNet *net;
  gboolean learns_weights;
  RvStyleNet *style_net;         /* the network at the last checkpoint; owned. The current weights are in `engine` */
  GPtrArray *initial_styles;     /* RvTensor: numbers of known styles, initial values for new styles */
  GPtrArray *targets;            /* RvStyleTarget, one for each style */
  RvPhotos *photos, *validation; /* validation: photographs that are not trained on */
  RvObjective *objective;        /* NULL after rv__style_training_prepare() has failed */
  const char *losses[RV_STYLE_TRAINING_LOSSES + 1]; /* NULL-terminated; static */
  double time_s;                                    /* 0: no limit */

  /* Members that rv__style_training_prepare() sets. */
  RvParameters *in_program; /* convolutions if they are trained, and the norms of one style */
  RvParameters *learned;    /* trained parameters: the same convolutions, and the numbers of each style */
  RvStyleNetEngine *engine;
  RvTrainer *trainer;
  RvGradAccumulator *micro_batches;
  char *data;                    /* hash of `photos`, which a state must match */
  GArray *buffers;               /* memory of a step (base/alloc.h) */
  float *x, *y, *grad_y, *field; /* for a micro-batch */
  float *seen;                   /* x with grain, the input of the network */
  float *grad_numbers;
  float **at, **grad_at; /* for each trained parameter */
};

/* ---- prepare.c ---- */

/* Prepares the first step: sets the members from `in_program` on. Once it has succeeded, returns TRUE at once.
 * After an error these members and the objective are NULL. */
gboolean rv__style_training_prepare (RvStyleTraining *training, GError **error);
/* Frees the objective and all members that rv__style_training_prepare() sets, and sets them to NULL. Styles, paintings'
 * targets and photographs stay. May be repeated. */
void rv__style_training_reset (RvStyleTraining *training);
/* Number of trained parameters of the convolutions, which come first in in_program and learned; 0: only styles. */
guint rv__style_training_n_weights (const RvStyleTraining *training);
/* Number of values in one picture of a batch: 3 crop^2. */
gint64 rv__style_training_picture_numbers (const RvStyleTraining *training);
/* Number of pictures in a micro-batch: the setting `batch` divided by `micro-batches`, which divides it. */
gint64 rv__style_training_micro_batch_size (const RvStyleTraining *training);
/* Appends a parameter with a copy of @name to @parameters, and takes a reference to @tensor. Cannot fail. */
void rv__style_training_add_parameter (RvParameters *parameters, const char *name, RvTensor *tensor);

/* ---- training.c ---- */

/* Creates training->objective, unbound, and replaces training->losses, the names of its terms. If it exists,
 * returns TRUE. */
gboolean rv__style_training_make_objective (RvStyleTraining *training, GError **error);

/* ---- step.c ---- */

/* Before the very first step, starts each new style with the numbers of the known style that has the smallest loss
 * on the first batch. Known styles: those of the network that the training started from. Does nothing and returns
 * TRUE on other ranks than 0, without known styles, or after a step. */
gboolean rv__style_training_init_styles (RvStyleTraining *training, GError **error);
/* Takes one step of a prepared training. Sets *loss to the loss of the batch before the step, and @losses,
 * [RV_STYLE_TRAINING_LOSSES], to its terms, in the order of training->losses. An error changes no parameter.
 * Collective. */
gboolean rv__style_training_step (RvStyleTraining *training, double *loss, double *losses, GError **error);
