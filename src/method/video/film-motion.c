/* film-motion.c -- how a film's frame follows from the one before. */
#include "base/settings.h"
#include "flow/shot.h"
#include "method/video/film-motion.h"
#include "method/video/film-still.h"
#include "base/parallel.h"
#include <math.h>
#include <string.h>

#define SOFT_PX 2         /* of the edge of what is trusted */
#define MASK_NOISE 0.02f  /* of white: less is a coder's noise, and no change of a mask */
#define MASK_CHANGE 0.25f /* from here on nothing is held to what was painted with the mask that was */
#define MOVED_PX 3        /* from frame to frame, as films are wont to */
#define WHITE 255.0

RvFilmMotion *
rv__film_motion_new (gint64 threads, GCancellable *cancellable, GError **error)
{
  g_autoptr (RvFilmMotion) motion = g_new0 (RvFilmMotion, 1);
  motion->cancellable = cancellable;
  motion->settings = rv_settings_new ("flow", error);
  return motion->settings && rv__settings_set_int (motion->settings, "threads", threads, error)
           ? g_steal_pointer (&motion)
           : NULL;
}

RvFilmMotion *
rv__film_motion_like (const RvFilmMotion *motion, GError **error)
{
  return rv__film_motion_new (rv_settings_get_int (motion->settings, "threads", NULL), motion->cancellable, error);
}

static void
forget_pair (RvFilmMotion *motion)
{
  g_clear_pointer (&motion->trust, rv_tensor_unref);
  g_clear_pointer (&motion->held, rv_tensor_unref);
  g_clear_pointer (&motion->still, rv_tensor_unref);
  motion->is_cut = FALSE;
  motion->still_01 = motion->trusted_01 = motion->film_error = 0;
}

/* What was known of the way from frame to frame. */
static void
forget_shot (RvFilmMotion *motion)
{
  g_clear_pointer (&motion->to_last, rv_tensor_unref);
  g_clear_pointer (&motion->to_new, rv_tensor_unref);
  g_clear_pointer (&motion->waiting, rv_tensor_unref);
}

void
rv__film_motion_free (RvFilmMotion *motion)
{
  if (!motion)
    return;
  forget_pair (motion);
  rv_settings_free (motion->settings);
  rv_image_unref (motion->frame);
  rv_image_unref (motion->last);
  rv_image_unref (motion->made_of);
  rv_tensor_unref (motion->grey);
  rv_tensor_unref (motion->to_last);
  rv_tensor_unref (motion->to_new);
  rv_tensor_unref (motion->waiting);
  g_free (motion);
}

/* ---- what moved -------------------------------------------------------------------------------------------------- */

/* Everything is where it was. */
static gboolean
stand_still (RvFilmMotion *motion, GError **error)
{
  g_clear_pointer (&motion->to_last, rv_tensor_unref);
  g_clear_pointer (&motion->to_new, rv_tensor_unref);
  if (!(motion->trust = rv_tensor_new (RV_F32, &motion->still->shape, error)))
    return FALSE;
  memcpy (motion->trust->data, motion->still->data, rv_tensor_bytes (motion->still));
  motion->trusted_01 = 1;
  return TRUE;
}

/* @flow (transfer full) becomes what is at @at; FALSE where it is none. */
static gboolean
put (RvTensor **at, RvTensor *flow)
{
  rv_tensor_unref (*at);
  *at = flow;
  return flow != NULL;
}

static gboolean
goes_on (double done_01, gpointer cancellable)
{
  return !g_cancellable_is_cancelled (cancellable);
}

static RvTensor *
find_flow (const RvFilmMotion *motion, const RvTensor *from, const RvTensor *to, const RvTensor *before, GError **error)
{
  return rv_flow_estimate (from, to, before, motion->settings, goes_on, motion->cancellable, error);
}

static gboolean
find_flows (RvFilmMotion *motion, const RvTensor *last_grey, GError **error)
{
  return put (&motion->to_last, find_flow (motion, motion->grey, last_grey, motion->to_last, error)) &&
         put (&motion->to_new, find_flow (motion, last_grey, motion->grey, motion->to_new, error)) &&
         (motion->trust = rv_flow_confidence (motion->to_last, motion->to_new, SOFT_PX, error));
}

/* What has not changed is where it was, whatever flow its noise has. */
static void
trust_still (RvFilmMotion *motion)
{
  gint64 n = rv_tensor_count (motion->trust);
  const float *still = motion->still->data;
  float *trust = motion->trust->data, *flow = motion->to_last->data;
  double sum = 0;
  for (gint64 p = 0; p < n; p++) {
    if (still[p] > 0)
      trust[p] = 1, flow[p] = flow[n + p] = 0;
    sum += (double) trust[p];
  }
  motion->trusted_01 = sum / (double) n;
}

