/* program.h -- RvProgram: the flat list of op calls, with the values between them. Data only; no addresses.
 * Layer 2 (op). graph/ records and plans it; a backend compiles it. */
#ifndef RV_PROGRAM_H
#define RV_PROGRAM_H

#include "op.h"

typedef enum {
  RV_VALUE_INPUT,     /* set from outside before a run: the picture, targets, gradients of the sums */
  RV_VALUE_PARAMETER, /* the same, of weights that are trained: in plain rows on every backend */
  RV_VALUE_CONSTANT,  /* a borrowed tensor that never changes: weights */
  RV_VALUE_COMPUTED,
} RvValueRole;

typedef struct {
  RvValueRole role;
  RvHolds holds;
  RvShape shape;
  gboolean is_output;         /* it is read from outside after a run */
  gboolean is_forward_output; /* it is read from outside after the forward part, and may be gone at the end */
  const RvTensor *constant;   /* of CONSTANT; the program holds a reference */

  /* Filled by rv__graph_plan(): */
  int first, last; /* steps during which it must stay; first > last: never needed */
  int storage;     /* the value whose memory it shares, or itself */
} RvValue;

struct _RvProgram {
  RvType type;    /* RV_F32 or RV_F64 */
  GArray *values; /* RvValue */
  GArray *steps;  /* RvStep */
  int n_forward;  /* steps [0, n_forward) compute the sums, the rest their gradients */
  GError *error;  /* the first that recording met; later calls then do nothing and return -1 */
};

/* rv__program_new: (transfer full): empty; free with rv__program_free(). */
RvProgram *rv__program_new (RvType type);
void rv__program_free (RvProgram *program);
RvProgram *rv__program_copy (const RvProgram *program); /* the constants are shared */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvProgram, rv__program_free)

/* Values. Numbers are indices; -1 stands for "none" and for anything after an error. */
int rv__program_input (RvProgram *program, const RvShape *shape);
int rv__program_parameter (RvProgram *program, const RvShape *shape);
int rv__program_constant (RvProgram *program, RvTensor *tensor);
void rv__program_output (RvProgram *program, int value);         /* RvValue.is_output */
void rv__program_forward_output (RvProgram *program, int value); /* RvValue.is_forward_output */
RvValue *rv__program_value (const RvProgram *program, int value);
const RvShape *rv__program_shape (const RvProgram *program, int value);
const RvStep *rv__program_step (const RvProgram *program, int step);

/* rv__program_record: appends one op call; inputs of -1 at the end are left out. Returns the first output, whose
 * successor numbers are the other outputs, or -1 with the program's error set. */
int rv__program_record (RvProgram *program, RvOpKind kind, const RvOpAttrs *attrs, int n_in, const int *in);

/* rv__program_drop_constant: lets go of a constant that a backend has copied into its own layout. */
void rv__program_drop_constant (RvProgram *program, int value);

/* rv__program_work: multiplications and additions of a step, about, as its op says. */
double rv__program_work (const RvProgram *program, const RvStep *step);

/* rv__program_value_bytes: bytes of a value in plain layout. */
gsize rv__program_value_bytes (const RvProgram *program, int value);

#endif
