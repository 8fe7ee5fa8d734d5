/* pictures-internal.h -- parts that pictures.c and uploads.c share. Layer 8 (studio). */
#pragma once

#include "pictures.h"

#define KEY_BYTES 32

/* Uploaded files are named by their ids; examples have this prefix. The title is in a sibling file, NAME.title. */
#define EXAMPLE_MARK "e-"

struct _Pictures {
  char *folder;
  int made, hidden, given, videos, networks, sets, used, trash;
  guint8 key[KEY_BYTES];
};

/* ---- pictures.c -------------------------------------------------------------------------------------------------- */

/* Sets a G_IO_ERROR from errno: "@what @name: reason". Returns FALSE. */
gboolean pictures_fail (GError **error, const char *what, const char *name);
/* (transfer full) (nullable): the picture @file in the folder of @kind; a created one has a suffix that type_of_name()
 * accepts. Reads its size and time, does not open it. NULL: missing, or no regular file; links are not followed. */
Picture *pictures_from_file (Pictures *pictures, PictureKind kind, const char *file);

/* ---- uploads.c --------------------------------------------------------------------------------------------------- */

/* Deletes the file, its title, and facts and converted weights of a network. */
void pictures_delete_upload (Pictures *pictures, const Picture *picture);
/* Sets the time of the upload @picture to now, so that it is the last one that new uploads delete. Does nothing for a
 * network, whose converted weights depend on the time: uploads delete no networks. Errors are ignored. */
void pictures_renew (Pictures *pictures, const Picture *picture);
/* Adds the name @file in @folder to the open file @fd. FALSE with errno, such as EXDEV (another file system) or
 * EEXIST. */
gboolean pictures_link (int fd, int folder, const char *file);
/* Stores the bytes of @fd as @file in @folder (a descriptor), atomically. Links @fd if it has no name yet and @file
 * does not exist. Otherwise a copy replaces @file. Both stay open. FALSE: G_IO_ERROR from errno, @file unchanged. */
gboolean pictures_store_bytes (int folder, int fd, const char *file, GError **error);
