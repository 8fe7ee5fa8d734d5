/* program.h -- RvProgram: a flat list of op calls and the values between them. Data only; no addresses.
 * Layer 2 (op). graph/ records and plans it; a backend compiles it. */
#pragma once

#include "op.h"

typedef enum {
  RV_VALUE_INPUT,     /* set before a run: the picture, targets, gradients of the sums */
  RV_VALUE_PARAMETER, /* set before a run: trained weights, in plain rows on every backend */
  RV_VALUE_CONSTANT,  /* a tensor that never changes: weights */
  RV_VALUE_COMPUTED,
} RvValueRole;

typedef struct {
  RvValueRole role;
  RvElementKind holds;
  RvShape shape;
  gboolean is_output;         /* read after a run */
  gboolean is_forward_output; /* read after the forward part; may be overwritten by the end */
  const RvTensor *constant;   /* CONSTANT only; the program holds a reference */

  /* Set by rv__graph_plan(). */
  int first, last; /* numbers of the first and the last call that need the value; first > last: none */
  int storage;     /* number of the value whose memory is used; the value's own number: its own memory */
} RvValue;

struct _RvProgram {
  RvType type;    /* RV_F32 or RV_F64 */
  GArray *values; /* RvValue */
  GArray *calls;  /* RvOpCall */
  int n_forward;  /* calls [0, n_forward) compute the sums, the others the gradients of the sums */
  GError *error;  /* first error of recording; later calls do nothing and return -1 */
};

/* (transfer full): an empty program for numbers of @type, RV_F32 or RV_F64. Free with rv__program_free(). */
RvProgram *rv__program_new (RvType type);
/* Frees the program, its error and its references to constants. NULL: does nothing. */
void rv__program_free (RvProgram *program);
/* (transfer full): a copy of the values, the calls, the plan and the error; the constants' tensors are shared, with a
 * reference each. Changing the copy needs rv__graph_plan() again. Free with rv__program_free(). Cannot fail. */
RvProgram *rv__program_copy (const RvProgram *program);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvProgram, rv__program_free)

/* Adds a value of the role INPUT, with a copy of @shape. Returns its number, from 0; -1, adding nothing, if
 * program->error was set before. Sets no error. */
int rv__program_input (RvProgram *program, const RvShape *shape);
/* Adds a value of the role PARAMETER, with a copy of @shape. Returns its number, from 0; -1, adding nothing, if
 * program->error was set before. Sets no error. */
int rv__program_parameter (RvProgram *program, const RvShape *shape);
/* Adds a value of the role CONSTANT, with a reference to @tensor and its shape. Returns its number, from 0. -1, adding
 * nothing: program->error was set before, or is now RV_ERROR_TYPE because @tensor does not have the program's type. */
int rv__program_constant (RvProgram *program, RvTensor *tensor);
/* Marks @value as read after a run: rv__graph_plan() keeps the calls that compute it, and its memory until the end. -1:
 * does nothing. Any other number must exist, unchecked. */
void rv__program_output (RvProgram *program, int value);
/* Marks @value as read after the forward part, calls [0, n_forward): rv__graph_plan() keeps its memory until then. -1:
 * does nothing. Any other number must exist, unchecked. */
void rv__program_forward_output (RvProgram *program, int value);
/* Plans that all values live through all calls, each in separate memory: for programs of few calls, instead of
 * rv__graph_plan(). Cannot fail. */
void rv__program_keep_all (RvProgram *program);
/* The value of number @value, from 0, for reading and writing. It must exist, unchecked; -1 is not allowed. Borrowed
 * until the next value is added. */
RvValue *rv__program_value (const RvProgram *program, int value);
/* Shape of @value, never NULL; -1: a static shape of 0 dimensions. Any other number must exist, unchecked. Borrowed
 * until the next value is added. */
const RvShape *rv__program_shape (const RvProgram *program, int value);
/* The op call of number @step, from 0. It must exist, unchecked. Borrowed until the next one is recorded. */
const RvOpCall *rv__program_call (const RvProgram *program, int step);

/* Appends one op call with @n_in values as inputs; those of -1 at the end are omitted. @attrs are copied; NULL: zeros.
 * Adds its outputs as values and returns the first; the others have the next numbers. -1, adding nothing:
 * program->error was set before, or is now RV_ERROR_SHAPE because the inputs do not fit. A wrong number of inputs is a
 * caller's bug: a critical warning of GLib, and -1. */
int rv__program_record (RvProgram *program, RvOpKind kind, const RvOpAttrs *attrs, int n_in, const int *in);

/* Drops the program's reference to the tensor of constant @value, which a backend has copied into its own layout. Sets
 * RvValue.constant to NULL; the value stays. Does nothing for a value without a tensor. */
void rv__program_release_constant (RvProgram *program, int value);

/* Approximate number of multiplications and additions of one run of @step, a call of @program. For an op without
 * RvOpClass.work: the elements of its first input or output, the larger of both. Cannot fail. */
double rv__program_work (const RvProgram *program, const RvOpCall *step);

/* Bytes of value @value in plain layout, without padding: its elements are numbers, bytes or bits, by RvValue.holds. It
 * must exist, unchecked. */
gsize rv__program_value_bytes (const RvProgram *program, int value);
