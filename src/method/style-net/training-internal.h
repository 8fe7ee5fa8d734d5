/* training-internal.h -- a learning, as the files that make it up share it.
 * Layer 6 (method/style-net). */
#ifndef RV_STYLE_TRAINING_INTERNAL_H
#define RV_STYLE_TRAINING_INTERNAL_H

#include "method/style-net/training.h"
#include "method/style-net/style-net.h"
#include "method/style-net/photos.h"
#include "method/style-net/settings.h"
#include "method/objective/match.h"
#include "method/train/grad-accumulator.h"
#include "method/train/trainer.h"

#define RV_STYLE_TRAINING_CHANNELS 3
#define RV_STYLE_TRAINING_LOSSES (RV_MAX_GROUPS + 1)

/* What a style is to be like. */
typedef struct {
  GPtrArray *sums;     /* RvTargetStats, one for each painting */
  RvFeatureBank *bank; /* features that the content matches; NULL: photographs keep their own */
} RvStyleTarget;

struct _RvStyleTraining {
  RvSettings *named;
  const RvStyleTrainingSettings *settings;
  RvNet *net;
  gboolean learns_weights;
  RvStyleNet *style_net;         /* as it was when it was last stored: the steps are taken on the program's numbers */
  GPtrArray *initial_styles;     /* RvTensor: the numbers of known styles, with which new ones may begin */
  GPtrArray *goals;              /* RvStyleTarget, one for each style */
  RvPhotos *photos, *validation; /* held: held back, to judge by */
  RvObjective *objective;
  char *losses[RV_STYLE_TRAINING_LOSSES + 1];
  double time_s;             /* 0: no limit */
  GCancellable *cancellable; /* NULL: nobody cancels */

  /* From the first step on. */
  RvParameters *in_program; /* convolutions, where they are learnt, and the norms, which have one style's numbers */
  RvParameters *learnt;     /* the same convolutions, and each style's numbers */
  RvStyleNetEngine *engine;
  RvTrainer *trainer;
  RvGradAccumulator *slices;
  char *data;                    /* names the photographs */
  GArray *buffers;               /* what a step takes (base/alloc.h) */
  float *x, *y, *grad_y, *field; /* of a slice of a batch */
  float *seen;                   /* x with the grain that the painter sees in it */
  float *grad_numbers;
  float **at, **grad_at; /* of each that is learnt */
};

/* prepare.c */

/* rv__style_training_prepare: until the first step can be taken; once. RV_ERROR_SETTING without paintings or
 * photographs, RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__style_training_prepare (RvStyleTraining *training, GError **error);
/* rv__style_training_n_weights: how many of the learnt parameters are convolutions: they come first, in both lists.
 * _picture_numbers: in one picture of a batch. _slice: pictures of a slice of it. _share_parameter: one more, whose
 * tensor is kept by reference. */
guint rv__style_training_n_weights (const RvStyleTraining *training);
gint64 rv__style_training_picture_numbers (const RvStyleTraining *training);
gint64 rv__style_training_slice (const RvStyleTraining *training);
void rv__style_training_add_parameter (RvParameters *parameters, const char *name, RvTensor *tensor);

/* step.c */

/* rv__style_training_begin: before the very first step, what new styles begin with. rv__style_training_step: @losses:
 * one for each name. RV_ERROR_NUMBER: nothing was changed. */
gboolean rv__style_training_begin (RvStyleTraining *training, GError **error);
gboolean rv__style_training_step (RvStyleTraining *training, double *loss, double *losses, GError **error);

#endif
