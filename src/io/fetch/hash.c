/* hash.c -- hashes of files. */
#include "fetch.h"
#include "base/cancel.h"
#include "base/error.h"
#include "io/weights/format.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES (1u << 20)

/* Adds the whole file @fd to both sums. FALSE with errno set, as rv__hash_fd(). */
static gboolean
add_fd (int fd, GChecksum *md5, GChecksum *sha256)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  gssize n;
  for (off_t at = 0; (n = pread (fd, chunk, CHUNK_BYTES, at)) != 0; at += n) {
    if (n < 0 && errno == EINTR) {
      n = 0;
      continue;
    }
    if (n < 0)
      return FALSE;
    if (rv__is_cancelled ()) {
      errno = ECANCELED;
      return FALSE;
    }
    g_checksum_update (md5, chunk, n);
    g_checksum_update (sha256, chunk, n);
  }
  return TRUE;
}

static void
get_hashes (GChecksum *md5, GChecksum *sha256, RvFileHashes *hashes)
{
  g_strlcpy (hashes->md5, g_checksum_get_string (md5), sizeof hashes->md5);
  g_strlcpy (hashes->sha256, g_checksum_get_string (sha256), sizeof hashes->sha256);
}

gboolean
rv__hash_fd (int fd, RvFileHashes *hashes)
{
  g_autoptr (GChecksum) md5 = g_checksum_new (G_CHECKSUM_MD5), sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  if (!add_fd (fd, md5, sha256))
    return FALSE;
  get_hashes (md5, sha256, hashes);
  return TRUE;
}

/* Opens a regular file, and sets *size, in bytes. Returns the descriptor, which the caller closes; -1: RV_ERROR_FILE.
 * Does not wait for a pipe. */
static int
open_file (const char *filename, gint64 *size, GError **error)
{
  struct stat info;
  int fd = open (filename, O_RDONLY | O_CLOEXEC | O_NONBLOCK), reason = fd < 0 || fstat (fd, &info) != 0 ? errno : 0;
  if (!reason && S_ISREG (info.st_mode)) {
    *size = info.st_size;
    return fd;
  }
  rv__error_set (error, RV_ERROR_FILE, "cannot read %s: %s", filename,
                 reason ? g_strerror (reason) : "it is not a regular file");
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Sets @hashes to those of both files joined, @first, then @second (NULL: none), and *size to the bytes of the last of
 * them. RV_ERROR_FILE if reading fails. After an error @hashes is unchanged and *size undefined. */
static gboolean
hash_files (const char *first, const char *second, gint64 *size, RvFileHashes *hashes, GError **error)
{
  g_autoptr (GChecksum) md5 = g_checksum_new (G_CHECKSUM_MD5), sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  const char *files[] = { first, second, NULL };
  for (int i = 0; files[i]; i++) {
    int fd = open_file (files[i], size, error);
    if (fd < 0)
      return FALSE;
    gboolean ok = add_fd (fd, md5, sha256);
    int code = errno;
    close (fd);
    if (!ok && rv__check_cancelled (error))
      rv__error_set (error, RV_ERROR_FILE, "cannot read %s: %s", files[i], g_strerror (code));
    if (!ok)
      return FALSE;
  }
  get_hashes (md5, sha256, hashes);
  return TRUE;
}

gboolean
rv_file_hashes (const char *filename, RvFileHashes *hashes, GError **error)
{
  g_autofree char *sibling = rv__weights_sibling (filename);
  return hash_files (filename, sibling, &(gint64){ 0 }, hashes, error);
}

char *
rv__source_mismatch (const RvSource *source, const RvFileHashes *hashes)
{
  if (source->md5 && strcmp (source->md5, hashes->md5) != 0)
    return g_strdup_printf ("its MD5 is %s, not %s", hashes->md5, source->md5);
  if (source->sha256 && strcmp (source->sha256, hashes->sha256) != 0)
    return g_strdup_printf ("its SHA-256 is %s, not %s", hashes->sha256, source->sha256);
  return NULL;
}

gboolean
rv_source_check (const RvSource *source, const char *filename, RvFileHashes *hashes, GError **error)
{
  RvFileHashes own;
  gint64 size;
  if (!hash_files (filename, NULL, &size, &own, error))
    return FALSE;
  if (hashes)
    *hashes = own;
  g_autofree char *wrong =
    size == source->bytes
      ? rv__source_mismatch (source, &own)
      : g_strdup_printf ("it has %" G_GINT64_FORMAT " bytes, not %" G_GINT64_FORMAT, size, source->bytes);
  return !wrong || rv__error_set (error, RV_ERROR_FORMAT, "%s is not the published file: %s", filename, wrong);
}
