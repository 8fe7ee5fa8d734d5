/* builtin-weights.h -- tables embedded in the library. Layer 6 (method). */
#pragma once

#include <reverie/tensor.h>

/* Table of the standard deviation of each channel's activations over photographs. One f32 tensor [C] for each
 * "NETWORK/LAYER"; those of other networks and layers are absent. Borrowed; static. Any thread. Cannot fail. */
const RvTensorMap *rv__builtin_spread (void);
