/* task-inputs.c -- inputs that replace those of a job while it runs. */
#include "task-inputs.h"

const char *const steered_roles[N_STEERED] = { "mask", "protect" };

void
input_change_free (InputChange *inputs)
{
  for (int i = 0; inputs && i < N_STEERED; i++) {
    g_strfreev (inputs->ids[i]);
    g_clear_pointer (&inputs->paths[i], g_ptr_array_unref);
  }
  g_free (inputs);
}

/* (transfer full) (nullable): paths of @ids. First adds @ids to @used, so that finding one deletes no other. */
static GPtrArray *
find_all (char **ids, Pictures *pictures, GHashTable *used, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; ids[i]; i++)
    g_hash_table_add (used, g_strdup (ids[i]));
  for (int i = 0; ids[i]; i++) {
    char *path = pictures_input_path (pictures, ids[i], used, error);
    if (!path)
      return NULL;
    g_ptr_array_add (paths, path);
  }
  return g_steal_pointer (&paths);
}

InputChange *
input_change_new (char **const *ids, Pictures *pictures, GHashTable *used, GError **error)
{
  g_autoptr (InputChange) inputs = g_new0 (InputChange, 1);
  for (int i = 0; i < N_STEERED; i++) {
    if (!ids[i])
      continue;
    inputs->ids[i] = g_strdupv (ids[i]);
    if (!(inputs->paths[i] = find_all (inputs->ids[i], pictures, used, error)))
      return NULL;
  }
  return g_steal_pointer (&inputs);
}

gboolean
input_change_apply (const InputChange *inputs, RvJob *job, GError **error)
{
  for (int i = 0; i < N_STEERED; i++)
    if (inputs->paths[i] && !rv_job_change_files (job, steered_roles[i], (const char *const *) inputs->paths[i]->pdata,
                                                  inputs->paths[i]->len, error))
      return FALSE;
  return TRUE;
}
