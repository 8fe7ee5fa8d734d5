/* optim.h -- optimisers: each is one file in this folder that ends in a descriptor.
 * Layer 5 (optim). May include: tensor, base.
 *
 * An optimiser gets the loss and gradient at x, and moves x to the next point to evaluate. One iteration is one
 * evaluation for every optimiser, also within a line search. All state is in the slots and in `extra_state`, so that it
 * can be resized and saved. */
#pragma once

#include "base/option.h"
#include <reverie/tensor.h>

/* Fall of the learning rate, see RvOptimSettings. */
typedef enum { RV_DECAY_SMOOTH, RV_DECAY_STEPS } RvDecaySchedule;

/* Settings of all optimisers. */
typedef struct {
  double learning_rate; /* in the units of x */
  double decay;         /* factor on the learning rate every decay_steps updates; 1: none */
  int decay_steps;
  RvDecaySchedule decay_schedule; /* SMOOTH: decay^((k-1) / decay_steps); STEPS: the exponent is rounded down */
  double gradient_scale;          /* size of gradients / size that the optimiser's constants assume; default 1 */
  const void *specific;           /* struct that RvOptimClass.options describe; NULL: the defaults */
  int n_shrunk;                   /* number of reduce_memory() calls */
} RvOptimSettings;

typedef struct _RvOptimClass RvOptimClass;

/* An optimiser of n numbers, with its whole state. */
typedef struct {
  const RvOptimClass *class;
  RvOptimSettings settings; /* .specific is a copy, after reduce_memory() */
  gint64 n;                 /* numbers in x */
  gint64 iteration;         /* number of evaluations so far */
  int n_slots;
  float **slot;      /* n_slots buffers of n floats */
  void *extra_state; /* other state of the optimiser */
  gsize extra_state_bytes;
} RvOptim;

/* Descriptor of an optimiser; static. Its functions cannot fail; x and grad have optim->n numbers. */
struct _RvOptimClass {
  const char *name;
  const RvOption *options;                           /* specific settings, with names that no other optimiser has */
  gsize settings_bytes;                              /* size of the struct that `options` describe */
  gboolean keeps_state;                              /* keeps state between scales: slots are resized, then rescale() */
  const char *const *slot_names;                     /* names in files; NULL: not saved */
  int (*n_slots) (const void *settings);             /* number of slots; @settings: the specific ones, also below */
  gsize (*extra_state_bytes) (const void *settings); /* bytes of extra_state. NULL: 0 */
  /* Changes the settings to use less memory; FALSE: no less is possible. NULL: never. */
  gboolean (*reduce_memory) (void *settings);
  /* One iteration with loss and gradient at @x; moves @x to the next point to evaluate. Increments optim->iteration. */
  void (*step) (RvOptim *optim, float *x, double loss, const float *grad);
  /* Adapts the state to a picture with 1/p times the pixels, after the slots were resized. NULL only without
   * keeps_state. */
  void (*rescale) (RvOptim *optim, double p);
  /* Sets @x to the last accepted point; called once at the end of a run. NULL: @x stays. */
  void (*finish) (RvOptim *optim, float *x);
  /* Called when the loss changes from the next evaluation on: drops state that depends on the loss, and moves @x to the
   * next point. NULL: no state depends on the loss. */
  void (*restart) (RvOptim *optim, float *x);
  /* Whether `extra_state`, read from a file, is valid. NULL: always. */
  gboolean (*is_valid) (const RvOptim *optim);
};

/* Names of all optimisers, the choices of the option 'optimizer': "adam", ... NULL-terminated; static. */
const char *const *rv__optim_names (void);
/* (nullable): the descriptor of the optimiser @name, such as "adam"; NULL, no error: unknown. Static. @name: not
 * NULL. */
const RvOptimClass *rv__optim_find (const char *name);

/* (transfer full): a new table, which ends with a row without a name: the rows of @table, with the rows of all
 * optimisers inserted after the row named @after. Without a row @after nothing is inserted. Free the array with
 * g_free(); texts are borrowed. *bytes: (inout): size of the struct that @table describes; then that of a struct with
 * the optimisers' settings behind it. */
RvOption *rv__optim_insert_options (const RvOption *table, const char *after, gsize *bytes);
/* Address of the specific settings of @class, one of rv__optim_find(), inside @settings, the struct of a table that
 * rv__optim_insert_options() extended. @bytes: the struct's size before that. Borrowed from @settings; never NULL. */
const void *rv__optim_specific_from_settings (const RvOptimClass *class, const void *settings, gsize bytes);

/* (transfer full): the specific settings that an optimiser of @settings uses. They are a copy of
 * settings->specific (NULL: of the defaults) after settings->n_shrunk calls of reduce_memory(), fewer if one returns
 * FALSE. *n_shrunk: (out) (nullable): number of calls that succeeded. Free with rv__optim_specific_free(). Cannot
 * fail. */
gpointer rv__optim_specific_used (const RvOptimClass *class, const RvOptimSettings *settings, int *n_shrunk);
/* Frees settings of rv__optim_specific_used() for the same @class. NULL: does nothing. */
void rv__optim_specific_free (const RvOptimClass *class, gpointer specific);

/* (transfer full) (nullable): an optimiser for @n numbers at iteration 0, with slots and extra_state of zeros.
 * @settings are copied; `specific` is that of rv__optim_specific_used(). Free with rv__optim_free(). */
RvOptim *rv__optim_new (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n, GError **error);
/* Frees the optimiser, its slots, extra_state and specific settings. NULL: does nothing. */
void rv__optim_free (RvOptim *optim);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvOptim, rv__optim_free)

/* Bytes of all slots of an optimiser for @n numbers, after settings->n_shrunk reductions, without the small
 * extra_state. settings->specific NULL: for the defaults. Allocates no slots; cannot fail. */
gsize rv__optim_memory (const RvOptimClass *class, const RvOptimSettings *settings, gint64 n);

/* Learning rate of update @k, from 1, in the units of x: learning_rate * decay^((k-1) / decay_steps). RV_DECAY_STEPS
 * rounds the exponent down. decay_steps below 1 count as 1. */
double rv__optim_rate (const RvOptimSettings *settings, gint64 k);

/* Settings of the optimiser "adam" with the defaults of PyTorch, beta1 0.9 and beta2 0.999, and a constant
 * @learning_rate, in the units of x. `specific` is static; nothing is to be freed. Cannot fail. */
RvOptimSettings rv__optim_adam_settings (double learning_rate);
