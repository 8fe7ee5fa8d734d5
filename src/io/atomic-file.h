/* atomic-file.h -- files that are replaced completely or not at all: written to a sibling file, synced, renamed.
 * Layer 2 (io). Links are followed. */
#pragma once

#include <reverie/error.h>

typedef struct {
  int fd;              /* open for writing */
  char *path, *target; /* given name; name after following links */
  char *temporary;     /* sibling of the target; NULL: written directly */
  gboolean replace;    /* whether an existing regular file may be replaced */
} RvAtomicFile;

/* (transfer full): name of the file that writing to @path replaces or creates: @path itself, or the end of its links,
 * which may be missing. Relative links are resolved. After 40 links: the name reached. Never NULL. */
char *rv__atomic_file_target (const char *path);

/* (transfer full): absolute path of @path, without links to folders. If @path itself is a link, it stays. Never
 * NULL. */
char *rv__atomic_file_real_path (const char *path);

/* Whether @a and @b are one file on disk, also by links; FALSE if one is missing. */
gboolean rv__atomic_file_is_same (const char *a, const char *b);
/* Whether @a and @b are one file, or will be once they are written, also by links of files and folders. */
gboolean rv__atomic_file_is_same_target (const char *a, const char *b);
/* Whether @file is an existing file in @folder or its subfolders, or @folder itself, after links. */
gboolean rv__atomic_file_is_inside (const char *file, const char *folder);

/* (transfer full): @path + @suffix, a name in the same folder; creates nothing. If it is too long for the folder, 16
 * digits of a hash replace the end of @path's name, always the same ones; @suffix stays. Never NULL. */
char *rv__file_sibling (const char *path, const char *suffix);

/* Checks before a long run that @path can be written; creates and opens nothing. TRUE for a device or pipe that is
 * writable, else if the folder of the target is. FALSE and RV_ERROR_FILE otherwise: @path is a folder, its folder is
 * missing or read-only, the name is too long, or the links form a circle. */
gboolean rv__atomic_file_check (const char *path, GError **error);

/* Fills @file and creates an empty temporary file in the target's folder. Opens a device or pipe itself, and waits for
 * a pipe's reader. @path is copied. Without @replace rv__atomic_file_commit() keeps a file that exists then. FALSE and
 * RV_ERROR_FILE if a file cannot be created or opened; @file then owns nothing and must not be used. */
gboolean rv__atomic_file_open (RvAtomicFile *file, const char *path, gboolean replace, GError **error);
/* Syncs the file, renames it to its target, syncs the folder, and closes the file, without errors. Only closes a
 * device or pipe: always TRUE. Without file->replace an existing target stays: FALSE, the result is renamed to
 * "NAME-2.SUFFIX" or the next free number, and RV_ERROR_FILE gives that name. Other failures: FALSE and
 * RV_ERROR_FILE, the temporary file is deleted and the target unchanged. Frees the members of @file in any case, not
 * @file. */
gboolean rv__atomic_file_commit (RvAtomicFile *file, GError **error);
/* Closes and deletes the temporary file, and frees the members of @file, not @file. The target is unchanged, but a
 * device or pipe has received what was written. Can't fail. */
void rv__atomic_file_discard (RvAtomicFile *file);

/* Sets RV_ERROR_FILE "cannot write PATH: " with the text of errno; then rv__atomic_file_discard(), which
 * frees the members of @file, not @file. Always FALSE. */
gboolean rv__atomic_file_fail (RvAtomicFile *file, GError **error);

/* Writes @bytes to @path by rv__atomic_file_open() and _commit(): complete or unchanged, but a device or pipe is
 * written directly. TRUE: @path has the bytes. FALSE with RV_ERROR_FILE: writing failed; or, without @replace, a
 * file exists and stays. The bytes are then in "NAME-2.SUFFIX" or the next free number, which the message names. */
gboolean rv__atomic_file_write (const char *path, GBytes *bytes, gboolean replace, GError **error);

/* Syncs the open file @fd, as fsync() does. TRUE also where the file system has no fsync(), as some network shares.
 * FALSE with errno of fsync(). */
gboolean rv__sync_file (int fd);
/* Syncs the folder of the file @path, so that a rename or a new file survives a power cut. @path itself is not opened.
 * Failure is ignored: the file itself is complete. */
void rv__sync_folder (const char *path);

/* Whether @name, without folder, is that of a temporary file of @path: @path's name, shortened as by
 * rv__file_sibling(), ".part-" and eight hexadecimal digits. @path: as rv__atomic_file_target() returns it. Compares
 * names only; no file needs to exist. */
gboolean rv__atomic_file_is_partial (const char *name, const char *path);
/* (transfer full) (nullable): @name, that of a temporary file, without ".part-" and eight hexadecimal digits at its
 * end. A name that was too long stays shortened. NULL, no error: @name has no such end. */
char *rv__atomic_file_final_name (const char *name);

/* Writes all @size bytes to @fd, also after interrupted and short writes; may block. FALSE with errno of write() if a
 * write fails; earlier bytes are then written. @size 0: TRUE. */
gboolean rv__write_all (int fd, gconstpointer data, gsize size);
