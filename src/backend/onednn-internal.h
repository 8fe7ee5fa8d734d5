/* onednn-internal.h -- interface between oneDNN's versions 2 and 3 and our onednn.c and onednn-kernel.c.
 * Layer 3 (backend). */
#ifndef RV_ONEDNN_INTERNAL_H
#define RV_ONEDNN_INTERNAL_H

#include "onednn.h"
#include <oneapi/dnnl/dnnl.h>
#include <signal.h>

struct _RvOnednn {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
};

/* Blocks all signals in the calling thread, and in the other threads of its OpenMP pool, where they stay blocked.
 * oneDNN's GEMM kernels need this before version 3.11.2: they point the stack register into the heap, and the frame of
 * a signal handler would overwrite what lies there (oneDNN issue 4845).
 * *before: the mask to restore with pthread_sigmask(). */
void rv__onednn_block_signals (sigset_t *before);

/* A memory layout; freed with rv__md_free(). */
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t RvMd;
#else
typedef dnnl_memory_desc_t *RvMd;
#endif
/* A layout of @n dimensions. (transfer full). */
RvMd rv__md_new (int n, const gint64 *dims, dnnl_data_type_t type, dnnl_format_tag_t tag);
/* Layout of the first @rows rows of @planes, with the strides of the planes. (transfer full). */
RvMd rv__md_band (RvMd planes, gint64 rows);
/* Copy of a layout that @desc has chosen. (transfer full). */
RvMd rv__md_of (dnnl_primitive_desc_t desc, dnnl_query_t what);
void rv__md_free (RvMd md);
gboolean rv__md_equal (RvMd a, RvMd b);

/* Operands of one kernel; `bias` may be NULL. */
typedef struct {
  RvMd src, dst, weights, bias;
  dnnl_dims_t stride, pad_before, pad_after;
  dnnl_alg_kind_t algorithm;
} RvConvMds;

/* *desc: (out) (transfer full): a forward kernel for the operands. Free it with dnnl_primitive_desc_destroy(). */
dnnl_status_t rv__desc_forward (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                const RvConvMds *mds, dnnl_primitive_attr_t attr);
/* *desc: (out) (transfer full): a backward-data kernel. @hint: the forward description that oneDNN requires. */
dnnl_status_t rv__desc_backward_data (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                                      dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr);
/* *desc: (out) (transfer full): a backward-weights kernel. @hint: the forward description that oneDNN requires. */
dnnl_status_t rv__desc_backward_weights (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                                         dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr);
/* Appends the post-op that adds the result to the destination. */
dnnl_status_t rv__append_sum (dnnl_post_ops_t ops);

#endif
