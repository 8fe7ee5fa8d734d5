/* fetch.h -- the sources of networks' weights, and downloading them.
 * Layer 2 (io). Implemented in src/io/fetch/. */
#ifndef RV_FETCH_H
#define RV_FETCH_H

#include <reverie/error.h>
G_BEGIN_DECLS

/** RvSource: source of the weights of one network, with their size and hashes. Threads: any may read it, several at
 * once. */
typedef struct {
  char *network; /* "vgg19" */
  char *file;    /* file name in a model folder */
  gint64 bytes;
  char *md5, *sha256; /* lower-case hexadecimal; one of them may be NULL: the publishers of these files give only MD5 */
  char *license;      /* licence of the weights; "unknown" if the table has none */
  char **urls;        /* http or https, tried in turn; NULL-terminated */
} RvSource;

/** rv_source_new: looks @network, one of rv_net_names(), up in the built-in table, data/sources.ini. The tables
 * reverie/sources.ini in $XDG_CONFIG_DIRS and $XDG_CONFIG_HOME override it key by key. Errors: %RV_ERROR_SETTING
 * without a source for that network; %RV_ERROR_FORMAT for a damaged table or an incomplete entry. Returns:
 * (transfer full) (nullable): free with rv_source_free(). Since: 0.1 */
RV_API RvSource *rv_source_new (const char *network, GError **error);
/** rv_source_free: (nullable): frees the source and all its members. Since: 0.1 */
RV_API void rv_source_free (RvSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvSource, rv_source_free)

/** RvFetchProgress: called a few times a second, on the caller's thread. @done of @total bytes have arrived. @waiting
 * (nullable) says what the download waits for: "it was interrupted; next attempt in 2 s". Returns: FALSE to stop; the
 * bytes so far stay for the next call. */
typedef gboolean (*RvFetchProgress) (gint64 done, gint64 total, const char *waiting, gpointer user_data);

/** RvFetchOptions: options of a download; 0 stands for the default, in brackets. */
typedef struct {
  RvFetchProgress progress; /* (nullable) */
  gpointer user_data;
  int rounds;       /* tries of all urls without a new byte before giving up [5] */
  double wait_s;    /* wait between the first two rounds; doubles without progress [1] */
  double stall_s;   /* longest time without a byte before a transfer is ended [30] */
  double connect_s; /* time limit for a connection [15] */
} RvFetchOptions;

/**
 * rv_fetch:
 * @source:  from rv_source_new()
 * @folder:  (type filename): target folder; made if missing
 * @options: (nullable): NULL: the defaults
 * @size:    sizeof (RvFetchOptions), which rv_fetch() passes
 *
 * Downloads into FOLDER/FILE.part and resumes an earlier, interrupted download; blocks. Renames the file once size and
 * hashes match, and writes its SHA-256 to FILE.sha256, in the format of sha256sum(1). Of several calls at once, in any
 * process, one downloads and the others wait for it. libcurl's environment variables select proxies. Does nothing if
 * the file exists and matches; replaces one that does not. Errors: %RV_ERROR_FILE with the error of each url, or if the
 * folder cannot be written; %RV_ERROR_CANCELLED by the progress callback or the current GCancellable of the thread;
 * %RV_ERROR_MEMORY. Returns: (transfer full) (nullable) (type filename): the file's path. Since: 0.1
 */
RV_API char *rv_fetch_sized (const RvSource *source, const char *folder, const RvFetchOptions *options, gsize size,
                             GError **error);
static inline char *
rv_fetch (const RvSource *source, const char *folder, const RvFetchOptions *options, GError **error)
{
  return rv_fetch_sized (source, folder, options, sizeof *options, error);
}

/** RvFileHashes: hashes of a file's content, lower-case hexadecimal, zero-terminated. */
typedef struct {
  char md5[33], sha256[65];
} RvFileHashes;

/** rv_file_hashes: reads all of @filename and fills @hashes (out) with MD5 and SHA-256; after an error @hashes is
 * unchanged. External data of an ONNX file follow the file, as in `cat FILE DATA | sha256sum`. Errors: %RV_ERROR_FILE,
 * also for that data; %RV_ERROR_CANCELLED by the current GCancellable of the thread. Since: 0.1 */
RV_API gboolean rv_file_hashes (const char *filename, RvFileHashes *hashes, GError **error);
/** rv_source_check: whether @filename has the size and hashes of @source; FALSE sets an error. @hashes: (out)
 * (optional): the file's hashes, also if they differ; unchanged if it cannot be read. Errors: %RV_ERROR_FORMAT naming
 * the difference; %RV_ERROR_FILE if it cannot be read; %RV_ERROR_CANCELLED by the current GCancellable of the thread.
 * Since: 0.1 */
RV_API gboolean rv_source_check (const RvSource *source, const char *filename, RvFileHashes *hashes, GError **error);

G_END_DECLS
#endif
