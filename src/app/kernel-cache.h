/* kernel-cache.h -- location of the kernel cache. Layer 7 (app). */
#ifndef RV_APP_KERNEL_CACHE_H
#define RV_APP_KERNEL_CACHE_H

#include <reverie/kernel-cache.h>

/* (transfer full): path in the user's cache folder; the file need not exist. */
char *rv__kernel_cache_path (void);

#endif
