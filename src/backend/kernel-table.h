/* kernel-table.h -- private functions of kernel tables.
 * Layer 3 (backend). */
#pragma once

#include <reverie/kernels.h>

/* (transfer full): @table, with one reference more. */
RvKernelTable *rv__kernel_table_ref (RvKernelTable *table);

/* Version of our kernels. Increased when a kernel is added or becomes much faster: earlier measurements then no
 * longer count. */
#define RV_KERNEL_SET 3

/* Adds the entry @key = @kernel; an existing entry stays. Texts are copied. Cannot fail. Any thread. */
void rv__kernel_table_add (RvKernelTable *table, const char *key, const char *kernel);

/* Number of entries. Kernels in use without an entry do not count. Any thread. */
guint rv__kernel_table_size (const RvKernelTable *table);

/* (transfer full): entries as lines "key = kernel", sorted, for rv_kernel_table_add_text(); "" without entries. Any
 * thread. */
char *rv__kernel_table_to_text (const RvKernelTable *table);

/* (transfer full): a new table whose entries are the kernels in use in @table: cached, measured or guessed; free with
 * rv_kernel_table_unref(). Another run with it computes the same bytes on the same kind of processor. Any thread. */
RvKernelTable *rv__kernel_table_used (const RvKernelTable *table);

/* (nullable): the kernel in use for @key, also a guess; else its entry; NULL, without an error: neither. Borrowed,
 * valid until @table is freed. Any thread. */
const char *rv__kernel_table_lookup (const RvKernelTable *table, const char *key);
/* Records @kernel as in use for @key, unless one is recorded already; adds no entry. Returns the recorded kernel, so
 * that all parts of a run compute alike. Borrowed, valid until @table is freed. Any thread. */
const char *rv__kernel_table_commit (RvKernelTable *table, const char *key, const char *kernel);

/* Sets the name of the device that computes runs with this table. Copied. Any thread. */
void rv__kernel_table_set_device (RvKernelTable *table, const char *device);
/* (nullable): name and driver of the last device for which a program was compiled with this table; NULL: only for the
 * processor. Borrowed, valid until @table is freed. Any thread. */
const char *rv__kernel_table_device (const RvKernelTable *table);

/* Number of kernels in use that have no entry: guessed, or timed on a busy machine. Other runs may choose others. Any
 * thread. */
guint rv__kernel_table_n_guessed (const RvKernelTable *table);

/* Replaces all entries by those of @text, from rv__kernel_table_to_text(), and all kernels in use by those of
 * @used_text, the same text of rv__kernel_table_used(). Lines without " = " are ignored. Cannot fail. Any thread. */
void rv__kernel_table_restore (RvKernelTable *table, const char *text, const char *used_text);
