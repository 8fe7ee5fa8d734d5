/* fuzz-idx.c -- libFuzzer target: any bytes as an IDX file. Built with -Dfuzz=true; run by tools/check.sh. */
#include "io/dataset/dataset-internal.h"
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd = memfd_create ("idx", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GError) error = NULL, labels_error = NULL;
  if (fd < 0 || write (fd, data, size) != (gssize) size)
    __builtin_trap ();
  g_autoptr (RvDataset) pictures = rv__dataset_read_idx (path, NULL, &error),
                        labelled = rv__dataset_new ("fuzz", 1, 1, 1, 1, NULL);
  if (!pictures == !error || rv__dataset_label_by_idx (labelled, path, &labels_error) != !labels_error)
    __builtin_trap (); /* exactly one of both */
  guint64 sum = 0;
  for (gint64 i = 0; pictures && i < pictures->n * pictures->height * pictures->width; i++) /* all are readable */
    sum += pictures->pixels[i];
  close (fd);
  return sum == G_MAXUINT64 ? -1 : 0;
}
