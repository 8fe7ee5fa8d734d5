/* video-keyframes.h -- keyframes: frames that the user has painted. They stay unchanged, and frames between them blend
 * toward the next keyframe. Layer 6 (method). */
#pragma once

#include <reverie/image.h>

/* A frame that the user has painted. References both pictures. */
typedef struct {
  gint64 number;   /* frame number in the output, from 1 */
  RvImage *frame;  /* source frame */
  RvImage *result; /* painted frame */
} RvKeyframe;

/* Keyframes, sorted by number. */
typedef struct {
  RvKeyframe *all;
  int n;
} RvKeyframes;

/* Releases the pictures, frees the array and sets `n` to 0. Does not free *keys. */
void rv__keyframes_clear (RvKeyframes *keys);

/* (nullable): the keyframe of frame @number, from 1; borrowed. NULL: frame @number is no keyframe, or @keys (nullable)
 * is NULL. */
const RvKeyframe *rv__keyframes_at (const RvKeyframes *keys, gint64 number);
/* (nullable): the first keyframe after frame @number; borrowed. NULL: there is none, or @keys (nullable) is NULL. */
const RvKeyframe *rv__keyframes_after (const RvKeyframes *keys, gint64 number);
/* Frame number, from 1, of the last keyframe at or before frame @number; 0: none, or @keys (nullable) is NULL. */
gint64 rv__keyframes_before (const RvKeyframes *keys, gint64 number);
