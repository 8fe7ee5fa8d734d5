/* fuzz-keras-file.c -- libFuzzer target for the helper's reader of Keras files.
 *
 * libhdf5 is not instrumented and known to be unsafe; therefore its reader is a separate program. This target tests
 * only how the reader handles the results of libhdf5. */
#include "hdf5/keras-file.h"
#include <stdlib.h>
#include <unistd.h>

static char *path;
static int fd = -1; /* a named file: libhdf5 opens files by name */

static void
remove_file (void)
{
  unlink (path);
}

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (fd < 0) {
    path = g_build_filename (g_get_tmp_dir (), "reverie-fuzz-XXXXXX", NULL);
    fd = mkstemp (path);
    atexit (remove_file);
  }
  if (fd < 0 || ftruncate (fd, 0) != 0 || pwrite (fd, data, size, 0) != (gssize) size)
    abort ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv__keras_read (fd, size, RV_WEIGHTS_ALL, NULL, &error);
  if (!map == !error)
    __builtin_trap ();
  return 0;
}
