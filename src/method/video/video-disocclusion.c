/* video-disocclusion.c -- disocclusion: areas of a frame that earlier frames did not show, at the edges of the picture
 * or where an object moved away.
 *
 *   u = (1 - m) max (out, ramp (e))
 *
 * m: temporal weight; out: 1 where the flow leads out of the picture; e: difference between the frame and the previous
 * frame moved along the flow; ramp: linear, 0 at ALIKE_LEVELS and 1 at OTHER_LEVELS. Where the flow is unreliable but
 * leads to a similar colour, such as that of the same wall or sky, the old paint is used.
 *
 * An area that is narrower than a stroke waits, moving along the flow, until it is wide enough. Otherwise the motion of
 * a hand-held camera would cause repainting of single pixels, at changing edges. */
#include "method/video/video-disocclusion.h"
#include "base/blur.h"
#include "method/video/video-static.h"
#include <math.h>

#define ALIKE_LEVELS 6.0f    /* root mean square difference around a pixel below which colours count as equal */
#define OTHER_LEVELS 18.0f   /* root mean square difference from which colours count as different */
#define AROUND_PX 2.0        /* sigma of the Gaussian around a pixel */
#define STROKE_SIGMA_PX 4.0  /* sigma of the Gaussian that finds areas wide enough for a stroke */
#define STROKE_LEAST_01 0.6f /* value after that Gaussian: 4 px along an edge of the picture, 7 px elsewhere */
#define CONTEXT_PX 64        /* margin of a window around the disoccluded area */
#define WINDOW_UNIT 64       /* windows begin and end on multiples of it, or at the frame's border, before lengthen() */
#define WINDOW_PARTS 4       /* a window has at least the frame's longest side / WINDOW_PARTS */

RvTensor *
rv__disocclusion_new (const RvFrameMotion *motion, GError **error)
{
  int height = motion->frame->height, width = motion->frame->width;
  gint64 n = (gint64) height * width;
  if (!motion->flow_to_previous) /* nothing moved */
    return rv_tensor_new (RV_F32, &motion->temporal_weight->shape, error);
  g_autoptr (RvTensor) warped = rv_flow_warp (motion->last->rgb, motion->flow_to_previous, error);
  g_autoptr (RvTensor) disoccluded = warped ? rv_tensor_new (RV_F32, &motion->confidence->shape, error) : NULL;
  if (!disoccluded)
    return NULL;
  rv__video_squared_differences (motion->frame->rgb, warped, disoccluded);
  if (!rv__blur (disoccluded->data, disoccluded->data, 1, width, height, AROUND_PX, error))
    return NULL;
  const float *flow = motion->flow_to_previous->data, *weight = motion->temporal_weight->data;
  float *u = disoccluded->data;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      gint64 p = (gint64) y * width + x;
      float from_x = (float) x + flow[p], from_y = (float) y + flow[n + p];
      gboolean inside = from_x >= 0 && from_x <= (float) (width - 1) && from_y >= 0 && from_y <= (float) (height - 1);
      float part = (sqrtf (u[p]) - ALIKE_LEVELS) / (OTHER_LEVELS - ALIKE_LEVELS);
      u[p] = (1 - weight[p]) * (inside ? CLAMP (part, 0, 1) : 1);
    }
  return g_steal_pointer (&disoccluded);
}

/* ---- pending areas ----------------------------------------------------------------------------------------------- */

gboolean
rv__disocclusion_add (RvFrameMotion *motion, GError **error)
{
  if (!motion->flow_to_previous) /* nothing moved */
    return TRUE;
  g_autoptr (RvTensor) pending = rv__disocclusion_new (motion, error);
  if (!pending)
    return FALSE;
  if (motion->pending_disocclusion) {
    g_autoptr (RvTensor) moved = rv_flow_warp (motion->pending_disocclusion, motion->flow_to_previous, error);
    float *to = pending->data;
    for (gint64 p = 0; moved && p < rv_tensor_count (pending); p++)
      to[p] = MAX (to[p], MIN (((const float *) moved->data)[p], 1));
    if (!moved)
      return FALSE;
  }
  rv_tensor_unref (motion->pending_disocclusion);
  motion->pending_disocclusion = g_steal_pointer (&pending);
  return TRUE;
}

RvTensor *
rv__disocclusion_extract (RvTensor *pending, const RvVideoRegion *window, GError **error)
{
  RvTensor *extracted = rv_tensor_new (RV_F32, &pending->shape, error);
  gint64 width = pending->shape.dim[3];
  for (int y = window->y; extracted && y < window->y + window->height; y++)
    for (int x = window->x; x < window->x + window->width; x++) {
      float *from = (float *) pending->data + y * width + x;
      ((float *) extracted->data)[y * width + x] = *from;
      *from = 0;
    }
  return extracted;
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

/* Extends the range *from .. *to-1 (inout) by CONTEXT_PX on both sides, then outward to multiples of WINDOW_UNIT,
 * within 0 .. @side-1. */
static void
widen (int *from, int *to, int side)
{
  *from = MAX (*from - CONTEXT_PX, 0) / WINDOW_UNIT * WINDOW_UNIT;
  *to = MIN ((*to + CONTEXT_PX + WINDOW_UNIT - 1) / WINDOW_UNIT * WINDOW_UNIT, side);
}

/* Extends the range *from .. *to-1 (inout) to a length of at least @least, or of @side if that is less, within 0 ..
 * @side-1. */
static void
lengthen (int *from, int *to, int side, int least)
{
  *to = MIN (MAX (*to, *from + least), side);
  *from = MIN (*from, MAX (*to - least, 0));
}

gboolean
rv__disocclusion_compute_region (const RvTensor *pending, RvVideoRegion *window, gboolean *found, GError **error)
{
  int height = (int) pending->shape.dim[2], width = (int) pending->shape.dim[3];
  int left = width, right = 0, top = height, bottom = 0, least = MAX (width, height) / WINDOW_PARTS;
  g_autoptr (RvTensor) blurred = rv_tensor_new (RV_F32, &pending->shape, error);
  if (!blurred || !rv__blur (pending->data, blurred->data, 1, width, height, STROKE_SIGMA_PX, error))
    return FALSE;
  const float *u = blurred->data;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      if (u[(gint64) y * width + x] < STROKE_LEAST_01)
        continue;
      left = MIN (left, x), right = MAX (right, x + 1);
      top = MIN (top, y), bottom = MAX (bottom, y + 1);
    }
  if (!(*found = right > 0))
    return TRUE;
  widen (&left, &right, width);
  widen (&top, &bottom, height);
  if (MAX (right - left, bottom - top) < least && width >= height)
    lengthen (&left, &right, width, least);
  else if (MAX (right - left, bottom - top) < least)
    lengthen (&top, &bottom, height, least);
  *window = (RvVideoRegion){ left, top, right - left, bottom - top };
  return TRUE;
}
