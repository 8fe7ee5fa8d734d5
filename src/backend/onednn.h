/* onednn.h -- convolution kernels of oneDNN, behind one interface for its versions 2 and 3.
 * Layer 3 (backend). kernel.c of this interface: onednn-kernel.c; what differs between versions: onednn2.c, onednn3.c,
 * of which a build has one. Used by onednn.c alone. */
#ifndef RV_ONEDNN_H
#define RV_ONEDNN_H

#include "op/op.h"
#include <oneapi/dnnl/dnnl.h>

typedef enum { RV_CONV_FORWARD, RV_CONV_BACKWARD_DATA, RV_CONV_BACKWARD_WEIGHTS } RvConvDirection;
typedef enum { RV_CONV_DIRECT, RV_CONV_WINOGRAD } RvConvAlgorithm;

/* How activations lie inside a kernel; where that is not how they lie outside, they are reordered before or after. */
typedef enum {
  RV_CONV_AS_THEY_LIE, /* those in plain rows as the kernel likes them */
  RV_CONV_CHANNELS_LAST,
  RV_CONV_ROWS,
} RvConvLayout;

/* One convolution. `big` is its input, or the input's gradient; `small` its output, or the output's gradient. */
typedef struct {
  RvConvDirection direction;
  RvConvAlgorithm algorithm;
  RvConvLayout layout;
  RvShape big, small, weights; /* [N, C, H, W], [N, O, Ho, Wo], [O, C, U, V] */
  int stride[2];
  RvPad pad;
  int big_block, small_block; /* channel blocks; 1: plain rows */
  gboolean bias;              /* of forward */
  gboolean accumulate;        /* of forward, AS_THEY_LIE: adds to what is there */
  gboolean bf16;              /* reads weights and what it convolves rounded to bf16; sums and writes in f32 */
} RvConvSpec;

typedef struct _RvConvKernel RvConvKernel;

/* rv__conv_kernel_new: (transfer full) (nullable): NULL when this processor and version have no such kernel, or nothing
 * but oneDNN's reference code, which is slower by a factor of thousands. rv__conv_kernel_find: in the first layout, of
 * @spec and those that follow it, in which there is one. */
RvConvKernel *rv__conv_kernel_new (dnnl_engine_t engine, const RvConvSpec *spec);
RvConvKernel *rv__conv_kernel_find (dnnl_engine_t engine, const RvConvSpec *spec);
void rv__conv_kernel_free (RvConvKernel *kernel);
const char *rv__conv_kernel_name (const RvConvKernel *kernel); /* oneDNN's: "jit:avx2" */
gsize rv__conv_kernel_packed_bytes (const RvConvKernel *kernel);
gsize rv__conv_kernel_scratch_bytes (const RvConvKernel *kernel);

/* rv__conv_kernel_pack: plain [O, C, U, V] weights to the kernel's layout; _unpack: the other way. */
gboolean rv__conv_kernel_pack (RvConvKernel *kernel, dnnl_stream_t stream, const float *plain, void *packed);
/* rv__conv_kernel_end_packing: no pack() will follow; oneDNN's own buffers for it, as large as the weights, are freed.
 */
void rv__conv_kernel_end_packing (RvConvKernel *kernel);
gboolean rv__conv_kernel_unpack (RvConvKernel *kernel, dnnl_stream_t stream, const void *packed, float *plain);

/* rv__conv_kernel_run: @weights packed; @bias NULL without one; @scratch of rv__conv_kernel_scratch_bytes(). Blocking.
 */
gboolean rv__conv_kernel_run (RvConvKernel *kernel, dnnl_stream_t stream, void *big, void *small, void *weights,
                              const float *bias, void *scratch);

/* ---- what the versions implement --------------------------------------------------------------------------------- */

/* Memory layouts: owned by whoever got one, freed with rv__md_free(). */
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t RvMd;
#else
typedef dnnl_memory_desc_t *RvMd;
#endif
RvMd rv__md_new (int n, const gint64 *dims, dnnl_data_type_t type, dnnl_format_tag_t tag);
RvMd rv__md_of (dnnl_primitive_desc_t desc, dnnl_query_t what); /* a copy of what a kernel wants */
void rv__md_free (RvMd md);
gboolean rv__md_equal (RvMd a, RvMd b);

/* What one kernel is described by; `bias` may be NULL. */
typedef struct {
  RvMd big, small, weights, bias;
  dnnl_dims_t stride, pad_before, pad_after;
  dnnl_alg_kind_t algorithm;
} RvConvMds;

dnnl_status_t rv__desc_forward (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                const RvConvMds *mds, dnnl_primitive_attr_t attr);
dnnl_status_t rv__desc_backward_data (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                                      dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr);
dnnl_status_t rv__desc_backward_weights (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                                         dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr);
dnnl_status_t rv__append_sum (dnnl_post_ops_t ops);

#endif
