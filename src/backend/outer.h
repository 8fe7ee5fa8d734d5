/* outer.h -- our own gradient of a convolution's weights, as sums of outer products.
 * Layer 3 (backend). Used by conv.c, which lets it compete with other kernels.
 *
 * Any kernel, stride, dilation, padding and number of channels. Activations lie in channel blocks of `lanes` channels
 * or in plain rows. */
#ifndef RV_OUTER_H
#define RV_OUTER_H

#include "conv-spec.h"
#include "lanes.h"
#include <gio/gio.h>

typedef struct _RvOuter RvOuter;

/* rv__outer_new: (transfer full) (nullable): NULL for other directions, and where activations lie in blocks of another
 * size than @lanes. Planned for @n_threads, on which no byte of the result depends. */
RvOuter *rv__outer_new (const RvLanes *lanes, const RvConvSpec *spec, int n_threads);
void rv__outer_free (RvOuter *outer);
gsize rv__outer_scratch_bytes (const RvOuter *outer);

/* rv__outer_run: @weights: their plain gradient; @scratch of rv__outer_scratch_bytes(). Blocking. Once @cancellable
 * (nullable) is cancelled it ends soon, and what it writes is whatever it is. */
void rv__outer_run (const RvOuter *outer, const float *big, const float *small, float *weights, void *scratch,
                    GCancellable *cancellable);

#endif
