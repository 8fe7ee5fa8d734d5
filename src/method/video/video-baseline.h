/* video-baseline.h -- a few pairs of frames that are also made independently, for comparison. Layer 6 (method). */
#pragma once

#include "method/video/video-motion.h"

#define RV_VIDEO_MAX_PAIRS 100

/* Pairs of baseline frames and their warping error. */
typedef struct {
  int n_pairs;     /* requested number of pairs */
  gint64 n_frames; /* frames of the video; 0: unknown, no pairs are made */
  RvImage *first;  /* result of the frame that was added last; owned */
  int n_made;      /* pairs measured so far */
  double error;    /* mean rv__video_warping_error() of the pairs */
} RvFrameBaseline;

/* Whether frame @k, from 1, belongs to a pair, as its first or second frame. The n_pairs pairs are spread evenly over
 * the video. FALSE without pairs, or if n_frames is 0: unknown. */
gboolean rv__frame_baseline_is_required (const RvFrameBaseline *baseline, gint64 k);

/* Stores @made (referenced), the independent result of frame @k, from 1, and releases the result added before. If @k
 * ends a pair and no cut lies between its frames, first adds the pair's warping error to the mean `error`. Call it for
 * each required frame, in order. @motion: from frame @k - 1 to @k. An error leaves @baseline unchanged. */
gboolean rv__frame_baseline_add (RvFrameBaseline *baseline, gint64 k, RvImage *made, const RvFrameMotion *motion,
                                 GError **error);
