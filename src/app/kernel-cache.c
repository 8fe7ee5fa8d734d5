/* kernel-cache.c -- the kernel choices for this processor, in the user's cache folder.
 *
 * One text file per processor model and set of kernels has lines "key = kernel". Files are written under a lock; the
 * first entry for a key stays, so that later runs compute the same bytes. A lost file costs only new measurements:
 * all errors are ignored. The backends keep files of their own in this folder. */
#include "app/kernel-cache.h"
#include "backend/backend.h"
#include "backend/kernel-table.h"
#include "base/system.h"
#include "io/atomic-file.h"
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

char *
rv__kernel_cache_path (void)
{
  g_autofree char *processor = rv__system_processor (), *name = NULL;
  g_strcanon (processor, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS, '-');
  name = g_strdup_printf ("kernels-%s-%d.txt", processor, RV_KERNEL_SET);
  return g_build_filename (g_get_user_cache_dir (), "reverie", name, NULL);
}

void
rv_kernel_cache_add (RvKernelTable *kernels)
{
  g_autofree char *path = rv__kernel_cache_path (), *text = NULL, *folder = g_path_get_dirname (path);
  rv__backend_use_cache (folder);
  if (kernels && g_file_get_contents (path, &text, NULL, NULL))
    rv_kernel_table_add_text (kernels, text);
}

void
rv_kernel_cache_save (const RvKernelTable *kernels)
{
  g_autofree char *path = rv__kernel_cache_path (), *lock_path = g_strconcat (path, ".lock", NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_mkdir_with_parents (folder, 0700);
  rv__backend_save_cache (folder);
  if (!kernels)
    return;
  int lock = open (lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0)
    return;
  if (flock (lock, LOCK_EX) == 0) {
    g_autoptr (RvKernelTable) merged = rv_kernel_table_new ();
    rv_kernel_cache_add (merged);
    guint before = rv__kernel_table_size (merged);
    g_autofree char *ours = rv__kernel_table_to_text (kernels);
    rv_kernel_table_add_text (merged, ours);
    if (rv__kernel_table_size (merged) > before) {
      char *text = rv__kernel_table_to_text (merged);
      g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
      rv__atomic_file_write (path, bytes, TRUE, NULL);
    }
  }
  close (lock);
}
