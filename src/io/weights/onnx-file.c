/* onnx-file.c -- messages, attributes and tensors of an ONNX file. */
#include "onnx.h"
#include "base/error.h"
#include "tensor/type.h"
#include <string.h>

/* ---- messages ---------------------------------------------------------------------------------------------------- */

gboolean
rv__onnx_damaged (const RvOnnxFile *file, const char *what, GError **error)
{
  return rv__weights_damaged (file->filename, RV_ONNX_KIND, error, "%s", what);
}

gboolean
rv__onnx_refuse (const RvOnnxFile *file, const RvOnnxNode *node, const char *what, GError **error)
{
  gboolean foreign = *node->domain != '\0';
  return rv__error_set (error, RV_ERROR_FORMAT, "%s: operator %s%s%s (node %s) %s", file->filename, node->domain,
                        foreign ? "." : "", node->op, node->name, what);
}

gboolean
rv__onnx_unsupported (const RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  return rv__onnx_refuse (file, node, "is not supported", error);
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

const char *
rv__onnx_text_of (RvOnnxFile *file, RvProtoSpan span)
{
  gsize length = (gsize) (span.end - span.at);
  if (length > RV_GRAPH_MAX_NAME_BYTES || !g_utf8_validate ((const char *) span.at, (gssize) length, NULL))
    return NULL;
  for (const guint8 *at = span.at; at < span.end; at++)
    if (*at < ' ' || *at == 0x7F)
      return NULL;
  g_autofree char *text = g_strndup ((const char *) span.at, length);
  return g_string_chunk_insert_const (file->names, text);
}

gboolean
rv__onnx_is_message (RvProtoSpan span)
{
  RvProtoField field;
  while (span.at < span.end)
    if (!rv__proto_read_field (&span, &field))
      return FALSE;
  return TRUE;
}

/* Finds the attribute @name. FALSE, without an error: @node does not have it. *attribute: (out): its message. */
static gboolean
find_attribute (const RvOnnxNode *node, const char *name, RvProtoSpan *attribute)
{
  RvProtoField field, member;
  for (RvProtoSpan rest = node->span; rest.at < rest.end && rv__proto_read_field (&rest, &field);) {
    if (field.number != 5 || field.kind != RV_PROTO_BYTES)
      continue;
    for (RvProtoSpan inner = field.bytes; inner.at < inner.end && rv__proto_read_field (&inner, &member);)
      if (member.number == 1 && member.kind == RV_PROTO_BYTES &&
          (gsize) (member.bytes.end - member.bytes.at) == strlen (name) &&
          memcmp (member.bytes.at, name, strlen (name)) == 0) {
        *attribute = field.bytes;
        return TRUE;
      }
  }
  return FALSE;
}

gboolean
rv__onnx_find_member (const RvOnnxNode *node, const char *name, guint64 number, RvProtoKind kind, RvProtoField *field)
{
  RvProtoSpan rest;
  if (find_attribute (node, name, &rest))
    while (rest.at < rest.end && rv__proto_read_field (&rest, field))
      if (field->number == number && field->kind == kind)
        return TRUE;
  return FALSE;
}

gint64
rv__onnx_attribute_int (const RvOnnxNode *node, const char *name, gint64 otherwise)
{
  RvProtoField field;
  return rv__onnx_find_member (node, name, 3, RV_PROTO_VARINT, &field) ? (gint64) field.value : otherwise;
}

double
rv__onnx_attribute_real (const RvOnnxNode *node, const char *name, double otherwise)
{
  RvProtoField field;
  float number;
  if (!rv__onnx_find_member (node, name, 2, RV_PROTO_FOUR_BYTES, &field))
    return otherwise;
  memcpy (&number, field.bytes.at, sizeof number);
  return number;
}

const char *
rv__onnx_attribute_text (RvOnnxFile *file, const RvOnnxNode *node, const char *name, const char *otherwise)
{
  RvProtoField field;
  const char *text =
    rv__onnx_find_member (node, name, 4, RV_PROTO_BYTES, &field) ? rv__onnx_text_of (file, field.bytes) : otherwise;
  return text ? text : "";
}

int
rv__onnx_attribute_choice (RvOnnxFile *file, const RvOnnxNode *node, const char *name, const char *otherwise,
                           const char *const *choices)
{
  const char *text = rv__onnx_attribute_text (file, node, name, otherwise);
  for (int i = 0; choices[i]; i++)
    if (strcmp (choices[i], text) == 0)
      return i;
  return -1;
}

int
rv__onnx_attribute_ints (const RvOnnxNode *node, const char *name, gint64 *ints)
{
  RvProtoSpan rest;
  RvProtoField field;
  int n = 0;
  if (find_attribute (node, name, &rest))
    while (rest.at < rest.end && rv__proto_read_field (&rest, &field))
      if (field.number == 8 && !rv__proto_append_ints (&field, ints, RV_ONNX_MAX_INTS, &n))
        return -1;
  return n;
}

int
rv__onnx_attribute_reals (const RvOnnxNode *node, const char *name, double *numbers, int max)
{
  RvProtoSpan rest;
  RvProtoField field;
  float number;
  int n = 0;
  if (!find_attribute (node, name, &rest))
    return 0;
  while (rest.at < rest.end && rv__proto_read_field (&rest, &field)) {
    if (field.number != 7)
      continue;
    gsize bytes = field.kind == RV_PROTO_VARINT ? 1 : (gsize) (field.bytes.end - field.bytes.at);
    if (bytes % sizeof number || bytes / sizeof number > (gsize) (max - n))
      return -1;
    for (const guint8 *at = field.bytes.at; at < field.bytes.end; at += sizeof number) {
      memcpy (&number, at, sizeof number);
      numbers[n++] = (double) number;
    }
  }
  return n;
}

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

gsize
rv__onnx_bytes_of_type (int type)
{
  return type == RV_ONNX_FLOAT                                 ? 4
         : type == RV_ONNX_DOUBLE                              ? 8
         : type == RV_ONNX_FLOAT16 || type == RV_ONNX_BFLOAT16 ? 2
                                                               : 0;
}

/* Sets ints, n_ints (-1: more than RV_ONNX_MAX_INTS) and counts of @constant from the little-endian bytes @raw: 32 bits
 * each if its type is RV_ONNX_INT32, else 64. */
static void
read_raw_ints (RvOnnxConstant *constant, RvProtoSpan raw)
{
  gsize each = constant->type == RV_ONNX_INT32 ? 4 : 8, n = (gsize) (raw.end - raw.at) / each;
  constant->n_ints = n <= RV_ONNX_MAX_INTS ? (int) n : -1;
  constant->counts = TRUE;
  for (gsize i = 0; i < n && (constant->counts || constant->n_ints > 0); i++) {
    gint64 number;
    gint32 narrow;
    memcpy (each == 4 ? (void *) &narrow : &number, raw.at + i * each, each);
    if (each == 4)
      number = narrow;
    if (constant->n_ints > 0)
      constant->ints[i] = number;
    constant->counts &= number == (gint64) i;
  }
}

gboolean
rv__onnx_set_shape (RvOnnxConstant *constant, const gint64 *dims, int n, gint64 *count)
{
  *count = 1;
  for (int i = 0; i < n; i++) {
    if (dims[i] < 0 || (dims[i] > 0 && *count > G_MAXINT64 / 8 / dims[i]))
      return FALSE;
    *count *= dims[i];
  }
  if (n <= RV_MAX_DIMS)
    constant->shape = rv_shape_of (n, dims);
  else
    constant->type = 0;
  return TRUE;
}

/* Members of TensorProto.external_data. */
typedef struct {
  RvProtoSpan location;
  guint64 offset, length;
  gboolean has_length; /* else to the end */
} External;

/* The decimal number in @span; G_MAXUINT64: no such number. */
static guint64
number_of (RvProtoSpan span)
{
  g_autofree char *text = g_strndup ((const char *) span.at, (gsize) MIN (span.end - span.at, 20));
  guint64 number;
  return text && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &number, NULL) ? number : G_MAXUINT64;
}

