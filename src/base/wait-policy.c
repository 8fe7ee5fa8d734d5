/* wait-policy.c -- starts extra OpenMP threads while the machine is crowded, so that idle threads do not spin. */
#include "wait-policy.h"
#include "alloc.h"
#include "parallel.h"
#include "system.h"

#define MEASURE_EVERY_US (G_USEC_PER_SEC / 10)

/* Thresholds of CPU wait time / wall time, with the waits of all threads added. One core that is busy with another
 * program gives 0.5 to 1. CROWDED switches to sleeping, ALONE back to spinning; the gap prevents oscillation. */
#define CROWDED 0.35
#define ALONE 0.2

struct _RvWaitPolicy {
  int n_threads;
  gint64 measured_us; /* last measurement; 0: none yet */
  double waited_s;    /* total wait time of all threads at the last measurement */
  GThread *crowd;     /* NULL: threads spin */
  int n_crowd;        /* threads of the team of `crowd` */
  GMutex mutex;
  GCond cond;
  gboolean ending; /* the thread `crowd` must end; protected by `mutex` */
};

RvWaitPolicy *
rv__wait_policy_new (int n_threads)
{
  RvWaitPolicy *wait_policy = g_new0 (RvWaitPolicy, 1);
  wait_policy->n_threads = n_threads;
  g_mutex_init (&wait_policy->mutex);
  g_cond_init (&wait_policy->cond);
  return wait_policy;
}

/* GThreadFunc: starts a team of OpenMP threads, which sleep while this thread exists, and waits for
 * wait_policy->ending. */
static gpointer
hold_crowd (gpointer data)
{
  RvWaitPolicy *wait_policy = data;
#pragma omp parallel num_threads(wait_policy->n_crowd)
  rv__system_cores (); /* any call: compilers remove empty regions */
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&wait_policy->mutex);
  while (!wait_policy->ending)
    g_cond_wait (&wait_policy->cond, &wait_policy->mutex);
  return NULL;
}

/* Ends the extra threads and waits for that: idle threads spin again. wait_policy->crowd must not be NULL. */
static void
stop_sleeping (RvWaitPolicy *wait_policy)
{
  g_mutex_lock (&wait_policy->mutex);
  wait_policy->ending = TRUE;
  g_cond_signal (&wait_policy->cond);
  g_mutex_unlock (&wait_policy->mutex);
  g_thread_join (g_steal_pointer (&wait_policy->crowd));
}

void
rv__wait_policy_free (RvWaitPolicy *wait_policy)
{
  if (!wait_policy)
    return;
  if (wait_policy->crowd)
    stop_sleeping (wait_policy);
  g_mutex_clear (&wait_policy->mutex);
  g_cond_clear (&wait_policy->cond);
  g_free (wait_policy);
}

gboolean
rv__wait_policy_update (RvWaitPolicy *wait_policy, gint64 now_us)
{
  gint64 passed_us = now_us - wait_policy->measured_us;
  if (wait_policy->n_threads < 2 || (wait_policy->measured_us > 0 && passed_us < MEASURE_EVERY_US))
    return wait_policy->crowd != NULL;
  double waited_s = rv__system_run_delay_s ();
  double load = (waited_s - wait_policy->waited_s) * G_USEC_PER_SEC / (double) passed_us;
  if (wait_policy->measured_us > 0 && load > CROWDED && !wait_policy->crowd) {
    wait_policy->n_crowd =
      MAX (omp_get_num_procs () - wait_policy->n_threads, 0) + 2; /* OpenMP does not count its caller */
    wait_policy->ending = FALSE;
    if (rv__alloc_probe ((gsize) wait_policy->n_crowd * RV_STACK_BYTES, NULL))
      wait_policy->crowd = g_thread_try_new ("wait-policy", hold_crowd, wait_policy, NULL);
  } else if (wait_policy->crowd && load < ALONE)
    stop_sleeping (wait_policy);
  wait_policy->measured_us = now_us;
  wait_policy->waited_s = waited_s;
  return wait_policy->crowd != NULL;
}
