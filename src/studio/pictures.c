/* pictures.c -- the folder of pictures. It is opened once; all files are opened relative to it, without following
 * links. An id is a keyed hash of the name of a created picture, or of the bytes of an uploaded one. Ids need no
 * storage, survive restarts and cannot be guessed. */
#include "pictures-internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define HIDDEN ".studio"

/* ---- ids --------------------------------------------------------------------------------------------------------- */

void
pictures_make_id (const Pictures *pictures, PictureKind kind, const char *name, char *id)
{
  const char *what = kind == PICTURE_MADE ? "made" : kind == PICTURE_VIDEO ? "video" : "given";
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, pictures->key, KEY_BYTES);
  g_hmac_update (hmac, (const guchar *) what, (gssize) strlen (what) + 1);
  g_hmac_update (hmac, (const guchar *) name, (gssize) strlen (name));
  g_strlcpy (id, g_hmac_get_string (hmac), TOKEN_LENGTH + 1);
}

void
picture_free (Picture *picture)
{
  if (!picture)
    return;
  g_free (picture->file);
  g_free (picture->title);
  g_free (picture);
}

/* ---- folders ----------------------------------------------------------------------------------------------------- */

gboolean
pictures_fail (GError **error, const char *what, const char *name)
{
  int code = errno;
  return studio_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code), "%s %s: %s", what, name,
                       g_strerror (code));
}

