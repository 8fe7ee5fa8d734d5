/* vulkan-reduce.c -- sums over positions: shaders/reduce.comp computes parts of each sum, sum-parts.comp adds them. */
#include "vulkan-kernels.h"

#define PART_TERMS 16384 /* terms of one part of a sum */

/* Push constants of shaders/reduce.comp. */
typedef struct {
  guint32 rows, n_terms, n_parts, part_terms, is_pair, channels, positions, width, border, variation, has_second;
  float norm_positions, epsilon, factor;
} Push;

/* Number of positions of a plane, less @border positions at each edge. */
static gint64
interior (const RvShape *x, gint64 border)
{
  return MAX (x->dim[2] - 2 * border, 0) * MAX (x->dim[3] - 2 * border, 0);
}

/* Push constants of @call, an op with a row REDUCE in vulkan-kernels.c. */
static Push
push_of (const RvProgram *program, const RvOpCall *call)
{
  const RvShape *x = rv__program_shape (program, call->in[0]);
  gint64 count = rv_shape_count (x), rows = 1, n_terms = count;
  gboolean is_picture = x->n == 4;
  Push push = { .channels = x->n > 1 ? (guint32) x->dim[1] : 1,
                .positions = is_picture ? (guint32) (x->dim[2] * x->dim[3]) : 1,
                .width = is_picture ? (guint32) x->dim[3] : 1,
                .norm_positions = 1 };
  switch (call->kind) {
  case RV_OP_CHANNEL_SUM:
    rows = x->dim[1], n_terms = count / x->dim[1];
    break;
  case RV_OP_CHANNEL_SUM_SQUARES:
    push.border = (guint32) call->attrs.interior.border;
    rows = x->dim[1], n_terms = x->dim[0] * interior (x, push.border);
    break;
  case RV_OP_INSTANCE_NORM_SUMS:
    push.norm_positions = (float) call->attrs.norm.positions;
    push.epsilon = (float) call->attrs.norm.epsilon;
    G_GNUC_FALLTHROUGH;
  case RV_OP_PICTURE_SUMS:
    push.is_pair = 1;
    rows = x->dim[0] * x->dim[1], n_terms = push.positions;
    break;
  case RV_OP_TOTAL_VARIATION:
    push.is_pair = 1;
    push.variation = call->attrs.tv.kind;
    push.has_second = call->n_in > 1;
    break;
  case RV_OP_GLOBAL_POOL:
    push.factor = (float) call->attrs.global.factor;
    push.has_second = call->n_in > 1;
    rows = x->dim[0] * x->dim[1], n_terms = push.positions;
    break;
  case RV_OP_KL:
  case RV_OP_BERNOULLI:
  case RV_OP_SQUARED_ERROR:
    rows = x->dim[0], n_terms = count / x->dim[0];
    break;
  default:
    break;
  }
  push.rows = (guint32) rows, push.n_terms = (guint32) n_terms;
  push.part_terms = PART_TERMS;
  push.n_parts = (guint32) MAX ((n_terms + PART_TERMS - 1) / PART_TERMS, 1);
  return push;
}

gsize
rv__vulkan_reduce_scratch (const RvProgram *program, const RvOpCall *call)
{
  const Push push = push_of (program, call);
  return (gsize) push.n_parts * push.rows * (1 + push.is_pair) * sizeof (float);
}

gboolean
rv__vulkan_record_reduce (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const Push push = push_of (rv__vulkan_recorder_executable (recorder)->program, call);
  RvVulkanDispatch dispatch = rv__vulkan_dispatch_of (call, RV_VULKAN_REDUCE, rv__vulkan_kernel (call->kind)->kind,
                                                      (gint64) push.rows * push.n_terms, &push, sizeof push);
  rv__vulkan_set_groups (&dispatch, (gint64) push.rows * push.n_parts);
  return rv__vulkan_record (recorder, &dispatch, error) &&
         rv__vulkan_record_sum_parts (recorder, call, (gint64) push.rows * (1 + push.is_pair), push.n_parts, error);
}
