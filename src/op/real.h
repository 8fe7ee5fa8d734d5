/* real.h -- `real` and RV_OP (name), for op files that are compiled twice.
 * Layer 2 (op). Meson compiles src/op/ops once with RV_REAL_IS_DOUBLE and once without. */
#pragma once

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

/* For RvOpClass.gradient: records op @KIND on the given values. Returns the value or -1, as rv__program_record(). */
#define RV_RECORD(KIND, attrs, ...)                                                                                    \
  rv__program_record (program, RV_OP_##KIND, attrs, G_N_ELEMENTS (((int[]){ __VA_ARGS__ })), (int[]){ __VA_ARGS__ })

/* Defines NAME_gradient(), an RvOpClass.gradient that records the op @KIND as the gradient of input 0. */
#define RV_GRADIENT(name, KIND, ...)                                                                                   \
  static void name##_gradient (RvProgram *program, const RvOpCall *step, int grad_out, const gboolean *wanted,         \
                               int *grad_in)                                                                           \
  {                                                                                                                    \
    grad_in[0] = RV_RECORD (KIND, __VA_ARGS__);                                                                        \
  }

/* Channels that are adjacent in memory, 1 or more. */
static inline gint64
block_of (const RvView *view)
{
  return MAX (view->block, 1);
}

/* Sets @error to RV_ERROR_SHAPE, "OP: RULE, but got SHAPES". @op: name of the op. @rule: predicate, such as "needs [N,
 * C, H, W]". @in: shapes of the @n_in inputs. Always returns FALSE. */
gboolean rv__shape_error (const char *op, const char *rule, int n_in, const RvShape *in, GError **error);
