/* idx.c -- IDX, the format of MNIST: two zero bytes, the type (8: unsigned bytes), the number of sizes, the sizes as
 * big-endian 32-bit numbers, the data. Plain or gzip. (LeCun, "The MNIST database of handwritten digits".)
 *
 * Memory is allocated by the header's sizes, once they fit the file's size and the free memory. At most one byte more
 * is unpacked. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/system.h"
#include "base/text.h"
#include "dataset-internal.h"
#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define TYPE_U8 8
#define MAX_DIMS 3
#define MAX_SIDE 4096
#define MAX_COUNT 100000000 /* pictures or labels: lists of numbers for each take less than 1 GB */
#define MAX_BYTES (G_GUINT64_CONSTANT (1) << 34)
#define MAX_GZIP_RATIO 1032 /* DEFLATE's maximum ratio (zlib's technical notes) */

/* Sets RV_ERROR_FORMAT: "@name: @what". Returns FALSE. */
static gboolean
damaged (const char *name, const char *what, GError **error)
{
  return rv__error_set (error, RV_ERROR_FORMAT, "%s: %s", name, what);
}

static gsize
header_bytes (int n_dims)
{
  return 4 + 4 * (gsize) n_dims;
}

/* Parses the header at the start of @bytes, which may go on with data. Sets @n_dims sizes in @dims, first the number of
 * pictures or labels, and *n to their product, the bytes of data that must follow. FALSE and RV_ERROR_FORMAT: @size
 * cuts the header off, another type or number of sizes, a size of 0, or one above MAX_COUNT, MAX_SIDE or MAX_BYTES.
 * @dims and *n may then be set. */
