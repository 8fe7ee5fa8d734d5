/* queue.c -- runs tasks one at a time.
 *
 * The studio's folder has the files of each task that has not ended. Its file "queue" has a line for each of these
 * tasks: the id, and whether the task is paused. A paused task is a stopped job and resumes as after a kill. Only the
 * latest paused one uses memory, for its snapshots. */
#include "queue.h"
#include "task-files.h"
#include <reverie/kernel-cache.h>
#include <string.h>

#define MAX_WAITING 32
#define MAX_ENDED 100
#define PREVIEW_S 0.4
#define PREVIEW_MAX_S 4.0
#define PREVIEW_SHARE 0.01   /* fraction of time for encoding previews; a run slows down by about twice that */
#define SNAPSHOT_EVERY_S 1.0 /* between two snapshots */
#define MAX_SNAPSHOTS 24
#define SNAPSHOTS_BYTES ((gsize) 384 << 20)
#define LIST "queue"

struct _Queue {
  Pictures *pictures;
  QueueFunc changed;
  gpointer user_data;
  GPtrArray *tasks; /* in the order of the queue; a task keeps its position when it ends */
  Task *running;
  RvKernelTable *kernels;
  GHashTable *unrestored;       /* names in requests of all tasks while they are restored, else NULL */
  double preview_s;             /* duration of the latest preview */
  gboolean closing, interrupts; /* the studio ends; the running task continues next time */
};

static void start_next (Queue *queue);
static void restart (Queue *queue, Task *task);

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* Writes ids and states, paused or waiting, of all tasks that have not ended to the list on disk.
 * G_IO_ERROR_NO_SPACE. */
static gboolean
write_list (Queue *queue, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < queue->tasks->len; i++) {
    const Task *task = queue->tasks->pdata[i];
    gboolean paused = task->state == TASK_PAUSED || task->pausing;
    if (!task_has_ended (task))
      g_string_append_printf (text, "%s %s\n", task->id, paused ? "paused" : "waiting");
  }
  return task_files_write (queue->pictures, LIST, text->str, error);
}

/* (transfer full) (nullable): the task's job, by task_create_job(), which also sets the task's kind and inputs. Finding
 * the inputs deletes no pictures that unfinished tasks need. */
static RvJob *
job_of (Queue *queue, Task *task, GError **error)
{
  g_autoptr (GHashTable) used = queue_inputs (queue);
  return task_create_job (task, queue->pictures, used, error);
}

/* Copies the message without paths and, for RV_ERROR, the option at fault into the task. */
static void
set_error (Task *task, const GError *error)
{
  g_free (task->error);
  task->error = pictures_hide_paths (error->message);
  g_free (task->option);
  task->option = g_strdup (error->domain == RV_ERROR ? rv_error_option (error) : NULL);
}

/* Replaces inputs in the request of @task, and writes it. Keeps the earlier request in previous_json, unless that has
 * an even earlier one. FALSE, @task unchanged: errors of task_changed_request() and task_create_job();
 * G_IO_ERROR_NO_SPACE. */
static gboolean
change_request (Queue *queue, Task *task, const TaskChange *change, GError **error)
{
  g_autoptr (GHashTable) used = queue_inputs (queue);
  g_autofree char *request = task_changed_request (task, change, 0, queue->pictures, used, error);
  g_autoptr (Task) other = request ? task_new (task->id, request) : NULL;
  g_autoptr (RvJob) job = other ? job_of (queue, other, error) : NULL;
  if (!job || !task_write_request (other, queue->pictures, error))
    return FALSE;
  char *before = task->request_json;
  task->request_json = g_steal_pointer (&other->request_json);
  if (task->previous_json)
    g_free (before);
  else
    task->previous_json = before;
  g_strfreev (task->inputs);
  task->inputs = g_steal_pointer (&other->inputs);
  return TRUE;
}

/* Restores the task @id of an earlier run from its files, and appends it, paused or waiting. Takes over inputs that an
 * older version of the studio replaced (task_take_changed()). If its job cannot be created, as inputs are gone, it is
 * TASK_FAILED with the reason; its files stay. Skips a task whose request is missing or damaged. Neither notifies nor
 * starts it. Cannot fail. */
