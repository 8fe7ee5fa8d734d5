/* queue.h -- what is to be painted: one at a time, in an order that can be changed; kept on disk, so that whatever ends
 * the program loses nothing but the last seconds.
 * Layer 8 (studio). */
#ifndef STUDIO_QUEUE_H
#define STUDIO_QUEUE_H

#include "task.h"

typedef struct _Queue Queue;

/* Called when something is to be told of @task. */
typedef void (*QueueFunc) (Task *task, gpointer user_data);

/* queue_new: (transfer full): with what an earlier one has left to do; its first begins. */
Queue *queue_new (Pictures *pictures, QueueFunc changed, gpointer user_data);
/* queue_free: what runs is stopped, with its state written, to go on the next time. */
void queue_free (Queue *queue);

/* queue_add: (transfer none) (nullable): one more, checked; with @cell, such as "3c", that cell's picture of the sheet
 * that is asked for instead. G_IO_ERROR_BUSY: there are too many. */
Task *queue_add (Queue *queue, const char *asked, const char *cell, GError **error);
/* queue_branch: (transfer none) (nullable): one more, the next, which goes on from a moment of @task, which is paused
 * where it runs; changed as @steering has it. G_IO_ERROR_NOT_FOUND: no such moment. */
Task *queue_branch (Queue *queue, Task *task, gint64 iteration, const Steering *steering, GError **error);
/* queue_find: (transfer none) (nullable): G_IO_ERROR_NOT_FOUND. */
Task *queue_find (Queue *queue, const char *id, GError **error);
/* queue_tasks: those that have ended, the newest last, and then what is to come, in order. Borrowed. */
GPtrArray *queue_tasks (Queue *queue);
/* queue_inputs: (transfer full): the ids of pictures that what is to come needs. */
GHashTable *queue_inputs (Queue *queue);

/* queue_preview_took: somebody looks on, and making a preview for them took so long: the next ones come so rarely that
 * a run hardly notices. */
void queue_preview_took (Queue *queue, double seconds);

/* What can be done with one; FALSE: not now, as its state is. queue_steer: a setting of what runs. queue_cancel:
 * nothing is made. queue_stop: the picture as it is, is what was wanted. queue_pause, queue_resume: later; from there
 * on. queue_move: to that place among those that wait, 0 the first. queue_forget: one that has ended, from the list. */
gboolean queue_steer (Queue *queue, Task *task, const char *option, const char *value, GError **error);
gboolean queue_cancel (Queue *queue, Task *task, GError **error);
gboolean queue_stop (Queue *queue, Task *task, GError **error);
gboolean queue_pause (Queue *queue, Task *task, GError **error);
gboolean queue_resume (Queue *queue, Task *task, GError **error);
gboolean queue_move (Queue *queue, Task *task, guint place, GError **error);

/* queue_find_given: (transfer full) (nullable): what a job that runs is to be given: by given_read(), which takes its
 * time. queue_note_given: once it has it. */
Given *queue_find_given (Queue *queue, Task *task, char **const *ids, GError **error);
void queue_note_given (Queue *queue, Task *task, const Given *given);

#endif
