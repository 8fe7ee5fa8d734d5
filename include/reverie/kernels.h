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

/** rv_kernel_table_add_text: adds lines "key = kernel", unless there is one for that key; others are passed over.
 * Since: 0.1 */
RV_API void rv_kernel_table_add_text (RvKernelTable *table, const char *text);

G_END_DECLS
#endif