gboolean
rv__film_motion_next (RvFilmMotion *motion, RvImage *frame, GError **error)
{
  g_autoptr (RvTensor) last_grey = g_steal_pointer (&motion->grey);
  forget_pair (motion);
  rv_image_unref (motion->last);
  motion->last = motion->frame;
  motion->frame = rv_image_ref (frame);
  if (!(motion->grey = rv_flow_grey (frame, error)))
    return FALSE;
  if (!motion->last)
    return TRUE;
  if (!(motion->still = rv__film_still_find (frame, motion->made_of, error)))
    return FALSE;
  motion->still_01 = rv__film_still_01 (motion->still);
  if (motion->still_01 == 1)
    return stand_still (motion, error);
  if (!find_flows (motion, last_grey, error) ||
      !rv__flow_is_cut (motion->last->rgb, frame->rgb, motion->trust, &motion->is_cut, error) ||
      !rv__film_still_doubt (motion->still, motion->grey, motion->to_last, error))
    return FALSE;
  motion->still_01 = rv__film_still_01 (motion->still);
  trust_still (motion);
  return rv__film_warping_error (motion, motion->last, frame, &motion->film_error, error);
}

/* (transfer full) (nullable): the camera has panned by MOVED_PX. */
static RvImage *
pan (const RvImage *frame, GError **error)
{
  RvImage *moved = rv_image_new (frame->width, frame->height, error);
  const float *from = frame->rgb->data;
  for (gint64 row = 0; moved && row < 3 * (gint64) frame->height; row++)
    for (int x = 0; x < frame->width; x++)
      ((float *) moved->rgb->data)[row * frame->width + x] =
        from[row * frame->width + MIN (x + MOVED_PX, frame->width - 1)];
  return moved;
}

gboolean
rv__film_motion_cost (RvFilmMotion *motion, RvImage *frame, double *seconds, GError **error)
{
  g_autoptr (RvImage) moved = pan (frame, error);
  if (!moved || !rv__film_motion_next (motion, frame, error) || !rv__film_motion_begin (motion, error))
    return FALSE;
  gint64 began_us = g_get_monotonic_time ();
  if (!rv__film_motion_next (motion, moved, error))
    return FALSE;
  *seconds = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
  return TRUE;
}

gboolean
rv__film_motion_compare (RvFilmMotion *motion, RvImage *last, RvImage *frame, GError **error)
{
  g_autoptr (RvTensor) grey = rv_flow_grey (last, error);
  if (!grey)
    return FALSE;
  forget_shot (motion);
  rv_image_unref (motion->frame);
  rv_image_unref (motion->made_of);
  rv_tensor_unref (motion->grey);
  motion->frame = rv_image_ref (last);
  motion->made_of = rv_image_ref (last);
  motion->grey = g_steal_pointer (&grey);
  return rv__film_motion_next (motion, frame, error);
}

gboolean
rv__film_motion_hold (RvFilmMotion *motion, GError **error)
{
  rv_tensor_unref (motion->held);
  if ((motion->held = rv_tensor_new (RV_F32, &motion->trust->shape, error)))
    memcpy (motion->held->data, motion->trust->data, rv_tensor_bytes (motion->trust));
  return motion->held != NULL;
}

gboolean
rv__film_motion_begin (RvFilmMotion *motion, GError **error)
{
  const RvImage *frame = motion->frame;
  forget_shot (motion);
  rv_image_unref (motion->made_of);
  if ((motion->made_of = rv_image_new (frame->width, frame->height, error)))
    memcpy (motion->made_of->rgb->data, frame->rgb->data, rv_tensor_bytes (frame->rgb));
  return motion->made_of != NULL;
}

gboolean
rv__film_motion_go_on (RvFilmMotion *motion, RvImage *frame, GError **error)
{
  motion->frame = rv_image_ref (frame);
  motion->grey = rv_flow_grey (frame, error);
  return motion->grey != NULL;
}

