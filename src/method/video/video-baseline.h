/* video-baseline.h -- what frames are that know nothing of each other: a few pairs of a film are made alone as well,
 * for comparison. Layer 6 (method). */
#ifndef RV_JOB_VIDEO_BASELINE_H
#define RV_JOB_VIDEO_BASELINE_H

#include "method/video/video-motion.h"

#define RV_VIDEO_MAX_PAIRS 100

typedef struct {
  int n_pairs;     /* wanted */
  gint64 n_frames; /* of the film; 0, nobody knows: none are made */
  RvImage *first;  /* of the pair that is being made */
  int n_made;
  double error; /* their mean rv__video_warping_error() */
} RvFrameBaseline;

/* rv__frame_baseline_is_required: whether frame @k (1, 2, ...) is the first or the second of a pair: they lie evenly in
 * the film.
 */
gboolean rv__frame_baseline_is_required (const RvFrameBaseline *alone, gint64 k);

/* rv__frame_baseline_add: frame @k, which is wanted, was made alone: @made. @motion: of that frame. RV_ERROR_MEMORY. */
gboolean rv__frame_baseline_add (RvFrameBaseline *alone, gint64 k, RvImage *made, const RvFrameMotion *motion,
                                 GError **error);
void rv__frame_baseline_clear (RvFrameBaseline *alone);

#endif