/* Descriptor of the folder @name in @within, created if missing; the caller closes it. -1: a G_IO_ERROR. */
static int
open_folder (int within, const char *name, GError **error)
{
  mkdirat (within, name, 0700);
  int fd = openat (within, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    pictures_fail (error, "cannot open the folder", name);
  return fd;
}

/* Reads the key of ids into pictures->key, or creates its file: it lasts as long as the folder. FALSE with a
 * G_IO_ERROR. */
static gboolean
read_key (Pictures *pictures, GError **error)
{
  int fd = openat (pictures->hidden, "key", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return pictures_fail (error, "cannot open", HIDDEN "/key");
  gboolean ok = read (fd, pictures->key, KEY_BYTES) == KEY_BYTES;
  if (!ok)
    ok = getrandom (pictures->key, KEY_BYTES, 0) == KEY_BYTES && ftruncate (fd, 0) == 0 &&
         pwrite (fd, pictures->key, KEY_BYTES, 0) == KEY_BYTES;
  if (!ok)
    pictures_fail (error, "cannot write", HIDDEN "/key");
  close (fd);
  return ok;
}

Pictures *
pictures_new (const char *folder, GError **error)
{
  Pictures *pictures = g_new0 (Pictures, 1);
  const struct {
    int *fd;
    const char *name;
  } folders[] = { { &pictures->given, "given" }, { &pictures->videos, "videos" }, { &pictures->networks, "networks" },
                  { &pictures->sets, "sets" },   { &pictures->used, "used" },     { &pictures->trash, "trash" } };
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    *folders[i].fd = -1;
  pictures->hidden = -1;
  pictures->folder = g_canonicalize_filename (folder, NULL);
  g_mkdir_with_parents (pictures->folder, 0755);
  pictures->made = open (pictures->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean ok = pictures->made >= 0 || pictures_fail (error, "cannot open the folder", pictures->folder);
  ok = ok && (pictures->hidden = open_folder (pictures->made, HIDDEN, error)) >= 0 && read_key (pictures, error);
  renameat (pictures->hidden, "films", pictures->hidden, "videos"); /* name in older versions */
  for (guint i = 0; ok && i < G_N_ELEMENTS (folders); i++)
    ok = (*folders[i].fd = open_folder (pictures->hidden, folders[i].name, error)) >= 0;
  if (!ok)
    g_clear_pointer (&pictures, pictures_free);
  return pictures;
}

void
pictures_free (Pictures *pictures)
{
  if (!pictures)
    return;
  int fds[] = { pictures->made,     pictures->hidden, pictures->given, pictures->videos,
                pictures->networks, pictures->sets,   pictures->used,  pictures->trash };
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    if (fds[i] >= 0)
      close (fds[i]);
  g_free (pictures->folder);
  g_free (pictures);
}

int
pictures_hidden_folder (const Pictures *pictures)
{
  return pictures->hidden;
}

char *
pictures_path (int fd, const char *name)
{
  /* The path is valid even if the folder is moved. With "self" for the process id, other programs would see their own
   * descriptors. */
  return g_strdup_printf ("/proc/%d/fd/%d%s%s", (int) getpid (), fd, name ? "/" : "", name ? name : "");
}

GPtrArray *
pictures_names (int folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  int fd = folder < 0 ? -1 : openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir (fd);
  for (struct dirent *entry; dir && (entry = readdir (dir));)
    if (*entry->d_name != '.')
      g_ptr_array_add (names, g_strdup (entry->d_name));
  if (dir)
    closedir (dir);
  else if (fd >= 0)
    close (fd);
  return names;
}

char *
pictures_hidden_path (const Pictures *pictures, const char *name)
{
  return pictures_path (pictures->hidden, name);
}

/* ---- list -------------------------------------------------------------------------------------------------------- */

int
pictures_folder_of (const Pictures *pictures, PictureKind kind)
{
  const int folders[] = { pictures->made, pictures->given, pictures->given, pictures->videos, pictures->networks };
  return folders[kind];
}

/* (transfer full): the title in the file "@file.title" of the folder @folder, a descriptor, at most 512 bytes; ""
 * without one. */
static char *
read_title (int folder, const char *file)
{
  g_autofree char *name = g_strconcat (file, ".title", NULL);
  char text[512];
  int fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read (fd, text, sizeof text);
  if (fd >= 0)
    close (fd);
  return n > 0 ? g_utf8_make_valid (text, n) : g_strdup ("");
}

/* FileType by the suffix of @name, upper or lower case. -1: another suffix, or a hidden file (".NAME"). */
static int
type_of_name (const char *name)
{
  static const struct {
    const char *suffix;
    FileType type;
  } known[] = {
    { ".png", TYPE_PICTURE }, { ".jpg", TYPE_PICTURE },  { ".jpeg", TYPE_PICTURE }, { ".webp", TYPE_PICTURE },
    { ".tif", TYPE_PICTURE }, { ".tiff", TYPE_PICTURE }, { ".mp4", TYPE_VIDEO },    { ".m4v", TYPE_VIDEO },
    { ".mov", TYPE_VIDEO },   { ".mkv", TYPE_VIDEO },    { ".webm", TYPE_VIDEO },   { ".safetensors", TYPE_MODEL },
  };
  g_autofree char *lower = g_ascii_strdown (name, -1);
  for (guint i = 0; *name != '.' && i < G_N_ELEMENTS (known); i++)
    if (g_str_has_suffix (lower, known[i].suffix))
      return (int) known[i].type;
  return -1;
}

Picture *
pictures_from_file (Pictures *pictures, PictureKind kind, const char *file)
{
  static const FileType types[] = { [PICTURE_VIDEO] = TYPE_VIDEO, [PICTURE_NETWORK] = TYPE_NETWORK };
  struct stat info;
  int folder = pictures_folder_of (pictures, kind);
  if (fstatat (folder, file, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG (info.st_mode))
    return NULL;
  Picture *picture = g_new0 (Picture, 1);
  picture->kind = kind;
  picture->type = kind == PICTURE_MADE ? (FileType) type_of_name (file) : types[kind];
  picture->file = g_strdup (file);
  picture->title = kind == PICTURE_MADE ? g_utf8_make_valid (file, -1) : read_title (folder, file);
  picture->bytes = info.st_size;
  picture->made_us = (gint64) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
  if (kind == PICTURE_MADE)
    pictures_make_id (pictures, PICTURE_MADE, file, picture->id);
  else
    g_strlcpy (picture->id, file + (kind == PICTURE_EXAMPLE ? strlen (EXAMPLE_MARK) : 0), sizeof picture->id);
  return picture;
}

/* GCompareFunc of Picture pointers: later times first; equal times by file name. */
static int
newest_first (gconstpointer a, gconstpointer b)
{
  const Picture *one = *(Picture *const *) a, *other = *(Picture *const *) b;
  gint64 d = other->made_us - one->made_us;
  return d > 0 ? 1 : d < 0 ? -1 : strcmp (one->file, other->file);
}

GPtrArray *
pictures_list (Pictures *pictures, PictureKind kind, guint max)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) picture_free);
  g_autoptr (GPtrArray) names = pictures_names (pictures_folder_of (pictures, kind));
  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    gboolean is_example = g_str_has_prefix (name, EXAMPLE_MARK);
    gboolean is_of_kind = kind == PICTURE_MADE ? type_of_name (name) >= 0
                                               : is_example == (kind == PICTURE_EXAMPLE) &&
                                                   guard_is_token (name + (is_example ? strlen (EXAMPLE_MARK) : 0));
    Picture *picture = is_of_kind ? pictures_from_file (pictures, kind, name) : NULL;
    if (picture)
      g_ptr_array_add (list, picture);
  }
  g_ptr_array_sort (list, newest_first);
  if (list->len > max)
    g_ptr_array_set_size (list, (int) max);
  return list;
}

