/* onnx.c -- ONNX files: .onnx, a ModelProto in Protocol Buffers' encoding, with the network's architecture.
 *
 * These fields are read (onnx.proto), unknown fields are skipped:
 *
 *   ModelProto      graph = 7
 *   GraphProto      node = 1, initializer = 5, input = 11
 *   NodeProto       input = 1, output = 2, name = 3, op_type = 4, attribute = 5, domain = 7
 *   AttributeProto  name = 1, f = 2, i = 3, s = 4, t = 5, g = 6, ints = 8, graphs = 11
 *   TensorProto     dims = 1, data_type = 2, float_data = 4, int32_data = 5, int64_data = 7, name = 8, raw_data = 9,
 *                   double_data = 10, data_location = 14
 *   ValueInfoProto  name = 1, type = 2: tensor_type = 1: shape = 2: dim = 1: dim_value = 1
 *
 * The nodes are converted in the order of the file, which ONNX requires to be the order of computation. The result is a
 * map of tensors and the text "graph" (net-graph.h). Layers are named after the outputs of nodes. While converting:
 * - Identity and Dropout disappear; batch norm after a convolution is folded when the network is recorded; zero padding
 *   before a convolution becomes part of it.
 * - The mean over all positions (GlobalAveragePool) is not taken. A dense layer after it is linear, so it becomes a 1 x
 *   1 convolution whose mean over positions is the file's output.
 * - Nodes that need one input size, from Flatten on, and nonlinear ones after the mean, are left out. */
#include "format.h"
#include "base/error.h"
#include "net-graph.h"
#include "protobuf.h"
#include <math.h>
#include <string.h>

#define KIND "an ONNX file"
#define MAX_NODES 20000
#define MAX_TENSORS 20000
#define MAX_INPUTS 256                     /* of a node */
#define MAX_INTS 16                        /* numbers of an attribute or a constant of whole numbers that are read */
#define MAX_FILLED_BYTES ((gsize) 1 << 28) /* of constants that a file describes by one number */
#define PICTURE_CHANNELS 3

/* TensorProto.data_type. */
enum { FLOAT = 1, INT32 = 6, INT64 = 7, FLOAT16 = 10, DOUBLE = 11, BFLOAT16 = 16 };

typedef struct {
  int type;
  RvShape shape;
  RvProtoSpan numbers; /* real numbers, little-endian; empty: none, or whole numbers */
  gint64 ints[MAX_INTS];
  int n_ints;     /* -1: more, or no whole numbers */
  gboolean fills; /* all numbers are `fill`, and `numbers` is empty */
  float fill;
} Constant;

typedef enum {
  CONSTANT,
  COMPUTED, /* arithmetic with shapes and constants: its numbers are not known */
  FEATURES,
  LEFT_OUT
} ValueKind;

typedef struct {
  ValueKind kind;
  const Constant *constant;
  int index;       /* FEATURES: 0 the picture, k the graph's node k */
  gint64 channels; /* FEATURES */
  gboolean pooled; /* FEATURES: stands for its mean over positions */
  gboolean padded; /* FEATURES: output of a padding by zeros */
} Value;

typedef struct {
  RvProtoSpan span;
  const char *op, *name, *domain; /* name: else the first output's */
  GPtrArray *in, *out;            /* names; "" : absent */
} Node;

typedef struct {
  const char *filename; /* for messages */
  GBytes *bytes;
  GStringChunk *names;
  GArray *nodes;         /* Node */
  GHashTable *constants; /* Constant by name; owned */
  GHashTable *values;    /* Value by name; owned */
  GHashTable *n_uses;    /* number of nodes that read a value, by name */
  RvNetGraph *graph;
  RvTensorMap *map;
  gsize filled_bytes;
  const char *first_left_out; /* layer or node; NULL: none */
  guint n_left_out;
} File;

/* ---- messages ---------------------------------------------------------------------------------------------------- */

static gboolean
damaged (const File *file, const char *what, GError **error)
{
  return rv__weights_damaged (file->filename, KIND, error, "%s", what);
}

/* Sets RV_ERROR_FORMAT: "FILE: operator OP (node NAME) WHAT". Returns FALSE. */
static gboolean
refuse (const File *file, const Node *node, const char *what, GError **error)
{
  gboolean foreign = *node->domain != '\0';
  return rv__error_set (error, RV_ERROR_FORMAT, "%s: operator %s%s%s (node %s) %s", file->filename, node->domain,
                        foreign ? "." : "", node->op, node->name, what);
}

