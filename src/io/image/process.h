/* process.h -- libvips' process-wide settings; only the reverie program may change them. Layer 2 (io). */
#ifndef RV_IMAGE_PROCESS_H
#define RV_IMAGE_PROCESS_H

#include <reverie/error.h>

/* Starts libvips without its cache, with @n_threads, and blocks its untrusted loaders. RV_ERROR_FILE,
 * RV_ERROR_MEMORY. */
gboolean rv__vips_init_process (int n_threads, GError **error);

/* "8.14.1". Static. */
const char *rv__vips_version (void);

#endif
