/* convert.c -- converts weights that only the helper program reads to safetensors, and caches the result.
 *
 * The helper reads the file from its standard input and writes to its standard output. Its only other descriptor is
 * standard error, for messages; it has no environment. A failure of the helper becomes one line of an error here. */
#include "format.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/system.h"
#include "io/atomic-file.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HELPER "reverie-hdf5"
#define CONVERTED "converted" /* folder in the cache, or file in a temporary folder */
#define CONVERTER_VERSION "2" /* files of another version are converted again */
#define MAX_REASON_BYTES 200  /* limit of the helper's message */

int rv__helper_timeout_s = 120;

/* ---- the helper -------------------------------------------------------------------------------------------------- */

/* Reads the helper's messages until it closes @fd, which stays open. The first @size - 1 bytes, zero-terminated, go to
 * @text; the rest is dropped. Blocks. FALSE, @text not terminated: read error, timeout after rv__helper_timeout_s, or
 * cancelled by the thread's GCancellable; no GError. */
static gboolean
read_messages (int fd, char *text, gsize size)
{
  gint64 deadline_us = g_get_monotonic_time () + (gint64) rv__helper_timeout_s * G_USEC_PER_SEC;
  gsize length = 0;
  for (;;) {
    GPollFD poll = { .fd = fd, .events = G_IO_IN | G_IO_HUP };
    gint64 left_ms = (deadline_us - g_get_monotonic_time ()) / 1000;
    char rest[256];
    if (left_ms <= 0 || rv__is_cancelled ())
      return FALSE;
    int ready = g_poll (&poll, 1, rv__wait_ms (left_ms));
    if (ready == 0 || (ready < 0 && errno == EINTR))
      continue;
    if (ready < 0)
      return FALSE;
    gssize n = read (fd, rest, sizeof rest);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return FALSE;
    if (n == 0)
      break;
    gsize kept = MIN ((gsize) n, size - 1 - length);
    memcpy (text + length, rest, kept);
    length += kept;
  }
  text[length] = 0;
  return TRUE;
}

/* Converts the Keras file @in_fd to safetensors in @out_fd by the helper program, and waits for its end; both files
 * stay open. Kills the helper after rv__helper_timeout_s or if cancelled. @name: for messages. FALSE: RV_ERROR_FILE:
 * the helper does not start; RV_ERROR_FORMAT: it failed, or the timeout. */
static gboolean
run_helper (int in_fd, int out_fd, RvWeightsFilter part, const char *name, GError **error)
{
  g_autofree char *path = rv__system_find_file ("REVERIE_HELPER", RV_LIBEXEC_DIR, "", HELPER);
  const char *argv[] = { path, part == RV_WEIGHTS_ALL ? "all" : "convolutions", NULL };
  const char *const no_environment[] = { NULL };
  char reason[MAX_REASON_BYTES] = "";
  g_autoptr (GError) spawn_error = NULL;
  GPid pid;
  int messages_fd, status;

  if (!g_spawn_async_with_pipes_and_fds ("/", argv, no_environment, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, in_fd,
                                         out_fd, -1, NULL, NULL, 0, &pid, NULL, NULL, &messages_fd, &spawn_error))
    return rv__error_set (error, RV_ERROR_FILE, "%s needs the program " HELPER ", which does not start: %s", name,
                          spawn_error->message);
  gboolean in_time = read_messages (messages_fd, reason, sizeof reason);
  if (!in_time)
    kill (pid, SIGKILL);
  close (messages_fd);
  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    ;
  if (in_time && WIFEXITED (status) && WEXITSTATUS (status) == 0)
    return TRUE;
  if (!rv__check_cancelled (error))
    return FALSE;
  reason[strcspn (reason, "\n")] = 0;
  for (char *c = reason; *c; c++) /* quotes a file that may be hostile */
    if (!g_ascii_isprint (*c))
      *c = '?';
  if (!in_time)
    g_snprintf (reason, sizeof reason, "reading it took more than %d s", rv__helper_timeout_s);
  return rv__error_set (error, RV_ERROR_FORMAT, "%s is damaged or not a Keras weights file%s%s", name,
                        *reason ? ": " : "", reason);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): path of the converted file; depends on CONVERTER_VERSION, @part, and the path after
 * links, size and time of the original. Creates the folder in @cache; NULL without an error if this fails. */
static char *
cached_path (const char *filename, RvWeightsFilter part, const struct stat *info, const char *cache)
{
  g_autofree char *folder = g_build_filename (cache, CONVERTED, NULL), *full = realpath (filename, NULL);
  if (g_mkdir_with_parents (folder, 0777) != 0)
    return NULL;
  g_autofree char *key = g_strdup_printf (
    CONVERTER_VERSION "\n%d\n%s\n%" G_GINT64_FORMAT "\n%" G_GINT64_FORMAT ".%09ld", part, full ? full : filename,
    (gint64) info->st_size, (gint64) info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);
  g_autofree char *base = g_path_get_basename (filename), *path = g_build_filename (folder, base, NULL);
  g_autofree char *suffix = g_strdup_printf ("-%.16s.safetensors", hash);
  return rv__file_sibling (path, suffix);
}

static RvTensorMap *
parse_converted (const char *path, const char *filename, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s, as " HELPER " converted it,", filename);
  return rv__weights_parse_file (path, RV_WEIGHTS_ALL, name, error);
}

/* (transfer full) (nullable): converts the file @in_fd, which stays open, replaces the file @path by the result, and
 * parses that. */
static RvTensorMap *
convert (const char *path, int in_fd, RvWeightsFilter part, const char *filename, GError **error)
{
  RvAtomicFile file;
  if (!rv__atomic_file_open (&file, path, TRUE, error))
    return NULL;
  if (!run_helper (in_fd, file.fd, part, filename, error)) {
    rv__atomic_file_discard (&file);
    return NULL;
  }
  return rv__atomic_file_commit (&file, error) ? parse_converted (path, filename, error) : NULL;
}

RvTensorMap *
rv__weights_convert (const char *filename, RvWeightsFilter part, const char *cache, GError **error)
{
  struct stat info;
  rv__system_fill_standard ();
  int in_fd = open (filename, O_RDONLY | O_CLOEXEC);
  if (in_fd < 0 || fstat (in_fd, &info) != 0) {
    rv__error_set (error, RV_ERROR_FILE, "cannot open %s: %s", filename, g_strerror (errno));
    if (in_fd >= 0)
      close (in_fd);
    return NULL;
  }
  g_autofree char *path = cache ? cached_path (filename, part, &info, cache) : NULL, *temporary = NULL;
  g_autoptr (GError) why = NULL;
  RvTensorMap *map = path ? parse_converted (path, filename, NULL) : NULL; /* a damaged file is converted again */
  if (!path && (temporary = g_dir_make_tmp ("reverie-XXXXXX", &why)))
    path = g_build_filename (temporary, CONVERTED, NULL);
  if (why)
    rv__error_set (error, RV_ERROR_FILE, "cannot convert %s: %s", filename, why->message);
  else if (!map)
    map = convert (path, in_fd, part, filename, error);
  if (temporary) { /* the tensors stay valid */
    g_unlink (path);
    g_rmdir (temporary);
  }
  close (in_fd);
  return map;
}