static gboolean
unsupported (const File *file, const Node *node, GError **error)
{
  return refuse (file, node, "is not supported", error);
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

/* (nullable): the text @span, kept in @file. NULL: too long, not UTF-8, or with control characters. */
static const char *
text_of (File *file, RvProtoSpan span)
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

/* Whether the fields of the message @span can be read to its end. */
static gboolean
is_message (RvProtoSpan span)
{
  RvProtoField field;
  while (span.at < span.end)
    if (!rv__proto_read_field (&span, &field))
      return FALSE;
  return TRUE;
}

/* Appends the varints of @field, one or packed, to @ints. FALSE: damaged. *n: (inout): -1 once there are more than
 * MAX_INTS. */
static gboolean
add_ints (const RvProtoField *field, gint64 *ints, int *n)
{
  RvProtoSpan rest = field->bytes;
  guint64 number = field->value;
  if (field->kind != RV_PROTO_VARINT && field->kind != RV_PROTO_BYTES)
    return FALSE;
  if (field->kind == RV_PROTO_BYTES && rest.at == rest.end)
    return TRUE;
  do {
    if (field->kind == RV_PROTO_BYTES && !rv__proto_read_varint (&rest, &number))
      return FALSE;
    if (*n == MAX_INTS)
      *n = -1;
    if (*n >= 0)
      ints[(*n)++] = (gint64) number;
  } while (field->kind == RV_PROTO_BYTES && rest.at < rest.end && *n >= 0);
  return TRUE;
}

/* Finds the attribute @name. FALSE, without an error: @node does not have it. *attribute: (out): its message. */
static gboolean
find_attribute (const Node *node, const char *name, RvProtoSpan *attribute)
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

/* Finds member @number of the attribute @name. FALSE, without an error: there is none. */
static gboolean
find_member (const Node *node, const char *name, guint64 number, RvProtoKind kind, RvProtoField *field)
{
  RvProtoSpan rest;
  if (find_attribute (node, name, &rest))
    while (rest.at < rest.end && rv__proto_read_field (&rest, field))
      if (field->number == number && field->kind == kind)
        return TRUE;
  return FALSE;
}

static gint64
attribute_int (const Node *node, const char *name, gint64 otherwise)
{
  RvProtoField field;
  return find_member (node, name, 3, RV_PROTO_VARINT, &field) ? (gint64) field.value : otherwise;
}

static double
attribute_real (const Node *node, const char *name, double otherwise)
{
  RvProtoField field;
  float number;
  if (!find_member (node, name, 2, RV_PROTO_FOUR_BYTES, &field))
    return otherwise;
  memcpy (&number, field.bytes.at, sizeof number);
  return number;
}

static const char *
attribute_text (File *file, const Node *node, const char *name, const char *otherwise)
{
  RvProtoField field;
  const char *text = find_member (node, name, 4, RV_PROTO_BYTES, &field) ? text_of (file, field.bytes) : otherwise;
  return text ? text : "";
}

/* Number of whole numbers of the attribute @name, copied to @ints, MAX_INTS long; 0: it is absent; -1: too many. */
static int
attribute_ints (const Node *node, const char *name, gint64 *ints)
{
  RvProtoSpan rest;
  RvProtoField field;
  int n = 0;
  if (find_attribute (node, name, &rest))
    while (rest.at < rest.end && rv__proto_read_field (&rest, &field))
      if (field.number == 8 && !add_ints (&field, ints, &n))
        return -1;
  return n;
}

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

static gsize
bytes_of_type (int type)
{
  return type == FLOAT ? 4 : type == DOUBLE ? 8 : type == FLOAT16 || type == BFLOAT16 ? 2 : 0;
}

/* Reads whole numbers from the little-endian bytes @raw. */
static void
read_raw_ints (Constant *constant, RvProtoSpan raw)
{
  gsize each = constant->type == INT32 ? 4 : 8, n = (gsize) (raw.end - raw.at) / each;
  constant->n_ints = n <= MAX_INTS ? (int) n : -1;
  for (int i = 0; i < constant->n_ints; i++) {
    gint32 narrow;
    memcpy (each == 4 ? (void *) &narrow : &constant->ints[i], raw.at + (gsize) i * each, each);
    if (each == 4)
      constant->ints[i] = narrow;
  }
}

/* Reads the sizes of a TensorProto. FALSE: negative, or their product is above G_MAXINT64; no GError. More than
 * RV_MAX_DIMS sizes make a constant without numbers. */
static gboolean
set_shape (Constant *constant, const gint64 *dims, int n, gint64 *count)
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

/* Reads a TensorProto into @constant, which begins as 0. *name: (out) (nullable): its name. RV_ERROR_FORMAT. */
static gboolean
read_tensor (File *file, RvProtoSpan span, Constant *constant, const char **name, GError **error)
{
  RvProtoField field;
  RvProtoSpan raw = { NULL }, packed = { NULL };
  gint64 dims[MAX_INTS], count;
  int n_dims = 0, n_chunks = 0;
  *name = NULL;
  while (span.at < span.end) {
    if (!rv__proto_read_field (&span, &field))
      return damaged (file, "a tensor is cut short", error);
    if (field.number == 1 && !add_ints (&field, dims, &n_dims))
      return damaged (file, "a tensor's shape is cut short", error);
    if (field.number == 2 && field.kind == RV_PROTO_VARINT)
      constant->type = field.value < 1000 ? (int) field.value : 0;
    if ((field.number == 5 || field.number == 7) && !add_ints (&field, constant->ints, &constant->n_ints))
      return damaged (file, "a tensor's numbers are cut short", error);
    if ((field.number == 4 || field.number == 10) && n_chunks++ == 0)
      packed = field.bytes;
    if (field.number == 8 && field.kind == RV_PROTO_BYTES && !(*name = text_of (file, field.bytes)))
      return damaged (file, "a tensor's name is wrong", error);
    if (field.number == 9 && field.kind == RV_PROTO_BYTES)
      raw = field.bytes;
    if (field.number == 14 && field.kind == RV_PROTO_VARINT && field.value == 1)
      return rv__error_set (error, RV_ERROR_FORMAT,
                            "%s keeps its weights in another file (external data); export it as one file",
                            file->filename);
  }
  if (n_dims < 0 || !set_shape (constant, dims, n_dims, &count))
    return damaged (file, "a tensor's shape is wrong", error);
  gsize each = bytes_of_type (constant->type);
  if (each) {
    constant->n_ints = -1;
    constant->numbers = raw.at ? raw : packed;
    /* half floats may also be whole numbers in int32_data, which is not read */
    if ((gsize) (constant->numbers.end - constant->numbers.at) != (gsize) count * each || n_chunks > 1)
      return damaged (file, "a tensor is not of its shape's size", error);
  } else if (raw.at && (constant->type == INT32 || constant->type == INT64))
    read_raw_ints (constant, raw);
  return TRUE;
}

/* (transfer full) (nullable): a tensor of @shape, f32, filled with @number. RV_ERROR_FORMAT above MAX_FILLED_BYTES in a
 * file; RV_ERROR_MEMORY. */
static RvTensor *
filled_tensor (File *file, float number, const RvShape *shape, GError **error)
{
  gsize count = (gsize) rv_shape_count (shape);
  if (count > (MAX_FILLED_BYTES - file->filled_bytes) / sizeof (float)) {
    damaged (file, "its constants of one number are too large", error);
    return NULL;
  }
  file->filled_bytes += count * sizeof (float);
  RvTensor *tensor = rv_tensor_new (RV_F32, shape, error);
  for (gsize i = 0; tensor && i < count; i++)
    ((float *) tensor->data)[i] = number;
  return tensor;
}

/* (transfer full) (nullable): the numbers of @constant as a tensor of @shape, over the file's bytes if they are
 * aligned. It must have as many numbers, unchecked. RV_ERROR_FORMAT as filled_tensor(); RV_ERROR_MEMORY. */
static RvTensor *
tensor_of (File *file, const Constant *constant, const RvShape *shape, GError **error)
{
  if (constant->fills)
    return filled_tensor (file, constant->fill, shape, error);
  const guint8 *at = constant->numbers.at;
  gsize size = (gsize) (constant->numbers.end - at), each = bytes_of_type (constant->type);
  RvType type = constant->type == FLOAT16 ? RV_F16 : constant->type == BFLOAT16 ? RV_BF16 : RV_F32;
  if (size > 0 && constant->type != DOUBLE && (gsize) at % each == 0) {
    gsize start = (gsize) (at - (const guint8 *) g_bytes_get_data (file->bytes, NULL));
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (file->bytes, start, size);
    return rv_tensor_new_from_bytes (type, shape, part, error);
  }
  RvTensor *tensor = rv_tensor_new (type, shape, error);
  if (tensor && constant->type != DOUBLE && size > 0)
    memcpy (tensor->data, at, size);
  for (gsize i = 0; tensor && constant->type == DOUBLE && i < size / each; i++) {
    double number;
    memcpy (&number, at + i * each, each);
    ((float *) tensor->data)[i] = (float) number;
  }
  return tensor;
}

/* Adds the tensor START.KIND of @shape. FALSE: RV_ERROR_FORMAT: @constant (nullable) has no numbers, or another number
 * of them; RV_ERROR_MEMORY. */
static gboolean
add_tensor (File *file, const Node *node, const char *start, const char *kind, const Constant *constant, RvShape shape,
            GError **error)
{
  if (!constant || !bytes_of_type (constant->type))
    return refuse (file, node, "has parameters that are not in the file as real numbers", error);
  if (rv_shape_count (&constant->shape) != rv_shape_count (&shape))
    return refuse (file, node, "has parameters of another shape than its input", error);
  g_autofree char *name = g_strconcat (start, ".", kind, NULL);
  g_autoptr (RvTensor) tensor = tensor_of (file, constant, &shape, error);
  if (tensor)
    rv_tensor_map_set (file->map, name, tensor);
  return tensor != NULL;
}

/* (transfer full) (nullable): @constant as doubles. RV_ERROR_MEMORY. */
static double *
doubles_of (File *file, const Constant *constant, GError **error)
{
  g_autoptr (RvTensor) stored = tensor_of (file, constant, &constant->shape, error);
  g_autoptr (RvTensor) f32 = stored ? rv_tensor_to_f32 (stored, error) : NULL;
  gint64 n = f32 ? rv_tensor_count (f32) : 0;
  double *numbers = f32 ? g_new (double, n + 1) : NULL;
  for (gint64 i = 0; i < n; i++)
    numbers[i] = ((const float *) f32->data)[i];
  return numbers;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* (nullable): input @i of @node; NULL: absent. */
static Value *
input (const File *file, const Node *node, guint i)
{
  const char *name = i < node->in->len ? node->in->pdata[i] : "";
  return *name ? g_hash_table_lookup (file->values, name) : NULL;
}

/* (nullable): the constant that is input @i; NULL: absent, or no constant. */
static const Constant *
constant_input (const File *file, const Node *node, guint i)
{
  const Value *value = input (file, node, i);
  return value && value->kind == CONSTANT ? value->constant : NULL;
}

/* Number of whole numbers of input @i, borrowed in *ints; 0: absent; -1: not known. */
static int
int_input (const File *file, const Node *node, guint i, const gint64 **ints)
{
  const Value *value = input (file, node, i);
  *ints = NULL;
  if (!value)
    return 0;
  if (value->kind != CONSTANT || bytes_of_type (value->constant->type))
    return -1;
  *ints = value->constant->ints;
  return value->constant->n_ints;
}

/* Defines the output @name as a copy of @value. RV_ERROR_FORMAT: there is one of this name. */
static gboolean
define (File *file, const char *name, Value value, GError **error)
{
  if (!*name)
    return TRUE;
  if (g_hash_table_contains (file->values, name))
    return rv__error_set (error, RV_ERROR_FORMAT, "%s is damaged or not " KIND ": two values are called %s",
                          file->filename, name);
  g_hash_table_insert (file->values, (gpointer) name, g_memdup2 (&value, sizeof value));
  return TRUE;
}

/* Defines all outputs of @node as copies of @value. */
static gboolean
define_all (File *file, const Node *node, Value value, GError **error)
{
  for (guint i = 0; i < node->out->len; i++)
    if (!define (file, node->out->pdata[i], value, error))
      return FALSE;
  return TRUE;
}

static gboolean
leave_out (File *file, const Node *node, GError **error)
{
  if (!file->first_left_out)
    file->first_left_out = node->name;
  file->n_left_out++;
  return define_all (file, node, (Value){ .kind = LEFT_OUT }, error);
}

static const char *
output_name (const Node *node)
{
  return node->out->pdata[0];
}

static guint
n_uses (const File *file, const char *name)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (file->n_uses, name));
}

/* (transfer full): the layer's name for the output @name: without the characters that separate layers in options. */
static char *
layer_name (const char *name)
{
  return g_strdelimit (g_strdup (name), ":,; ", '_');
}

