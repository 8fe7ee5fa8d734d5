/* tensor-file.c -- tensors in a file that may change. */
#include "tensor-file.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct _RvTensorFile {
  int fd;
  char *name;
  guint8 *start; /* start of the mapping; NULL: the file is empty */
  gsize size;
  struct timespec modified;
};

static void
tensor_file_free (gpointer data)
{
  RvTensorFile *file = data;
  if (file->start)
    munmap (file->start, file->size);
  if (file->fd >= 0)
    close (file->fd);
  g_free (file->name);
  g_free (file);
}

/* Sets RV_ERROR_FILE: "cannot open @filename: @why". Returns FALSE. */
static gboolean
cannot_open (const char *filename, const char *why, GError **error)
{
  return rv__error_set (error, RV_ERROR_FILE, "cannot open %s: %s", filename, why);
}

/* Opens file->name and maps it read-only; sets fd, start, size and modified. An empty file has start NULL and is no
 * error. Does not wait for a pipe's writer. FALSE: RV_ERROR_FILE if it is missing, a folder, a pipe or another special
 * file, or cannot be mapped. The caller frees @file by tensor_file_free() in any case. */
static gboolean
open_file (RvTensorFile *file, GError **error)
{
  struct stat info;
  file->fd = open (file->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* does not wait for a pipe's writer */
  if (file->fd < 0 || fstat (file->fd, &info) != 0)
    return cannot_open (file->name, g_strerror (errno), error);
  if (!S_ISREG (info.st_mode))
    return cannot_open (
      file->name, S_ISDIR (info.st_mode) ? "it is a folder" : "not a regular file; copy its contents into one", error);
  file->size = (gsize) info.st_size;
  file->modified = info.st_mtim;
  if (file->size == 0)
    return TRUE;
  void *start = mmap (NULL, file->size, PROT_READ, MAP_PRIVATE, file->fd, 0);
  if (start == MAP_FAILED)
    return cannot_open (file->name, g_strerror (errno), error);
  file->start = start;
  return TRUE;
}

GBytes *
rv__tensor_file_map (const char *filename, const RvTensorFile **file, GError **error)
{
  RvTensorFile *own = g_new0 (RvTensorFile, 1);
  own->fd = -1;
  own->name = g_strdup (filename);
  if (!open_file (own, error)) {
    tensor_file_free (own);
    return NULL;
  }
  *file = own;
  return g_bytes_new_with_free_func (own->start, own->size, tensor_file_free, own);
}

void
rv__tensor_file_attach (const RvTensorFile *file, const RvTensorMap *map)
{
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    RvTensor *tensor = rv_tensor_map_get (map, rv_tensor_map_name (map, i));
    gsize at = (gsize) tensor->data - (gsize) file->start;
    if (tensor->bytes && at < file->size)
      tensor->file = file;
  }
}

/* Sets RV_ERROR_FILE: the file was changed while it was in use. Always returns FALSE, and checks nothing. */
static gboolean
fail_changed (const RvTensorFile *file, GError **error)
{
  return rv__error_set (error, RV_ERROR_FILE, "%s was changed while it was in use; start again once it is complete",
                        file->name);
}

gboolean
rv__tensor_file_check (const RvTensorFile *file, GError **error)
{
  struct stat info;
  if (fstat (file->fd, &info) == 0 && (gsize) info.st_size == file->size &&
      info.st_mtim.tv_sec == file->modified.tv_sec && info.st_mtim.tv_nsec == file->modified.tv_nsec)
    return TRUE;
  return fail_changed (file, error);
}

/* Reads @size bytes from offset @from of the file into @to. FALSE with errno set; errno 0: the file ends too early. */
static gboolean
read_all (int fd, guint8 *to, gsize size, gsize from)
{
  for (gsize done = 0; done < size;) {
    gssize n = pread (fd, to + done, size - done, (off_t) (from + done));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      errno = n < 0 ? errno : 0;
      return FALSE;
    }
    done += (gsize) n;
  }
  return TRUE;
}

gboolean
rv__tensor_read_bytes (const RvTensor *tensor, gsize from, gsize size, void *to, GError **error)
{
  const RvTensorFile *file = tensor->file;
  if (!file && size > 0)
    memcpy (to, (const guint8 *) tensor->data + from, size);
  if (!file || read_all (file->fd, to, size, (gsize) tensor->data - (gsize) file->start + from))
    return TRUE;
  if (!errno)
    return fail_changed (file, error);
  return rv__error_set (error, RV_ERROR_FILE, "cannot read %s: %s", file->name, g_strerror (errno));
}

gboolean
rv__tensor_read_into (const RvTensor *tensor, void *to, GError **error)
{
  return rv__tensor_read_bytes (tensor, 0, rv_tensor_bytes (tensor), to, error) &&
         (!tensor->file || rv__tensor_file_check (tensor->file, error));
}

RvTensor *
rv__tensor_read (const RvTensor *tensor, GError **error)
{
  if (!tensor->file)
    return rv_tensor_ref ((RvTensor *) tensor);
  g_autoptr (RvTensor) own = rv_tensor_new (tensor->type, &tensor->shape, error);
  return own && rv__tensor_read_into (tensor, own->data, error) ? g_steal_pointer (&own) : NULL;
}
