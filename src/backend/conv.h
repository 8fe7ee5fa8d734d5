/* conv.h -- a convolution by the fastest kernel there is: oneDNN's or our own.
 * Layer 3 (backend). Choosing: conv-choose.c. Used by blocks.c, by its tests and benchmarks. */
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

/* rv__conv_class: of that kind. Static. */
const RvConvClass *rv__conv_class (RvConvKernelKind kind);

/* rv__conv_new: (transfer full) (nullable): NULL where this processor and oneDNN (nullable) have no such kernel. */
RvConv *rv__conv_new (RvOnednn *onednn, const RvConvSpec *spec, RvConvKernelKind kind, int n_threads);
void rv__conv_free (RvConv *conv);
const char *rv__conv_name (const RvConv *conv); /* its code's: oneDNN's name for it, "our gemm" */
double rv__conv_rounding (const RvConv *conv);  /* as its class has it */
gsize rv__conv_packed_bytes (const RvConv *conv);
gsize rv__conv_scratch_bytes (const RvConv *conv);

/* rv__conv_can_do_after: whether run() can do @after as well. */
gboolean rv__conv_can_do_after (const RvConv *conv, RvAfter after);

/* rv__conv_pack, rv__conv_run: as the class has them. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__conv_pack (RvConv *conv, RvOnednn *onednn, const float *plain, gboolean for_good, void *packed,
                        GError **error);
gboolean rv__conv_run (RvConv *conv, RvOnednn *onednn, const RvConvRun *run, void *scratch);

/* What choosing needs to know, besides the executable's kernel table. */
typedef struct {
  RvOnednn *onednn;          /* nullable */
  gint64 tune_until_us;      /* measuring stops then */
  gsize largest_bytes;       /* of the program's values */
  double (*waited_s) (void); /* rv__system_waited_s() */
} RvConvChooser;

/* Largest rounding of a kernel with RV_PRECISION_FULL. Programs in f32 that presets reproduce have plain sums, of 1. */
#define RV_CONV_FULL_ROUNDING 1.75

/* rv__conv_choose: (transfer full) (nullable): the kernel that the executable's table names; else the fastest, measured
 * and added to it; else what usually wins. @trained: the weights change from run to run. NULL: there is none.
 * rv__conv_choose_fixed: what --exact takes: FEW or DIRECT where there is one, else GEMM or what beats it. */
RvConv *rv__conv_choose (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec,
                         gboolean trained);
RvConv *rv__conv_choose_fixed (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec);

#endif
