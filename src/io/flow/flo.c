/* flo.c -- Middlebury's .flo: "PIEH", width, height as 32-bit integers, then u and v of each pixel as f32, rows from
 * the top, all little-endian. A value above 1e9 is unknown. vision.middlebury.edu/flow/code/flow-code/README.txt */
#include "flow-format.h"
#include "base/error.h"
#include "io/atomic-file.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAGIC "PIEH"
#define HEADER_BYTES 12
#define UNKNOWN 1e10f
#define KNOWN_BELOW 1e9f

static guint32
get_u32 (const guint8 *from)
{
  guint32 bits;
  memcpy (&bits, from, sizeof bits);
  return GUINT32_FROM_LE (bits);
}

static void
put_u32 (guint8 *to, guint32 bits)
{
  bits = GUINT32_TO_LE (bits);
  memcpy (to, &bits, sizeof bits);
}

static float
get_f32 (const guint8 *from)
{
  guint32 bits = get_u32 (from);
  float value;
  memcpy (&value, &bits, sizeof value);
  return fabsf (value) < KNOWN_BELOW ? value : NAN;
}

static void
put_f32 (guint8 *to, float value)
{
  guint32 bits;
  value = fabsf (value) < KNOWN_BELOW ? value : UNKNOWN;
  memcpy (&bits, &value, sizeof bits);
  put_u32 (to, bits);
}

static gboolean
damaged (const char *filename, const char *what, GError **error)
{
  return rv__error_set (error, RV_ERROR_FORMAT, "%s is a damaged .flo: %s", filename, what);
}

/* Reads the header at the start of @file and stops after it. Sets the sizes in px, 1 to RV_FLOW_MAX_SIDE. FALSE:
 * RV_ERROR_FILE unless it is a regular file; RV_ERROR_FORMAT if the header cannot be read, is wrong, or does not match
 * the file's length. @height and @width may then be set. The caller closes @file. @filename: for errors only. */
static gboolean
read_header (FILE *file, const char *filename, gint64 *height, gint64 *width, GError **error)
{
  guint8 header[HEADER_BYTES];
  struct stat info;
  if (fstat (fileno (file), &info) != 0 || !S_ISREG (info.st_mode))
    return rv__error_set (error, RV_ERROR_FILE, "%s: cannot be read: not a regular file; copy its contents into one",
                          filename);
  if (fread (header, 1, sizeof header, file) < sizeof header || memcmp (header, MAGIC, strlen (MAGIC)) != 0)
    return damaged (filename, "it has no header", error);
  *width = get_u32 (header + 4), *height = get_u32 (header + 8);
  if (*width < 1 || *height < 1 || *width > RV_FLOW_MAX_SIDE || *height > RV_FLOW_MAX_SIDE)
    return damaged (filename, "its size is impossible", error);
  if (info.st_size != HEADER_BYTES + 8 * *width * *height)
    return damaged (filename, "its bytes do not match its size", error);
  return TRUE;
}

/* (transfer full) (nullable): the flow of a .flo, read from its start. f32 [1, 2, height, width], px, to the right,
 * then down; stored numbers of 1e9 or more become NaN. The caller closes @file. NULL: RV_ERROR_FILE, also for a pipe
 * and a failed read; RV_ERROR_FORMAT for a damaged file; RV_ERROR_MEMORY. @filename: for errors only. */
static RvTensor *
read_flow (FILE *file, const char *filename, GError **error)
{
  gint64 height = 0, width = 0;
  if (!read_header (file, filename, &height, &width, error))
    return NULL;
  RvShape shape = rv_shape (4, 1, 2, (int) height, (int) width);
  g_autoptr (RvTensor) flow = rv_tensor_new (RV_F32, &shape, error);
  g_autofree guint8 *row = g_malloc ((gsize) width * 8);
  float *u = flow ? flow->data : NULL;
  for (gint64 y = 0; flow && y < height; y++) {
    if (fread (row, 8, (gsize) width, file) < (gsize) width)
      return rv__error_null (error, RV_ERROR_FILE, "cannot read %s: %s", filename,
                             ferror (file) ? g_strerror (errno) : "it became shorter");
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
  FILE *file = fopen (filename, "rbe");
  if (!file)
    return rv__error_null (error, RV_ERROR_FILE, "cannot open %s: %s", filename, g_strerror (errno));
  RvTensor *flow = read_flow (file, filename, error);
  fclose (file);
  return flow;
}

/* RvFlowFormat.save for .flo: stores NaN, and numbers of magnitude 1e9 or more, as 1e10. @flow: f32 [1, 2, height,
 * width], px, checked by rv_flow_file_save(). Without @replace an existing file stays: FALSE, and RV_ERROR_FILE gives
 * the other name of the result. Other failures: FALSE and RV_ERROR_FILE; the old file is unchanged. */
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
  put_u32 (row + 4, (guint32) width);
  put_u32 (row + 8, (guint32) height);
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
