/* builtin-weights.h -- weights and tables embedded in the library.
 * Layer 6 (method). */
#ifndef RV_BUILTIN_WEIGHTS_H
#define RV_BUILTIN_WEIGHTS_H

#include <reverie/tensor.h>

/* Standard deviations of channels over photographs: "NETWORK/LAYER", [C]. Borrowed; never freed. */
const RvTensorMap *rv__builtin_spread (void);

#endif
