/* fetch.h -- where networks' weights come from, and getting them.
 * Layer 2 (io). Implemented in src/io/fetch/. */
#ifndef RV_FETCH_H
#define RV_FETCH_H

#include <reverie/error.h>
G_BEGIN_DECLS

/** RvSource: where one network's weights come from, and what they must be. Threads: any may read it at once. */
typedef struct {
  char *network;      /* "vgg19" */
  char *file;         /* what it is called in a model folder */
  gint64 bytes;       /* its size */
  char *md5, *sha256; /* lower-case hexadecimal; one of them may be NULL: the publishers of these give MD5 only */
  char *license;      /* of the weights */
  char **urls;        /* http or https, tried in turn; NULL-terminated */
} RvSource;

/**
 * rv_source_new:
 * @network: one of rv_net_names()
 *
 * Looks it up in the table compiled in, data/sources.ini, over which those of the system's and the user's configuration
 * folders are laid key by key: reverie/sources.ini in $XDG_CONFIG_DIRS and in $XDG_CONFIG_HOME.
 * Errors: %RV_ERROR_SETTING where there is no source of that network; %RV_ERROR_FORMAT for such a file that is damaged.
 * Returns: (transfer full) (nullable): free with rv_source_free(). Since: 0.1
 */
RV_API RvSource *rv_source_new (const char *network, GError **error);
RV_API void rv_source_free (RvSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvSource, rv_source_free)

/** RvFetchProgress: @done of @total bytes are here; @waiting is what is being waited for ("HOST does not answer; again
 * in 2 s") or NULL. Called a few times a second on the caller's thread. Returns: FALSE to stop; what has come stays for
 * the next time. */
typedef gboolean (*RvFetchProgress) (gint64 done, gint64 total, const char *waiting, gpointer user_data);

/** RvFetchOptions: zeros are the defaults. */
typedef struct {
  RvFetchProgress progress; /* nullable */
  gpointer user_data;
  int rounds;       /* through the urls without a single new byte before it gives up [5] */
  double wait_s;    /* between the first two rounds; twice that between the next two ... [1] */
  double stall_s;   /* a transfer without a byte for so long is broken off [30] */
  double connect_s; /* for a connection [15] */
} RvFetchOptions;

/**
 * rv_fetch:
 * @source:  what to get, and from where
 * @folder:  (type filename): where to; made when it is not there
 * @options: (nullable)
 *
 * Downloads into FOLDER/FILE.part, goes on from what an earlier call left there, and renames it once its size and
 * hashes are right; its SHA-256 is written to FILE.sha256, in the form of sha256sum(1). Of several calls at a time, in
 * this process or another, one downloads and the others wait for it. Proxies are those of libcurl's environment
 * variables. Nothing is done where the file is there already and is what it must be.
 * Errors: %RV_ERROR_FILE with what each url said, or where the folder cannot be written; %RV_ERROR_CANCELLED.
 * Returns: (transfer full) (nullable) (type filename): the file's path. Since: 0.1
 */
RV_API char *rv_fetch_sized (const RvSource *source, const char *folder, const RvFetchOptions *options, gsize size,
                             GError **error);
static inline char *
rv_fetch (const RvSource *source, const char *folder, const RvFetchOptions *options, GError **error)
{
  return rv_fetch_sized (source, folder, options, sizeof *options, error);
}

/** RvFileHashes: of a file's content, lower-case hexadecimal, with a zero at the end. */
typedef struct {
  char md5[33], sha256[65];
} RvFileHashes;

/** rv_file_hashes: reads all of @filename into @hashes (out). Errors: %RV_ERROR_FILE, %RV_ERROR_CANCELLED. Returns:
 * whether it could be read. Since: 0.1 */
RV_API gboolean rv_file_hashes (const char *filename, RvFileHashes *hashes, GError **error);

/** rv_source_check: is @filename what @source says, by size and hashes? Errors: %RV_ERROR_FILE, %RV_ERROR_CANCELLED,
 * and %RV_ERROR_FORMAT with what is wrong. @hashes: (out) (nullable): what it has. Since: 0.1 */
RV_API gboolean rv_source_check (const RvSource *source, const char *filename, RvFileHashes *hashes, GError **error);

G_END_DECLS
#endif
