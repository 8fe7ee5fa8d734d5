/* video-disocclusion.h -- where a frame shows what nobody has painted yet.
 * Layer 6 (method). */
#ifndef RV_VIDEO_DISOCCLUSION_H
#define RV_VIDEO_DISOCCLUSION_H

#include "method/video/video-motion.h"

/* rv__disocclusion_new: (transfer full) (nullable): of a frame that continues a shot, once
 * rv__frame_motion_init_temporal_weight() was called: f32 [1, 1, height, width], 0..1: how far what is carried to a
 * pixel has nothing to do with what is there. RV_ERROR_MEMORY. */
RvTensor *rv__disocclusion_new (const RvFrameMotion *motion, GError **error);

/* A part of a frame, px. */
typedef struct {
  int x, y, width, height;
} RvVideoRegion;

/* rv__disocclusion_add: what the frame uncovers waits with what waited before, as that moved. RV_ERROR_MEMORY. */
gboolean rv__disocclusion_add (RvFrameMotion *motion, GError **error);

/* rv__disocclusion_region: what has to be looked at to paint what is @waiting, where that is wide enough for a
 * stroke: that, and enough around it for strokes to run into; FALSE: nowhere is it. *found, or RV_ERROR_MEMORY. It
 * changes by steps, so that the windows of successive frames are alike. */
gboolean rv__disocclusion_region (const RvTensor *waiting, RvVideoRegion *window, gboolean *found, GError **error);

/* rv__disocclusion_extract: (transfer full) (nullable): what is @waiting within the window, 0 beyond, and waits no
 * more. RV_ERROR_MEMORY. */
RvTensor *rv__disocclusion_extract (RvTensor *waiting, const RvVideoRegion *window, GError **error);

#endif
