/* video-style.h -- films painted in a style, steady from frame to frame.
 * Layer 6 (method). */
#ifndef RV_VIDEO_STYLE_H
#define RV_VIDEO_STYLE_H

#include "method/video/video.h"
#include "method/style/style.h"

/* What a film is painted with. All borrowed, and held by reference where it is kept. */
typedef struct {
  const RvSettings *settings; /* of the first frame of each shot, a whole run */
  gint64 frame_iterations;    /* of the others, at the last scale only */
  RvNet *net;
  RvImage *const *styles;
  int n_styles;
  RvImage *const *masks;   /* one for each style, or NULL; these and what is protected may be others for each frame */
  RvImage *const *protect; /* where it is; NULL: nothing is protected */
  RvKernelTable *kernels;
  RvStopFunc wanted; /* as rv__style_set_stop() takes it; or NULL */
  gpointer wanted_data;
  GCancellable *cancellable; /* or NULL */
} RvVideoStyleSpec;

/* rv__video_style_run: as rv__video_run(), and errors as of rv__style_run(). */
gboolean rv__video_style_run (const RvVideoStyleSpec *spec, const RvVideoRunSpec *frames, RvVideoFunc progress,
                              gpointer user_data, RvVideoResult *result, GError **error);

/* rv__video_style_plan: what that will take, from its first frame: *first, *next: a frame that begins a shot, and one
 * that follows. As rv__style_plan(). */
gboolean rv__video_style_plan (const RvVideoStyleSpec *spec, RvImage *frame, RvPlan *first, RvPlan *next,
                               GError **error);

#endif
