/* film-memory.h -- a longer memory of films: what the last frame hid, frames before it may have shown.
 * Layer 6 (method). */
#ifndef RV_JOB_FILM_MEMORY_H
#define RV_JOB_FILM_MEMORY_H

#include "method/video/film-motion.h"

#define RV_FILM_MEMORY_MAX 16 /* frames back, at most */

/* The newest frames of a shot, and what became of them. One that is zeroed remembers nothing. */
typedef struct {
  gboolean reaches[RV_FILM_MEMORY_MAX + 1]; /* [k]: the k-th frame back counts; that of 1 always does */
  GPtrArray *frames;                        /* what film-memory.c keeps of each, the newest last */
  RvFilmMotion *motion;                     /* from one of them to the newest frame */
} RvFilmMemory;

/* rv__film_memory_parse: "1,2,4": which frames back. RV_ERROR_SETTING. */
gboolean rv__film_memory_parse (const char *text, gboolean reaches[RV_FILM_MEMORY_MAX + 1], GError **error);

/* rv__film_memory_length: how many frames it keeps; 0: the last is enough. */
int rv__film_memory_length (const RvFilmMemory *memory);

/* rv__film_memory_add: @frame, of the masks @masks (ends with NULL; or NULL), became @made; NULL: what it became is set
 * later. */
void rv__film_memory_add (RvFilmMemory *memory, RvImage *frame, RvImage *made, RvImage *const *masks);

/* rv__film_memory_made: what became of the frame @back before the newest, 0: of that itself; borrowed; NULL: there is
 * none. rv__film_memory_set_made: it became @made; FALSE: there is no such frame. rv__film_memory_keep: the newest @n
 * only; 0: a shot begins. */
RvImage *rv__film_memory_made (const RvFilmMemory *memory, int back);
gboolean rv__film_memory_set_made (RvFilmMemory *memory, int back, RvImage *made);
void rv__film_memory_keep (RvFilmMemory *memory, int n);

/* rv__film_memory_recall: @start, which frame motion->frame, of @masks, is made from, has from the frames before the
 * last what that has hidden, each pixel of the nearest in which it can be trusted; motion->held rises there.
 * RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__film_memory_recall (RvFilmMemory *memory, const RvFilmCarry *carry, RvImage *const *masks,
                                 RvFilmMotion *motion, RvImage *start, GError **error);

/* rv__film_memory_clear: frees all of it. */
void rv__film_memory_clear (RvFilmMemory *memory);

#endif
