/* idx.c -- IDX, the format of MNIST: two zero bytes, the type (8: unsigned bytes), the number of sizes, the sizes as
 * big-endian 32-bit numbers, the data. Plain or gzip. (LeCun, "The MNIST database of handwritten digits".)
 *
 * Memory is taken for as much as the header says, once a file of that size can hold it and so much memory is free; it
 * is unpacked no further than that. */
#include "base/alloc.h"
#include "base/system.h"
#include "base/text.h"
#include "dataset-internal.h"
#include <gio/gio.h>
#include <string.h>

#define TYPE_U8 8
#define MAX_DIMS 3
#define MAX_SIDE 4096
#define MAX_BYTES (G_GUINT64_CONSTANT (1) << 34)
#define GZIP_BEST 1032 /* DEFLATE packs no more bytes than this into one (zlib's technical notes) */

static gboolean
damaged (const char *name, const char *what, GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s: %s", name, what);
  return FALSE;
}

static gsize
header_bytes (int n_dims)
{
  return 4 + 4 * (gsize) n_dims;
}

/* The header alone: sizes, and how many bytes of data must follow. */
static gboolean
parse_header (const char *name, const guint8 *bytes, gsize size, int n_dims, gint64 *dims, guint64 *n, GError **error)
{
  static const char *const kinds[] = { [1] = "labels", [3] = "pictures" };
  if (size < 4 || bytes[0] != 0 || bytes[1] != 0)
    return damaged (name, "it is no IDX file", error);
  if (bytes[2] != TYPE_U8 || bytes[3] != n_dims) {
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT,
                 "%s: it is no IDX file of %s: its magic number is 0x%02x%02x, not 0x08%02x", name, kinds[n_dims],
                 bytes[2], bytes[3], n_dims);
    return FALSE;
  }
  if (size < header_bytes (n_dims))
    return damaged (name, "it ends within its header", error);
  *n = 1;
  for (int i = 0; i < n_dims; i++) {
    guint32 dim;
    memcpy (&dim, bytes + 4 + 4 * i, sizeof dim);
    dims[i] = GUINT32_FROM_BE (dim);
    if (dims[i] == 0 || (i > 0 && dims[i] > MAX_SIDE) || *n > MAX_BYTES / (guint64) dims[i])
      return damaged (name, "its header gives sizes that cannot be", error);
    *n *= (guint64) dims[i];
  }
  return TRUE;
}

static gboolean
check_size (const char *name, guint64 promised, guint64 there, GError **error)
{
  if (there == promised)
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT,
               "%s: its header promises %" G_GUINT64_FORMAT " bytes of data, but %s%" G_GUINT64_FORMAT " follow", name,
               promised, there > promised ? "at least " : "", there);
  return FALSE;
}

const guint8 *
rv__dataset_parse_idx (const char *name, const guint8 *bytes, gsize size, int n_dims, gint64 *dims, GError **error)
{
  guint64 n;
  gsize header = header_bytes (n_dims);
  return parse_header (name, bytes, size, n_dims, dims, &n, error) && check_size (name, n, size - header, error)
           ? bytes + header
           : NULL;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* *most: how many bytes it can hold, unpacked. */
static GInputStream *
open_stream (const char *filename, guint64 *most, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (filename);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFileInputStream) raw = g_file_read (file, NULL, &reason);
  g_autoptr (GFileInfo) info =
    raw ? g_file_input_stream_query_info (raw, G_FILE_ATTRIBUTE_STANDARD_SIZE, NULL, &reason) : NULL;
  guint8 magic[2] = { 0 };
  gsize got = 0;
  if (!info || !g_input_stream_read_all (G_INPUT_STREAM (raw), magic, sizeof magic, &got, NULL, &reason) ||
      !g_seekable_seek (G_SEEKABLE (raw), 0, G_SEEK_SET, NULL, &reason)) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot read %s: %s", filename, reason->message);
    return NULL;
  }
  *most = (guint64) g_file_info_get_size (info);
  if (magic[0] != 0x1f || magic[1] != 0x8b)
    return G_INPUT_STREAM (g_steal_pointer (&raw));
  *most *= GZIP_BEST;
  g_autoptr (GZlibDecompressor) unzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  return g_converter_input_stream_new (G_INPUT_STREAM (raw), G_CONVERTER (unzip));
}

