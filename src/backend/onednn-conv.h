/* onednn-conv.h -- a convolution of constant weights by the fastest kernel there is: oneDNN's or our own Winograd.
 * Layer 3 (backend). Choosing: onednn-choose.c. Used by onednn.c alone. */
#ifndef RV_CONV_H
#define RV_CONV_H

#include "backend.h"
#include "onednn.h"
#include "winograd.h"

/* Name in the kernel table, and what it is. The first is the fixed choice. */
#define RV_CONV_KERNEL_ROWS(X)                                                                                         \
  X (DIRECT, "direct")                   /* oneDNN's */                                                                \
  X (WINOGRAD, "winograd")               /* our own */                                                                 \
  X (ONEDNN_WINOGRAD, "onednn-winograd") /* needs AVX-512 and oneDNN 2 */                                              \
  X (BF16, "bf16")                       /* oneDNN's direct one; only where asked for, and with AVX-512 BF16 */        \
  X (CHANNELS_LAST, "channels-last")     /* oneDNN's on copies so laid out: fast code exists for every shape */        \
  X (ROWS, "rows")                       /* oneDNN's on copies in plain rows */

typedef enum {
#define X(NAME, name) RV_CONV_KERNEL_##NAME,
  RV_CONV_KERNEL_ROWS (X)
#undef X
    RV_N_CONV_KERNELS
} RvConvKernelKind;

typedef struct {
  RvConvSpec spec;
  RvConvKernelKind kind;
  gboolean turned;      /* backward, computed as a forward convolution */
  RvConvKernel *onednn; /* one of the two */
  RvWinograd *winograd;
} RvConv;

/* rv__conv_has_...: whether this processor has instructions for it, and may use them (ONEDNN_MAX_CPU_ISA). */
gboolean rv__conv_has_avx2 (void);
gboolean rv__conv_has_bf16 (void);
gboolean rv__conv_has_amx (void);

/* rv__conv_new: (transfer full) (nullable): NULL where this processor and oneDNN have no such kernel. */
RvConv *rv__conv_new (dnnl_engine_t engine, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads);
void rv__conv_free (RvConv *conv);
const char *rv__conv_name (const RvConv *conv); /* its code's: oneDNN's name for it, "our winograd" */
gsize rv__conv_packed_bytes (const RvConv *conv);
gsize rv__conv_scratch_bytes (const RvConv *conv);

/* rv__conv_pack: plain [O, C, U, V] weights to the kernel's layout, for good. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__conv_pack (RvConv *conv, dnnl_stream_t stream, const float *plain, void *packed, GError **error);

/* What one run reads and writes. `after` other than NOTHING: our own kernel only. */
typedef struct {
  void *big, *small, *packed;
  const float *bias;
  RvWinogradAfter after;
  guint8 *bits;
} RvConvRun;
gboolean rv__conv_run (RvConv *conv, dnnl_stream_t stream, const RvConvRun *run, void *scratch);

/* What choosing needs to know, besides the executable's kernel table. */
typedef struct {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  gint64 tune_until_us; /* measuring stops then */
  gsize largest_bytes;  /* of the program's values */
} RvConvChooser;

/* rv__conv_choose: (transfer full) (nullable): the kernel that the executable's table names; else the fastest, measured
 * and added to it; else what usually wins. With executable->exact, and where that has none, the first of DIRECT,
 * CHANNELS_LAST and ROWS that there is. NULL: there is none. */
RvConv *rv__conv_choose (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec);

#endif
