/* sharing.c -- extra OpenMP threads, which stop the others from spinning, while the machine is crowded. */
#include "sharing.h"
#include "alloc.h"
#include "system.h"
#ifdef _OPENMP
#include <omp.h>
#else
#define omp_get_num_procs() 1
#endif

#define LOOK_EACH_US (G_USEC_PER_SEC / 10)

/* Thresholds of CPU wait time / wall time, with the waits of all threads added. One core that is busy with another
 * program gives 0.5 to 1. CROWDED switches to sleeping, ALONE back to spinning; the gap prevents oscillation. */
#define CROWDED 0.35
#define ALONE 0.2

struct _RvSharing {
  int n_threads;
  gint64 looked_us; /* last measurement; 0: none yet */
  double waited_s;  /* at the last measurement */
  GThread *crowd;   /* NULL: threads spin */
  int n_crowd;
  GMutex mutex;
  GCond cond;
  gboolean leaving; /* under the mutex */
};

RvSharing *
rv__sharing_new (int n_threads)
{
  RvSharing *sharing = g_new0 (RvSharing, 1);
  sharing->n_threads = n_threads;
  g_mutex_init (&sharing->mutex);
  g_cond_init (&sharing->cond);
  return sharing;
}

/* Starts a team of OpenMP threads, which sleep for as long as this thread lives. */
static gpointer
crowd (gpointer data)
{
  RvSharing *sharing = data;
#pragma omp parallel num_threads(sharing->n_crowd)
  rv__system_cores (); /* any call: compilers remove empty regions */
  g_mutex_lock (&sharing->mutex);
  while (!sharing->leaving)
    g_cond_wait (&sharing->cond, &sharing->mutex);
  g_mutex_unlock (&sharing->mutex);
  return NULL;
}

static void
start_sleeping (RvSharing *sharing)
{
  sharing->n_crowd = MAX (omp_get_num_procs () - sharing->n_threads, 0) + 2; /* OpenMP does not count its caller */
  sharing->leaving = FALSE;
  if (rv__alloc_spare ((gsize) sharing->n_crowd * RV_STACK_BYTES, NULL))
    sharing->crowd = g_thread_try_new ("sharing", crowd, sharing, NULL);
}

static void
stop_sleeping (RvSharing *sharing)
{
  g_mutex_lock (&sharing->mutex);
  sharing->leaving = TRUE;
  g_cond_signal (&sharing->cond);
  g_mutex_unlock (&sharing->mutex);
  g_thread_join (g_steal_pointer (&sharing->crowd));
}

void
rv__sharing_free (RvSharing *sharing)
{
  if (!sharing)
    return;
  if (sharing->crowd)
    stop_sleeping (sharing);
  g_mutex_clear (&sharing->mutex);
  g_cond_clear (&sharing->cond);
  g_free (sharing);
}

gboolean
rv__sharing_look (RvSharing *sharing, gint64 now_us)
{
  gint64 passed_us = now_us - sharing->looked_us;
  if (sharing->n_threads < 2 || (sharing->looked_us > 0 && passed_us < LOOK_EACH_US))
    return sharing->crowd != NULL;
  double waited_s = rv__system_waited_s ();
  double share = (waited_s - sharing->waited_s) * G_USEC_PER_SEC / (double) passed_us;
  if (sharing->looked_us > 0 && share > CROWDED && !sharing->crowd)
    start_sleeping (sharing);
  else if (sharing->crowd && share < ALONE)
    stop_sleeping (sharing);
  sharing->looked_us = now_us;
  sharing->waited_s = waited_s;
  return sharing->crowd != NULL;
}
