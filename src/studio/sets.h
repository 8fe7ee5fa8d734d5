/* sets.h -- sets of uploaded training pictures. Jobs read them as folders. Layer 8 (studio). */
#pragma once

#include "pictures.h"

/* (transfer full) (nullable): id of a new, empty set. At the limit, deletes the oldest set that is not in @used.
 * G_IO_ERROR_WOULD_BLOCK: all are in use; G_IO_ERROR_NO_SPACE. */
char *sets_new (Pictures *pictures, GHashTable *used, GError **error);
/* Adds the picture @fd, which is closed, also on failure, after checking its header. Equal bytes count once.
 * G_IO_ERROR_NOT_FOUND: no such set; G_IO_ERROR_BUSY: it is full; RV_ERROR_SHAPE: above 2 MB, or too many pixels. */
gboolean sets_add (Pictures *pictures, const char *id, int fd, GError **error);
/* Number of pictures in the set @id; -1: no such set. */
int sets_count (Pictures *pictures, const char *id);
/* (transfer full) (nullable): path of the set's folder, for jobs. NULL: no such set. */
char *sets_path (Pictures *pictures, const char *id);
/* Descriptor of any picture of the set; the caller closes it. -1: no set or picture. */
int sets_open_first (Pictures *pictures, const char *id);
/* Deletes a set and its pictures, if it exists. */
void sets_delete (Pictures *pictures, const char *id);
