/* conv-class.h -- what a convolution kernel is: one row here, one class in a file of its own.
 * Layer 3 (backend). Used by conv.h, by the kernels and by their tests. */
#ifndef RV_CONV_CLASS_H
#define RV_CONV_CLASS_H

#include "after.h"
#include "conv-spec.h"
#include "lanes.h"
#include "backend/onednn.h"
#include <gio/gio.h>

/* The class, rv__conv_direct, and what it is. Measured in this order. */
#define RV_CONV_KERNEL_ROWS(X)                                                                                         \
  X (DIRECT, direct)                   /* oneDNN's, in channel blocks */                                               \
  X (WINOGRAD, winograd)               /* our own, of 3 x 3, 5 x 5, 1 x 7, 7 x 1; 3 x 3 also of stride 2 */            \
  X (WINOGRAD_LARGE, winograd_large)   /* the same of 3 x 3 and 5 x 5 in larger tiles */                               \
  X (FEW, few)                         /* our own, from blocks to a few channels in plain rows; their weights */       \
  X (GEMM, gemm)                       /* our own, of any shape, forward and to data */                                \
  X (OUTER, outer)                     /* our own, to weights of any shape */                                          \
  X (ONEDNN_WINOGRAD, onednn_winograd) /* needs AVX-512 and oneDNN 2 */                                                \
  X (BF16, bf16)                       /* oneDNN's direct one; only where asked for, and with AVX-512 BF16 */          \
  X (CHANNELS_LAST, channels_last)     /* oneDNN's on copies so laid out: fast code exists for every shape */          \
  X (ROWS, rows)                       /* oneDNN's on copies in plain rows */

typedef enum {
#define X(NAME, name) RV_CONV_KERNEL_##NAME,
  RV_CONV_KERNEL_ROWS (X)
#undef X
    RV_N_CONV_KERNELS
} RvConvKernelKind;

/* What one run reads and writes. */
typedef struct {
  void *big, *small;
  void *packed;              /* weights; of the direction to weights: nothing */
  float *weights;            /* of the direction to weights: their gradient, plain */
  const float *bias;         /* [O] or NULL */
  RvAfter after;             /* of a class that does it */
  guint8 *bits;              /* as @after wants them, else NULL */
  GCancellable *cancellable; /* (nullable): once it is cancelled, a kernel may end before it is done, and what it
                                writes is whatever it is */
} RvConvRun;

typedef struct {
  const char *name;    /* in the kernel table */
  const char *code;    /* what it is called; NULL: as code_of() says */
  gboolean does_after; /* where what it makes lies in channel blocks */
  double rounding;     /* RMS error over that of `gemm`, at most (test-accuracy.c); 0: rounding_of() has it */

  /* (transfer full) (nullable): NULL where it is no such convolution, or @lanes or oneDNN (nullable) have no such
   * kernel. Planned for @n_threads, on which no byte of the result depends. */
  gpointer (*open) (RvOnednn *onednn, const RvLanes *lanes, const RvConvSpec *spec, int n_threads);
  void (*close) (gpointer kernel);
  const char *(*code_of) (gconstpointer kernel);
  double (*rounding_of) (gconstpointer kernel);
  gsize (*packed_bytes) (gconstpointer kernel); /* NULL: it reads no weights */
  gsize (*scratch_bytes) (gconstpointer kernel);

  /* Plain [O, C, U, V] weights to the kernel's layout; @for_good: not again. Not of the direction to weights; NULL as
   * packed_bytes. */
  gboolean (*pack) (gpointer kernel, RvOnednn *onednn, const float *plain, gboolean for_good, void *packed,
                    GError **error);

  /* Blocking. FALSE: oneDNN refuses. */
  gboolean (*run) (gpointer kernel, RvOnednn *onednn, const RvConvRun *run, void *scratch);
} RvConvClass;

#define X(NAME, name) extern const RvConvClass rv__conv_##name;
RV_CONV_KERNEL_ROWS (X)
#undef X

#endif
