/* task-files.h -- files of a task in the studio's folder until its result is kept: ID.json, the request; ID.png, ID.mp4
 * or ID.safetensors, the result, and its state, from the library; ID.changed, replaced inputs, one line for each role.
 * Layer 8 (studio). */
#ifndef STUDIO_TASK_FILES_H
#define STUDIO_TASK_FILES_H

#include "task.h"

/* Writes a file in the studio's folder. G_IO_ERROR_NO_SPACE. */
gboolean task_files_write (Pictures *pictures, const char *file, const char *text, GError **error);

/* (transfer full) (nullable): the request of a task of an earlier run. @id: untrusted. */
char *task_read_asked (const char *id, Pictures *pictures);
/* Writes the request and the replaced inputs. */
gboolean task_write_asked (const Task *task, Pictures *pictures, GError **error);
/* Writes the replaced inputs. */
gboolean task_write_changed (const Task *task, Pictures *pictures, GError **error);
/* Reads the replaced inputs. */
void task_read_changed (Task *task, Pictures *pictures);
/* Whether inputs were replaced after the state was written: the studio ended before the next iteration did. */
gboolean task_is_changed_since (const Task *task, Pictures *pictures);

/* (transfer full): path of the result. */
char *task_output (const Task *task, Pictures *pictures);
/* Whether the result exists. */
gboolean task_has_result (const Task *task, Pictures *pictures);
/* Whether there is a state to resume from. */
gboolean task_has_state (const Task *task, Pictures *pictures);

/* Moves the result to the folder and sets task->result; on failure nothing changes. */
gboolean task_keep_result (Task *task, Pictures *pictures, GError **error);
/* Deletes a result without a state, which would be taken for complete. */
void task_drop_stateless (const Task *task, Pictures *pictures);
void task_remove_files (const Task *task, Pictures *pictures);

#endif