/* A file that is read. */
typedef struct {
  const char *filename;
  GInputStream *stream;
  GCancellable *cancellable; /* NULL: nobody cancels */
} Source;

/* Its next @n bytes, or as many as there are: *got. */
static gboolean
read_up_to (const Source *source, guint8 *bytes, guint64 n, gsize *got, GError **error)
{
  g_autoptr (GError) reason = NULL;
  if (g_input_stream_read_all (source->stream, bytes, (gsize) n, got, source->cancellable, &reason))
    return TRUE;
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_CANCELLED, "cancelled");
    return FALSE;
  }
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s: its gzip data are damaged or cut off: %s", source->filename,
               reason->message);
  return FALSE;
}

/* Memory for @n bytes of data. */
static guint8 *
room_for (const char *filename, guint64 n, guint64 most, GError **error)
{
  gsize free_bytes = rv__system_free_bytes ();
  if (n > most) {
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT,
                 "%s: its header promises %" G_GUINT64_FORMAT " bytes of data, but a file of its size can hold no more "
                 "than %" G_GUINT64_FORMAT,
                 filename, n, most);
    return NULL;
  }
  if (free_bytes > 0 && n > free_bytes) {
    g_autofree char *wanted = rv_text_bytes ((gsize) n), *there = rv_text_bytes (free_bytes);
    g_set_error (error, RV_ERROR, RV_ERROR_MEMORY, "%s: it takes %s of memory, and %s are free", filename, wanted,
                 there);
    return NULL;
  }
  return rv__alloc ((gsize) n, filename, error);
}

/* The data of a whole file, without its header; free with rv__free(). */
static guint8 *
read_data (const char *filename, int n_dims, gint64 *dims, GCancellable *cancellable, GError **error)
{
  guint64 n, most = 0;
  gsize got, more;
  guint8 header[4 + 4 * MAX_DIMS], beyond;
  g_autoptr (GInputStream) stream = open_stream (filename, &most, error);
  const Source source = { filename, stream, cancellable };
  if (!stream || !read_up_to (&source, header, header_bytes (n_dims), &got, error) ||
      !parse_header (filename, header, got, n_dims, dims, &n, error))
    return NULL;
  guint8 *data = room_for (filename, n, most, error);
  if (data && read_up_to (&source, data, n, &got, error) &&
      read_up_to (&source, &beyond, sizeof beyond, &more, error) &&
      check_size (filename, n, (guint64) got + more, error))
    return data;
  rv__free (data);
  return NULL;
}

RvDataset *
rv__dataset_read_idx (const char *pictures, const char *labels, GCancellable *cancellable, GError **error)
{
  gint64 dims[MAX_DIMS], n_labels[1] = { 0 };
  g_autoptr (guint8) pixels = read_data (pictures, 3, dims, cancellable, error);
  g_autoptr (guint8) names = pixels && labels ? read_data (labels, 1, n_labels, cancellable, error) : NULL;
  if (!pixels || (labels && !names))
    return NULL;
  if (labels && n_labels[0] != dims[0]) {
    g_set_error (error, RV_ERROR, RV_ERROR_FORMAT,
                 "%s has %" G_GINT64_FORMAT " labels for the %" G_GINT64_FORMAT " pictures of %s", labels, n_labels[0],
                 dims[0], pictures);
    return NULL;
  }
  RvDataset *dataset = g_new0 (RvDataset, 1);
  *dataset = (RvDataset){ .n = dims[0],
                          .channels = 1,
                          .height = (int) dims[1],
                          .width = (int) dims[2],
                          .pixels = g_steal_pointer (&pixels),
                          .labels = g_steal_pointer (&names),
                          .name = g_strdup (pictures) };
  return dataset;
}
