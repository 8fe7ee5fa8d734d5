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
#define UNKNOWN 1e10f
#define KNOWN_BELOW 1e9f

typedef struct {
  char magic[4];
  guint32 width, height;
} Header;

/* @value, or @unknown if @value is NaN or its magnitude is KNOWN_BELOW or more. */
static float
known (float value, float unknown)
{
  return fabsf (value) < KNOWN_BELOW ? value : unknown;
}

/* Sets RV_ERROR_FORMAT: "@filename is a damaged .flo: @what". Returns NULL. */
static RvTensor *
damaged (const char *filename, const char *what, GError **error)
{
  return rv__error_null (error, RV_ERROR_FORMAT, "%s is a damaged .flo: %s", filename, what);
}

/* (transfer full) (nullable): the flow of a .flo, read from its start. f32 [1, 2, height, width], px, to the right,
 * then down; stored numbers of 1e9 or more become NaN. The caller closes @file. NULL: RV_ERROR_FILE if reading
 * fails; RV_ERROR_FORMAT if the header is missing, is wrong, or does not match the file's length. @filename: for errors
 * only. */
static RvTensor *
read_flow (FILE *file, const char *filename, GError **error)
{
  Header header;
  struct stat info;
  if (fstat (fileno (file), &info) != 0)
    return rv__error_null (error, RV_ERROR_FILE, "cannot read %s: %s", filename, g_strerror (errno));
  if (fread (&header, sizeof header, 1, file) < 1 || memcmp (header.magic, MAGIC, sizeof header.magic) != 0)
    return damaged (filename, "it has no header", error);
  gint64 height = header.height, width = header.width;
  if (width < 1 || height < 1 || width > RV_FLOW_MAX_SIDE || height > RV_FLOW_MAX_SIDE)
    return damaged (filename, "its size is impossible", error);
  if (info.st_size != (goffset) sizeof header + 8 * width * height)
    return damaged (filename, "its bytes do not match its size", error);
  RvShape shape = rv_shape (4, 1, 2, (int) height, (int) width);
  g_autoptr (RvTensor) flow = rv_tensor_new (RV_F32, &shape, error);
  g_autofree float *row = g_new (float, 2 * width);
  float *u = flow ? flow->data : NULL;
  for (gint64 y = 0; flow && y < height; y++) {
    if (fread (row, 8, (gsize) width, file) < (gsize) width)
      return rv__error_null (error, RV_ERROR_FILE, "cannot read %s: %s", filename,
                             ferror (file) ? g_strerror (errno) : "it became shorter");
    for (gint64 x = 0; x < width; x++) {
      u[y * width + x] = known (row[2 * x], NAN);
      u[(height + y) * width + x] = known (row[2 * x + 1], NAN);
    }
  }
  return g_steal_pointer (&flow);
}

/* RvFlowFormat.load for .flo. (transfer full) (nullable): f32 [1, 2, height, width], px; NaN: unknown. RV_ERROR_FILE if
 * the file cannot be opened. */
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
 * width], px, checked by rv_flow_file_save(). TRUE: @filename has the flow. RV_ERROR_FILE: writing failed, and an
 * old file is unchanged. */
static gboolean
flo_save (const RvTensor *flow, const char *filename, gboolean replace, GError **error)
{
  gint64 height = flow->shape.dim[2], width = flow->shape.dim[3];
  const float *u = flow->data;
  g_autofree float *row = g_new (float, 2 * width);
  Header header = { .width = (guint32) width, .height = (guint32) height };
  RvAtomicFile file;
  if (!rv__atomic_file_open (&file, filename, replace, error))
    return FALSE;
  memcpy (header.magic, MAGIC, sizeof header.magic);
  gboolean ok = rv__write_all (file.fd, &header, sizeof header);
  for (gint64 y = 0; ok && y < height; y++) {
    for (gint64 x = 0; x < width; x++) {
      row[2 * x] = known (u[y * width + x], UNKNOWN);
      row[2 * x + 1] = known (u[(height + y) * width + x], UNKNOWN);
    }
    ok = rv__write_all (file.fd, row, (gsize) width * 8);
  }
  return ok ? rv__atomic_file_commit (&file, error) : rv__atomic_file_fail (&file, error);
}

const RvFlowFormat rv__flow_flo = { ".flo", MAGIC, flo_load, flo_save };
