/* idx.c -- IDX, the format of MNIST: two zero bytes, the type (8: unsigned bytes), the number of sizes, the sizes as
 * big-endian 32-bit numbers, the data. Plain or gzip. (LeCun, "The MNIST database of handwritten digits".)
 *
 * A file is unpacked only as far as its header says, so that a small file cannot ask for much memory. */
#include "base/alloc.h"
#include "dataset-internal.h"
#include <gio/gio.h>
#include <string.h>

#define TYPE_U8 8
#define MAX_SIDE 4096
#define MAX_BYTES (G_GUINT64_CONSTANT (1) << 34)
#define CHUNK_BYTES (1 << 20)

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

const guint8 *
rv__dataset_parse_idx (const char *name, const guint8 *bytes, gsize size, int n_dims, gint64 *dims, GError **error)
{
  guint64 n;
  if (!parse_header (name, bytes, size, n_dims, dims, &n, error))
    return NULL;
  gsize there = size - header_bytes (n_dims);
  if (there == n)
    return bytes + header_bytes (n_dims);
  g_set_error (error, RV_ERROR, RV_ERROR_FORMAT,
               "%s: its header promises %" G_GUINT64_FORMAT " bytes of data, but %s%" G_GSIZE_FORMAT " follow", name, n,
               there > n ? "at least " : "", there);
  return NULL;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static GInputStream *
open_stream (const char *filename, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (filename);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFileInputStream) raw = g_file_read (file, NULL, &reason);
  guint8 magic[2] = { 0 };
  gsize got = 0;
  if (!raw || !g_input_stream_read_all (G_INPUT_STREAM (raw), magic, sizeof magic, &got, NULL, &reason) ||
      !g_seekable_seek (G_SEEKABLE (raw), 0, G_SEEK_SET, NULL, &reason)) {
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "cannot read %s: %s", filename, reason->message);
    return NULL;
  }
  if (magic[0] != 0x1f || magic[1] != 0x8b)
    return G_INPUT_STREAM (g_steal_pointer (&raw));
  g_autoptr (GZlibDecompressor) unzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  return g_converter_input_stream_new (G_INPUT_STREAM (raw), G_CONVERTER (unzip));
}

/* Adds up to @n bytes of the stream, chunk by chunk: what is promised is not what is allocated. */
static gboolean
read_more (GInputStream *stream, const char *filename, GByteArray *bytes, guint64 n, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  g_autoptr (GError) reason = NULL;
  while (n > 0) {
    gssize got = g_input_stream_read (stream, chunk, (gsize) MIN (n, CHUNK_BYTES), NULL, &reason);
    if (got < 0) {
      g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "%s: its gzip data are damaged or cut off: %s", filename,
                   reason->message);
      return FALSE;
    }
    if (got == 0)
      return TRUE;
    g_byte_array_append (bytes, chunk, (guint) got);
    n -= (guint64) got;
  }
  return TRUE;
}

/* The data of a whole file, without its header. */
static guint8 *
read_data (const char *filename, int n_dims, gint64 *dims, GError **error)
{
  guint64 n;
  g_autoptr (GInputStream) stream = open_stream (filename, error);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  if (!stream || !read_more (stream, filename, bytes, header_bytes (n_dims), error) ||
      !parse_header (filename, bytes->data, bytes->len, n_dims, dims, &n, error))
    return NULL;
  if (n + header_bytes (n_dims) > G_MAXUINT) {
    damaged (filename, "it is larger than 4 GB", error);
    return NULL;
  }
  if (!read_more (stream, filename, bytes, n + 1, error)) /* and one byte that must not be there */
    return NULL;
  const guint8 *data = rv__dataset_parse_idx (filename, bytes->data, bytes->len, n_dims, dims, error);
  return data ? g_memdup2 (data, (gsize) n) : NULL;
}

RvDataset *
rv__dataset_read_idx (const char *pictures, const char *labels, GError **error)
{
  gint64 dims[3], n_labels[1] = { 0 };
  g_autofree guint8 *pixels = read_data (pictures, 3, dims, error);
  g_autofree guint8 *names = pixels && labels ? read_data (labels, 1, n_labels, error) : NULL;
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
