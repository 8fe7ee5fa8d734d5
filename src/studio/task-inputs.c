/* task-inputs.c -- inputs that replace those of a job while it runs. */
#include "task-inputs.h"

const char *const steered_roles[N_STEERED] = { "mask", "protect" };

void
given_free (InputChange *given)
{
  for (int i = 0; given && i < N_STEERED; i++) {
    g_strfreev (given->ids[i]);
    g_clear_pointer (&given->paths[i], g_ptr_array_unref);
  }
  g_free (given);
}

/* (transfer full) (nullable): paths of @ids. */
static GPtrArray *
find_all (char **ids, Pictures *pictures, GHashTable *used, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; ids[i]; i++)
    g_hash_table_add (used, g_strdup (ids[i]));
  for (int i = 0; ids[i]; i++) {
    char *path = pictures_input (pictures, ids[i], used, error);
    if (!path)
      return NULL;
    g_ptr_array_add (paths, path);
  }
  return g_steal_pointer (&paths);
}

InputChange *
given_find (char **const *ids, Pictures *pictures, GHashTable *used, GError **error)
{
  g_autoptr (InputChange) given = g_new0 (InputChange, 1);
  for (int i = 0; i < N_STEERED; i++) {
    if (!ids[i])
      continue;
    given->ids[i] = g_strdupv (ids[i]);
    if (!(given->paths[i] = find_all (given->ids[i], pictures, used, error)))
      return NULL;
  }
  return g_steal_pointer (&given);
}

gboolean
given_read (const InputChange *given, RvJob *job, GError **error)
{
  for (int i = 0; i < N_STEERED; i++)
    if (given->paths[i] && !rv_job_change_files (job, steered_roles[i], (const char *const *) given->paths[i]->pdata,
                                                 given->paths[i]->len, error))
      return FALSE;
  return TRUE;
}
