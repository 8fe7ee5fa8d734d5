/* video-dream.h -- dreams on videos, steady from frame to frame. Layer 6 (method). */
#pragma once

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
  RvStopRequest stop_request;
} RvVideoDreamSpec;

/* Dreams on all frames of @frames, or those after frames->state, and passes each to add(). @progress: (nullable).
 * Overwrites *result, also after an error. Returns TRUE also if stopped or cancelled. Errors: those of @frames,
 * rv__dream_new(), rv__dream_inputs_set() and rv__dream_run(); RV_ERROR_FORMAT for a state of another video. Blocks. */
gboolean rv__video_dream_run (const RvVideoDreamSpec *spec, const RvVideoRunSpec *frames, RvVideoFunc progress,
                              gpointer user_data, RvVideoResult *result, GError **error);

/* Plans a video from its first frame, @frame, and measures an evaluation. Overwrites *first and *next, for one frame
 * each: one that begins a shot, one that continues it. Adds nothing for flows. Errors: those of rv__dream_new(),
 * rv__dream_inputs_set() and rv__dream_plan(); *first may be set then. */
gboolean rv__video_dream_plan (const RvVideoDreamSpec *spec, RvImage *frame, RvPlan *first, RvPlan *next,
                               GError **error);
