/* pictures.h -- the folder of pictures, films and models: those made, in it; those given, in folders of ours within it.
 * Others know them by ids alone, which tell nothing of names.
 * Layer 8 (studio). */
#ifndef STUDIO_PICTURES_H
#define STUDIO_PICTURES_H

#include "guard.h"
#include <gio/gio.h>

typedef struct _Pictures Pictures;

typedef enum { PICTURE_MADE, PICTURE_GIVEN, PICTURE_EXAMPLE, PICTURE_FILM } PictureKind; /* FILM: one that was given */
typedef enum { TYPE_PICTURE, TYPE_FILM, TYPE_MODEL } FileType;

/* One of them, as it was when it was looked at. */
typedef struct {
  char id[TOKEN_LENGTH + 1];
  PictureKind kind;
  FileType type;
  char *file;  /* in its folder */
  char *title; /* text, for people */
  gint64 bytes, made_us;
} Picture;

/* pictures_new: (transfer full) (nullable): of @folder, which is made where it is not there. pictures_own: our folder
 * in it, open; pictures_own_path: as a path for the library. */
Pictures *pictures_new (const char *folder, GError **error);
void pictures_free (Pictures *pictures);
int pictures_own (const Pictures *pictures);
char *pictures_own_path (const Pictures *pictures, const char *name);
/* pictures_films: the folder of films that were given, open. pictures_path: (transfer full): a file that is open here,
 * or one beneath a folder that is, by a name under which this program and those it starts can open it. */
int pictures_films (const Pictures *pictures);
char *pictures_path (int fd, const char *name);

/* pictures_find: (transfer full) (nullable): G_IO_ERROR_NOT_FOUND. pictures_open: its file, or -1: no link is
 * followed, and nothing but ordinary files is opened. pictures_list: (transfer full): those of a kind, the newest
 * first,
 * @most at most. */
Picture *pictures_find (Pictures *pictures, const char *id, GError **error);
int pictures_open (Pictures *pictures, const Picture *picture, GError **error);
GPtrArray *pictures_list (Pictures *pictures, PictureKind kind, guint most);
void picture_free (Picture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Picture, picture_free)

/* pictures_type: (static): of its contents, for a browser. */
const char *pictures_type (int fd);

/* pictures_add: (transfer full) (nullable): what was sent, judged by its header: the same bytes are the same picture.
 * @fd: taken. Of more than enough, the oldest that @used does not name (ids) goes. */
Picture *pictures_add (Pictures *pictures, int fd, const char *title, PictureKind kind, GHashTable *used,
                       GError **error);
/* pictures_make_room: of PICTURE_GIVEN or PICTURE_FILM, for one more. pictures_add_film: (transfer full) (nullable): as
 * pictures_add(), of a film, once there is room; takes long, on any thread. */
gboolean pictures_make_room (Pictures *pictures, PictureKind kind, GHashTable *used, GError **error);
Picture *pictures_add_film (Pictures *pictures, int fd, const char *title, GError **error);
/* pictures_store: a picture, judged by its header, into a folder that is open, called by its hash. */
gboolean pictures_store (int fd, int folder, GError **error);
/* pictures_id_of_hash: (transfer full): the id that a given picture of that SHA-256 has. */
char *pictures_id_of_hash (Pictures *pictures, const char *sha256);
/* pictures_input: (transfer full) (nullable): the path of the picture as jobs read it: a file of our own, whatever
 * becomes of the one in the folder; which for a made picture takes the place of a given one that @used does not name.
 * Its name there is the id of the picture, or what ends in it. */
char *pictures_input (Pictures *pictures, const char *id, GHashTable *used, GError **error);
/* pictures_keep: the id (transfer full) of @file of our folder, moved among those made, under its suffix. On any
 * thread. pictures_remove: every file of our folder whose name begins like that. */
char *pictures_keep (Pictures *pictures, const char *file, GError **error);
void pictures_remove (Pictures *pictures, const char *start);
/* pictures_trash: to the desktop's trash, or to ours where there is none. */
gboolean pictures_trash (Pictures *pictures, const Picture *picture, GError **error);

/* pictures_plain: (transfer full): an error's message without the paths that the library was given. */
char *pictures_plain (const char *message);

#endif
