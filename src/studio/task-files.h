/* task-files.h -- what lies of a task in the studio's own folder, until its picture is kept: ID.json, what was asked
 * for; once it runs what it makes, ID.png, ID.mp4 or ID.safetensors, and its state, which the library writes;
 * ID.changed, the pictures that were given on the way, a line for each role. Layer 8 (studio). */
#ifndef STUDIO_TASK_FILES_H
#define STUDIO_TASK_FILES_H

#include "task.h"

/* task_files_write: a file of ours there. G_IO_ERROR_NO_SPACE. */
gboolean task_files_write (Pictures *pictures, const char *file, const char *text, GError **error);

/* task_read_asked: (transfer full) (nullable): of a task of an earlier program, whose id it may be. task_write_asked:
 * with what was given on the way. task_write_changed: that alone.
 * task_read_changed: noted. task_is_changed_since: whether its state does not know of it yet: the program ended before
 * the next iteration did. */
char *task_read_asked (const char *id, Pictures *pictures);
gboolean task_write_asked (const Task *task, Pictures *pictures, GError **error);
gboolean task_write_changed (const Task *task, Pictures *pictures, GError **error);
void task_read_changed (Task *task, Pictures *pictures);
gboolean task_is_changed_since (const Task *task, Pictures *pictures);

/* task_output: (transfer full): the path of what it makes. task_has_result: whether that is there; _has_state: what a
 * run goes on from. */
char *task_output (const Task *task, Pictures *pictures);
gboolean task_has_result (const Task *task, Pictures *pictures);
gboolean task_has_state (const Task *task, Pictures *pictures);

/* task_keep_result: it goes to the folder, and the task has its id; or everything stays where it is.
 * task_drop_stateless: a picture without a state would be taken for one that is done. task_remove_files: all. */
gboolean task_keep_result (Task *task, Pictures *pictures, GError **error);
void task_drop_stateless (const Task *task, Pictures *pictures);
void task_remove_files (const Task *task, Pictures *pictures);

#endif
