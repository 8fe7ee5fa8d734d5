/* video-dream.h -- dreams on videos, steady from frame to frame. Layer 6 (method). */
#pragma once

#include "method/video/video.h"
#include "method/dream/inputs.h"

/* Inputs of a dream video. All members are borrowed. */
typedef struct {
  const RvSettings *settings; /* for the first frame of each shot, a whole dream */
  gint64 frame_iterations;    /* for other frames, at each octave */
  double blend_01;            /* fraction of the last dream's difference to its frame that is propagated */
  RvNet *net;
  const RvDreamInputs *inputs; /* mask, guide, style and masks of words */
  RvKernelTable *kernels;      /* or NULL */
  RvStopRequest stop_request;
} RvVideoDreamSpec;

/* A renderer of dream videos; the caller frees renderer.maker by renderer.free(). @spec: copied. */
RvFrameRenderer rv__video_dream_renderer (const RvVideoDreamSpec *spec);
