/* job-object.c -- creates, plans, runs and frees jobs. The run itself is in run.c. */
#include "base/cancel.h"
#include "base/ref.h"
#include "backend/kernel-table.h"
#include "base/error.h"
#include "base/settings.h"
#include "job/core/job-object.h"
#include <string.h>

/* ---- new and free ------------------------------------------------------------------------------------------------ */

RvJob *
rv_job_new (const char *kind, GError **error)
{
  const RvJobClass *class = rv__job_find_class (kind);
  if (!class) {
    g_autofree char *all = g_strjoinv (", ", (char **) rv_job_kinds ());
    return kind ? rv__error_null (error, RV_ERROR_SETTING, "there is no kind of job '%s'; the kinds are %s", kind, all)
                : rv__error_null (error, RV_ERROR_SETTING, "a job needs a kind; the kinds are %s", all);
  }
  RvJob *job = g_new0 (RvJob, 1);
  job->class = class;
  job->ref_count = 1;
  g_mutex_init (&job->lock);
  g_cond_init (&job->changed);
  job->settings[RV_SETTINGS_METHOD] = rv_settings_new (class->method, NULL);
  for (const RvOptionValue *value = class->defaults; value && value->option; value++)
    rv_settings_set (job->settings[RV_SETTINGS_METHOD], value->option, value->value, NULL);
  job->settings[RV_SETTINGS_PICTURE] = rv_settings_new ("picture", NULL);
  job->settings[RV_SETTINGS_STATE] = rv_settings_new ("state", NULL);
  job->settings[RV_SETTINGS_KIND] = class->kind_settings ? rv_settings_new (class->kind_settings, NULL) : NULL;
  job->inputs = g_ptr_array_new_with_free_func (rv__job_free_input);
  job->pending_settings = g_ptr_array_new_with_free_func (g_free);
  job->texts = g_ptr_array_new_with_free_func (g_free);
  g_queue_init (&job->notes);
  job->snapshots.list = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_snapshot_unref);
  return job;
}

static void
job_free (RvJob *job)
{
  rv__job_run_free (job->run);
  if (job->func_destroy)
    job->func_destroy (job->func_data);
  for (int i = 0; i < RV_N_OF_JOB; i++)
    rv_settings_free (job->settings[i]);
  rv_settings_free (job->begun);
  rv_snapshot_unref (job->from);
  g_ptr_array_unref (job->snapshots.list);
  for (int i = 0; i <= RV_JOB_REPORT_ENDED; i++)
    rv__pending_report_free (job->pending_reports[i]);
  g_queue_clear_full (&job->notes, (GDestroyNotify) rv__pending_report_free);
  g_ptr_array_unref (job->inputs);
  g_ptr_array_unref (job->pending_settings);
  g_ptr_array_unref (job->texts);
  rv_net_unref (job->net);
  g_free (job->weights_file);
  g_clear_pointer (&job->kernels, rv_kernel_table_unref);
  g_clear_pointer (&job->context, g_main_context_unref);
  g_clear_object (&job->cancellable);
  rv_job_unref (job->reuse_from);
  rv_image_unref (job->result);
  g_clear_error (&job->error);
  g_mutex_clear (&job->lock);
  g_cond_clear (&job->changed);
  g_free (job);
}

RV_DEFINE_REF (RvJob, rv_job_ref, rv_job_unref, job_free)

const char *
rv_job_kind (const RvJob *job)
{
  return job->class->kind;
}

/* ---- plan and run ------------------------------------------------------------------------------------------------ */

/* (transfer full) (nullable): a run of the current request, settings and files checked. @dry: to be planned only,
 * creates no folder. Takes job->lock. */
static RvJobRun *
new_run (RvJob *job, gboolean dry, GError **error)
{
  g_autoptr (RvJobRun) run = rv__job_run_new (job, dry, error);
  return run && rv__job_run_check (run, error) ? g_steal_pointer (&run) : NULL;
}

gboolean
rv_job_check (RvJob *job, gboolean to_run, GError **error)
{
  g_autoptr (RvJobRun) run = new_run (job, !to_run, error);
  return run != NULL;
}

gboolean
rv_job_is_complete (RvJob *job)
{
  g_autoptr (RvJobRun) run = rv__job_run_new (job, FALSE, NULL);
  return run && rv__job_run_is_complete (run);
}

void
rv__job_set_reusable (RvJobRun *run)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&run->job->lock);
  run->progress.is_reusable = TRUE;
}

gboolean
rv__job_is_reusable (RvJob *job)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  return job->run && job->run->progress.is_reusable;
}

/* Makes @run share data of the last run or plan of job->reuse_from, else of @job, if both have one class and the data
 * is reusable. Releases job->reuse_from at once: references from job to job would form a growing chain. Takes the lock
 * of both jobs, one after the other. */
static void
reuse_data (RvJob *job, RvJobRun *run)
{
  g_mutex_lock (&job->lock);
  g_autoptr (RvJob) other = g_steal_pointer (&job->reuse_from);
  g_mutex_unlock (&job->lock);
  RvJob *from = other ? other : job;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&from->lock);
  if (run->request.class->reuse && from->class == run->request.class && from->run && from->run->progress.is_reusable)
    run->request.class->reuse (run, from->run);
}

