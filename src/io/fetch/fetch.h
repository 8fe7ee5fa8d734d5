/* fetch.h -- what the files of this folder share.
 * Layer 2 (io). */
#ifndef RV_FETCH_INTERNAL_H
#define RV_FETCH_INTERNAL_H

#include <reverie/fetch.h>

/* What became of one url. */
typedef enum {
  RV_TRANSFER_WHOLE, /* the part file has all its bytes */
  RV_TRANSFER_AGAIN, /* broken off: worth another try */
  RV_TRANSFER_NEVER, /* not to be had there */
  RV_TRANSFER_STOP,  /* the disk, or the caller */
} RvTransferEnd;

/* A part file that is being filled. */
typedef struct {
  const RvSource *source;
  RvFetchOptions options; /* no zeros */
  char *path, *part;      /* of the file, and of what there is of it */
  int fd;                 /* the part, locked */
  gint64 size;            /* of the part */
  gboolean patched;       /* it is made of more than one transfer */
  gboolean started_over;  /* what was there was thrown away once: never twice */
} RvFetch;

/* rv__transfer: appends to the part what @url has beyond it. *problem (transfer full): why not, in a few words for a
 * list of urls; with RV_TRANSFER_STOP, @error instead. In transfer.c by libcurl; in transfer-none.c for builds without.
 */
RvTransferEnd rv__transfer (RvFetch *fetch, const char *url, char **problem, GError **error);

/* rv__fetch_empty: the part is nothing again. */
gboolean rv__fetch_empty (RvFetch *fetch, GError **error);

/* rv__fetch_go_on: tells the caller, who may want it stopped: FALSE and RV_ERROR_CANCELLED. */
gboolean rv__fetch_go_on (const RvFetch *fetch, const char *waiting, GError **error);

/* rv__hash_fd: of the whole file behind @fd; FALSE with errno. */
gboolean rv__hash_fd (int fd, RvFileHashes *hashes);
/* rv__source_mismatch: (transfer full) (nullable): why a file with these hashes is not @source's; NULL: it is. */
char *rv__source_mismatch (const RvSource *source, const RvFileHashes *hashes);

#endif
