/* kernel-cache.h -- location of the kernel cache. Layer 7 (app). */
#pragma once

#include <reverie/kernel-cache.h>

/* (transfer full): path of the file of kernel choices for this processor and program, in the user's cache folder. Never
 * NULL. Creates nothing: file and folder need not exist. Any thread. */
char *rv__kernel_cache_path (void);
