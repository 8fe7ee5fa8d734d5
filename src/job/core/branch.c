/* branch.c -- snapshots of a job's run, and jobs that branch off from one. */
#include "base/error.h"
#include "base/settings.h"
#include "job/core/job-object.h"
#include <string.h>

void
rv_job_keep_snapshots (RvJob *job, gint64 every, double every_s, guint max_count, gsize max_bytes)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  RvSnapshots *snapshots = &job->snapshots;
  snapshots->every = every;
  snapshots->every_s = every_s;
  snapshots->max_count = max_count;
  snapshots->max_bytes = max_bytes;
}

static gpointer
ref_snapshot (gconstpointer snapshot, gpointer unused)
{
  return rv_snapshot_ref ((RvSnapshot *) snapshot);
}

GPtrArray *
rv_job_snapshots (RvJob *job)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  return g_ptr_array_copy (job->snapshots.list, ref_snapshot, NULL);
}

void
rv_job_copy_snapshots (RvJob *job, RvJob *from)
{
  g_autoptr (GPtrArray) list = rv_job_snapshots (from);
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  g_ptr_array_extend_and_steal (job->snapshots.list, g_steal_pointer (&list));
}

void
rv_job_release_run (RvJob *job)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  RvJobRun *run = job->status >= RV_JOB_STATUS_DONE ? job->run : NULL;
  if (run && run->method) {
    run->request.class->clear (run);
    run->method = NULL;
    run->progress.is_reusable = FALSE;
  }
}

/* ---- branches ---------------------------------------------------------------------------------------------------- */

RvJob *
rv_job_branch (RvJob *job, RvSnapshot *snapshot, GError **error)
{
  static const char *const files[] = { "output", "log", "live", "timeline", "plot" };
  RvJob *branch = rv_job_new (job->class->kind, NULL);
  g_mutex_lock (&job->lock);
  gboolean ok = job->begun && snapshot && strcmp (rv__snapshot_settings (snapshot)->class->kind, job->class->kind) == 0;
  if (ok) {
    rv__job_copy_config_except (branch, job, NULL);
    if (job->run)
      rv_job_set_net (branch, job->run->request.net, job->run->request.options->weights_file);
    else /* @job is being prepared; its snapshots are copies */
      rv_job_set_net (branch, job->net, job->weights_file);
    branch->begun = rv__settings_copy (job->begun);
  }
  g_mutex_unlock (&job->lock);
  if (!ok) {
    rv__error_setting (error, NULL, "the snapshot belongs to another job");
    rv_job_unref (branch);
    return NULL;
  }
  rv__settings_assign (branch->settings[RV_SETTINGS_METHOD], rv__snapshot_settings (snapshot));
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) /* a branch must not write into the files of its origin */
    rv_settings_set (branch->settings[RV_SETTINGS_PICTURE], files[i], "", NULL);
  rv__settings_set_bool (branch->settings[RV_SETTINGS_STATE], "resume", FALSE, NULL);
  branch->from = rv_snapshot_ref (snapshot);
  rv__job_reuse (branch, job);
  return branch;
}
