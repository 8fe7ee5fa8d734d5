/* parameters.h -- the numbers that a training changes: named tensors, and where they lie in a program that trains them.
 * Layer 6 (method). */
#ifndef RV_PARAMETERS_H
#define RV_PARAMETERS_H

#include "graph/graph.h"

typedef struct {
  char *name;
  RvTensor *tensor; /* f32; owned */
} RvParameter;

/* RvParameters: an array of RvParameter in a fixed order, no name twice; g_array_unref(). */
typedef GArray RvParameters;

/* rv__parameters_new: (transfer full): none yet. */
RvParameters *rv__parameters_new (void);
/* rv__parameters_add: one of zeros. RV_ERROR_MEMORY. */
gboolean rv__parameters_add (RvParameters *parameters, const char *name, const RvShape *shape, GError **error);
RvParameter *rv__parameter (const RvParameters *parameters, guint i);
/* rv__parameters_index: of the one of that name; -1: there is none. */
int rv__parameters_index (const RvParameters *parameters, const char *name);
/* rv__parameters_alike: the same names and shapes in the same order. */
gboolean rv__parameters_alike (const RvParameters *a, const RvParameters *b);

/* RvParameterValues: the parameters as values of one program; those it does not have lie in their tensors, and their
 * gradients are whoever's. */
typedef struct {
  const RvParameters *parameters; /* borrowed; outlive it */
  RvExecutable *executable;       /* borrowed, once bound */
  int *value, *grad;              /* one for each; -1: not in the program, or without a gradient */
  float **at, **grad_at; /* on the host, row-major, once bound; where there is none, the tensor's data and NULL */
} RvParameterValues;

/* rv__parameter_values_new: (transfer full): in no program yet. */
RvParameterValues *rv__parameter_values_new (const RvParameters *parameters);
void rv__parameter_values_free (RvParameterValues *trained);
/* rv__parameter_values_record: the parameter of that name as a value of @program, the same each time. -1 after an
 * error. */
int rv__parameter_values_record (RvParameterValues *trained, RvProgram *program, const char *name);
/* rv__parameter_values_differentiate: as rv__graph_differentiate_all(), with respect to all that were recorded. */
gboolean rv__parameter_values_differentiate (RvParameterValues *trained, RvProgram *program, const RvGradSeed *seeds,
                                             int n_seeds);

/* rv__parameter_values_bind: finds where they lie on the host, and loads them. _load: copies the tensors there; _store:
 * back into the tensors. _push: to the backend, before a run forward; _pull: their gradients, after one backward. */
gboolean rv__parameter_values_bind (RvParameterValues *trained, RvExecutable *executable, GError **error);
void rv__parameter_values_load (RvParameterValues *trained);
void rv__parameter_values_store (const RvParameterValues *trained);
gboolean rv__parameter_values_push (const RvParameterValues *trained, GError **error);
gboolean rv__parameter_values_pull (const RvParameterValues *trained, GError **error);

#endif
