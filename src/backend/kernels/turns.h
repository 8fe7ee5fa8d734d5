/* turns.h -- pieces of work that threads take one after another: each its own first, then what others have left.
 * Layer 3 (backend). Its own pieces are the same each time, so what they read and write lies in its own caches: cores
 * that share none take five times as long to read what the other wrote. What others have left it takes so that a core
 * which another program has keeps nobody waiting. */
#ifndef RV_TURNS_H
#define RV_TURNS_H

#include <glib.h>

typedef struct {
  gint64 n_pieces;
  int n_threads;
  gint *taken; /* [n_threads], of each thread's pieces, by whomever; 0 at first */
} RvTurns;

/* rv__turns_next: the next piece for a thread, -1 when all are taken. Any thread, at any time. */
static inline gint64
rv__turns_next (const RvTurns *turns, int thread)
{
  for (int k = 0; k < turns->n_threads; k++) {
    int of = (thread + k) % turns->n_threads;
    gint64 first = turns->n_pieces * of / turns->n_threads, end = turns->n_pieces * (of + 1) / turns->n_threads;
    gint64 piece = first + g_atomic_int_add (&turns->taken[of], 1);
    if (piece < end)
      return piece;
  }
  return -1;
}

#endif
