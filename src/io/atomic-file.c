/* atomic-file.c -- files that are replaced completely or not at all.
 *
 * A target that is no regular file (/dev/stdout, /dev/full, a pipe) cannot be renamed over: it is written directly. A
 * link stays: the file that it points to is replaced. */
#include "atomic-file.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE_MODE 0666 /* before the umask, as for any new file */
#define PARTIAL ".part-"   /* marks a partial file, between its name and eight hexadecimal digits */
#define MAX_NAMES 1000     /* numbers that are tried for a second name */
#define HASH_DIGITS 16     /* digits of a hash that replace the end of a long name */
#define MAX_LINKS 40       /* the limit of Linux */

/* Sets RV_ERROR_FILE: "cannot write @path" and the text of the errno @code. Returns FALSE. */
static gboolean
file_error (const char *path, int code, GError **error)
{
  return rv__error_set (error, RV_ERROR_FILE, "cannot write %s: %s", path, g_strerror (code));
}

char *
rv__atomic_file_target (const char *path)
{
  char *target = g_strdup (path), *link;
  for (int i = 0; i < MAX_LINKS && (link = g_file_read_link (target, NULL)); i++) {
    g_autofree char *folder = g_path_get_dirname (target);
    g_free (target);
    target = g_path_is_absolute (link) ? g_strdup (link) : g_build_filename (folder, link, NULL);
    g_free (link);
  }
  return target;
}

gboolean
rv__atomic_file_is_same (const char *a, const char *b)
{
  struct stat x, y;
  return stat (a, &x) == 0 && stat (b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

char *
rv__atomic_file_real_path (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path),
                  *real = realpath (folder, NULL);
  return real ? g_build_filename (real, name, NULL) : g_canonicalize_filename (path, NULL);
}

gboolean
rv__atomic_file_is_same_target (const char *a, const char *b)
{
  g_autofree char *target_a = rv__atomic_file_target (a), *target_b = rv__atomic_file_target (b);
  g_autofree char *real_a = rv__atomic_file_real_path (target_a), *real_b = rv__atomic_file_real_path (target_b);
  return rv__atomic_file_is_same (a, b) || strcmp (real_a, real_b) == 0;
}

gboolean
rv__atomic_file_is_inside (const char *file, const char *folder)
{
  g_autofree char *file_path = realpath (file, NULL), *folder_path = realpath (folder, NULL);
  gsize length = folder_path ? strlen (folder_path) : 0;
  return file_path && folder_path && strncmp (file_path, folder_path, length) == 0 &&
         (file_path[length] == '/' || file_path[length] == '\0');
}

char *
rv__file_sibling (const char *path, const char *suffix)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  long limit = pathconf (folder, _PC_NAME_MAX);
  gsize max_bytes = limit > 0 ? (gsize) limit : NAME_MAX, end_bytes = 1 + HASH_DIGITS + strlen (suffix);
  if (strlen (name) + strlen (suffix) <= max_bytes)
    return g_strconcat (path, suffix, NULL);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  gsize kept = max_bytes > end_bytes ? max_bytes - end_bytes : 0;
  while (kept > 0 && ((guchar) name[kept] & 0xc0) == 0x80) /* inside a UTF-8 character */
    kept--;
  g_autofree char *file = g_strdup_printf ("%.*s-%.*s%s", (int) kept, name, HASH_DIGITS, hash, suffix);
  return g_build_filename (folder, file, NULL);
}

gboolean
rv__atomic_file_check (const char *path, GError **error)
{
  struct stat there;
  g_autofree char *target = rv__atomic_file_target (path), *folder = g_path_get_dirname (target);
  gboolean exists = stat (path, &there) == 0;
  if (!exists && (errno == ENAMETOOLONG || errno == ELOOP))
    return file_error (path, errno, error);
  if (exists && S_ISDIR (there.st_mode))
    return rv__error_set (error, RV_ERROR_FILE, "cannot write %s: it is a folder", path);
  if (exists && !S_ISREG (there.st_mode))
    return access (path, W_OK) == 0 || file_error (path, errno, error);
  return access (folder, W_OK | X_OK) == 0 ||
         rv__error_set (error, RV_ERROR_FILE, "%s: cannot write into the folder %s: %s", path, folder,
                        g_strerror (errno));
}

gboolean
rv__atomic_file_open (RvAtomicFile *file, const char *path, gboolean replace, GError **error)
{
  struct stat there;
  g_autofree char *target = rv__atomic_file_target (path);
  *file = (RvAtomicFile){ .fd = -1, .replace = replace };
  gboolean exists = stat (path, &there) == 0;
  if (!exists && errno == ELOOP)
    return file_error (path, ELOOP, error);
  if (exists && !S_ISREG (there.st_mode)) {
    file->fd = open (path, O_WRONLY | O_CLOEXEC);
  } else {
    for (int attempt = 0; file->fd < 0 && attempt < 100; attempt++) {
      g_free (file->temporary);
      g_autofree char *suffix = g_strdup_printf (PARTIAL "%08x", g_random_int ());
      file->temporary = rv__file_sibling (target, suffix);
      file->fd = open (file->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, NEW_FILE_MODE);
      if (file->fd < 0 && errno != EEXIST)
        break;
    }
  }
  if (file->fd < 0) {
    int code = errno;
    g_clear_pointer (&file->temporary, g_free);
    return file_error (path, code, error);
  }
  file->path = g_strdup (path);
  file->target = g_steal_pointer (&target);
  return TRUE;
}

