/* conv-class.h -- interface of a convolution kernel. Each kernel is a row here and a class in a file of its own.
 * Layer 3 (backend). Used by conv.h, the kernels and their tests. */
#pragma once

#include "post-op.h"
#include "conv-spec.h"
#include "simd.h"
#include "backend/onednn.h"
#include <gio/gio.h>

/* Kernels, in the order of measurement: name, class (rv__conv_direct), and what it is. */
#define RV_CONV_KERNELS(X)                                                                                             \
  X (DIRECT, direct)                   /* oneDNN's, in channel blocks */                                               \
  X (WINOGRAD, winograd)               /* our own: 3 x 3, 5 x 5, 1 x 7, 7 x 1; also 3 x 3 of stride 2 */               \
  X (WINOGRAD_LARGE, winograd_large)   /* the same without 1 x 7 and 7 x 1, in larger tiles */                         \
  X (THIN, thin)                       /* our thin one: from blocks to a few channels; weight gradients */             \
  X (GEMM, gemm)                       /* our own, of any shape, forward and backward-data */                          \
  X (WGRAD, wgrad)                     /* our own, of any shape, backward-weights */                                   \
  X (ONEDNN_WINOGRAD, onednn_winograd) /* needs AVX-512 and oneDNN 2 */                                                \
  X (BF16, bf16)                       /* oneDNN's direct one; only on request, and with AVX-512 BF16 */               \
  X (CHANNELS_LAST, channels_last)     /* oneDNN's on channels-last copies: fast code for every shape */               \
  X (PLAIN, plain)                     /* oneDNN's on copies in row-major order */

typedef enum {
#define X(NAME, name) RV_CONV_KERNEL_##NAME,
  RV_CONV_KERNELS (X)
#undef X
    RV_N_CONV_KERNELS
} RvConvKernelKind;

/* Arguments of one call. */
typedef struct {
  void *src, *dst;
  void *packed;              /* weights; unused for backward-weights */
  float *weights;            /* backward-weights: the gradient, plain */
  const float *bias;         /* [O], or NULL */
  RvPostOp post_op;          /* if the class has fuses_post_op */
  guint8 *bits;              /* for @post_op, else NULL */
  GCancellable *cancellable; /* (nullable): once cancelled, a kernel may stop early with undefined output */
} RvConvArgs;

typedef struct {
  const char *name;       /* in the kernel table */
  const char *code;       /* name of the code; NULL: see code_of() */
  gboolean has_groups;    /* supports more than one group of channels */
  gboolean fuses_post_op; /* fuses post-ops if its output is in channel blocks */
  double rounding;        /* largest RMS error / RMS error of `gemm` (test-accuracy.c); 0: see rounding_of() */

  /* (transfer full) (nullable): NULL if the kernel does not support the convolution, @simd or @onednn (nullable).
   * Planned for @n_threads; the bytes of the result do not depend on that number. */
  gpointer (*open) (RvOnednn *onednn, const RvSimd *simd, const RvConvSpec *spec, int n_threads);
  void (*close) (gpointer kernel);
  const char *(*code_of) (gconstpointer kernel);
  double (*rounding_of) (gconstpointer kernel);
  gsize (*packed_bytes) (gconstpointer kernel); /* NULL: no packed weights */
  gsize (*scratch_bytes) (gconstpointer kernel);

  /* Packs plain weights [O, C, U, V] to @packed, packed_bytes(). @is_last: no pack() follows; frees the packing
   * buffers. Not called for backward-weights; NULL if packed_bytes is NULL. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
  gboolean (*pack) (gpointer kernel, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed,
                    GError **error);

  /* Computes @run->dst; backward-data: src, backward-weights: weights. @scratch: scratch_bytes(). Blocking. FALSE:
   * oneDNN failed. TRUE also after @run->cancellable stopped it early. */
  gboolean (*run) (gpointer kernel, RvOnednn *onednn, const RvConvArgs *run, void *scratch);
} RvConvClass;

#define X(NAME, name) extern const RvConvClass rv__conv_##name;
RV_CONV_KERNELS (X)
#undef X
