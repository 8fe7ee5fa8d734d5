/* vulkan-windows.c -- ops on the neighbourhood of each number: pooling, padding, resizing, total variation, local
 * response normalisation. */
#include "vulkan-kernels.h"

/* First push constants of shaders/pool.comp, pad.comp and resize.comp. */
typedef struct {
  guint32 n;                                   /* numbers of the output */
  gint32 height, width, out_height, out_width; /* sides before the forward op and after it, also of a backward op */
} Sizes;

/* Sizes of a call of pooling, padding or resizing. A row of vulkan-kernels.c whose `kind` is odd is a backward op:
 * its output has the sides before the forward op. */
static Sizes
sizes_of (const RvVulkanRecorder *recorder, const RvOpCall *call)
{
  const RvShape *in = rv__vulkan_in_shape (recorder, call, 0), *out = rv__vulkan_out_shape (recorder, call, 0);
  gboolean is_backward = rv__vulkan_kernel (call->kind)->kind % 2 != 0;
  const RvShape *x = is_backward ? out : in, *y = is_backward ? in : out;
  return (Sizes){ (guint32) rv_shape_count (out), (gint32) x->dim[2], (gint32) x->dim[3], (gint32) y->dim[2],
                  (gint32) y->dim[3] };
}

gboolean
rv__vulkan_record_pool (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const RvPoolAttrs *a = &call->attrs.pool;
  const struct {
    Sizes sizes;
    gint32 window[2], stride[2], top, left;
    guint32 writes_positions;
    float scale;
  } push = { .sizes = sizes_of (recorder, call),
             .window = { a->window[0], a->window[1] },
             .stride = { a->stride[0], a->stride[1] },
             .top = a->pad.top,
             .left = a->pad.left,
             .writes_positions = call->kind == RV_OP_MAX_POOL && rv__vulkan_has_output (recorder, call, 1),
             .scale = (float) a->scale };
  gint64 n = push.sizes.n, n_items = call->kind == RV_OP_MAX_POOL ? (n + 3) / 4 : n;
  return rv__vulkan_record_shader (recorder, call, RV_VULKAN_POOL, n_items, &push, sizeof push, error);
}

gboolean
rv__vulkan_record_pad (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const struct {
    Sizes sizes;
    gint32 top, left;
    guint32 mode;
  } push = { sizes_of (recorder, call), call->attrs.pad.by.top, call->attrs.pad.by.left, call->attrs.pad.mode };
  return rv__vulkan_record_shader (recorder, call, RV_VULKAN_PAD, push.sizes.n, &push, sizeof push, error);
}

gboolean
rv__vulkan_record_resize (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const struct {
    Sizes sizes;
    guint32 kernel, coordinates;
    gint32 ratio[4];
  } push = { sizes_of (recorder, call),
             call->attrs.resize.kernel,
             call->attrs.resize.coordinates,
             { call->attrs.resize.ratio[0][0], call->attrs.resize.ratio[0][1], call->attrs.resize.ratio[1][0],
               call->attrs.resize.ratio[1][1] } };
  return rv__vulkan_record_shader (recorder, call, RV_VULKAN_RESIZE, push.sizes.n, &push, sizeof push, error);
}

gboolean
rv__vulkan_record_lrn (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const RvShape *x = rv__vulkan_in_shape (recorder, call, 0);
  const struct {
    guint32 n;
    gint32 channels, positions, half_size;
    float factor, beta;
  } push = { (guint32) rv_shape_count (x),
             (gint32) x->dim[1],
             (gint32) (x->dim[2] * x->dim[3]),
             call->attrs.lrn.size / 2,
             (float) (call->attrs.lrn.alpha / call->attrs.lrn.size),
             (float) call->attrs.lrn.beta };
  return rv__vulkan_record_shader (recorder, call, RV_VULKAN_LRN, push.n, &push, sizeof push, error);
}

gboolean
rv__vulkan_record_channel_norm (RvVulkanRecorder *recorder, const RvOpCall *call, GError **error)
{
  const RvShape *x = rv__vulkan_in_shape (recorder, call, 0);
  const struct {
    guint32 n, channels, positions;
    float epsilon;
  } push = { (guint32) (rv_shape_count (x) / x->dim[1]), (guint32) x->dim[1], (guint32) (x->dim[2] * x->dim[3]),
             (float) call->attrs.norm.epsilon };
  return rv__vulkan_record_shader (recorder, call, RV_VULKAN_CHANNEL_NORM, push.n, &push, sizeof push, error);
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