/* Reads the StringStringEntryProto @entry into @external; skips unknown keys. */
static void
read_external (RvProtoSpan entry, External *external)
{
  RvProtoField field;
  RvProtoSpan pair[2] = { { NULL } };
  while (entry.at < entry.end && rv__proto_read_field (&entry, &field))
    if ((field.number == 1 || field.number == 2) && field.kind == RV_PROTO_BYTES)
      pair[field.number - 1] = field.bytes;
  g_autofree char *key = g_strndup ((const char *) pair[0].at, (gsize) MIN (pair[0].end - pair[0].at, 20));
  if (g_strcmp0 (key, "location") == 0)
    external->location = pair[1];
  else if (g_strcmp0 (key, "offset") == 0)
    external->offset = number_of (pair[1]);
  else if (g_strcmp0 (key, "length") == 0) {
    external->length = number_of (pair[1]);
    external->has_length = TRUE;
  }
}

/* (transfer full) (nullable): the location, if it is a plain file name. */
static char *
plain_name (RvProtoSpan location)
{
  gsize length = (gsize) (location.end - location.at);
  g_autofree char *name = g_strndup ((const char *) location.at, MIN (length, RV_GRAPH_MAX_NAME_BYTES + 1));
  gboolean is_plain = name && *name && strlen (name) == length && length <= RV_GRAPH_MAX_NAME_BYTES &&
                      g_utf8_validate (name, -1, NULL) && !strpbrk (name, "/\\") && strcmp (name, ".") != 0 &&
                      strcmp (name, "..") != 0;
  return is_plain ? g_steal_pointer (&name) : NULL;
}

