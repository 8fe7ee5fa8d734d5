/* atomic-file.h -- files that are whole or untouched: written beside the target, synced, renamed; links followed.
 * Layer 2 (io). */
#ifndef RV_ATOMIC_FILE_H
#define RV_ATOMIC_FILE_H

#include <reverie/error.h>

typedef struct {
  int fd;              /* open for writing */
  char *path, *target; /* as it was named, and what links of it point to */
  char *temporary;     /* beside the target; NULL: written directly */
  gboolean replace;    /* a regular file at the target is replaced */
} RvAtomicFile;

/* rv__atomic_file_target: (transfer full): the file that writing to @path replaces or makes: what a link points to,
 * through up to 40 links, whether it exists or not. */
char *rv__atomic_file_target (const char *path);

/* rv__file_beside: (transfer full): @path and @suffix, for a file in the same folder. Where the folder allows no name
 * of that length, a hash takes the place of the name's end. */
char *rv__file_beside (const char *path, const char *suffix);

/* rv__atomic_file_check: before a long run: whether the folder of what writing to @path makes can be written, and
 * allows a name of that length, and no folder has it; of a device or a pipe, whether it can be written itself.
 * RV_ERROR_FILE. */
gboolean rv__atomic_file_check (const char *path, GError **error);

/* rv__atomic_file_open: creates the temporary file beside @path. FALSE and RV_ERROR_FILE when that folder cannot be
 * written; @file is then to be left alone. */
gboolean rv__atomic_file_open (RvAtomicFile *file, const char *path, gboolean replace, GError **error);
/* rv__atomic_file_commit: syncs, closes and renames; on failure the temporary file is gone and the target untouched.
 * Without @replace an existing target stays: the result is saved beside it, and the error says where. */
gboolean rv__atomic_file_commit (RvAtomicFile *file, GError **error);
/* rv__atomic_file_discard: closes and removes the temporary file. */
void rv__atomic_file_discard (RvAtomicFile *file);

/* rv__atomic_file_fail: discards, and says why by errno; returns FALSE. */
gboolean rv__atomic_file_fail (RvAtomicFile *file, GError **error);

gboolean rv__atomic_file_write (const char *path, GBytes *bytes, gboolean replace, GError **error);

/* rv__sync_folder: that @path was renamed or made outlives a power cut. Where a file system cannot, nothing is said:
 * the file itself is whole. */
void rv__sync_folder (const char *path);

/* rv__atomic_file_is_half: whether the file called @name, in the folder of @of, is what a writer of @of that was killed
 * has left: nothing that a user has named. */
gboolean rv__atomic_file_is_half (const char *name, const char *of);
/* rv__atomic_file_whole: (transfer full) (nullable): what it is half of; NULL: it is no half. */
char *rv__atomic_file_whole (const char *name);

/* rv__write_all: FALSE with errno. */
gboolean rv__write_all (int fd, gconstpointer data, gsize size);

#endif
