/* film-loop.h -- a film that is played round and round: its last frames flow into its first.
 * Layer 7 (job). */
#ifndef RV_JOB_FILM_LOOP_H
#define RV_JOB_FILM_LOOP_H

#include "job/film-motion.h"

typedef struct {
  gint64 tail;        /* so many frames flow into the first; 0: it is no loop */
  RvFilmMotion *home; /* from the film's first frame to the newest of the tail */
  RvImage *frame;     /* the film's first */
  RvImage *first;     /* what became of it */
} RvFilmLoop;

/* rv__film_loop_begin: @frame is the film's first, of which @made became; neither is changed. RV_ERROR_MEMORY. */
gboolean rv__film_loop_begin (RvFilmLoop *loop, RvImage *frame, RvImage *made, gint64 threads,
                              GCancellable *cancellable, GError **error);
void rv__film_loop_clear (RvFilmLoop *loop);

/* rv__film_loop_part: how much of frame @k of @n (1, 2, ...) is to come from the first: 0 before the tail, and rising
 * evenly to it in that which would be frame n + 1. */
double rv__film_loop_part (const RvFilmLoop *loop, gint64 k, gint64 n);

/* rv__film_loop_flow: @start, which frame @motion->frame is made from, becomes as much of the first result as @part_01
 * says, as it moved from the first frame and where that can be trusted; there the start can be, and what stands still
 * moves until it is there. RV_ERROR_MEMORY. */
gboolean rv__film_loop_flow (RvFilmLoop *loop, double part_01, const RvFilmCarry *carry, RvFilmMotion *motion,
                             RvImage *start, GError **error);

#endif
