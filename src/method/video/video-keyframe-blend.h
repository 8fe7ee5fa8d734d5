/* video-keyframe-blend.h -- blends frames toward a later one: the first frame of a loop, or a keyframe.
 * Layer 6 (method). */
#pragma once

#include "method/video/video-motion.h"

/* Later frame that frames blend toward: the target. Zeros: no target. */
typedef struct {
  RvImage *frame;    /* source frame of the target; NULL: no target */
  RvImage *result;   /* result of the target */
  gint64 at;         /* number of the target frame; for a loop, one after the last */
  gint64 tail;       /* number of frames before the target that blend toward it */
  RvFrameMotion *to; /* motion between the target and the current frame */
} RvKeyframeBlend;

/* Replaces the target by @frame with its @result, both referenced. The caller sets `at` and `tail`. @threads: for
 * flows, 0 to 1024; 0: one for each core. After an error, the blend may only be cleared. */
gboolean rv__keyframe_blend_begin (RvKeyframeBlend *blend, RvImage *frame, RvImage *result, gint64 threads,
                                   GError **error);
/* Removes the target and releases its pictures; `at` and `tail` stay. May be repeated. */
void rv__keyframe_blend_clear (RvKeyframeBlend *blend);

/* Weight of the target at frame @k, from 1. Rises linearly over the tail from 1 / (tail + 1) to tail / (tail + 1),
 * and is 1 from the target on. 0 before the tail, and without a target or tail. */
double rv__keyframe_blend_weight (const RvKeyframeBlend *blend, gint64 k);

/* Clears motion->static_mask where @start, the start picture of motion->frame, differs visibly from the target, which
 * must be set, moved along the flow; updates motion->static_01. Then blends the pixels of @start that are not static
 * toward the target, with weight @part_01 times the flow's confidence, and raises motion->temporal_weight to that
 * weight. If a cut lies between that frame and the target, does nothing and returns TRUE. An error leaves @start
 * and @motion unchanged. */
gboolean rv__keyframe_blend_apply (RvKeyframeBlend *blend, double part_01, const RvPropagation *propagation,
                                   RvFrameMotion *motion, RvImage *start, GError **error);
