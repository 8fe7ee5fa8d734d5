/* video-disocclusion.h -- disocclusion: areas that earlier frames did not show. Layer 6 (method). */
#ifndef RV_VIDEO_DISOCCLUSION_H
#define RV_VIDEO_DISOCCLUSION_H

#include "method/video/video-motion.h"

/* Plane f32 [1, 1, height, width], 0..1: how much each pixel is uncovered in a frame that continues a shot. (transfer
 * full) (nullable). Call rv__frame_motion_init_temporal_weight() first. RV_ERROR_MEMORY. */
RvTensor *rv__disocclusion_new (const RvFrameMotion *motion, GError **error);

/* A window of a frame, px. */
typedef struct {
  int x, y, width, height;
} RvVideoRegion;

/* Moves motion->pending_disocclusion along the flow and adds the uncovered area of the frame. Does nothing if nothing
 * moved. RV_ERROR_MEMORY; the areas are then unchanged. */
gboolean rv__disocclusion_add (RvFrameMotion *motion, GError **error);

/* Sets *window to the window around all @waiting areas that are wide enough for a stroke, with a margin for strokes.
 * Its size changes in steps, so that windows of successive frames are equal. *found: FALSE: no area is wide enough, and
 * *window is unchanged. RV_ERROR_MEMORY. */
gboolean rv__disocclusion_compute_region (const RvTensor *waiting, RvVideoRegion *window, gboolean *found,
                                          GError **error);

/* The @waiting areas within the window, as a plane of the frame's size, else 0. (transfer full) (nullable). Sets them
 * to 0 in @waiting. RV_ERROR_MEMORY. */
RvTensor *rv__disocclusion_extract (RvTensor *waiting, const RvVideoRegion *window, GError **error);

#endif
