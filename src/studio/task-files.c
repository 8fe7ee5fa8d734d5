/* task-files.c -- files of a task in the studio's folder. */
#include "task-files.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REQUEST ".json" /* after the id */
#define CHANGED ".changed"
#define CHECKPOINT "-checkpoint.safetensors"
#define STATE ".state.safetensors" /* after the name of the result */

static char *
file_of (const Task *task, const char *suffix)
{
  return g_strconcat (task->id, suffix, NULL);
}

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
  if (g_file_set_contents (path, text, -1, NULL))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                       "The studio cannot write to its folder. Free disk space first.");
  return FALSE;
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
  return task_files_write (pictures, file, task->request_json, error) && task_write_changed (task, pictures, error);
}

gboolean
task_write_changed (const Task *task, Pictures *pictures, GError **error)
{
  g_autofree char *file = file_of (task, CHANGED);
  g_autoptr (GString) text = g_string_new (NULL);
  for (int i = 0; i < N_STEERED; i++) {
    char **ids = g_hash_table_lookup (task->changed, steered_roles[i]);
    g_autofree char *joined = ids ? g_strjoinv (",", ids) : NULL;
    if (ids)
      g_string_append_printf (text, "%s %s\n", steered_roles[i], joined);
  }
  return text->len == 0 || task_files_write (pictures, file, text->str, error);
}

void
task_read_changed (Task *task, Pictures *pictures)
{
  g_autofree char *file = file_of (task, CHANGED), *path = pictures_hidden_path (pictures, file), *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  g_auto (GStrv) lines = g_strsplit (text, "\n", N_STEERED + 1);
  for (int i = 0; lines[i]; i++) {
    g_auto (GStrv) fields = g_strsplit (lines[i], " ", 2);
    g_auto (GStrv) ids = g_strsplit (fields[0] && fields[1] ? fields[1] : "", ",", -1);
    for (int k = 0; k < N_STEERED && fields[0] && fields[1]; k++)
      if (strcmp (fields[0], steered_roles[k]) == 0)
        task_record_role (task, steered_roles[k], ids);
  }
}

/* Time of modification, ns; -1: no such file. */
static gint64
written_ns (const Task *task, const char *suffix, Pictures *pictures)
{
  struct stat st;
  g_autofree char *file = file_of (task, suffix);
  if (fstatat (pictures_hidden_folder (pictures), file, &st, 0) != 0)
    return -1;
  return (gint64) st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

gboolean
task_changed_after_state (const Task *task, Pictures *pictures)
{
  g_autofree char *state = g_strconcat (suffix_of (task), STATE, NULL);
  return written_ns (task, CHANGED, pictures) > written_ns (task, state, pictures);
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
  pictures_delete_hidden (pictures, task->id);
}
