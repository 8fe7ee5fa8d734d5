/* post-op.h -- post-op: operation that our convolution kernels apply to a result before writing it.
 * Layer 3 (backend). */
#pragma once

#include <glib.h>

/* The ReLU after a forward convolution, or the ReLU gradient after a backward one. Bits as in src/op/ops/relu.c: one
 * for each element, in memory order. Variants with bits need at least 8 lanes. */
typedef enum {
  RV_POST_OP_NONE,
  RV_POST_OP_RELU,           /* y = max (y, 0) */
  RV_POST_OP_RELU_SAVE_MASK, /* y = max (y, 0), and writes the bits of y > 0 */
  RV_POST_OP_APPLY_MASK,     /* y = 0 for elements whose bit is 0 */
} RvPostOp;