/* Appends a node of @n_in inputs to the graph. Returns its number, from 1. *added: (out) (optional): the node, borrowed
 * until the next one. @name: (nullable). */
static int
append (File *file, RvGraphOp op, const char *name, int n_in, const int *in, RvGraphNode **added)
{
  RvGraphNode node = { .op = (int) op, .n_in = n_in, .name = name ? layer_name (name) : NULL };
  memcpy (node.in, in, (gsize) n_in * sizeof *in);
  g_array_append_val (file->graph->nodes, node);
  if (added)
    *added = rv__net_graph_node (file->graph, file->graph->nodes->len - 1);
  return (int) file->graph->nodes->len;
}

/* Appends a node whose input is @x and whose output is that of @node, with @channels. */
static gboolean
convert_to (File *file, const Node *node, RvGraphOp op, const Value *x, gint64 channels, RvGraphNode **added,
            GError **error)
{
  Value y = { .kind = FEATURES, .channels = channels, .pooled = x->pooled };
  y.index = append (file, op, output_name (node), 1, &x->index, added);
  return define (file, output_name (node), y, error);
}

/* ---- attributes of windows --------------------------------------------------------------------------------------- */

/* Copies the 2 sizes of the attribute @name, 1 .. RV_GRAPH_MAX_SIDE, to @to; 1 and 1 if it is absent. */
static gboolean
two_sizes (const Node *node, const char *name, int *to)
{
  gint64 ints[MAX_INTS] = { 1, 1 };
  int n = attribute_ints (node, name, ints);
  if ((n != 0 && n != 2) || ints[0] < 1 || ints[0] > RV_GRAPH_MAX_SIDE || ints[1] < 1 || ints[1] > RV_GRAPH_MAX_SIDE)
    return FALSE;
  to[0] = (int) ints[0], to[1] = (int) ints[1];
  return TRUE;
}

