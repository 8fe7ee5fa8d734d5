/* video-learned.h -- videos in learned styles, each frame in one pass.
 * Layer 6 (method). Wang et al. 2020, "Consistent video style transfer via relaxation and regularization": a style
 * network that was trained on pictures is steady on videos if its training made it insensitive to small motions. */
#pragma once

#include "method/video/video.h"

/* Functions and settings of a video in a learned style. All members are borrowed. */
typedef struct {
  /* Paints @frame. (transfer full) (nullable): NULL: *error is set. */
  RvImage *(*paint) (gpointer user_data, RvImage *frame, GError **error);
  /* (transfer full) (nullable): @made, with the pixels of @frame where all masks are black and outside the mask of
   * `only`. In the mask of `keep` @made is blended with the recoloured frame. */
  RvImage *(*restore_unpainted) (gpointer user_data, RvImage *made, RvImage *frame, GError **error);
  gpointer user_data;
  double temporal_weight; /* setting `temporal-weight` */
  gint64 n_threads;       /* for flows and loops; 0: one for each core */
} RvVideoLearnedSpec;

/* A renderer whose data, `maker`, is @spec: borrowed, complete before the call; must outlive the renderer. The
 * caller sets `plan`. Nothing to free. */
RvFrameRenderer rv__video_learned_renderer (RvVideoLearnedSpec *spec);
