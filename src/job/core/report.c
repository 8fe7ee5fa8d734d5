/* report.c -- sends reports to the subscriber: directly, or on the main context that started the job. */
#include "cluster/cluster.h"
#include "job/core/job-object.h"
#include <math.h>

const char *const rv__no_losses[] = { NULL };

void
rv__pending_report_free (RvJobReport *pending)
{
  if (!pending)
    return;
  rv_image_unref (pending->picture);
  g_free ((gpointer) pending->losses);
  g_free (pending);
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
  if (old && (old != destroy || old_data != user_data))
    old (old_data);
}

/* Calls the subscriber, if any, with @pending (nullable), then frees @pending. The caller holds the lock; it is
 * released during the call. */
static void
deliver (RvJob *job, RvJobReport *pending)
{
  RvJobFunc func = job->func;
  gpointer func_data = job->func_data;
  g_mutex_unlock (&job->lock);
  if (pending && func)
    func (job, pending, func_data);
  rv__pending_report_free (pending);
  g_mutex_lock (&job->lock);
}

/* GSourceFunc on the subscriber's main context; @data: the job. Delivers the pending reports: notes, one of each type,
 * the end last, once no other is pending. Takes the lock, but not during calls. Returns G_SOURCE_REMOVE. */
static gboolean
deliver_pending (gpointer data)
{
  RvJob *job = data;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  job->idle_queued = FALSE;
  for (guint n = job->notes.length; n > 0; n--)
    deliver (job, g_queue_pop_head (&job->notes));
  for (int i = 0; i <= RV_JOB_REPORT_ENDED; i++) {
    if (i == RV_JOB_REPORT_ENDED &&
        (job->notes.length > 0 || job->pending_reports[RV_JOB_REPORT_PROGRESS] ||
         job->pending_reports[RV_JOB_REPORT_PREVIEW] || job->pending_reports[RV_JOB_REPORT_PAUSED]))
      break; /* these arrived meanwhile; the next call delivers them and then the end */
    deliver (job, g_steal_pointer (&job->pending_reports[i]));
  }
  return G_SOURCE_REMOVE;
}

/* (transfer full): a copy of @report, its losses and a reference on its picture; other members are borrowed. */
static RvJobReport *
pending_report_new (const RvJobReport *report)
{
  RvJobReport *pending = g_memdup2 (report, sizeof *report);
  guint n = report->names ? g_strv_length ((char **) report->names) : 0;
  pending->losses = g_memdup2 (report->losses, n * sizeof *report->losses);
  if (report->picture)
    rv_image_ref (report->picture);
  return pending;
}

void
rv__job_report (RvJob *job, const RvJobReport *report)
{
  g_mutex_lock (&job->lock);
  RvJobFunc func = job->func;
  gpointer func_data = job->func_data;
  gboolean has_context = job->context != NULL;
  g_mutex_unlock (&job->lock);
  if (func && !has_context)
    func (job, report, func_data);
  if (!func || !has_context)
    return;
  RvJobReport *pending = pending_report_new (report);
  g_mutex_lock (&job->lock);
  RvJobReport *replaced = NULL;
  if (report->note)
    g_queue_push_tail (&job->notes, pending);
  else {
    replaced = job->pending_reports[report->type];
    job->pending_reports[report->type] = pending;
  }
  if (!job->idle_queued) {
    g_autoptr (GSource) source = g_idle_source_new ();
    g_source_set_priority (source, G_PRIORITY_DEFAULT);
    g_source_set_callback (source, deliver_pending, rv_job_ref (job), (GDestroyNotify) rv_job_unref);
    g_source_attach (source, job->context);
  }
  job->idle_queued = TRUE;
  g_mutex_unlock (&job->lock);
  rv__pending_report_free (replaced);
}

const char *
rv__job_own_text (RvJob *job, char *text)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  g_ptr_array_add (job->texts, text);
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
rv__job_note_idle (RvJob *job, gint64 n_micro_batches)
{
  int n_ranks = rv__cluster_size (rv__cluster_current ());
  if (n_ranks > n_micro_batches)
    rv__job_note (job, NULL,
                  g_strdup_printf ("%" G_GINT64_FORMAT
                                   " of %d ranks will be idle: 'micro-batches' is %" G_GINT64_FORMAT,
                                   n_ranks - n_micro_batches, n_ranks, n_micro_batches));
}
