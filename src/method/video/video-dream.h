/* video-dream.h -- films dreamt on, steady from frame to frame.
 * Layer 6 (method). */
#ifndef RV_VIDEO_DREAM_H
#define RV_VIDEO_DREAM_H

#include "method/video/video.h"
#include "method/dream/inputs.h"

/* What a film is dreamt on with. All borrowed. */
typedef struct {
  const RvSettings *settings; /* of the first frame of each shot, a whole dream */
  gint64 frame_iterations;    /* of the others, at each octave */
  double blend_01;            /* of what was dreamt, how much goes into the next frame */
  RvNet *net;
  const RvDreamInputs *beside;
  RvKernelTable *kernels; /* or NULL */
  RvStopFunc wanted;      /* as rv__dream_set_stop() takes it; or NULL */
  gpointer wanted_data;
  GCancellable *cancellable; /* or NULL */
} RvVideoDreamSpec;

/* rv__video_dream_run: as rv__video_run(), and errors as of rv__dream_run() and rv__dream_inputs_set(). */
gboolean rv__video_dream_run (const RvVideoDreamSpec *spec, const RvVideoRunSpec *frames, RvVideoFunc progress,
                              gpointer user_data, RvVideoResult *result, GError **error);

/* rv__video_dream_plan: what that will take, from its first frame: *first, *next: a frame that begins a shot, and one
 * that follows. As rv__dream_plan(). */
gboolean rv__video_dream_plan (const RvVideoDreamSpec *spec, RvImage *frame, RvPlan *first, RvPlan *next,
                               GError **error);

#endif
