/* video-keyframe-blend.c -- blends frames toward a later one: the first frame of a loop, or a keyframe.
 *
 *   over the frames before the target, t = 1 / (tail + 1), 2 / (tail + 1), ...:
 *     m: confidence of the flow between the target and the current frame
 *     start <- (1 - t m) start + t m (frame + (the target's result - its source, moved along the flow))
 *
 * The renderer continues from this start, so that a blend of two paintings becomes strokes again. Between frames that
 * show different things m is 0: cuts stay cuts. */
#include "method/video/video-keyframe-blend.h"
#include "base/parallel.h"
#include <math.h>

#define ARRIVED_LEVELS 0.5f /* difference of two pixels, in levels of 0..255, up to which they count as equal */

gboolean
rv__keyframe_blend_begin (RvKeyframeBlend *blend, RvImage *frame, RvImage *result, gint64 threads, GError **error)
{
  rv__keyframe_blend_clear (blend);
  blend->frame = rv_image_ref (frame);
  blend->result = rv_image_ref (result);
  blend->to = rv__frame_motion_new (threads, error);
  return blend->to != NULL;
}

void
rv__keyframe_blend_clear (RvKeyframeBlend *blend)
{
  g_clear_pointer (&blend->to, rv__frame_motion_free);
  g_clear_pointer (&blend->frame, rv_image_unref);
  g_clear_pointer (&blend->result, rv_image_unref);
}

double
rv__keyframe_blend_weight (const RvKeyframeBlend *blend, gint64 k)
{
  return blend->frame && blend->tail > 0
           ? CLAMP ((double) (k - (blend->at - 1 - blend->tail)) / (double) (blend->tail + 1), 0, 1)
           : 0;
}

gboolean
rv__keyframe_blend_apply (RvKeyframeBlend *blend, double part_01, const RvPropagation *propagation,
                          RvFrameMotion *motion, RvImage *start, GError **error)
{
  RvFrameMotion *to = blend->to;
  if (!rv__frame_motion_compare (to, blend->frame, motion->frame, error))
    return FALSE;
  if (to->is_cut)
    return TRUE;
  g_autoptr (RvImage) arrived = rv__frame_motion_propagate (to, blend->result, propagation, error);
  if (!arrived)
    return FALSE;
  gint64 n = rv_tensor_count (motion->temporal_weight), n_static = 0;
  const float *m = to->confidence->data, *from = arrived->rgb->data;
  float *x = start->rgb->data, *weight = motion->temporal_weight->data, *is_static = motion->static_mask->data,
        part = (float) part_01;
#pragma omp parallel for schedule(static) reduction(+ : n_static) if (n >= RV_PARALLEL_MIN)
  for (gint64 p = 0; p < n; p++) {
    float t = part * m[p], apart = 0;
    for (int c = 0; c < 3; c++)
      apart = MAX (apart, fabsf (from[c * n + p] - x[c * n + p]));
    is_static[p] = t > 0 && apart > ARRIVED_LEVELS ? 0 : is_static[p];
    for (int c = 0; c < 3 && is_static[p] == 0; c++)
      x[c * n + p] += t * (from[c * n + p] - x[c * n + p]);
    weight[p] = MAX (weight[p], t);
    n_static += is_static[p] > 0;
  }
  motion->static_01 = (double) n_static / (double) n;
  return TRUE;
}
