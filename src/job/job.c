/* job.c -- jobs as others hold them: what is asked for, the thread, reports, pause and stop. What a run does is
 * run.c's.
 *
 * One lock guards all that more than one thread looks at; the run has copies of what was asked for. */
#include "base/error.h"
#include "base/json.h"
#include "base/settings.h"
#include "job/internal.h"
#include "job/job-list.h"
#include <string.h>

#define PAUSE_US (G_USEC_PER_SEC / 20) /* between two looks at whether a pause is over */

#define X(name) extern const RvJobClass rv__job_##name;
RV_JOB_ROWS (X)
#undef X

static const RvJobClass *const classes[] = {
#define X(name) &rv__job_##name,
  RV_JOB_ROWS (X)
#undef X
    NULL
};

/* The kinds of settings that each job has, beside its method's. */
enum { METHOD, PICTURE, STATE, N_SETTINGS };

/* A report that nobody has looked at yet. */
typedef struct {
  RvJobReport report;
  double *losses;
} Waiting;

struct _RvJob {
  const RvJobClass *class;
  gint ref_count;
  GMutex lock;
  GCond changed; /* of status and of what follows */

  /* What is asked for. */
  RvSettings *settings[N_SETTINGS];
  GPtrArray *inputs; /* RvJobInput */
  RvNet *net;
  char *weights_file;
  RvKernelTable *kernels;
  RvJob *with;
  gboolean make_folder;

  /* Who listens. */
  RvJobFunc func;
  gpointer func_data;
  GDestroyNotify func_destroy;
  double preview_every_s;
  RvStopFunc wanted;
  gpointer wanted_data;
  GMainContext *context; /* of a job with a thread of its own */
  Waiting *waiting[RV_JOB_ENDED + 1];
  gboolean told; /* the context will look at them */

  /* What becomes of it. */
  RvJobStatus status;
  GCancellable *cancellable;
  gboolean stop, pause;
  GPtrArray *changes; /* name, value, ...: to be looked at by the run */
  RvJobRun *run;      /* from the first that needs it made ready */
  RvImage *result;
  GError *error;
};

/* ---- made and unmade --------------------------------------------------------------------------------------------- */

const char *const *
rv_job_kinds (void)
{
#define X(name) #name,
  static const char *const names[] = { RV_JOB_ROWS (X) NULL };
#undef X
  return names;
}

static void
free_input (gpointer data)
{
  RvJobInput *input = data;
  g_free (input->file);
  rv_image_unref (input->picture);
  g_free (input);
}

RvJob *
rv_job_new (const char *kind, GError **error)
{
  const RvJobClass *class = NULL;
  for (int i = 0; classes[i]; i++)
    if (g_strcmp0 (classes[i]->kind, kind) == 0)
      class = classes[i];
  if (!class) {
    g_autofree char *all = g_strjoinv (", ", (char **) rv_job_kinds ());
    rv__error_setting (error, NULL, "there are no jobs of the kind '%s', but of %s", kind ? kind : "NULL", all);
    return NULL;
  }
  RvJob *job = g_new0 (RvJob, 1);
  job->class = class;
  job->ref_count = 1;
  g_mutex_init (&job->lock);
  g_cond_init (&job->changed);
  job->settings[METHOD] = rv_settings_new (class->kind, NULL);
  job->settings[PICTURE] = rv_settings_new ("picture", NULL);
  job->settings[STATE] = rv_settings_new ("state", NULL);
  job->inputs = g_ptr_array_new_with_free_func (free_input);
  job->changes = g_ptr_array_new_with_free_func (g_free);
  return job;
}

RvJob *
rv_job_ref (RvJob *job)
{
  g_atomic_int_inc (&job->ref_count);
  return job;
}

static void
free_waiting (Waiting *waiting)
{
  if (!waiting)
    return;
  rv_image_unref (waiting->report.picture);
  g_free (waiting->losses);
  g_free (waiting);
}