char *
rv__onnx_sibling_name (RvProtoSpan graph)
{
  RvProtoField tensor, field;
  while (graph.at < graph.end && rv__proto_read_field (&graph, &tensor)) {
    External external = { { NULL } };
    if (tensor.number != 5 || tensor.kind != RV_PROTO_BYTES)
      continue;
    for (RvProtoSpan rest = tensor.bytes; rest.at < rest.end && rv__proto_read_field (&rest, &field);)
      if (field.number == 13 && field.kind == RV_PROTO_BYTES)
        read_external (field.bytes, &external);
    if (external.location.at)
      return plain_name (external.location);
  }
  return NULL;
}

/* Sets *raw to the bytes of a tensor's numbers in file->sibling. RV_ERROR_FORMAT: that file is missing, has another
 * name, or is too short. */
static gboolean
find_external (const RvOnnxFile *file, const External *external, RvProtoSpan *raw, GError **error)
{
  gsize size = 0;
  const guint8 *data = file->sibling ? g_bytes_get_data (file->sibling, &size) : NULL;
  g_autofree char *name = plain_name (external->location);
  if (!data || g_strcmp0 (name, file->sibling_name) != 0)
    return rv__error_set (error, RV_ERROR_FORMAT,
                          "%s keeps its weights in another file (external data), which must be one file of the "
                          "same folder; export it as one file",
                          file->filename);
  guint64 length = external->has_length ? external->length : size - MIN (external->offset, size);
  if (external->offset > size || length > size - external->offset)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: the file of its external data is too short", file->filename);
  *raw = (RvProtoSpan){ data + external->offset, data + external->offset + length };
  return TRUE;
}

/* Number of varints in @span; G_MAXSIZE: damaged. */
static gsize
count_varints (RvProtoSpan span)
{
  gsize n = 0;
  for (guint64 number; span.at < span.end; n++)
    if (!rv__proto_read_varint (&span, &number))
      return G_MAXSIZE;
  return n;
}

gboolean
rv__onnx_read_tensor (RvOnnxFile *file, RvProtoSpan span, RvOnnxConstant *constant, const char **name, GError **error)
{
  RvProtoField field;
  RvProtoSpan raw = { NULL }, packed = { NULL }, varints = { NULL };
  External external = { { NULL } };
  gboolean is_external = FALSE;
  gint64 dims[RV_ONNX_MAX_INTS], count;
  int n_dims = 0, n_chunks = 0;
  *name = NULL;
  while (span.at < span.end) {
    if (!rv__proto_read_field (&span, &field))
      return rv__onnx_damaged (file, "a tensor is cut short", error);
    if (field.number == 1 && !rv__proto_append_ints (&field, dims, RV_ONNX_MAX_INTS, &n_dims))
      return rv__onnx_damaged (file, "a tensor's shape is cut short", error);
    if (field.number == 2 && field.kind == RV_PROTO_VARINT)
      constant->type = field.value < 1000 ? (int) field.value : 0;
    if (field.number == 5)
      varints = field.bytes;
    if ((field.number == 5 || field.number == 7) &&
        !rv__proto_append_ints (&field, constant->ints, RV_ONNX_MAX_INTS, &constant->n_ints))
      return rv__onnx_damaged (file, "a tensor's numbers are cut short", error);
    if ((field.number == 4 || field.number == 10) && n_chunks++ == 0)
      packed = field.bytes;
    if (field.number == 8 && field.kind == RV_PROTO_BYTES && !(*name = rv__onnx_text_of (file, field.bytes)))
      return rv__onnx_damaged (file, "a tensor's name is wrong", error);
    if (field.number == 9 && field.kind == RV_PROTO_BYTES)
      raw = field.bytes;
    if (field.number == 13 && field.kind == RV_PROTO_BYTES)
      read_external (field.bytes, &external);
    if (field.number == 14 && field.kind == RV_PROTO_VARINT)
      is_external = field.value == 1;
  }
  if (is_external && !find_external (file, &external, &raw, error))
    return FALSE;
  if (n_dims < 0 || !rv__onnx_set_shape (constant, dims, n_dims, &count))
    return rv__onnx_damaged (file, "a tensor's shape is wrong", error);
  gsize each = rv__onnx_bytes_of_type (constant->type);
  if (each) {
    constant->n_ints = -1;
    constant->has_varints = each == 2 && !raw.at;
    constant->numbers = raw.at ? raw : constant->has_varints ? varints : packed;
    gsize size =
      constant->has_varints ? count_varints (varints) * each : (gsize) (constant->numbers.end - constant->numbers.at);
    if (size != (gsize) count * each || n_chunks > 1)
      return rv__onnx_damaged (file, "a tensor is not of its shape's size", error);
  } else if (raw.at && (constant->type == RV_ONNX_INT32 || constant->type == RV_ONNX_INT64))
    read_raw_ints (constant, raw);
  return TRUE;
}

