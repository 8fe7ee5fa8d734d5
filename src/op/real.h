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

/* Channels that are adjacent in memory, 1 or more. */
static inline gint64
block_of (const RvView *view)
{
  return MAX (view->block, 1);
}

/* Sets RV_ERROR_SHAPE, with the op's name, the @rule that is broken and the shapes of its inputs. Returns FALSE. */
gboolean rv__shape_error (const char *op, const char *rule, int n_in, const RvShape *in, GError **error);

#endif
