/* video-keyframes.h -- frames of a film that somebody has painted: they stay as they are, and those between flow into
 * them. Layer 6 (method). */
#ifndef RV_JOB_VIDEO_KEYFRAMES_H
#define RV_JOB_VIDEO_KEYFRAMES_H

#include <reverie/image.h>

typedef struct {
  gint64 number;   /* of the frame among those that are made: 1, 2, ... */
  RvImage *frame;  /* as the film has it */
  RvImage *result; /* as it was painted */
} RvKeyframe;

/* In the order of their numbers. */
typedef struct {
  RvKeyframe *all;
  int n;
} RvKeyframes;

/* Frees the pictures. */
void rv__keyframes_clear (RvKeyframes *keys);

/* rv__keyframes_at: (transfer none) (nullable): the key of frame @number. _after: the first one after it. _before: the
 * number of the last one at or before it; 0: there is none. @keys is nullable. */
const RvKeyframe *rv__keyframes_at (const RvKeyframes *keys, gint64 number);
const RvKeyframe *rv__keyframes_after (const RvKeyframes *keys, gint64 number);
gint64 rv__keyframes_before (const RvKeyframes *keys, gint64 number);

#endif