gboolean
rv__onnx_reserve (RvOnnxFile *file, RvType type, const RvShape *shape, GError **error)
{
  gsize in_file = g_bytes_get_size (file->bytes) + (file->sibling ? g_bytes_get_size (file->sibling) : 0);
  gsize most = RV_ONNX_MAX_FILLED_BYTES + RV_ONNX_MAX_COPIES * in_file, count = (gsize) rv_shape_count (shape);
  if (count > (most - file->tensor_bytes) / rv__type_bytes (type))
    return rv__onnx_damaged (file, "its constants are too large in memory", error);
  file->tensor_bytes += count * rv__type_bytes (type);
  return TRUE;
}

RvTensor *
rv__onnx_filled_tensor (RvOnnxFile *file, float number, const RvShape *shape, GError **error)
{
  RvTensor *tensor = rv__onnx_reserve (file, RV_F32, shape, error) ? rv_tensor_new (RV_F32, shape, error) : NULL;
  for (gint64 i = 0, n = tensor ? rv_tensor_count (tensor) : 0; i < n; i++)
    ((float *) tensor->data)[i] = number;
  return tensor;
}

/* (transfer full) (nullable): the numbers of @constant as a tensor of @shape, over the file's bytes if they are
 * aligned. f16 and bf16 stay, other types become f32. @constant must have as many real numbers as @shape, unchecked. */
static RvTensor *
tensor_of (RvOnnxFile *file, const RvOnnxConstant *constant, const RvShape *shape, GError **error)
{
  if (constant->fills)
    return rv__onnx_filled_tensor (file, constant->fill, shape, error);
  const guint8 *at = constant->numbers.at;
  gsize size = (gsize) (constant->numbers.end - at), each = rv__onnx_bytes_of_type (constant->type);
  RvType type = constant->type == RV_ONNX_FLOAT16 ? RV_F16 : constant->type == RV_ONNX_BFLOAT16 ? RV_BF16 : RV_F32;
  if (!rv__onnx_reserve (file, type, shape, error))
    return NULL;
  if (size > 0 && constant->type != RV_ONNX_DOUBLE && !constant->has_varints) {
    gsize start = (gsize) at - (gsize) g_bytes_get_data (file->bytes, NULL);
    GBytes *owner = start < g_bytes_get_size (file->bytes) ? file->bytes : file->sibling;
    return rv__weights_tensor (owner, type, shape, at, size, error);
  }
  RvTensor *tensor = rv_tensor_new (type, shape, error);
  RvProtoSpan rest = constant->numbers;
  guint64 bits;
  for (gsize i = 0; tensor && constant->has_varints && rv__proto_read_varint (&rest, &bits); i++)
    ((guint16 *) tensor->data)[i] = (guint16) bits;
  for (gsize i = 0; tensor && !constant->has_varints && i < size / each; i++) {
    double number;
    memcpy (&number, at + i * each, each);
    ((float *) tensor->data)[i] = (float) number;
  }
  return tensor;
}

gboolean
rv__onnx_add_tensor (RvOnnxFile *file, const RvOnnxNode *node, const char *start, const char *kind,
                     const RvOnnxConstant *constant, RvShape shape, GError **error)
{
  if (!constant || !rv__onnx_bytes_of_type (constant->type))
    return rv__onnx_refuse (file, node, "has parameters that are not in the file as real numbers", error);
  if (rv_shape_count (&constant->shape) != rv_shape_count (&shape))
    return rv__onnx_refuse (file, node, "has parameters of another shape than its input", error);
  g_autofree char *name = g_strconcat (start, ".", kind, NULL);
  g_autoptr (RvTensor) tensor = tensor_of (file, constant, &shape, error);
  if (tensor)
    rv_tensor_map_set (file->map, name, tensor);
  return tensor != NULL;
}

RvTensor *
rv__onnx_f32_of (RvOnnxFile *file, const RvOnnxConstant *constant, GError **error)
{
  g_autoptr (RvTensor) stored = tensor_of (file, constant, &constant->shape, error);
  return stored ? rv_tensor_to_f32 (stored, error) : NULL;
}

double *
rv__onnx_doubles_of (RvOnnxFile *file, const RvOnnxConstant *constant, GError **error)
{
  g_autoptr (RvTensor) f32 = rv__onnx_f32_of (file, constant, error);
  gint64 n = f32 ? rv_tensor_count (f32) : 0;
  double *numbers = f32 ? g_new (double, n + 1) : NULL;
  for (gint64 i = 0; i < n; i++)
    numbers[i] = ((const float *) f32->data)[i];
  return numbers;
}
