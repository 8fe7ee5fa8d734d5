/* kernel-cache.h -- the fastest kernels for this processor, in the user's cache folder: later runs skip the
 * measurements and compute the same bytes.
 * Layer 7 (app). Implemented in src/app/kernel-cache.c. Only these functions use the cache folder. */
#ifndef RV_KERNEL_CACHE_H
#define RV_KERNEL_CACHE_H

#include <reverie/kernels.h>
G_BEGIN_DECLS

/** rv_kernel_cache_add: adds the entries of the cache file to @kernels (nullable), for rv_job_set_kernels(); entries
 * that @kernels has already stay. Backends will read their own files, such as compiled shaders, from the same folder. A
 * missing or unreadable cache is no error. Since: 0.1 */
RV_API void rv_kernel_cache_add (RvKernelTable *kernels);
/** rv_kernel_cache_save: adds the entries of @kernels (nullable) to the cache file, which it creates, and saves the
 * backends' own files, such as compiled shaders, beside it. Entries of the file stay, whichever program wrote them;
 * waits while another process saves. Do not save tables that came with a foreign picture. Failures are ignored. Since:
 * 0.1 */
RV_API void rv_kernel_cache_save (const RvKernelTable *kernels);

G_END_DECLS
#endif
