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

/* (transfer full): the file that writing to @path replaces or creates. Follows up to 40 links, also to missing
 * files. */
char *rv__atomic_file_target (const char *path);

/* (transfer full): @path + @suffix, a sibling file. If the name is too long for the folder, a hash replaces its end. */
char *rv__file_sibling (const char *path, const char *suffix);

/* Checks before a long run that @path can be written: its folder is writable and allows the name, and @path is no
 * folder. A device or pipe must be writable itself. RV_ERROR_FILE. */
gboolean rv__atomic_file_check (const char *path, GError **error);

/* Creates the temporary file in the folder of @path. FALSE and RV_ERROR_FILE if this fails; @file must not be used
 * then. */
gboolean rv__atomic_file_open (RvAtomicFile *file, const char *path, gboolean replace, GError **error);
/* Syncs, closes and renames. On failure the temporary file is deleted and the target unchanged. Without @replace an
 * existing target stays: the result gets another name, which the error gives. */
gboolean rv__atomic_file_commit (RvAtomicFile *file, GError **error);
/* Closes and deletes the temporary file. */
void rv__atomic_file_discard (RvAtomicFile *file);

/* Discards the file and sets an error from errno. Returns FALSE. */
gboolean rv__atomic_file_fail (RvAtomicFile *file, GError **error);

/* Writes @bytes to @path: open, write and commit. */
gboolean rv__atomic_file_write (const char *path, GBytes *bytes, gboolean replace, GError **error);

/* Syncs the folder of @path, so that a rename or a new file survives a power cut. Failure is ignored: the file itself
 * is complete. */
void rv__sync_folder (const char *path);

/* Whether @name, in the folder of @of, is a partial file that a killed writer of @of left. */
gboolean rv__atomic_file_is_partial (const char *name, const char *of);
/* (transfer full) (nullable): name of the file whose partial file @name is; NULL: it is none. */
char *rv__atomic_file_final_name (const char *name);

/* Writes all bytes. FALSE with errno set. */
gboolean rv__write_all (int fd, gconstpointer data, gsize size);

#endif
