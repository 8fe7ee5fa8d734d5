/* kernel-table.c -- remembered kernel choices. */
#include <reverie/kernels.h>
#include <string.h>

struct _RvKernelTable {
  gint ref_count;
  GHashTable *entries; /* key -> kernel name; both owned */
};

RvKernelTable *
rv_kernel_table_new (void)
{
  RvKernelTable *table = g_new0 (RvKernelTable, 1);
  table->ref_count = 1;
  table->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return table;
}

RvKernelTable *
rv_kernel_table_ref (RvKernelTable *table)
{
  g_atomic_int_inc (&table->ref_count);
  return table;
}

void
rv_kernel_table_unref (RvKernelTable *table)
{
  if (!table || !g_atomic_int_dec_and_test (&table->ref_count))
    return;
  g_hash_table_unref (table->entries);
  g_free (table);
}

const char *
rv_kernel_table_get (const RvKernelTable *table, const char *key)
{
  return g_hash_table_lookup (table->entries, key);
}

void
rv_kernel_table_add (RvKernelTable *table, const char *key, const char *kernel)
{
  if (!g_hash_table_contains (table->entries, key))
    g_hash_table_insert (table->entries, g_strdup (key), g_strdup (kernel));
}

guint
rv_kernel_table_size (const RvKernelTable *table)
{
  return g_hash_table_size (table->entries);
}

char *
rv_kernel_table_to_text (const RvKernelTable *table)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (table->entries), (GCompareFunc) strcmp);
  for (GList *key = keys; key; key = key->next)
    g_string_append_printf (text, "%s = %s\n", (char *) key->data, rv_kernel_table_get (table, key->data));
  return g_string_free (text, FALSE);
}

void
rv_kernel_table_add_text (RvKernelTable *table, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line; line++) {
    char *equals = strstr (*line, " = ");
    if (!equals)
      continue;
    *equals = 0;
    rv_kernel_table_add (table, g_strstrip (*line), g_strstrip (equals + 3));
  }
}
