/* op-cases.h -- a case or more for every op that has a gradient: for the ops' own tests, and for every backend's. */
#ifndef RV_TEST_OP_CASES_H
#define RV_TEST_OP_CASES_H

#include "op/op.h"

typedef struct {
  const char *name;
  RvOpKind kind;
  RvOpAttrs attrs;
  int n_in;
  RvShape in[RV_OP_MAX_IN];
  int no_gradient; /* bit i: input i has none (targets, scales) */
} OpCase;

extern const OpCase op_cases[];
extern const int n_op_cases;

/* op_case_widen: the case's shapes with that many channels, so that they fill blocks; FALSE where that makes no sense.
 */
gboolean op_case_widen (const OpCase *c, gint64 channels, RvShape *shapes);

#endif
