/* vulkan-kernels.h -- how each op is computed by shaders.
 * Layer 3 (backend). An op is one row in vulkan-kernels.c. */
#pragma once

#include "vulkan-commands.h"

typedef struct {
  const char *name; /* of the shader; NULL: no kernel */

  /* Records the commands of a call. RV_ERROR_BACKEND, RV_ERROR_MEMORY. */
  gboolean (*record) (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);

  /* Bytes of scratch of a call. NULL: none. */
  gsize (*scratch_bytes) (const RvProgram *program, const RvOpCall *call);

  guint32 kind; /* of the shader, in its order, unless record() decides */
} RvVulkanKernel;

/* (nullable): the kernel of an op. Static. */
const RvVulkanKernel *rv__vulkan_kernel (RvOpKind kind);

/* (nullable): commands of an executable of this backend; NULL before it is bound. */
RvVulkanCommands *rv__vulkan_executable_commands (const RvExecutable *executable);

/* Families of kernels, RvVulkanKernel.record and scratch_bytes. */
gboolean rv__vulkan_record_elementwise (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gboolean rv__vulkan_record_relu (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gboolean rv__vulkan_record_reduce (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gsize rv__vulkan_reduce_scratch (const RvProgram *program, const RvOpCall *call);
gboolean rv__vulkan_record_gemm (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gsize rv__vulkan_gemm_scratch (const RvProgram *program, const RvOpCall *call);
gboolean rv__vulkan_record_pool (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gboolean rv__vulkan_record_pad (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gboolean rv__vulkan_record_resize (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gboolean rv__vulkan_record_total_variation_backward (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gboolean rv__vulkan_record_concat (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gboolean rv__vulkan_record_slice (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);
gboolean rv__vulkan_record_reshape (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error);

/* A dispatch with the call's values in order, whose invocations compute one of @n_items each. @push: kept by address.
 */
RvVulkanDispatch rv__vulkan_dispatch_of (const RvOpCall *call, RvVulkanShader shader, guint32 kind, gint64 n_items,
                                         const void *push, gsize push_bytes);
/* Records the sum of the @n_parts parts of @n numbers each in the scratch, to output 0 of @call. */
gboolean rv__vulkan_record_sum_parts (RvVulkanRecorder *recorder, const RvOpCall *call, gint64 n, gint64 n_parts,
                                      GError **error);
/* Whether the plan gave memory to output @k of the call. */
gboolean rv__vulkan_has_output (const RvVulkanRecorder *recorder, const RvOpCall *call, int k);
/* Shape of input or output @k of the call. Borrowed. */
const RvShape *rv__vulkan_in_shape (const RvVulkanRecorder *recorder, const RvOpCall *call, int k);
const RvShape *rv__vulkan_out_shape (const RvVulkanRecorder *recorder, const RvOpCall *call, int k);
