/* folder.c -- files of input folders, and the kind of an input file. */
#include "io/folder.h"
#include "base/error.h"
#include "base/text.h"
#include <dirent.h>
#include <errno.h>

GPtrArray *
rv__folder_list (const char *folder, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (*name != '.')
      g_ptr_array_add (files, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (files, rv__text_compare);
  if (files->len > 0)
    return g_steal_pointer (&files);
  if (dir)
    return rv__error_null (error, RV_ERROR_FILE, "the folder %s has no files", folder);
  DIR *again = opendir (folder); /* g_dir_open() may have changed errno */
  if (again)
    closedir (again);
  return rv__error_null (error, RV_ERROR_FILE, "cannot read the folder %s: %s", folder, g_strerror (errno));
}

gboolean
rv__file_check_kind (const char *filename, GError **error)
{
  return !g_file_test (filename, G_FILE_TEST_EXISTS) ||
         g_file_test (filename, G_FILE_TEST_IS_REGULAR | G_FILE_TEST_IS_DIR) ||
         rv__error_set (error, RV_ERROR_FILE, "%s: cannot be read: not a regular file; copy its contents into one",
                        filename);
}
