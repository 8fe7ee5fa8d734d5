/* queue.h -- runs tasks one at a time, in an order that can be changed. The queue is stored on disk: after a crash it
 * continues, with a loss of seconds. Layer 8 (studio). */
#pragma once

#include "task.h"

typedef struct _Queue Queue;

/* Called when the state, progress or preview of @task has changed. */
typedef void (*QueueFunc) (Task *task, gpointer user_data);

/* (transfer full): restores the tasks of an earlier run and starts the first waiting one that can start; calls @changed
 * already then, before the return. @pictures: borrowed. Cannot fail. */
Queue *queue_new (Pictures *pictures, QueueFunc changed, gpointer user_data);
/* Stops the running task and waits for its end; runs the default main context meanwhile. With a checkpoint the task
 * resumes next time, without one it begins again. Frees @queue (nullable) and drops its references to tasks. */
void queue_free (Queue *queue);

/* (transfer none) (nullable): checks the job of @request (JSON) and adds it as the last task, which starts if no task
 * is running. @cell: (nullable): a cell of the sheet, such as "3c": adds the job of that picture instead.
 * G_IO_ERROR_WOULD_BLOCK: too many tasks; G_IO_ERROR_NO_SPACE, errors of task_create_job(), rv_job_pick() and
 * rv_job_check(). */
Task *queue_add (Queue *queue, const char *request, const char *cell, GError **error);
/* (transfer none) (nullable): adds the next task to run: a branch from the snapshot of @task at @iteration, changed by
 * @change; it starts at once if no task is running. Then pauses @task if it is running and not being stopped; after an
 * error it continues. G_IO_ERROR_NOT_FOUND: no such snapshot; G_IO_ERROR_WOULD_BLOCK: too many tasks;
 * G_IO_ERROR_NO_SPACE. */
Task *queue_branch (Queue *queue, Task *task, gint64 iteration, const TaskChange *change, GError **error);
/* (transfer none) (nullable): the task @id. G_IO_ERROR_NOT_FOUND. */
Task *queue_find (Queue *queue, const char *id, GError **error);
/* (transfer none) (element-type Task): all tasks in the order of the queue; a task keeps its position when it ends. */
GPtrArray *queue_tasks (Queue *queue);
/* (transfer full): a set of the ids of all inputs of tasks that have not ended, and of those of previous_json (with its
 * other texts). */
GHashTable *queue_inputs (Queue *queue);

/* Sets the rate of previews by the duration of the latest one in @seconds, so that they take 1 % of the time: one every
 * 0.4 to 4 s. */
void queue_set_preview_time (Queue *queue, double seconds);

/* Changes the setting @option of a running task to @value, from its next iteration on. G_IO_ERROR_BUSY if it is not
 * running. */
gboolean queue_steer (Queue *queue, Task *task, const char *option, const char *value, GError **error);
/* Ends a task without a result, and deletes its files. A running one ends soon after. G_IO_ERROR_BUSY if it has ended
 * already. */
gboolean queue_cancel (Queue *queue, Task *task, GError **error);
/* Makes a running task end after its iteration; then publishes its picture, and the task is done. G_IO_ERROR_BUSY if it
 * is not running, or is being paused or cancelled. */
gboolean queue_stop (Queue *queue, Task *task, GError **error);
/* Pauses a task. A running one stops after its iteration, and the next one starts. G_IO_ERROR_BUSY if it has ended, or
 * is being stopped or cancelled. */
gboolean queue_pause (Queue *queue, Task *task, GError **error);
/* Makes a paused task waiting; starts the first waiting task if none is running. G_IO_ERROR_BUSY if it is not
 * paused. */
gboolean queue_resume (Queue *queue, Task *task, GError **error);
/* Moves a waiting or paused task to index @place, from 0, among those, or to the end. G_IO_ERROR_BUSY in another
 * state. */
gboolean queue_move (Queue *queue, Task *task, guint place, GError **error);

/* Replaces inputs of a running "style" task and of its request. The run stops, and continues at once from its
 * checkpoint with the new inputs. @change: without an option. G_IO_ERROR_BUSY if it is not running, or is being stopped
 * or cancelled; RV_ERROR_SETTING, also for another kind of task; G_IO_ERROR_NO_SPACE. */
gboolean queue_change_inputs (Queue *queue, Task *task, const TaskChange *change, GError **error);
