/* reverie-hdf5.c -- the program reverie-hdf5 all|convolutions: converts a Keras weights file on standard input to
 * safetensors on standard output.
 *
 * libhdf5 is not safe on hostile files, so it runs only in this process. Before reading, the program drops the right
 * to open files, and limits its memory and time. Errors are one line on standard error. */
#include "io/weights/format.h"
#include "keras-file.h"
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE_MEMORY_BYTES (256u << 20) /* libraries and stacks */
#define FILES_IN_MEMORY 4              /* the file, its arrays, a transposed copy, a reserve */
#define CPU_SECONDS 30                 /* a file of half a gigabyte takes three */

/* Sets the hard and soft limit of @resource, RLIMIT_..., permanently. Failures are ignored. */
static void
limit (int resource, guint64 value)
{
  struct rlimit limits = { (rlim_t) value, (rlim_t) value };
  setrlimit (resource, &limits);
}

/* Forbids opening further files: HDF5 files may link to others. */
static void
forbid_opening (void)
{
  limit (RLIMIT_NOFILE, 0);
}

/* Limits memory and time of this process and forbids opening files, permanently; SIGKILL ends a process over its time.
 * Converts the weights on standard input that @filter selects to safetensors on standard output. @error must not be
 * NULL. RV_ERROR_FILE if standard input is no regular file or writing fails. */
static gboolean
convert (RvWeightsFilter filter, GError **error)
{
  struct stat info;
  if (fstat (STDIN_FILENO, &info) != 0 || !S_ISREG (info.st_mode)) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "standard input is no file");
    return FALSE;
  }
  if (RV_LIMIT_MEMORY) /* a sanitizer's shadow memory does not fit */
    limit (RLIMIT_DATA, BASE_MEMORY_BYTES + FILES_IN_MEMORY * (guint64) info.st_size);
  limit (RLIMIT_CPU, CPU_SECONDS);
  limit (RLIMIT_CORE, 0);

  g_autoptr (RvTensorMap) map = rv__keras_read (STDIN_FILENO, (guint64) info.st_size, filter, forbid_opening, error);
  if (!map)
    return FALSE;
  if (rv__safetensors_write (map, STDOUT_FILENO, error))
    return TRUE;
  if (!*error)
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "the disk is full");
  return FALSE;
}

int
main (int argc, char **argv)
{
  gboolean all = argc < 2 || strcmp (argv[1], "convolutions") != 0;
  g_autoptr (GError) error = NULL;
  gboolean ok = convert (all ? RV_WEIGHTS_ALL : RV_WEIGHTS_CONVOLUTIONS, &error);
  if (!ok)
    dprintf (STDERR_FILENO, "%s\n", error->message);
  _exit (ok ? 0 : 1); /* no cleanup: a hostile file may have corrupted libhdf5's data */
}
