/* onednn.h -- oneDNN, behind one interface for its versions 2 and 3, and for builds without it.
 * Layer 3 (backend). Its kernels: onednn-kernel.c; what differs between versions: onednn2.c, onednn3.c; a build without
 * oneDNN has onednn-none.c instead, which has nothing to offer. */
#ifndef RV_ONEDNN_H
#define RV_ONEDNN_H

#include "backend/kernels/conv-spec.h"

typedef struct _RvOnednn RvOnednn;

/* rv__onednn_open: (transfer full) (nullable): NULL where this build has none, or it does not start. One thread at a
 * time. */
RvOnednn *rv__onednn_open (void);
void rv__onednn_close (RvOnednn *onednn);

/* rv__onednn_version: (transfer full) (nullable): "2.6.3". */
char *rv__onednn_version (void);

/* rv__onednn_has_...: whether it and this processor have instructions for it, and may use them (ONEDNN_MAX_CPU_ISA). */
gboolean rv__onednn_has_bf16 (void);
gboolean rv__onednn_has_amx (void);

/* rv__onednn_start_for_program: no cache of kernels: no two scales of a run share one, and it would keep some 100 MB of
 * code. Process-wide. */
void rv__onednn_start_for_program (void);

/* rv__onednn_multiply: y [m, n] = a [m, k] b [k, n], each in plain rows, a and b transposed where told. FALSE where
 * there is no oneDNN. */
gboolean rv__onednn_multiply (gboolean transpose_a, gboolean transpose_b, gint64 m, gint64 n, gint64 k, const float *a,
                              const float *b, float *y);

/* ---- convolutions ------------------------------------------------------------------------------------------------ */

typedef enum { RV_ONEDNN_DIRECT, RV_ONEDNN_WINOGRAD } RvOnednnAlgorithm;

/* How activations lie inside a kernel; where that is not how they lie outside, they are reordered before or after. */
typedef enum {
  RV_ONEDNN_AS_THEY_LIE, /* outside; where that is plain rows, as the kernel likes best */
  RV_ONEDNN_CHANNELS_LAST,
  RV_ONEDNN_ROWS,
} RvOnednnLayout;

typedef struct {
  RvOnednnAlgorithm algorithm;
  RvOnednnLayout layout;
  gboolean bf16; /* reads weights and what it convolves rounded to bf16; sums and writes in f32 */
} RvOnednnForm;

typedef struct _RvConvKernel RvConvKernel;

/* rv__conv_kernel_new: (transfer full) (nullable): NULL when this processor and version have no such kernel, or nothing
 * but oneDNN's reference code, which is slower by a factor of thousands. */
RvConvKernel *rv__conv_kernel_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnForm *form);
void rv__conv_kernel_free (RvConvKernel *kernel);
const char *rv__conv_kernel_name (const RvConvKernel *kernel);                       /* oneDNN's: "jit:avx2" */
gboolean rv__conv_kernel_packs_alike (const RvConvKernel *a, const RvConvKernel *b); /* weights packed for either */
gsize rv__conv_kernel_packed_bytes (const RvConvKernel *kernel);
gsize rv__conv_kernel_scratch_bytes (const RvConvKernel *kernel);

/* rv__conv_kernel_pack: plain [O, C, U, V] weights to the kernel's layout; _unpack: the other way. */
gboolean rv__conv_kernel_pack (RvConvKernel *kernel, RvOnednn *onednn, const float *plain, void *packed);
/* rv__conv_kernel_end_packing: no pack() will follow; oneDNN's own buffers for it, as large as the weights, are freed.
 */
void rv__conv_kernel_end_packing (RvConvKernel *kernel);
gboolean rv__conv_kernel_unpack (RvConvKernel *kernel, RvOnednn *onednn, const void *packed, float *plain);

/* rv__conv_kernel_run: @weights packed; @bias NULL without one; @scratch of rv__conv_kernel_scratch_bytes(). Blocking.
 */
gboolean rv__conv_kernel_run (RvConvKernel *kernel, RvOnednn *onednn, void *big, void *small, void *weights,
                              const float *bias, void *scratch);

#endif
