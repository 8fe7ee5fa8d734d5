/* parameters.h -- trained parameters: named tensors, and their values in a program. Layer 6 (method). */
#pragma once

#include "graph/graph.h"

/* A named tensor. */
typedef struct {
  char *name;
  RvTensor *tensor; /* f32; owned */
} RvParameter;

/* Array of RvParameter in a fixed order, with unique names. Freed by g_array_unref(). */
typedef GArray RvParameters;

/* An empty array of parameters. (transfer full): freed by g_array_unref(), with names and tensors. Cannot fail. */
RvParameters *rv__parameters_new (void);
/* Appends a parameter with a copy of @name, which must be new (unchecked), and an f32 tensor of zeros of @shape. An
 * error appends nothing. */
gboolean rv__parameters_add (RvParameters *parameters, const char *name, const RvShape *shape, GError **error);
/* Parameter @i, from 0; @i must be below parameters->len (unchecked). Borrowed, until the next parameter is added. */
RvParameter *rv__parameter (const RvParameters *parameters, guint i);
/* Index of the parameter @name, from 0; -1: there is none, which is no error. */
int rv__parameters_index (const RvParameters *parameters, const char *name);
/* Whether both have the same names and shapes in the same order. Numbers are not compared. */
gboolean rv__parameters_alike (const RvParameters *a, const RvParameters *b);

/* Parameters as values of one program. A parameter that the program does not use stays in its tensor and has no
 * gradient here. */
typedef struct {
  const RvParameters *parameters; /* borrowed; must outlive it */
  RvExecutable *executable;       /* borrowed; NULL until bound */
  int *value, *grad;              /* one for each parameter; -1: not in the program, or without a gradient */
  float **at, **grad_at; /* on the host, row-major, once bound. Outside the program: the tensor's data, and NULL */
} RvParameterValues;

/* New values of @parameters (borrowed; they must outlive the result), none of them recorded in a program yet. (transfer
 * full): freed by rv__parameter_values_free(). Cannot fail. */
RvParameterValues *rv__parameter_values_new (const RvParameters *parameters);
/* Frees @trained (nullable), neither the parameters nor the executable. */
void rv__parameter_values_free (RvParameterValues *trained);
/* Records the parameter @name as a value of @program that the host sets, without its numbers. Returns the value's
 * number, the same in repeated calls; -1 after an error of @program. An unknown name is a bug: warns and returns -1. */
int rv__parameter_values_record (RvParameterValues *trained, RvProgram *program, const char *name);
/* Adds the backward pass from @n_seeds @seeds to @program, with respect to all recorded parameters. Sets
 * trained->grad[i] to the value of the gradient of parameter @i; -1: no seed depends on it. FALSE: program->error is
 * set, and all are -1. */
gboolean rv__parameter_values_differentiate (RvParameterValues *trained, RvProgram *program, const RvGradSeed *seeds,
                                             int n_seeds);

/* Maps the recorded values of the bound @executable (borrowed) on the host, and sets `at` and `grad_at` to them. Copies
 * the tensors' numbers to `at`; rv__parameter_values_push() sends them. After an error @trained may only be freed. */
gboolean rv__parameter_values_bind (RvParameterValues *trained, RvExecutable *executable, GError **error);
/* Copies the tensors of all parameters to `at`, their numbers on the host; a parameter outside the program has its
 * tensor there. Only once bound. Cannot fail. */
void rv__parameter_values_load (RvParameterValues *trained);
/* Copies the numbers on the host, `at`, of all parameters back to their tensors. Only once bound. Cannot fail. */
void rv__parameter_values_store (const RvParameterValues *trained);
/* Uploads the recorded parameters from `at` to the backend, before a forward pass. Only once bound. */
gboolean rv__parameter_values_push (const RvParameterValues *trained, GError **error);
/* Downloads the gradients to `grad_at` on the host, after a backward pass. Only once bound. */
gboolean rv__parameter_values_pull (const RvParameterValues *trained, GError **error);
