/* pictures.h -- the folder of pictures, videos, models and networks: created ones in the folder, uploaded ones in
 * hidden folders within it. Requests name them by ids, which reveal no names. Layer 8 (studio). */
#pragma once

#include "guard.h"
#include <gio/gio.h>

/* g_set_error() for functions that return a gboolean. Always FALSE: return studio_error (...). */
#define studio_error(...) (g_set_error (__VA_ARGS__), FALSE)
/* g_set_error() for functions that return a pointer. Always NULL. */
#define studio_error_null(...) (g_set_error (__VA_ARGS__), NULL)

typedef struct _Pictures Pictures;

/* MADE: created; GIVEN, VIDEO, NETWORK: uploaded */
typedef enum { PICTURE_MADE, PICTURE_GIVEN, PICTURE_EXAMPLE, PICTURE_VIDEO, PICTURE_NETWORK } PictureKind;
typedef enum { TYPE_PICTURE, TYPE_VIDEO, TYPE_MODEL, TYPE_NETWORK } FileType;

/* A picture at the time it was listed. */
typedef struct {
  char id[TOKEN_LENGTH + 1];
  PictureKind kind;
  FileType type;
  char *file;            /* name in its folder */
  char *title;           /* shown to users */
  gint64 bytes, made_us; /* made_us: time of the last change of the file, since 1970 */
} Picture;

/* (transfer full) (nullable): opens @folder and its hidden folder, or creates them. Free with pictures_free().
 * G_IO_ERROR codes. */
Pictures *pictures_new (const char *folder, GError **error);
void pictures_free (Pictures *pictures);
/* Descriptor of the hidden folder, owned by @pictures. */
int pictures_hidden_folder (const Pictures *pictures);
/* (transfer full): path of @name, which may not exist, in the hidden folder, for the library. Valid until
 * pictures_free(). */
char *pictures_hidden_path (const Pictures *pictures, const char *name);
/* Descriptor of the folder with the files of @kind, owned by @pictures. */
int pictures_folder_of (const Pictures *pictures, PictureKind kind);
/* (transfer full) (element-type utf8): names of the files in the folder @folder, a descriptor, without hidden ones.
 * Empty for -1. */
GPtrArray *pictures_names (int folder);
/* (transfer full): path of an open file, or of @name (nullable) in an open folder, for this program and its
 * subprocesses. Valid while @fd is open. */
char *pictures_path (int fd, const char *name);

/* (transfer full) (nullable): the picture, video, model or network with @id, which may be any text.
 * G_IO_ERROR_NOT_FOUND. */
Picture *pictures_find (Pictures *pictures, const char *id, GError **error);
/* Descriptor of the file, for reading; the caller closes it. -1: gone, or no regular file; links are not followed.
 * G_IO_ERROR_NOT_FOUND. */
int pictures_open (Pictures *pictures, const Picture *picture, GError **error);
/* (transfer full) (element-type Picture): the newest @max pictures of a kind, newest first. */
GPtrArray *pictures_list (Pictures *pictures, PictureKind kind, guint max);
void picture_free (Picture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Picture, picture_free)

/* (static): MIME type of the file @fd, from its first bytes; "application/octet-stream" if unknown. */
const char *pictures_mime_type (int fd);

/* (transfer full) (nullable): adds an upload or an example (@kind) after a check: the header of a picture or a video; a
 * network is stored first, loaded, and deleted again if that fails. Equal bytes are one file, which is then the newest
 * and has the new title. Closes @fd, also on failure. @title (nullable): file name. @used (nullable: none): ids of
 * uploads that may not be deleted; a new picture or video deletes the oldest others if there are too many. Videos and
 * networks are slow, and work on any thread. RV_ERROR_SHAPE: too large; errors of rv_image_probe(), rv_video_probe(),
 * rv_network_load() and rv_net_check(), such as RV_ERROR_FORMAT; G_IO_ERROR_BUSY: too many are in use, or too many
 * networks; other G_IO_ERROR codes if it cannot be stored. */
Picture *pictures_add (Pictures *pictures, int fd, const char *title, PictureKind kind, GHashTable *used,
                       GError **error);
/* (transfer full): facts about an uploaded network as JSON: network, sha256, preprocessing, layers. "null" if its file
 * of facts is missing or damaged. */
char *pictures_network_json (const Pictures *pictures, const Picture *network);
/* Stores the picture @fd, which stays open, in an open folder after checking its header. Its file name is its SHA-256.
 * Equal bytes are one file. RV_ERROR_SHAPE: too large; errors of rv_image_probe(), such as RV_ERROR_FORMAT; G_IO_ERROR
 * codes if it cannot be stored. */
gboolean pictures_store (int fd, int folder, GError **error);
/* @id: (out): keyed hash of @kind and @name, TOKEN_LENGTH digits. @name: a file name for PICTURE_MADE, else the SHA-256
 * of an upload, which need not exist. A GIF can be a picture and a video: each has its id. */
void pictures_make_id (const Pictures *pictures, PictureKind kind, const char *name, char *id);
/* (transfer full) (nullable): path of the file @id for a job: an upload itself, or a copy of or link to a created file,
 * which the user may then delete. Copying may delete the oldest uploads that are not in @used (nullable: none is
 * spared); linking deletes links that are not in it (nullable: none). The file name is the id, of the copy for a
 * created picture, with a prefix for an example. G_IO_ERROR_NOT_FOUND, errors of pictures_add(). */
char *pictures_input_path (Pictures *pictures, const char *id, GHashTable *used, GError **error);
/* (transfer full) (nullable): moves @file from the hidden folder to the created pictures, named by date and time with
 * its suffix. Returns the id; NULL: @file stays. Any thread. G_IO_ERROR codes. */
char *pictures_publish (Pictures *pictures, const char *file, GError **error);
/* Deletes the files of @folder, a descriptor or -1, whose names begin with @prefix, except hidden ones. */
void pictures_delete_files (int folder, const char *prefix);
/* Moves a created file to the desktop's trash, or, if that fails, to the trash in the hidden folder. Deletes an
 * uploaded file. G_IO_ERROR codes. */
gboolean pictures_trash (Pictures *pictures, const Picture *picture, GError **error);

/* (transfer full): @message with "the file" for each path of pictures_path(), including a name that is an id; other
 * names in a folder stay. */
char *pictures_hide_paths (const char *message);
