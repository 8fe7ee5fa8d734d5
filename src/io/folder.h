/* folder.h -- files of input folders, and the kind of an input file. Layer 2 (io). */
#pragma once

#include <reverie/error.h>

/* (transfer full) (nullable) (element-type utf8): paths FOLDER/NAME, owned by the array, of all entries of @folder
 * except hidden ones, sorted by bytes. Includes subfolders and special files: readers report them as skipped. NULL and
 * RV_ERROR_FILE if the folder cannot be read or has no such entries. */
GPtrArray *rv__folder_list (const char *folder, GError **error);

/* Whether @filename is not a pipe or another special file, which might never open. TRUE also if it is missing or a
 * folder. FALSE: RV_ERROR_FILE. */
gboolean rv__file_check_kind (const char *filename, GError **error);