/* (transfer full) (nullable) */
static RvTensor *
along (const RvFilmMotion *motion, RvTensor *picture, GError **error)
{
  return motion->to_last ? rv_flow_warp (picture, motion->to_last, error) : rv_tensor_ref (picture);
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* How far two masks differ at pixel @p of a plane of @n, 0..1; 0: by no more than a coder's noise. */
static float
difference_at (const float *a, const float *b, gint64 n, gint64 p)
{
  float most = 0;
  for (int c = 0; c < 3; c++)
    most = MAX (most, fabsf (a[c * n + p] - b[c * n + p]) / (float) WHITE);
  return most > MASK_NOISE ? MIN (most / MASK_CHANGE, 1) : 0;
}

/* Around what has changed of a mask nothing stays. */
static gboolean
move_around (RvFilmMotion *motion, const RvImage *last, const RvImage *now, GError **error)
{
  g_autoptr (RvTensor) changed = rv_tensor_new (RV_F32, &motion->still->shape, error);
  gint64 n = rv_tensor_count (motion->still);
  for (gint64 p = 0; changed && p < n; p++)
    ((float *) changed->data)[p] = difference_at (last->rgb->data, now->rgb->data, n, p) > 0;
  if (!changed || !rv__film_still_leave (motion->still, changed, error))
    return FALSE;
  motion->still_01 = rv__film_still_01 (motion->still);
  return TRUE;
}

gboolean
rv__film_motion_doubt (RvFilmMotion *motion, const RvImage *last, const RvImage *now, GError **error)
{
  gint64 n = rv_tensor_count (motion->trust);
  g_autoptr (RvTensor) moved = along (motion, last->rgb, error);
  float *trust = motion->trust->data;
  double sum = 0;
  if (!moved || !move_around (motion, last, now, error))
    return FALSE;
  for (gint64 p = 0; p < n; p++)
    sum += (double) (trust[p] *= 1 - difference_at (moved->data, now->rgb->data, n, p));
  motion->trusted_01 = sum / (double) n;
  return TRUE;
}

/* ---- what is carried --------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): what a result has besides the frame that it was made of. */
static RvTensor *
difference (const RvImage *result, const RvImage *frame, GError **error)
{
  RvTensor *made = rv_tensor_new (RV_F32, &frame->rgb->shape, error);
  gint64 n = rv_tensor_count (frame->rgb);
  for (gint64 i = 0; made && i < n; i++)
    ((float *) made->data)[i] = ((const float *) result->rgb->data)[i] - ((const float *) frame->rgb->data)[i];
  return made;
}

RvImage *
rv__film_motion_carry (const RvFilmMotion *motion, const RvImage *result, const RvFilmCarry *carry, GError **error)
{
  const RvImage *frame = motion->frame;
  gint64 n = (gint64) frame->height * frame->width;
  g_autoptr (RvTensor) besides = difference (result, motion->last, error);
  g_autoptr (RvTensor) moved = besides ? along (motion, besides, error) : NULL;
  RvImage *start = moved ? rv_image_new (frame->width, frame->height, error) : NULL;
  if (!start)
    return NULL;
  const float *now = frame->rgb->data, *old = result->rgb->data, *more = moved->data;
  const float *still = motion->still->data, *trust = motion->trust->data;
  float *to = start->rgb->data, part = (float) carry->part_01;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 p = 0; p < n; p++)
    for (int c = 0; c < 3; c++) {
      gint64 i = c * n + p;
      to[i] = still[p] > 0 ? old[i] : now[i] + part * (carry->only_trusted ? trust[p] : 1) * more[i];
    }
  return start;
}

gboolean
rv__film_motion_keep (RvFilmMotion *motion, const RvImage *start, RvImage *made, GError **error)
{
  int width = motion->frame->width, height = motion->frame->height;
  gint64 n = (gint64) height * width;
  RvImage *made_of = rv_image_new (width, height, error);
  if (!made_of)
    return FALSE;
  const float *still = motion->still->data, *now = motion->frame->rgb->data, *then = motion->made_of->rgb->data;
  for (gint64 i = 0; i < 3 * n; i++) {
    ((float *) made_of->rgb->data)[i] = still[i % n] > 0 ? then[i] : now[i];
    if (made && still[i % n] > 0)
      ((float *) made->rgb->data)[i] = ((const float *) start->rgb->data)[i];
  }
  rv_image_unref (motion->made_of);
  motion->made_of = made_of;
  return TRUE;
}

gboolean
rv__film_warping_error (const RvFilmMotion *motion, const RvImage *last, const RvImage *new, double *found,
                        GError **error)
{
  g_autoptr (RvTensor) warped = along (motion, last->rgb, error);
  gint64 n = (gint64) new->height *new->width;
  double sum = 0, weight = 0;
  if (!warped)
    return FALSE;
  const float *a = warped->data, *b = new->rgb->data, *trust = motion->trust->data;
  for (gint64 p = 0; p < n; p++) {
    double squares = 0;
    for (int c = 0; c < 3; c++)
      squares += pow ((double) (b[c * n + p] - a[c * n + p]) / WHITE, 2);
    sum += (double) trust[p] * squares;
    weight += (double) trust[p];
  }
  *found = weight > 0 ? sum / weight : 0;
  return TRUE;
}
