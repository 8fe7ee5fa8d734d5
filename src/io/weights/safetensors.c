/* safetensors.c -- the safetensors format, read and written.
 *
 *   offset  size  content
 *   0       8     n, the header's length, unsigned little-endian
 *   8       n     JSON: { "name": { "dtype": "F32", "shape": [64, 3, 3, 3], "data_offsets": [0, 6912] }, ...,
 *                 "__metadata__": { "key": "text", ... } }, may end in spaces
 *   8+n     ...   the tensors, row-major, little-endian; data_offsets count from here
 *
 * Refused: a header beyond the file or the bounds of base/json.h, sizes that overflow, ranges that overlap, lie outside
 * the file or do not fit the shape. Skipped, and refused only when used: tensors of other types (such as BOOL, F8_E4M3,
 * I16 and larger whole numbers) and of more than four dimensions. Differs from the reference: gaps between tensors are
 * allowed; a header of more than 16 MiB is not (there: 100 MB).
 * */
#include "base/error.h"
#include "base/alloc.h"
#include "base/cancel.h"
#include "base/json.h"
#include "format.h"
#include "io/atomic-file.h"
#include "tensor/tensor-file.h"
#include "tensor/tensor-map.h"
#include "tensor/type.h"
#include <string.h>

#define KIND "a safetensors file"
#define PREFIX_BYTES 8
#define MAX_DIMS 64 /* dimensions of a skipped tensor: NumPy's limit */

static const struct {
  const char *name;
  RvType type;
} dtypes[] = {
  { "F32", RV_F32 }, { "F64", RV_F64 }, { "F16", RV_F16 }, { "BF16", RV_BF16 }, { "I8", RV_I8 }, { "U8", RV_U8 },
};

typedef struct {
  const char *name; /* file name for messages */
  GBytes *bytes;
  const guint8 *data; /* after the header */
  gsize data_size;
} File;

/* Length of the header in bytes, by the first eight bytes of the file, which must exist; not checked. */
static guint64
header_length (const guint8 *data)
{
  guint64 length;
  memcpy (&length, data, sizeof length);
  return length;
}

static gboolean
safetensors_sniff (const guint8 *data, gsize size)
{
  return size > PREFIX_BYTES && header_length (data) <= size - PREFIX_BYTES && data[PREFIX_BYTES] == '{';
}

/* Reads the array @member of @object, whole numbers of 0 or more, into @numbers, which has room for @max. Sets *n to
 * their number; an empty array is 0. FALSE, *n and @numbers undefined: missing, longer, or other values; no GError. */
static gboolean
read_integers (JsonObject *object, const char *member, guint max, gint64 *numbers, guint *n)
{
  JsonArray *array = rv__json_array_member (object, member);
  *n = array ? json_array_get_length (array) : 0;
  if (!array || *n > max)
    return FALSE;
  for (guint i = 0; i < *n; i++) {
    JsonNode *element = json_array_get_element (array, i);
    if (json_node_get_value_type (element) != G_TYPE_INT64)
      return FALSE;
    numbers[i] = json_node_get_int (element);
    if (numbers[i] < 0)
      return FALSE;
  }
  return TRUE;
}

/* Bytes of one tensor, for the search of overlaps. */
typedef struct {
  gint64 start, end;
} Range;

/* Adds the tensor of @node, an entry of the header, to @map as @name, and its range of bytes to @ranges. Other types
 * and more than four dimensions are only recorded as skipped: TRUE. FALSE: RV_ERROR_FORMAT: a member is missing or
 * wrong, or its bytes lie outside the file or do not fit its shape. */
