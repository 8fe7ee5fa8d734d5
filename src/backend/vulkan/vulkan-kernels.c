/* vulkan-kernels.c -- the table of kernels, and their common part. */
#include "vulkan-kernels.h"

#define GROUP_ITEMS 256 /* invocations of a workgroup */

/* clang-format off */
static const RvVulkanKernel table[RV_N_OPS] = {
#define ELEMENTWISE(OP, kind) [RV_OP_##OP] = { "elementwise", rv__vulkan_record_elementwise, NULL, kind }
  ELEMENTWISE (ADD, 0),
  ELEMENTWISE (AFFINE, 1),
  ELEMENTWISE (BIAS, 2),
  ELEMENTWISE (MASK, 3),
  ELEMENTWISE (SIGMOID, 4),
  ELEMENTWISE (SIGMOID_BACKWARD, 5),
  ELEMENTWISE (SAMPLER, 6),
  ELEMENTWISE (SAMPLER_BACKWARD, 7),
  ELEMENTWISE (RELU_BACKWARD, 8),
  ELEMENTWISE (CHANNEL_SUM_BACKWARD, 9),
  ELEMENTWISE (CHANNEL_SUM_SQUARES_BACKWARD, 10),
  ELEMENTWISE (SUM_SQUARED_DIFFERENCE_BACKWARD, 11),
  ELEMENTWISE (PICTURE_SUMS_BACKWARD, 12),
  ELEMENTWISE (INSTANCE_NORM, 13),
  ELEMENTWISE (INSTANCE_NORM_BACKWARD, 14),
  ELEMENTWISE (INSTANCE_NORM_BACKWARD_SUMS, 15),
  ELEMENTWISE (INSTANCE_NORM_BACKWARD_SCALE, 16),
  ELEMENTWISE (KL_BACKWARD, 17),
  ELEMENTWISE (BERNOULLI_BACKWARD, 18),
  ELEMENTWISE (SQUARED_ERROR_BACKWARD, 19),
  ELEMENTWISE (BEST_MATCH_BACKWARD, 20),
  ELEMENTWISE (CLAMP_LOGVAR, 21),
  ELEMENTWISE (CLAMP_LOGVAR_BACKWARD, 22),
  ELEMENTWISE (MULTIPLY, 23),
  ELEMENTWISE (SCALE, 24),
  ELEMENTWISE (CLIP, 25),
  ELEMENTWISE (CLIP_BACKWARD, 26),
  ELEMENTWISE (CHANNEL_SHUFFLE, 27),
  ELEMENTWISE (GLOBAL_POOL_BACKWARD, 28),
  ELEMENTWISE (SLICE_BACKWARD, 29),
  ELEMENTWISE (ELU, 30),
  ELEMENTWISE (ELU_BACKWARD, 31),
  ELEMENTWISE (ERF, 32),
  ELEMENTWISE (ERF_BACKWARD, 33),
  ELEMENTWISE (GELU, 34),
  ELEMENTWISE (GELU_BACKWARD, 35),
#define REDUCE(OP, kind) [RV_OP_##OP] = { "reduce", rv__vulkan_record_reduce, rv__vulkan_reduce_scratch, kind }
  REDUCE (CHANNEL_SUM, 0),
  REDUCE (CHANNEL_SUM_SQUARES, 1),
  REDUCE (PICTURE_SUMS, 2),
  REDUCE (INSTANCE_NORM_SUMS, 3),
  REDUCE (SUM_SQUARED_DIFFERENCE, 4),
  REDUCE (KL, 5),
  REDUCE (BERNOULLI, 6),
  REDUCE (SQUARED_ERROR, 7),
  REDUCE (TOTAL_VARIATION, 8),
  REDUCE (GLOBAL_POOL, 9),
#define GEMM(KIND) [RV_OP_##KIND] = { "gemm", rv__vulkan_record_gemm, rv__vulkan_gemm_scratch }
  GEMM (CONV2D),
  GEMM (CONV2D_BACKWARD_DATA),
  GEMM (CONV2D_BACKWARD_WEIGHTS),
  GEMM (GRAM),
  GEMM (GRAM_BACKWARD),
  GEMM (MATMUL),
  GEMM (BEST_MATCH),
  [RV_OP_RELU] = { "relu", rv__vulkan_record_relu, NULL },
  [RV_OP_MAX_POOL] = { "pool", rv__vulkan_record_pool, NULL, 0 },
  [RV_OP_MAX_POOL_BACKWARD] = { "pool", rv__vulkan_record_pool, NULL, 1 },
  [RV_OP_AVERAGE_POOL] = { "pool", rv__vulkan_record_pool, NULL, 2 },
  [RV_OP_AVERAGE_POOL_BACKWARD] = { "pool", rv__vulkan_record_pool, NULL, 3 },
  [RV_OP_PAD] = { "pad", rv__vulkan_record_pad, NULL },
  [RV_OP_PAD_BACKWARD] = { "pad", rv__vulkan_record_pad, NULL, 1 },
  [RV_OP_CHANNEL_NORM] = { "channel-norm", rv__vulkan_record_channel_norm, NULL },
  [RV_OP_CHANNEL_NORM_BACKWARD] = { "channel-norm", rv__vulkan_record_channel_norm, NULL, 1 },
  [RV_OP_LRN] = { "lrn", rv__vulkan_record_lrn, NULL },
  [RV_OP_LRN_BACKWARD] = { "lrn", rv__vulkan_record_lrn, NULL, 1 },
  [RV_OP_RESIZE] = { "resize", rv__vulkan_record_resize, NULL },
  [RV_OP_RESIZE_BACKWARD] = { "resize", rv__vulkan_record_resize, NULL, 1 },
  [RV_OP_TOTAL_VARIATION_BACKWARD] = { "total-variation-backward", rv__vulkan_record_total_variation_backward, NULL },
  [RV_OP_CONCAT] = { "copy", rv__vulkan_record_concat, NULL },
  [RV_OP_SLICE] = { "copy", rv__vulkan_record_slice, NULL },
  [RV_OP_RESHAPE] = { "copy", rv__vulkan_record_reshape, NULL },
};
/* clang-format on */

