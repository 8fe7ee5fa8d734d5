/* fetch.h -- shared parts of downloads. Layer 2 (io). */
#ifndef RV_FETCH_INTERNAL_H
#define RV_FETCH_INTERNAL_H

#include <reverie/fetch.h>

/* Result of one download attempt. */
typedef enum {
  RV_TRANSFER_COMPLETE,    /* the .part file is complete */
  RV_TRANSFER_RETRY,       /* interrupted: another attempt may help */
  RV_TRANSFER_UNAVAILABLE, /* not available at this URL */
  RV_TRANSFER_ABORT,       /* error of the disk, or cancelled */
} RvTransferStatus;

/* A download into a .part file. */
typedef struct {
  const RvSource *source;
  RvFetchOptions options; /* with defaults */
  char *path, *part_path; /* paths of the file and of its .part file */
  int fd;                 /* .part file, locked */
  gint64 size;            /* bytes of the .part file */
  gboolean patched;       /* the .part file has bytes of several transfers */
  gboolean started_over;  /* the .part file was emptied once; not again */
} RvFetch;

/* Appends the missing bytes to the .part file, and reports progress. *problem (transfer full), unless COMPLETE or
 * ABORT: a short reason for a list of URLs. ABORT sets @error: RV_ERROR_FILE, RV_ERROR_MEMORY, RV_ERROR_CANCELLED. In
 * transfer.c by libcurl; transfer-none.c, without libcurl, always aborts. */
RvTransferStatus rv__transfer (RvFetch *fetch, const char *url, char **problem, GError **error);

/* Empties the .part file and sets fetch->size to 0. RV_ERROR_FILE. */
gboolean rv__fetch_empty (RvFetch *fetch, GError **error);

/* Calls the progress callback, if there is one. @waiting: (nullable), why nothing arrives. FALSE and RV_ERROR_CANCELLED
 * if the callback returns FALSE or the thread's current cancellable is cancelled. */
gboolean rv__fetch_report_progress (const RvFetch *fetch, const char *waiting, GError **error);

/* Hashes the whole file @fd into @hashes; its offset stays. FALSE with errno set, ECANCELED if the thread's current
 * cancellable is cancelled; @hashes is then unchanged. */
gboolean rv__hash_fd (int fd, RvFileHashes *hashes);
/* (transfer full) (nullable): reason why a file with these hashes is not @source's; NULL: the hashes match. Does not
 * check the size. */
char *rv__source_mismatch (const RvSource *source, const RvFileHashes *hashes);

#endif
