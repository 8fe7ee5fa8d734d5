/* video-keyframe-blend.h -- blends frames toward a later one: the first frame of a loop, or a keyframe.
 * Layer 6 (method). */
#ifndef RV_JOB_VIDEO_KEYFRAME_BLEND_H
#define RV_JOB_VIDEO_KEYFRAME_BLEND_H

#include "method/video/video-motion.h"

/* Later frame that frames blend toward: the target. Zeros: no target. */
typedef struct {
  RvImage *frame;    /* source frame of the target; NULL: no target */
  RvImage *result;   /* result of the target */
  gint64 at;         /* number of the target frame; for a loop, one after the last */
  gint64 tail;       /* number of frames before it that blend toward it */
  RvFrameMotion *to; /* motion between the target and the current frame */
} RvKeyframeBlend;

/* Sets the target: @frame with its @result (both referenced). The caller sets `at` and `tail`. @threads: 0: one for
 * each core. @cancellable: borrowed (nullable). RV_ERROR_SETTING. */
gboolean rv__keyframe_blend_begin (RvKeyframeBlend *blend, RvImage *frame, RvImage *result, gint64 threads,
                                   GCancellable *cancellable, GError **error);
/* Removes the target; `at` and `tail` stay. */
void rv__keyframe_blend_clear (RvKeyframeBlend *blend);

/* Weight of the target at frame @k, from 1: 0 before the tail or without a target, then rising linearly to 1. */
double rv__keyframe_blend_weight (const RvKeyframeBlend *blend, gint64 k);

/* Blends @start, the start of motion->frame, in place toward the target with weight @part_01 where the flow is
 * confident. Raises motion->temporal_weight there. Clears static_mask where @start still differs, and updates still_01.
 * Does nothing if a cut lies between. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__keyframe_blend_apply (RvKeyframeBlend *blend, double part_01, const RvPropagation *propagation,
                                   RvFrameMotion *motion, RvImage *start, GError **error);

#endif
