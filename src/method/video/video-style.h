/* video-style.h -- style transfer on videos, steady from frame to frame. Layer 6 (method). */
#ifndef RV_VIDEO_STYLE_H
#define RV_VIDEO_STYLE_H

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
  RvKernelTable *kernels;
  RvStopFunc should_stop; /* for rv__style_set_stop(); or NULL */
  gpointer stop_data;
  GCancellable *cancellable; /* or NULL */
} RvVideoStyleSpec;

/* Paints a video, like rv__video_run(). A unit of work is an iteration at the last scale; all coarser scales together
 * count as the last one. Errors: also those of rv__style_run(). */
gboolean rv__video_style_run (const RvVideoStyleSpec *spec, const RvVideoRunSpec *frames, RvVideoFunc progress,
                              gpointer user_data, RvVideoResult *result, GError **error);

/* Plans a video from its first frame, @frame. Overwrites *first and *next, for a frame that begins a shot and for one
 * that continues it. Errors of rv__style_new() and rv__style_plan(). */
gboolean rv__video_style_plan (const RvVideoStyleSpec *spec, RvImage *frame, RvPlan *first, RvPlan *next,
                               GError **error);

#endif
