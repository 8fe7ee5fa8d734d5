/* video-disocclusion.c -- where a frame shows what nobody has painted yet: what came in over the edge of the picture,
 * and what came out from behind something.
 *
 *   u = (1 - m) max (out, ramp (e))
 *
 * where m is how far what is carried is held to, out is 1 where the flow leads out of the picture, and e is how much
 * the frame differs there from the last one as it moved. Where the flow cannot be trusted and yet leads to something
 * that looks alike, on a wall or in the sky, what was painted on that serves as well.
 *
 * What is narrower than a stroke waits, and moves with the film, until there is more beside it: a camera held by hand
 * shows a pixel at this edge and then at that one. */
#include "method/video/video-disocclusion.h"
#include "base/blur.h"
#include "method/video/video-static.h"
#include <math.h>

#define ALIKE_LEVELS 6.0f  /* root mean square of colours around a pixel: below, they look alike; */
#define OTHER_LEVELS 18.0f /* from here on they are something else */
#define AROUND_PX 2.0      /* the Gaussian of what is around */
#define ROOM_PX 4.0        /* there is room for a stroke where, under this Gaussian, */
#define ROOM_01 0.6f       /* that much waits: 4 px along an edge of the picture, 7 elsewhere */
#define CONTEXT_PX 64      /* that a window has around what is uncovered, */
#define WINDOW_UNIT 64     /* what its sides are multiples of, but for the frame's own, */
#define WINDOW_PARTS 4     /* and how many times the frame's longest side is that of the window at most */

static float
ramp (float squares)
{
  float part = (sqrtf (squares) - ALIKE_LEVELS) / (OTHER_LEVELS - ALIKE_LEVELS);
  return CLAMP (part, 0, 1);
}

/* At each pixel the mean square of what the film differs by from its last frame as it moved. */
static RvTensor *
find_squares (const RvFrameMotion *motion, GError **error)
{
  int height = motion->frame->height, width = motion->frame->width;
  g_autoptr (RvTensor) warped = rv_flow_warp (motion->last->rgb, motion->flow_to_previous, error);
  g_autoptr (RvTensor) squares = warped ? rv_tensor_new (RV_F32, &motion->confidence->shape, error) : NULL;
  if (!squares)
    return NULL;
  rv__video_squares (motion->frame->rgb, warped, squares);
  return rv__blur (squares->data, squares->data, 1, width, height, AROUND_PX, error) ? g_steal_pointer (&squares)
                                                                                     : NULL;
}

RvTensor *
rv__disocclusion_new (const RvFrameMotion *motion, GError **error)
{
  int height = motion->frame->height, width = motion->frame->width;
  gint64 n = (gint64) height * width;
  if (!motion->flow_to_previous) /* nothing moved */
    return rv_tensor_new (RV_F32, &motion->temporal_weight->shape, error);
  RvTensor *uncovered = find_squares (motion, error);
  if (!uncovered)
    return NULL;
  const float *flow = motion->flow_to_previous->data, *held = motion->temporal_weight->data;
  float *u = uncovered->data;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      gint64 p = (gint64) y * width + x;
      float from_x = (float) x + flow[p], from_y = (float) y + flow[n + p];
      gboolean inside = from_x >= 0 && from_x <= (float) (width - 1) && from_y >= 0 && from_y <= (float) (height - 1);
      u[p] = (1 - held[p]) * (inside ? ramp (u[p]) : 1);
    }
  return uncovered;
}

/* ---- what waits -------------------------------------------------------------------------------------------------- */

/* What waited, as it moved, into what waits. */
static gboolean
add_moved (const RvFrameMotion *motion, const RvTensor *before, RvTensor *waiting, GError **error)
{
  g_autoptr (RvTensor) moved = rv_flow_warp (before, motion->flow_to_previous, error);
  float *to = waiting->data;
  if (!moved)
    return FALSE;
  for (gint64 p = 0; p < rv_tensor_count (waiting); p++)
    to[p] = MAX (to[p], MIN (((const float *) moved->data)[p], 1));
  return TRUE;
}

gboolean
rv__disocclusion_add (RvFrameMotion *motion, GError **error)
{
  if (!motion->flow_to_previous) /* nothing moved */
    return TRUE;
  g_autoptr (RvTensor) waiting = rv__disocclusion_new (motion, error);
  if (!waiting || (motion->pending_disocclusion && !add_moved (motion, motion->pending_disocclusion, waiting, error)))
    return FALSE;
  rv_tensor_unref (motion->pending_disocclusion);
  motion->pending_disocclusion = g_steal_pointer (&waiting);
  return TRUE;
}

RvTensor *
rv__disocclusion_extract (RvTensor *waiting, const RvVideoRegion *window, GError **error)
{
  RvTensor *taken = rv_tensor_new (RV_F32, &waiting->shape, error);
  gint64 width = waiting->shape.dim[3];
  for (int y = window->y; taken && y < window->y + window->height; y++)
    for (int x = window->x; x < window->x + window->width; x++) {
      float *from = (float *) waiting->data + y * width + x;
      ((float *) taken->data)[y * width + x] = *from;
      *from = 0;
    }
  return taken;
}

/* ---- where it is painted ------------------------------------------------------------------------------------------
 */

/* [*from, *to), with what is around it, in steps, within [0, side). */
static void
widen (int *from, int *to, int side)
{
  *from = MAX (*from - CONTEXT_PX, 0) / WINDOW_UNIT * WINDOW_UNIT;
  *to = MIN ((*to + CONTEXT_PX + WINDOW_UNIT - 1) / WINDOW_UNIT * WINDOW_UNIT, side);
}

/* Made @least long, within [0, side). */
static void
lengthen (int *from, int *to, int side, int least)
{
  *to = MIN (MAX (*to, *from + least), side);
  *from = MIN (*from, MAX (*to - least, 0));
}

gboolean
rv__disocclusion_region (const RvTensor *waiting, RvVideoRegion *window, gboolean *found, GError **error)
{
  int height = (int) waiting->shape.dim[2], width = (int) waiting->shape.dim[3];
  int left = width, right = 0, top = height, bottom = 0, least = MAX (width, height) / WINDOW_PARTS;
  g_autoptr (RvTensor) room = rv_tensor_new (RV_F32, &waiting->shape, error);
  if (!room || !rv__blur (waiting->data, room->data, 1, width, height, ROOM_PX, error))
    return FALSE;
  const float *u = room->data;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      if (u[(gint64) y * width + x] < ROOM_01)
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