static void
restore_task (Queue *queue, const char *id, gboolean paused)
{
  g_autofree char *request = task_read_request (id, queue->pictures);
  if (!request)
    return;
  g_autoptr (GError) error = NULL;
  Task *task = task_new (id, request);
  g_auto (TaskChange) change = task_take_changed (task, queue->pictures);
  if (change.pictures[0] || change.pictures[1])
    change_request (queue, task, &change, NULL); /* after a failure, the resumed run reports which inputs are missing */
  g_autoptr (RvJob) job = job_of (queue, task, &error);
  if (g_error_matches (error, RV_ERROR, RV_ERROR_FORMAT)) { /* damaged */
    task_unref (task);
    return;
  }
  task->state = !job ? TASK_FAILED : paused ? TASK_PAUSED : TASK_WAITING;
  if (!job)
    set_error (task, error);
  g_ptr_array_add (queue->tasks, task);
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

/* Sets the state of @task, writes the list on disk, and notifies. Errors of the disk are ignored. */
static void
set_state (Queue *queue, Task *task, TaskState state)
{
  task_set_state (task, state);
  write_list (queue, NULL); /* if the disk is full, the next change writes the list */
  queue->changed (task, queue->user_data);
}

/* Sets the task's error and pauses it, with all its files: resuming tries again. */
static void
pause_after_error (Queue *queue, Task *task, const GError *error)
{
  set_error (task, error);
  set_state (queue, task, TASK_PAUSED);
}

/* Moves the task's result to the folder and sets the state TASK_DONE. If that fails, pauses the task with the error. */
static void
publish (Queue *queue, Task *task)
{
  g_autoptr (GError) error = NULL;
  if (task_publish_result (task, queue->pictures, &error))
    set_state (queue, task, TASK_DONE);
  else
    pause_after_error (queue, task, error);
}

/* Whether @error may be a lack of disk space or memory. */
static gboolean
lacks_space (const GError *error)
{
  return g_error_matches (error, RV_ERROR, RV_ERROR_FILE) || g_error_matches (error, RV_ERROR, RV_ERROR_MEMORY);
}

/* Ends a task as TASK_FAILED with @error, moves a picture that it has made to the folder of results, and deletes its
 * other files. Pauses it instead, with its files and @error, if the picture cannot be moved, or if it has a result or
 * a checkpoint and lacks_space(). */
static void
fail_task (Queue *queue, Task *task, const GError *error)
{
  gboolean has_picture = task_has_result (task, queue->pictures),
           begun = has_picture || task_has_state (task, queue->pictures);
  if ((begun && lacks_space (error)) || (has_picture && !task_publish_result (task, queue->pictures, NULL))) {
    pause_after_error (queue, task, error);
    return;
  }
  set_error (task, error);
  task_remove_files (task, queue->pictures);
  set_state (queue, task, TASK_FAILED);
}

/* Takes task->job after its run. If the task will continue and has snapshots, the job becomes task->paused_job, for
 * branches from its snapshots; frees the paused jobs of all other tasks. Otherwise drops the job. */
static void
store_snapshots (Queue *queue, Task *task)
{
  g_autoptr (RvJob) job = g_steal_pointer (&task->job);
  g_autoptr (GPtrArray) snapshots = rv_job_snapshots (job);
  if ((!task->pausing && !task->restarting) || task->cancelled || queue->closing || snapshots->len == 0)
    return;
  for (guint i = 0; i < queue->tasks->len; i++) /* only one may have snapshots, which take memory */
    g_clear_pointer (&((Task *) queue->tasks->pdata[i])->paused_job, rv_job_unref);
  rv_job_release_run (job);
  task->paused_job = g_steal_pointer (&job);
}

/* Pauses a task that could not continue with its new inputs, with @error, and restores the request of previous_json,
 * which must not be NULL, also on disk. */
static void
undo_change (Queue *queue, Task *task, const GError *error)
{
  g_free (task->request_json);
  task->request_json = g_steal_pointer (&task->previous_json);
  task_write_request (task, queue->pictures, NULL);
  g_autoptr (RvJob) job = job_of (queue, task, NULL); /* finds the earlier inputs, so that no upload deletes them */
  pause_after_error (queue, task, error);
}

/* Handles the last report of the running @task. A cancelled task loses its files. A pausing task is paused, or waiting
 * if the studio ends, unless it is complete; also if its checkpoint cannot be written. A restarting task starts again;
 * if its new inputs fail, it gets the earlier ones and is paused. Another error fails a task, or pauses it if disk or
 * memory is full. Otherwise the result is published. Also saves kernel choices, releases task->job, and sets
 * queue->running to NULL, except after a restart. Does not start the next task. */
static void
end_task (Queue *queue, Task *task, const RvJobReport *report)
{
  gboolean pausing = task->pausing, restarting = task->restarting && !pausing && !task->stopping;
  rv_kernel_cache_save (queue->kernels);
  store_snapshots (queue, task);
  g_clear_object (&task->cancellable);
  queue->running = NULL;
  task->pausing = task->restarting = FALSE;
  if (task->cancelled) {
    task_remove_files (task, queue->pictures);
    set_state (queue, task, TASK_CANCELLED);
  } else if (pausing && (report->error || report->stopped) &&
             (!report->error || g_error_matches (report->error, RV_ERROR, RV_ERROR_CANCELLED) ||
              lacks_space (report->error))) {
    if (lacks_space (report->error)) /* its checkpoint may be missing; then it starts again */
      set_error (task, report->error);
    task_delete_stateless_result (task, queue->pictures);
    set_state (queue, task, queue->interrupts ? TASK_WAITING : TASK_PAUSED);
  } else if (restarting && !report->error && report->stopped)
    restart (queue, task);
  else if (!restarting && report->error && task->previous_json)
    undo_change (queue, task, report->error);
  else if (report->error)
    fail_task (queue, task, report->error);
  else
    publish (queue, task);
}

/* RvJobFunc; @user_data: the Queue. Stores progress and previews in the running task and notifies followers; then drops
 * previous_json unless the task is restarting. Stops the job when it has paused for a restart. The last report also has
 * the final preview; it ends the task and starts the next one. Ignores other jobs. Main thread. */
static void
on_report (RvJob *job, const RvJobReport *report, gpointer user_data)
{
  Queue *queue = user_data;
  Task *task = queue->running;
  if (!task || task->job != job)
    return;
  if (report->type == RV_JOB_REPORT_PROGRESS || report->type == RV_JOB_REPORT_PREVIEW) {
    if (!task->restarting)
      g_clear_pointer (&task->previous_json, g_free);
    task_report (task, report);
    queue->changed (task, queue->user_data);
  } else if (report->type == RV_JOB_REPORT_PAUSED && task->restarting)
    rv_job_stop (job); /* its checkpoint is written */
  else if (report->type == RV_JOB_REPORT_ENDED) {
    g_autoptr (Task) held = task_ref (task);
    if (report->picture && !report->stopped) {
      rv_image_unref (task->preview);
      task->preview = rv_image_ref (report->picture);
      task->preview_at = ++task->now;
    }
    end_task (queue, task, report);
    start_next (queue);
  }
}

/* Subscribes to the job, with previews at a rate that takes PREVIEW_SHARE of the time, one every PREVIEW_S to
 * PREVIEW_MAX_S. */
static void
subscribe (Queue *queue, RvJob *job)
{
  double every_s = CLAMP (queue->preview_s / PREVIEW_SHARE, PREVIEW_S, PREVIEW_MAX_S);
  rv_job_subscribe (job, every_s, on_report, queue, NULL);
}

void
queue_set_preview_time (Queue *queue, double seconds)
{
  queue->preview_s = seconds;
  if (queue->running)
    subscribe (queue, queue->running->job);
}

/* (transfer full) (nullable): the job to run: task->branch, which becomes NULL, or a job from the request. Its output
 * is in the hidden folder; it resumes from a checkpoint there, if there is one. */
static RvJob *
job_to_run (Queue *queue, Task *task, GError **error)
{
  g_autoptr (RvJob) job = task->branch ? g_steal_pointer (&task->branch) : job_of (queue, task, error);
  g_autofree char *output = task_output (task, queue->pictures);
  if (!job || !rv_job_set (job, "output", output, error) || !rv_job_set (job, "resume", "yes", error))
    return NULL;
  return g_steal_pointer (&job);
}

/* Starts @job and makes @task the running one, with its own reference to @job, a new cancellable, and without its old
 * error. Copies the snapshots of task->paused_job, which it frees, and sets the settings in task->late. Progress begins
 * again unless the task is in TASK_RUNNING, a restart. The caller sets the state. FALSE: nothing runs. */
static gboolean
start (Queue *queue, Task *task, RvJob *job, GError **error)
{
  rv_job_set_kernels (job, queue->kernels);
  subscribe (queue, job);
  rv_job_keep_snapshots (job, 0, SNAPSHOT_EVERY_S, MAX_SNAPSHOTS, SNAPSHOTS_BYTES);
  task->cancellable = g_cancellable_new ();
  if (task->paused_job)
    rv_job_copy_snapshots (job, task->paused_job);
  if (!rv_job_start (job, task->cancellable, error)) {
    g_clear_object (&task->cancellable);
    return FALSE;
  }
  for (guint i = 0; i < task->late->len; i += 2)
    task_set_option (job, task->late->pdata[i], task->late->pdata[i + 1], NULL);
  g_ptr_array_set_size (task->late, 0);
  task->job = rv_job_ref (job);
  g_clear_pointer (&task->paused_job, rv_job_unref);
  if (task->state != TASK_RUNNING) /* a restart continues its progress */
    task->progress_at = 0;
  g_clear_pointer (&task->error, g_free);
  g_clear_pointer (&task->option, g_free);
  queue->running = task;
  return TRUE;
}

/* Continues @task, whose run has stopped, from its checkpoint with the inputs of its request. If it cannot start:
 * undo_change(). */
static void
restart (Queue *queue, Task *task)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvJob) job = job_to_run (queue, task, &error);
  if (job && start (queue, task, job, &error))
    set_state (queue, task, TASK_RUNNING);
  else
    undo_change (queue, task, error);
}

