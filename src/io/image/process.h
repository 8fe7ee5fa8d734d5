/* process.h -- libvips' process-wide settings; only the reverie program may change them. Layer 2 (io). */
#pragma once

#include <reverie/error.h>

/* Starts libvips for the whole process: without its cache, with @n_threads threads, 1 or more, for each picture, and
 * with its untrusted loaders blocked. Later calls change @n_threads. */
gboolean rv__vips_init_process (int n_threads, GError **error);

/* Version of the libvips that runs, such as "8.14.1". Static. Works before libvips is started. */
const char *rv__vips_version (void);