static gboolean
read_tensor (const File *file, RvTensorMap *map, const char *name, JsonNode *node, GArray *ranges, GError **error)
{
  gint64 offsets[2], sizes[MAX_DIMS];
  guint n_dims, n_offsets, d = 0;
  JsonObject *object = rv__json_node_object (node);

  if (!object)
    return rv__weights_damaged (file->name, KIND, error, "the entry '%.100s' is not an object", name);
  const char *type_text = rv__json_text_member (object, "dtype");
  if (!type_text || !*type_text)
    return rv__weights_damaged (file->name, KIND, error, "'%.100s' has no type", name);
  if (!read_integers (object, "shape", MAX_DIMS, sizes, &n_dims))
    return rv__weights_damaged (file->name, KIND, error, "'%.100s' has no shape", name);
  if (!read_integers (object, "data_offsets", 2, offsets, &n_offsets) || n_offsets != 2 || offsets[0] > offsets[1] ||
      (guint64) offsets[1] > file->data_size)
    return rv__weights_damaged (file->name, KIND, error, "'%.100s' lies outside the file", name);
  g_array_append_val (ranges, ((Range){ offsets[0], offsets[1] }));
  while (d < G_N_ELEMENTS (dtypes) && strcmp (type_text, dtypes[d].name) != 0)
    d++;
  if (n_dims > RV_MAX_DIMS || d == G_N_ELEMENTS (dtypes)) {
    rv__tensor_map_skip (map, name, n_dims > RV_MAX_DIMS ? "of more than 4 sizes" : type_text);
    return TRUE;
  }
  RvType type = dtypes[d].type;
  RvShape shape = rv_shape_of ((int) n_dims, sizes);
  gint64 count = rv_shape_count (&shape);
  gsize size = rv__type_bytes (type);
  if (count < 0 || !rv__size_mul (&size, (guint64) count) || size != (guint64) (offsets[1] - offsets[0]))
    return rv__weights_damaged (file->name, KIND, error, "'%.100s' has a size that is not that of its shape", name);

  g_autoptr (RvTensor) tensor = rv__weights_tensor (file->bytes, type, &shape, file->data + offsets[0], size, error);
  if (!tensor)
    return FALSE;
  rv_tensor_map_set (map, name, tensor);
  return TRUE;
}

/* Sets the texts of "__metadata__" in @map; ignores other values. RV_ERROR_FORMAT unless it is an object. */
static gboolean
read_metadata (const File *file, RvTensorMap *map, JsonNode *node, GError **error)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return rv__weights_damaged (file->name, KIND, error, "its metadata is not an object");
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &key, &value))
    if (json_node_get_value_type (value) == G_TYPE_STRING)
      rv_tensor_map_set_text (map, key, json_node_get_string (value));
  return TRUE;
}

/* Orders ranges by start, then by end: an empty tensor comes before a tensor that starts at the same byte. */
static int
by_start (gconstpointer a, gconstpointer b)
{
  const Range *x = a, *y = b;
  return x->start != y->start ? (x->start < y->start ? -1 : 1) : (x->end > y->end) - (x->end < y->end);
}

/* RvWeightsClass.parse. (transfer full) (nullable): all tensors, also those outside @part, which rv__weights_parse()
 * removes, and the metadata as texts. They may point into @bytes, which they keep. @name: for messages. NULL:
 * RV_ERROR_FORMAT: cut short, or tensors overlap. */
static RvTensorMap *
safetensors_parse (GBytes *bytes, GBytes *sibling, RvWeightsFilter part, const char *name, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  File file = { .name = name, .bytes = bytes };

  if (size < PREFIX_BYTES || header_length (data) > size - PREFIX_BYTES)
    return rv__null (rv__weights_damaged (file.name, KIND, error, "its header is longer than the file"));
  gsize length = (gsize) header_length (data);
  file.data = data + PREFIX_BYTES + length;
  file.data_size = size - PREFIX_BYTES - length;

  g_autofree char *what = g_strdup_printf ("the header of %s (" KIND ")", name);
  g_autoptr (JsonObject) header = rv__json_object ((const char *) data + PREFIX_BYTES, length, what, error);
  if (!header)
    return NULL;
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;
  json_object_iter_init_ordered (&iter, header);
  while (json_object_iter_next_ordered (&iter, &key, &node)) {
    gboolean ok = strcmp (key, "__metadata__") == 0 ? read_metadata (&file, map, node, error)
                                                    : read_tensor (&file, map, key, node, ranges, error);
    if (!ok)
      return NULL;
  }
  g_array_sort (ranges, by_start);
  for (guint i = 1; i < ranges->len; i++)
    if (g_array_index (ranges, Range, i).start < g_array_index (ranges, Range, i - 1).end)
      return rv__null (rv__weights_damaged (file.name, KIND, error, "two of its tensors overlap"));
  return g_steal_pointer (&map);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Appends the entry of @tensor to the open object @json, the header: dtype, shape, and data_offsets from @start,
 * counted in bytes from the end of the header. Cannot fail. */
static void
write_header_entry (JsonBuilder *json, const char *name, const RvTensor *tensor, gsize start)
{
  guint d = 0;
  while (dtypes[d].type != tensor->type) /* each RvType has a row */
    d++;
  json_builder_set_member_name (json, name);
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "dtype");
  json_builder_add_string_value (json, dtypes[d].name);
  json_builder_set_member_name (json, "shape");
  json_builder_begin_array (json);
  for (int i = 0; i < tensor->shape.n; i++)
    json_builder_add_int_value (json, tensor->shape.dim[i]);
  json_builder_end_array (json);
  json_builder_set_member_name (json, "data_offsets");
  json_builder_begin_array (json);
  json_builder_add_int_value (json, (gint64) start);
  json_builder_add_int_value (json, (gint64) (start + rv_tensor_bytes (tensor)));
  json_builder_end_array (json);
  json_builder_end_object (json);
}

