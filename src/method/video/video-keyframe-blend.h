/* video-keyframe-blend.h -- what a film's frames flow into: its own beginning, where it is played round and round, or a
 * frame that somebody has painted. Layer 6 (method). */
#ifndef RV_JOB_VIDEO_KEYFRAME_BLEND_H
#define RV_JOB_VIDEO_KEYFRAME_BLEND_H

#include "method/video/video-motion.h"

typedef struct {
  RvImage *frame;    /* the film's; NULL: there is nothing to flow into */
  RvImage *result;   /* what became of it */
  gint64 at;         /* the place it has: that of a frame, or the one after the last */
  gint64 tail;       /* so many frames before it flow into it */
  RvFrameMotion *to; /* from it to the newest of these */
} RvKeyframeBlend;

/* rv__keyframe_blend_begin: @frame, of which @result became, is what is ahead now; neither is changed. RV_ERROR_MEMORY.
 */
gboolean rv__keyframe_blend_begin (RvKeyframeBlend *ahead, RvImage *frame, RvImage *result, gint64 threads,
                                   GCancellable *cancellable, GError **error);
void rv__keyframe_blend_clear (RvKeyframeBlend *ahead);

/* rv__keyframe_blend_weight: how much of frame @k (1, 2, ...) is to come from it: 0 before the tail, and rising evenly
 * to 1 where it is. */
double rv__keyframe_blend_weight (const RvKeyframeBlend *ahead, gint64 k);

/* rv__keyframe_blend_apply: @start, which frame @motion->frame is made from, becomes as much of the result ahead as
 * @part_01 says, as it moved from there and where that can be trusted; there the start can be, and what stands still
 * moves until it is there. RV_ERROR_MEMORY. */
gboolean rv__keyframe_blend_apply (RvKeyframeBlend *ahead, double part_01, const RvPropagation *carry,
                                   RvFrameMotion *motion, RvImage *start, GError **error);

#endif
