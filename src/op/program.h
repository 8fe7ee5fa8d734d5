/* program.h -- RvProgram: a flat list of op calls and the values between them. Data only; no addresses.
 * Layer 2 (op). graph/ records and plans it; a backend compiles it. */
#ifndef RV_PROGRAM_H
#define RV_PROGRAM_H

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
  int first, last; /* steps that need it; first > last: none */
  int storage;     /* value whose memory it uses, or itself */
} RvValue;

struct _RvProgram {
  RvType type;    /* RV_F32 or RV_F64 */
  GArray *values; /* RvValue */
  GArray *calls;  /* RvOpCall */
  int n_forward;  /* steps [0, n_forward) compute the sums, the others their gradients */
  GError *error;  /* first error of recording; later calls do nothing and return -1 */
};

/* (transfer full): an empty program for numbers of @type, RV_F32 or RV_F64; free with rv__program_free(). */
RvProgram *rv__program_new (RvType type);
/* (nullable): frees the program, its error and its references to constants. */
void rv__program_free (RvProgram *program);
/* (transfer full): a copy that shares the constants, with a copy of the error. Needs rv__graph_plan() again. */
RvProgram *rv__program_copy (const RvProgram *program);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvProgram, rv__program_free)

/* Adds a value of the role INPUT. Returns its number, from 0; -1, adding nothing, if program->error is set. */
int rv__program_input (RvProgram *program, const RvShape *shape);
/* Adds a value of the role PARAMETER. Returns as rv__program_input(). */
int rv__program_parameter (RvProgram *program, const RvShape *shape);
/* Adds a constant; @tensor, of the program's type, is kept by reference. Returns as rv__program_input(); -1 with the
 * program's error set, RV_ERROR_TYPE, for another type. */
int rv__program_constant (RvProgram *program, RvTensor *tensor);
/* Marks @value as read after a run: its steps and its memory are kept until then. -1: does nothing. */
void rv__program_output (RvProgram *program, int value);
/* Marks @value as read after the forward part: its memory is kept until then. -1: does nothing. */
void rv__program_forward_output (RvProgram *program, int value);
/* The value of number @value, from 0, for reading and writing. Borrowed until the next value is added. */
RvValue *rv__program_value (const RvProgram *program, int value);
/* Shape of @value; -1: a static one without sizes. Borrowed as rv__program_value(). */
const RvShape *rv__program_shape (const RvProgram *program, int value);
/* The op call of number @step, from 0. Borrowed until the next one is recorded. */
const RvOpCall *rv__program_call (const RvProgram *program, int step);

/* Appends one op call with @n_in values as inputs; those of -1 at the end are omitted. @attrs (nullable) are copied.
 * Adds its outputs as values and returns the first; the others have the next numbers. -1, adding nothing, if
 * program->error is set, or becomes set to RV_ERROR_SHAPE. */
int rv__program_record (RvProgram *program, RvOpKind kind, const RvOpAttrs *attrs, int n_in, const int *in);

/* Drops the program's reference to the tensor of constant @value, which a backend has copied into its own layout:
 * RvValue.constant is NULL from then on. */
void rv__program_release_constant (RvProgram *program, int value);

/* Approximate number of multiplications and additions of one run of @step. For an op that does not declare its work:
 * the elements of its first input or output, the larger of both. */
double rv__program_work (const RvProgram *program, const RvOpCall *step);

/* Bytes of value @value in plain layout. */
gsize rv__program_value_bytes (const RvProgram *program, int value);

#endif
