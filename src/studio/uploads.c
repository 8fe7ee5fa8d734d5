/* uploads.c -- adds pictures, videos and networks to the folder, after a check, and deletes them. Equal bytes are one
 * file. */
#include "pictures-internal.h"
#include "json-text.h"
#include <errno.h>
#include <fcntl.h>
#include <reverie/image.h>
#include <reverie/json.h>
#include <reverie/networks.h>
#include <reverie/video.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_GIVEN 64
#define MAX_VIDEOS 8
#define MAX_NETWORKS 32
#define MAX_PIXELS (G_GINT64_CONSTANT (1) << 28) /* largest upload: 268 megapixels */
#define CHUNK_BYTES (64 << 10)

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the SHA-256 of @fd in hexadecimal. @to: descriptor that receives a copy; -1: no copy.
 * NULL with errno. */
static char *
hash_and_copy (int fd, int to)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guchar *piece = g_malloc (CHUNK_BYTES);
  ssize_t n;
  for (off_t at = 0; (n = pread (fd, piece, CHUNK_BYTES, at)) > 0; at += n) {
    g_checksum_update (sum, piece, n);
    ssize_t written = to >= 0 ? write (to, piece, (gsize) n) : n;
    if (written >= 0 && written < n)
      errno = ENOSPC; /* only a full disk shortens it */
    if (written != n)
      return NULL;
  }
  return n < 0 ? NULL : g_strdup (g_checksum_get_string (sum));
}

/* (transfer full) (nullable): the SHA-256 of @fd in hexadecimal; NULL with a G_IO_ERROR. */
static char *
hash_of (int fd, GError **error)
{
  char *hash = hash_and_copy (fd, -1);
  if (!hash)
    pictures_fail (error, "cannot read", "the upload");
  return hash;
}

/* Checks that the header of @fd, which stays open at its offset, is that of a picture of at most MAX_PIXELS; decodes
 * nothing. RV_ERROR_SHAPE: too large; RV_ERROR_FORMAT: no picture; other errors of rv_image_probe(), whose messages
 * have the path: see pictures_hide_paths(). */
static gboolean
check_header (int fd, GError **error)
{
  g_autofree char *path = pictures_path (fd, NULL);
  RvImageInfo info;
  if (!rv_image_probe (path, &info, error))
    return FALSE;
  if ((gint64) info.width * info.height <= MAX_PIXELS)
    return TRUE;
  return studio_error (error, RV_ERROR, RV_ERROR_SHAPE, "the picture has %d x %d pixels; make it smaller first",
                       info.width, info.height);
}

void
pictures_delete_files (int folder, const char *prefix)
{
  g_autoptr (GPtrArray) names = pictures_names (folder);
  for (guint i = 0; i < names->len; i++)
    if (g_str_has_prefix (names->pdata[i], prefix))
      unlinkat (folder, names->pdata[i], 0);
}

void
pictures_delete_upload (Pictures *pictures, const Picture *picture)
{
  pictures_delete_files (pictures_folder_of (pictures, picture->kind), picture->file);
  if (picture->kind != PICTURE_NETWORK)
    return;
  g_autofree char *cache = rv_network_folder (), *path = g_build_filename (cache, "converted", NULL);
  int converted = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  pictures_delete_files (converted, picture->file);
  if (converted >= 0)
    close (converted);
}

gboolean
pictures_link (int fd, int folder, const char *file)
{
  g_autofree char *here = pictures_path (fd, NULL);
  return linkat (AT_FDCWD, here, folder, file, AT_SYMLINK_FOLLOW) == 0;
}

