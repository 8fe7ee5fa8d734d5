/* video-motion.h -- motion between successive frames of a video: flows, confidence, static areas. Layer 6 (method). */
#ifndef RV_VIDEO_MOTION_H
#define RV_VIDEO_MOTION_H

#include <gio/gio.h>
#include <reverie/flow.h>

/* Motion from the frame before to the current frame. */
typedef struct {
  RvSettings *settings;                         /* settings of the kind "flow" */
  GCancellable *cancellable;                    /* borrowed; or NULL */
  RvImage *frame, *last;                        /* the current frame; the one before, or NULL */
  RvTensor *grey;                               /* grey version of `frame` */
  RvTensor *flow_to_previous, *flow_to_current; /* [1, 2, height, width] px; NULL if nothing moved */
  RvImage *rendered_from;                       /* each pixel of the source when its result was last rendered */
  /* [1, 1, height, width], 0..1: uncovered areas that are too narrow to paint; or NULL. rv__disocclusion_add() */
  RvTensor *pending_disocclusion;

  /* Valid if the current frame continues a shot: */
  gboolean is_cut;      /* begins a shot; the members below are not set then */
  RvTensor *confidence; /* [1, 1, height, width], 0..1: confidence of flow_to_previous */
  /* f32 [1, 1, height, width], 0..1: weight of the temporal loss at each pixel. rv__frame_motion_init_temporal_weight()
   * sets it to `confidence`; long-term frames and keyframes raise it. */
  RvTensor *temporal_weight;
  /* [1, 1, height, width], 0 or 1: the source has not changed since the result was rendered */
  RvTensor *static_mask;
  double still_01, trusted_01; /* means of static_mask and confidence */
  double source_error;         /* rv__video_warping_error() of the source */
} RvFrameMotion;

/* A motion without frames. (transfer full) (nullable). @threads: 0: one for each core. @cancellable (nullable):
 * borrowed. RV_ERROR_SETTING. */
RvFrameMotion *rv__frame_motion_new (gint64 threads, GCancellable *cancellable, GError **error);
/* A motion without frames, with the settings and the cancellable of @motion. (transfer full) (nullable). */
RvFrameMotion *rv__frame_motion_new_like (const RvFrameMotion *motion, GError **error);
/* @motion (nullable). */
void rv__frame_motion_free (RvFrameMotion *motion);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFrameMotion, rv__frame_motion_free)

/* Makes @frame (referenced) the current frame and the current one the last. Computes the motion, except
 * temporal_weight; for the first frame, nothing. Frames have the same size. Then call rv__frame_motion_begin_shot() if
 * is_cut or for the first frame, else rv__frame_motion_commit(). RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__frame_motion_next (RvFrameMotion *motion, RvImage *frame, GError **error);

/* Sets *seconds to the time that rv__frame_motion_next() takes, on @frame and a panned copy. @motion may only be freed
 * afterwards. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__frame_motion_cost (RvFrameMotion *motion, RvImage *frame, double *seconds, GError **error);

/* Replaces all frames of @motion by @last and @frame (referenced), and computes the motion between them. All of @last
 * counts as rendered. Errors: those of rv__frame_motion_next(). */
gboolean rv__frame_motion_compare (RvFrameMotion *motion, RvImage *last, RvImage *frame, GError **error);

/* Replaces `temporal_weight` by a copy of `confidence`, for a frame that continues a shot. RV_ERROR_MEMORY. */
gboolean rv__frame_motion_init_temporal_weight (RvFrameMotion *motion, GError **error);

/* Lowers `confidence` where the mask @last, moved along the flow, differs from the mask @now, for a frame that
 * continues a shot. Clears static_mask around changes. Updates both means. RV_ERROR_MEMORY. */
gboolean rv__frame_motion_lower_confidence (RvFrameMotion *motion, const RvImage *last, const RvImage *now,
                                            GError **error);

/* Begins a shot with the current frame, all of which will be rendered: rendered_from is a copy of it. Frees the flows
 * and pending_disocclusion. RV_ERROR_MEMORY. */
gboolean rv__frame_motion_begin_shot (RvFrameMotion *motion, GError **error);

/* Sets the current frame of a resumed video (referenced), without motion. The caller sets flows and rendered_from.
 * RV_ERROR_MEMORY. */
gboolean rv__frame_motion_restore (RvFrameMotion *motion, RvImage *frame, GError **error);

/* Propagation of a result to the next frame. */
typedef struct {
  double part_01;        /* factor of the result's difference to the source, 0 to 1 */
  gboolean only_trusted; /* multiply by the flow's confidence, 0 to 1, too */
} RvPropagation;

/* (transfer full) (nullable): the current frame + part_01 * (@result - last frame), with the difference moved along the
 * flow. @result: the last frame's. With only_trusted the flow's confidence weights the difference, too. Static pixels
 * are those of @result. RV_ERROR_MEMORY. */
RvImage *rv__frame_motion_propagate (const RvFrameMotion *motion, const RvImage *result,
                                     const RvPropagation *propagation, GError **error);

/* Ends a frame that continues a shot: copies static pixels from @start to @made, and replaces rendered_from by a new
 * picture, because states hold the old one. Both NULL: another process renders the frame; only replaces rendered_from.
 * RV_ERROR_MEMORY. */
gboolean rv__frame_motion_commit (RvFrameMotion *motion, const RvImage *start, RvImage *made, GError **error);

/* Sets *found to sum m |new - warped last|^2 / sum m over pixels, colours in 0..1, m: confidence; to 0 if m is 0
 * everywhere. @last, @new: results or sources of motion->last and motion->frame. Lai et al. 2018, "Learning blind video
 * temporal consistency". RV_ERROR_MEMORY. */
gboolean rv__video_warping_error (const RvFrameMotion *motion, const RvImage *last, const RvImage *new, double *found,
                                  GError **error);

#endif
