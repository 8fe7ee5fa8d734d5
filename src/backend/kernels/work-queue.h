/* work-queue.h -- a work queue with stealing: each thread takes its own items first, then items of other threads.
 * Layer 3 (backend). A thread's own items are the same each time, so its data stays in its caches: a core without a
 * shared cache takes five times as long to read another core's data. Stealing avoids waiting for a core that another
 * program uses. */
#ifndef RV_WORK_QUEUE_H
#define RV_WORK_QUEUE_H

#include <glib.h>

typedef struct {
  gint64 n_items;
  int n_threads;
  gint *taken; /* [n_threads]: number of each thread's items that are taken, by any thread; initially 0 */
} RvWorkQueue;

/* The next item for @thread; -1: all are taken. Any thread. */
static inline gint64
rv__work_queue_next (const RvWorkQueue *turns, int thread)
{
  for (int k = 0; k < turns->n_threads; k++) {
    int of = (thread + k) % turns->n_threads;
    gint64 first = turns->n_items * of / turns->n_threads, end = turns->n_items * (of + 1) / turns->n_threads;
    gint64 piece = first + g_atomic_int_add (&turns->taken[of], 1);
    if (piece < end)
      return piece;
  }
  return -1;
}

#endif