gboolean
pictures_store_bytes (int folder, int fd, const char *file, GError **error)
{
  struct stat info;
  g_autofree char *temporary = g_strdup_printf ("half-%08x", g_random_int ());
  if (fstat (fd, &info) == 0 && info.st_nlink == 0 && pictures_link (fd, folder, file))
    return TRUE;
  int to = openat (folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  g_autofree char *hash = to < 0 ? NULL : hash_and_copy (fd, to);
  gboolean ok = to >= 0 && close (to) == 0 && hash && renameat (folder, temporary, folder, file) == 0;
  if (!ok) {
    pictures_fail (error, "cannot save", "the upload");
    unlinkat (folder, temporary, 0);
  }
  return ok;
}

gboolean
pictures_store (int fd, int folder, GError **error)
{
  struct stat info;
  g_autofree char *hash = check_header (fd, error) ? hash_of (fd, error) : NULL;
  return hash &&
         (fstatat (folder, hash, &info, AT_SYMLINK_NOFOLLOW) == 0 || pictures_store_bytes (folder, fd, hash, error));
}

/* ---- videos ------------------------------------------------------------------------------------------------------ */

/* Checks that the file @fd has the header of a video. A subprocess reads it. RV_ERROR_FORMAT, also for playlists,
 * through which ffmpeg would open other files. */
static gboolean
check_video_header (int fd, GError **error)
{
  g_autofree char *path = pictures_path (fd, NULL);
  RvVideoInfo info;
  const char *type = pictures_mime_type (fd);
  if (!g_str_has_prefix (type, "video/") && strcmp (type, "image/gif") != 0)
    return studio_error (error, RV_ERROR, RV_ERROR_FORMAT,
                         "the file is not a known video: .mp4, .mov, .mkv, .webm, .avi, .mpg, .ogv or .gif");
  return rv_video_probe (path, &info, error);
}

/* ---- networks ---------------------------------------------------------------------------------------------------- */

/* (transfer full): path of the file with the facts about an uploaded network. */
static char *
facts_path (const Pictures *pictures, const Picture *network)
{
  g_autofree char *file = g_strconcat (network->id, ".json", NULL);
  return pictures_path (pictures->networks, file);
}

/* Loads an uploaded network, and writes the facts about it, unless they exist. */
static gboolean
check_network (Pictures *pictures, const Picture *network, const char *sha256, GError **error)
{
  g_autofree char *path = pictures_path (pictures->networks, network->file), *facts = facts_path (pictures, network);
  if (g_file_test (facts, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autoptr (RvNet) net = rv_network_load (NULL, path, NULL, NULL, NULL, error);
  g_autoptr (GString) json = g_string_new (NULL);
  if (!net || !rv_net_check (net, error))
    return FALSE;
  json_open (json, NULL, '{');
  json_text (json, "network", rv_net_name (net));
  json_text (json, "sha256", sha256);
  json_text (json, "preprocessing", rv_net_preprocessing (net));
  json_texts (json, "layers", rv_net_layers (rv_net_name (net)));
  json_close (json, "}");
  return g_file_set_contents (facts, json->str, -1, NULL) || pictures_fail (error, "cannot save", "the upload");
}

char *
pictures_network_json (const Pictures *pictures, const Picture *network)
{
  g_autofree char *path = facts_path (pictures, network), *json = NULL;
  g_autoptr (GVariant) read =
    g_file_get_contents (path, &json, NULL, NULL) ? rv_json_read (json, -1, "the network", NULL) : NULL;
  return read ? g_steal_pointer (&json) : g_strdup ("null");
}

/* ---- add --------------------------------------------------------------------------------------------------------- */

/* Deletes the oldest uploads of @kind that are not in @used (nullable: none), until one more fits. Never deletes a
 * network, nor a video that was added or given to a job after the upload @fd was received: @used is not newer.
 * G_IO_ERROR_BUSY: all are used, or there are too many networks. */
static gboolean
make_space (Pictures *pictures, PictureKind kind, int fd, GHashTable *used, GError **error)
{
  struct stat upload = { 0 };
  fstat (fd, &upload);
  gint64 since_us = (gint64) upload.st_mtim.tv_sec * G_USEC_PER_SEC + upload.st_mtim.tv_nsec / 1000;
  g_autoptr (GPtrArray) list = pictures_list (pictures, kind, G_MAXUINT);
  guint n = list->len, most = kind == PICTURE_VIDEO ? MAX_VIDEOS : kind == PICTURE_NETWORK ? MAX_NETWORKS : MAX_GIVEN;
  for (guint i = list->len; n >= most && i-- > 0;) {
    const Picture *picture = list->pdata[i];
    if (kind == PICTURE_NETWORK || (kind == PICTURE_VIDEO && picture->made_us >= since_us) ||
        (used && g_hash_table_contains (used, picture->id)))
      continue;
    pictures_delete_upload (pictures, picture);
    n--;
  }
  if (n < most)
    return TRUE;
  if (kind == PICTURE_NETWORK)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%u uploaded networks are the maximum. Delete one first.", most);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                 "%u uploaded %s are in use or new, the maximum. Try again when some jobs are done.", most,
                 kind == PICTURE_VIDEO ? "videos" : "pictures");
  return FALSE;
}

void
pictures_renew (Pictures *pictures, const Picture *picture)
{
  if (picture->kind == PICTURE_GIVEN || picture->kind == PICTURE_VIDEO)
    utimensat (pictures_folder_of (pictures, picture->kind), picture->file, NULL, AT_SYMLINK_NOFOLLOW);
}

/* (transfer full) (nullable): the upload or example with the hash @sha256, found or stored. See pictures_add(). */
static Picture *
find_or_store (Pictures *pictures, PictureKind kind, int fd, const char *sha256, const char *title, GHashTable *used,
               GError **error)
{
  char id[TOKEN_LENGTH + 1];
  int folder = pictures_folder_of (pictures, kind);
  pictures_make_id (pictures, kind, sha256, id);
  g_autofree char *file = g_strconcat (kind == PICTURE_EXAMPLE ? EXAMPLE_MARK : "", id, NULL);
  gboolean is_picture = kind == PICTURE_GIVEN || kind == PICTURE_EXAMPLE;
  Picture *found = is_picture ? pictures_find (pictures, id, NULL) : pictures_from_file (pictures, kind, id);
  if (found)
    pictures_renew (pictures, found);
  if (found && (!title || found->kind != kind)) /* an upload with the bytes of an example is the example */
    return found;
  if (!found && ((kind != PICTURE_EXAMPLE && !make_space (pictures, kind, fd, used, error)) ||
                 !pictures_store_bytes (folder, fd, file, error)))
    return NULL;
  g_clear_pointer (&found, picture_free);
  g_autofree char *title_name = g_strconcat (file, ".title", NULL), *title_path = pictures_path (folder, title_name);
  g_file_set_contents (title_path, title ? title : "", -1, NULL);
  g_autoptr (Picture) stored = pictures_from_file (pictures, kind, file);
  if (stored)
    pictures_renew (pictures, stored);
  return pictures_from_file (pictures, kind, file); /* with the new time */
}

Picture *
pictures_add (Pictures *pictures, int fd, const char *title, PictureKind kind, GHashTable *used, GError **error)
{
  gboolean ok =
    kind == PICTURE_VIDEO ? check_video_header (fd, error) : kind == PICTURE_NETWORK || check_header (fd, error);
  g_autofree char *hash = ok ? hash_of (fd, error) : NULL;
  g_autoptr (Picture) picture = hash ? find_or_store (pictures, kind, fd, hash, title, used, error) : NULL;
  close (fd);
  /* A network is stored before it is loaded: a file that it names must be in the folder of networks, too. */
  if (picture && kind == PICTURE_NETWORK && !check_network (pictures, picture, hash, error)) {
    pictures_delete_upload (pictures, picture);
    return NULL;
  }
  return g_steal_pointer (&picture);
}
