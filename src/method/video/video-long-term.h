/* video-long-term.h -- long-term frames: earlier frames of a shot, for areas that the last frame did not show.
 * Layer 6 (method). */
#pragma once

#include "method/video/video-motion.h"

#define RV_LONG_TERM_MAX_FRAMES 16 /* largest distance in frames */

/* The newest frames of a shot with their results. Zeros: no frames. */
typedef struct {
  gboolean reaches[RV_LONG_TERM_MAX_FRAMES + 1]; /* [k]: use the frame k back; [1] is always used */
  GPtrArray *frames;                             /* private data of video-long-term.c, the newest last */
  RvFrameMotion *motion;                         /* motion between one of `frames` and the current frame */
} RvLongTermFrames;

/* Parses distances in frames, such as "1,2,4", each 1 to RV_LONG_TERM_MAX_FRAMES. Sets @reaches[k] to TRUE for each
 * distance k, and all others to FALSE. @text NULL or "" means "1". RV_ERROR_SETTING for another text; @reaches is then
 * incomplete. */
gboolean rv__long_term_parse (const char *text, gboolean reaches[RV_LONG_TERM_MAX_FRAMES + 1], GError **error);

/* Largest distance in memory->reaches, the number of frames to store; 0 if it is 1: only the last frame is used. */
int rv__long_term_length (const RvLongTermFrames *memory);

/* Stores @frame with its @masks (NULL-terminated; or NULL) and its result @made as the newest frame. All are
 * referenced. @made: (nullable): rv__long_term_set_result() sets it later. Frees the oldest frame beyond
 * rv__long_term_length(); does nothing if that is 0. */
void rv__long_term_add (RvLongTermFrames *memory, RvImage *frame, RvImage *made, RvImage *const *masks);

/* (nullable): result of the stored frame @back frames before the newest, which is 0. NULL: no such frame is stored, or
 * it has no result yet. Borrowed, until the frame is freed. */
RvImage *rv__long_term_result (const RvLongTermFrames *memory, int back);
/* Replaces the result of the stored frame @back frames before the newest, which is 0, by @made (referenced). FALSE: no
 * such frame is stored; sets no error. */
gboolean rv__long_term_set_result (RvLongTermFrames *memory, int back, RvImage *made);
/* Frees all stored frames except the newest @n. A shot begins with @n 0. */
void rv__long_term_trim (RvLongTermFrames *memory, int n);

/* Adds results of older frames, the nearest first, to @start, the start picture of motion->frame, which is not stored
 * yet. A result counts by its flow's confidence where nearer frames gave none, and raises motion->temporal_weight
 * there. @masks: of motion->frame, as many as the stored frames have; where both differ, the confidence is lowered.
 * Skips frames beyond a cut and frames that are not stored. Each stored frame must have a result. An error may
 * leave @start and the weights changed. */
gboolean rv__long_term_propagate (RvLongTermFrames *memory, const RvPropagation *propagation, RvImage *const *masks,
                                  RvFrameMotion *motion, RvImage *start, GError **error);

/* Frees all stored frames and `motion`; `reaches` stays. May be repeated. */
void rv__long_term_clear (RvLongTermFrames *memory);
