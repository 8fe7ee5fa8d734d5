/* kernel-table.c -- remembered kernel choices, and which of them were made use of. */
#include "kernel-table.h"
#include <string.h>

/* Each key -> kernel name, both owned. */
struct _RvKernelTable {
  gint ref_count;
  GHashTable *entries; /* what is to be chosen */
  GHashTable *used;    /* what was, guesses as well */
};

static GHashTable *
new_entries (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

RvKernelTable *
rv_kernel_table_new (void)
{
  RvKernelTable *table = g_new0 (RvKernelTable, 1);
  table->ref_count = 1;
  table->entries = new_entries ();
  table->used = new_entries ();
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
  g_hash_table_unref (table->used);
  g_free (table);
}

const char *
rv_kernel_table_get (const RvKernelTable *table, const char *key)
{
  return g_hash_table_lookup (table->entries, key);
}

/* An entry once written stays. */
static void
add (GHashTable *entries, const char *key, const char *kernel)
{
  if (!g_hash_table_contains (entries, key))
    g_hash_table_insert (entries, g_strdup (key), g_strdup (kernel));
}

void
rv_kernel_table_add (RvKernelTable *table, const char *key, const char *kernel)
{
  add (table->entries, key, kernel);
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

static void
add_text (GHashTable *entries, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line; line++) {
    char *equals = strstr (*line, " = ");
    if (!equals)
      continue;
    *equals = 0;
    add (entries, g_strstrip (*line), g_strstrip (equals + 3));
  }
}

void
rv_kernel_table_add_text (RvKernelTable *table, const char *text)
{
  add_text (table->entries, text);
}

/* ---- what was used ----------------------------------------------------------------------------------------------- */

void
rv__kernel_table_use (RvKernelTable *table, const char *key, const char *kernel)
{
  g_hash_table_insert (table->used, g_strdup (key), g_strdup (kernel));
}

RvKernelTable *
rv_kernel_table_used (const RvKernelTable *table)
{
  RvKernelTable *used = rv_kernel_table_new ();
  GHashTableIter iter;
  gpointer key, kernel;
  g_hash_table_iter_init (&iter, table->used);
  while (g_hash_table_iter_next (&iter, &key, &kernel))
    add (used->entries, key, kernel);
  return used;
}

void
rv__kernel_table_restore (RvKernelTable *table, const char *text, const char *used_text)
{
  g_hash_table_remove_all (table->entries);
  g_hash_table_remove_all (table->used);
  add_text (table->entries, text);
  add_text (table->used, used_text);
}
