/* kernel-cache.h -- which kernel won where, kept for this processor in the user's cache folder: the next run saves the
 * measuring and computes the same bytes.
 * Layer 7 (app). Implemented in src/app/kernel-cache.c. A library never looks there unless it is asked to. */
#ifndef RV_KERNEL_CACHE_H
#define RV_KERNEL_CACHE_H

#include <reverie/kernels.h>
G_BEGIN_DECLS

/** rv_kernel_cache_add: what is kept is added to @kernels, for rv_job_set_kernels(); entries that are there already
 * stay. rv_kernel_cache_save: what the runs given @kernels have found is kept; whoever wrote an entry first wins, from
 * any program. Not of tables that came with a picture of somebody's. Can't fail: losing it costs the measuring. Since:
 * 0.1 */
RV_API void rv_kernel_cache_add (RvKernelTable *kernels);
RV_API void rv_kernel_cache_save (const RvKernelTable *kernels);

G_END_DECLS
#endif
