/* kernels.h -- the fastest kernel for each convolution: a table that runs read and extend.
 * Layer 3 (backend). Implemented in src/backend/kernel-table.c. The library never stores the table. A program that
 * saves it spares the next run the measurements, and a run with the same table and threads gives the same bytes.
 *
 * A key names a convolution by the numbers that decide its speed, "forward 64x64 3x3 s1 area2^17 t2"; the entry is the
 * name of a kernel. Other keys name a GPU and its driver: the entry is the backend that was measured to be faster.
 * Entries never change. */
#ifndef RV_KERNELS_H
#define RV_KERNELS_H

#include <glib.h>
#include <reverie/version.h>
G_BEGIN_DECLS

/** RvKernelTable: a table of kernels by key. Reference-counted. Threads: any, several at once, also while several runs
 * use the table. If two threads add an entry for one key, the first one counts for both. */
typedef struct _RvKernelTable RvKernelTable;

/** rv_kernel_table_new: (transfer full): an empty table; free with rv_kernel_table_unref(). Since: 0.1 */
RV_API RvKernelTable *rv_kernel_table_new (void);
/** rv_kernel_table_unref: (nullable): drops a reference; the last one frees @table. Since: 0.1 */
RV_API void rv_kernel_table_unref (RvKernelTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvKernelTable, rv_kernel_table_unref)

/** rv_kernel_table_add_text: adds those lines "key = kernel" of @text whose key has no entry yet; existing entries
 * stay. Former names of kernels become the current ones. Ignores lines without " = ", without an error. Since: 0.1 */
RV_API void rv_kernel_table_add_text (RvKernelTable *table, const char *text);

G_END_DECLS
#endif