void
rv_job_unref (RvJob *job)
{
  if (!job || !g_atomic_int_dec_and_test (&job->ref_count))
    return;
  rv__job_run_free (job->run);
  if (job->func_destroy)
    job->func_destroy (job->func_data);
  for (int i = 0; i < N_SETTINGS; i++)
    rv_settings_free (job->settings[i]);
  for (int i = 0; i <= RV_JOB_ENDED; i++)
    free_waiting (job->waiting[i]);
  g_ptr_array_unref (job->inputs);
  g_ptr_array_unref (job->changes);
  rv_net_unref (job->net);
  g_free (job->weights_file);
  g_clear_pointer (&job->kernels, rv_kernel_table_unref);
  g_clear_pointer (&job->context, g_main_context_unref);
  g_clear_object (&job->cancellable);
  rv_job_unref (job->with);
  rv_image_unref (job->result);
  g_clear_error (&job->error);
  g_mutex_clear (&job->lock);
  g_cond_clear (&job->changed);
  g_free (job);
}

const char *
rv_job_kind (const RvJob *job)
{
  return job->class->kind;
}

/* ---- what is asked for ------------------------------------------------------------------------------------------- */

static const RvJobRole *
find_role (const RvJobClass *class, const char *name)
{
  for (const RvJobRole *role = class->roles; role->name; role++)
    if (g_strcmp0 (role->name, name) == 0)
      return role;
  return NULL;
}

/* Under the lock. */
static gboolean
may_add (const RvJob *job, const RvJobRole *role, const char *name, gboolean is_there, GError **error)
{
  gboolean there = FALSE;
  for (guint i = 0; role && i < job->inputs->len; i++)
    there |= ((const RvJobInput *) job->inputs->pdata[i])->role == role;
  if (!role)
    rv__error_setting (error, NULL, "a %s job has no input called '%s'", job->class->kind, name ? name : "NULL");
  else if (!is_there)
    rv__error_setting (error, NULL, "the input '%s' is NULL", name);
  else if (job->status != RV_JOB_NEW)
    rv__error_setting (error, NULL, "the job has begun: its inputs are what they are");
  else if (there && !role->many)
    rv__error_setting (error, NULL, "a %s job has one input called '%s'", job->class->kind, name);
  else
    return TRUE;
  return FALSE;
}

static gboolean
add_input (RvJob *job, const char *name, const char *filename, RvImage *picture, GError **error)
{
  const RvJobRole *role = find_role (job->class, name);
  g_mutex_lock (&job->lock);
  gboolean ok = may_add (job, role, name, filename || picture, error);
  if (ok) {
    RvJobInput *input = g_new0 (RvJobInput, 1);
    *input = (RvJobInput){ role, g_strdup (filename), picture ? rv_image_ref (picture) : NULL };
    g_ptr_array_add (job->inputs, input);
    g_clear_pointer (&job->run, rv__job_run_free);
  }
  g_mutex_unlock (&job->lock);
  return ok;
}

gboolean
rv_job_add_file (RvJob *job, const char *role, const char *filename, GError **error)
{
  return add_input (job, role, filename, NULL, error);
}

gboolean
rv_job_add_picture (RvJob *job, const char *role, RvImage *picture, GError **error)
{
  return add_input (job, role, NULL, picture, error);
}

/* Those of the job's settings that have an option of that name; the method's where none have, for their error. */
static int
find_settings (const RvJob *job, const char *name, const RvOption **option)
{
  for (int i = 0; i < N_SETTINGS; i++)
    if ((*option = rv_settings_find_option (rv_settings_kind (job->settings[i]), name)))
      return i;
  return METHOD;
}

/* Under the lock. */
static gboolean
set (RvJob *job, const char *name, const char *value, GError **error)
{
  const RvOption *option;
  int which = find_settings (job, name, &option);
  if (job->status != RV_JOB_NEW && option && !rv_option_may_change (option)) {
    rv__error_setting (error, name, "'%s' cannot change any more: the job has begun", name);
    return FALSE;
  }
  if (!rv_settings_set (job->settings[which], name, value, error))
    return FALSE;
  if (job->status == RV_JOB_NEW) {
    g_clear_pointer (&job->run, rv__job_run_free); /* what was planned is another job's */
    return TRUE;
  }
  g_ptr_array_add (job->changes, g_strdup (name));
  g_ptr_array_add (job->changes, g_strdup (value));
  return TRUE;
}

gboolean
rv_job_set (RvJob *job, const char *name, const char *value, GError **error)
{
  g_mutex_lock (&job->lock);
  gboolean ok = set (job, name, value, error);
  g_mutex_unlock (&job->lock);
  return ok;
}