/* Sets stride, padding and `same` of @to from the attributes of @node. FALSE with RV_ERROR_FORMAT: out of bounds. */
static gboolean
read_window (File *file, const Node *node, RvGraphNode *to, GError **error)
{
  static const char *const auto_pads[] = { "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", NULL };
  gint64 pads[MAX_INTS] = { 0 };
  int n = attribute_ints (node, "pads", pads), pad = 0;
  const char *auto_pad = attribute_text (file, node, "auto_pad", "NOTSET");
  while (auto_pads[pad] && strcmp (auto_pads[pad], auto_pad) != 0)
    pad++;
  if (!auto_pads[pad])
    return refuse (file, node, "has an unknown auto_pad", error);
  if (!two_sizes (node, "strides", to->stride) || (n != 0 && n != 4))
    return refuse (file, node, "works not on pictures, or has strides out of bounds", error);
  for (int i = 0; i < 4; i++) {
    if (pads[i] < 0 || pads[i] > RV_GRAPH_MAX_SIDE)
      return refuse (file, node, "has pads out of bounds", error);
    to->pad[i] = pad == 0 ? (int) pads[i] : 0;
  }
  to->same = pad == 1 ? RV_GRAPH_PAD_SAME_UPPER : pad == 2 ? RV_GRAPH_PAD_SAME_LOWER : RV_GRAPH_PAD_GIVEN;
  return TRUE;
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

/* Each converts @node, whose first input exists. RV_ERROR_FORMAT: refused; RV_ERROR_MEMORY. */

/* Defines the output of @node as @constant (transfer full). RV_ERROR_FORMAT: its name exists. */
static gboolean
define_constant (File *file, const Node *node, Constant *constant, GError **error)
{
  if (g_hash_table_contains (file->constants, output_name (node))) {
    g_free (constant);
    return damaged (file, "two values have one name", error);
  }
  g_hash_table_insert (file->constants, (gpointer) output_name (node), constant);
  return define (file, output_name (node), (Value){ .kind = CONSTANT, .constant = constant }, error);
}

static gboolean convert_identity (File *file, const Node *node, GError **error);

static gboolean
convert_constant (File *file, const Node *node, GError **error)
{
  Constant *constant = g_new0 (Constant, 1);
  RvProtoField field;
  const char *name;
  gboolean ok = TRUE;
  constant->n_ints = -1;
  if (find_member (node, "value", 5, RV_PROTO_BYTES, &field)) {
    constant->n_ints = 0;
    ok = read_tensor (file, field.bytes, constant, &name, error);
  } else if (find_member (node, "value_float", 2, RV_PROTO_FOUR_BYTES, &field))
    *constant = (Constant){ .type = FLOAT, .numbers = field.bytes, .n_ints = -1 };
  else if (find_member (node, "value_int", 3, RV_PROTO_VARINT, &field))
    *constant = (Constant){ .type = INT64, .ints = { (gint64) field.value }, .n_ints = 1 };
  else if (find_member (node, "value_ints", 8, RV_PROTO_VARINT, &field) ||
           find_member (node, "value_ints", 8, RV_PROTO_BYTES, &field)) {
    constant->type = INT64;
    constant->n_ints = attribute_ints (node, "value_ints", constant->ints);
  }
  if (ok)
    return define_constant (file, node, constant, error);
  g_free (constant);
  return FALSE;
}

/* ConstantOfShape. Without a known shape, its numbers are not known. */
static gboolean
convert_fill (File *file, const Node *node, GError **error)
{
  const gint64 *sizes;
  int n = int_input (file, node, 0, &sizes);
  gint64 count;
  g_autofree Constant *constant = g_new0 (Constant, 1), *value = g_new0 (Constant, 1);
  const char *name;
  RvProtoField field;
  if (find_member (node, "value", 5, RV_PROTO_BYTES, &field) && !read_tensor (file, field.bytes, value, &name, error))
    return FALSE;
  if (n < 0 || value->type != FLOAT || value->numbers.end - value->numbers.at != sizeof (float))
    return define_all (file, node, (Value){ .kind = COMPUTED }, error);
  *constant = (Constant){ .type = FLOAT, .n_ints = -1, .fills = TRUE };
  memcpy (&constant->fill, value->numbers.at, sizeof (float));
  if (!set_shape (constant, sizes, n, &count))
    return refuse (file, node, "has a wrong shape", error);
  return define_constant (file, node, g_steal_pointer (&constant), error);
}

/* Cast of a constant to real numbers: of real numbers, or of one whole number. */
static gboolean
convert_cast (File *file, const Node *node, GError **error)
{
  const Constant *from = constant_input (file, node, 0);
  gboolean to_real = bytes_of_type ((int) CLAMP (attribute_int (node, "to", 0), 0, 1000)) > 0;
  if (from && to_real && bytes_of_type (from->type))
    return convert_identity (file, node, error);
  if (!from || !to_real || from->n_ints != 1 || rv_shape_count (&from->shape) != 1)
    return define_all (file, node, (Value){ .kind = COMPUTED }, error);
  Constant *constant = g_memdup2 (from, sizeof *from);
  *constant =
    (Constant){ .type = FLOAT, .shape = from->shape, .n_ints = -1, .fills = TRUE, .fill = (float) from->ints[0] };
  return define_constant (file, node, constant, error);
}

/* Unsqueeze of a constant: the same numbers in more axes of size 1. */
static gboolean
convert_unsqueeze (File *file, const Node *node, GError **error)
{
  const Constant *from = constant_input (file, node, 0);
  gint64 attribute[MAX_INTS];
  const gint64 *axes = attribute;
  int n = attribute_ints (node, "axes", attribute), from_axis = 0;
  if (n == 0)
    n = int_input (file, node, 1, &axes);
  if (!from || !bytes_of_type (from->type) || n < 1 || from->shape.n + n > RV_MAX_DIMS)
    return define_all (file, node, (Value){ .kind = COMPUTED }, error);
  Constant *constant = g_memdup2 (from, sizeof *from);
  constant->shape.n = from->shape.n + n;
  for (int i = 0; i < constant->shape.n; i++) {
    gboolean added = FALSE;
    for (int a = 0; a < n; a++)
      added |= axes[a] == i || axes[a] + constant->shape.n == i;
    constant->shape.dim[i] = added || from_axis == from->shape.n ? 1 : from->shape.dim[from_axis++];
  }
  if (from_axis == from->shape.n)
    return define_constant (file, node, constant, error);
  g_free (constant);
  return refuse (file, node, "has the same axis twice", error);
}

/* Identity, Dropout: the output is the input. A Dropout's second output is not used in a trained network. */
static gboolean
convert_identity (File *file, const Node *node, GError **error)
{
  for (guint i = 1; i < node->out->len; i++)
    if (!define (file, node->out->pdata[i], (Value){ .kind = COMPUTED }, error))
      return FALSE;
  return define (file, output_name (node), *input (file, node, 0), error);
}

/* If @x is the output of zero padding and nothing else reads it, returns its input, and adds the padding to @by. */
static int
merge_padding (File *file, const Node *node, const Value *x, int by[4])
{
  if (!x->padded || n_uses (file, node->in->pdata[0]) != 1)
    return x->index;
  const RvGraphNode *pad = rv__net_graph_node (file->graph, (guint) x->index - 1);
  for (int i = 0; i < 4; i++)
    by[i] += pad->pad[i];
  return pad->in[0];
}

static gboolean
convert_conv (File *file, const Node *node, GError **error)
{
  const Value *x = input (file, node, 0);
  const Constant *weight = constant_input (file, node, 1), *bias = constant_input (file, node, 2);
  RvGraphNode *conv, read = { 0 };
  int dilations[2], extra[4] = { 0 };
  if (!weight || weight->shape.n != 4)
    return refuse (file, node, "has no kernel of four dimensions in the file", error);
  const gint64 *size = weight->shape.dim;
  gint64 groups = attribute_int (node, "group", 1);
  if (groups < 1 || size[0] % groups || x->channels % groups)
    return refuse (file, node, "has groups that do not fit its channels", error);
  if (!two_sizes (node, "dilations", dilations) || dilations[0] != 1 || dilations[1] != 1)
    return refuse (file, node, "has dilations, which are not supported", error);
  if (!read_window (file, node, &read, error))
    return FALSE;
  if (size[1] != x->channels / groups || size[0] < 1 || size[0] > RV_GRAPH_MAX_CHANNELS || size[2] < 1 || size[3] < 1 ||
      size[2] > RV_GRAPH_MAX_SIDE || size[3] > RV_GRAPH_MAX_SIDE)
    return refuse (file, node, "has a kernel that does not fit its input", error);
  if (x->pooled && (size[2] != 1 || size[3] != 1))
    return leave_out (file, node, error);
  const char *name = output_name (node);
  if (!add_tensor (file, node, name, "weight", weight, weight->shape, error) ||
      (input (file, node, 2) && !add_tensor (file, node, name, "bias", bias, rv_shape (1, size[0]), error)))
    return FALSE;
  Value from = *x;
  if (read.same == RV_GRAPH_PAD_GIVEN)
    from.index = merge_padding (file, node, x, extra);
  if (!convert_to (file, node, RV_GRAPH_CONV, &from, size[0], &conv, error))
    return FALSE;
  conv->params = g_strdup (name);
  conv->bias = input (file, node, 2) != NULL;
  conv->groups = groups > 1 ? (int) groups : 0;
  conv->same = read.same;
  memcpy (conv->stride, read.stride, sizeof conv->stride);
  for (int i = 0; i < 4; i++) {
    conv->size[i] = (int) size[i];
    conv->pad[i] = read.pad[i] + extra[i];
  }
  return TRUE;
}

/* Gemm and MatMul after the mean over positions: a 1 x 1 convolution. Elsewhere: left out. */
static gboolean
convert_dense (File *file, const Node *node, GError **error)
{
  gboolean gemm = strcmp (node->op, "Gemm") == 0, bias = gemm && input (file, node, 2);
  gboolean transposed = gemm && attribute_int (node, "transB", 0);
  const Value *x = input (file, node, 0);
  const Constant *weight = constant_input (file, node, 1);
  RvGraphNode *conv;
  if (!x->pooled)
    return leave_out (file, node, error);
  if (!weight || weight->shape.n != 2 || !bytes_of_type (weight->type) ||
      (gemm && (attribute_int (node, "transA", 0) || attribute_real (node, "alpha", 1) != 1 ||
                attribute_real (node, "beta", 1) != 1)))
    return unsupported (file, node, error);
  gint64 rows = weight->shape.dim[transposed ? 0 : 1], cols = weight->shape.dim[transposed ? 1 : 0];
  if (cols != x->channels || rows < 1 || rows > RV_GRAPH_MAX_CHANNELS)
    return refuse (file, node, "has a matrix that does not fit its input", error);
  RvShape kernel = rv_shape (4, rows, cols, 1, 1);
  const char *name = output_name (node);
  if (transposed) {
    if (!add_tensor (file, node, name, "weight", weight, kernel, error))
      return FALSE;
  } else {
    g_autofree double *numbers = doubles_of (file, weight, error);
    g_autoptr (RvTensor) tensor = numbers ? rv_tensor_new (RV_F32, &kernel, error) : NULL;
    if (!tensor)
      return FALSE;
    for (gint64 i = 0; i < rows * cols; i++)
      ((float *) tensor->data)[i] = (float) numbers[i % cols * rows + i / cols];
    g_autofree char *weight_name = g_strconcat (name, ".weight", NULL);
    rv_tensor_map_set (file->map, weight_name, tensor);
  }
  if (bias && !add_tensor (file, node, name, "bias", constant_input (file, node, 2), rv_shape (1, rows), error))
    return FALSE;
  if (!convert_to (file, node, RV_GRAPH_CONV, x, rows, &conv, error))
    return FALSE;
  conv->params = g_strdup (name);
  conv->bias = bias;
  conv->size[0] = (int) rows, conv->size[1] = (int) cols, conv->size[2] = conv->size[3] = 1;
  conv->stride[0] = conv->stride[1] = 1;
  return TRUE;
}

/* Records x scale + shift for each channel. @scale, @shift: (nullable): @n numbers, one for each channel, or 1. */
static gboolean
convert_to_affine (File *file, const Node *node, const Value *x, const double *scale, gint64 n_scale,
                   const double *shift, gint64 n_shift, GError **error)
{
  const double *const numbers[] = { scale, shift };
  const gint64 n[] = { n_scale, n_shift };
  static const char *const kinds[] = { "weight", "bias" };
  RvShape shape = rv_shape (1, x->channels);
  RvGraphNode *affine;
  for (int k = 0; k < 2; k++) {
    g_autoptr (RvTensor) tensor = filled_tensor (file, k == 0 ? 1 : 0, &shape, error);
    g_autofree char *name = g_strconcat (output_name (node), ".", kinds[k], NULL);
    if (!tensor)
      return FALSE;
    for (gint64 c = 0; c < x->channels && numbers[k]; c++)
      ((float *) tensor->data)[c] = (float) numbers[k][n[k] == 1 ? 0 : c];
    rv_tensor_map_set (file->map, name, tensor);
  }
  if (!convert_to (file, node, RV_GRAPH_AFFINE, x, x->channels, &affine, error))
    return FALSE;
  affine->params = g_strdup (output_name (node));
  return TRUE;
}

/* Makes @node, a batch norm, part of the convolution before it. */
static gboolean
fold_batch_norm (File *file, const Node *node, const Value *x, double epsilon, GError **error)
{
  static const char *const kinds[] = { NULL, "gamma", "beta", "moving_mean", "moving_variance" };
  RvGraphNode *conv = rv__net_graph_node (file->graph, (guint) x->index - 1);
  const char *name = output_name (node);
  for (guint i = 1; i < G_N_ELEMENTS (kinds); i++)
    if (!add_tensor (file, node, name, kinds[i], constant_input (file, node, i), rv_shape (1, x->channels), error))
      return FALSE;
  conv->norm = g_strdup (name);
  conv->epsilon = epsilon;
  g_free (conv->name);
  conv->name = layer_name (name);
  return define (file, name, *x, error);
}

static gboolean
convert_batch_norm (File *file, const Node *node, GError **error)
{
  const Value *x = input (file, node, 0);
  double epsilon = attribute_real (node, "epsilon", 1e-5);
  if (attribute_int (node, "training_mode", 0) || !attribute_int (node, "spatial", 1) || !(epsilon >= 0))
    return unsupported (file, node, error);
  const RvGraphNode *before = x->index > 0 ? rv__net_graph_node (file->graph, (guint) x->index - 1) : NULL;
  if (before && before->op == RV_GRAPH_CONV && !before->norm && n_uses (file, node->in->pdata[0]) == 1)
    return fold_batch_norm (file, node, x, epsilon, error);

  double *numbers[5] = { NULL };
  gboolean ok = TRUE;
  for (guint i = 1; i < 5 && ok; i++) {
    const Constant *constant = constant_input (file, node, i);
    if (!constant || !bytes_of_type (constant->type) || rv_shape_count (&constant->shape) != x->channels)
      ok = refuse (file, node, "has parameters of another shape than its input", error);
    else
      ok = (numbers[i] = doubles_of (file, constant, error)) != NULL;
  }
  for (gint64 c = 0; c < x->channels && ok; c++) {
    double variance = numbers[4][c] + epsilon;
    if (!(variance > 0))
      ok = refuse (file, node, "has a variance below 0", error);
    numbers[1][c] /= sqrt (variance);
    numbers[2][c] -= numbers[3][c] * numbers[1][c];
  }
  ok = ok && convert_to_affine (file, node, x, numbers[1], x->channels, numbers[2], x->channels, error);
  for (guint i = 1; i < 5; i++)
    g_free (numbers[i]);
  return ok;
}

/* Number of constants of @constant as factors or shifts of @channels channels: 1 or @channels; 0: it is neither one
 * number nor [C, 1, 1]. */
static gint64
n_per_channel (const Constant *constant, const Value *x)
{
  gint64 n = rv_shape_count (&constant->shape), from_end = x->pooled ? 0 : 2;
  int dims = constant->shape.n;
  if (!bytes_of_type (constant->type) || n == 0)
    return 0;
  if (n == 1)
    return 1;
  gint64 axis = dims - 1 - from_end;
  if (x->pooled && dims > 2 && constant->shape.dim[dims - 1] == 1)
    axis = dims - 3;
  return n == x->channels && axis >= 0 && constant->shape.dim[axis] == n ? n : 0;
}

/* Add, Sub, Mul, Div of a value and a constant for each channel. @x: input 0 or 1; @constant the other one. */
static gboolean
convert_by_constant (File *file, const Node *node, const Value *x, const Constant *constant, gboolean first,
                     GError **error)
{
  gint64 n = n_per_channel (constant, x);
  if (n == 0)
    return refuse (file, node, "has a constant that is not one number for each channel", error);
  g_autofree double *numbers = doubles_of (file, constant, error), *scale = g_new (double, n);
  if (!numbers)
    return FALSE;
  gboolean divides = strcmp (node->op, "Div") == 0, subtracts = strcmp (node->op, "Sub") == 0;
  if (divides && !first)
    return unsupported (file, node, error);
  for (gint64 i = 0; i < n; i++) {
    scale[i] = divides ? 1 / numbers[i] : subtracts && !first ? -1 : numbers[i];
    if (subtracts && first)
      numbers[i] = -numbers[i];
  }
  if (divides || strcmp (node->op, "Mul") == 0)
    return convert_to_affine (file, node, x, scale, n, NULL, 0, error);
  return convert_to_affine (file, node, x, subtracts && !first ? scale : NULL, n, numbers, n, error);
}

static gboolean
convert_arithmetic (File *file, const Node *node, GError **error)
{
  const Value *a = input (file, node, 0), *b = input (file, node, 1);
  if (!b)
    return refuse (file, node, "lacks an input", error);
  if (b->kind == CONSTANT)
    return convert_by_constant (file, node, a, b->constant, TRUE, error);
  if (a->kind == CONSTANT)
    return convert_by_constant (file, node, b, a->constant, FALSE, error);
  gboolean multiplies = strcmp (node->op, "Mul") == 0;
  if (!multiplies && strcmp (node->op, "Add") != 0)
    return refuse (file, node, "of two values is not supported", error);
  if (a->channels != b->channels || a->pooled || b->pooled)
    return refuse (file, node, "has inputs of different shapes", error);
  int in[] = { a->index, b->index };
  Value y = { .kind = FEATURES, .channels = a->channels };
  y.index = append (file, multiplies ? RV_GRAPH_MULTIPLY : RV_GRAPH_ADD, output_name (node), 2, in, NULL);
  return define (file, output_name (node), y, error);
}

/* Sum of any number of values. */
static gboolean
convert_sum (File *file, const Node *node, GError **error)
{
  Value y = *input (file, node, 0);
  for (guint i = 1; i < node->in->len; i++) {
    const Value *more = input (file, node, i);
    if (!more || more->kind != FEATURES || more->channels != y.channels)
      return refuse (file, node, "has inputs of different shapes", error);
    y.index = append (file, RV_GRAPH_ADD, i + 1 == node->in->len ? output_name (node) : NULL, 2,
                      (int[]){ y.index, more->index }, NULL);
  }
  y.padded = FALSE;
  return define (file, output_name (node), y, error);
}

static gboolean
convert_relu (File *file, const Node *node, GError **error)
{
  const Value *x = input (file, node, 0);
  return convert_to (file, node, RV_GRAPH_RELU, x, x->channels, NULL, error);
}

/* Appends x @factor + @offset, called @name (nullable), and replaces @x by it. */
static gboolean
append_affine (File *file, const Node *node, const char *name, const char *kind, Value *x, double factor, double offset,
               GError **error)
{
  RvShape shape = rv_shape (1, x->channels);
  g_autofree char *params = g_strconcat (output_name (node), ".", kind, NULL);
  g_autofree char *weight = g_strconcat (params, ".weight", NULL), *bias = g_strconcat (params, ".bias", NULL);
  g_autoptr (RvTensor) factors = filled_tensor (file, (float) factor, &shape, error);
  g_autoptr (RvTensor) offsets = factors ? filled_tensor (file, (float) offset, &shape, error) : NULL;
  RvGraphNode *affine;
  if (!offsets)
    return FALSE;
  rv_tensor_map_set (file->map, weight, factors);
  rv_tensor_map_set (file->map, bias, offsets);
  x->index = append (file, RV_GRAPH_AFFINE, name, 1, &x->index, &affine);
  x->padded = FALSE;
  affine->params = g_steal_pointer (&params);
  return TRUE;
}

/* Appends min (max (x, 0), limit), called @name (nullable), and replaces @x by it. */
static gboolean
append_clip (File *file, const Node *node, const char *name, Value *x, double limit, GError **error)
{
  RvShape shape = rv_shape (1, x->channels);
  g_autofree char *params = g_strconcat (output_name (node), ".limit", NULL);
  g_autofree char *weight = g_strconcat (params, ".weight", NULL);
  g_autoptr (RvTensor) limits = filled_tensor (file, (float) limit, &shape, error);
  RvGraphNode *clip;
  if (!limits)
    return FALSE;
  rv_tensor_map_set (file->map, weight, limits);
  x->index = append (file, RV_GRAPH_CLIP, name, 1, &x->index, &clip);
  x->padded = FALSE;
  clip->params = g_steal_pointer (&params);
  return TRUE;
}

/* *limit: (inout): the number of the attribute @name or of input @i; unchanged if both are absent. FALSE: not known. */
static gboolean
read_limit (File *file, const Node *node, const char *name, guint i, double *limit, GError **error)
{
  const Constant *constant = constant_input (file, node, i);
  *limit = attribute_real (node, name, *limit);
  if (!input (file, node, i))
    return TRUE;
  if (!constant || !bytes_of_type (constant->type) || rv_shape_count (&constant->shape) != 1)
    return refuse (file, node, "has a limit that is not in the file", error);
  g_autofree double *numbers = doubles_of (file, constant, error);
  if (numbers)
    *limit = numbers[0];
  return numbers != NULL;
}

/* Clip: between two limits: min + clip (x - min, max - min). Without an upper one: min + relu (x - min). */
static gboolean
convert_clip (File *file, const Node *node, GError **error)
{
  Value y = *input (file, node, 0);
  double min = -G_MAXDOUBLE, max = G_MAXDOUBLE;
  const char *name = output_name (node);
  if (!read_limit (file, node, "min", 1, &min, error) || !read_limit (file, node, "max", 2, &max, error))
    return FALSE;
  if (!(min > -G_MAXFLOAT) || !(max >= min))
    return refuse (file, node, "has no lower limit, or an upper one below it", error);
  if (min != 0 && !append_affine (file, node, NULL, "below", &y, 1, -min, error))
    return FALSE;
  if (max >= G_MAXFLOAT)
    y.index = append (file, RV_GRAPH_RELU, min != 0 ? NULL : name, 1, &y.index, NULL);
  else if (!append_clip (file, node, min != 0 ? NULL : name, &y, max - min, error))
    return FALSE;
  if (min != 0 && !append_affine (file, node, name, "above", &y, 1, min, error))
    return FALSE;
  y.padded = FALSE;
  return define (file, name, y, error);
}

static gboolean
convert_sigmoid (File *file, const Node *node, GError **error)
{
  const Value *x = input (file, node, 0);
  return convert_to (file, node, RV_GRAPH_SIGMOID, x, x->channels, NULL, error);
}

/* HardSigmoid: clip (alpha x + beta, 1). HardSwish: x times that, with alpha 1 / 6 and beta 1 / 2. */
static gboolean
convert_hard_sigmoid (File *file, const Node *node, GError **error)
{
  const Value *x = input (file, node, 0);
  gboolean swish = strcmp (node->op, "HardSwish") == 0;
  double alpha = swish ? 1.0 / 6 : attribute_real (node, "alpha", 0.2),
         beta = swish ? 0.5 : attribute_real (node, "beta", 0.5);
  const char *name = output_name (node);
  Value y = *x;
  if (!append_affine (file, node, NULL, "scaled", &y, alpha, beta, error) ||
      !append_clip (file, node, swish ? NULL : name, &y, 1, error))
    return FALSE;
  if (swish)
    y.index = append (file, RV_GRAPH_MULTIPLY, name, 2, (int[]){ x->index, y.index }, NULL);
  return define (file, name, y, error);
}

static gboolean
convert_pool (File *file, const Node *node, GError **error)
{
  const Value *x = input (file, node, 0);
  gboolean average = strcmp (node->op, "AveragePool") == 0;
  RvGraphNode *pool, read = { 0 };
  int dilations[2];
  gboolean included = average && attribute_int (node, "count_include_pad", 0);
  if (!two_sizes (node, "kernel_shape", read.window) || !two_sizes (node, "dilations", dilations) ||
      dilations[0] != 1 || dilations[1] != 1)
    return refuse (file, node, "has a window or dilations out of bounds", error);
  if (!read_window (file, node, &read, error))
    return FALSE;
  if (node->out->len > 1 && n_uses (file, node->out->pdata[1]) > 0)
    return refuse (file, node, "has a second output that is used", error);
  for (int side = 0; side < 4; side++)
    if (read.pad[side] >= read.window[side % 2])
      return refuse (file, node, "has pads as large as its window", error);
  Value from = *x;
  gboolean pads = read.pad[0] || read.pad[1] || read.pad[2] || read.pad[3];
  if (included && read.same != RV_GRAPH_PAD_GIVEN)
    return refuse (file, node, "counts pads of auto_pad, which is not supported", error);
  if (included && pads) {
    from.index = append (file, RV_GRAPH_PAD, NULL, 1, &x->index, &pool);
    memcpy (pool->pad, read.pad, sizeof pool->pad);
  }
  if (!convert_to (file, node, average ? RV_GRAPH_AVERAGE_POOL : RV_GRAPH_MAX_POOL, &from, x->channels, &pool, error))
    return FALSE;
  memcpy (pool->window, read.window, sizeof pool->window);
  memcpy (pool->stride, read.stride, sizeof pool->stride);
  if (!(included && pads))
    memcpy (pool->pad, read.pad, sizeof pool->pad);
  pool->same = read.same;
  pool->ceil = attribute_int (node, "ceil_mode", 0) != 0;
  return TRUE;
}

/* GlobalAveragePool: the value stands for its mean from here on. */
static gboolean
convert_global_pool (File *file, const Node *node, GError **error)
{
  Value y = *input (file, node, 0);
  y.pooled = TRUE;
  y.padded = FALSE;
  return define (file, output_name (node), y, error);
}

/* ReduceMean over rows and columns is GlobalAveragePool. */
static gboolean
convert_reduce_mean (File *file, const Node *node, GError **error)
{
  gint64 attribute[MAX_INTS];
  const gint64 *axes = attribute;
  int n = attribute_ints (node, "axes", attribute);
  if (n == 0)
    n = int_input (file, node, 1, &axes);
  gboolean reduced[4] = { FALSE };
  for (int i = 0; i < n; i++)
    if (axes[i] >= -4 && axes[i] < 4)
      reduced[(axes[i] + 4) % 4] = TRUE;
  if (n != 2 || !reduced[2] || !reduced[3])
    return unsupported (file, node, error);
  return convert_global_pool (file, node, error);
}

/* Local response normalisation with the constant @bias: (bias + s)^-beta = bias^-beta (1 + s / bias)^-beta. */
static gboolean
convert_biased_lrn (File *file, const Node *node, gint64 size, double bias, GError **error)
{
  Value x = *input (file, node, 0);
  RvGraphNode *lrn;
  double beta = attribute_real (node, "beta", 0.75), scale = pow (bias, -beta);
  x.padded = FALSE;
  x.index = append (file, RV_GRAPH_LRN, NULL, 1, &x.index, &lrn);
  lrn->window[0] = (int) size;
  lrn->alpha = attribute_real (node, "alpha", 1e-4) / bias;
  lrn->beta = beta;
  return convert_to_affine (file, node, &x, &scale, 1, NULL, 0, error);
}

static gboolean
convert_lrn (File *file, const Node *node, GError **error)
{
  const Value *x = input (file, node, 0);
  RvGraphNode *lrn;
  gint64 size = attribute_int (node, "size", 0);
  double bias = attribute_real (node, "bias", 1), beta = attribute_real (node, "beta", 0.75);
  if (size < 1 || size > 255 || size % 2 == 0 || !(bias > 0))
    return refuse (file, node, "has an even size, or no bias above 0", error);
  if (bias != 1)
    return convert_biased_lrn (file, node, size, bias, error);
  if (!convert_to (file, node, RV_GRAPH_LRN, x, x->channels, &lrn, error))
    return FALSE;
  lrn->window[0] = (int) size;
  lrn->alpha = attribute_real (node, "alpha", 1e-4);
  lrn->beta = beta;
  return TRUE;
}

/* Joins the values @in, @n of them, in groups that one node can take. Returns the number of the last node, which is
 * called @name. */
static int
join (File *file, const char *name, int *in, int n)
{
  while (n > RV_GRAPH_MAX_IN) {
    int groups = 0;
    for (int i = 0; i < n; i += RV_GRAPH_MAX_IN) {
      int size = MIN (RV_GRAPH_MAX_IN, n - i);
      in[groups++] = size == 1 ? in[i] : append (file, RV_GRAPH_CONCAT, NULL, size, in + i, NULL);
    }
    n = groups;
  }
  return append (file, RV_GRAPH_CONCAT, name, n, in, NULL);
}

static gboolean
convert_concat (File *file, const Node *node, GError **error)
{
  int in[MAX_INPUTS];
  gint64 axis = attribute_int (node, "axis", 1);
  Value y = { .kind = FEATURES };
  if (axis != 1 && axis != -3)
    return refuse (file, node, "joins another axis than the channels", error);
  for (guint i = 0; i < node->in->len; i++) {
    const Value *x = input (file, node, i);
    if (!x || x->kind != FEATURES || x->pooled)
      return unsupported (file, node, error);
    in[i] = x->index;
    y.channels += x->channels;
  }
  if (y.channels > RV_GRAPH_MAX_CHANNELS)
    return refuse (file, node, "has too many channels", error);
  y.index = join (file, output_name (node), in, (int) node->in->len);
  return define (file, output_name (node), y, error);
}

static gboolean
convert_pad (File *file, const Node *node, GError **error)
{
  static const char *const modes[] = { "constant", "edge", "reflect" };
  const Value *x = input (file, node, 0);
  gint64 attribute[MAX_INTS];
  const gint64 *pads = attribute;
  const char *mode = attribute_text (file, node, "mode", modes[0]);
  int n = attribute_ints (node, "pads", attribute), m = 0;
  RvGraphNode *pad;
  if (n == 0)
    n = int_input (file, node, 1, &pads);
  while (m < 3 && strcmp (modes[m], mode) != 0)
    m++;
  if (n != 8 || m == 3 || input (file, node, 3) || pads[0] || pads[1] || pads[4] || pads[5])
    return unsupported (file, node, error);
  const Constant *value = constant_input (file, node, 2);
  if (input (file, node, 2) && (!value || !bytes_of_type (value->type)))
    return unsupported (file, node, error);
  g_autofree double *numbers = value ? doubles_of (file, value, error) : NULL;
  if (value && !numbers)
    return FALSE;
  if (attribute_real (node, "value", 0) != 0 || (value && rv_shape_count (&value->shape) > 0 && numbers[0] != 0))
    return refuse (file, node, "pads with another number than 0", error);
  const gint64 by[] = { pads[2], pads[3], pads[6], pads[7] };
  for (int i = 0; i < 4; i++)
    if (by[i] < 0 || by[i] > RV_GRAPH_MAX_SIDE / 2)
      return refuse (file, node, "has pads out of bounds", error);
  if (!convert_to (file, node, RV_GRAPH_PAD, x, x->channels, &pad, error))
    return FALSE;
  pad->mode = m;
  for (int i = 0; i < 4; i++)
    pad->pad[i] = (int) by[i];
  ((Value *) g_hash_table_lookup (file->values, output_name (node)))->padded = m == 0;
  return TRUE;
}

/* Flatten, Reshape and the like: keep the mean over positions. Elsewhere only Reshape to more than two axes is no end
 * of the network, and refused. */
static gboolean
convert_reshape (File *file, const Node *node, GError **error)
{
  const gint64 *sizes;
  if (input (file, node, 0)->pooled)
    return convert_identity (file, node, error);
  if (strcmp (node->op, "Reshape") == 0 && int_input (file, node, 1, &sizes) > 2)
    return refuse (file, node, "to more than two axes is not supported", error);
  if (strcmp (node->op, "Flatten") != 0 && strcmp (node->op, "Reshape") != 0)
    return unsupported (file, node, error);
  return leave_out (file, node, error);
}

/* Softmax and the like at the end: no layer, and nothing is missing. */
static gboolean
convert_end (File *file, const Node *node, GError **error)
{
  return define_all (file, node, (Value){ .kind = LEFT_OUT }, error);
}

static const struct {
  const char *op;
  gboolean is_linear; /* may follow the mean over positions */
  gboolean is_source; /* makes a constant, from constants if it has inputs */
  gboolean (*convert) (File *file, const Node *node, GError **error);
} operators[] = {
  { "Add", TRUE, FALSE, convert_arithmetic },
  { "AveragePool", FALSE, FALSE, convert_pool },
  { "BatchNormalization", FALSE, FALSE, convert_batch_norm },
  { "Cast", TRUE, TRUE, convert_cast },
  { "Clip", FALSE, FALSE, convert_clip },
  { "Concat", FALSE, FALSE, convert_concat },
  { "Constant", TRUE, TRUE, convert_constant },
  { "ConstantOfShape", TRUE, TRUE, convert_fill },
  { "Conv", TRUE, FALSE, convert_conv },
  { "Div", TRUE, FALSE, convert_arithmetic },
  { "Dropout", TRUE, FALSE, convert_identity },
  { "Flatten", TRUE, FALSE, convert_reshape },
  { "Gemm", TRUE, FALSE, convert_dense },
  { "GlobalAveragePool", TRUE, FALSE, convert_global_pool },
  { "HardSigmoid", FALSE, FALSE, convert_hard_sigmoid },
  { "HardSwish", FALSE, FALSE, convert_hard_sigmoid },
  { "Identity", TRUE, FALSE, convert_identity },
  { "LRN", FALSE, FALSE, convert_lrn },
  { "LogSoftmax", TRUE, FALSE, convert_end },
  { "MatMul", TRUE, FALSE, convert_dense },
  { "MaxPool", FALSE, FALSE, convert_pool },
  { "Mul", TRUE, FALSE, convert_arithmetic },
  { "Pad", FALSE, FALSE, convert_pad },
  { "ReduceMean", TRUE, FALSE, convert_reduce_mean },
  { "Relu", FALSE, FALSE, convert_relu },
  { "Reshape", TRUE, FALSE, convert_reshape },
  { "Sigmoid", FALSE, FALSE, convert_sigmoid },
  { "Softmax", TRUE, FALSE, convert_end },
  { "Squeeze", TRUE, FALSE, convert_reshape },
  { "Sub", TRUE, FALSE, convert_arithmetic },
  { "Sum", FALSE, FALSE, convert_sum },
  { "Unsqueeze", TRUE, TRUE, convert_unsqueeze },
};

/* Kinds of the inputs of a node. */
typedef struct {
  guint n_constants, n_computed, n_features, n_pooled, n_left_out;
} InputKinds;

/* FALSE and RV_ERROR_FORMAT: an input does not exist, or is computed later: a cycle. */
static gboolean
count_inputs (const File *file, const Node *node, InputKinds *kinds, GError **error)
{
  *kinds = (InputKinds){ 0 };
  for (guint i = 0; i < node->in->len; i++) {
    const Value *value = input (file, node, i);
    if (!value && *(const char *) node->in->pdata[i]) {
      g_autofree char *what =
        g_strdup_printf ("needs '%s', which no node before it computes", (const char *) node->in->pdata[i]);
      return refuse (file, node, what, error);
    }
    kinds->n_constants += value && value->kind == CONSTANT;
    kinds->n_computed += value && value->kind == COMPUTED;
    kinds->n_left_out += value && value->kind == LEFT_OUT;
    kinds->n_features += value && value->kind == FEATURES;
    kinds->n_pooled += value && value->kind == FEATURES && value->pooled;
  }
  return TRUE;
}

static gboolean
convert_node (File *file, const Node *node, GError **error)
{
  InputKinds kinds;
  gboolean shape = strcmp (node->op, "Shape") == 0 || strcmp (node->op, "Size") == 0;
  if (!count_inputs (file, node, &kinds, error))
    return FALSE;
  if (*node->domain)
    return unsupported (file, node, error);
  if (shape)
    return define_all (file, node, (Value){ .kind = COMPUTED }, error);
  if (kinds.n_left_out && kinds.n_features > kinds.n_pooled)
    return refuse (file, node, "needs the mean over the whole picture, which is not supported", error);
  if (kinds.n_left_out)
    return leave_out (file, node, error);
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++) {
    if (strcmp (operators[i].op, node->op) != 0)
      continue;
    gboolean is_source = operators[i].is_source;
    gboolean alias = operators[i].convert == convert_identity;
    if (kinds.n_features == 0 && !is_source && !(alias && input (file, node, 0)))
      return define_all (file, node, (Value){ .kind = COMPUTED }, error);
    const Value *x = input (file, node, 0);
    gboolean swapped = operators[i].convert == convert_arithmetic && x && x->kind == CONSTANT;
    if (is_source && kinds.n_features > 0)
      return unsupported (file, node, error);
    if (!is_source && !alias && (!x || (x->kind != FEATURES && !swapped)))
      return refuse (file, node, "has an input that is not known", error);
    if (kinds.n_pooled && kinds.n_features > kinds.n_pooled)
      return refuse (file, node, "needs the mean over the whole picture, which is not supported", error);
    if (kinds.n_pooled && !operators[i].is_linear)
      return leave_out (file, node, error);
    return operators[i].convert (file, node, error);
  }
  if (kinds.n_features == 0)
    return define_all (file, node, (Value){ .kind = COMPUTED }, error);
  return unsupported (file, node, error);
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static void
clear_node (gpointer data)
{
  Node *node = data;
  g_clear_pointer (&node->in, g_ptr_array_unref);
  g_clear_pointer (&node->out, g_ptr_array_unref);
}

/* Checks that the attributes of @node can be read, and have no graphs of their own. RV_ERROR_FORMAT. */
static gboolean
check_attribute (const File *file, const Node *node, RvProtoSpan span, GError **error)
{
  RvProtoField field;
  if (!is_message (span))
    return damaged (file, "an attribute is cut short", error);
  while (span.at < span.end && rv__proto_read_field (&span, &field))
    if (field.number == 6 || field.number == 11)
      return refuse (file, node, "has a graph of its own, which is not supported", error);
  return TRUE;
}

/* Reads a NodeProto. The caller clears @node, also after an error: RV_ERROR_FORMAT. */
static gboolean
read_node (File *file, RvProtoSpan span, Node *node, GError **error)
{
  RvProtoField field;
  *node = (Node){ span, "", "", "", g_ptr_array_new (), g_ptr_array_new () };
  for (RvProtoSpan rest = span; rest.at < rest.end;) {
    if (!rv__proto_read_field (&rest, &field))
      return damaged (file, "a node is cut short", error);
    const char *text = field.number <= 7 && field.number != 5 && field.number != 6 && field.kind == RV_PROTO_BYTES
                         ? text_of (file, field.bytes)
                         : "";
    if (!text)
      return damaged (file, "a name is too long or no text", error);
    if (field.kind != RV_PROTO_BYTES)
      continue;
    if (field.number == 1)
      g_ptr_array_add (node->in, (gpointer) text);
    else if (field.number == 2)
      g_ptr_array_add (node->out, (gpointer) text);
    else if (field.number == 3)
      node->name = text;
    else if (field.number == 4)
      node->op = text;
    else if (field.number == 7)
      node->domain = strcmp (text, "ai.onnx") == 0 ? "" : text;
    if (node->in->len > MAX_INPUTS || node->out->len > MAX_INPUTS)
      return damaged (file, "a node has too many inputs", error);
  }
  if (node->out->len == 0 || !*output_name (node) || !*node->op)
    return damaged (file, "a node has no output or no operator", error);
  if (!*node->name)
    node->name = output_name (node);
  for (RvProtoSpan rest = span; rest.at < rest.end && rv__proto_read_field (&rest, &field);)
    if (field.number == 5 && field.kind == RV_PROTO_BYTES && !check_attribute (file, node, field.bytes, error))
      return FALSE;
  return TRUE;
}

static gboolean
add_node (File *file, RvProtoSpan span, GError **error)
{
  if (file->nodes->len == MAX_NODES)
    return damaged (file, "it has too many nodes", error);
  g_array_set_size (file->nodes, file->nodes->len + 1);
  Node *node = &g_array_index (file->nodes, Node, file->nodes->len - 1);
  if (!read_node (file, span, node, error))
    return FALSE;
  for (guint i = 0; i < node->in->len; i++)
    g_hash_table_insert (file->n_uses, node->in->pdata[i], GUINT_TO_POINTER (n_uses (file, node->in->pdata[i]) + 1));
  return TRUE;
}

static gboolean
add_constant (File *file, RvProtoSpan span, GError **error)
{
  const char *name;
  Constant *constant = g_new0 (Constant, 1);
  if (!read_tensor (file, span, constant, &name, error)) {
    g_free (constant);
    return FALSE;
  }
  if (!name || g_hash_table_contains (file->constants, name) || g_hash_table_size (file->constants) == MAX_TENSORS) {
    g_free (constant);
    return damaged (file, "a tensor has no name of its own, or there are too many", error);
  }
  g_hash_table_insert (file->constants, (gpointer) name, constant);
  return define (file, name, (Value){ .kind = CONSTANT, .constant = constant }, error);
}

/* Reads the path of field numbers @path, 0-terminated, of bytes in @span into @found. FALSE: there is none. */
static gboolean
find_nested (RvProtoSpan span, const guint64 *path, RvProtoSpan *found)
{
  RvProtoField field;
  for (; *path; path++) {
    gboolean there = FALSE;
    while (!there && span.at < span.end && rv__proto_read_field (&span, &field))
      there = field.number == *path && field.kind == RV_PROTO_BYTES;
    if (!there)
      return FALSE;
    span = field.bytes;
  }
  *found = span;
  return TRUE;
}

/* Number of axes of a ValueInfoProto; -1: not known. *channels: (out): the second size; 0: not known. */
static int
input_shape (RvProtoSpan span, gint64 *channels)
{
  RvProtoField field, size;
  RvProtoSpan shape;
  int n = 0;
  *channels = 0;
  if (!find_nested (span, (const guint64[]){ 2, 1, 2, 0 }, &shape))
    return -1;
  while (shape.at < shape.end && rv__proto_read_field (&shape, &field))
    if (field.number == 1 && field.kind == RV_PROTO_BYTES && n++ == 1)
      for (RvProtoSpan rest = field.bytes; rest.at < rest.end && rv__proto_read_field (&rest, &size);)
        if (size.number == 1 && size.kind == RV_PROTO_VARINT)
          *channels = (gint64) size.value;
  return n;
}

/* Adds the graph's input, unless an initializer has its name. RV_ERROR_FORMAT: a second one, or no picture. */
static gboolean
add_input (File *file, RvProtoSpan span, gboolean *has_input, GError **error)
{
  RvProtoField field;
  const char *name = NULL;
  gint64 channels;
  for (RvProtoSpan rest = span; rest.at < rest.end;) {
    if (!rv__proto_read_field (&rest, &field))
      return damaged (file, "an input is cut short", error);
    if (field.number == 1 && field.kind == RV_PROTO_BYTES && !(name = text_of (file, field.bytes)))
      return damaged (file, "an input's name is wrong", error);
  }
  if (!name || !*name)
    return damaged (file, "an input has no name", error);
  if (g_hash_table_contains (file->constants, name))
    return TRUE;
  int n = input_shape (span, &channels);
  if (*has_input)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: the network has several inputs, which is not supported",
                          file->filename);
  if ((n >= 0 && n != 4) || (channels != 0 && channels != PICTURE_CHANNELS))
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: the input %s is no picture [N, 3, H, W]", file->filename, name);
  *has_input = TRUE;
  return define (file, name, (Value){ .kind = FEATURES, .channels = PICTURE_CHANNELS }, error);
}

