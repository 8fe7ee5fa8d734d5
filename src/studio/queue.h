/* queue.h -- runs tasks one at a time, in an order that can be changed. The queue is kept on disk: a crash loses
 * seconds.
 * Layer 8 (studio). */
#ifndef STUDIO_QUEUE_H
#define STUDIO_QUEUE_H

#include "task.h"

typedef struct _Queue Queue;

/* Called when @task has changed. */
typedef void (*QueueFunc) (Task *task, gpointer user_data);

/* (transfer full): restores the tasks of an earlier run and starts the first. */
Queue *queue_new (Pictures *pictures, QueueFunc changed, gpointer user_data);
/* Stops the running task and writes its state, so that it resumes next time. */
void queue_free (Queue *queue);

/* (transfer none) (nullable): checks the job @asked and adds it as the last task. @cell: NULL, or such as "3c": the
 * picture of this cell of the sheet @asked. G_IO_ERROR_WOULD_BLOCK: too many tasks; errors of rv_job_check(). */
Task *queue_add (Queue *queue, const char *asked, const char *cell, GError **error);
/* (transfer none) (nullable): adds the next task: a branch from a snapshot of @task, changed by @change. Pauses @task
 * if it is running. G_IO_ERROR_NOT_FOUND: no such snapshot. */
Task *queue_branch (Queue *queue, Task *task, gint64 iteration, const TaskChange *change, GError **error);
/* (transfer none) (nullable): G_IO_ERROR_NOT_FOUND. */
Task *queue_find (Queue *queue, const char *id, GError **error);
/* Ended tasks, newest last, then the others in order. Borrowed. */
GPtrArray *queue_tasks (Queue *queue);
/* (transfer full): ids of the pictures that tasks which have not ended need. */
GHashTable *queue_inputs (Queue *queue);

/* Sets the preview rate from the duration of the latest preview, so that runs slow down little. */
void queue_preview_took (Queue *queue, double seconds);

/* Changes a setting of a running task. FALSE here and below: the state does not allow it, G_IO_ERROR_BUSY. */
gboolean queue_steer (Queue *queue, Task *task, const char *option, const char *value, GError **error);
/* Ends a task that has not ended, without a result. A running one ends soon after. */
gboolean queue_cancel (Queue *queue, Task *task, GError **error);
/* Makes a running task end after its iteration and keep its picture. Only then is it done. */
gboolean queue_stop (Queue *queue, Task *task, GError **error);
/* Stops a task until queue_resume(). */
gboolean queue_pause (Queue *queue, Task *task, GError **error);
gboolean queue_resume (Queue *queue, Task *task, GError **error);
/* Moves a task to that place among waiting tasks, 0 the first. */
gboolean queue_move (Queue *queue, Task *task, guint place, GError **error);

/* (transfer full) (nullable): finds new inputs for a running task. given_read() then replaces them, which is slow. */
InputChange *queue_find_given (Queue *queue, Task *task, char **const *ids, GError **error);
/* Records inputs that given_read() has replaced. */
void queue_note_given (Queue *queue, Task *task, const InputChange *given);

#endif
