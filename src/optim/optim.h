/* optim.h -- how an optimiser is written: one file in this folder that ends in a descriptor.
 * Layer 5 (optim). May include: tensor, base.
 *
 * An optimiser owns where to look next: it is given the loss and gradient at x and moves x to the next point. One
 * iteration is one evaluation for every optimiser, also inside a line search. All state is in the struct's slots and
 * numbers, so that it can be carried to another size and, later, saved. */
#ifndef RV_OPTIM_H
#define RV_OPTIM_H

#include "base/option.h"
#include <reverie/tensor.h>

typedef enum { RV_DECAY_SMOOTH, RV_DECAY_STEPS } RvDecayForm;

/* What all optimisers have. */
typedef struct {
  double learning_rate; /* in the units of x */
  double decay;         /* factor on the rate every decay_steps updates; 1: none */
  int decay_steps;
  RvDecayForm decay_form; /* SMOOTH: decay^((k-1) / decay_steps), STEPS: the exponent rounded down */
  double gradient_scale;  /* how large gradients are beside those that an optimiser's constants are made for; 1 */
  const void *own;        /* settings that only this one has, as its .options describe them; NULL: their defaults */
  int n_shrunk;           /* how often it was asked to take less memory */
} RvOptimSettings;

typedef struct _RvOptimClass RvOptimClass;

typedef struct {
  const RvOptimClass *class;
  RvOptimSettings settings; /* .own is a copy, shrunk */
  gint64 n;                 /* numbers in x */
  gint64 iteration;         /* evaluations seen */
  int n_slots;
  float **slot; /* n_slots buffers of n floats */
  void *own;    /* numbers that the optimiser keeps besides */
  gsize own_bytes;
} RvOptim;

struct _RvOptimClass {
  const char *name, *summary, *source;
  const RvOption *options;               /* of its own settings, named unlike those of other optimisers; NULL: none */
  gsize settings_bytes;                  /* of the struct that they describe */
  gboolean carries;                      /* state is kept across scales: slots are resized, then rescale() is called */
  const char *const *slot_names;         /* in files; NULL: it is in none */
  int (*n_slots) (const void *settings); /* its own, here and below */
  gsize (*own_bytes) (const void *settings); /* NULL: none */
  /* Changes its settings so that it takes less memory; FALSE: it can do with no less. NULL: it never can. */
  gboolean (*shrink) (void *settings);
  /* Uses loss and grad at @x, and moves @x to where to evaluate next. */
  void (*step) (RvOptim *optim, float *x, double loss, const float *grad);
  /* The slots now belong to a picture with 1/p times as many pixels as before. */
  void (*rescale) (RvOptim *optim, double p);
  /* Leaves in @x the best point that was accepted; called once at the end of a run. NULL: x is right already. */
  void (*finish) (RvOptim *optim, float *x);
  /* The loss is another from the next evaluation on; moves @x to where that is to be. NULL: nothing is remembered that
   * is compared with it. */
  void (*restart) (RvOptim *optim, float *x);
  /* Whether @own, read from a file, is such that it can be gone on from. NULL: whatever it is. */
  gboolean (*is_sound) (const RvOptim *optim);
};

const char *const *rv__optim_names (void);
const RvOptimClass *rv__optim_find (const char *name);

/* rv__optim_own_new: (transfer full) (nullable): an optimiser's own settings, their defaults but for @values, which may
 * be NULL. RV_ERROR_SETTING. NULL without an error: it has none. */
gpointer rv__optim_own_new (const RvOptimClass *class, const RvOptionValue *values, GError **error);
void rv__optim_own_free (const RvOptimClass *class, gpointer own);

/* rv__optim_join: (transfer full): the rows of @table, which describes a struct of *bytes, and behind row @after those
 * of every optimiser's own settings, which lie behind that struct. *bytes: of it all. rv__optim_own_of: where those of
 * @class lie behind a struct of @bytes. */
RvOption *rv__optim_join (const RvOption *table, const char *after, gsize *bytes);
const void *rv__optim_own_of (const RvOptimClass *class, const void *settings, gsize bytes);

/* rv__optim_own_used: (transfer full) (nullable): those that an optimiser set in this way works with, shrunk.
 * *n_shrunk: how often they could be, of as often as was asked for; may be NULL. */
gpointer rv__optim_own_used (const RvOptimClass *class, const RvOptimSettings *settings, int *n_shrunk);

/* rv__optim_new: (transfer full) (nullable): for @n numbers; what is set is copied. RV_ERROR_MEMORY. */
RvOptim *rv__optim_new (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n, GError **error);
void rv__optim_free (RvOptim *optim);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvOptim, rv__optim_free)

/* rv__optim_memory: bytes of the slots for @n numbers. */
gsize rv__optim_memory (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n);

/* rv__optim_rate: the learning rate of update k = 1, 2, ... */
double rv__optim_rate (const RvOptimSettings *settings, gint64 k);

#endif
