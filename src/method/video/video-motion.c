/* video-motion.c -- motion between successive frames of a video. */
#include "base/settings.h"
#include "flow/shot.h"
#include "method/video/video-motion.h"
#include "method/video/video-static.h"
#include "base/parallel.h"
#include <math.h>

#define SOFT_PX 2         /* width of the soft edge of confident areas */
#define MASK_NOISE 0.02f  /* fraction of white; smaller changes of a mask are noise of an encoder */
#define MASK_CHANGE 0.25f /* change of a mask from which old paint has no weight */
#define MOVED_PX 3        /* typical motion per frame, for measuring time */
#define WHITE 255.0

RvFrameMotion *
rv__frame_motion_new (gint64 threads, GError **error)
{
  g_autoptr (RvFrameMotion) motion = g_new0 (RvFrameMotion, 1);
  motion->settings = rv_settings_new ("flow", error);
  return motion->settings && rv__settings_set_int (motion->settings, "threads", threads, error)
           ? g_steal_pointer (&motion)
           : NULL;
}

/* Frees or zeroes the members of @motion that describe one frame's motion, from is_cut on. Flows and frames stay. */
static void
clear_pair (RvFrameMotion *motion)
{
  g_clear_pointer (&motion->confidence, rv_tensor_unref);
  g_clear_pointer (&motion->temporal_weight, rv_tensor_unref);
  g_clear_pointer (&motion->static_mask, rv_tensor_unref);
  motion->is_cut = FALSE;
  motion->static_01 = motion->confident_01 = motion->source_error = 0;
}

/* Frees both flows and pending_disocclusion, which persist from frame to frame of a shot. rendered_from stays. */
static void
clear_shot (RvFrameMotion *motion)
{
  g_clear_pointer (&motion->flow_to_previous, rv_tensor_unref);
  g_clear_pointer (&motion->flow_to_current, rv_tensor_unref);
  g_clear_pointer (&motion->pending_disocclusion, rv_tensor_unref);
}

void
rv__frame_motion_free (RvFrameMotion *motion)
{
  if (!motion)
    return;
  clear_pair (motion);
  clear_shot (motion);
  rv_settings_free (motion->settings);
  rv_image_unref (motion->frame);
  rv_image_unref (motion->last);
  rv_image_unref (motion->rendered_from);
  rv_tensor_unref (motion->grey);
  g_free (motion);
}

/* ---- motion ------------------------------------------------------------------------------------------------------ */

/* Replaces *@at by @flow (transfer full) (nullable). Returns whether there is a flow. */
static gboolean
replace_tensor (RvTensor **at, RvTensor *flow)
{
  rv_tensor_unref (*at);
  *at = flow;
  return flow != NULL;
}

/* Replaces the flows both ways between motion->last, with the grey version @last_grey, and the current frame. Starts
 * from the flows of the previous pair of frames. Sets `confidence`, which must be NULL before. After an error, a
 * flow may be NULL. */
static gboolean
estimate_flows (RvFrameMotion *motion, const RvTensor *last_grey, GError **error)
{
  return replace_tensor (&motion->flow_to_previous, rv_flow_estimate (motion->grey, last_grey, motion->flow_to_previous,
                                                                      motion->settings, NULL, NULL, error)) &&
         replace_tensor (&motion->flow_to_current, rv_flow_estimate (last_grey, motion->grey, motion->flow_to_current,
                                                                     motion->settings, NULL, NULL, error)) &&
         (motion->confidence = rv_flow_confidence (motion->flow_to_previous, motion->flow_to_current, SOFT_PX, error));
}

/* Sets flow_to_previous of static pixels to 0 with full confidence, because their estimated flow is noise. Sets
 * confident_01. */
static void
trust_static (RvFrameMotion *motion)
{
  gint64 n = rv_tensor_count (motion->confidence);
  const float *is_static = motion->static_mask->data;
  float *trust = motion->confidence->data, *flow = motion->flow_to_previous->data;
  double sum = 0;
  for (gint64 p = 0; p < n; p++) {
    if (is_static[p] > 0)
      trust[p] = 1, flow[p] = flow[n + p] = 0;
    sum += (double) trust[p];
  }
  motion->confident_01 = sum / (double) n;
}

