/* sets.c -- sets of training pictures: a folder for each, named by its id, with files named by their SHA-256. */
#include "sets.h"
#include "pictures-internal.h"
#include <fcntl.h>
#include <reverie/error.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SETS 8
#define MAX_PICTURES 5000
#define MAX_BYTES (2 << 20) /* size of one picture: training uses small ones */

/* Descriptor of the folder of the set @id, any text; the caller closes it. -1: no such set. */
static int
open_set (const Pictures *pictures, const char *id)
{
  return guard_is_token (id) ? openat (pictures->sets, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
}

int
sets_count (Pictures *pictures, const char *id)
{
  int set = open_set (pictures, id);
  if (set < 0)
    return -1;
  g_autoptr (GPtrArray) names = pictures_names (set);
  close (set);
  return (int) names->len;
}

char *
sets_path (Pictures *pictures, const char *id)
{
  int set = open_set (pictures, id);
  if (set < 0)
    return NULL;
  close (set);
  return pictures_path (pictures->sets, id);
}

int
sets_open_first (Pictures *pictures, const char *id)
{
  int set = open_set (pictures, id);
  g_autoptr (GPtrArray) names = pictures_names (set);
  int fd = names->len == 0 ? -1 : openat (set, names->pdata[0], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (set >= 0)
    close (set);
  return fd;
}

void
sets_delete (Pictures *pictures, const char *id)
{
  int set = open_set (pictures, id);
  if (set < 0)
    return;
  pictures_delete_files (set, "");
  unlinkat (pictures->sets, id, AT_REMOVEDIR);
  close (set);
}

/* ---- new sets ---------------------------------------------------------------------------------------------------- */

/* (nullable): the id of @names, borrowed, not in @used, whose folder has been unchanged for longest. NULL: all are in
 * use. */
static const char *
find_oldest (const Pictures *pictures, const GPtrArray *names, GHashTable *used)
{
  const char *found = NULL;
  gint64 since = G_MAXINT64;
  for (guint i = 0; i < names->len; i++) {
    struct stat info;
    if (g_hash_table_contains (used, names->pdata[i]) || !guard_is_token (names->pdata[i]) ||
        fstatat (pictures->sets, names->pdata[i], &info, AT_SYMLINK_NOFOLLOW) != 0 || info.st_mtim.tv_sec >= since)
      continue;
    since = info.st_mtim.tv_sec;
    found = names->pdata[i];
  }
  return found;
}

char *
sets_new (Pictures *pictures, GHashTable *used, GError **error)
{
  char id[TOKEN_LENGTH + 1];
  g_autoptr (GPtrArray) names = pictures_names (pictures->sets);
  const char *oldest = names->len >= MAX_SETS ? find_oldest (pictures, names, used) : NULL;
  if (names->len >= MAX_SETS && !oldest) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                 "%d sets of pictures are in use, the maximum. Try again when a training is done.", MAX_SETS);
    return NULL;
  }
  if (oldest)
    sets_delete (pictures, oldest);
  guard_new_token (id);
  if (mkdirat (pictures->sets, id, 0700) == 0)
    return g_strdup (id);
  return studio_error_null (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The studio cannot write to its folder.");
}

gboolean
sets_add (Pictures *pictures, const char *id, int fd, GError **error)
{
  int set = open_set (pictures, id), n = sets_count (pictures, id);
  gboolean ok = FALSE;
  if (set < 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "This set of pictures does not exist any more.");
  else if (n >= MAX_PICTURES)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "The maximum is %d pictures in a set.", MAX_PICTURES);
  else if (lseek (fd, 0, SEEK_END) > MAX_BYTES)
    g_set_error (error, RV_ERROR, RV_ERROR_SHAPE, "a training picture may have at most %d MB; make it smaller first",
                 MAX_BYTES >> 20);
  else
    ok = pictures_store (fd, set, error);
  if (set >= 0)
    close (set);
  close (fd);
  return ok;
}
