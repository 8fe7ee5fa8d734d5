/* vulkan-elementwise.c -- ops that compute each number from numbers at the same position: shaders/elementwise.comp. */
#include "vulkan-kernels.h"

/* Push constants of shaders/elementwise.comp. */
typedef struct {
  guint32 n, channels, positions, width, border, planes, n_in, outputs;
  float norm_positions, epsilon;
  guint32 guide, groups;
  float factor;
  guint32 first, count;
} Push;

/* Sets sizes for an output of @shape, [N, C, H, W]: n to the number of elements, positions to H W, planes to N C,
 * channels and width. Of other shapes each element is a plane. */
static void
set_sizes (Push *push, const RvShape *shape)
{
  gboolean is_picture = shape->n == 4;
  push->n = (guint32) rv_shape_count (shape);
  push->channels = shape->n > 1 ? (guint32) shape->dim[1] : 1;
  push->positions = is_picture ? (guint32) (shape->dim[2] * shape->dim[3]) : 1;
  push->width = is_picture ? (guint32) shape->dim[3] : 1;
  push->planes = push->n / push->positions;
}

gboolean
rv__vulkan_record_elementwise (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const RvShape *in = rv__vulkan_in_shape (recorder, call, 0);
  Push push = { .n_in = (guint32) call->n_in, .norm_positions = 1 };
  set_sizes (&push, rv__vulkan_out_shape (recorder, call, 0));
  for (int k = 0; k < call->n_out; k++)
    push.outputs |= (guint32) rv__vulkan_has_output (recorder, call, k) << k;
  switch (call->kind) {
  case RV_OP_CHANNEL_SUM_SQUARES_BACKWARD:
    push.border = (guint32) call->attrs.interior.border;
    break;
  case RV_OP_BEST_MATCH_BACKWARD:
    push.border = (guint32) call->attrs.interior.border;
    push.guide = (guint32) in->dim[1];
    break;
  case RV_OP_CHANNEL_SHUFFLE:
    push.groups = (guint32) call->attrs.shuffle.groups;
    break;
  case RV_OP_GLOBAL_POOL_BACKWARD:
    push.factor = (float) call->attrs.global.factor;
    break;
  case RV_OP_SLICE_BACKWARD:
    push.first = (guint32) call->attrs.slice.first;
    push.count = (guint32) in->dim[1];
    break;
  case RV_OP_KL_BACKWARD:
  case RV_OP_BERNOULLI_BACKWARD:
  case RV_OP_SQUARED_ERROR_BACKWARD: /* here a plane is one entry of the batch */
    push.positions = (guint32) (push.n / in->dim[0]);
    break;
  case RV_OP_INSTANCE_NORM_BACKWARD_SUMS: /* [2, N, C] */
    push.n = push.planes = (guint32) (in->dim[1] * in->dim[2]);
    push.channels = (guint32) in->dim[2];
    push.norm_positions = (float) call->attrs.norm.positions;
    push.epsilon = (float) call->attrs.norm.epsilon;
    break;
  case RV_OP_INSTANCE_NORM_BACKWARD_SCALE:
    push.planes = (guint32) (in->dim[1] * in->dim[2]);
    push.channels = (guint32) in->dim[2];
    break;
  case RV_OP_INSTANCE_NORM:
  case RV_OP_INSTANCE_NORM_BACKWARD:
    push.norm_positions = (float) (call->attrs.norm.positions ? call->attrs.norm.positions : push.positions);
    push.epsilon = (float) call->attrs.norm.epsilon;
    break;
  default:
    break;
  }
  return rv__vulkan_record_shader (recorder, call, RV_VULKAN_ELEMENTWISE, push.n, &push, sizeof push, error);
}

gboolean
rv__vulkan_record_relu (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const struct {
    guint32 n, writes_bits;
  } push = { (guint32) rv_shape_count (rv__vulkan_in_shape (recorder, call, 0)),
             (guint32) rv__vulkan_has_output (recorder, call, 1) };
  return rv__vulkan_record_shader (recorder, call, RV_VULKAN_RELU, push.n, &push, sizeof push, error);
}
