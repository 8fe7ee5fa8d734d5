/* pictures.h -- the folder of pictures, videos and models: created ones in the folder, uploaded ones in hidden folders
 * within it. Requests name them by ids, which reveal no names.
 * Layer 8 (studio). */
#ifndef STUDIO_PICTURES_H
#define STUDIO_PICTURES_H

#include "guard.h"
#include <gio/gio.h>

typedef struct _Pictures Pictures;

/* MADE: created; GIVEN, VIDEO: uploaded */
typedef enum { PICTURE_MADE, PICTURE_GIVEN, PICTURE_EXAMPLE, PICTURE_VIDEO } PictureKind;
typedef enum { TYPE_PICTURE, TYPE_VIDEO, TYPE_MODEL } FileType;

/* A picture at the time it was listed. */
typedef struct {
  char id[TOKEN_LENGTH + 1];
  PictureKind kind;
  FileType type;
  char *file;  /* name in its folder */
  char *title; /* for people */
  gint64 bytes, made_us;
} Picture;

/* (transfer full) (nullable): opens @folder, or creates it. */
Pictures *pictures_new (const char *folder, GError **error);
void pictures_free (Pictures *pictures);
/* Descriptor of the studio's hidden folder. */
int pictures_own (const Pictures *pictures);
/* (transfer full): path of a file in the studio's hidden folder, for the library. */
char *pictures_own_path (const Pictures *pictures, const char *name);
/* Descriptor of the folder of uploaded videos. */
int pictures_videos (const Pictures *pictures);
/* (transfer full): path of an open file, or of @name in an open folder, for this program and its subprocesses. */
char *pictures_path (int fd, const char *name);

/* (transfer full) (nullable): G_IO_ERROR_NOT_FOUND. */
Picture *pictures_find (Pictures *pictures, const char *id, GError **error);
/* Opens the file, or returns -1. Regular files only; links are not followed. */
int pictures_open (Pictures *pictures, const Picture *picture, GError **error);
/* (transfer full): the newest @most pictures of a kind, newest first. */
GPtrArray *pictures_list (Pictures *pictures, PictureKind kind, guint most);
void picture_free (Picture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Picture, picture_free)

/* (static): MIME type from the contents. */
const char *pictures_type (int fd);

/* (transfer full) (nullable): adds an upload after checking its header. Equal bytes are one picture. @fd: taken. @used:
 * ids to keep; at the limit, the oldest other picture is deleted. */
Picture *pictures_add (Pictures *pictures, int fd, const char *title, PictureKind kind, GHashTable *used,
                       GError **error);
/* Deletes the oldest pictures of @kind (PICTURE_GIVEN or PICTURE_VIDEO) that are not in @used, until one more fits. */
gboolean pictures_make_room (Pictures *pictures, PictureKind kind, GHashTable *used, GError **error);
/* pictures_add() for a video, after pictures_make_room(). Slow; any thread. */
Picture *pictures_add_video (Pictures *pictures, int fd, const char *title, GError **error);
/* Stores a picture in an open folder after checking its header. The name is its hash. */
gboolean pictures_store (int fd, int folder, GError **error);
/* (transfer full): the id of an uploaded picture with that SHA-256. */
char *pictures_id_of_hash (Pictures *pictures, const char *sha256);
/* (transfer full) (nullable): path of a picture for a job, valid even if the picture is deleted. A created picture is
 * copied, as pictures_add() does. The file name is the id, perhaps with a prefix. */
char *pictures_input (Pictures *pictures, const char *id, GHashTable *used, GError **error);
/* (transfer full): moves @file from the studio's folder to the created pictures, with its suffix. Returns the id. Any
 * thread. */
char *pictures_keep (Pictures *pictures, const char *file, GError **error);
/* Deletes all files in the studio's folder whose name begins with @start. */
void pictures_remove (Pictures *pictures, const char *start);
/* Moves a picture to the desktop's trash, or to the studio's if there is none. */
gboolean pictures_trash (Pictures *pictures, const Picture *picture, GError **error);

/* (transfer full): an error message without the paths that pictures_path() made. */
char *pictures_plain (const char *message);

#endif
