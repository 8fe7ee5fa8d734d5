/* work-queue.h -- a work queue with stealing: each thread takes its own items first, then items of other threads.
 * Layer 3 (backend). A thread's own items are the same each time, so that their data stays in the thread's caches. A
 * core without a shared cache takes five times as long to read another core's data. Stealing avoids waiting for a core
 * that another program uses. */
#pragma once

#include <glib.h>

typedef struct {
  gint64 n_items;
  int n_threads;
  gint *taken; /* [n_threads]: number of each thread's items that are taken, by any thread; initially 0 */
} RvWorkQueue;

/* Takes the next item for @thread: its own first, then those of other threads. -1: all are taken. Any thread. */
static inline gint64
rv__work_queue_next (const RvWorkQueue *queue, int thread)
{
  for (int k = 0; k < queue->n_threads; k++) {
    int owner = (thread + k) % queue->n_threads;
    gint64 first = queue->n_items * owner / queue->n_threads, end = queue->n_items * (owner + 1) / queue->n_threads;
    gint64 item = first + g_atomic_int_add (&queue->taken[owner], 1);
    if (item < end)
      return item;
  }
  return -1;
}
