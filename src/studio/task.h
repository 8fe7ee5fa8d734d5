/* task.h -- one job of the queue: request, progress and result. Layer 8 (studio). */
#pragma once

#include "guard.h"
#include "pictures.h"
#include <reverie/job.h>

/* Roles whose inputs can be replaced once a job has begun. */
#define N_STEERED 2
extern const char *const steered_roles[N_STEERED];

/* Changes of a job that has begun. Members that are NULL stay unchanged. */
typedef struct {
  const char *option, *value;
  char **pictures[N_STEERED]; /* ids that replace all inputs of the role */
} TaskChange;
/* Frees the ids; the texts are borrowed. */
void task_change_clear (TaskChange *change);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TaskChange, task_change_clear)

typedef enum { TASK_WAITING, TASK_RUNNING, TASK_PAUSED, TASK_DONE, TASK_FAILED, TASK_CANCELLED } TaskState;

/* A point of the curves. */
typedef struct {
  guint64 at; /* event number */
  double iteration;
  double losses[]; /* one for each of task->names; NAN: unknown */
} LossPoint;

/* A job in the queue. Its events are numbered: a client gets the events after the last one that it has. */
typedef struct {
  int ref_count;
  char id[TOKEN_LENGTH + 1];
  char *request_json;  /* JSON: {"kind", "inputs", "settings"} */
  char *previous_json; /* NULL, or the request before inputs were replaced, until a run with the new ones reports */
  char **inputs;       /* ids of files and sets; NULL before task_create_job() */
  const char *kind;    /* static; NULL before task_create_job() */
  TaskState state;
  gint64 created_us;
  RvJob *job;        /* while it runs */
  RvJob *paused_job; /* NULL, or the paused job, for its snapshots */
  RvJob *branch;     /* NULL, or the job to run: from a snapshot of another task */
  GPtrArray *late;   /* names and values of settings that changed while the job restarted */
  GCancellable *cancellable;
  gboolean pausing, stopping, cancelled; /* reason of the stop: resume later, publish the result, or discard */
  gboolean restarting;                   /* pauses and stops, to continue at once with the inputs of request_json */
  char *result;                          /* id of the result */
  char *error, *option;                  /* reason of a failure or pause; option at fault */

  guint64 now; /* number of the latest event */
  guint64 state_at, progress_at, preview_at;
  RvJobReport progress;     /* latest; borrowed members are NULL */
  double began_01, began_s; /* at the first report of this run */
  RvImage *preview;
  char *label, *note; /* see RvJobReport; nullable */
  char **names;       /* names of losses */
  GPtrArray *points;  /* LossPoint */
} Task;

/* (transfer full): a waiting task. @request: JSON, copied. Cannot fail. */
Task *task_new (const char *id, const char *request);
Task *task_ref (Task *task);
void task_unref (Task *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Task, task_unref)

/* Adds all quoted texts of @request, ids among them, to @used: pictures_input_path() must not delete these pictures to
 * make space for another. */
void task_add_names (const char *request, GHashTable *used);
/* (transfer full) (nullable): a new job from the request of @task, with the files of its inputs. Sets kind and inputs
 * of @task; on failure only inputs, those found so far. @used: ids of pictures that must not be deleted; adds the job's
 * own. RV_ERROR_SETTING: also if a setting names a file. RV_ERROR_FORMAT: the request is no JSON object; errors of
 * pictures_input_path(): G_IO_ERROR_NOT_FOUND: an input is gone. */
RvJob *task_create_job (Task *task, Pictures *pictures, GHashTable *used, GError **error);

/* (transfer full) (nullable): the request, JSON, of a job of task_create_job(), with ids instead of paths. Removes an
 * uploaded network from @job, which must not run any more. */
char *task_request_from_job (RvJob *job, GError **error);

/* Changes a setting of a job that may be running. RV_ERROR_SETTING: it cannot change, or may name a file. */
gboolean task_set_option (RvJob *job, const char *option, const char *value, GError **error);

/* (transfer full) (nullable): the request of @task with the inputs of @change, and with its setting added to `steer`,
 * from @iteration on. @used: see task_create_job(). Errors of task_create_job(), rv_job_change_files() and
 * rv_job_check(); RV_ERROR_SETTING also for a kind of job without `steer`. */
char *task_changed_request (const Task *task, const TaskChange *change, gint64 iteration, Pictures *pictures,
                            GHashTable *used, GError **error);

/* (transfer full) (element-type RvSnapshot): snapshots of the running or paused job; else empty. */
GPtrArray *task_snapshots (const Task *task);
/* (transfer full) (nullable): the snapshot of exactly that iteration. G_IO_ERROR_NOT_FOUND. */
RvSnapshot *task_snapshot (const Task *task, gint64 iteration, GError **error);

/* (transfer full) (nullable): a new task @id that continues from @snapshot of @task, changed by @change, with its job
 * in branch. @used: see task_create_job(). NULL: errors of rv_job_branch(), task_changed_request() and
 * task_set_option(); @task is unchanged. */
Task *task_branch (const Task *task, const char *id, RvSnapshot *snapshot, const TaskChange *change, Pictures *pictures,
                   GHashTable *used, GError **error);

/* Sets the state, as a new event. */
void task_set_state (Task *task, TaskState state);
/* Stores a report of progress or a preview in the task, as a new event; copies texts, refers to the picture. Adds the
 * losses of a report of progress, not of a preview, to the curves. */
void task_report (Task *task, const RvJobReport *report);
/* Whether @task is done, failed or cancelled. */
gboolean task_has_ended (const Task *task);

/* ---- task-json.c ------------------------------------------------------------------------------------------------- */

/* Adds the task to @json as an object: a list's element, or the whole text. */
void task_json (const Task *task, GString *json);

/* Appends the latest losses, progress, preview and state after the event @seen to @text as server-sent events, with an
 * id EPOCH-NUMBER. An ended task's state is always appended. Returns the number of the latest event. */
guint64 task_events (const Task *task, guint64 seen, const char *epoch, GString *text);
