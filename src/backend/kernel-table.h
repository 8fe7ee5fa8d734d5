/* kernel-table.h -- what the library alone does with a table of kernels.
 * Layer 3 (backend). */
#ifndef RV_KERNEL_TABLE_H
#define RV_KERNEL_TABLE_H

#include <reverie/kernels.h>

/* rv__kernel_table_use: a run computes with @kernel where @key says; of two the last counts. */
void rv__kernel_table_use (RvKernelTable *table, const char *key, const char *kernel);

/* rv__kernel_table_restore: @table is what one was of which rv_kernel_table_to_text() gave @text, and that of its
 * rv_kernel_table_used() @used_text. */
void rv__kernel_table_restore (RvKernelTable *table, const char *text, const char *used_text);

#endif