static gboolean
parse_header (const char *name, const guint8 *bytes, gsize size, int n_dims, gint64 *dims, guint64 *n, GError **error)
{
  static const char *const kinds[] = { [1] = "labels", [3] = "pictures" };
  if (size < 4 || bytes[0] != 0 || bytes[1] != 0)
    return damaged (name, "it is no IDX file", error);
  if (bytes[2] != TYPE_U8 || bytes[3] != n_dims)
    return rv__error_set (error, RV_ERROR_FORMAT,
                          "%s: it is no IDX file of %s: its magic number is 0x%02x%02x, not 0x08%02x", name,
                          kinds[n_dims], bytes[2], bytes[3], n_dims);
  if (size < header_bytes (n_dims))
    return damaged (name, "it ends within its header", error);
  *n = 1;
  for (int i = 0; i < n_dims; i++) {
    guint32 dim;
    memcpy (&dim, bytes + 4 + 4 * i, sizeof dim);
    dims[i] = GUINT32_FROM_BE (dim);
    if (dims[i] == 0 || dims[i] > (i > 0 ? MAX_SIDE : MAX_COUNT) || *n > MAX_BYTES / (guint64) dims[i])
      return damaged (name, "its header has impossible sizes", error);
    *n *= (guint64) dims[i];
  }
  return TRUE;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* Open file. A gzip file may have several members and padding at its end. */
typedef struct {
  const char *filename;
  GInputStream *stream;
  GConverter *unzip; /* NULL: not gzip */
  GCancellable *cancellable;
  guint8 packed[16384]; /* buffer with n_packed bytes, of which `at` are used */
  gsize n_packed, at;
  gboolean has_ended;
} Source;

static gboolean
is_gzip (const guint8 *bytes, gsize n)
{
  return n >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/* Moves unused bytes to the start of the buffer and fills the rest from the file, up to its end. FALSE with GIO's
 * error. */
static gboolean
fill_buffer (Source *source, GError **error)
{
  gsize got, left = source->n_packed - source->at;
  memmove (source->packed, source->packed + source->at, left);
  gboolean ok = g_input_stream_read_all (source->stream, source->packed + left, sizeof source->packed - left, &got,
                                         source->cancellable, error);
  source->n_packed = left + got;
  source->at = 0;
  return ok;
}

/* Opens source->filename as source->stream, fills the buffer, and creates source->unzip for gzip. *max_bytes: an upper
 * bound of the unpacked bytes of the file. FALSE and RV_ERROR_FILE if it cannot be opened or read. The caller clears
 * both in any case. */
static gboolean
open_source (Source *source, guint64 *max_bytes, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (source->filename);
  g_autoptr (GError) reason = NULL;
  source->stream = (GInputStream *) g_file_read (file, NULL, &reason);
  g_autoptr (GFileInfo) info = source->stream
                                 ? g_file_input_stream_query_info (G_FILE_INPUT_STREAM (source->stream),
                                                                   G_FILE_ATTRIBUTE_STANDARD_SIZE, NULL, &reason)
                                 : NULL;
  if (!source->stream && g_access (source->filename, R_OK) != 0) /* reason->message would name the file twice */
    return rv__error_set (error, RV_ERROR_FILE, "cannot read %s: %s", source->filename, g_strerror (errno));
  if (!info || !fill_buffer (source, &reason))
    return rv__error_set (error, RV_ERROR_FILE, "cannot read %s: %s", source->filename, reason->message);
  *max_bytes = (guint64) g_file_info_get_size (info);
  if (is_gzip (source->packed, source->n_packed)) {
    *max_bytes *= MAX_GZIP_RATIO;
    source->unzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  }
  return TRUE;
}

/* Unpacks some of the next bytes of a gzip file, 0 to @n, into @bytes; *written: their number. Sets source->has_ended
 * after the last member; padding after it is ignored. FALSE: GIO's error for damaged or cut data, a failed read or
 * cancelling. */
static gboolean
unpack (Source *source, guint8 *bytes, gsize n, gsize *written, GError **error)
{
  gsize used = 0, left;
  *written = 0;
  if (!fill_buffer (source, error))
    return FALSE;
  gboolean last = source->n_packed < sizeof source->packed;
  GConverterResult result =
    g_converter_convert (source->unzip, source->packed, source->n_packed, bytes, n,
                         last ? G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS, &used, written, error);
  source->at = used;
  if (result != G_CONVERTER_FINISHED)
    return result != G_CONVERTER_ERROR;
  if (!fill_buffer (source, error))
    return FALSE;
  left = source->n_packed - source->at;
  source->has_ended = !is_gzip (source->packed + source->at, left);
  g_converter_reset (source->unzip);
  return TRUE;
}

/* Copies the next @n bytes of a file without gzip to @bytes. *written: @n, or fewer at its end or after an error;
 * source->has_ended is set only then. FALSE with GIO's error. */
static gboolean
copy_plain (Source *source, guint8 *bytes, gsize n, gsize *written, GError **error)
{
  *written = MIN (n, source->n_packed - source->at);
  memcpy (bytes, source->packed + source->at, *written);
  source->at += *written;
  gsize more = 0;
  gboolean ok = *written == n || g_input_stream_read_all (source->stream, bytes + *written, n - *written, &more,
                                                          source->cancellable, error);
  *written += more;
  source->has_ended = *written < n;
  return ok;
}

/* Reads the next @n unpacked bytes of the file; *got: fewer only at its end, which is no error. FALSE: RV_ERROR_FORMAT
 * for damaged gzip data; RV_ERROR_FILE if a plain file cannot be read; RV_ERROR_CANCELLED by source->cancellable. *got
 * is then undefined. */
static gboolean
read_up_to (Source *source, guint8 *bytes, guint64 n, gsize *got, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gsize written;
  for (*got = 0; *got < n && !source->has_ended && !reason; *got += written)
    if (source->unzip)
      unpack (source, bytes + *got, (gsize) n - *got, &written, &reason);
    else
      copy_plain (source, bytes + *got, (gsize) n - *got, &written, &reason);
  if (!reason)
    return TRUE;
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return rv__error_set (error, RV_ERROR_CANCELLED, "cancelled");
  if (!source->unzip)
    return rv__error_set (error, RV_ERROR_FILE, "cannot read %s: %s", source->filename, reason->message);
  return rv__error_set (error, RV_ERROR_FORMAT, "%s: its gzip data are damaged or cut off: %s", source->filename,
                        reason->message);
}

/* (transfer full: rv__free()) (nullable): zeroed memory for @n bytes of data. NULL: RV_ERROR_FORMAT above @max_bytes,
 * the most that a file of this size can hold; RV_ERROR_MEMORY if @n exceeds the free memory. */
static guint8 *
alloc_data (const char *filename, guint64 n, guint64 max_bytes, GError **error)
{
  gsize free_bytes = rv__system_free_bytes ();
  if (n > max_bytes)
    return rv__error_null (error, RV_ERROR_FORMAT,
                           "%s: its header states %" G_GUINT64_FORMAT
                           " bytes of data, but a file of its size can hold no more "
                           "than %" G_GUINT64_FORMAT,
                           filename, n, max_bytes);
  if (free_bytes > 0 && n > free_bytes) {
    g_autofree char *needed = rv_text_bytes ((gsize) n), *n_there = rv_text_bytes (free_bytes);
    return rv__error_null (error, RV_ERROR_MEMORY, "%s: it takes %s of memory, and %s are free", filename, needed,
                           n_there);
  }
  return rv__alloc ((gsize) n, filename, error);
}

/* (transfer full: rv__free()) (nullable): the data of an IDX file, plain or gzip, without its header. @n_dims: 1 for
 * labels, 3 for pictures; sets as many sizes in @dims, the number first. The thread's current cancellable stops the
 * reading. After an error @dims may be set. */
static guint8 *
read_data (const char *filename, int n_dims, gint64 *dims, GError **error)
{
  guint64 n = 0, max_bytes = 0;
  gsize got, more;
  guint8 header[4 + 4 * MAX_DIMS], beyond;
  Source source = { .filename = filename };
  guint8 *data = NULL;
  gboolean is_open = open_source (&source, &max_bytes, error);
  source.cancellable = g_cancellable_get_current ();
  if (is_open && read_up_to (&source, header, header_bytes (n_dims), &got, error) &&
      parse_header (filename, header, got, n_dims, dims, &n, error))
    data = alloc_data (filename, n, max_bytes, error);
  gboolean ok =
    data && read_up_to (&source, data, n, &got, error) && read_up_to (&source, &beyond, sizeof beyond, &more, error) &&
    ((guint64) got + more == n ||
     rv__error_set (error, RV_ERROR_FORMAT,
                    "%s: its header states %" G_GUINT64_FORMAT " bytes of data, but %s%" G_GUINT64_FORMAT " follow",
                    filename, n, more > 0 ? "at least " : "", (guint64) got + more));
  g_clear_object (&source.stream);
  g_clear_object (&source.unzip);
  if (ok)
    return data;
  rv__free (data);
  return NULL;
}

gboolean
rv__dataset_label_by_idx (RvDataset *dataset, const char *file, GError **error)
{
  gint64 n;
  g_autoptr (guint8) labels = read_data (file, 1, &n, error);
  if (labels && n != dataset->n)
    return rv__error_set (error, RV_ERROR_FORMAT,
                          "%s has %" G_GINT64_FORMAT " label%s for the %" G_GINT64_FORMAT " picture%s of %s", file, n,
                          n == 1 ? "" : "s", dataset->n, dataset->n == 1 ? "" : "s", dataset->name);
  if (labels)
    rv__dataset_set_idx_labels (dataset, labels);
  return labels != NULL;
}

RvDataset *
rv__dataset_read_idx (const char *pictures, const char *labels, GError **error)
{
  gint64 dims[MAX_DIMS];
  guint8 *pixels = read_data (pictures, 3, dims, error);
  if (!pixels)
    return NULL;
  g_autoptr (RvDataset) dataset = g_new0 (RvDataset, 1);
  *dataset = (RvDataset){ .n = dims[0],
                          .channels = 1,
                          .height = (int) dims[1],
                          .width = (int) dims[2],
                          .pixels = pixels,
                          .name = g_strdup (pictures) };
  return !labels || rv__dataset_label_by_idx (dataset, labels, error) ? g_steal_pointer (&dataset) : NULL;
}
