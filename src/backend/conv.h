/* conv.h -- convolutions by the fastest kernel: oneDNN's or our own.
 * Layer 3 (backend). Choice of the kernel: conv-choose.c. Used by blocks.c, its tests and benchmarks. */
#pragma once

#include "backend.h"
#include "backend/kernels/conv-class.h"

typedef struct {
  RvConvSpec spec;
  RvConvKernelKind kind;
  const RvConvClass *class;
  gpointer kernel;
} RvConv;

/* Functions and names of kernel @kind. Static, never NULL. */
const RvConvClass *rv__conv_class (RvConvKernelKind kind);

/* (transfer full) (nullable): kernel @kind for @spec (copied), planned for @n_threads. NULL without an error: the
 * kernel does not support @spec, or this processor or @onednn (nullable) lacks it. @onednn must outlive the result. */
RvConv *rv__conv_new (RvOnednn *onednn, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads);
/* Frees @conv, not its packed weights, which the caller allocated. Does nothing for NULL. */
void rv__conv_free (RvConv *conv);
/* Name of the code, for reports: oneDNN's ("jit:avx2"), or one of ours, such as "our gemm". Borrowed from @conv. */
const char *rv__conv_name (const RvConv *conv);
/* Largest RMS error of the kernel, relative to the RMS error of the kernel `gemm`: about 1 for a plain sum; see
 * RvConvClass.rounding. */
double rv__conv_rounding (const RvConv *conv);
/* Bytes of the weights in the kernel's layout, which the caller allocates; 0 for RV_CONV_BACKWARD_WEIGHTS. */
gsize rv__conv_packed_bytes (const RvConv *conv);
/* Bytes of scratch for one rv__conv_run(), of all threads together; the caller allocates it. */
gsize rv__conv_scratch_bytes (const RvConv *conv);

/* Whether rv__conv_run() can apply @post_op as well; always for RV_POST_OP_NONE. Others need a class with fuses_post_op
 * and an output in channel blocks; with bits, in blocks of more than four channels. */
gboolean rv__conv_supports_post_op (const RvConv *conv, RvPostOp post_op);

/* Packs plain weights [O, C, U, V] to @packed, of rv__conv_packed_bytes(). Not for RV_CONV_BACKWARD_WEIGHTS. @is_last:
 * no call follows; frees the packing buffers. @onednn: that of rv__conv_new(). */
gboolean rv__conv_pack (RvConv *conv, RvOnednn *onednn, const float *plain, gboolean is_last, void *packed,
                        GError **error);
/* Writes run->dst; for backward-data run->src, for backward-weights run->weights. @onednn: that of rv__conv_new().
 * @scratch: rv__conv_scratch_bytes(). Blocking. FALSE without an error: oneDNN failed. TRUE also after run->cancellable
 * stopped it early, with undefined output. */
gboolean rv__conv_run (RvConv *conv, RvOnednn *onednn, const RvConvArgs *run, void *scratch);

/* Inputs of the choice of kernels, besides the executable's kernel table. */
typedef struct {
  RvOnednn *onednn;          /* nullable */
  gint64 tune_until_us;      /* end of measurements, g_get_monotonic_time() */
  gsize largest_bytes;       /* largest value of the program */
  double (*waited_s) (void); /* time that threads have waited for a core, s: rv__system_run_delay_s() */
} RvConvChooser;

/* Largest rv__conv_rounding() with RV_PRECISION_FULL. The programs that presets reproduce compute in f32 with plain
 * sums, whose rounding is about 1. */
#define RV_CONV_FULL_ROUNDING 1.75

/* (transfer full) (nullable): the kernel for @spec. RV_PRECISION_BF16: a bf16 kernel, if there is one. Else, without
 * executable->exact, the first of these: the kernel in executable->kernels; the fastest, measured before
 * chooser->tune_until_us; a guess. Else rv__conv_choose_fixed(). Records a kernel from the table, a measured or a
 * guessed one in executable->kernels as in use, and a measured one as an entry unless other programs disturbed it. Logs
 * the choice (g_debug()). @trained: the weights change, so never bf16. NULL, no error: none fits; run plain C. */
RvConv *rv__conv_choose (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec,
                         gboolean trained);
/* (transfer full) (nullable): the first kernel of a fixed order that fits: mostly THIN, DIRECT, GEMM or WGRAD. Depends
 * on @spec, the precision, the processor and oneDNN only. Measures and records nothing. NULL, without an error: none
 * fits. */
RvConv *rv__conv_choose_fixed (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec);
