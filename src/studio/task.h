/* task.h -- one request in the queue: what was asked, its progress and result.
 * Layer 8 (studio). */
#ifndef STUDIO_TASK_H
#define STUDIO_TASK_H

#include "task-inputs.h"
#include "guard.h"

/* Changes of a running job. NULL: unchanged. */
typedef struct {
  const char *option, *value;
  char **pictures[N_STEERED]; /* ids that replace all inputs of the role */
} TaskChange;
void task_change_clear (TaskChange *change);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TaskChange, task_change_clear)

typedef enum { TASK_WAITING, TASK_RUNNING, TASK_PAUSED, TASK_DONE, TASK_FAILED, TASK_CANCELLED } TaskState;

/* A task. Its events are numbered, so that a follower gets those after the last it has seen. */
typedef struct {
  int ref_count;
  char id[TOKEN_LENGTH + 1];
  char *request_json;  /* JSON: {"kind", "inputs", "settings"} */
  char **inputs;       /* ids of pictures */
  GHashTable *changed; /* role -> char **: ids that replace the inputs */
  const char *kind;    /* static */
  TaskState state;
  gint64 created_us;
  RvJob *job;    /* while it runs */
  RvJob *past;   /* NULL, or the paused job, for its snapshots */
  RvJob *branch; /* NULL, or the job to run: from a snapshot of another task */
  GCancellable *cancellable;
  gboolean pausing, keeping, cancelled; /* reason of the stop: resume later, keep the result, or discard */
  char *result;                         /* id of the result */
  char *error, *option;                 /* why it failed or was paused; option at fault */

  guint64 now; /* number of the latest event */
  guint64 state_at, progress_at, preview_at;
  RvJobReport progress;     /* latest; borrowed members are NULL */
  double began_01, began_s; /* at the first report of this run */
  RvImage *preview;
  char *label, *note; /* see RvJobReport; nullable */
  char **names;       /* names of losses */
  int n_names;
  GArray *losses;    /* double: iteration, then one for each name */
  GArray *losses_at; /* guint64: event number of each point */
} Task;

/* (transfer full): @asked is copied. */
Task *task_new (const char *id, const char *asked);
Task *task_ref (Task *task);
void task_unref (Task *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Task, task_unref)

/* (transfer full) (nullable): the job of @task, with its inputs found. Sets kind and inputs of @task. @used: ids of
 * pictures that others need; its own are added. RV_ERROR_SETTING: a setting names a file. */
RvJob *task_read (Task *task, Pictures *pictures, GHashTable *used, GError **error);

/* (transfer full) (nullable): the request of a job whose inputs task_read() has found. */
char *task_write (RvJob *job, GError **error);

/* Changes a setting of a job that may be running. RV_ERROR_SETTING: the setting may not change, or names a file. */
gboolean task_set (RvJob *job, const char *option, const char *value, GError **error);

/* Records replaced inputs. */
void task_note_given (Task *task, const InputChange *given);
/* Records replaced inputs of one role. */
void task_note_change (Task *task, const char *role, char **ids);
/* (transfer full) (nullable): the recorded inputs. @pictures and @used: see task_read(). */
InputChange *task_given (const Task *task, Pictures *pictures, GHashTable *used, GError **error);

/* (transfer full): snapshots of the running or paused job; else empty. */
GPtrArray *task_snapshots (const Task *task);
/* (transfer full) (nullable): the snapshot after that iteration. G_IO_ERROR_NOT_FOUND. */
RvSnapshot *task_snapshot (const Task *task, gint64 iteration, GError **error);

/* (transfer full) (nullable): a task @id that continues from @snapshot, changed by @change. @pictures and @used: see
 * task_read(). */
Task *task_branch (const Task *task, const char *id, RvSnapshot *snapshot, const TaskChange *change, Pictures *pictures,
                   GHashTable *used, GError **error);

/* Sets the state and numbers the event. */
void task_set_state (Task *task, TaskState state);
/* Stores a report of progress or a preview in the task, and numbers the event. */
void task_report (Task *task, const RvJobReport *report);
gboolean task_has_ended (const Task *task);

/* ---- task-json.c ------------------------------------------------------------------------------------------------- */

/* Adds the task as an object. */
void task_json (const Task *task, GString *json, const char *name);

/* Appends all events after @seen, with ids that begin with @epoch. Returns the number of the latest. */
guint64 task_events (const Task *task, guint64 seen, const char *epoch, GString *text);

#endif