/* Starts the first waiting task that can start, sets its state, and frees the previews of all others. Does nothing if a
 * task is running, none is waiting, or the queue is being freed. A waiting task before it that cannot start fails, or
 * is paused if disk or memory is full. A task whose result is complete already is published. Cannot fail. */
static void
start_next (Queue *queue)
{
  for (guint i = 0; !queue->running && !queue->closing && i < queue->tasks->len; i++) {
    Task *task = queue->tasks->pdata[i];
    g_autoptr (GError) error = NULL;
    if (task->state != TASK_WAITING)
      continue;
    g_autoptr (RvJob) job = job_to_run (queue, task, &error);
    if (job && rv_job_is_complete (job)) /* complete, but not moved to the folder before the studio ended */
      publish (queue, task);
    else if (job && start (queue, task, job, &error)) {
      for (guint k = 0; k < queue->tasks->len; k++) { /* the results of other tasks are in the folder */
        Task *other = queue->tasks->pdata[k];
        if (other != task)
          g_clear_pointer (&other->preview, rv_image_unref);
        if (!other->preview)
          other->preview_at = 0;
      }
      set_state (queue, task, TASK_RUNNING);
    } else
      fail_task (queue, task, error);
  }
}

/* ---- new and free ------------------------------------------------------------------------------------------------ */

