/* sharing.h -- cores that other programs want as well.
 * Layer 0 (base). Threads that wait for others at the end of a parallel loop spin, some milliseconds of it: nothing is
 * faster where each has a core of its own. Where two of them must share one, since another program has the other, each
 * spins while the one that it waits for could have computed. No one setting of OpenMP serves both, and libgomp reads
 * them when it is loaded: a library cannot set them. But where OpenMP has more threads than there are processors,
 * libgomp hardly spins (its manual, GOMP_SPINCOUNT). So while others want the cores, one thread too many sleeps here.
 * What is computed does not depend on it. */
#ifndef RV_SHARING_H
#define RV_SHARING_H

#include <glib.h>

typedef struct _RvSharing RvSharing;

/* rv__sharing_new: (transfer full): for loops on @n_threads. _free: NULL is fine. Can't fail. */
RvSharing *rv__sharing_new (int n_threads);
void rv__sharing_free (RvSharing *sharing);

/* rv__sharing_look: to be called often, between parallel loops, with the monotonic clock's microseconds. Now and then
 * it looks how long threads have waited for a core, and has them spin or sleep from then on: TRUE when they sleep.
 * Costs nothing most of the time. Where nothing can be told or no thread be had, they spin. Can't fail. */
gboolean rv__sharing_look (RvSharing *sharing, gint64 now_us);

#endif
