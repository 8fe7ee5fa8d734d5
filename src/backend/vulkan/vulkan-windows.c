/* vulkan-windows.c -- ops on the neighbourhood of each position: pooling, padding, resizing, total variation. */
#include "vulkan-kernels.h"

/* *x: (out): the shape before the forward op; *y: (out): the shape after it, also for a backward op. */
static void
order_shapes (RvVulkanRecorder *recorder, const RvOpCall *call, gboolean is_backward, const RvShape **x,
              const RvShape **y)
{
  const RvShape *in = rv__vulkan_in_shape (recorder, call, 0), *out = rv__vulkan_out_shape (recorder, call, 0);
  *x = is_backward ? out : in;
  *y = is_backward ? in : out;
}

gboolean
rv__vulkan_record_pool (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const RvPoolAttrs *a = &call->attrs.pool;
  gboolean is_backward = call->kind == RV_OP_MAX_POOL_BACKWARD || call->kind == RV_OP_AVERAGE_POOL_BACKWARD;
  gint64 n = rv_shape_count (rv__vulkan_out_shape (recorder, call, 0));
  const RvShape *x, *y;
  order_shapes (recorder, call, is_backward, &x, &y);
  const struct {
    guint32 n;
    gint32 height, width, out_height, out_width, window[2], stride[2], top, left;
    guint32 writes_positions;
    float scale;
  } push = { .n = (guint32) n,
             .height = (gint32) x->dim[2],
             .width = (gint32) x->dim[3],
             .out_height = (gint32) y->dim[2],
             .out_width = (gint32) y->dim[3],
             .window = { a->window[0], a->window[1] },
             .stride = { a->stride[0], a->stride[1] },
             .top = a->pad.top,
             .left = a->pad.left,
             .writes_positions = call->kind == RV_OP_MAX_POOL && rv__vulkan_has_output (recorder, call, 1),
             .scale = (float) a->scale };
  const RvVulkanDispatch dispatch =
    rv__vulkan_dispatch_of (call, RV_VULKAN_POOL, rv__vulkan_kernel (call->kind)->kind,
                            call->kind == RV_OP_MAX_POOL ? (n + 3) / 4 : n, &push, sizeof push);
  return rv__vulkan_record (recorder, &dispatch, error);
}

gboolean
rv__vulkan_record_pad (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  gboolean is_backward = call->kind == RV_OP_PAD_BACKWARD;
  const RvShape *x, *y;
  order_shapes (recorder, call, is_backward, &x, &y);
  const struct {
    guint32 n;
    gint32 height, width, padded_height, padded_width, top, left;
    guint32 mode;
  } push = { (guint32) rv_shape_count (is_backward ? x : y),
             (gint32) x->dim[2],
             (gint32) x->dim[3],
             (gint32) y->dim[2],
             (gint32) y->dim[3],
             call->attrs.pad.by.top,
             call->attrs.pad.by.left,
             call->attrs.pad.mode };
  const RvVulkanDispatch dispatch =
    rv__vulkan_dispatch_of (call, RV_VULKAN_PAD, (guint32) is_backward, push.n, &push, sizeof push);
  return rv__vulkan_record (recorder, &dispatch, error);
}

gboolean
rv__vulkan_record_resize (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  gboolean is_backward = call->kind == RV_OP_RESIZE_BACKWARD;
  const RvShape *x, *y;
  order_shapes (recorder, call, is_backward, &x, &y);
  const struct {
    guint32 n;
    gint32 height, width, new_height, new_width;
    guint32 kernel;
  } push = { (guint32) rv_shape_count (is_backward ? x : y),
             (gint32) x->dim[2],
             (gint32) x->dim[3],
             (gint32) y->dim[2],
             (gint32) y->dim[3],
             call->attrs.resize.kernel };
  const RvVulkanDispatch dispatch =
    rv__vulkan_dispatch_of (call, RV_VULKAN_RESIZE, (guint32) is_backward, push.n, &push, sizeof push);
  return rv__vulkan_record (recorder, &dispatch, error);
}

gboolean
rv__vulkan_record_total_variation_backward (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const RvShape *x = rv__vulkan_in_shape (recorder, call, 0);
  const struct {
    guint32 n;
    gint32 height, width;
    guint32 has_mask;
  } push = { (guint32) rv_shape_count (x), (gint32) x->dim[2], (gint32) x->dim[3], call->n_in > 2 };
  const RvVulkanDispatch dispatch =
    rv__vulkan_dispatch_of (call, RV_VULKAN_TOTAL_VARIATION_BACKWARD, call->attrs.tv.kind, push.n, &push, sizeof push);
  return rv__vulkan_record (recorder, &dispatch, error);
}