Queue *
queue_new (Pictures *pictures, QueueFunc changed, gpointer user_data)
{
  Queue *queue = g_new0 (Queue, 1);
  queue->pictures = pictures;
  queue->changed = changed;
  queue->user_data = user_data;
  queue->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) task_unref);
  queue->kernels = rv_kernel_table_new ();
  rv_kernel_cache_add (queue->kernels);
  g_autofree char *path = pictures_hidden_path (pictures, LIST), *text = NULL;
  g_file_get_contents (path, &text, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text ? text : "", "\n", MAX_WAITING + 2);
  queue->unrestored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (int i = 0; lines[i]; i++) { /* restoring one task must not delete the inputs of later ones */
    g_autofree char *id = g_strndup (lines[i], strcspn (lines[i], " ")), *request = task_read_request (id, pictures);
    if (request)
      task_add_names (request, queue->unrestored);
  }
  for (int i = 0; lines[i]; i++) {
    g_auto (GStrv) fields = g_strsplit (lines[i], " ", 2);
    if (fields[0] && fields[1])
      restore_task (queue, fields[0], strcmp (fields[1], "paused") == 0);
  }
  g_clear_pointer (&queue->unrestored, g_hash_table_unref);
  start_next (queue);
  return queue;
}

void
queue_free (Queue *queue)
{
  if (!queue)
    return;
  queue->closing = TRUE;
  if (queue->running) {
    Task *task = queue->running;
    g_autoptr (RvJob) job = rv_job_ref (task->job);
    queue->interrupts = !task->pausing && !task->stopping && !task->cancelled;
    task->pausing |= queue->interrupts;
    rv_job_stop (job);
    rv_job_wait (job, NULL);
    while (queue->running) /* one iteration may dispatch nothing */
      g_main_context_iteration (NULL, TRUE);
  }
  g_ptr_array_unref (queue->tasks);
  rv_kernel_table_unref (queue->kernels);
  g_free (queue);
}

