/* onednn-internal.h -- interface between oneDNN's versions 2 and 3 and our onednn.c and onednn-kernel.c.
 * Layer 3 (backend). */
#pragma once

#include "onednn.h"
#include <oneapi/dnnl/dnnl.h>
#include <signal.h>

struct _RvOnednn {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
};

/* Blocks all signals in the calling thread, and in the other threads of its OpenMP pool, where they stay blocked.
 * *before: (out): the calling thread's mask, to restore with pthread_sigmask(). oneDNN's GEMM kernels need this
 * before version 3.11.2: they point the stack register into the heap. The frame of a signal handler would overwrite
 * the data there (oneDNN issue 4845). */
void rv__onednn_block_signals (sigset_t *before);

/* A memory layout; freed with rv__md_free(). */
#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t RvMd;
#else
typedef dnnl_memory_desc_t *RvMd;
#endif
/* (transfer full) (nullable): a layout of @n dimensions in the order @tag; with dnnl_format_tag_any, the kernel
 * chooses the order. @dims is copied; free with rv__md_free(). NULL, without an error: oneDNN refused it. */
RvMd rv__md_new (int n, const gint64 *dims, dnnl_data_type_t type, dnnl_format_tag_t tag);
/* (transfer full) (nullable): layout of the first @rows rows of @planes, with the strides of the whole planes.
 * @planes is unchanged. Dimension 2 counts rows. NULL, without an error: oneDNN refused it. */
RvMd rv__md_new_strip (RvMd planes, gint64 rows);
/* (transfer full) (nullable): copy of the layout that @desc has chosen for operand @what; free with rv__md_free().
 * NULL, without an error: it has none, or oneDNN failed. */
RvMd rv__md_from_desc (dnnl_primitive_desc_t desc, dnnl_query_t what);
/* Frees the layout. Does nothing for NULL. */
void rv__md_free (RvMd md);

/* Operands of one kernel; `bias` may be NULL. */
typedef struct {
  RvMd src, dst, weights, bias;
  dnnl_dims_t stride, pad_before, pad_after;
  dnnl_dims_t dilation; /* positions between the kernel's taps: 0 if they are adjacent */
  dnnl_alg_kind_t algorithm;
} RvConvMds;

/* *desc: (out) (transfer full): description of a forward kernel of @kind for the operands; free it with
 * dnnl_primitive_desc_destroy(). @mds are copied. @attr: (nullable). Returns oneDNN's status: unless dnnl_success,
 * there is no such kernel, and *desc is not set. */
dnnl_status_t rv__desc_new_forward (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, dnnl_prop_kind_t kind,
                                    const RvConvMds *mds, dnnl_primitive_attr_t attr);
/* *desc: (out) (transfer full): description of a backward-data kernel; src and dst of @mds are gradients. @hint: the
 * forward description that oneDNN requires, borrowed. @attr: (nullable). Returns oneDNN's status: unless dnnl_success,
 * there is no such kernel, and *desc is not set. */
dnnl_status_t rv__desc_new_backward_data (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                                          dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr);
/* *desc: (out) (transfer full): description of a backward-weights kernel; weights and dst of @mds are gradients. @hint:
 * the forward description that oneDNN requires, borrowed. @attr: (nullable). Returns oneDNN's status: unless
 * dnnl_success, there is no such kernel, and *desc is not set. */
dnnl_status_t rv__desc_new_backward_weights (dnnl_primitive_desc_t *desc, dnnl_engine_t engine, const RvConvMds *mds,
                                             dnnl_primitive_desc_t hint, dnnl_primitive_attr_t attr);
/* Appends to @ops the post-op with which a kernel adds its result to the destination. Returns oneDNN's status,
 * dnnl_success if done. */
dnnl_status_t rv__post_ops_append_sum (dnnl_post_ops_t ops);