const RvVulkanKernel *
rv__vulkan_kernel (RvOpKind kind)
{
  return table[kind].name ? &table[kind] : NULL;
}

RvVulkanDispatch
rv__vulkan_dispatch_of (const RvOpCall *call, RvVulkanShader shader, guint32 kind, gint64 n_items, const void *push,
                        gsize push_bytes)
{
  RvVulkanDispatch dispatch = {
    .shader = shader, .kind = kind, .push = push, .push_bytes = push_bytes, .work = (double) n_items
  };
  for (int k = 0; k < RV_OP_MAX_IN; k++)
    dispatch.in[k] = k < call->n_in ? call->in[k] : -1;
  for (int k = 0; k < RV_OP_MAX_OUT; k++)
    dispatch.out[k] = k < call->n_out ? call->out[k] : -1;
  rv__vulkan_set_groups (&dispatch, (n_items + GROUP_ITEMS - 1) / GROUP_ITEMS);
  return dispatch;
}

gboolean
rv__vulkan_record_shader (RvVulkanRecorder *recorder, const RvOpCall *call, RvVulkanShader shader, gint64 n_items,
                          const void *push, gsize push_bytes, GError **error)
{
  const RvVulkanDispatch dispatch =
    rv__vulkan_dispatch_of (call, shader, rv__vulkan_kernel (call->kind)->kind, n_items, push, push_bytes);
  return rv__vulkan_record (recorder, &dispatch, error);
}

gboolean
rv__vulkan_record_sum_parts (RvVulkanRecorder *recorder, const RvOpCall *call, gint64 n, gint64 n_parts, GError **error)
{
  const struct {
    guint32 n, n_parts;
  } push = { (guint32) n, (guint32) n_parts };
  RvVulkanDispatch dispatch = rv__vulkan_dispatch_of (call, RV_VULKAN_SUM_PARTS, 0, n, &push, sizeof push);
  dispatch.work *= (double) n_parts;
  return rv__vulkan_record (recorder, &dispatch, error);
}

gboolean
rv__vulkan_has_output (const RvVulkanRecorder *recorder, const RvOpCall *call, int k)
{
  return k < call->n_out && rv__vulkan_recorder_executable (recorder)->layout[call->out[k]].data;
}

const RvShape *
rv__vulkan_in_shape (const RvVulkanRecorder *recorder, const RvOpCall *call, int k)
{
  return rv__program_shape (rv__vulkan_recorder_executable (recorder)->program, call->in[k]);
}

const RvShape *
rv__vulkan_out_shape (const RvVulkanRecorder *recorder, const RvOpCall *call, int k)
{
  return rv__program_shape (rv__vulkan_recorder_executable (recorder)->program, call->out[k]);
}
