/* kernel-table.h -- what the library alone does with a table of kernels.
 * Layer 3 (backend). */
#ifndef RV_KERNEL_TABLE_H
#define RV_KERNEL_TABLE_H

#include <reverie/kernels.h>

/* Raised when a kernel is added, or becomes much faster: what was timed before is timed anew. */
#define RV_KERNEL_SET 3

/* The name of the kernel of @key; NULL: there is none yet. Borrowed: it lasts as long as @table. */
const char *rv__kernel_table_get (const RvKernelTable *table, const char *key);

/* Adds an entry, of texts that are copied, unless there is one for @key. */
void rv__kernel_table_add (RvKernelTable *table, const char *key, const char *kernel);

/* Number of entries. */
guint rv__kernel_table_size (const RvKernelTable *table);

/* (transfer full): one "key = kernel" a line, sorted, as rv_kernel_table_add_text() reads them. */
char *rv__kernel_table_to_text (const RvKernelTable *table);

/* (transfer full): the kernels that runs given @table have computed with, remembered, measured or guessed: another run
 * given these computes the same, on the same kind of processor. */
RvKernelTable *rv__kernel_table_used (const RvKernelTable *table);

/* rv__kernel_table_known: what computed where @key says, though it was a guess; else the entry; else NULL.
 * rv__kernel_table_use: @kernel is to compute where @key says. Returns the one that does: of two the first counts, so
 * that all of a run computes alike, and a run that is given rv__kernel_table_used() computes the same. Borrowed: they
 * last as long as @table. */
const char *rv__kernel_table_known (const RvKernelTable *table, const char *key);
const char *rv__kernel_table_use (RvKernelTable *table, const char *key, const char *kernel);

/* Kernels in use that are no entries: guessed, or timed beside a busy program. Another run may choose others. */
guint rv__kernel_table_n_guessed (const RvKernelTable *table);

/* rv__kernel_table_restore: @table is what one was of which rv__kernel_table_to_text() gave @text, and that of its
 * rv__kernel_table_used() @used_text. */
void rv__kernel_table_restore (RvKernelTable *table, const char *text, const char *used_text);

#endif