/* Reads the GraphProto @span: initializers before inputs before nodes, since each needs the ones before. */
static gboolean
read_graph (File *file, RvProtoSpan span, GError **error)
{
  static const guint64 order[] = { 5, 11, 1 };
  RvProtoField field;
  gboolean has_input = FALSE;
  if (!is_message (span))
    return damaged (file, "its graph is cut short", error);
  for (guint pass = 0; pass < G_N_ELEMENTS (order); pass++)
    for (RvProtoSpan rest = span; rest.at < rest.end && rv__proto_read_field (&rest, &field);) {
      if (field.number != order[pass] || field.kind != RV_PROTO_BYTES)
        continue;
      if (!(pass == 0   ? add_constant (file, field.bytes, error)
            : pass == 1 ? add_input (file, field.bytes, &has_input, error)
                        : add_node (file, field.bytes, error)))
        return FALSE;
    }
  if (!has_input)
    return damaged (file, "it has no input", error);
  for (guint i = 0; i < file->nodes->len; i++) {
    if (!convert_node (file, &g_array_index (file->nodes, Node, i), error))
      return FALSE;
    if (file->graph->nodes->len > RV_GRAPH_MAX_NODES)
      return damaged (file, "it has too many nodes", error);
  }
  return TRUE;
}

/* Sets the texts of the map. RV_ERROR_FORMAT: the graph is not valid. */
static gboolean
finish (File *file, GError **error)
{
  guint at;
  const char *fault = rv__net_graph_fault (file->graph, &at);
  if (fault && file->graph->nodes->len == 0)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: no layer of the network works on pictures of any size",
                          file->filename);
  if (fault) {
    const char *name = rv__net_graph_node (file->graph, MIN (at, file->graph->nodes->len - 1))->name;
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: the layer %s %s", file->filename, name ? name : "?", fault);
  }
  g_autofree char *text = rv__net_graph_to_text (file->graph), *base = g_path_get_basename (file->filename);
  g_autofree char *name = g_utf8_make_valid (base, -1);
  rv_tensor_map_set_text (file->map, RV_GRAPH_TEXT, text);
  rv_tensor_map_set_text (file->map, RV_GRAPH_NAME, name);
  if (file->first_left_out) {
    g_autofree char *left_out =
      g_strdup_printf ("%u nodes from %s on, which need one input size", file->n_left_out, file->first_left_out);
    rv_tensor_map_set_text (file->map, RV_GRAPH_LEFT_OUT, left_out);
  }
  return TRUE;
}

