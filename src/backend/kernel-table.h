/* kernel-table.h -- which kernel won where: a value given to compile and filled by it.
 * Layer 3 (backend). Only the program loads and stores one (src/cli/kernel-file.c); an entry once written stays.
 *
 * A key names a convolution by what decides its speed: "conv-forward 64x64 k3x3 s1 area2^17 t2"; the entry is the
 * name of a kernel. */
#ifndef RV_KERNEL_TABLE_H
#define RV_KERNEL_TABLE_H

#include <glib.h>

typedef struct {
  gint ref_count;
  GHashTable *entries; /* key -> kernel name; both owned */
} RvKernelTable;

RvKernelTable *rv__kernel_table_new (void);
RvKernelTable *rv__kernel_table_ref (RvKernelTable *table);
void rv__kernel_table_unref (RvKernelTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvKernelTable, rv__kernel_table_unref)

/* rv__kernel_table_get: the kernel's name, or NULL. Borrowed. */
const char *rv__kernel_table_get (const RvKernelTable *table, const char *key);
/* rv__kernel_table_add: keeps the entry there is; else adds one. */
void rv__kernel_table_add (RvKernelTable *table, const char *key, const char *kernel);

#endif