Picture *
pictures_find (Pictures *pictures, const char *id, GError **error)
{
  g_autofree char *example = g_strconcat (EXAMPLE_MARK, id, NULL);
  Picture *picture = NULL;
  if (guard_is_token (id) && !(picture = pictures_from_file (pictures, PICTURE_GIVEN, id)) &&
      !(picture = pictures_from_file (pictures, PICTURE_EXAMPLE, example)) &&
      !(picture = pictures_from_file (pictures, PICTURE_VIDEO, id)) &&
      !(picture = pictures_from_file (pictures, PICTURE_NETWORK, id))) {
    g_autoptr (GPtrArray) made = pictures_list (pictures, PICTURE_MADE, G_MAXUINT);
    for (guint i = 0; !picture && i < made->len; i++)
      if (strcmp (((Picture *) made->pdata[i])->id, id) == 0)
        picture = g_ptr_array_steal_index (made, i);
  }
  if (!picture)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "This file does not exist any more.");
  return picture;
}

int
pictures_open (Pictures *pictures, const Picture *picture, GError **error)
{
  struct stat info;
  int fd = openat (pictures_folder_of (pictures, picture->kind), picture->file,
                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    return fd;
  if (fd >= 0)
    close (fd);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "This file does not exist any more.");
  return -1;
}

const char *
pictures_mime_type (int fd)
{
  static const struct {
    const char *type, *magic;
    gsize at, length;
  } known[] = {
    { "image/jpeg", "\xff\xd8\xff", 0, 3 }, { "image/png", "\x89PNG", 0, 4 },
    { "image/webp", "WEBP", 8, 4 },         { "image/gif", "GIF8", 0, 4 },
    { "image/tiff", "II*\0", 0, 4 },        { "image/tiff", "MM\0*", 0, 4 },
    { "image/heic", "ftypheic", 4, 8 },     { "image/heic", "ftypheix", 4, 8 },
    { "image/heif", "ftypmif1", 4, 8 },     { "image/avif", "ftypavif", 4, 8 },
    { "video/mp4", "ftyp", 4, 4 },          { "video/webm", "\x1a\x45\xdf\xa3", 0, 4 },
    { "video/x-msvideo", "AVI ", 8, 4 },    { "video/mpeg", "\0\0\1\xba", 0, 4 },
    { "video/ogg", "OggS", 0, 4 },          { "video/mpeg", "\0\0\1\xb3", 0, 4 },
    { "video/mp4", "wide", 4, 4 },          { "video/mp4", "mdat", 4, 4 }, /* QuickTime without ftyp */
    { "video/mp4", "moov", 4, 4 },          { "video/mp4", "free", 4, 4 },
    { "video/mp4", "skip", 4, 4 },
  };
  char head[16] = { 0 };
  const char *type = NULL;
  gboolean ok = pread (fd, head, sizeof head, 0) > 0;
  for (guint i = 0; ok && !type && i < G_N_ELEMENTS (known); i++)
    if (memcmp (head + known[i].at, known[i].magic, known[i].length) == 0)
      type = known[i].type;
  return type ? type : "application/octet-stream";
}

/* ---- inputs of jobs ---------------------------------------------------------------------------------------------- */

/* Whether a link to or copy of the created file @id exists, even if the file itself is gone from the folder. @fd: the
 * link must be to this file; -1: no check. */