gboolean
rv__frame_motion_next (RvFrameMotion *motion, RvImage *frame, GError **error)
{
  g_autoptr (RvTensor) last_grey = g_steal_pointer (&motion->grey);
  clear_pair (motion);
  rv_image_unref (motion->last);
  motion->last = motion->frame;
  motion->frame = rv_image_ref (frame);
  if (!(motion->grey = rv_flow_grey (frame, error)))
    return FALSE;
  if (!motion->last)
    return TRUE;
  if (!(motion->static_mask = rv__static_mask_new (frame, motion->rendered_from, error)))
    return FALSE;
  motion->static_01 = rv__static_mask_fraction (motion->static_mask);
  if (motion->static_01 == 1) { /* nothing moved */
    g_clear_pointer (&motion->flow_to_previous, rv_tensor_unref);
    g_clear_pointer (&motion->flow_to_current, rv_tensor_unref);
    motion->confident_01 = 1;
    return (motion->confidence = rv_tensor_to_f32 (motion->static_mask, error)) != NULL; /* all ones */
  }
  if (!estimate_flows (motion, last_grey, error) ||
      !rv__flow_detect_cut (motion->last->rgb, frame->rgb, motion->confidence, &motion->is_cut, error) ||
      !rv__static_mask_remove_moving (motion->static_mask, motion->grey, motion->flow_to_previous, error))
    return FALSE;
  motion->static_01 = rv__static_mask_fraction (motion->static_mask);
  trust_static (motion);
  return rv__video_warping_error (motion, motion->last, frame, &motion->source_error, error);
}

gboolean
rv__frame_motion_cost (RvFrameMotion *motion, RvImage *frame, double *seconds, GError **error)
{
  g_autoptr (RvImage) moved = rv_image_new (frame->width, frame->height, error); /* @frame, MOVED_PX to the left */
  const float *from = frame->rgb->data;
  for (gint64 row = 0; moved && row < 3 * (gint64) frame->height; row++)
    for (int x = 0; x < frame->width; x++)
      ((float *) moved->rgb->data)[row * frame->width + x] =
        from[row * frame->width + MIN (x + MOVED_PX, frame->width - 1)];
  if (!moved || !rv__frame_motion_next (motion, frame, error))
    return FALSE;
  rv__frame_motion_begin_shot (motion);
  gint64 began_us = g_get_monotonic_time ();
  if (!rv__frame_motion_next (motion, moved, error))
    return FALSE;
  *seconds = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
  return TRUE;
}

gboolean
rv__frame_motion_compare (RvFrameMotion *motion, RvImage *last, RvImage *frame, GError **error)
{
  g_autoptr (RvTensor) grey = rv_flow_grey (last, error);
  if (!grey)
    return FALSE;
  rv_image_unref (motion->frame);
  rv_tensor_unref (motion->grey);
  motion->frame = rv_image_ref (last);
  motion->grey = g_steal_pointer (&grey);
  rv__frame_motion_begin_shot (motion);
  return rv__frame_motion_next (motion, frame, error);
}

gboolean
rv__frame_motion_init_temporal_weight (RvFrameMotion *motion, GError **error)
{
  rv_tensor_unref (motion->temporal_weight);
  return (motion->temporal_weight = rv_tensor_to_f32 (motion->confidence, error)) != NULL;
}

void
rv__frame_motion_begin_shot (RvFrameMotion *motion)
{
  clear_shot (motion);
  rv_image_unref (motion->rendered_from);
  motion->rendered_from = rv_image_ref (motion->frame);
}

gboolean
rv__frame_motion_restore (RvFrameMotion *motion, RvImage *frame, GError **error)
{
  motion->frame = rv_image_ref (frame);
  motion->grey = rv_flow_grey (frame, error);
  return motion->grey != NULL;
}

/* (transfer full) (nullable): @picture, planes of the last frame, moved to the current one; a reference to @picture
 * if nothing moved. */
static RvTensor *
move_along_flow (const RvFrameMotion *motion, RvTensor *picture, GError **error)
{
  return motion->flow_to_previous ? rv_flow_warp (picture, motion->flow_to_previous, error) : rv_tensor_ref (picture);
}

/* ---- masks ------------------------------------------------------------------------------------------------------- */

/* Change between the masks @a and @b at pixel @p, 0..1. A mask has three planes of @n pixels. Differences within an
 * encoder's noise are 0. */
