/* video-long-term.h -- a longer memory of films: what the last frame hid, frames before it may have shown.
 * Layer 6 (method). */
#ifndef RV_JOB_VIDEO_LONG_TERM_H
#define RV_JOB_VIDEO_LONG_TERM_H

#include "method/video/video-motion.h"

#define RV_LONG_TERM_MAX_FRAMES 16 /* frames back, at most */

/* The newest frames of a shot, and what became of them. One that is zeroed remembers nothing. */
typedef struct {
  gboolean reaches[RV_LONG_TERM_MAX_FRAMES + 1]; /* [k]: the k-th frame back counts; that of 1 always does */
  GPtrArray *frames;                             /* what video-long-term.c keeps of each, the newest last */
  RvFrameMotion *motion;                         /* from one of them to the newest frame */
} RvLongTermFrames;

/* rv__long_term_parse: "1,2,4": which frames back. RV_ERROR_SETTING. */
gboolean rv__long_term_parse (const char *text, gboolean reaches[RV_LONG_TERM_MAX_FRAMES + 1], GError **error);

/* rv__long_term_length: how many frames it keeps; 0: the last is enough. */
int rv__long_term_length (const RvLongTermFrames *memory);

/* rv__long_term_add: @frame, of the masks @masks (ends with NULL; or NULL), became @made; NULL: what it became is set
 * later. */
void rv__long_term_add (RvLongTermFrames *memory, RvImage *frame, RvImage *made, RvImage *const *masks);

/* rv__long_term_result: what became of the frame @back before the newest, 0: of that itself; borrowed; NULL: there is
 * none. rv__long_term_set_result: it became @made; FALSE: there is no such frame. rv__long_term_trim: the newest @n
 * only; 0: a shot begins. */
RvImage *rv__long_term_result (const RvLongTermFrames *memory, int back);
gboolean rv__long_term_set_result (RvLongTermFrames *memory, int back, RvImage *made);
void rv__long_term_trim (RvLongTermFrames *memory, int n);

/* rv__long_term_propagate: @start, which frame motion->frame, of @masks, is made from, has from the frames before the
 * last what that has hidden, each pixel of the nearest in which it can be trusted; motion->held rises there.
 * RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__long_term_propagate (RvLongTermFrames *memory, const RvPropagation *carry, RvImage *const *masks,
                                  RvFrameMotion *motion, RvImage *start, GError **error);

/* rv__long_term_clear: frees all of it. */
void rv__long_term_clear (RvLongTermFrames *memory);

#endif
