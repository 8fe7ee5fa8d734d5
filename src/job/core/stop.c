/* stop.c -- stops, pauses, resumes and cancels a job; its status. */
#include "job/core/job-object.h"

#define PAUSE_US (G_USEC_PER_SEC / 20) /* poll interval of a pause */

void
rv__job_set_status (RvJob *job, RvJobStatus status)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  job->status = status;
  g_cond_broadcast (&job->changed);
}

void
rv_job_set_stop (RvJob *job, RvStopFunc stop_func, gpointer user_data)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  job->stop_func = stop_func;
  job->stop_data = user_data;
}

/* Sets *flag, job->stop or job->pause, and wakes all threads that wait for the job. Takes the lock. */
static void
set_flag (RvJob *job, gboolean *flag, gboolean value)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  *flag = value;
  g_cond_broadcast (&job->changed);
}

void
rv_job_stop (RvJob *job)
{
  set_flag (job, &job->stop, TRUE);
}

void
rv_job_pause (RvJob *job)
{
  set_flag (job, &job->pause, TRUE);
}

void
rv_job_resume (RvJob *job)
{
  set_flag (job, &job->pause, FALSE);
}

gboolean
rv__job_is_cancelled (RvJob *job)
{
  return g_cancellable_is_cancelled (job->cancellable);
}

gboolean
rv__job_stop_requested (RvJob *job)
{
  g_mutex_lock (&job->lock);
  gboolean stop = job->stop;
  RvStopFunc stop_func = job->stop_func;
  gpointer data = job->stop_data;
  g_mutex_unlock (&job->lock);
  return stop || (stop_func && stop_func (data));
}

gboolean
rv__job_pause_requested (RvJob *job)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  return job->pause;
}

void
rv__job_wait_paused (RvJob *job, RvJobReport *report)
{
  report->type = RV_JOB_REPORT_PAUSED;
  report->picture = NULL;
  rv__job_report (job, report);
  rv__job_set_status (job, RV_JOB_STATUS_PAUSED);
  while (rv__job_pause_requested (job) && !rv__job_stop_requested (job) && !rv__job_is_cancelled (job)) {
    g_mutex_lock (&job->lock);
    if (job->pause && !job->stop)
      g_cond_wait_until (&job->changed, &job->lock, g_get_monotonic_time () + PAUSE_US);
    g_mutex_unlock (&job->lock);
  }
  rv__job_set_status (job, RV_JOB_STATUS_RUNNING);
}