gboolean
rv_job_set_settings (RvJob *job, const RvSettings *settings, GError **error)
{
  const char *kind = settings ? rv_settings_kind (settings) : "NULL";
  int which = -1;
  g_mutex_lock (&job->lock);
  for (int i = 0; i < N_SETTINGS; i++)
    if (strcmp (rv_settings_kind (job->settings[i]), kind) == 0)
      which = i;
  gboolean ok = which >= 0 && job->status == RV_JOB_NEW;
  if (ok) {
    rv_settings_free (job->settings[which]);
    job->settings[which] = rv_settings_copy (settings);
    g_clear_pointer (&job->run, rv__job_run_free);
  } else if (which < 0)
    rv__error_setting (error, NULL, "a %s job has no settings of '%s'", job->class->kind, kind);
  else
    rv__error_setting (error, NULL, "the job has begun: set what may change one by one");
  g_mutex_unlock (&job->lock);
  return ok;
}

/* (transfer full): of the object's members, those whose options are of that kind. */
static char *
json_of (const RvJob *job, JsonObject *object, int which)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  const RvOption *option;
  g_autoptr (JsonObject) own = json_object_new ();
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    if (find_settings (job, name, &option) == which)
      json_object_set_member (own, name, json_node_copy (node));
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (root, own);
  return json_to_string (root, FALSE);
}

/* Under the lock. */
static gboolean
set_object (RvJob *job, JsonObject *object, GError **error)
{
  RvSettings *changed[N_SETTINGS];
  gboolean ok = TRUE;
  for (int i = 0; i < N_SETTINGS; i++) {
    g_autofree char *json = json_of (job, object, i);
    changed[i] = rv_settings_copy (job->settings[i]);
    ok = ok && rv_settings_set_json (changed[i], json, error);
  }
  for (int i = 0; i < N_SETTINGS; i++) {
    RvSettings *old = ok ? job->settings[i] : changed[i];
    if (ok)
      job->settings[i] = changed[i];
    rv_settings_free (old);
  }
  g_clear_pointer (&job->run, rv__job_run_free);
  return ok;
}

gboolean
rv_job_set_json (RvJob *job, const char *json, GError **error)
{
  g_autoptr (JsonObject) object = rv__json_object (json ? json : "", json ? strlen (json) : 0, "the settings", error);
  if (!object)
    return FALSE;
  g_mutex_lock (&job->lock);
  gboolean ok = job->status == RV_JOB_NEW;
  if (!ok)
    rv__error_setting (error, NULL, "the job has begun: set what may change one by one");
  ok = ok && set_object (job, object, error);
  g_mutex_unlock (&job->lock);
  return ok;
}

char *
rv_job_get (RvJob *job, const char *name, GError **error)
{
  const RvOption *option;
  g_mutex_lock (&job->lock);
  char *value = rv_settings_get (job->settings[find_settings (job, name, &option)], name, error);
  g_mutex_unlock (&job->lock);
  return value;
}

void
rv_job_set_net (RvJob *job, RvNet *net, const char *weights_file)
{
  g_mutex_lock (&job->lock);
  rv_net_unref (job->net);
  g_free (job->weights_file);
  job->net = net ? rv_net_ref (net) : NULL;
  job->weights_file = g_strdup (weights_file);
  g_mutex_unlock (&job->lock);
}

void
rv_job_set_kernels (RvJob *job, RvKernelTable *kernels)
{
  g_mutex_lock (&job->lock);
  g_clear_pointer (&job->kernels, rv_kernel_table_unref);
  job->kernels = kernels ? rv_kernel_table_ref (kernels) : NULL;
  g_mutex_unlock (&job->lock);
}

void
rv_job_share (RvJob *job, RvJob *with)
{
  if (with == job)
    return;
  g_mutex_lock (&job->lock);
  g_autoptr (RvJob) old = job->with; /* goes when nothing is locked: its subscriber may ask for this one */
  job->with = with ? rv_job_ref (with) : NULL;
  g_mutex_unlock (&job->lock);
}

void
rv_job_set_make_folder (RvJob *job, gboolean make_folder)
{
  g_mutex_lock (&job->lock);
  job->make_folder = make_folder;
  g_mutex_unlock (&job->lock);
}

/* ---- reports ----------------------------------------------------------------------------------------------------- */

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

