/* builtin-weights.h -- the weights that are part of the library.
 * Layer 6 (method). */
#ifndef RV_BUILTIN_WEIGHTS_H
#define RV_BUILTIN_WEIGHTS_H

#include <glib.h>

/* rv__builtin_size: bytes of the built-in network's weights file. */
gsize rv__builtin_size (void);

#endif
