/* atomic-file.h -- files that are replaced completely or not at all: written to a sibling file, synced, renamed.
 * Layer 2 (io). Links are followed. */
#ifndef RV_ATOMIC_FILE_H
#define RV_ATOMIC_FILE_H

#include <reverie/error.h>

typedef struct {
  int fd;              /* open for writing */
  char *path, *target; /* given name; name after following links */
  char *temporary;     /* sibling of the target; NULL: written directly */
  gboolean replace;    /* whether an existing regular file may be replaced */
} RvAtomicFile;

/* (transfer full): name of the file that writing to @path replaces or creates. Follows up to 40 links, also to missing
 * files; after more, the name reached. Can't fail. */
char *rv__atomic_file_target (const char *path);

/* (transfer full): @path + @suffix, a sibling file; creates nothing. If the name is too long for the folder, a hash
 * replaces its end. Can't fail. */
char *rv__file_sibling (const char *path, const char *suffix);

/* Checks before a long run that @path can be written, and creates nothing. Its folder must be writable and allow the
 * name, and @path be no folder. A device or pipe must be writable itself. RV_ERROR_FILE. */
gboolean rv__atomic_file_check (const char *path, GError **error);

/* Fills @file and creates the temporary file in the target's folder; opens a device or pipe itself. @replace FALSE: see
 * rv__atomic_file_commit(). FALSE and RV_ERROR_FILE if this fails; @file must not be used then. */
gboolean rv__atomic_file_open (RvAtomicFile *file, const char *path, gboolean replace, GError **error);
/* Syncs, closes and renames; only closes a device or pipe. RV_ERROR_FILE: the temporary file is deleted and the target
 * unchanged. Unless file->replace, an existing target stays: FALSE, and the error gives the other name of the result.
 * Frees the members of @file in any case. */
gboolean rv__atomic_file_commit (RvAtomicFile *file, GError **error);
/* Closes and deletes the temporary file; frees the members of @file. The target is unchanged, but a device or pipe has
 * received what was written. */
void rv__atomic_file_discard (RvAtomicFile *file);

/* rv__atomic_file_discard() that sets RV_ERROR_FILE from errno. Returns FALSE. */
gboolean rv__atomic_file_fail (RvAtomicFile *file, GError **error);

/* Writes @bytes to @path: open, write and commit. Without @replace an existing file stays: FALSE, and the error gives
 * the other name of the result. RV_ERROR_FILE. */
gboolean rv__atomic_file_write (const char *path, GBytes *bytes, gboolean replace, GError **error);

/* Syncs the folder of the file @path, so that a rename or a new file survives a power cut. Failure is ignored: the file
 * itself is complete. */
void rv__sync_folder (const char *path);

/* Whether @name, without folder, is the name of a partial file that a killed writer of @path leaves in the folder of
 * @path. Compares names only. */
gboolean rv__atomic_file_is_partial (const char *name, const char *path);
/* (transfer full) (nullable): name of the file whose partial file has the name @name: without ".part-" and eight
 * digits. NULL: @name is no such name. */
char *rv__atomic_file_final_name (const char *name);

/* Writes all bytes to @fd, also after interrupted and short writes. FALSE with errno set; some bytes may have been
 * written. */
gboolean rv__write_all (int fd, gconstpointer data, gsize size);

#endif
