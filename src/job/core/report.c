/* report.c -- sends reports to the subscriber of a job: directly, or on the main context that the job was started
 * from. */
#include "cluster/cluster.h"
#include "job/core/job-object.h"
#include <math.h>

const char *const rv__no_losses[] = { NULL };

void
rv__pending_report_free (RvPendingReport *waiting)
{
  if (!waiting)
    return;
  rv_image_unref (waiting->report.picture);
  g_free (waiting->losses);
  g_free (waiting);
}

void
rv_job_subscribe (RvJob *job, double preview_every_s, RvJobFunc func, gpointer user_data, GDestroyNotify destroy)
{
  g_mutex_lock (&job->lock);
  GDestroyNotify old = job->func_destroy;
  gpointer old_data = job->func_data;
  job->preview_every_s = func ? preview_every_s : 0;
  job->func = func;
  job->func_data = user_data;
  job->func_destroy = destroy;
  g_mutex_unlock (&job->lock);
  if (old)
    old (old_data);
}

/* Calls the subscriber, without the lock, which the caller holds. Frees @waiting (nullable). */
static void
hand_over (RvJob *job, RvPendingReport *waiting)
{
  RvJobFunc func = job->func;
  gpointer func_data = job->func_data;
  g_mutex_unlock (&job->lock);
  if (waiting && func)
    func (job, &waiting->report, func_data);
  rv__pending_report_free (waiting);
  g_mutex_lock (&job->lock);
}

/* Delivers pending reports, on the subscriber's main context. */
static gboolean
on_told (gpointer data)
{
  RvJob *job = data;
  g_mutex_lock (&job->lock);
  job->idle_queued = FALSE;
  for (guint n = job->notes.length; n > 0; n--)
    hand_over (job, g_queue_pop_head (&job->notes));
  for (int i = 0; i <= RV_JOB_REPORT_ENDED; i++) {
    if (i == RV_JOB_REPORT_ENDED &&
        (job->notes.length > 0 || job->pending_reports[RV_JOB_REPORT_PROGRESS] ||
         job->pending_reports[RV_JOB_REPORT_PREVIEW] || job->pending_reports[RV_JOB_REPORT_PAUSED]))
      break; /* these arrived meanwhile; the next call delivers them and then the end */
    hand_over (job, g_steal_pointer (&job->pending_reports[i]));
  }
  g_mutex_unlock (&job->lock);
  return G_SOURCE_REMOVE;
}

/* Schedules on_told(). The caller holds the lock, so that all earlier changes are visible there. */
static void
tell (RvJob *job)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_told, rv_job_ref (job), (GDestroyNotify) rv_job_unref);
  g_source_attach (source, job->context);
}

static RvPendingReport *
waiting_of (const RvJobReport *report)
{
  RvPendingReport *waiting = g_new0 (RvPendingReport, 1);
  guint n = report->names ? g_strv_length ((char **) report->names) : 0;
  waiting->report = *report;
  waiting->losses = g_memdup2 (report->losses, n * sizeof *report->losses);
  waiting->report.losses = waiting->losses;
  if (report->picture)
    rv_image_ref (report->picture);
  return waiting;
}

void
rv__job_report (RvJob *job, const RvJobReport *report)
{
  g_mutex_lock (&job->lock);
  RvJobFunc func = job->func;
  gpointer func_data = job->func_data;
  gboolean elsewhere = job->context != NULL;
  g_mutex_unlock (&job->lock);
  if (func && !elsewhere)
    func (job, report, func_data);
  if (!func || !elsewhere)
    return;
  RvPendingReport *waiting = waiting_of (report);
  g_mutex_lock (&job->lock);
  RvPendingReport *unseen = NULL;
  if (report->note)
    g_queue_push_tail (&job->notes, waiting);
  else {
    unseen = job->pending_reports[report->type];
    job->pending_reports[report->type] = waiting;
  }
  if (!job->idle_queued)
    tell (job);
  job->idle_queued = TRUE;
  g_mutex_unlock (&job->lock);
  rv__pending_report_free (unseen);
}

const char *
rv__job_own_text (RvJob *job, char *text)
{
  g_mutex_lock (&job->lock);
  g_ptr_array_add (job->texts, text);
  g_mutex_unlock (&job->lock);
  return text;
}

void
rv__job_note (RvJob *job, const char *file, char *note)
{
  RvJobReport report = {
    .type = RV_JOB_REPORT_PROGRESS, .stage = 1, .n_stages = 1, .names = rv__no_losses, .channel = -1
  };
  report.validation_loss = NAN;
  report.label = file ? rv__job_own_text (job, g_strdup (file)) : NULL;
  report.note = rv__job_own_text (job, note);
  rv__job_report (job, &report);
}

void
rv__job_note_idle (RvJob *job, gint64 n_slices)
{
  int n_ranks = rv__cluster_size (rv__cluster_current ());
  if (n_ranks > n_slices)
    rv__job_note (job, NULL,
                  g_strdup_printf ("%" G_GINT64_FORMAT
                                   " of %d ranks will be idle: 'micro-batches' is %" G_GINT64_FORMAT,
                                   n_ranks - n_slices, n_ranks, n_slices));
}

double
rv__job_previews (RvJob *job)
{
  g_mutex_lock (&job->lock);
  double every_s = job->preview_every_s;
  g_mutex_unlock (&job->lock);
  return every_s;
}
