/* video-learned.h -- videos in learned styles, each frame in one pass.
 * Layer 6 (method). Wang et al. 2020, "Consistent video style transfer via relaxation and regularization": a style
 * network that was trained on pictures is steady on videos if its training made it insensitive to small motions. */
#pragma once

#include "method/video/video.h"

/* Renderer of frames, and the weight of their stability. All members are borrowed. */
typedef struct {
  RvImage *(*paint) (gpointer user_data, RvImage *frame, GError **error); /* (transfer full) (nullable) */
  /* (transfer full) (nullable): @made with @frame where all masks are black, and where the settings `only` and `keep`
   * restore it. */
  RvImage *(*restore_unpainted) (gpointer user_data, RvImage *made, RvImage *frame, GError **error);
  gpointer user_data;
  double temporal_weight;
  gint64 n_threads;          /* for flows and loops; 0: one for each core */
  GCancellable *cancellable; /* for flows; or NULL */
} RvVideoLearnedSpec;

/* A renderer by @spec, which is its maker, borrowed; the caller sets `plan`. Its errors: those of spec->paint() and
 * spec->restore_unpainted(). */
RvFrameRenderer rv__video_learned_renderer (RvVideoLearnedSpec *spec);
