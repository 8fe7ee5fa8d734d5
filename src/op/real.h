/* real.h -- `real` and RV_OP (name), for op files that are compiled twice.
 * Layer 2 (op). Meson compiles src/op/ops once with RV_REAL_IS_DOUBLE and once without. */
#ifndef RV_REAL_H
#define RV_REAL_H

#include "base/parallel.h"
#include "op.h"
#include "program.h"
#include <string.h>

#ifdef RV_REAL_IS_DOUBLE
typedef double real;
#define RV_OP(name) rv__op_##name##_f64
#else
typedef float real;
#define RV_OP(name) rv__op_##name##_f32
#endif

static inline gint64
block_of (const RvView *view)
{
  return MAX (view->block, 1);
}

/* Returns FALSE, with an RV_ERROR_SHAPE that names @op and the shapes that it got. */
gboolean rv__shape_error (const char *op, const char *rule, int n_in, const RvShape *in, GError **error);

#endif
