/* kernel-table.c -- remembered kernel choices. */
#include "kernel-table.h"

RvKernelTable *
rv__kernel_table_new (void)
{
  RvKernelTable *table = g_new0 (RvKernelTable, 1);
  table->ref_count = 1;
  table->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return table;
}

RvKernelTable *
rv__kernel_table_ref (RvKernelTable *table)
{
  g_atomic_int_inc (&table->ref_count);
  return table;
}

void
rv__kernel_table_unref (RvKernelTable *table)
{
  if (!table || !g_atomic_int_dec_and_test (&table->ref_count))
    return;
  g_hash_table_unref (table->entries);
  g_free (table);
}

const char *
rv__kernel_table_get (const RvKernelTable *table, const char *key)
{
  return g_hash_table_lookup (table->entries, key);
}

void
rv__kernel_table_add (RvKernelTable *table, const char *key, const char *kernel)
{
  if (!g_hash_table_contains (table->entries, key))
    g_hash_table_insert (table->entries, g_strdup (key), g_strdup (kernel));
}
