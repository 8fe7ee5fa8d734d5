/* program.h -- libvips' process-wide settings, which only a program may touch: reverie's own.
 * Layer 2 (io). */
#ifndef RV_IMAGE_PROGRAM_H
#define RV_IMAGE_PROGRAM_H

#include <reverie/error.h>

/* rv__vips_start_for_program: starts libvips without its cache, with @n_threads, and with the loaders it calls
 * untrusted blocked. */
gboolean rv__vips_start_for_program (int n_threads, GError **error);

/* rv__vips_version: "8.14.1". Static. */
const char *rv__vips_version (void);

#endif
