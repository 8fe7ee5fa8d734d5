/* kernel-table.h -- private functions of kernel tables.
 * Layer 3 (backend). */
#ifndef RV_KERNEL_TABLE_H
#define RV_KERNEL_TABLE_H

#include <reverie/kernels.h>

/* Increased when a kernel is added or becomes much faster: earlier measurements then no longer count. */
#define RV_KERNEL_SET 3

/* (nullable): the kernel of @key; NULL: none. Borrowed from @table. */
const char *rv__kernel_table_get (const RvKernelTable *table, const char *key);

/* Adds an entry unless @key has one. Texts are copied. */
void rv__kernel_table_add (RvKernelTable *table, const char *key, const char *kernel);

guint rv__kernel_table_size (const RvKernelTable *table);

/* (transfer full): lines "key = kernel", sorted, for rv_kernel_table_add_text(). */
char *rv__kernel_table_to_text (const RvKernelTable *table);

/* (transfer full): the kernels that runs with @table have used: cached, measured or guessed. Another run with this
 * table computes the same bytes on the same kind of processor. */
RvKernelTable *rv__kernel_table_used (const RvKernelTable *table);

/* (nullable): the kernel in use for @key, even if it was a guess; else its entry; else NULL. Borrowed from @table. */
const char *rv__kernel_table_lookup (const RvKernelTable *table, const char *key);
/* Records that @kernel is used for @key, and returns the kernel to use: the first that was recorded, so that all parts
 * of a run compute alike. Borrowed from @table. */
const char *rv__kernel_table_commit (RvKernelTable *table, const char *key, const char *kernel);

/* Number of kernels in use without an entry: guessed, or timed beside a busy program. Other runs may choose others. */
guint rv__kernel_table_n_guessed (const RvKernelTable *table);

/* Restores @table from @text of rv__kernel_table_to_text() and from @used_text, the same of rv__kernel_table_used(). */
void rv__kernel_table_restore (RvKernelTable *table, const char *text, const char *used_text);

#endif
