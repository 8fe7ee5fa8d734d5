/* vulkan-kernels.h -- kernels: the shaders and commands that compute each op.
 * Layer 3 (backend). An op is one row in vulkan-kernels.c. */
#pragma once

#include "vulkan-commands.h"

/* Records the commands of a call. RV_ERROR_BACKEND, RV_ERROR_MEMORY. */
typedef gboolean RvVulkanRecordFunc (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);

typedef struct {
  const char *name; /* name of the shader, or "copy"; NULL: no kernel */

  RvVulkanRecordFunc *record;

  /* Bytes of scratch of a call. NULL: none. */
  gsize (*scratch_bytes) (const RvProgram *program, const RvOpCall *call);

  guint32 kind; /* specialization constant of the shader, unless record() chooses another */
} RvVulkanKernel;

/* (nullable): the kernel of an op. Static. */
const RvVulkanKernel *rv__vulkan_kernel (RvOpKind kind);

/* (nullable): commands of a compiled executable of this backend; NULL before it is bound. Borrowed. */
RvVulkanCommands *rv__vulkan_executable_commands (const RvExecutable *executable);

/* RvVulkanKernel.record of the rows of vulkan-kernels.c. */
RvVulkanRecordFunc rv__vulkan_record_elementwise, rv__vulkan_record_relu, rv__vulkan_record_reduce,
  rv__vulkan_record_gemm, rv__vulkan_record_pool, rv__vulkan_record_pad, rv__vulkan_record_resize,
  rv__vulkan_record_lrn, rv__vulkan_record_channel_norm, rv__vulkan_record_total_variation_backward,
  rv__vulkan_record_concat, rv__vulkan_record_slice, rv__vulkan_record_reshape;

/* RvVulkanKernel.scratch_bytes of sums over positions. */
gsize rv__vulkan_reduce_scratch (const RvProgram *program, const RvOpCall *call);
/* RvVulkanKernel.scratch_bytes of convolutions, Gram matrices, matrix products and best matches. */
gsize rv__vulkan_gemm_scratch (const RvProgram *program, const RvOpCall *call);

/* Dispatch with the call's values in order, whose invocations compute one of @n_items each. @push must live until
 * the dispatch is recorded. */
RvVulkanDispatch rv__vulkan_dispatch_of (const RvOpCall *call, RvVulkanShader shader, guint32 kind, gint64 n_items,
                                         const void *push, gsize push_bytes);
/* Records rv__vulkan_dispatch_of() with RvVulkanKernel.kind. */
gboolean rv__vulkan_record_shader (RvVulkanRecorder *recorder, const RvOpCall *call, RvVulkanShader shader,
                                   gint64 n_items, const void *push, gsize push_bytes, GError **error);
/* Records the sum of @n_parts parts in the scratch, of @n numbers each, to output 0 of @call, @n numbers. */
gboolean rv__vulkan_record_sum_parts (RvVulkanRecorder *recorder, const RvOpCall *call, gint64 n, gint64 n_parts,
                                      GError **error);
/* Whether the plan gave memory to output @k of the call. */
gboolean rv__vulkan_has_output (const RvVulkanRecorder *recorder, const RvOpCall *call, int k);
/* Shape of input @k of the call. Borrowed. */
const RvShape *rv__vulkan_in_shape (const RvVulkanRecorder *recorder, const RvOpCall *call, int k);
/* Shape of output @k of the call. Borrowed. */
const RvShape *rv__vulkan_out_shape (const RvVulkanRecorder *recorder, const RvOpCall *call, int k);
