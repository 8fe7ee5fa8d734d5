/* task-files.c -- files of a task in the studio's folder. */
#include "task-files.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REQUEST ".json" /* after the id */
#define CHANGED ".changed"
#define CHECKPOINT "-checkpoint.safetensors"
#define STATE ".state.safetensors" /* after the name of the result */

/* (transfer full): name of the task's file with @suffix, without folder. */
static char *
file_of (const Task *task, const char *suffix)
{
  return g_strconcat (task->id, suffix, NULL);
}

/* Suffix of the result, by task->kind: ".png", ".mp4" or ".safetensors". Static. */
static const char *
suffix_of (const Task *task)
{
  static const char *const suffixes[] = { ".png", ".mp4", ".safetensors" };
  return suffixes[rv_job_output_type (task->kind ? task->kind : "")];
}

static gboolean
has_file (const Task *task, const char *suffix, Pictures *pictures)
{
  g_autofree char *file = file_of (task, suffix);
  return faccessat (pictures_hidden_folder (pictures), file, F_OK, 0) == 0;
}

gboolean
task_files_write (Pictures *pictures, const char *file, const char *text, GError **error)
{
  g_autofree char *path = pictures_hidden_path (pictures, file);
  g_autoptr (GError) fault = NULL;
  if (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &fault))
    return TRUE;
  return studio_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The studio cannot write to its folder.%s",
                       g_error_matches (fault, G_FILE_ERROR, G_FILE_ERROR_NOSPC) ? " Free disk space first." : "");
}

/* ---- request ----------------------------------------------------------------------------------------------------- */

char *
task_read_request (const char *id, Pictures *pictures)
{
  g_autofree char *file = g_strconcat (id, REQUEST, NULL), *path = pictures_hidden_path (pictures, file),
                  *request = NULL;
  gsize length;
  return guard_is_token (id) && g_file_get_contents (path, &request, &length, NULL) && strlen (request) == length
           ? g_steal_pointer (&request)
           : NULL;
}

gboolean
task_write_request (const Task *task, Pictures *pictures, GError **error)
{
  g_autofree char *file = file_of (task, REQUEST);
  return task_files_write (pictures, file, task->request_json, error);
}

TaskChange
task_take_changed (const Task *task, Pictures *pictures)
{
  TaskChange change = { 0 };
  g_autofree char *file = file_of (task, CHANGED), *path = pictures_hidden_path (pictures, file), *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return change;
  g_auto (GStrv) lines = g_strsplit (text, "\n", N_STEERED + 1);
  for (int i = 0; lines[i]; i++)
    for (int k = 0; k < N_STEERED; k++) {
      gsize length = strlen (steered_roles[k]);
      if (g_str_has_prefix (lines[i], steered_roles[k]) && lines[i][length] == ' ' && !change.pictures[k])
        change.pictures[k] = g_strsplit (lines[i] + length + 1, ",", -1);
    }
  unlinkat (pictures_hidden_folder (pictures), file, 0);
  return change;
}

/* ---- result ------------------------------------------------------------------------------------------------------ */

char *
task_output (const Task *task, Pictures *pictures)
{
  g_autofree char *file = file_of (task, suffix_of (task));
  return pictures_hidden_path (pictures, file);
}

gboolean
task_has_result (const Task *task, Pictures *pictures)
{
  return has_file (task, suffix_of (task), pictures);
}

gboolean
task_has_state (const Task *task, Pictures *pictures)
{
  g_autofree char *state = g_strconcat (suffix_of (task), STATE, NULL);
  return has_file (task, state, pictures) || has_file (task, CHECKPOINT, pictures);
}

gboolean
task_publish_result (Task *task, Pictures *pictures, GError **error)
{
  g_autofree char *file = file_of (task, suffix_of (task)), *checkpoint = file_of (task, CHECKPOINT);
  int hidden = pictures_hidden_folder (pictures);
  if (!task_has_result (task, pictures)) /* training that was stopped: the checkpoint is the result */
    renameat (hidden, checkpoint, hidden, file);
  task->result = pictures_publish (pictures, file, error);
  if (task->result)
    task_remove_files (task, pictures);
  return task->result != NULL;
}

void
task_delete_stateless_result (const Task *task, Pictures *pictures)
{
  g_autofree char *file = file_of (task, suffix_of (task));
  if (!task_has_state (task, pictures))
    unlinkat (pictures_hidden_folder (pictures), file, 0);
}

void
task_remove_files (const Task *task, Pictures *pictures)
{
  pictures_delete_files (pictures_hidden_folder (pictures), task->id);
}
