/* video-long-term.h -- long-term frames: earlier frames of a shot, for areas that the last frame did not show.
 * Layer 6 (method). */
#ifndef RV_JOB_VIDEO_LONG_TERM_H
#define RV_JOB_VIDEO_LONG_TERM_H

#include "method/video/video-motion.h"

#define RV_LONG_TERM_MAX_FRAMES 16 /* largest distance in frames */

/* The newest frames of a shot with their results. Zeros: no frames. */
typedef struct {
  gboolean reaches[RV_LONG_TERM_MAX_FRAMES + 1]; /* [k]: use the frame k back; [1] is always used */
  GPtrArray *frames;                             /* private data of video-long-term.c, the newest last */
  RvFrameMotion *motion;                         /* motion between one of them and the newest frame */
} RvLongTermFrames;

/* Parses "1,2,4", distances in frames, and sets all of @reaches. @text NULL or "": "1". RV_ERROR_SETTING. */
gboolean rv__long_term_parse (const char *text, gboolean reaches[RV_LONG_TERM_MAX_FRAMES + 1], GError **error);

/* Number of frames to store, the largest distance; 0: only the last frame is used. */
int rv__long_term_length (const RvLongTermFrames *memory);

/* Stores @frame with its @masks (NULL-terminated; or NULL) and its result @made; NULL: the result is set later. All are
 * referenced. Frees the oldest frame if there are more than rv__long_term_length(); does nothing if that is 0. */
void rv__long_term_add (RvLongTermFrames *memory, RvImage *frame, RvImage *made, RvImage *const *masks);

/* Result of the frame @back from the newest, which is 0; NULL: no such frame, or no result. Borrowed. */
RvImage *rv__long_term_result (const RvLongTermFrames *memory, int back);
/* Sets the result of the frame @back from the newest, which is 0, to @made (referenced). FALSE: no such frame. */
gboolean rv__long_term_set_result (RvLongTermFrames *memory, int back, RvImage *made);
/* Frees all frames but the newest @n; 0, when a shot begins: all. */
void rv__long_term_trim (RvLongTermFrames *memory, int n);

/* Adds results of older frames to @start, the start of motion->frame, where the last frame showed nothing: nearer
 * frames first, by the confidence of their flows. Raises motion->temporal_weight there. @masks: of motion->frame; as
 * many as the older frames have. Every stored frame needs a result. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__long_term_propagate (RvLongTermFrames *memory, const RvPropagation *propagation, RvImage *const *masks,
                                  RvFrameMotion *motion, RvImage *start, GError **error);

/* Frees all frames; `reaches` stays. */
void rv__long_term_clear (RvLongTermFrames *memory);

#endif
