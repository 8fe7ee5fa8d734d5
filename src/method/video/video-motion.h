/* video-motion.h -- motion between successive frames of a video: flows, confidence, static areas. Layer 6 (method). */
#pragma once

#include <gio/gio.h>
#include <reverie/flow.h>

/* Motion from the frame before to the current frame. */
typedef struct {
  RvSettings *settings;                         /* settings of the kind "flow" */
  RvImage *frame, *last;                        /* the current frame; the one before, or NULL */
  RvTensor *grey;                               /* grey version of `frame` */
  RvTensor *flow_to_previous, *flow_to_current; /* [1, 2, height, width] px; NULL if nothing moved */
  RvImage *rendered_from;                       /* each pixel of the source when its result was last rendered */
  /* [1, 1, height, width], 0..1: disoccluded areas that are too narrow to paint; or NULL. See rv__disocclusion_add() */
  RvTensor *pending_disocclusion;

  /* Valid if the current frame continues a shot: */
  gboolean is_cut;      /* begins a shot; the members below are meaningless then */
  RvTensor *confidence; /* [1, 1, height, width], 0..1: confidence of flow_to_previous */
  /* f32 [1, 1, height, width], 0..1: weight of the temporal loss at each pixel. rv__frame_motion_init_temporal_weight()
   * sets it to `confidence`; long-term frames and keyframes raise it. */
  RvTensor *temporal_weight;
  /* [1, 1, height, width], 0 or 1: the source has not changed since the result was rendered */
  RvTensor *static_mask;
  double static_01, confident_01; /* means of static_mask and confidence */
  double source_error;            /* rv__video_warping_error() of the source */
} RvFrameMotion;

/* (transfer full) (nullable): a motion without frames. @threads: for flows, 0 to 1024; 0: one for each core. */
RvFrameMotion *rv__frame_motion_new (gint64 threads, GError **error);
/* Frees @motion (nullable) and releases its frames. */
void rv__frame_motion_free (RvFrameMotion *motion);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFrameMotion, rv__frame_motion_free)

/* Makes the current frame `last`, and @frame (referenced) the current frame. Frees temporal_weight. Sets both flows,
 * is_cut, confidence, static_mask, static_01, confident_01 and source_error; for the first frame, none. If no pixel
 * changed, there are no flows and confidence is 1. All frames have one size. Then call rv__frame_motion_begin_shot()
 * after the first frame or a cut, else rv__frame_motion_commit(). After an error, @motion may only be freed. */
gboolean rv__frame_motion_next (RvFrameMotion *motion, RvImage *frame, GError **error);

/* Sets *seconds to the time of one rv__frame_motion_next(), measured on @frame and a copy that is moved by 3 px.
 * @motion: new. @motion may only be freed afterwards. Blocks. An error leaves *seconds unchanged. */
gboolean rv__frame_motion_cost (RvFrameMotion *motion, RvImage *frame, double *seconds, GError **error);

/* Replaces all frames of @motion by @last and @frame (referenced), and sets the motion from @last to @frame as
 * rv__frame_motion_next() does. Static pixels equal @last. Both have one size. */
gboolean rv__frame_motion_compare (RvFrameMotion *motion, RvImage *last, RvImage *frame, GError **error);

/* Replaces motion->temporal_weight by a copy of motion->confidence. The frame continues a shot. */
gboolean rv__frame_motion_init_temporal_weight (RvFrameMotion *motion, GError **error);

/* Multiplies motion->confidence by 1 - change; change, 0..1, compares @now, a mask of the user for the current frame,
 * with @last, its mask for the last frame, which this function moves along the flow. Clears static_mask up to 12 px
 * around pixels at which @last, not moved, differs from @now. Updates confident_01 and static_01. Both masks have the
 * frames' size. The frame continues a shot. An error leaves the confidence unchanged. */
gboolean rv__frame_motion_lower_confidence (RvFrameMotion *motion, const RvImage *last, const RvImage *now,
                                            GError **error);

/* Begins a shot with motion->frame, all of which will be rendered: rendered_from becomes a reference to it. Frees
 * both flows and pending_disocclusion. Cannot fail. */
void rv__frame_motion_begin_shot (RvFrameMotion *motion);

/* Sets the current frame of a new @motion, for a resumed video: @frame (referenced), the last finished one. The caller
 * sets both flows, pending_disocclusion and rendered_from. */
gboolean rv__frame_motion_restore (RvFrameMotion *motion, RvImage *frame, GError **error);

/* Propagation of a result to the next frame. */
typedef struct {
  double part_01;        /* factor of the result's difference to the source, 0 to 1 */
  gboolean only_trusted; /* multiply by the flow's confidence, 0 to 1, too */
} RvPropagation;

/* (transfer full) (nullable): the current frame plus propagation->part_01 times (@result - last frame), with the
 * difference moved along the flow. @result: of the last frame. With propagation->only_trusted, the confidence weights
 * this difference, too. Static pixels are those of @result. The frame continues a shot. */
RvImage *rv__frame_motion_propagate (const RvFrameMotion *motion, const RvImage *result,
                                     const RvPropagation *propagation, GError **error);

/* Ends a frame that continues a shot. Copies static pixels from @start to @made, in place. Replaces rendered_from by a
 * new picture, in which all pixels but the static ones are those of the frame. The old picture is not overwritten,
 * because states share it. Both NULL: another process renders the frame; only replaces rendered_from. An error
 * changes nothing. */
gboolean rv__frame_motion_commit (RvFrameMotion *motion, const RvImage *start, RvImage *made, GError **error);

/* Sets *found to sum m |new - warped last|^2 / sum m over pixels, colours in 0..1, m: motion->confidence; to 0 if m is
 * 0 everywhere. @last, @new: both results, or both sources, of motion->last and motion->frame, which continues a shot.
 * Lai et al. 2018, "Learning blind video temporal consistency". An error leaves *found unchanged. */
gboolean rv__video_warping_error (const RvFrameMotion *motion, const RvImage *last, const RvImage *new, double *found,
                                  GError **error);
