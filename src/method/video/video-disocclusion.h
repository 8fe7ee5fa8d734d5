/* video-disocclusion.h -- disocclusion: areas that earlier frames did not show. Layer 6 (method). */
#pragma once

#include "method/video/video-motion.h"

/* (transfer full) (nullable): the disocclusion of motion->frame, f32 [1, 1, height, width]: 0: the previous frame
 * showed the pixel; 1: it did not. All 0 if nothing moved. The frame must continue a shot and have its
 * temporal_weight. */
RvTensor *rv__disocclusion_new (const RvFrameMotion *motion, GError **error);

/* A window of a frame, px. */
typedef struct {
  int x, y, width, height;
} RvVideoRegion;

/* Moves motion->pending_disocclusion, if any, along the flow, and sets each of its pixels to the maximum with
 * rv__disocclusion_new(). If it is NULL: sets it to rv__disocclusion_new(). If nothing moved, does nothing and
 * returns TRUE. An error leaves motion->pending_disocclusion unchanged. */
gboolean rv__disocclusion_add (RvFrameMotion *motion, GError **error);

/* Sets *window to a window around all areas of @pending that are wide enough for a stroke, with a margin of 64 px.
 * Its edges are on multiples of 64 px or at the frame's border, so windows of successive frames are often equal. It
 * is then lengthened, if necessary, to a quarter of the frame's longer side. @pending: f32 [1, 1, height, width],
 * 0..1. *found: FALSE: no area is wide enough; TRUE is returned and *window is unchanged. An error leaves both
 * unchanged. */
gboolean rv__disocclusion_compute_region (const RvTensor *pending, RvVideoRegion *window, gboolean *found,
                                          GError **error);

/* (transfer full) (nullable): a copy of @pending, f32 [1, 1, height, width], within *window, and 0 elsewhere. Sets
 * @pending to 0 within *window, which is in the frame. An error leaves @pending unchanged. */
RvTensor *rv__disocclusion_extract (RvTensor *pending, const RvVideoRegion *window, GError **error);
