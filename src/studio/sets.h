/* sets.h -- sets of pictures that were given to learn from: as jobs read them, folders.
 * Layer 8 (studio). */
#ifndef STUDIO_SETS_H
#define STUDIO_SETS_H

#include "pictures.h"

/* sets_new: the id (transfer full) (nullable) of an empty one. Of more than enough, the oldest that @used does not name
 * goes; G_IO_ERROR_BUSY: all are needed. */
char *sets_new (Pictures *pictures, GHashTable *used, GError **error);
/* sets_add: @fd (taken) as one more, judged by its header; the same bytes count once. G_IO_ERROR_NOT_FOUND: there is no
 * such set; G_IO_ERROR_BUSY: it is full. */
gboolean sets_add (Pictures *pictures, const char *id, int fd, GError **error);
/* sets_count: pictures in it; -1: there is no such set. sets_path: (transfer full) (nullable): as jobs read it. */
int sets_count (Pictures *pictures, const char *id);
char *sets_path (Pictures *pictures, const char *id);
/* sets_first: the first of its pictures, open, or -1. */
int sets_first (Pictures *pictures, const char *id);
void sets_remove (Pictures *pictures, const char *id);

#endif
