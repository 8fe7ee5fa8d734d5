/* raw-frames.c -- finished raw frames in a file. */
#include "io/video/raw-frames.h"
#include "base/alloc.h"
#include "base/error.h"
#include "io/atomic-file.h"
#include "io/video/video-format.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct RvRawFrames {
  char *name;
  int fd;
  RvVideoInfo info;
  guint8 *frame; /* buffer of frame_bytes bytes; owned */
  gsize frame_bytes;
};

/* Numbers of 16 bits before the colours of a frame, with info->alpha: 1 if the frame has alpha, else 0; then the alpha
 * of each pixel, 0..65535. */
static gsize
count_alpha (const RvVideoInfo *info)
{
  return info->alpha ? 1 + (gsize) info->width * (gsize) info->height : 0;
}

gsize
rv__raw_frame_bytes (const RvVideoInfo *info)
{
  return count_alpha (info) * sizeof (guint16) + rv__video_frame_bytes (info);
}

/* Writes count_alpha() numbers, @n, of @frame to @to. */
static void
pack_alpha (const RvImage *frame, guint16 *to, gsize n)
{
  const float *alpha = frame->alpha ? frame->alpha->data : NULL;
  memset (to, 0, n * sizeof *to);
  for (gsize i = 1; alpha && i < n; i++)
    to[i] = (guint16) (alpha[i - 1] * 65535 + 0.5f);
  if (alpha && n > 0)
    to[0] = 1;
}

/* (transfer full) (nullable): @frame (transfer full) with the alpha that pack_alpha() wrote. */
static RvImage *
unpack_alpha (RvImage *frame, const guint16 *from, gsize n, GError **error)
{
  g_autoptr (RvImage) opaque = frame;
  if (n == 0 || from[0] == 0)
    return g_steal_pointer (&opaque);
  RvShape plane = rv_shape (4, 1, 1, frame->height, frame->width);
  g_autoptr (RvTensor) alpha = rv_tensor_new (RV_F32, &plane, error);
  for (gsize i = 1; alpha && i < n; i++)
    ((float *) alpha->data)[i - 1] = (float) from[i] / 65535;
  return alpha ? rv_image_new_from_planes (frame->rgb, alpha, error) : NULL;
}

void
rv__raw_frames_free (RvRawFrames *file)
{
  if (!file)
    return;
  if (file->fd >= 0)
    close (file->fd);
  rv__free (file->frame);
  g_free (file->name);
  g_free (file);
}

/* Sets RV_ERROR_FILE: "cannot @what NAME" and the text of errno. Returns FALSE. */
static gboolean
fail (const RvRawFrames *file, const char *what, GError **error)
{
  return rv__error_set (error, RV_ERROR_FILE, "cannot %s %s: %s", what, file->name, g_strerror (errno));
}

/* Truncates the file after its first @n frames and sets the position to its end. RV_ERROR_FORMAT: it has fewer frames;
 * RV_ERROR_FILE. */
static gboolean
truncate_frames (RvRawFrames *file, gint64 n, GError **error)
{
  struct stat there;
  off_t size = (off_t) n * (off_t) file->frame_bytes;
  if (fstat (file->fd, &there) != 0)
    return fail (file, "read", error);
  if (there.st_size < size)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s has fewer than the %" G_GINT64_FORMAT " finished frames",
                          file->name, n);
  return (ftruncate (file->fd, size) == 0 && lseek (file->fd, 0, SEEK_END) == size) || fail (file, "write", error);
}

RvRawFrames *
rv__raw_frames_open (const char *filename, const RvVideoInfo *info, gint64 n, GError **error)
{
  RvRawFrames *file = g_new0 (RvRawFrames, 1);
  file->name = g_strdup (filename);
  file->info = *info;
  file->frame_bytes = rv__raw_frame_bytes (info);
  if (n == 0)
    g_unlink (filename); /* may be a link to another file */
  file->fd = open (filename, O_RDWR | O_NOFOLLOW | O_CLOEXEC | (n == 0 ? O_CREAT | O_EXCL : 0), 0666);
  if (file->fd < 0)
    fail (file, "write", error);
  else if ((file->frame = rv__alloc (file->frame_bytes, "a frame", error)) && truncate_frames (file, n, error))
    return file;
  rv__raw_frames_free (file);
  return NULL;
}

gboolean
rv__raw_frames_add (RvRawFrames *file, const RvImage *frame, GError **error)
{
  gsize n_alpha = count_alpha (&file->info);
  pack_alpha (frame, (guint16 *) file->frame, n_alpha);
  rv__video_frame_pack (&file->info, frame, file->frame + n_alpha * sizeof (guint16));
  return rv__write_all (file->fd, file->frame, file->frame_bytes) || fail (file, "write", error);
}

gboolean
rv__raw_frames_sync (RvRawFrames *file, GError **error)
{
  return rv__sync_file (file->fd) || fail (file, "write", error);
}

RvImage *
rv__raw_frames_get (RvRawFrames *file, gint64 k, GError **error)
{
  for (gsize done = 0; done < file->frame_bytes;) {
    gssize got = pread (file->fd, file->frame + done, file->frame_bytes - done,
                        (off_t) k * (off_t) file->frame_bytes + (off_t) done);
    if (got <= 0 && !(got < 0 && errno == EINTR)) {
      if (got == 0)
        errno = ENODATA;
      fail (file, "read", error);
      return NULL;
    }
    done += (gsize) MAX (got, 0);
  }
  gsize n_alpha = count_alpha (&file->info);
  RvImage *frame = rv__video_frame_unpack (&file->info, file->frame + n_alpha * sizeof (guint16), error);
  return frame ? unpack_alpha (frame, (const guint16 *) file->frame, n_alpha, error) : NULL;
}
