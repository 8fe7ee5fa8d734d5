/* kernel-table.c -- chosen kernels by convolution, and the kernels in use. Several runs may share a table: each
 * function locks it. */
#include "base/ref.h"
#include "kernel-table.h"
#include <string.h>

#define TEXTS_BLOCK_BYTES 4096 /* a table of a network has some dozens of entries of 40 bytes */

/* Maps keys to kernel names. Both are stored in @texts, so that borrowed names stay valid whatever other threads do. */
struct _RvKernelTable {
  gint ref_count;
  GMutex *lock;        /* protects the members below; a pointer, so that functions can lock a const table */
  GHashTable *entries; /* chosen kernels */
  GHashTable *used;    /* kernels in use, including guesses */
  const char *device;  /* (nullable): see rv__kernel_table_device() */
  GStringChunk *texts; /* each text once; freed with the table */
};

RvKernelTable *
rv_kernel_table_new (void)
{
  RvKernelTable *table = g_new0 (RvKernelTable, 1);
  table->ref_count = 1;
  table->lock = g_new (GMutex, 1);
  g_mutex_init (table->lock);
  table->entries = g_hash_table_new (g_str_hash, g_str_equal);
  table->used = g_hash_table_new (g_str_hash, g_str_equal);
  table->texts = g_string_chunk_new (TEXTS_BLOCK_BYTES);
  return table;
}

static void
kernel_table_free (RvKernelTable *table)
{
  g_hash_table_unref (table->entries);
  g_hash_table_unref (table->used);
  g_string_chunk_free (table->texts);
  g_mutex_clear (table->lock);
  g_free (table->lock);
  g_free (table);
}

RV_DEFINE_REF (RvKernelTable, rv__kernel_table_ref, rv_kernel_table_unref, kernel_table_free)

/* Adds @key = @kernel to @entries, a hash table of @table; an existing entry stays. The caller holds the lock of
 * @table. */
static void
add (RvKernelTable *table, GHashTable *entries, const char *key, const char *kernel)
{
  if (!g_hash_table_contains (entries, key))
    g_hash_table_insert (entries, g_string_chunk_insert_const (table->texts, key),
                         g_string_chunk_insert_const (table->texts, kernel));
}

/* Adds lines "key = kernel" to @entries, a hash table of @table; existing entries stay, former names of kernels become
 * the current ones. Ignores other lines. The caller holds the lock. */
static void
add_text (RvKernelTable *table, GHashTable *entries, const char *text)
{
  static const char *const old[] = { "few", "outer", "rows" }, *const now[] = { "thin", "wgrad", "plain" };
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line; line++) {
    char *equals = strstr (*line, " = ");
    if (!equals)
      continue;
    *equals = 0;
    const char *kernel = g_strstrip (equals + 3);
    for (guint i = 0; i < G_N_ELEMENTS (old); i++)
      if (strcmp (kernel, old[i]) == 0)
        kernel = now[i];
    add (table, entries, g_strstrip (*line), kernel);
  }
}

void
rv__kernel_table_add (RvKernelTable *table, const char *key, const char *kernel)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  add (table, table->entries, key, kernel);
}

guint
rv__kernel_table_size (const RvKernelTable *table)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  return g_hash_table_size (table->entries);
}

char *
rv__kernel_table_to_text (const RvKernelTable *table)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (table->entries), (GCompareFunc) strcmp);
  for (GList *key = keys; key; key = key->next)
    g_string_append_printf (text, "%s = %s\n", (char *) key->data,
                            (char *) g_hash_table_lookup (table->entries, key->data));
  return g_string_free (text, FALSE);
}

void
rv_kernel_table_add_text (RvKernelTable *table, const char *text)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  add_text (table, table->entries, text);
}

/* ---- kernels in use ---------------------------------------------------------------------------------------------- */

const char *
rv__kernel_table_lookup (const RvKernelTable *table, const char *key)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  const char *kernel = g_hash_table_lookup (table->used, key);
  return kernel ? kernel : g_hash_table_lookup (table->entries, key);
}

const char *
rv__kernel_table_commit (RvKernelTable *table, const char *key, const char *kernel)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  add (table, table->used, key, kernel);
  return g_hash_table_lookup (table->used, key);
}

void
rv__kernel_table_set_device (RvKernelTable *table, const char *device)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  table->device = g_string_chunk_insert_const (table->texts, device);
}

const char *
rv__kernel_table_device (const RvKernelTable *table)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  return table->device;
}

RvKernelTable *
rv__kernel_table_used (const RvKernelTable *table)
{
  RvKernelTable *used = rv_kernel_table_new ();
  GHashTableIter iter;
  gpointer key, kernel;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  g_hash_table_iter_init (&iter, table->used);
  while (g_hash_table_iter_next (&iter, &key, &kernel))
    add (used, used->entries, key, kernel);
  return used;
}

guint
rv__kernel_table_n_guessed (const RvKernelTable *table)
{
  GHashTableIter iter;
  gpointer key;
  guint n = 0;
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  g_hash_table_iter_init (&iter, table->used);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    n += !g_hash_table_contains (table->entries, key);
  return n;
}

void
rv__kernel_table_restore (RvKernelTable *table, const char *text, const char *used_text)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (table->lock);
  g_hash_table_remove_all (table->entries);
  g_hash_table_remove_all (table->used);
  add_text (table, table->entries, text);
  add_text (table, table->used, used_text);
}
