/* conv.h -- a convolution by the fastest kernel there is: oneDNN's or our own.
 * Layer 3 (backend). Choosing: conv-choose.c. Used by blocks.c alone. */
#ifndef RV_CONV_H
#define RV_CONV_H

#include "backend.h"
#include "bands.h"
#include "few.h"
#include "gemm.h"
#include "outer.h"
#include "winograd.h"

/* Name in the kernel table, and what it is. */
#define RV_CONV_KERNEL_ROWS(X)                                                                                         \
  X (DIRECT, "direct")                   /* oneDNN's, in channel blocks */                                             \
  X (WINOGRAD, "winograd")               /* our own, of 3 x 3, 5 x 5, 1 x 7, 7 x 1; 3 x 3 also of stride 2 */          \
  X (WINOGRAD_LARGE, "winograd-large")   /* the same of 3 x 3 and 5 x 5 in larger tiles */                             \
  X (FEW, "few")                         /* our own, from blocks to a few channels in plain rows; their weights */     \
  X (GEMM, "gemm")                       /* our own, of any shape, forward and to data */                              \
  X (OUTER, "outer")                     /* our own, to weights of any shape */                                        \
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
  gboolean turned; /* backward, computed as a forward convolution */
  RvBands *onednn; /* one of the five */
  RvWinograd *winograd;
  RvFew *few;
  RvGemm *gemm;
  RvOuter *outer;
} RvConv;

/* rv__conv_new: (transfer full) (nullable): NULL where this processor and oneDNN (nullable) have no such kernel. */
RvConv *rv__conv_new (RvOnednn *onednn, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads);
void rv__conv_free (RvConv *conv);
const char *rv__conv_name (const RvConv *conv); /* its code's: oneDNN's name for it, "our gemm" */
gsize rv__conv_packed_bytes (const RvConv *conv);
gsize rv__conv_scratch_bytes (const RvConv *conv);

/* rv__conv_can_do_after: whether run() can do @after as well. */
gboolean rv__conv_can_do_after (const RvConv *conv, RvAfter after);

/* rv__conv_pack: plain [O, C, U, V] weights to the kernel's layout; @for_good: not again. Not of the direction to
 * weights. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__conv_pack (RvConv *conv, RvOnednn *onednn, const float *plain, gboolean for_good, void *packed,
                        GError **error);

/* What one run reads and writes. */
typedef struct {
  void *big, *small;
  void *packed;   /* weights; of the direction to weights: nothing */
  float *weights; /* of the direction to weights: their gradient, plain */
  const float *bias;
  RvAfter after;
  guint8 *bits;
  GCancellable *cancellable; /* (nullable): once it is cancelled, a kernel may end before it is done */
} RvConvRun;
gboolean rv__conv_run (RvConv *conv, RvOnednn *onednn, const RvConvRun *run, void *scratch);

/* What choosing needs to know, besides the executable's kernel table. */
typedef struct {
  RvOnednn *onednn;     /* nullable */
  gint64 tune_until_us; /* measuring stops then */
  gsize largest_bytes;  /* of the program's values */
} RvConvChooser;

/* rv__conv_choose: (transfer full) (nullable): the kernel that the executable's table names; else the fastest, measured
 * and added to it; else what usually wins. @trained: the weights change from run to run. NULL: there is none.
 * rv__conv_choose_fixed: what --exact takes: FEW or DIRECT where there is one, else GEMM or what beats it. */
RvConv *rv__conv_choose (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec,
                         gboolean trained);
RvConv *rv__conv_choose_fixed (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec);

#endif
