/* internal.h -- a learning, as the files that make it up share it.
 * Layer 6 (method/learn). */
#ifndef RV_LEARN_INTERNAL_H
#define RV_LEARN_INTERNAL_H

#include "method/learn/learning.h"
#include "method/learn/painter.h"
#include "method/learn/photos.h"
#include "method/learn/settings.h"
#include "method/objective/match.h"
#include "method/train/slices.h"
#include "method/train/trainer.h"

#define RV_LEARN_CHANNELS 3
#define RV_LEARN_LOSSES (RV_MAX_GROUPS + 1)

/* What a style is to be like. */
typedef struct {
  GPtrArray *sums;     /* RvPictureSums, one for each painting */
  RvFeatureBank *bank; /* features that the content matches; NULL: photographs keep their own */
} RvLearnGoal;

struct _RvLearning {
  RvSettings *named;
  const RvLearnSettings *settings;
  RvNet *net;
  gboolean learns_weights;
  RvPainter *painter;      /* as it was when it was last stored: the steps are taken on the program's numbers */
  GPtrArray *starts;       /* RvTensor: the numbers of known styles, with which new ones may begin */
  GPtrArray *goals;        /* RvLearnGoal, one for each style */
  RvPhotos *photos, *held; /* held: held back, to judge by */
  RvObjective *objective;
  char *losses[RV_LEARN_LOSSES + 1];
  double time_s;             /* 0: no limit */
  GCancellable *cancellable; /* NULL: nobody cancels */

  /* From the first step on. */
  RvParameters *in_program; /* convolutions, where they are learnt, and the norms, which have one style's numbers */
  RvParameters *learnt;     /* the same convolutions, and each style's numbers */
  RvPainterEngine *engine;
  RvTrainer *trainer;
  RvSlices *slices;
  char *data;                    /* names the photographs */
  GArray *buffers;               /* what a step takes (base/alloc.h) */
  float *x, *y, *grad_y, *field; /* of a slice of a batch */
  float *seen;                   /* x with the grain that the painter sees in it */
  float *grad_numbers;
  float **at, **grad_at; /* of each that is learnt */
};

/* prepare.c */

/* rv__learning_prepare: until the first step can be taken; once. RV_ERROR_SETTING without paintings or photographs,
 * RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__learning_prepare (RvLearning *learning, GError **error);
/* rv__learning_n_weights: how many of the learnt parameters are convolutions: they come first, in both lists.
 * _picture_numbers: in one picture of a batch. _slice: pictures of a slice of it. _share_parameter: one more, whose
 * tensor is kept by reference. */
guint rv__learning_n_weights (const RvLearning *learning);
gint64 rv__learning_picture_numbers (const RvLearning *learning);
gint64 rv__learning_slice (const RvLearning *learning);
void rv__learning_share_parameter (RvParameters *parameters, const char *name, RvTensor *tensor);

/* step.c */

/* rv__learning_begin: before the very first step, what new styles begin with. rv__learning_step: @losses: one for each
 * name. RV_ERROR_NUMBER: nothing was changed. */
gboolean rv__learning_begin (RvLearning *learning, GError **error);
gboolean rv__learning_step (RvLearning *learning, double *loss, double *losses, GError **error);

#endif
