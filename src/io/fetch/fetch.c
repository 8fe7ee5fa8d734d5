/* fetch.c -- downloads a file from one of several URLs: complete and verified, or not at all.
 *
 * The .part file is locked during a download, so that two downloads of one file become one. Each round tries all URLs;
 * pauses between rounds double while there is no progress. */
#include "fetch.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/sized.h"
#include "io/atomic-file.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE_MODE 0666 /* before the umask, as for any new file */
#define POLL_US 100000     /* interval of progress calls while waiting */

static const RvFetchOptions defaults = { .rounds = 5, .wait_s = 1, .stall_s = 30, .connect_s = 15 };

/* Sets RV_ERROR_FILE: "cannot write @path" and the text of errno. Returns FALSE. */
static gboolean
cannot_write (const char *path, GError **error)
{
  return rv__error_set (error, RV_ERROR_FILE, "cannot write %s: %s", path, g_strerror (errno));
}

gboolean
rv__fetch_report_progress (const RvFetch *fetch, const char *waiting, GError **error)
{
  const RvFetchOptions *options = &fetch->options;
  gboolean wanted =
    !options->progress || options->progress (fetch->size, fetch->source->bytes, waiting, options->user_data);
  return (wanted && !rv__is_cancelled ()) ||
         rv__error_set (error, RV_ERROR_CANCELLED, "the download of %s was stopped; the next one continues from there",
                        fetch->source->file);
}

gboolean
rv__fetch_empty (RvFetch *fetch, GError **error)
{
  fetch->size = 0;
  fetch->patched = FALSE;
  return (ftruncate (fetch->fd, 0) == 0 && lseek (fetch->fd, 0, SEEK_SET) == 0) ||
         cannot_write (fetch->part_path, error);
}

/* Waits @seconds, at least one interval, and reports progress with @why. */
static gboolean
wait_for (const RvFetch *fetch, double seconds, const char *why, GError **error)
{
  gint64 until = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  do {
    if (!rv__fetch_report_progress (fetch, why, error))
      return FALSE;
    g_usleep (POLL_US);
  } while (g_get_monotonic_time () < until);
  return TRUE;
}

/* ---- the part file ----------------------------------------------------------------------------------------------- */

/* Whether the locked file still has the name of the .part file: the former owner of the lock may have renamed it. */
static gboolean
is_current_part (const RvFetch *fetch)
{
  struct stat locked, named;
  return fstat (fetch->fd, &locked) == 0 && stat (fetch->part_path, &named) == 0 && locked.st_dev == named.st_dev &&
         locked.st_ino == named.st_ino;
}

/* Opens and locks the .part file as fetch->fd, or creates it. While another download has the lock, waits and reports
 * progress. Sets fetch->size to the bytes in the file, and fetch->patched to whether there are any. Empties a file that
 * is longer than the source's. FALSE: RV_ERROR_FILE if the file cannot be opened or locked. The caller closes
 * fetch->fd if it is not -1, also after an error. */
static gboolean
open_part (RvFetch *fetch, GError **error)
{
  for (;;) {
    fetch->fd = open (fetch->part_path, O_RDWR | O_CREAT | O_CLOEXEC, NEW_FILE_MODE);
    if (fetch->fd < 0)
      return cannot_write (fetch->part_path, error);
    while (flock (fetch->fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR)
        return cannot_write (fetch->part_path, error);
      if (!wait_for (fetch, 0, "another download of this file is running", error))
        return FALSE;
    }
    if (is_current_part (fetch))
      break;
    close (fetch->fd);
  }
  fetch->size = lseek (fetch->fd, 0, SEEK_END);
  fetch->patched = fetch->size > 0;
  return fetch->size <= fetch->source->bytes || rv__fetch_empty (fetch, error);
}

/* Writes the hash to "FILE.sha256", then renames the synced .part file to its final name. RV_ERROR_FILE. */
static gboolean
rename_part (const RvFetch *fetch, const RvFileHashes *hashes, GError **error)
{
  g_autofree char *line = g_strdup_printf ("%s  %s\n", hashes->sha256, fetch->source->file);
  g_autofree char *beside = g_strconcat (fetch->path, ".sha256", NULL);
  g_autoptr (GBytes) record = g_bytes_new (line, strlen (line));
  if (!rv__sync_file (fetch->fd))
    return cannot_write (fetch->part_path, error);
  if (!rv__atomic_file_write (beside, record, TRUE, error))
    return FALSE;
  if (rename (fetch->part_path, fetch->path) != 0)
    return cannot_write (fetch->path, error);
  rv__sync_folder (fetch->path);
  return TRUE;
}

/* ---- rounds ------------------------------------------------------------------------------------------------------ */

/* Checks the hashes of a .part file of full size. If they match, writes FILE.sha256 and renames: COMPLETE. Else empties
 * the .part file and sets *problem (transfer full) to the reason: RETRY the first time that bytes came from an earlier
 * transfer, else UNAVAILABLE. ABORT sets @error, and maybe *problem. RV_ERROR_FILE: the .part file cannot be read. */
static RvTransferStatus
finish_part (RvFetch *fetch, char **problem, GError **error)
{
  RvFileHashes hashes;
  if (!rv__hash_fd (fetch->fd, &hashes)) {
    if (rv__check_cancelled (error))
      rv__error_set (error, RV_ERROR_FILE, "cannot read %s: %s", fetch->part_path, g_strerror (errno));
    return RV_TRANSFER_ABORT;
  }
  gboolean again = fetch->patched && !fetch->started_over; /* bytes of an earlier transfer may be wrong */
  g_autofree char *wrong = rv__source_mismatch (fetch->source, &hashes);
  if (!wrong)
    return rename_part (fetch, &hashes, error) ? RV_TRANSFER_COMPLETE : RV_TRANSFER_ABORT;
  *problem = g_strdup_printf ("it sent another file: %s", wrong);
  fetch->started_over |= again;
  if (!rv__fetch_empty (fetch, error))
    return RV_TRANSFER_ABORT;
  return again ? RV_TRANSFER_RETRY : RV_TRANSFER_UNAVAILABLE;
}

