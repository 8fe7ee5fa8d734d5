/* film-loop.c -- a film that is played round and round: its last frames flow into its first.
 *
 *   over the last frames, t = 1 / (tail + 1), 2 / (tail + 1), ...:
 *     the flow from the film's first frame to this one, m how far it can be trusted
 *     start <- (1 - t m) start + t m (frame + (first result - first frame), the latter along that flow)
 *
 * From there the frame is made as any other, so that what two paintings have between them becomes strokes again. A film
 * whose last frame shows something else than its first has nothing to flow into: there m is 0, and a cut stays one. */
#include "job/film-loop.h"
#include "base/parallel.h"
#include <math.h>

#define ARRIVED_LEVELS 0.5f /* no further apart it is the first already */

gboolean
rv__film_loop_begin (RvFilmLoop *loop, RvImage *frame, RvImage *made, gint64 threads, GCancellable *cancellable,
                     GError **error)
{
  loop->frame = rv_image_ref (frame);
  loop->first = rv_image_ref (made);
  loop->home = rv__film_motion_new (threads, cancellable, error);
  return loop->home != NULL;
}

void
rv__film_loop_clear (RvFilmLoop *loop)
{
  g_clear_pointer (&loop->home, rv__film_motion_free);
  g_clear_pointer (&loop->frame, rv_image_unref);
  g_clear_pointer (&loop->first, rv_image_unref);
}

double
rv__film_loop_part (const RvFilmLoop *loop, gint64 k, gint64 n)
{
  return CLAMP ((double) (k - (n - loop->tail)) / (double) (loop->tail + 1), 0, 1);
}

gboolean
rv__film_loop_flow (RvFilmLoop *loop, double part_01, const RvFilmCarry *carry, RvFilmMotion *motion, RvImage *start,
                    GError **error)
{
  RvFilmMotion *home = loop->home;
  if (!rv__film_motion_compare (home, loop->frame, motion->frame, error))
    return FALSE;
  if (home->is_cut)
    return TRUE;
  g_autoptr (RvImage) arrived = rv__film_motion_carry (home, loop->first, carry, error);
  if (!arrived)
    return FALSE;
  gint64 n = rv_tensor_count (motion->held), n_still = 0;
  const float *m = home->trust->data, *from = arrived->rgb->data;
  float *to = start->rgb->data, *held = motion->held->data, *still = motion->still->data, part = (float) part_01;
#pragma omp parallel for schedule(static) reduction(+ : n_still) if (n >= RV_PARALLEL_MIN)
  for (gint64 p = 0; p < n; p++) {
    float t = part * m[p], apart = 0;
    for (int c = 0; c < 3; c++)
      apart = MAX (apart, fabsf (from[c * n + p] - to[c * n + p]));
    still[p] = t > 0 && apart > ARRIVED_LEVELS ? 0 : still[p];
    for (int c = 0; c < 3 && still[p] == 0; c++)
      to[c * n + p] += t * (from[c * n + p] - to[c * n + p]);
    held[p] = MAX (held[p], t);
    n_still += still[p] > 0;
  }
  motion->still_01 = (double) n_still / (double) n;
  return TRUE;
}