/* (transfer full): the header of a file with all texts and tensors of @map, without the eight bytes of its length.
 * Padded with spaces, so that the data after it are aligned and a mapped file needs no copies. Cannot fail. */
static GString *
header_text (const RvTensorMap *map)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (GPtrArray) keys = rv_tensor_map_text_keys (map);
  gsize start = 0;

  json_builder_begin_object (json);
  if (keys->len > 0) {
    json_builder_set_member_name (json, "__metadata__");
    json_builder_begin_object (json);
    for (guint i = 0; i < keys->len; i++)
      rv__json_add_text (json, keys->pdata[i], rv_tensor_map_get_text (map, keys->pdata[i]));
    json_builder_end_object (json);
  }
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const char *name = rv_tensor_map_name (map, i);
    const RvTensor *tensor = rv_tensor_map_get (map, name);
    write_header_entry (json, name, tensor, start);
    start += rv_tensor_bytes (tensor);
  }

  g_autofree char *plain = rv__json_finish (json);
  GString *text = g_string_new (plain);
  while ((text->len + PREFIX_BYTES) % RV_ALIGN_BYTES)
    g_string_append_c (text, ' ');
  return text;
}

#define PIECE_BYTES ((gsize) 16 << 20) /* per read, for tensors outside memory */

/* Writes the numbers of @tensor to @fd, from its file in pieces of PIECE_BYTES. FALSE without @error: writing
 * failed with errno. */
static gboolean
write_tensor (const RvTensor *tensor, int fd, GError **error)
{
  gsize size = rv_tensor_bytes (tensor);
  if (!tensor->file)
    return rv__check_cancelled (error) && rv__write_all (fd, tensor->data, size);
  guint8 *piece = rv__alloc (MIN (size, PIECE_BYTES), "a tensor", error);
  gboolean ok = piece != NULL;
  for (gsize at = 0; ok && at < size; at += PIECE_BYTES) {
    gsize n = MIN (PIECE_BYTES, size - at);
    ok = rv__check_cancelled (error) && rv__tensor_read_bytes (tensor, at, n, piece, error) &&
         rv__write_all (fd, piece, n);
  }
  rv__free (piece);
  return ok && rv__tensor_file_check (tensor->file, error);
}

gboolean
rv__safetensors_write (const RvTensorMap *map, int fd, GError **error)
{
  g_autoptr (GString) header = header_text (map);
  guint64 length = header->len;
  if (!rv__write_all (fd, &length, sizeof length) || !rv__write_all (fd, header->str, header->len))
    return FALSE;
  for (guint i = 0; i < rv_tensor_map_size (map); i++)
    if (!write_tensor (rv_tensor_map_get (map, rv_tensor_map_name (map, i)), fd, error))
      return FALSE;
  return TRUE;
}

GBytes *
rv__safetensors_bytes (const RvTensorMap *map, GError **error)
{
  g_autoptr (GString) header = header_text (map);
  guint64 length = header->len;
  gsize size = sizeof length + header->len;
  for (guint i = 0; i < rv_tensor_map_size (map); i++)
    size += rv_tensor_bytes (rv_tensor_map_get (map, rv_tensor_map_name (map, i)));
  guint8 *data = rv__alloc (size, "tensors in memory", error), *at = data;
  if (!data)
    return NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (data, size, rv__free, data);
  at = mempcpy (at, &length, sizeof length);
  at = mempcpy (at, header->str, header->len);
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const RvTensor *tensor = rv_tensor_map_get (map, rv_tensor_map_name (map, i));
    if (!rv__tensor_read_into (tensor, at, error))
      return NULL;
    at += rv_tensor_bytes (tensor);
  }
  return g_steal_pointer (&bytes);
}

const RvWeightsClass rv__weights_safetensors = {
  .sniff = safetensors_sniff,
  .parse = safetensors_parse,
};
