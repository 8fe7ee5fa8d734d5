/* file-key.c -- recognises two names of one file. */
#include "cli/cli.h"
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MAX_LINKS 40 /* the limit of Linux */

char *
file_key (const char *path)
{
  struct stat info;
  if (stat (path, &info) == 0)
    return g_strdup_printf ("%ju:%ju", (uintmax_t) info.st_dev, (uintmax_t) info.st_ino);
  g_autofree char *target = g_strdup (path);
  char *link;
  for (int i = 0; i < MAX_LINKS && (link = g_file_read_link (target, NULL)); i++) { /* the file is missing */
    g_autofree char *from = g_steal_pointer (&target), *folder = g_path_get_dirname (from);
    target = g_path_is_absolute (link) ? g_strdup (link) : g_build_filename (folder, link, NULL);
    g_free (link);
  }
  g_autofree char *folder = g_path_get_dirname (target), *name = g_path_get_basename (target);
  g_autofree char *real = realpath (folder, NULL);
  return real ? g_build_filename (real, name, NULL) : g_canonicalize_filename (target, NULL);
}

gboolean
file_is_same (const char *a, const char *b)
{
  g_autofree char *key_a = a ? file_key (a) : NULL, *key_b = b ? file_key (b) : NULL;
  return key_a && g_strcmp0 (key_a, key_b) == 0;
}

gboolean
file_check_apart (const char *output, const char *other, GError **error)
{
  return !file_is_same (output, other) ||
         error_set (error, RV_ERROR_SETTING, "%s would be written twice; give each output its own file", output);
}