char *
rv__atomic_file_final_name (const char *name)
{
  const char *mark = g_strrstr (name, PARTIAL), *digits = mark ? mark + strlen (PARTIAL) : NULL;
  return mark && strlen (digits) == 8 && strspn (digits, "0123456789abcdef") == 8
           ? g_strndup (name, (gsize) (mark - name))
           : NULL;
}

gboolean
rv__atomic_file_is_partial (const char *name, const char *path)
{
  g_autofree char *whole = rv__atomic_file_final_name (name), *partial = rv__file_sibling (path, PARTIAL "00000000"),
                  *base = g_path_get_basename (partial), *expected = rv__atomic_file_final_name (base);
  return g_strcmp0 (whole, expected) == 0;
}

static void
clear (RvAtomicFile *file)
{
  if (file->fd >= 0)
    close (file->fd);
  file->fd = -1;
  g_clear_pointer (&file->path, g_free);
  g_clear_pointer (&file->target, g_free);
  g_clear_pointer (&file->temporary, g_free);
}

void
rv__atomic_file_discard (RvAtomicFile *file)
{
  if (file->temporary)
    g_unlink (file->temporary);
  clear (file);
}

gboolean
rv__atomic_file_fail (RvAtomicFile *file, GError **error)
{
  file_error (file->path, errno, error);
  rv__atomic_file_discard (file);
  return FALSE;
}

gboolean
rv__sync_file (int fd)
{
  return fsync (fd) == 0 || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
}

void
rv__sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

/* Renames @from to @to without replacing @to: by renameat2(), else by link() and unlink(). File systems with neither
 * get a check and rename(), which replaces a @to that appears in between. 0, or -1 with errno set: EEXIST if @to
 * exists, also as a dangling link. 0 also if only unlink() fails: both names then exist. */
static int
rename_new (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EEXIST && link (from, to) == 0) {
    g_unlink (from);
    return 0;
  }
  if (errno != EEXIST && !g_file_test (to, G_FILE_TEST_EXISTS) && !g_file_test (to, G_FILE_TEST_IS_SYMLINK))
    return g_rename (from, to);
  errno = EEXIST;
  return -1;
}

/* Renames the temporary file to "NAME-2.SUFFIX", or the next free number up to 999, because another program has created
 * the target meanwhile. Syncs the folder. Always FALSE with RV_ERROR_FILE: it gives the new name, or the reason why no
 * name could be used; the temporary file is then deleted. Closes and frees the members of @file in both cases. */
static gboolean
commit_under_other_name (RvAtomicFile *file, GError **error)
{
  const char *slash = strrchr (file->target, '/'), *dot = strrchr (file->target, '.');
  int stem =
    (int) (dot && dot > (slash ? slash + 1 : file->target) ? dot - file->target : (gssize) strlen (file->target));
  for (int i = 2; i < MAX_NAMES; i++) {
    g_autofree char *name = g_strdup_printf ("%.*s-%d%s", stem, file->target, i, file->target + stem);
    if (rename_new (file->temporary, name) == 0) {
      rv__sync_folder (name);
      rv__error_set (error, RV_ERROR_FILE, "%s appeared during the run and stays; the result is in %s", file->path,
                     name);
      clear (file);
      return FALSE;
    }
    if (errno != EEXIST)
      break;
  }
  return rv__atomic_file_fail (file, error);
}

gboolean
rv__atomic_file_commit (RvAtomicFile *file, GError **error)
{
  if (file->temporary &&
      (!rv__sync_file (file->fd) ||
       (file->replace ? g_rename (file->temporary, file->target) : rename_new (file->temporary, file->target)) != 0))
    return errno == EEXIST ? commit_under_other_name (file, error) : rv__atomic_file_fail (file, error);
  if (file->temporary)
    rv__sync_folder (file->target);
  clear (file);
  return TRUE;
}

gboolean
rv__write_all (int fd, gconstpointer data, gsize size)
{
  for (const guint8 *rest = data; size > 0;) {
    gssize written = write (fd, rest, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return FALSE;
    rest += written;
    size -= (gsize) written;
  }
  return TRUE;
}

gboolean
rv__atomic_file_write (const char *path, GBytes *bytes, gboolean replace, GError **error)
{
  RvAtomicFile file;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  if (!rv__atomic_file_open (&file, path, replace, error))
    return FALSE;
  if (!rv__write_all (file.fd, data, size))
    return rv__atomic_file_fail (&file, error);
  return rv__atomic_file_commit (&file, error);
}