/* On the context of whoever started the job. */
static gboolean
on_told (gpointer data)
{
  RvJob *job = data;
  g_mutex_lock (&job->lock);
  job->told = FALSE;
  for (int i = 0; i <= RV_JOB_ENDED; i++) {
    if (i == RV_JOB_ENDED &&
        (job->waiting[RV_JOB_PROGRESS] || job->waiting[RV_JOB_PREVIEW] || job->waiting[RV_JOB_PAUSED]))
      break; /* these came meanwhile: who tells them also tells the end */
    Waiting *waiting = g_steal_pointer (&job->waiting[i]);
    RvJobFunc func = job->func;
    gpointer func_data = job->func_data;
    g_mutex_unlock (&job->lock);
    if (waiting && func)
      func (job, &waiting->report, func_data);
    free_waiting (waiting);
    g_mutex_lock (&job->lock);
  }
  g_mutex_unlock (&job->lock);
  return G_SOURCE_REMOVE;
}

/* Under the lock, so that whoever is told finds all that happened before. */
static void
tell (RvJob *job)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_told, rv_job_ref (job), (GDestroyNotify) rv_job_unref);
  g_source_attach (source, job->context);
}

static Waiting *
waiting_of (const RvJobReport *report)
{
  Waiting *waiting = g_new0 (Waiting, 1);
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
  Waiting *waiting = waiting_of (report);
  g_mutex_lock (&job->lock);
  Waiting *unseen = job->waiting[report->type];
  job->waiting[report->type] = waiting;
  if (!job->told)
    tell (job);
  job->told = TRUE;
  g_mutex_unlock (&job->lock);
  free_waiting (unseen);
}

double
rv__job_previews (RvJob *job)
{
  return job->preview_every_s;
}

/* ---- stop and pause ---------------------------------------------------------------------------------------------- */

void
rv_job_set_stop (RvJob *job, RvStopFunc wanted, gpointer user_data)
{
  g_mutex_lock (&job->lock);
  job->wanted = wanted;
  job->wanted_data = user_data;
  g_mutex_unlock (&job->lock);
}