/* RvWeightsClass.sniff: whether the file may be an ONNX file, which has no signature. TRUE if it begins with the small
 * number ir_version, and has a graph. Reads no numbers. */
static gboolean
onnx_sniff (const guint8 *data, gsize size)
{
  RvProtoSpan rest = { data, data + size };
  RvProtoField field;
  if (size < 2 || data[0] != 8 || data[1] == 0 || data[1] > 100)
    return FALSE;
  while (rest.at < rest.end && rv__proto_read_field (&rest, &field) && field.number <= 30)
    if (field.number == 7)
      return field.kind == RV_PROTO_BYTES;
  return FALSE;
}

/* RvWeightsClass.parse. (transfer full) (nullable): the parameters of the layers, and the texts "graph" and "network".
 * They may point into @bytes, which they keep. @part: there are no dense layers. @name: for messages. NULL:
 * RV_ERROR_FORMAT: damaged, or an operator that is not supported; RV_ERROR_MEMORY. */
static RvTensorMap *
onnx_parse (GBytes *bytes, RvWeightsFilter part, const char *name, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autoptr (RvNetGraph) graph = rv__net_graph_new ();
  g_autoptr (GHashTable) constants = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free),
                         values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free),
                         uses = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) nodes = g_array_new (FALSE, TRUE, sizeof (Node));
  File file = { .filename = name,
                .bytes = bytes,
                .names = g_string_chunk_new (4096),
                .nodes = nodes,
                .constants = constants,
                .values = values,
                .n_uses = uses,
                .graph = graph,
                .map = map };
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  RvProtoField field;
  gboolean ok = TRUE, found = FALSE;
  g_array_set_clear_func (nodes, clear_node);
  for (RvProtoSpan rest = { data, data + size }; rest.at < rest.end && ok;) {
    if (!rv__proto_read_field (&rest, &field))
      ok = damaged (&file, "it is cut short", error);
    else if (field.number == 7 && field.kind == RV_PROTO_BYTES)
      ok = found ? damaged (&file, "it has two graphs", error) : read_graph (&file, field.bytes, error), found = TRUE;
  }
  ok = ok && (found || damaged (&file, "it has no graph", error)) && finish (&file, error);
  g_string_chunk_free (file.names);
  return ok ? g_steal_pointer (&map) : NULL;
}

const RvWeightsClass rv__weights_onnx = {
  .summary = "an ONNX file",
  .sniff = onnx_sniff,
  .parse = onnx_parse,
};
