/* op-cases.h -- at least one case for every op that has a gradient, for tests of ops and of backends. */
#ifndef RV_TEST_OP_CASES_H
#define RV_TEST_OP_CASES_H

#include "op/op.h"

typedef struct {
  const char *name;
  RvOpKind kind;
  RvOpAttrs attrs;
  int n_in;
  RvShape in[RV_OP_MAX_IN];
  int no_gradient; /* bit i: input i has no gradient (targets, scales) */
} OpCase;

extern const OpCase op_cases[];
extern const int n_op_cases;

/* Writes the input shapes of @c with @channels channels, which fill channel blocks, to @shapes. FALSE: the op fixes its
 * channels, or no input has four dimensions. */
gboolean op_case_widen (const OpCase *c, gint64 channels, RvShape *shapes);

#endif
