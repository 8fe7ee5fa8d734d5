/* film-uncovered.c -- where a frame shows what nobody has painted yet: what came in over the edge of the picture, and
 * what came out from behind something.
 *
 *   u = (1 - m) max (out, ramp (e))
 *
 * where m is how far what is carried is held to, out is 1 where the flow leads out of the picture, and e is how much
 * the frame differs there from the last one as it moved. Where the flow cannot be trusted and yet leads to something
 * that looks alike, on a wall or in the sky, what was painted on that serves as well. */
#include "job/film-uncovered.h"
#include "base/blur.h"
#include "job/film-still.h"
#include <math.h>

#define ALIKE_LEVELS 6.0f  /* root mean square of colours around a pixel: below, they look alike; */
#define OTHER_LEVELS 18.0f /* from here on they are something else */
#define AROUND_PX 2.0      /* the Gaussian of what is around */
#define SOME_01 0.1f       /* of a pixel: less needs no paint */
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
find_squares (const RvFilmMotion *motion, GError **error)
{
  int height = motion->frame->height, width = motion->frame->width;
  g_autoptr (RvTensor) warped = rv_flow_warp (motion->last->rgb, motion->to_last, error);
  g_autoptr (RvTensor) squares = warped ? rv_tensor_new (RV_F32, &motion->trust->shape, error) : NULL;
  if (!squares)
    return NULL;
  rv__film_squares (motion->frame->rgb, warped, squares);
  return rv__blur (squares->data, squares->data, 1, width, height, AROUND_PX, error) ? g_steal_pointer (&squares)
                                                                                     : NULL;
}

RvTensor *
rv__film_uncovered (const RvFilmMotion *motion, double *mean_01, GError **error)
{
  int height = motion->frame->height, width = motion->frame->width;
  gint64 n = (gint64) height * width;
  *mean_01 = 0;
  if (!motion->to_last) /* nothing moved */
    return rv_tensor_new (RV_F32, &motion->held->shape, error);
  RvTensor *uncovered = find_squares (motion, error);
  if (!uncovered)
    return NULL;
  const float *flow = motion->to_last->data, *held = motion->held->data;
  float *u = uncovered->data;
  double sum = 0;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      gint64 p = (gint64) y * width + x;
      float from_x = (float) x + flow[p], from_y = (float) y + flow[n + p];
      gboolean inside = from_x >= 0 && from_x <= (float) (width - 1) && from_y >= 0 && from_y <= (float) (height - 1);
      sum += (double) (u[p] = (1 - held[p]) * (inside ? ramp (u[p]) : 1));
    }
  *mean_01 = sum / (double) n;
  return uncovered;
}

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
rv__film_uncovered_window (const RvTensor *uncovered, RvFilmWindow *window)
{
  int height = (int) uncovered->shape.dim[2], width = (int) uncovered->shape.dim[3];
  int left = width, right = 0, top = height, bottom = 0, least = MAX (width, height) / WINDOW_PARTS;
  const float *u = uncovered->data;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      if (u[(gint64) y * width + x] < SOME_01)
        continue;
      left = MIN (left, x), right = MAX (right, x + 1);
      top = MIN (top, y), bottom = MAX (bottom, y + 1);
    }
  if (right == 0)
    return FALSE;
  widen (&left, &right, width);
  widen (&top, &bottom, height);
  if (MAX (right - left, bottom - top) < least && width >= height)
    lengthen (&left, &right, width, least);
  else if (MAX (right - left, bottom - top) < least)
    lengthen (&top, &bottom, height, least);
  *window = (RvFilmWindow){ left, top, right - left, bottom - top };
  return TRUE;
}
