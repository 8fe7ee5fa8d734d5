/* folder.h -- folders that are inputs: the files in them.
 * Layer 2 (io). */
#ifndef RV_FOLDER_H
#define RV_FOLDER_H

#include <reverie/error.h>

/* rv__folder_list: (transfer full) (nullable): the paths of all entries but hidden ones, sorted by name, also of those
 * that are no regular files: their readers say that they are left out. RV_ERROR_FILE, also where there is none. */
GPtrArray *rv__folder_list (const char *folder, GError **error);

#endif