/* ---- actions ----------------------------------------------------------------------------------------------------- */

static guint
n_unfinished (const Queue *queue)
{
  guint n = 0;
  for (guint i = 0; i < queue->tasks->len; i++)
    n += !task_has_ended (queue->tasks->pdata[i]);
  return n;
}

/* Whether MAX_WAITING tasks have not ended: no more are accepted. TRUE sets G_IO_ERROR_WOULD_BLOCK. */
static gboolean
is_full (const Queue *queue, GError **error)
{
  if (n_unfinished (queue) < MAX_WAITING)
    return FALSE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
               "%d jobs are waiting, the maximum. Try again when some are done.", MAX_WAITING);
  return TRUE;
}

/* (transfer none) (nullable): inserts @task (referenced) at index @place, as TASK_WAITING, and writes it and the list
 * to disk. Removes the oldest ended tasks above MAX_ENDED. Then start_next(). G_IO_ERROR_NO_SPACE: @task is removed
 * again. */
static Task *
insert (Queue *queue, Task *task, guint place, GError **error)
{
  g_ptr_array_insert (queue->tasks, (int) place, task_ref (task));
  if (!task_write_request (task, queue->pictures, error) || !write_list (queue, error)) {
    task_remove_files (task, queue->pictures);
    g_ptr_array_remove (queue->tasks, task);
    return NULL;
  }
  set_state (queue, task, TASK_WAITING);
  guint n_ended = queue->tasks->len - n_unfinished (queue);
  for (guint i = 0; n_ended > MAX_ENDED && i < queue->tasks->len; i++)
    if (task_has_ended (queue->tasks->pdata[i])) {
      g_ptr_array_remove_index (queue->tasks, i--);
      n_ended--;
    }
  start_next (queue);
  return task;
}

Task *
queue_add (Queue *queue, const char *request, const char *cell, GError **error)
{
  char id[TOKEN_LENGTH + 1];
  if (is_full (queue, error))
    return NULL;
  g_autoptr (Task) sheet = cell ? task_new ("", request) : NULL;
  g_autoptr (RvJob) all = cell ? job_of (queue, sheet, error) : NULL,
                    picture = all ? rv_job_pick (all, cell, error) : NULL;
  g_autofree char *of_cell = picture ? task_request_from_job (picture, error) : NULL;
  if (cell && !of_cell)
    return NULL;
  guard_new_token (id);
  g_autoptr (Task) task = task_new (id, of_cell ? of_cell : request);
  g_autoptr (RvJob) job = job_to_run (queue, task, error);
  if (!job || !rv_job_check (job, TRUE, error))
    return NULL;
  return insert (queue, task, queue->tasks->len, error);
}

Task *
queue_branch (Queue *queue, Task *task, gint64 iteration, const TaskChange *change, GError **error)
{
  char id[TOKEN_LENGTH + 1];
  g_autoptr (RvSnapshot) snapshot = is_full (queue, error) ? NULL : task_snapshot (task, iteration, error);
  if (!snapshot)
    return NULL;
  guard_new_token (id);
  g_autoptr (GHashTable) used = queue_inputs (queue);
  g_autoptr (Task) branch = task_branch (task, id, snapshot, change, queue->pictures, used, error);
  if (!branch)
    return NULL;
  guint place = 0; /* of the first task that neither has ended nor runs */
  while (place < queue->tasks->len &&
         (task_has_ended (queue->tasks->pdata[place]) || ((Task *) queue->tasks->pdata[place])->state == TASK_RUNNING))
    place++;
  Task *inserted = insert (queue, branch, place, error);
  if (inserted && task->state == TASK_RUNNING && !task->stopping)
    queue_pause (queue, task, NULL);
  return inserted;
}

Task *
queue_find (Queue *queue, const char *id, GError **error)
{
  for (guint i = 0; i < queue->tasks->len; i++)
    if (strcmp (((Task *) queue->tasks->pdata[i])->id, id) == 0)
      return queue->tasks->pdata[i];
  return studio_error_null (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "This job does not exist any more.");
}

