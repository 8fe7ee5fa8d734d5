/* kernel-cache.h -- where the kernel choices of this processor are kept.
 * Layer 7 (app). */
#ifndef RV_APP_KERNEL_CACHE_H
#define RV_APP_KERNEL_CACHE_H

#include <reverie/kernel-cache.h>

/* (transfer full): the file in the user's cache folder. It need not exist. */
char *rv__kernel_cache_path (void);

#endif
