/* fetch.h -- types and functions that the files of this folder share. Layer 2 (io). */
#pragma once

#include <reverie/fetch.h>

/* Result of one download attempt. */
typedef enum {
  RV_TRANSFER_COMPLETE,    /* the .part file is complete */
  RV_TRANSFER_RETRY,       /* interrupted: another attempt may help */
  RV_TRANSFER_UNAVAILABLE, /* not available at this URL */
  RV_TRANSFER_ABORT,       /* error of the disk, no memory or no libcurl, or cancelled */
} RvTransferStatus;

/* A download into a .part file. */
typedef struct {
  const RvSource *source;
  RvFetchOptions options; /* with defaults */
  char *path, *part_path; /* paths of the file and of its .part file */
  int fd;                 /* .part file, locked; its offset is its end */
  gint64 size;            /* bytes of the .part file */
  gboolean patched;       /* the .part file had bytes before the current transfer */
  gboolean started_over;  /* HTTP status 416 or wrong hashes have led to a RETRY from 0, allowed once */
} RvFetch;

/* Requests the missing bytes from @url, appends them to the .part file, and reports progress; blocks. Adds their
 * number to fetch->size; sets fetch->patched if the file had bytes before. COMPLETE does not check hashes. Empties the
 * .part file if the server ignores the range, and for HTTP status 416 unless fetch->started_over, which it then sets.
 * RETRY, UNAVAILABLE: *problem, NULL before, (transfer full) has a short reason for a list of URLs. ABORT sets @error,
 * and maybe *problem. RV_ERROR_MEMORY if libcurl does not start. In transfer.c by libcurl; transfer-none.c, without
 * libcurl, always aborts with RV_ERROR_FILE. */
RvTransferStatus rv__transfer (RvFetch *fetch, const char *url, char **problem, GError **error);

/* Empties the .part file; sets fetch->size to 0 and fetch->patched to FALSE, also on failure. FALSE and RV_ERROR_FILE
 * if the disk fails. */
gboolean rv__fetch_empty (RvFetch *fetch, GError **error);

/* Calls options.progress, if there is one, on this thread. @waiting (nullable): reason for a pause; NULL: bytes arrive.
 * FALSE and RV_ERROR_CANCELLED if options.progress returns FALSE, or if the thread's current cancellable is cancelled.
 * Else TRUE. */
gboolean rv__fetch_report_progress (const RvFetch *fetch, const char *waiting, GError **error);

/* Hashes the whole file @fd, from its first byte, with MD5 and SHA-256 into @hashes; the offset of @fd stays. FALSE
 * with errno set if reading fails, ECANCELED if the thread's current cancellable is cancelled; @hashes is then
 * unchanged. */
gboolean rv__hash_fd (int fd, RvFileHashes *hashes);
/* (transfer full) (nullable): reason why a file with these hashes is not @source's, such as "its MD5 is A, not B".
 * NULL, no error: the hashes match. Compares only hashes that @source has, not the size. */
char *rv__source_mismatch (const RvSource *source, const RvFileHashes *hashes);
