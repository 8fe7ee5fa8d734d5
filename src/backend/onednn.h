/* onednn.h -- oneDNN: one interface for its versions 2 and 3, and for builds without it.
 * Layer 3 (backend). Kernels: onednn-kernel.c. Differences of the versions: onednn2.c, onednn3.c. Builds without oneDNN
 * use onednn-none.c, which has no kernels. */
#pragma once

#include "backend/kernels/conv-spec.h"

typedef struct _RvOnednn RvOnednn;

/* (transfer full) (nullable): oneDNN's engine and stream for the processor; free with rv__onednn_close(). NULL
 * without an error: a build without oneDNN, or oneDNN failed. Used by one thread at a time. */
RvOnednn *rv__onednn_open (void);
/* Frees @onednn; its kernels must be freed before. Does nothing for NULL. */
void rv__onednn_close (RvOnednn *onednn);

/* (transfer full) (nullable): version of the library that runs: "2.6.3". NULL, without an error: a build without
 * oneDNN. */
char *rv__onednn_version (void);

/* Whether oneDNN and this processor have bf16 instructions, and ONEDNN_MAX_CPU_ISA allows them. FALSE in a build
 * without oneDNN. */
gboolean rv__onednn_has_bf16 (void);
/* Whether oneDNN and this processor have AMX, and ONEDNN_MAX_CPU_ISA allows it. FALSE in a build without oneDNN. */
gboolean rv__onednn_has_amx (void);

/* Turns off oneDNN's cache of kernels, for the process: scales use different kernels, and the cache would keep 100
 * MB of code. Does nothing in a build without oneDNN. Cannot fail. */
void rv__onednn_init_process (void);

/* Writes y [m, n] = a [m, k] b [k, n], row-major; a is stored as [k, m] with @transpose_a, b as [n, k] with
 * @transpose_b. Blocking, on OpenMP threads; afterwards all but the calling thread keep all signals blocked. FALSE
 * without an error: oneDNN failed, or there is none. */
gboolean rv__onednn_multiply (gboolean transpose_a, gboolean transpose_b, gint64 m, gint64 n, gint64 k, const float *a,
                              const float *b, float *y);

/* ---- convolutions ------------------------------------------------------------------------------------------------ */

typedef enum { RV_ONEDNN_DIRECT, RV_ONEDNN_WINOGRAD } RvOnednnAlgorithm;

/* Layout of activations inside a kernel; other layouts are reordered before and after it. */
typedef enum {
  RV_ONEDNN_NATIVE, /* the caller's layout; for plain rows, the layout that the kernel prefers */
  RV_ONEDNN_CHANNELS_LAST,
  RV_ONEDNN_PLAIN,
} RvOnednnLayout;

typedef struct {
  RvOnednnAlgorithm algorithm;
  RvOnednnLayout layout;
  gboolean bf16; /* rounds weights and input to bf16; sums and writes in f32 */
} RvOnednnVariant;

typedef struct _RvConvKernel RvConvKernel;

/* (transfer full) (nullable): oneDNN's kernel for @spec in @variant. NULL without an error: @spec accumulates on
 * copies, or this processor and version have no such kernel. oneDNN's reference code, thousands of times slower,
 * does not count. @onednn must outlive the result. */
RvConvKernel *rv__conv_kernel_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnVariant *variant);
/* Frees @kernel, not its packed weights. Does nothing for NULL. */
void rv__conv_kernel_free (RvConvKernel *kernel);
/* oneDNN's name of the code: "jit:avx2". Borrowed from @kernel. */
const char *rv__conv_kernel_name (const RvConvKernel *kernel);
/* Whether both kernels have the same layout of packed weights, so that each can use the weights of the other. */
gboolean rv__conv_kernel_packs_alike (const RvConvKernel *a, const RvConvKernel *b);
/* Bytes of the weights, for backward-weights of their gradient, in the kernel's layout. */
gsize rv__conv_kernel_packed_bytes (const RvConvKernel *kernel);
/* Bytes of scratch for one rv__conv_kernel_run(), with the copies of operands that the kernel needs in another
 * layout. */
gsize rv__conv_kernel_scratch_bytes (const RvConvKernel *kernel);

/* Packs plain weights [O, C, U, V] to @packed, of rv__conv_kernel_packed_bytes(). Not for backward-weights, nor after
 * rv__conv_kernel_end_packing(). FALSE without an error: oneDNN failed. */
gboolean rv__conv_kernel_pack (RvConvKernel *kernel, RvOnednn *onednn, const float *plain, void *packed);
/* Frees oneDNN's buffers for packing, which are as large as the weights. No rv__conv_kernel_pack() may follow; runs
 * may. Harmless if repeated. */
void rv__conv_kernel_end_packing (RvConvKernel *kernel);
/* Unpacks a weight gradient, of backward-weights only, from @packed to @plain, [O, C, U, V]. FALSE without an error:
 * oneDNN failed. */
gboolean rv__conv_kernel_unpack (RvConvKernel *kernel, RvOnednn *onednn, const void *packed, float *plain);

/* Runs the convolution: writes dst; backward-data: src; backward-weights: weights. @weights: packed. @bias: (nullable).
 * @scratch: rv__conv_kernel_scratch_bytes(). Blocking; cannot be cancelled. FALSE without an error: oneDNN failed; the
 * output is then undefined. */
gboolean rv__conv_kernel_run (RvConvKernel *kernel, RvOnednn *onednn, void *src, void *dst, void *weights,
                              const float *bias, void *scratch);