static float
mask_change (const float *a, const float *b, gint64 n, gint64 p)
{
  float most = 0;
  for (int c = 0; c < 3; c++)
    most = MAX (most, fabsf (a[c * n + p] - b[c * n + p]) / (float) WHITE);
  return most > MASK_NOISE ? MIN (most / MASK_CHANGE, 1) : 0;
}

gboolean
rv__frame_motion_lower_confidence (RvFrameMotion *motion, const RvImage *last, const RvImage *now, GError **error)
{
  gint64 n = rv_tensor_count (motion->confidence);
  g_autoptr (RvTensor) moved = move_along_flow (motion, last->rgb, error);
  g_autoptr (RvTensor) changed = moved ? rv_tensor_new (RV_F32, &motion->static_mask->shape, error) : NULL;
  float *trust = motion->confidence->data;
  double sum = 0;
  for (gint64 p = 0; changed && p < n; p++)
    ((float *) changed->data)[p] = mask_change (last->rgb->data, now->rgb->data, n, p) > 0;
  if (!changed || !rv__static_mask_remove_near (motion->static_mask, changed, error))
    return FALSE;
  motion->static_01 = rv__static_mask_fraction (motion->static_mask);
  for (gint64 p = 0; p < n; p++)
    sum += (double) (trust[p] *= 1 - mask_change (moved->data, now->rgb->data, n, p));
  motion->confident_01 = sum / (double) n;
  return TRUE;
}

/* ---- propagation ------------------------------------------------------------------------------------------------- */

RvImage *
rv__frame_motion_propagate (const RvFrameMotion *motion, const RvImage *result, const RvPropagation *propagation,
                            GError **error)
{
  const RvImage *frame = motion->frame;
  gint64 n = (gint64) frame->height * frame->width;
  const float *last = motion->last->rgb->data, *old = result->rgb->data;
  g_autoptr (RvTensor) residual = rv_tensor_new (RV_F32, &result->rgb->shape, error);
  for (gint64 i = 0; residual && i < 3 * n; i++)
    ((float *) residual->data)[i] = old[i] - last[i];
  g_autoptr (RvTensor) moved = residual ? move_along_flow (motion, residual, error) : NULL;
  RvImage *start = moved ? rv_image_new (frame->width, frame->height, error) : NULL;
  if (!start)
    return NULL;
  const float *now = frame->rgb->data, *more = moved->data;
  const float *is_static = motion->static_mask->data, *trust = motion->confidence->data;
  float *to = start->rgb->data, part = (float) propagation->part_01;
#pragma omp parallel for schedule(static) if (n >= RV_PARALLEL_MIN)
  for (gint64 p = 0; p < n; p++)
    for (int c = 0; c < 3; c++) {
      gint64 i = c * n + p;
      to[i] = is_static[p] > 0 ? old[i] : now[i] + part * (propagation->only_trusted ? trust[p] : 1) * more[i];
    }
  return start;
}

gboolean
rv__frame_motion_commit (RvFrameMotion *motion, const RvImage *start, RvImage *made, GError **error)
{
  int width = motion->frame->width, height = motion->frame->height;
  gint64 n = (gint64) height * width;
  RvImage *rendered_from = rv_image_new (width, height, error);
  if (!rendered_from)
    return FALSE;
  const float *is_static = motion->static_mask->data, *now = motion->frame->rgb->data,
              *then = motion->rendered_from->rgb->data;
  for (gint64 i = 0; i < 3 * n; i++) {
    ((float *) rendered_from->rgb->data)[i] = is_static[i % n] > 0 ? then[i] : now[i];
    if (made && is_static[i % n] > 0)
      ((float *) made->rgb->data)[i] = ((const float *) start->rgb->data)[i];
  }
  rv_image_unref (motion->rendered_from);
  motion->rendered_from = rendered_from;
  return TRUE;
}

gboolean
rv__video_warping_error (const RvFrameMotion *motion, const RvImage *last, const RvImage *new, double *found,
                         GError **error)
{
  g_autoptr (RvTensor) warped = move_along_flow (motion, last->rgb, error);
  gint64 n = (gint64) new->height *new->width;
  double sum = 0, weight = 0;
  if (!warped)
    return FALSE;
  const float *a = warped->data, *b = new->rgb->data, *trust = motion->confidence->data;
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
