/* sets.h -- sets of uploaded training pictures. Jobs read them as folders.
 * Layer 8 (studio). */
#ifndef STUDIO_SETS_H
#define STUDIO_SETS_H

#include "pictures.h"

/* (transfer full) (nullable): id of a new, empty set. At the limit, the oldest set that is not in @used is deleted.
 * G_IO_ERROR_WOULD_BLOCK: all are in use. */
char *sets_new (Pictures *pictures, GHashTable *used, GError **error);
/* Adds @fd (taken) after checking its header. Equal bytes count once. G_IO_ERROR_NOT_FOUND: no such set;
 * G_IO_ERROR_BUSY: it is full. */
gboolean sets_add (Pictures *pictures, const char *id, int fd, GError **error);
/* Number of pictures; -1: no such set. */
int sets_count (Pictures *pictures, const char *id);
/* (transfer full) (nullable): path of its folder, for jobs. NULL: no such set. */
char *sets_path (Pictures *pictures, const char *id);
/* Open descriptor of one of its pictures, to be closed; -1: none. */
int sets_first (Pictures *pictures, const char *id);
/* Deletes a set and its pictures, if it exists. */
void sets_remove (Pictures *pictures, const char *id);

#endif
