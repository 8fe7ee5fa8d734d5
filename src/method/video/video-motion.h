/* video-motion.h -- how a film's frame follows from the one before: what moved where, what can be trusted, what stayed.
 * Layer 6 (method). */
#ifndef RV_VIDEO_MOTION_H
#define RV_VIDEO_MOTION_H

#include <gio/gio.h>
#include <reverie/flow.h>

typedef struct {
  RvSettings *settings;      /* of the kind "flow" */
  GCancellable *cancellable; /* borrowed; or NULL */
  RvImage *frame, *last;     /* the newest; the one before, NULL before the second */
  RvTensor *grey;            /* of the newest */
  RvTensor *flow_to_previous,
    *flow_to_current;             /* flows between the two, [1, 2, height, width] px; NULL where nothing moved at all */
  RvImage *rendered_from;         /* each pixel as the film had it when its result was last made */
  RvTensor *pending_disocclusion; /* [1, 1, height, width], 0..1: what came into view and waits for more beside it;
                        NULL: nothing does. rv__disocclusion_add() */

  /* Of the newest frame, where it continues a shot: */
  gboolean is_cut;             /* a new shot begins with it; what follows is not set then */
  RvTensor *confidence;        /* [1, 1, height, width], 0..1: how far to_last can be trusted */
  RvTensor *temporal_weight;   /* likewise, once rv__frame_motion_init_temporal_weight() was called: how far what is
                       carried is held to:   trust, and what else is known */
  RvTensor *static_mask;       /* likewise, 0 or 1: where the film has not changed since the result was made */
  double still_01, trusted_01; /* their means */
  double source_error;         /* rv__video_warping_error() of the film itself */
} RvFrameMotion;

/* rv__frame_motion_new, rv__frame_motion_like: (transfer full) (nullable): @threads: 0: one for each core.
 * @cancellable: (nullable): borrowed. RV_ERROR_SETTING. */
RvFrameMotion *rv__frame_motion_new (gint64 threads, GCancellable *cancellable, GError **error);
RvFrameMotion *rv__frame_motion_like (const RvFrameMotion *motion, GError **error);
void rv__frame_motion_free (RvFrameMotion *motion);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFrameMotion, rv__frame_motion_free)

/* rv__frame_motion_next: looks at the next frame, of the size of the others. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__frame_motion_next (RvFrameMotion *motion, RvImage *frame, GError **error);

/* rv__frame_motion_cost: about how many seconds rv__frame_motion_next() takes for each frame like @frame; measured.
 * @motion is spent. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__frame_motion_cost (RvFrameMotion *motion, RvImage *frame, double *seconds, GError **error);

/* rv__frame_motion_compare: as if @last, of which all was made, and @frame were all of a film, whatever was looked at
 * before. As rv__frame_motion_next(). */
gboolean rv__frame_motion_compare (RvFrameMotion *motion, RvImage *last, RvImage *frame, GError **error);

/* rv__frame_motion_init_temporal_weight: of a frame that continues a shot: held becomes a copy of trust.
 * RV_ERROR_MEMORY. */
gboolean rv__frame_motion_init_temporal_weight (RvFrameMotion *motion, GError **error);

/* rv__frame_motion_lower_confidence: of a frame that continues a shot, made with a mask that was @last and is @now:
 * where the last one, as it moved, is not what it is now, the flow is trusted as much less; around what has changed,
 * nothing stays as it was made. RV_ERROR_MEMORY. */
gboolean rv__frame_motion_lower_confidence (RvFrameMotion *motion, const RvImage *last, const RvImage *now,
                                            GError **error);

/* rv__frame_motion_begin_shot: a shot begins with the newest frame, of which everything is about to be made.
 * RV_ERROR_MEMORY.
 */
gboolean rv__frame_motion_begin_shot (RvFrameMotion *motion, GError **error);

/* rv__frame_motion_restore: @frame is the newest, of a film that goes on; flows and made_of are set. RV_ERROR_MEMORY.
 */
gboolean rv__frame_motion_restore (RvFrameMotion *motion, RvImage *frame, GError **error);

/* What of a result goes into the next. */
typedef struct {
  double part_01;        /* of what it has besides the film */
  gboolean only_trusted; /* as far as the flow can be trusted; else everywhere */
} RvPropagation;

/* rv__frame_motion_propagate: (transfer full) (nullable): @result, made of the last frame, as it moved to the newest:
 * what it has besides the film is carried, so that light may change; where nothing changed, @result as it is.
 * RV_ERROR_MEMORY. */
RvImage *rv__frame_motion_propagate (const RvFrameMotion *motion, const RvImage *result, const RvPropagation *carry,
                                     GError **error);

/* rv__frame_motion_commit: @made becomes @start where nothing changed, and what was made anew is remembered, in a new
 * picture: a state holds the old one. NULL, NULL: by another process, of a shot that is its. RV_ERROR_MEMORY. */
gboolean rv__frame_motion_commit (RvFrameMotion *motion, const RvImage *start, RvImage *made, GError **error);

/* rv__video_warping_error: sum m |new - warped last|^2 / sum m of colours 0..1, as far as the flow is trusted; 0 where
 * it is nowhere. Lai et al. 2018, "Learning blind video temporal consistency". RV_ERROR_MEMORY. */
gboolean rv__video_warping_error (const RvFrameMotion *motion, const RvImage *last, const RvImage *new, double *found,
                                  GError **error);

#endif
