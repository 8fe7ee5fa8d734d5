/* conv.h -- convolutions by the fastest kernel: oneDNN's or our own.
 * Layer 3 (backend). Choice of the kernel: conv-choose.c. Used by blocks.c, its tests and benchmarks. */
#ifndef RV_CONV_H
#define RV_CONV_H

#include "backend.h"
#include "backend/kernels/conv-class.h"

typedef struct {
  RvConvSpec spec;
  RvConvKernelKind kind;
  const RvConvClass *class;
  gpointer kernel;
} RvConv;

/* Static. */
const RvConvClass *rv__conv_class (RvConvKernelKind kind);

/* (transfer full) (nullable): NULL if neither this processor nor @onednn (nullable) has such a kernel. */
RvConv *rv__conv_new (RvOnednn *onednn, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads);
void rv__conv_free (RvConv *conv);
/* Name of the code: oneDNN's, or "our gemm". Owned by @conv. */
const char *rv__conv_name (const RvConv *conv);
/* Largest RMS error of the kernel, relative to the RMS error of `gemm`; see RvConvClass.rounding. */
double rv__conv_rounding (const RvConv *conv);
gsize rv__conv_packed_bytes (const RvConv *conv);
gsize rv__conv_scratch_bytes (const RvConv *conv);

/* Whether rv__conv_run() can apply @after as well. */
gboolean rv__conv_supports_post_op (const RvConv *conv, RvPostOp after);

/* Packs plain weights [O, C, U, V] to @packed, rv__conv_packed_bytes(). @is_last: no call follows; frees the packing
 * buffers. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__conv_pack (RvConv *conv, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed,
                        GError **error);
/* Runs the convolution, see RvConvClass.run. @scratch: rv__conv_scratch_bytes(). Blocking. FALSE without an error:
 * oneDNN failed. */
gboolean rv__conv_run (RvConv *conv, RvOnednn *onednn, const RvConvArgs *run, void *scratch);

/* Inputs of the choice of kernels, besides the executable's kernel table. */
typedef struct {
  RvOnednn *onednn;          /* nullable */
  gint64 tune_until_us;      /* end of the time for measurements */
  gsize largest_bytes;       /* largest value of the program */
  double (*waited_s) (void); /* rv__system_run_delay_s() */
} RvConvChooser;

/* Largest rounding of a kernel with RV_PRECISION_FULL. Programs in f32 that presets reproduce use plain sums: 1. */
#define RV_CONV_FULL_ROUNDING 1.75

/* (transfer full) (nullable): bf16 if the precision is bf16. Else, without `exact`: the kernel in the executable's
 * table; the fastest, measured while time for it is left and added to the table on an idle machine; or the usual one.
 * With `exact` rv__conv_choose_fixed(). @trained: the weights change from run to run. NULL: none fits. */
RvConv *rv__conv_choose (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec,
                         gboolean trained);
/* (transfer full) (nullable): the fixed choice for --exact: THIN or DIRECT if available, else GEMM or a faster one. */
RvConv *rv__conv_choose_fixed (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec);

#endif
