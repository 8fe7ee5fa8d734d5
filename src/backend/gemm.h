/* gemm.h -- our own convolutions of any shape, as matrix products.
 * Layer 3 (backend). Used by conv.c, which lets them compete with other kernels.
 *
 * Any kernel, stride, dilation, padding and number of channels; forward and to data. Activations lie in channel
 * blocks of `lanes` channels or in plain rows. */
#ifndef RV_GEMM_H
#define RV_GEMM_H

#include "conv-spec.h"
#include "lanes.h"
#include <gio/gio.h>

typedef struct _RvGemm RvGemm;

/* rv__gemm_new: (transfer full) (nullable): NULL to weights, and where activations lie in blocks of another size than
 * @lanes. Planned for @n_threads, on which no byte of the result depends. */
RvGemm *rv__gemm_new (const RvLanes *lanes, const RvConvSpec *spec, int n_threads);
void rv__gemm_free (RvGemm *gemm);
gsize rv__gemm_packed_bytes (const RvGemm *gemm);
gsize rv__gemm_scratch_bytes (const RvGemm *gemm);

/* rv__gemm_pack: plain [O, C, U, V] weights to the kernel's order. */
void rv__gemm_pack (const RvGemm *gemm, const float *plain, float *packed);

/* rv__gemm_run: forward or to data, @from one, @to the other of `big` and `small`; @bias [O] or NULL; @bits as @after
 * wants them, else NULL; @scratch of rv__gemm_scratch_bytes(). Blocking. Once @cancellable (nullable) is cancelled it
 * ends soon, and y is whatever it is. */
void rv__gemm_run (const RvGemm *gemm, const float *from, const float *packed, const float *bias, RvAfter after,
                   float *to, guint8 *bits, void *scratch, GCancellable *cancellable);

#endif
