/* few.h -- our own convolutions between channel blocks and a few channels in plain rows: a picture, a mask.
 * Layer 3 (backend). Used by conv.c, which lets them compete with other kernels.
 *
 * To the few, forward or to data, and to the weights between both; any kernel, stride, dilation and padding. */
#ifndef RV_FEW_H
#define RV_FEW_H

#include "conv-spec.h"
#include "lanes.h"
#include <gio/gio.h>

typedef struct _RvFew RvFew;

/* rv__few_new: (transfer full) (nullable): NULL where the few are more than RV_FEW_MAX_CHANNELS, or the many in no
 * blocks of @lanes, or from the few to the many. Planned for @n_threads, on which no byte of the result depends. */
RvFew *rv__few_new (const RvLanes *lanes, const RvConvSpec *spec, int n_threads);
void rv__few_free (RvFew *few);
gsize rv__few_packed_bytes (const RvFew *few);
gsize rv__few_scratch_bytes (const RvFew *few);

/* rv__few_pack: plain [O, C, U, V] weights to the kernel's order. Not of the direction to weights. */
void rv__few_pack (const RvFew *few, const float *plain, float *packed);

/* rv__few_run: forward or to data, @from one, @to the other of `big` and `small`; @bias [O] or NULL.
 * rv__few_run_weights: the plain gradient of the weights. @scratch of rv__few_scratch_bytes(). Blocking. Once
 * @cancellable (nullable) is cancelled they end soon, and what they write is whatever it is. */
void rv__few_run (const RvFew *few, const float *from, const float *packed, const float *bias, float *to, void *scratch,
                  GCancellable *cancellable);
void rv__few_run_weights (const RvFew *few, const float *big, const float *small, float *weights, void *scratch,
                          GCancellable *cancellable);

#endif
