/* sets.c -- sets of training pictures: a folder for each, named by its id, with files named by their SHA-256. */
#include "sets.h"
#include <fcntl.h>
#include <reverie/error.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SETS 8
#define MAX_PICTURES 5000
#define MAX_BYTES (2 << 20) /* size of one picture: training uses small ones */
#define SETS "sets"

/* Descriptor of the folder of all sets, created if missing; the caller closes it. -1 with errno. */
static int
open_sets (const Pictures *pictures)
{
  mkdirat (pictures_hidden_folder (pictures), SETS, 0700);
  return openat (pictures_hidden_folder (pictures), SETS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Descriptor of the folder of the set @id, any text; the caller closes it. -1: no such set. */
static int
open_set (const Pictures *pictures, const char *id)
{
  int sets = guard_is_token (id) ? open_sets (pictures) : -1;
  int set = sets < 0 ? -1 : openat (sets, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (sets >= 0)
    close (sets);
  return set;
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
  g_autofree char *name = set < 0 ? NULL : g_strconcat (SETS "/", id, NULL);
  if (set >= 0)
    close (set);
  return name ? pictures_hidden_path (pictures, name) : NULL;
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
  int set = open_set (pictures, id), sets = open_sets (pictures);
  g_autoptr (GPtrArray) names = pictures_names (set);
  for (guint i = 0; set >= 0 && i < names->len; i++)
    unlinkat (set, names->pdata[i], 0);
  if (set >= 0) {
    unlinkat (sets, id, AT_REMOVEDIR);
    close (set);
  }
  if (sets >= 0)
    close (sets);
}

/* ---- new sets ---------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the id of @names, not in @used, whose folder in @sets, a descriptor, has been unchanged
 * for longest. NULL: all are in use. */
static char *
find_oldest (int sets, const GPtrArray *names, GHashTable *used)
{
  const char *found = NULL;
  gint64 since = G_MAXINT64;
  for (guint i = 0; i < names->len; i++) {
    struct stat info;
    if (g_hash_table_contains (used, names->pdata[i]) || !guard_is_token (names->pdata[i]) ||
        fstatat (sets, names->pdata[i], &info, AT_SYMLINK_NOFOLLOW) != 0 || info.st_mtim.tv_sec >= since)
      continue;
    since = info.st_mtim.tv_sec;
    found = names->pdata[i];
  }
  return g_strdup (found);
}

/* Deletes the oldest set that is not in @used, a set of ids, if there are MAX_SETS already. FALSE:
 * G_IO_ERROR_WOULD_BLOCK, all are used; G_IO_ERROR_NO_SPACE, the folder of sets cannot be written. */
static gboolean
make_space (Pictures *pictures, GHashTable *used, GError **error)
{
  int sets = open_sets (pictures);
  if (sets < 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The studio cannot write to its folder.");
    return FALSE;
  }
  g_autoptr (GPtrArray) names = pictures_names (sets);
  gboolean full = names->len >= MAX_SETS;
  g_autofree char *id = full ? find_oldest (sets, names, used) : NULL;
  close (sets);
  if (!full)
    return TRUE;
  if (id)
    sets_delete (pictures, id);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
                 "%d sets of pictures are in use, the maximum. Try again when a training is done.", MAX_SETS);
  return id != NULL;
}

char *
sets_new (Pictures *pictures, GHashTable *used, GError **error)
{
  char id[TOKEN_LENGTH + 1];
  if (!make_space (pictures, used, error))
    return NULL;
  guard_new_token (id);
  int sets = open_sets (pictures), failed = sets < 0 || mkdirat (sets, id, 0700) != 0;
  if (sets >= 0)
    close (sets);
  if (!failed)
    return g_strdup (id);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The studio cannot write to its folder.");
  return NULL;
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
