/* after.h -- what a convolution of ours does to its result before it is written.
 * Layer 3 (backend). */
#ifndef RV_AFTER_H
#define RV_AFTER_H

#include <glib.h>

/* The ReLU that follows forward, or the one that precedes backward. Bits as in src/op/ops/relu.c: one for each element,
 * in memory order. Those with bits need 8 lanes or more. */
typedef enum {
  RV_AFTER_NOTHING,
  RV_AFTER_RELU,      /* y = max (y, 0) */
  RV_AFTER_RELU_BITS, /* and the bits of where it was positive are written */
  RV_AFTER_MASK,      /* y = 0 where the bit is not set */
} RvAfter;

#endif
