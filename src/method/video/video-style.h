/* video-style.h -- style transfer on videos, steady from frame to frame. Layer 6 (method). */
#pragma once

#include "method/video/video.h"
#include "method/style/style.h"

/* Inputs of a style video. Members are borrowed; pictures that are needed longer are referenced. */
typedef struct {
  const RvSettings *settings; /* for the first frame of each shot, a whole run */
  gint64 frame_iterations;    /* for other frames, at the last scale only */
  RvNet *net;
  RvImage *const *styles;
  int n_styles;
  RvImage *const *masks;   /* one for each style, or NULL; masks and *protect may change with each frame */
  RvImage *const *protect; /* pointer to the mask; NULL: nothing is protected */
  RvImage *const *keep;    /* pointer to the mask of what `keep` names; NULL: nothing. May change with each frame */
  RvKernelTable *kernels;
  RvStopRequest stop_request;
} RvVideoStyleSpec;

/* Paints all frames of @frames, or those after frames->state, and passes each to add(). @progress: (nullable); counts
 * iterations, all coarser scales together as the last one. Overwrites *result, also after an error. Returns TRUE also
 * if stopped or cancelled. Errors: those of @frames, rv__style_new() and rv__style_run(); RV_ERROR_FORMAT for a state
 * of another video. Blocks. */
gboolean rv__video_style_run (const RvVideoStyleSpec *spec, const RvVideoRunSpec *frames, RvVideoFunc progress,
                              gpointer user_data, RvVideoResult *result, GError **error);

/* Plans a video from its first frame, @frame, and measures evaluations. Overwrites *first and *next, for one frame
 * each: one that begins a shot, one that continues it. Adds nothing for flows. Errors: those of rv__style_new() and
 * rv__style_plan(); both may be set then. */
gboolean rv__video_style_plan (const RvVideoStyleSpec *spec, RvImage *frame, RvPlan *first, RvPlan *next,
                               GError **error);
