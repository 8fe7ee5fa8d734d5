/* optim.h -- how an optimiser is written: one file in this folder that ends in a descriptor.
 * Layer 5 (optim). May include: tensor, base.
 *
 * An optimiser owns where to look next: it is given the loss and gradient at x and moves x to the next point. One
 * iteration is one evaluation for every optimiser, also inside a line search. All state is in the struct's slots and
 * numbers, so that it can be carried to another size and, later, saved. */
#ifndef RV_OPTIM_H
#define RV_OPTIM_H

#include <reverie/tensor.h>

typedef enum { RV_DECAY_SMOOTH, RV_DECAY_STEPS } RvDecayForm;

#define RV_ADAM_EPSILON 1e-8

typedef struct {
  double learning_rate; /* in the units of x */
  double decay;         /* factor on the rate every decay_steps updates; 1: none */
  int decay_steps;
  RvDecayForm decay_form; /* SMOOTH: decay^((k-1) / decay_steps), STEPS: the exponent rounded down */
  double momentum;        /* of SGD */
  double beta1, beta2;    /* of Adam */
  double epsilon;         /* of Adam, beside the root of the second moment; RV_ADAM_EPSILON is the usual */
  int history;            /* of L-BFGS, pairs */
  gboolean line_search;   /* of L-BFGS; FALSE: the learning rate is the step */
} RvOptimSettings;

typedef struct _RvOptimClass RvOptimClass;

typedef struct {
  const RvOptimClass *class;
  RvOptimSettings settings;
  gint64 n;         /* numbers in x */
  gint64 iteration; /* evaluations seen */
  int n_slots;
  float **slot; /* n_slots buffers of n floats */
  void *own;    /* the optimiser's */
  gsize own_bytes;
} RvOptim;

struct _RvOptimClass {
  const char *name, *summary, *source;
  gboolean carries;              /* state is kept across scales: slots are resized, then rescale() is called */
  const char *const *slot_names; /* in files; NULL: it is in none */
  int (*n_slots) (const RvOptimSettings *settings);
  gsize (*own_bytes) (const RvOptimSettings *settings); /* NULL: none */
  /* Uses loss and grad at @x, and moves @x to where to evaluate next. */
  void (*step) (RvOptim *optim, float *x, double loss, const float *grad);
  /* The slots now belong to a picture with 1/p times as many pixels as before. */
  void (*rescale) (RvOptim *optim, double p);
  /* Leaves in @x the best point that was accepted; called once at the end of a run. NULL: x is right already. */
  void (*finish) (RvOptim *optim, float *x);
  /* Whether @own, read from a file, is such that it can be gone on from. NULL: whatever it is. */
  gboolean (*is_sound) (const RvOptim *optim);
};

const char *const *rv__optim_names (void);
const RvOptimClass *rv__optim_find (const char *name);

/* rv__optim_new: (transfer full) (nullable): for @n numbers. RV_ERROR_MEMORY. */
RvOptim *rv__optim_new (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n, GError **error);
void rv__optim_free (RvOptim *optim);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvOptim, rv__optim_free)

/* rv__optim_memory: bytes of the slots for @n numbers. */
gsize rv__optim_memory (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n);

/* rv__optim_rate: the learning rate of update k = 1, 2, ... */
double rv__optim_rate (const RvOptimSettings *settings, gint64 k);

#endif
