/* video-style.h -- style transfer on videos, steady from frame to frame. Layer 6 (method). */
#pragma once

#include "method/video/mask-tracker.h"
#include "method/video/video.h"
#include "method/style/style.h"

/* Inputs of a style video. Members are borrowed; pictures that are needed longer are referenced. */
typedef struct {
  const RvSettings *settings; /* for the first frame of each shot, a whole run */
  gint64 frame_iterations;    /* for other frames, at the last scale only */
  RvNet *net;
  RvImage *const *styles;
  int n_styles;
  RvImage *const *masks; /* one for each style, or NULL; may change with each frame */
  /* of regions, which the caller advances with the frames; NULL: none. Excludes `masks`, and needs one style */
  const RvMaskTracker *regions;
  RvImage *const *protect; /* pointer to the mask; NULL: nothing is protected. May change with each frame */
  RvImage *const *keep;    /* pointer to the mask of what `keep` names; NULL: nothing. May change with each frame */
  RvImage *const *faces; /* pointer to the mask of faces; NULL: each frame finds its own. May change with each frame */
  RvKernelTable *kernels;
  RvStopRequest stop_request;
} RvVideoStyleSpec;

/* A renderer of style videos; the caller frees renderer.maker by renderer.free(). @spec: copied. In begin_work, all
 * coarser scales together count as much as the last scale. */
RvFrameRenderer rv__video_style_renderer (const RvVideoStyleSpec *spec);
