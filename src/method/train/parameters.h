/* parameters.h -- trained parameters: named tensors, and their values in a program. Layer 6 (method). */
#ifndef RV_PARAMETERS_H
#define RV_PARAMETERS_H

#include "graph/graph.h"

typedef struct {
  char *name;
  RvTensor *tensor; /* f32; owned */
} RvParameter;

/* Array of RvParameter in a fixed order, with unique names. Freed by g_array_unref(). */
typedef GArray RvParameters;

/* An empty array. (transfer full). */
RvParameters *rv__parameters_new (void);
/* Appends a parameter of zeros, with a copy of @name. RV_ERROR_MEMORY. */
gboolean rv__parameters_add (RvParameters *parameters, const char *name, const RvShape *shape, GError **error);
/* Parameter @i. Borrowed, until the next parameter is added. */
RvParameter *rv__parameter (const RvParameters *parameters, guint i);
/* Index of the parameter @name; -1: there is none. */
int rv__parameters_index (const RvParameters *parameters, const char *name);
/* Whether both have the same names and shapes in the same order. */
gboolean rv__parameters_alike (const RvParameters *a, const RvParameters *b);

/* Parameters as values of one program. A parameter that the program does not use stays in its tensor and has no
 * gradient here. */
typedef struct {
  const RvParameters *parameters; /* borrowed; must outlive it */
  RvExecutable *executable;       /* borrowed; NULL until bound */
  int *value, *grad;              /* one for each parameter; -1: not in the program, or without a gradient */
  float **at, **grad_at; /* on the host, row-major, once bound. Outside the program: the tensor's data, and NULL */
} RvParameterValues;

/* Values of @parameters, which are borrowed; none is recorded in a program yet. (transfer full). */
RvParameterValues *rv__parameter_values_new (const RvParameters *parameters);
/* @trained (nullable). Frees neither the parameters nor the executable. */
void rv__parameter_values_free (RvParameterValues *trained);
/* Records the parameter @name, which must exist, as an input of @program. Returns its value, the same in repeated
 * calls; -1 after an error of @program. */
int rv__parameter_values_record (RvParameterValues *trained, RvProgram *program, const char *name);
/* Adds the backward pass to @program, with respect to all recorded parameters, and sets `grad`. FALSE: program->error;
 * see rv__graph_differentiate_all(). */
gboolean rv__parameter_values_differentiate (RvParameterValues *trained, RvProgram *program, const RvGradSeed *seeds,
                                             int n_seeds);

/* Maps the values of @executable (borrowed) on the host, sets `at` and `grad_at`, and loads the tensors into the
 * values. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__parameter_values_bind (RvParameterValues *trained, RvExecutable *executable, GError **error);
/* Copies the tensors into the values on the host, of trained parameters that are in the program. */
void rv__parameter_values_load (RvParameterValues *trained);
/* Copies the values on the host back into the tensors. */
void rv__parameter_values_store (const RvParameterValues *trained);
/* Sends the values on the host to the backend, before a forward pass. RV_ERROR_BACKEND. */
gboolean rv__parameter_values_push (const RvParameterValues *trained, GError **error);
/* Fetches the gradients from the backend to the host, after a backward pass. RV_ERROR_BACKEND. */
gboolean rv__parameter_values_pull (const RvParameterValues *trained, GError **error);

#endif