/* Sets RV_ERROR_FILE with the host and problems[u] of each URL of the source. */
static void
set_all_failed (const RvFetch *fetch, char **problems, GError **error)
{
  g_autoptr (GString) said = g_string_new (NULL);
  for (guint u = 0; fetch->source->urls[u]; u++) {
    const char *url = fetch->source->urls[u];
    g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
    g_string_append_printf (said, "%s%s: %s", u ? "; " : "", uri ? g_uri_get_host (uri) : url, problems[u]);
  }
  rv__error_set (error, RV_ERROR_FILE, "cannot download %s: %s", fetch->source->file, said->str);
}

/* Tries each URL without never[u], in order, until one completes or aborts. Sets never[u] after
 * RV_TRANSFER_UNAVAILABLE, and problems[u], which the caller frees, to the reason of the failure. *left: number of URLs
 * that may be tried again. Returns RV_TRANSFER_COMPLETE with the file renamed, _ABORT with @error, else _RETRY,
 * even if none is left. */
static RvTransferStatus
one_round (RvFetch *fetch, char **problems, gboolean *never, guint *left, GError **error)
{
  *left = 0;
  for (guint u = 0; fetch->source->urls[u]; u++) {
    if (never[u])
      continue;
    g_clear_pointer (&problems[u], g_free);
    RvTransferStatus end = fetch->size < fetch->source->bytes
                             ? rv__transfer (fetch, fetch->source->urls[u], &problems[u], error)
                             : RV_TRANSFER_COMPLETE;
    if (end == RV_TRANSFER_COMPLETE)
      end = finish_part (fetch, &problems[u], error);
    if (end == RV_TRANSFER_COMPLETE || end == RV_TRANSFER_ABORT)
      return end;
    never[u] = end == RV_TRANSFER_UNAVAILABLE;
    *left += !never[u];
  }
  return RV_TRANSFER_RETRY;
}

/* Tries all URLs of the source, round by round, with pauses that double without progress. TRUE: the file is complete
 * and verified under its final name, with FILE.sha256 beside it. FALSE: RV_ERROR_FILE with the reasons of all URLs,
 * once all are given up or after options.rounds rounds in a row without a new byte. After an error the .part file
 * stays, maybe empty. */
static gboolean
run_rounds (RvFetch *fetch, GError **error)
{
  guint n_urls = g_strv_length (fetch->source->urls), left;
  g_autofree gboolean *never = g_new0 (gboolean, n_urls);
  char **problems = g_new0 (char *, n_urls);
  double wait_s = fetch->options.wait_s;
  RvTransferStatus end = RV_TRANSFER_RETRY;

  gint64 furthest = 0; /* bytes downloaded again after a restart are no progress */
  for (int fruitless = 0; end == RV_TRANSFER_RETRY;) {
    gint64 before = fetch->size;
    end = one_round (fetch, problems, never, &left, error);
    fruitless = fetch->size > MAX (before, furthest) ? 0 : fruitless + 1;
    furthest = MAX (furthest, fetch->size);
    if (end == RV_TRANSFER_RETRY && (left == 0 || fruitless == fetch->options.rounds)) {
      set_all_failed (fetch, problems, error);
      end = RV_TRANSFER_ABORT;
    }
    wait_s = fruitless == 0 ? fetch->options.wait_s : wait_s * (fruitless > 1 ? 2 : 1);
    g_autofree char *why = g_strdup_printf ("it was interrupted; next attempt in %.0f s", MAX (wait_s, 1));
    if (end == RV_TRANSFER_RETRY && !wait_for (fetch, wait_s, why, error))
      end = RV_TRANSFER_ABORT;
  }
  for (guint u = 0; u < n_urls; u++)
    g_free (problems[u]);
  g_free (problems);
  return end == RV_TRANSFER_COMPLETE;
}

char *
rv_fetch_sized (const RvSource *source, const char *folder, const RvFetchOptions *options, gsize size, GError **error)
{
  g_autofree char *path = g_build_filename (folder, source->file, NULL), *part = g_strconcat (path, ".part", NULL);
  RvFetch fetch = { .source = source, .path = path, .part_path = part, .fd = -1 };
  RvFetchOptions *o = &fetch.options;
  rv__sized_copy (o, sizeof *o, options, size);
  o->rounds = o->rounds > 0 ? o->rounds : defaults.rounds;
  o->wait_s = o->wait_s > 0 ? o->wait_s : defaults.wait_s;
  o->stall_s = o->stall_s > 0 ? o->stall_s : defaults.stall_s;
  o->connect_s = o->connect_s > 0 ? o->connect_s : defaults.connect_s;
  if (g_mkdir_with_parents (folder, 0777) != 0)
    return rv__null (cannot_write (folder, error));
  if (rv_source_check (source, path, NULL, NULL))
    return g_steal_pointer (&path);
  gboolean ok = open_part (&fetch, error);
  if (ok && rv_source_check (source, path, NULL, NULL)) /* another download has just ended */
    g_unlink (part);
  else
    ok = ok && run_rounds (&fetch, error);
  if (fetch.fd >= 0 && fetch.size == 0 && !ok && is_current_part (&fetch))
    g_unlink (part); /* nothing to resume */
  if (fetch.fd >= 0)
    close (fetch.fd);
  return ok ? g_steal_pointer (&path) : NULL;
}
