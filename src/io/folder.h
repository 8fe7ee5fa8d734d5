/* folder.h -- files of input folders. Layer 2 (io). */
#ifndef RV_FOLDER_H
#define RV_FOLDER_H

#include <reverie/error.h>

/* (transfer full) (nullable) (element-type utf8): paths, @folder included, of all entries except hidden ones, sorted by
 * name. Includes entries that are no regular files: their readers report them as skipped. RV_ERROR_FILE, also for an
 * empty folder. */
GPtrArray *rv__folder_list (const char *folder, GError **error);

#endif
