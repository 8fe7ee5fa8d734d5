/* test-truncations.c -- the helper's reader refuses every truncation of each golden Keras file, whatever libhdf5 does.
 * The reader runs in a child process, as in the helper. A crash in libhdf5 also counts as a refusal. */
#include "hdf5/keras-file.h"
#include "support/support.h"
#include <glib.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Report of a child to its parent. */
typedef struct {
  gsize cut;         /* the current truncation has cut - 1 bytes */
  gboolean accepted; /* a truncation was read as a complete file */
} Progress;

/* Code of a child: reads truncations of decreasing length from progress->cut on, and exits. */
static void
try_truncations (int fd, Progress *progress)
{
  for (gsize cut = progress->cut; cut > 0; cut--) {
    progress->cut = cut;
    if (ftruncate (fd, (off_t) cut - 1) != 0)
      _exit (EXIT_FAILURE);
    g_autoptr (GError) error = NULL;
    g_autoptr (RvTensorMap) map = rv__keras_read (fd, cut - 1, RV_WEIGHTS_ALL, NULL, &error);
    if (map || !error) {
      progress->accepted = TRUE;
      _exit (EXIT_SUCCESS);
    }
  }
  progress->cut = 0;
  _exit (EXIT_SUCCESS);
}

static void
test_file (gconstpointer name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "keras-files", name, NULL), *content = NULL;
  gsize size;
  g_autofree char *cut = NULL; /* path of the truncated file: libhdf5 opens files by name */
  int n_deaths = 0, fd = g_file_open_tmp ("reverie-XXXXXX", &cut, NULL);
  Progress *progress = mmap (NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_assert_cmpint (write (fd, content, size), ==, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) whole = rv__keras_read (fd, size, RV_WEIGHTS_ALL, NULL, &error);
  g_assert_no_error (error);

  *progress = (Progress){ .cut = size };
  while (progress->cut > 0 && !progress->accepted) {
    int status;
    pid_t child = fork ();
    if (child == 0)
      try_truncations (fd, progress);
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
    if (WIFSIGNALED (status)) {
      n_deaths++;
      progress->cut--;
    } else {
      g_assert_cmpint (WEXITSTATUS (status), ==, EXIT_SUCCESS);
    }
  }
  g_assert_false (progress->accepted);
  g_test_message ("%" G_GSIZE_FORMAT " truncations refused, %d of them by a crash of libhdf5", size, n_deaths);
  munmap (progress, sizeof *progress);
  close (fd);
  unlink (cut);
}

int
main (int argc, char **argv)
{
  static const char *const files[] = { "weights.h5", "keras3.keras", /* the others with -m slow only */
                                       "split.h5",   "model.h5",     "keras3.weights.h5", "unnamed.weights.h5" };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *test = g_strconcat ("/truncations/", files[i], NULL);
    if (i < 2)
      g_test_add_data_func (test, files[i], test_file);
    else
      test_add_slow (test, files[i], test_file);
  }
  return g_test_run ();
}