static void
set_flag (RvJob *job, gboolean *flag, gboolean value)
{
  g_mutex_lock (&job->lock);
  *flag = value;
  g_cond_broadcast (&job->changed);
  g_mutex_unlock (&job->lock);
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

GCancellable *
rv__job_cancellable (RvJob *job)
{
  return job->cancellable;
}

gboolean
rv__job_is_cancelled (RvJob *job)
{
  return g_cancellable_is_cancelled (job->cancellable);
}

gboolean
rv__job_is_stopped (RvJob *job)
{
  g_mutex_lock (&job->lock);
  gboolean stop = job->stop;
  RvStopFunc wanted = job->wanted;
  gpointer data = job->wanted_data;
  g_mutex_unlock (&job->lock);
  return stop || (wanted && wanted (data));
}

gboolean
rv__job_is_paused (RvJob *job)
{
  g_mutex_lock (&job->lock);
  gboolean pause = job->pause;
  g_mutex_unlock (&job->lock);
  return pause;
}

static void
set_status (RvJob *job, RvJobStatus status)
{
  g_mutex_lock (&job->lock);
  job->status = status;
  g_cond_broadcast (&job->changed);
  g_mutex_unlock (&job->lock);
}

void
rv__job_wait_paused (RvJob *job)
{
  set_status (job, RV_JOB_WAITING);
  while (rv__job_is_paused (job) && !rv__job_is_stopped (job) && !rv__job_is_cancelled (job)) {
    g_mutex_lock (&job->lock);
    if (job->pause && !job->stop)
      g_cond_wait_until (&job->changed, &job->lock, g_get_monotonic_time () + PAUSE_US);
    g_mutex_unlock (&job->lock);
  }
  set_status (job, RV_JOB_RUNNING);
}

void
rv__job_steer (RvJob *job, RvJobRun *run)
{
  g_mutex_lock (&job->lock);
  for (guint i = 0; i < job->changes->len; i += 2) {
    const char *name = job->changes->pdata[i], *value = job->changes->pdata[i + 1];
    const RvOption *option;
    if (find_settings (job, name, &option) == PICTURE)
      rv_settings_set (run->picture, name, value, NULL);
  }
  g_ptr_array_set_size (job->changes, 0);
  double every_s = rv_settings_get_real (job->settings[STATE], "state-every", NULL);
  g_mutex_unlock (&job->lock);
  if (run->state)
    rv__state_file_set_every (run->state, every_s);
}

/* ---- before, and the run ----------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): from what is asked for now. */
static RvJobRun *
run_of (RvJob *job, gboolean dry, GError **error)
{
  g_autoptr (RvJobRun) run = rv__job_run_new (job, dry, error);
  return run && rv__job_run_check (run, error) ? g_steal_pointer (&run) : NULL;
}

gboolean
rv_job_check (RvJob *job, gboolean to_run, GError **error)
{
  g_autoptr (RvJobRun) run = run_of (job, !to_run, error);
  return run != NULL;
}

gboolean
rv_job_is_made (RvJob *job)
{
  g_autoptr (RvJobRun) run = rv__job_run_new (job, FALSE, NULL);
  return run && rv__job_run_is_made (run);
}

void
rv__job_ask (RvJob *job, RvJobRun *run)
{
  g_mutex_lock (&job->lock);
  run->job = job;
  run->class = job->class;
  run->inputs = g_ptr_array_copy (job->inputs, NULL, NULL);
  g_ptr_array_set_free_func (run->inputs, NULL);
  run->settings = rv_settings_copy (job->settings[METHOD]);
  run->picture = rv_settings_copy (job->settings[PICTURE]);
  run->going_on = (RvStateOptions){ rv_settings_get_bool (job->settings[STATE], "resume", NULL),
                                    rv_settings_get_real (job->settings[STATE], "state-every", NULL) };
  run->net = job->net ? rv_net_ref (job->net) : NULL;
  run->kernels = job->kernels ? rv_kernel_table_ref (job->kernels) : rv_kernel_table_new ();
  run->options = run->picture->fields;
  run->options->weights_file = g_strdup (job->weights_file);
  run->options->make_folder = job->make_folder;
  g_mutex_unlock (&job->lock);
}

void
rv__job_settle (RvJob *job, RvJobRun *run)
{
  g_mutex_lock (&job->lock);
  run->settled = TRUE;
  g_mutex_unlock (&job->lock);
}

/* Takes over what @with, or @job itself when it was planned, has found already. */
static void
share_with (RvJob *with, RvJobRun *run)
{
  g_mutex_lock (&with->lock);
  if (with->class == run->class && with->run && with->run->settled)
    run->class->share (run, with->run);
  g_mutex_unlock (&with->lock);
}

/* The job it shares with is let go of at once: a chain of jobs would keep all their pictures. */
static void
share (RvJob *job, RvJobRun *run)
{
  g_mutex_lock (&job->lock);
  g_autoptr (RvJob) with = g_steal_pointer (&job->with);
  g_mutex_unlock (&job->lock);
  share_with (with ? with : job, run);
}

/* (nullable): of the job, ready to be planned or run. */
static RvJobRun *
ready (RvJob *job, gboolean dry, GError **error)
{
  g_autoptr (RvJobRun) run = run_of (job, dry, error);
  if (!run || !rv__job_run_prepare (run, error))
    return NULL;
  share (job, run);
  g_mutex_lock (&job->lock);
  g_clear_pointer (&job->run, rv__job_run_free);
  job->run = g_steal_pointer (&run);
  g_mutex_unlock (&job->lock);
  return job->run;
}

static gboolean
begin (RvJob *job, GCancellable *cancellable, gboolean own_thread, GError **error)
{
  g_mutex_lock (&job->lock);
  gboolean is_new = job->status == RV_JOB_NEW;
  if (is_new) {
    job->status = RV_JOB_RUNNING;
    g_ptr_array_set_size (job->changes, 0); /* of a plan, whose settings these are by now */
    job->cancellable = cancellable ? g_object_ref (cancellable) : NULL;
    job->context = own_thread ? g_main_context_ref_thread_default () : NULL;
  }
  g_mutex_unlock (&job->lock);
  if (!is_new)
    rv__error_setting (error, NULL, "the job has begun already; it runs once");
  return is_new;
}

gboolean
rv_job_plan_sized (RvJob *job, RvJobPlan *plan, gsize size, GError **error)
{
  RvJobPlan whole = { 0 };
  if (!begin (job, NULL, FALSE, error)) /* so that nobody changes it meanwhile */
    return FALSE;
  RvJobRun *run = ready (job, TRUE, error);
  gboolean ok = run && run->class->plan (run, &whole, error);
  if (ok)
    rv__job_settle (job, run);
  whole.width = ok ? run->width : 0;
  whole.height = ok ? run->height : 0;
  set_status (job, RV_JOB_NEW);
  memset (plan, 0, size);
  memcpy (plan, &whole, MIN (size, sizeof whole));
  return ok;
}

/* How it ended, for all who ask. */
static gboolean
end (RvJob *job, gboolean ok, RvImage *result, GError *error)
{
  g_mutex_lock (&job->lock);
  job->result = result;
  job->error = error;
  gboolean stopped = job->run && job->run->stopped;
  g_mutex_unlock (&job->lock);
  RvJobReport report = { .type = RV_JOB_ENDED, .picture = result, .error = error, .stopped = stopped };
  set_status (job, ok ? RV_JOB_DONE : RV_JOB_FAILED);
  rv__job_report (job, &report);
  return ok;
}

static gboolean
make (RvJob *job)
{
  GError *error = NULL;
  RvImage *result = NULL;
  RvJobRun *run = ready (job, FALSE, &error);
  gboolean ok = run && rv__job_run_make (run, &result, &error);
  return end (job, ok, result, error);
}

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
  if (!begin (job, cancellable, FALSE, error))
    return FALSE;
  g_autoptr (RvJob) held = rv_job_ref (job);
  return result_of (job, make (job), error);
}