static gboolean
is_used (Pictures *pictures, const char *id, int fd)
{
  struct stat info, open_info;
  return guard_is_token (id) && fstatat (pictures->used, id, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         (fd < 0 ||
          (fstat (fd, &open_info) == 0 && info.st_dev == open_info.st_dev && info.st_ino == open_info.st_ino));
}

/* (transfer full) (nullable): path of a hard link called @id to the file @picture, or of a copy if links are
 * impossible. The link stays if @picture is deleted. Deletes other links that are not in @used (nullable: none). */
static char *
link_input (Pictures *pictures, const Picture *picture, const char *id, GHashTable *used, GError **error)
{
  int fd = pictures_open (pictures, picture, error);
  if (fd < 0)
    return NULL;
  gboolean ok = is_used (pictures, id, fd);
  if (!ok) {
    g_autoptr (GPtrArray) names = pictures_names (pictures->used);
    for (guint i = 0; used && i < names->len; i++)
      if (!g_hash_table_contains (used, names->pdata[i]))
        unlinkat (pictures->used, names->pdata[i], 0);
    unlinkat (pictures->used, id, 0);
    ok = pictures_link (fd, pictures->used, id) || pictures_store_bytes (pictures->used, fd, id, error);
  }
  close (fd);
  return ok ? pictures_path (pictures->used, id) : NULL;
}

char *
pictures_input_path (Pictures *pictures, const char *id, GHashTable *used, GError **error)
{
  g_autoptr (GError) gone = NULL;
  g_autoptr (Picture) picture = pictures_find (pictures, id, &gone);
  if (!picture && is_used (pictures, id, -1))
    return pictures_path (pictures->used, id);
  if (!picture) {
    g_propagate_error (error, g_steal_pointer (&gone));
    return NULL;
  }
  /* Later uploads then delete other files first. The worker thread, which may add a video now, knows no new job. */
  pictures_renew (pictures, picture);
  if (picture->kind != PICTURE_MADE)
    return pictures_path (pictures_folder_of (pictures, picture->kind), picture->file);
  if (picture->type != TYPE_PICTURE) /* large: no copy */
    return link_input (pictures, picture, id, used, error);
  int fd = pictures_open (pictures, picture, error);
  g_autoptr (Picture) copy = fd < 0 ? NULL : pictures_add (pictures, fd, picture->title, PICTURE_GIVEN, used, error);
  /* finds the copy by the id of the created picture after that is deleted */
  g_autofree char *link = copy ? link_input (pictures, copy, id, used, error) : NULL;
  return link ? pictures_path (pictures_folder_of (pictures, copy->kind), copy->file) : NULL;
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

/* Moves @file in the folder @from (a descriptor) to @name in @to, without replacing a file. On file systems that cannot
 * do both in one step, links or checks first. FALSE: errno is set (EEXIST: @name exists), and @file stays. */
static gboolean
move_new (int from, const char *file, int to, const char *name)
{
  struct stat info;
  if (renameat2 (from, file, to, name, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  if (linkat (from, file, to, name, 0) == 0) {
    unlinkat (from, file, 0);
    return TRUE;
  }
  if (errno == EEXIST)
    return FALSE;
  if (fstatat (to, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
    errno = EEXIST;
    return FALSE;
  }
  return errno == ENOENT && renameat (from, file, to, name) == 0;
}

char *
pictures_publish (Pictures *pictures, const char *file, GError **error)
{
  /* Cameras name files by the time, too. A second picture in the same second gets a number. */
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stem = g_date_time_format (now, "Reverie %Y-%m-%d %H.%M.%S");
  const char *suffix = strrchr (file, '.');
  for (int i = 1; i < 1000; i++) {
    g_autofree char *number = i > 1 ? g_strdup_printf (" (%d)", i) : g_strdup ("");
    g_autofree char *name = g_strconcat (stem, number, suffix, NULL);
    if (move_new (pictures->hidden, file, pictures->made, name)) {
      char id[TOKEN_LENGTH + 1];
      pictures_make_id (pictures, PICTURE_MADE, name, id);
      return g_strdup (id);
    }
    if (errno != EEXIST)
      break;
  }
  pictures_fail (error, "cannot save the picture in", pictures->folder);
  return NULL;
}

/* Moves the created file @name to the trash of the hidden folder, whose files keep their names: with a number if there
 * is one of this name. */
static gboolean
move_to_trash (const Pictures *pictures, const char *name)
{
  g_autofree char *free_name = g_strdup (name);
  for (int n = 2; faccessat (pictures->trash, free_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0; n++) {
    g_free (free_name);
    free_name = g_strdup_printf ("%d-%s", n, name);
  }
  return renameat (pictures->made, name, pictures->trash, free_name) == 0;
}

gboolean
pictures_trash (Pictures *pictures, const Picture *picture, GError **error)
{
  if (picture->kind != PICTURE_MADE) {
    pictures_delete_upload (pictures, picture);
    return TRUE;
  }
  g_autofree char *path = g_build_filename (pictures->folder, picture->file, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  return g_file_trash (file, NULL, NULL) || move_to_trash (pictures, picture->file) ||
         pictures_fail (error, "cannot delete", picture->title);
}

char *
pictures_hide_paths (const char *message)
{
  g_autoptr (GRegex) paths = g_regex_new ("/proc/\\d+/fd/\\d+(/(e-)?[0-9a-f]{32})?", G_REGEX_OPTIMIZE, 0, NULL);
  return g_regex_replace_literal (paths, message, -1, 0, "the file", 0, NULL);
}
