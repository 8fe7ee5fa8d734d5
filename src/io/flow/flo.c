/* flo.c -- Middlebury's .flo: "PIEH", width and height as 32-bit integers, then u and v of each pixel as f32, rows from
 * the top, all little-endian. A value above 1e9 is unknown. vision.middlebury.edu/flow/code/flow-code/README.txt */
#include "flow-format.h"
#include "io/atomic-file.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "PIEH"
#define HEADER_BYTES 12
#define UNKNOWN 1e10f
#define KNOWN_BELOW 1e9f

static float
get_f32 (const guint8 *from)
{
  guint32 bits;
  float value;
  memcpy (&bits, from, sizeof bits);
  bits = GUINT32_FROM_LE (bits);
  memcpy (&value, &bits, sizeof value);
  return fabsf (value) < KNOWN_BELOW ? value : NAN;
}

static void
put_f32 (guint8 *to, float value)
{
  guint32 bits;
  value = fabsf (value) < KNOWN_BELOW ? value : UNKNOWN;
  memcpy (&bits, &value, sizeof bits);
  bits = GUINT32_TO_LE (bits);
  memcpy (to, &bits, sizeof bits);
}

static gint64
get_size (const guint8 *from)
{
  guint32 size;
  memcpy (&size, from, sizeof size);
  return GUINT32_FROM_LE (size);
}

static void
put_size (guint8 *to, gint64 value)
{
  guint32 size = GUINT32_TO_LE ((guint32) value);
  memcpy (to, &size, sizeof size);
}

/* Reads exactly @size bytes. FALSE with errno set; 0: the file ended. */
static gboolean
read_all (int fd, guint8 *to, gsize size)
{
  while (size > 0) {
    gssize n = read (fd, to, MIN (size, (gsize) 1 << 30));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      errno = n == 0 ? 0 : errno;
      return FALSE;
    }
    to += n, size -= (gsize) n;
  }
  return TRUE;
}

static gboolean
damaged (const char *filename, const char *what, GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s is a damaged .flo: %s", filename, what);
  return FALSE;
}

/* Reads the header at the start of @fd, and checks that the file has exactly the bytes of its size. RV_ERROR_FILE if it
 * is no regular file, such as a pipe; RV_ERROR_FORMAT, also if reading fails. */
static gboolean
read_header (int fd, const char *filename, gint64 *height, gint64 *width, GError **error)
{
  guint8 header[HEADER_BYTES];
  struct stat info;
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode)) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s: cannot be read: not a regular file; copy its contents into one",
                 filename);
    return FALSE;
  }
  if (!read_all (fd, header, sizeof header) || memcmp (header, MAGIC, strlen (MAGIC)) != 0)
    return damaged (filename, "it has no header", error);
  *width = get_size (header + 4), *height = get_size (header + 8);
  if (*width < 1 || *height < 1 || *width > RV_FLOW_MAX_SIDE || *height > RV_FLOW_MAX_SIDE)
    return damaged (filename, "its size is impossible", error);
  if (info.st_size != HEADER_BYTES + 8 * *width * *height)
    return damaged (filename, "its bytes do not match its size", error);
  return TRUE;
}

/* (transfer full) (nullable): f32 [1, 2, height, width]; unknown vectors are NaN. RV_ERROR_FILE, RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY. */
static RvTensor *
read_flow (int fd, const char *filename, GError **error)
{
  gint64 height, width;
  if (!read_header (fd, filename, &height, &width, error))
    return NULL;
  RvShape shape = rv_shape (4, 1, 2, (int) height, (int) width);
  g_autoptr (RvTensor) flow = rv_tensor_new (RV_F32, &shape, error);
  g_autofree guint8 *row = g_malloc ((gsize) width * 8);
  float *u = flow ? flow->data : NULL;
  for (gint64 y = 0; flow && y < height; y++) {
    if (!read_all (fd, row, (gsize) width * 8)) {
      g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot read %s: %s", filename,
                   errno ? g_strerror (errno) : "it became shorter");
      return NULL;
    }
    for (gint64 x = 0; x < width; x++) {
      u[y * width + x] = get_f32 (row + 8 * x);
      u[(height + y) * width + x] = get_f32 (row + 8 * x + 4);
    }
  }
  return g_steal_pointer (&flow);
}

static RvTensor *
flo_load (const char *filename, GError **error)
{
  int fd = open (filename, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* does not wait for a pipe's writer */
  if (fd < 0) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot open %s: %s", filename, g_strerror (errno));
    return NULL;
  }
  RvTensor *flow = read_flow (fd, filename, error);
  close (fd);
  return flow;
}

/* RvFlowFormat.save. @flow: f32 [1, 2, height, width], px; NaN is stored as unknown. @replace as in rv_weights_save().
 * RV_ERROR_FILE. */
static gboolean
flo_save (const RvTensor *flow, const char *filename, gboolean replace, GError **error)
{
  gint64 height = flow->shape.dim[2], width = flow->shape.dim[3];
  const float *u = flow->data;
  g_autofree guint8 *row = g_malloc (MAX ((gsize) width * 8, HEADER_BYTES));
  RvAtomicFile file;
  if (!rv__atomic_file_open (&file, filename, replace, error))
    return FALSE;
  memcpy (row, MAGIC, strlen (MAGIC));
  put_size (row + 4, width);
  put_size (row + 8, height);
  gboolean ok = rv__write_all (file.fd, row, HEADER_BYTES);
  for (gint64 y = 0; ok && y < height; y++) {
    for (gint64 x = 0; x < width; x++) {
      put_f32 (row + 8 * x, u[y * width + x]);
      put_f32 (row + 8 * x + 4, u[(height + y) * width + x]);
    }
    ok = rv__write_all (file.fd, row, (gsize) width * 8);
  }
  return ok ? rv__atomic_file_commit (&file, error) : rv__atomic_file_fail (&file, error);
}

const RvFlowFormat rv__flow_flo = { ".flo", MAGIC, flo_load, flo_save };