static gboolean
nothing (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* The thread's hold of the job ends on the context of its subscriber, who may be let go of with it. */
static void
let_go_there (RvJob *job, GMainContext *context)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_callback (source, nothing, job, (GDestroyNotify) rv_job_unref);
  g_source_attach (source, context);
}

static gpointer
on_thread (gpointer data)
{
  RvJob *job = data;
  make (job);
  g_mutex_lock (&job->lock);
  g_autoptr (GMainContext) context = g_steal_pointer (&job->context);
  gboolean listens = job->func != NULL;
  g_mutex_unlock (&job->lock);
  if (listens)
    let_go_there (job, context);
  else
    rv_job_unref (job);
  return NULL;
}

/* No thread can be had: the job is as it was. */
static void
not_begun (RvJob *job, GError **error)
{
  g_mutex_lock (&job->lock);
  job->status = RV_JOB_NEW;
  g_clear_object (&job->cancellable);
  g_clear_pointer (&job->context, g_main_context_unref);
  g_cond_broadcast (&job->changed);
  g_mutex_unlock (&job->lock);
  rv_job_unref (job); /* the thread's */
  g_set_error_literal (error, RV_ERROR, RV_ERROR_MEMORY, "no thread can be started for the job");
}

gboolean
rv_job_start (RvJob *job, GCancellable *cancellable, GError **error)
{
  if (!begin (job, cancellable, TRUE, error))
    return FALSE;
  GThread *thread = g_thread_try_new ("job", on_thread, rv_job_ref (job), NULL);
  if (thread)
    g_thread_unref (thread);
  else
    not_begun (job, error);
  return thread != NULL;
}

gboolean
rv_job_wait (RvJob *job, GError **error)
{
  g_mutex_lock (&job->lock);
  while (job->status == RV_JOB_RUNNING || job->status == RV_JOB_WAITING)
    g_cond_wait (&job->changed, &job->lock);
  gboolean begun = job->status != RV_JOB_NEW, ok = job->status == RV_JOB_DONE;
  g_mutex_unlock (&job->lock);
  if (!begun) {
    rv__error_setting (error, NULL, "the job was not started");
    return FALSE;
  }
  return result_of (job, ok, error);
}

RvJobStatus
rv_job_status (RvJob *job)
{
  g_mutex_lock (&job->lock);
  RvJobStatus status = job->status;
  g_mutex_unlock (&job->lock);
  return status;
}

gboolean
rv_job_was_stopped (RvJob *job)
{
  return rv_job_status (job) >= RV_JOB_DONE && job->run && job->run->stopped;
}

RvImage *
rv_job_result (RvJob *job)
{
  g_mutex_lock (&job->lock);
  RvImage *result = job->status >= RV_JOB_DONE && job->result ? rv_image_ref (job->result) : NULL;
  g_mutex_unlock (&job->lock);
  return result;
}

char *
rv_job_recipe (RvJob *job)
{
  g_autoptr (RvImage) result = rv_job_result (job);
  return result ? rv__job_run_recipe (job->run) : NULL; /* which nobody changes any more */
}
