/* kernels.h -- which kernel won where: a value given to a run and filled by it.
 * Layer 3 (backend). Implemented in src/backend/kernel-table.c. The library never stores it; a program that does saves
 * the next run the measuring, and a run with the same table and threads gives the same bytes.
 *
 * A key names a convolution by what decides its speed: "forward 64x64 3x3 s1 area2^17 t2"; the entry is the name of a
 * kernel. An entry once written stays. */
#ifndef RV_KERNELS_H
#define RV_KERNELS_H

#include <glib.h>
#include <reverie/version.h>
G_BEGIN_DECLS

/** RvKernelTable: Threads: any, at once: it may be looked into, added to and saved while several runs have it. Of two
 * that add an entry for one key at once, the first counts for both. */
typedef struct _RvKernelTable RvKernelTable;

/** rv_kernel_table_new: (transfer full): empty. rv_kernel_table_ref: (transfer full). Since: 0.1 */
RV_API RvKernelTable *rv_kernel_table_new (void);
RV_API RvKernelTable *rv_kernel_table_ref (RvKernelTable *table);
RV_API void rv_kernel_table_unref (RvKernelTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvKernelTable, rv_kernel_table_unref)

/** rv_kernel_table_get: (nullable): the name of the kernel of @key; NULL: there is none yet. Borrowed: it lasts as long
 * as @table. Since: 0.1 */
RV_API const char *rv_kernel_table_get (const RvKernelTable *table, const char *key);
/** rv_kernel_table_add: an entry, of texts that are copied, unless there is one for @key. rv_kernel_table_size: how
 * many there are. Since: 0.1 */
RV_API void rv_kernel_table_add (RvKernelTable *table, const char *key, const char *kernel);
RV_API guint rv_kernel_table_size (const RvKernelTable *table);
/** rv_kernel_table_to_text: (transfer full): one "key = kernel" a line, sorted. rv_kernel_table_add_text: back; lines
 * that are none are passed over. Since: 0.1 */
RV_API char *rv_kernel_table_to_text (const RvKernelTable *table);
RV_API void rv_kernel_table_add_text (RvKernelTable *table, const char *text);
/** rv_kernel_table_used: (transfer full): the kernels that runs given @table have computed with, remembered, measured
 * or guessed: another run given these computes the same, on the same kind of processor. Since: 0.1 */
RV_API RvKernelTable *rv_kernel_table_used (const RvKernelTable *table);

G_END_DECLS
#endif
