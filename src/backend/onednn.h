/* onednn.h -- oneDNN: one interface for its versions 2 and 3, and for builds without it.
 * Layer 3 (backend). Kernels: onednn-kernel.c. Differences of the versions: onednn2.c, onednn3.c. Builds without oneDNN
 * use onednn-none.c, which has no kernels. */
#ifndef RV_ONEDNN_H
#define RV_ONEDNN_H

#include "backend/kernels/conv-spec.h"

typedef struct _RvOnednn RvOnednn;

/* (transfer full) (nullable): NULL in a build without oneDNN, or if it does not start. Used by one thread at a time. */
RvOnednn *rv__onednn_open (void);
void rv__onednn_close (RvOnednn *onednn);

/* (transfer full) (nullable): "2.6.3". */
char *rv__onednn_version (void);

/* Whether oneDNN and this processor have bf16 instructions, and ONEDNN_MAX_CPU_ISA allows them. */
gboolean rv__onednn_has_bf16 (void);
/* Whether they have AMX, in the same way. */
gboolean rv__onednn_has_amx (void);

/* Turns off oneDNN's cache of kernels, for the process: scales share no kernels, and it would keep 100 MB of code. */
void rv__onednn_init_process (void);

/* y [m, n] = a [m, k] b [k, n] in plain rows; a and b optionally transposed. FALSE without oneDNN. */
gboolean rv__onednn_multiply (gboolean transpose_a, gboolean transpose_b, gint64 m, gint64 n, gint64 k, const float *a,
                              const float *b, float *y);

/* ---- convolutions ------------------------------------------------------------------------------------------------ */

typedef enum { RV_ONEDNN_DIRECT, RV_ONEDNN_WINOGRAD } RvOnednnAlgorithm;

/* Layout of activations inside a kernel; other layouts are reordered before and after it. */
typedef enum {
  RV_ONEDNN_NATIVE, /* the layout outside; for plain rows, the layout that the kernel prefers */
  RV_ONEDNN_CHANNELS_LAST,
  RV_ONEDNN_PLAIN,
} RvOnednnLayout;

typedef struct {
  RvOnednnAlgorithm algorithm;
  RvOnednnLayout layout;
  gboolean bf16; /* rounds weights and input to bf16; sums and writes in f32 */
} RvOnednnVariant;

typedef struct _RvConvKernel RvConvKernel;

/* (transfer full) (nullable): NULL if this processor and version have no such kernel, or only oneDNN's reference code,
 * which is thousands of times slower. */
RvConvKernel *rv__conv_kernel_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnVariant *form);
void rv__conv_kernel_free (RvConvKernel *kernel);
const char *rv__conv_kernel_name (const RvConvKernel *kernel); /* oneDNN's name: "jit:avx2" */
/* Whether both use the same packed weights. */
gboolean rv__conv_kernel_packs_alike (const RvConvKernel *a, const RvConvKernel *b);
gsize rv__conv_kernel_packed_bytes (const RvConvKernel *kernel);
gsize rv__conv_kernel_scratch_bytes (const RvConvKernel *kernel);

/* Packs plain weights [O, C, U, V]. */
gboolean rv__conv_kernel_pack (RvConvKernel *kernel, RvOnednn *onednn, const float *plain, void *packed);
/* Frees oneDNN's buffers for packing, which are as large as the weights. No pack() may follow. */
void rv__conv_kernel_end_packing (RvConvKernel *kernel);
/* Unpacks weights to plain [O, C, U, V]. */
gboolean rv__conv_kernel_unpack (RvConvKernel *kernel, RvOnednn *onednn, const void *packed, float *plain);

/* @weights: packed. @bias: (nullable). @scratch: rv__conv_kernel_scratch_bytes(). Blocking. */
gboolean rv__conv_kernel_run (RvConvKernel *kernel, RvOnednn *onednn, void *src, void *dst, void *weights,
                              const float *bias, void *scratch);

#endif
