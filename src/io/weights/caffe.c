/* caffe.c -- Caffe's models: .caffemodel, a NetParameter in Protocol Buffers' encoding.
 *
 * These fields are read (caffe.proto), unknown fields are skipped:
 *
 *   NetParameter       layers = 2 (V1LayerParameter), layer = 100 (LayerParameter)
 *   V1LayerParameter   name = 4, type = 5 (InnerProduct: 14), blobs = 6
 *   LayerParameter     name = 1, type = 2 (text), blobs = 7
 *   BlobProto          num, channels, height, width = 1..4; data = 5 (float), shape = 7 (BlobShape: dim = 1)
 *
 * A layer's blobs are its weight and its bias; those of convolutions are [out, in, rows, cols], as in this program.
 * Caffe's networks for ImageNet are trained on BGR 0..255 minus the means. The file does not state this: this reader
 * sets it in the metadata. */
#include "base/alloc.h"
#include "base/error.h"
#include "format.h"
#include "protobuf.h"
#include <string.h>

#define KIND "a Caffe model"
#define PREPROCESSING "bgr_mean_imagenet_0_255"
#define INNER_PRODUCT 14
#define MAX_LAYERS 10000
#define MAX_BLOBS 100 /* in a layer */
#define MAX_NAME_BYTES 200

typedef struct {
  const char *name; /* file name for messages */
  GBytes *bytes;
  gsize size;
  RvWeightsFilter part; /* matrices to skip */
  RvTensorMap *map;
  guint n_layers;
} File;

/* ---- blobs ------------------------------------------------------------------------------------------------------- */

typedef struct {
  gint64 old[4]; /* num, channels, height, width, in old files without shapes */
  gboolean has_old, has_shape;
  RvShape shape;
  RvProtoSpan data; /* all numbers read so far */
  guint8 *joined;   /* buffer of all chunks, if there are several; else NULL; owned */
} Blob;

/* Appends the sizes in a BlobShape message to @shape, which the caller has set; a message without sizes appends none.
 * Sizes above G_MAXINT64 become negative. FALSE, some appended: damaged, or more than RV_MAX_DIMS; no GError. */
static gboolean
read_shape (RvProtoSpan span, RvShape *shape)
{
  RvProtoField field;
  while (span.at < span.end)
    if (!rv__proto_read_field (&span, &field) ||
        (field.number == 1 && !rv__proto_append_ints (&field, shape->dim, RV_MAX_DIMS, &shape->n)))
      return FALSE;
  return shape->n >= 0;
}

/* Appends numbers (f32, little-endian bytes) to the blob; a file has them in one field or in several. The first call
 * borrows @more from the file; later ones copy all to blob->joined, of @max_bytes. */
static gboolean
add_data (Blob *blob, RvProtoSpan more, gsize max_bytes, GError **error)
{
  gsize n_before = (gsize) (blob->data.end - blob->data.at), n_more = (gsize) (more.end - more.at);
  if (!blob->data.at) {
    blob->data = more;
    return TRUE;
  }
  if (!blob->joined) {
    if (!(blob->joined = rv__alloc (max_bytes, "a layer's weights", error)))
      return FALSE;
    memcpy (blob->joined, blob->data.at, n_before);
  }
  memcpy (blob->joined + n_before, more.at, n_more);
  blob->data = (RvProtoSpan){ blob->joined, blob->joined + n_before + n_more };
  return TRUE;
}

/* Reads sizes and numbers of a BlobProto message into @blob, which begins as 0; skips other fields. Sizes are not
 * checked against the numbers. FALSE without an error: damaged. The caller frees blob->joined, also then. */
