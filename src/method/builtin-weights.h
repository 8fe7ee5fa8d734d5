/* builtin-weights.h -- the weights that are part of the library.
 * Layer 6 (method). */
#ifndef RV_BUILTIN_WEIGHTS_H
#define RV_BUILTIN_WEIGHTS_H

#include <reverie/tensor.h>

/* rv__builtin_spread: how far channels spread over photographs: "NETWORK/LAYER", [C]. Borrowed, for good. */
const RvTensorMap *rv__builtin_spread (void);

#endif