/* (nullable): a new, prepared run, borrowed from job->run. It replaces an earlier run, and reuses data by reuse_data().
 * After an error job->run is the earlier run, or NULL. @dry: to plan only. Takes the lock. */
static RvJobRun *
prepare_run (RvJob *job, gboolean dry, GError **error)
{
  g_autoptr (RvJobRun) run = new_run (job, dry, error);
  if (!run)
    return NULL;
  g_mutex_lock (&job->lock);
  if (!run->request.class->reuse) /* frees the plan's pictures before the run reads its own */
    g_clear_pointer (&job->run, rv__job_run_free);
  g_mutex_unlock (&job->lock);
  if (!rv__job_run_prepare (run, error))
    return NULL;
  reuse_data (job, run);
  g_mutex_lock (&job->lock);
  g_clear_pointer (&job->run, rv__job_run_free);
  job->run = g_steal_pointer (&run);
  g_mutex_unlock (&job->lock);
  return job->run;
}

/* Sets a new job to running, and fixes its settings; those of a branch are fixed already. @cancellable: NULL: keeps the
 * job's. @own_thread: reports go to the caller's main context. RV_ERROR_SETTING if it has begun already; nothing
 * changes then. Takes the lock. */
static gboolean
begin (RvJob *job, GCancellable *cancellable, gboolean own_thread, GError **error)
{
  g_mutex_lock (&job->lock);
  gboolean is_new = job->status == RV_JOB_STATUS_NEW;
  if (is_new) {
    job->status = RV_JOB_STATUS_RUNNING;
    if (!job->from) {
      rv_settings_free (job->begun);
      job->begun = rv__settings_copy (job->settings[RV_SETTINGS_METHOD]);
      g_ptr_array_set_size (job->pending_settings, 0); /* changes of a plan, which `begun` already contains */
    }
    if (cancellable)
      g_set_object (&job->cancellable, cancellable);
    job->context = own_thread ? g_main_context_ref_thread_default () : NULL;
  }
  g_mutex_unlock (&job->lock);
  return is_new || rv__error_setting (error, NULL, "the job has begun already; it runs once");
}

/* Number of kernels of the run that another run may choose differently: guessed, or timed on a busy machine, and not
 * in the table; 0 with the setting `exact`. */
static int
count_guessed (const RvJobRun *run)
{
  return rv_settings_get_bool (run->request.settings, "exact", NULL) ? 0
                                                                     : (int) rv__kernel_table_n_guessed (run->kernels);
}

gboolean
rv_job_plan_sized (RvJob *job, RvJobPlan *plan, gsize size, GError **error)
{
  RvJobPlan whole = { .n_stages = 1, .n_tiles = 1, .work = 1 };
  if (!begin (job, NULL, FALSE, error)) /* blocks changes meanwhile */
    return FALSE;
  rv__cancellable_push (job->cancellable);
  RvJobRun *run = prepare_run (job, TRUE, error);
  gboolean ok = run && run->request.class->plan (run, &whole, error);
  rv__cancellable_pop (job->cancellable);
  if (ok) {
    rv__job_set_reusable (run);
    g_mutex_lock (&job->lock);
    if (job->snapshots.every > 0 || job->snapshots.every_s > 0)
      whole.peak_bytes += job->snapshots.max_bytes;
    g_mutex_unlock (&job->lock);
    whole.width = run->request.width;
    whole.height = run->request.height;
    whole.n_guessed = count_guessed (run);
  } else
    whole = (RvJobPlan){ 0 };
  rv__job_set_status (job, RV_JOB_STATUS_NEW);
  memset (plan, 0, size);
  memcpy (plan, &whole, MIN (size, sizeof whole));
  return ok;
}

/* Ends the job: stores @result and @error (both transfer full, nullable), exports kernels, sets the status to done
 * (@ok) or failed, and sends the last report. Returns @ok. Takes the lock. */
static gboolean
end (RvJob *job, gboolean ok, RvImage *result, GError *error)
{
  g_mutex_lock (&job->lock);
  job->result = result;
  job->error = error;
  const RvJobRun *run = job->run;
  g_mutex_unlock (&job->lock);
  g_autofree char *kernels = run && job->kernels ? rv__kernel_table_to_text (run->kernels) : NULL;
  if (kernels) /* job->kernels is constant once the job has begun */
    rv_kernel_table_add_text (job->kernels, kernels);
  RvJobReport report = { .type = RV_JOB_REPORT_ENDED, .channel = -1, .picture = result, .error = error };
  report.width = result ? result->width : 0;
  report.height = result ? result->height : 0;
  report.stopped = run && run->progress.stopped;
  report.n_guessed = ok ? count_guessed (run) : 0;
  if (run && run->request.class->fill_final_report)
    run->request.class->fill_final_report (run, &report);
  rv__job_set_status (job, ok ? RV_JOB_STATUS_DONE : RV_JOB_STATUS_FAILED);
  rv__job_report (job, &report);
  return ok;
}