GPtrArray *
queue_tasks (Queue *queue)
{
  return queue->tasks;
}

GHashTable *
queue_inputs (Queue *queue)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < queue->tasks->len; i++) {
    const Task *task = queue->tasks->pdata[i];
    for (int k = 0; !task_has_ended (task) && task->inputs && task->inputs[k]; k++)
      g_hash_table_add (ids, g_strdup (task->inputs[k]));
    if (!task_has_ended (task) && task->previous_json)
      task_add_names (task->previous_json, ids);
  }
  GHashTableIter iter;
  gpointer name;
  if (queue->unrestored)
    for (g_hash_table_iter_init (&iter, queue->unrestored); g_hash_table_iter_next (&iter, &name, NULL);)
      g_hash_table_add (ids, g_strdup (name));
  return ids;
}

/* Sets G_IO_ERROR_BUSY: the task's state does not allow the action. Returns FALSE. */
static gboolean
fail_busy (GError **error)
{
  return studio_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                       "This action is not possible in the current state of the job.");
}

gboolean
queue_steer (Queue *queue, Task *task, const char *option, const char *value, GError **error)
{
  if (!task->job)
    return fail_busy (error);
  if (!task_set_option (task->job, option, value, error))
    return FALSE;
  if (task->restarting) { /* the checkpoint may be written already */
    g_ptr_array_add (task->late, g_strdup (option));
    g_ptr_array_add (task->late, g_strdup (value));
  }
  return TRUE;
}

gboolean
queue_change_inputs (Queue *queue, Task *task, const TaskChange *change, GError **error)
{
  if (!task->job || task->stopping || task->cancelled)
    return fail_busy (error);
  if (strcmp (task->kind, "style") != 0)
    return studio_error (error, RV_ERROR, RV_ERROR_SETTING, "'%s' of %s jobs cannot change once they have begun",
                         steered_roles[change->pictures[0] ? 0 : 1], task->kind);
  if (!change_request (queue, task, change, error))
    return FALSE;
  task->restarting = TRUE;
  rv_job_pause (task->job);
  set_state (queue, task, task->state); /* notifies followers */
  return TRUE;
}

gboolean
queue_cancel (Queue *queue, Task *task, GError **error)
{
  if (task_has_ended (task))
    return fail_busy (error);
  task->pausing = FALSE;
  task->cancelled = TRUE;
  if (task->state == TASK_RUNNING)
    g_cancellable_cancel (task->cancellable);
  else {
    g_clear_pointer (&task->paused_job, rv_job_unref);
    task_remove_files (task, queue->pictures);
    set_state (queue, task, TASK_CANCELLED);
  }
  return TRUE;
}

gboolean
queue_stop (Queue *queue, Task *task, GError **error)
{
  if (task->state != TASK_RUNNING || task->pausing || task->cancelled)
    return fail_busy (error);
  task->stopping = TRUE;
  rv_job_stop (task->job);
  return TRUE;
}

gboolean
queue_pause (Queue *queue, Task *task, GError **error)
{
  if (task_has_ended (task) || task->stopping || task->cancelled)
    return fail_busy (error);
  if (task->state == TASK_RUNNING) {
    task->pausing = TRUE;
    rv_job_stop (task->job);
  }
  set_state (queue, task, task->state == TASK_RUNNING ? TASK_RUNNING : TASK_PAUSED);
  return TRUE;
}

gboolean
queue_resume (Queue *queue, Task *task, GError **error)
{
  if (task->state != TASK_PAUSED)
    return fail_busy (error);
  set_state (queue, task, TASK_WAITING);
  start_next (queue);
  return TRUE;
}

gboolean
queue_move (Queue *queue, Task *task, guint place, GError **error)
{
  if (task->state != TASK_WAITING && task->state != TASK_PAUSED)
    return fail_busy (error);
  g_autoptr (Task) held = task_ref (task);
  g_ptr_array_remove (queue->tasks, task);
  guint at = 0;
  for (guint n = 0; at < queue->tasks->len; at++) {
    TaskState state = ((Task *) queue->tasks->pdata[at])->state;
    if ((state == TASK_WAITING || state == TASK_PAUSED) && n++ == place)
      break;
  }
  g_ptr_array_insert (queue->tasks, (int) at, task_ref (held));
  set_state (queue, task, task->state);
  return TRUE;
}
