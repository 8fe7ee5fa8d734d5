/* video-dream.h -- dreams on videos, steady from frame to frame. Layer 6 (method). */
#ifndef RV_VIDEO_DREAM_H
#define RV_VIDEO_DREAM_H

#include "method/video/video.h"
#include "method/dream/inputs.h"

/* Inputs of a dream video. All members are borrowed. */
typedef struct {
  const RvSettings *settings; /* for the first frame of each shot, a whole dream */
  gint64 frame_iterations;    /* for other frames, at each octave */
  double blend_01;            /* fraction of the last dream that is propagated */
  RvNet *net;
  const RvDreamInputs *inputs; /* mask, guide, style and masks of words */
  RvKernelTable *kernels;      /* or NULL */
  RvStopFunc should_stop;      /* for rv__dream_set_stop(); or NULL */
  gpointer stop_data;
  GCancellable *cancellable; /* or NULL */
} RvVideoDreamSpec;

/* Dreams on a video, like rv__video_run(). Errors: also those of rv__dream_run() and rv__dream_inputs_set(). */
gboolean rv__video_dream_run (const RvVideoDreamSpec *spec, const RvVideoRunSpec *frames, RvVideoFunc progress,
                              gpointer user_data, RvVideoResult *result, GError **error);

/* Plans a video from its first frame, @frame. Overwrites *first and *next, for a frame that begins a shot and for one
 * that continues it. Errors of rv__dream_new() and rv__dream_plan(). */
gboolean rv__video_dream_plan (const RvVideoDreamSpec *spec, RvImage *frame, RvPlan *first, RvPlan *next,
                               GError **error);

#endif