static gboolean
read_blob (RvProtoSpan span, Blob *blob, GError **error)
{
  gsize max_bytes = (gsize) (span.end - span.at);
  RvProtoField field;
  while (span.at < span.end) {
    if (!rv__proto_read_field (&span, &field))
      return FALSE;
    if (field.number >= 1 && field.number <= 4 && field.kind == RV_PROTO_VARINT) {
      if (field.value > G_MAXINT32)
        return FALSE;
      blob->old[field.number - 1] = (gint64) field.value;
      blob->has_old = TRUE;
    } else if (field.number == 5 && (field.kind == RV_PROTO_BYTES || field.kind == RV_PROTO_FOUR_BYTES)) {
      if (!add_data (blob, field.bytes, max_bytes, error))
        return FALSE;
    } else if (field.number == 7 && field.kind == RV_PROTO_BYTES) {
      blob->has_shape = TRUE;
      if (!read_shape (field.bytes, &blob->shape))
        return FALSE;
    }
  }
  return TRUE;
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

/* RvProtoField numbers of a layer message. */
typedef struct {
  guint64 name, type, blobs;
} LayerFields;

static const LayerFields layer_v1 = { 4, 5, 6 }, layer_v2 = { 1, 2, 7 };

/* Adds blob @index, from 0, of @layer to file->map: LAYER.weight, .bias or .blobN; it may point into file->bytes.
 * @dense: @layer is a dense layer. Skips a matrix that file->part excludes: TRUE. FALSE: RV_ERROR_FORMAT: damaged, or
 * its numbers do not fit its shape. */
static gboolean
add_blob (File *file, const char *layer, gboolean dense, int index, RvProtoSpan span, GError **error)
{
  static const char *const kinds[] = { "weight", "bias" };
  Blob blob = { 0 };
  g_autoptr (GError) no_memory = NULL;
  gboolean ok = read_blob (span, &blob, &no_memory);
  if (ok && blob.has_old && !blob.has_shape) { /* old files: the first of four sizes of a vector or a matrix are 1 */
    int n = index > 0 ? 1 : dense ? 2 : 4, spare = 4 - n;
    for (int i = 0; i < spare; i++)
      if (blob.old[i] != 1)
        n = 4;
    blob.shape.n = n;
    memcpy (blob.shape.dim, blob.old + (4 - n), (gsize) n * sizeof *blob.old);
  }
  g_autoptr (guint8) joined = blob.joined;
  gsize size = (gsize) (blob.data.end - blob.data.at);
  gint64 count = rv_shape_count (&blob.shape);
  if (no_memory)
    return rv__error_propagate (error, g_steal_pointer (&no_memory));
  if (!ok || count < 0 || count > G_MAXINT64 / (gint64) sizeof (float) || (gsize) count * sizeof (float) != size)
    return rv__weights_damaged (file->name, KIND, error, "a blob of '%.100s' is not of its shape's size", layer);
  if (!rv__weights_filter_accepts (file->part, &blob.shape))
    return TRUE;
  g_autofree char *name =
    index < 2 ? g_strconcat (layer, ".", kinds[index], NULL) : g_strdup_printf ("%s.blob%d", layer, index);
  gboolean in_file = size > 0 && !blob.joined;
  g_autoptr (RvTensor) tensor = in_file
                                  ? rv__weights_tensor (file->bytes, RV_F32, &blob.shape, blob.data.at, size, error)
                                  : rv_tensor_new (RV_F32, &blob.shape, error);
  if (tensor && size > 0 && !in_file)
    memcpy (tensor->data, blob.joined, size);
  if (tensor)
    rv_tensor_map_set (file->map, name, tensor);
  return tensor != NULL;
}

/* (transfer full) (nullable): the name of a layer, "/" replaced by ".". NULL: empty, over MAX_NAME_BYTES, or no
 * UTF-8. */
static char *
layer_name (RvProtoSpan text)
{
  gsize length = (gsize) (text.end - text.at);
  if (length == 0 || length > MAX_NAME_BYTES || !g_utf8_validate ((const char *) text.at, (gssize) length, NULL))
    return NULL;
  return g_strdelimit (g_strndup ((const char *) text.at, length), "/", '.');
}

/* Adds the blobs of a layer message to file->map by add_blob(). @fields: field numbers of its version. Reads name and
 * type first: they may follow the blobs. A layer without blobs adds nothing and needs no name. FALSE: RV_ERROR_FORMAT:
 * damaged, blobs without a name, or more than MAX_LAYERS or MAX_BLOBS. */
static gboolean
add_layer (File *file, RvProtoSpan span, const LayerFields *fields, GError **error)
{
  g_autofree char *name = NULL;
  gboolean dense = FALSE;
  int index = 0;
  RvProtoField field;
  if (++file->n_layers > MAX_LAYERS)
    return rv__weights_damaged (file->name, KIND, error, "it has more than %d layers", MAX_LAYERS);
  for (RvProtoSpan rest = span; rest.at < rest.end;) {
    if (!rv__proto_read_field (&rest, &field))
      return rv__weights_damaged (file->name, KIND, error, "a layer is cut short");
    if (field.number == fields->name && field.kind == RV_PROTO_BYTES) {
      g_free (name);
      name = layer_name (field.bytes);
    } else if (field.number == fields->type)
      dense = field.kind == RV_PROTO_VARINT ? field.value == INNER_PRODUCT
                                            : field.bytes.end - field.bytes.at == (gssize) strlen ("InnerProduct") &&
                                                memcmp (field.bytes.at, "InnerProduct", strlen ("InnerProduct")) == 0;
  }
  for (RvProtoSpan rest = span; rest.at < rest.end && rv__proto_read_field (&rest, &field);)
    if (field.number == fields->blobs && field.kind == RV_PROTO_BYTES) {
      if (!name)
        return rv__weights_damaged (file->name, KIND, error, "a layer with weights has no name");
      if (index >= MAX_BLOBS)
        return rv__weights_damaged (file->name, KIND, error, "a layer has more than %d blobs", MAX_BLOBS);
      if (!add_blob (file, name, dense, index++, field.bytes, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_layer (const RvProtoField *field)
{
  return (field->number == 2 || field->number == 100) && field->kind == RV_PROTO_BYTES;
}

/* RvWeightsClass.sniff: whether the file may be a Caffe model, which has no signature. TRUE if it begins with fields,
 * and the first one that is not the network's name, flags or inputs is a layer with a name. Reads no numbers. */
static gboolean
caffe_sniff (const guint8 *data, gsize size)
{
  RvProtoSpan rest = { data, data + size }, layer;
  RvProtoField field;
  do {
    if (rest.at == rest.end || !rv__proto_read_field (&rest, &field) || (field.number > 8 && field.number != 100))
      return FALSE;
  } while (!is_layer (&field));
  guint64 name = field.number == 2 ? layer_v1.name : layer_v2.name;
  for (layer = field.bytes; layer.at < layer.end && rv__proto_read_field (&layer, &field);)
    if (field.number == name && field.kind == RV_PROTO_BYTES) {
      g_autofree char *text = layer_name (field.bytes);
      return text != NULL;
    }
  return FALSE;
}

/* RvWeightsClass.parse. (transfer full) (nullable): the blobs of all layers, without matrices that @part excludes, and
 * the text "preprocessing". They may point into @bytes, which they keep. @name: for messages. NULL: RV_ERROR_FORMAT:
 * cut short, or no weights. */
static RvTensorMap *
caffe_parse (GBytes *bytes, GBytes *sibling, RvWeightsFilter part, const char *name, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  File file = { .name = name, .bytes = bytes, .part = part, .map = map };
  const guint8 *data = g_bytes_get_data (bytes, &file.size);
  RvProtoField field;
  for (RvProtoSpan rest = { data, data + file.size }; rest.at < rest.end;) {
    if (!rv__proto_read_field (&rest, &field))
      return rv__null (rv__weights_damaged (file.name, KIND, error, "it is cut short"));
    if (is_layer (&field) && !add_layer (&file, field.bytes, field.number == 2 ? &layer_v1 : &layer_v2, error))
      return NULL;
  }
  if (rv_tensor_map_size (map) == 0)
    return rv__null (rv__weights_damaged (file.name, KIND, error, "it has no weights"));
  rv_tensor_map_set_text (map, "preprocessing", PREPROCESSING);
  return g_steal_pointer (&map);
}

const RvWeightsClass rv__weights_caffe = {
  .sniff = caffe_sniff,
  .parse = caffe_parse,
};
