/* task-files.h -- files of a task in the studio's folder, until its result is published. ID.json is the request;
 * ID.png, ID.mp4 or ID.safetensors is the result. The library adds the checkpoint. Layer 8 (studio). */
#pragma once

#include "task.h"

/* Writes @file in the hidden folder, atomically. G_IO_ERROR_NO_SPACE, for any failure. */
gboolean task_files_write (Pictures *pictures, const char *file, const char *text, GError **error);

/* (transfer full) (nullable): the request of the task @id (untrusted) of an earlier run. NULL: no such file, or not a
 * text. */
char *task_read_request (const char *id, Pictures *pictures);
/* Writes task->request_json to ID.json, atomically. G_IO_ERROR_NO_SPACE. */
gboolean task_write_request (const Task *task, Pictures *pictures, GError **error);
/* Replaced inputs from the file ID.changed, one line for each role, that an older version of the studio wrote; without
 * it, no changes. Deletes the file. Clear with task_change_clear(). Cannot fail. */
TaskChange task_take_changed (const Task *task, Pictures *pictures);

/* (transfer full): path of the result in the hidden folder, which may not exist. */
char *task_output (const Task *task, Pictures *pictures);
/* Whether the result exists. */
gboolean task_has_result (const Task *task, Pictures *pictures);
/* Whether a checkpoint to resume from exists. */
gboolean task_has_state (const Task *task, Pictures *pictures);

/* Moves the result, or the checkpoint of a stopped training, to the folder, sets task->result, and deletes all other
 * files of the task. On failure all files stay, the checkpoint under the result's name. */
gboolean task_publish_result (Task *task, Pictures *pictures, GError **error);
/* Deletes the file of the result if no checkpoint exists: a resumed run would take it as complete. Ignores errors. */
void task_delete_stateless_result (const Task *task, Pictures *pictures);
/* Deletes all files of the task in the hidden folder, also the library's. */
void task_remove_files (const Task *task, Pictures *pictures);