/* Prepares and runs a job that has begun, and ends it. Returns whether it succeeded; job->error has the error. */
static gboolean
prepare_and_execute (RvJob *job)
{
  GError *error = NULL;
  RvImage *result = NULL;
  rv__cancellable_push (job->cancellable);
  g_atomic_pointer_set (&job->runner, g_thread_self ());
  RvJobRun *run = prepare_run (job, FALSE, &error);
  gboolean ok = run && rv__job_run_execute (run, &result, &error);
  rv__cancellable_pop (job->cancellable);
  g_atomic_pointer_set (&job->runner, NULL);
  return end (job, ok, result, error);
}

/* Returns @ok, whether the job succeeded. If FALSE, sets @error (nullable) to a copy of job->error. */
static gboolean
result_of (const RvJob *job, gboolean ok, GError **error)
{
  if (!ok && error)
    *error = g_error_copy (job->error);
  return ok;
}

gboolean
rv_job_run (RvJob *job, GCancellable *cancellable, GError **error)
{
  if (!begin (job, cancellable ? cancellable : g_cancellable_get_current (), FALSE, error))
    return FALSE;
  g_autoptr (RvJob) held = rv_job_ref (job);
  return result_of (job, prepare_and_execute (job), error);
}

/* GSourceFunc of on_thread(). Returns G_SOURCE_REMOVE: the end of the source drops the reference. */
static gboolean
do_nothing (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* GThreadFunc; @data: (transfer full): the job. Runs it. Then drops the reference: in the subscriber's context, if
 * there is a subscriber, else on this thread. */
static gpointer
on_thread (gpointer data)
{
  RvJob *job = data;
  prepare_and_execute (job);
  g_mutex_lock (&job->lock);
  g_autoptr (GMainContext) context = g_steal_pointer (&job->context);
  gboolean has_subscriber = job->func != NULL;
  g_mutex_unlock (&job->lock);
  if (!has_subscriber) {
    rv_job_unref (job);
    return NULL;
  }
  g_autoptr (GSource) source = g_idle_source_new (); /* the last reference may free the subscriber's data */
  g_source_set_callback (source, do_nothing, job, (GDestroyNotify) rv_job_unref);
  g_source_attach (source, context);
  return NULL;
}

gboolean
rv_job_start (RvJob *job, GCancellable *cancellable, GError **error)
{
  if (!begin (job, cancellable ? cancellable : g_cancellable_get_current (), TRUE, error))
    return FALSE;
  GThread *thread = g_thread_try_new ("job", on_thread, rv_job_ref (job), NULL);
  if (thread) {
    g_thread_unref (thread);
    return TRUE;
  }
  g_mutex_lock (&job->lock); /* undoes begin(); only its cancellable stays */
  job->status = RV_JOB_STATUS_NEW;
  g_clear_pointer (&job->context, g_main_context_unref);
  g_cond_broadcast (&job->changed);
  g_mutex_unlock (&job->lock);
  rv_job_unref (job);
  return rv__error_set (error, RV_ERROR_MEMORY, "no thread can be started for the job");
}

gboolean
rv_job_wait (RvJob *job, GError **error)
{
  g_mutex_lock (&job->lock);
  gboolean is_runner = g_atomic_pointer_get (&job->runner) == g_thread_self ();
  while (!is_runner && (job->status == RV_JOB_STATUS_RUNNING || job->status == RV_JOB_STATUS_PAUSED))
    g_cond_wait (&job->changed, &job->lock);
  gboolean begun = job->status != RV_JOB_STATUS_NEW, ok = job->status == RV_JOB_STATUS_DONE;
  gboolean has_ended = ok || job->status == RV_JOB_STATUS_FAILED;
  g_mutex_unlock (&job->lock);
  if (begun && !has_ended)
    return rv__error_setting (error, NULL, "the thread that runs the job cannot wait for its end");
  if (!begun)
    return rv__error_setting (error, NULL, "the job was not started");
  return result_of (job, ok, error);
}

RvJobStatus
rv_job_status (RvJob *job)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  return job->status;
}

gboolean
rv_job_was_stopped (RvJob *job)
{
  return rv_job_status (job) >= RV_JOB_STATUS_DONE && job->run && job->run->progress.stopped;
}

RvImage *
rv_job_result (RvJob *job)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  gboolean ended = job->status >= RV_JOB_STATUS_DONE;
  return ended && job->result ? rv_image_ref (job->result) : NULL;
}

RvTensorMap *
rv_job_model (RvJob *job)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&job->lock);
  const RvJobRun *run = job->status >= RV_JOB_STATUS_DONE ? job->run : NULL;
  return run && run->model ? rv_tensor_map_ref (run->model) : NULL;
}

char *
rv_job_recipe (RvJob *job)
{
  g_mutex_lock (&job->lock);
  gboolean has_result = job->status >= RV_JOB_STATUS_DONE && job->result;
  g_mutex_unlock (&job->lock);
  return has_result && !job->class->is_model ? rv__job_run_recipe_json (job->run) : NULL; /* constant by now */
}
