/* builtin-weights.h -- tables embedded in the library. Layer 6 (method). */
#ifndef RV_BUILTIN_WEIGHTS_H
#define RV_BUILTIN_WEIGHTS_H

#include <reverie/tensor.h>

/* Standard deviation of each channel's activations over photographs: "NETWORK/LAYER", [C]. Borrowed; static. Cannot
 * fail. */
const RvTensorMap *rv__builtin_spread (void);

#endif
