/* onnx-fold.c -- nodes that compute with constants and shapes. Whole numbers that the size of the picture decides are
 * RV_ONNX_UNKNOWN, or numbers of rv__onnx_size(), which stay whole when a node casts them to real ones. */
#include "onnx.h"
#include <math.h>
#include <string.h>

static gboolean
define_computed (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_COMPUTED }, error);
}

/* (nullable): input @i, if it is one or more whole numbers. Borrowed from @file. */
static const RvOnnxConstant *
ints_input (const RvOnnxFile *file, const RvOnnxNode *node, guint i)
{
  const RvOnnxConstant *constant = rv__onnx_constant_input (file, node, i);
  return constant && !rv__onnx_bytes_of_type (constant->type) && constant->n_ints > 0 ? constant : NULL;
}

/* (nullable): input @i as one or more whole numbers. Real numbers, if all are whole, are copied to @copy, a node of
 * sizes that were cast to real ones. Borrowed from @file or @copy. */
static const RvOnnxConstant *
whole_input (RvOnnxFile *file, const RvOnnxNode *node, guint i, RvOnnxConstant *copy)
{
  const RvOnnxConstant *from = rv__onnx_constant_input (file, node, i);
  gint64 n = from ? rv_shape_count (&from->shape) : 0;
  if (!from || !rv__onnx_bytes_of_type (from->type))
    return ints_input (file, node, i);
  if (n < 1 || n > RV_ONNX_MAX_INTS)
    return NULL;
  g_autofree double *numbers = rv__onnx_doubles_of (file, from, NULL);
  *copy = (RvOnnxConstant){ .type = RV_ONNX_INT64, .shape = from->shape, .n_ints = (int) n };
  for (int k = 0; k < n && numbers; k++) {
    if (!(fabs (numbers[k]) < G_MAXINT) || numbers[k] != floor (numbers[k]))
      return NULL;
    copy->ints[k] = (gint64) numbers[k];
  }
  return numbers ? copy : NULL;
}

/* Defines the output as a copy of the whole numbers @ints, a list or, with @is_scalar, one number. @n: 1 to
 * RV_ONNX_MAX_INTS, unchecked. */
static gboolean
define_ints (RvOnnxFile *file, const RvOnnxNode *node, const gint64 *ints, int n, gboolean is_scalar, GError **error)
{
  RvOnnxConstant *constant = g_new0 (RvOnnxConstant, 1);
  constant->type = RV_ONNX_INT64;
  constant->n_ints = n;
  memcpy (constant->ints, ints, (gsize) n * sizeof *ints);
  if (!is_scalar)
    constant->shape = rv_shape (1, (gint64) n);
  return rv__onnx_define_constant (file, rv__onnx_output_name (node), constant, error);
}

/* Constant: a tensor, a float, or one or more whole numbers. Numbers of other attributes are not known. */
static gboolean
fold_constant (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  g_autofree RvOnnxConstant *constant = g_new0 (RvOnnxConstant, 1);
  RvProtoField field;
  const char *name;
  constant->n_ints = -1;
  if (rv__onnx_find_member (node, "value", 5, RV_PROTO_BYTES, &field)) {
    constant->n_ints = 0;
    if (!rv__onnx_read_tensor (file, field.bytes, constant, &name, error))
      return FALSE;
  } else if (rv__onnx_find_member (node, "value_float", 2, RV_PROTO_FOUR_BYTES, &field))
    *constant = (RvOnnxConstant){ .type = RV_ONNX_FLOAT, .numbers = field.bytes, .n_ints = -1 };
  else if (rv__onnx_find_member (node, "value_int", 3, RV_PROTO_VARINT, &field))
    *constant = (RvOnnxConstant){ .type = RV_ONNX_INT64, .ints = { (gint64) field.value }, .n_ints = 1 };
  else if (rv__onnx_find_member (node, "value_ints", 8, RV_PROTO_VARINT, &field) ||
           rv__onnx_find_member (node, "value_ints", 8, RV_PROTO_BYTES, &field)) {
    constant->type = RV_ONNX_INT64;
    constant->n_ints = rv__onnx_attribute_ints (node, "value_ints", constant->ints);
  }
  return rv__onnx_define_constant (file, rv__onnx_output_name (node), g_steal_pointer (&constant), error);
}

/* Whether @constant has whole numbers that the size of the picture decides. */
static gboolean
depends_on_picture (const RvOnnxConstant *constant)
{
  for (int i = 0; constant && !rv__onnx_bytes_of_type (constant->type) && i < constant->n_ints; i++)
    if (!rv__onnx_is_known (constant->ints[i]))
      return TRUE;
  return FALSE;
}

/* Floor of sizes that the picture decides, which are whole. Other results are not known. */
static gboolean
fold_floor (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  return depends_on_picture (rv__onnx_constant_input (file, node, 0)) ? rv__onnx_convert_identity (file, node, error)
                                                                      : define_computed (file, node, error);
}

/* Defines the output as the one number of @value, in the @n sizes @sizes (n < 0: not known). The numbers are known only
 * if @value is one float, or for a list one whole number. RV_ERROR_FORMAT: wrong sizes. */
static gboolean
define_filled (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxConstant *value, const gint64 *sizes, int n,
               GError **error)
{
  gint64 count;
  gboolean is_float =
    value->type == RV_ONNX_FLOAT && (value->fills || value->numbers.end - value->numbers.at == sizeof (float));
  if (n == 1 && !rv__onnx_bytes_of_type (value->type) && value->n_ints == 1 && sizes[0] >= 1 &&
      sizes[0] <= RV_ONNX_MAX_INTS) {
    gint64 list[RV_ONNX_MAX_INTS];
    for (int i = 0; i < RV_ONNX_MAX_INTS; i++)
      list[i] = value->ints[0];
    return define_ints (file, node, list, (int) sizes[0], FALSE, error);
  }
  if (n < 0 || !is_float)
    return define_computed (file, node, error);
  g_autofree RvOnnxConstant *constant = g_new0 (RvOnnxConstant, 1);
  *constant = (RvOnnxConstant){ .type = RV_ONNX_FLOAT, .n_ints = -1, .fills = TRUE, .fill = value->fill };
  if (!value->fills)
    memcpy (&constant->fill, value->numbers.at, sizeof (float));
  if (!rv__onnx_set_shape (constant, sizes, n, &count))
    return rv__onnx_refuse (file, node, "has a wrong shape", error);
  return rv__onnx_define_constant (file, rv__onnx_output_name (node), g_steal_pointer (&constant), error);
}

/* ConstantOfShape. The number is in the attribute `value`. */
static gboolean
fold_fill (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const gint64 *sizes;
  int n = rv__onnx_int_input (file, node, 0, &sizes);
  g_autofree RvOnnxConstant *value = g_new0 (RvOnnxConstant, 1);
  const char *name;
  RvProtoField field;
  if (rv__onnx_find_member (node, "value", 5, RV_PROTO_BYTES, &field) &&
      !rv__onnx_read_tensor (file, field.bytes, value, &name, error))
    return FALSE;
  return define_filled (file, node, value, sizes, n, error);
}

/* Expand of one number. Other results are not known. */
static gboolean
fold_expand (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxConstant *from = rv__onnx_constant_input (file, node, 0);
  const gint64 *sizes;
  int n = rv__onnx_int_input (file, node, 1, &sizes);
  if (!from || rv_shape_count (&from->shape) != 1 || from->shape.n > n)
    return define_computed (file, node, error);
  return define_filled (file, node, from, sizes, n, error);
}

/* TensorProto.data_type that @node, a Cast or a CastLike, converts to; 0: not known. Layers are real numbers. */
static int
cast_type (const RvOnnxFile *file, const RvOnnxNode *node)
{
  const RvOnnxValue *like = rv__onnx_input (file, node, 1);
  if (strcmp (node->op, "Cast") == 0)
    return (int) CLAMP (rv__onnx_attribute_int (node, "to", 0), 0, 1000);
  return !like || like->kind == RV_ONNX_COMPUTED ? 0
         : like->kind == RV_ONNX_CONSTANT        ? like->constant->type
                                                 : RV_ONNX_FLOAT;
}

/* Cast, CastLike of a constant: from real to real, from whole to whole, or one whole number to a real one. Sizes that
 * the picture decides stay whole. A layer stays as it is: a Cast to whole numbers is refused. Others are not known. */
static gboolean
fold_cast (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  const RvOnnxConstant *from = rv__onnx_constant_input (file, node, 0);
  int type = cast_type (file, node);
  gboolean to_real = rv__onnx_bytes_of_type (type) > 0;
  if (x && (x->kind == RV_ONNX_FEATURES || x->kind == RV_ONNX_TRANSPOSED) && !to_real)
    return rv__onnx_refuse (file, node, "to whole numbers is not supported", error);
  if (!from || (to_real && rv__onnx_bytes_of_type (from->type)))
    return rv__onnx_convert_identity (file, node, error);
  if ((from->n_ints >= 0 && !to_real) || depends_on_picture (from))
    return rv__onnx_convert_identity (file, node, error);
  if (!to_real || from->n_ints != 1 || rv_shape_count (&from->shape) != 1)
    return define_computed (file, node, error);
  const RvOnnxConstant number = { .type = RV_ONNX_FLOAT, .fills = TRUE, .fill = (float) from->ints[0] };
  return define_filled (file, node, &number, from->shape.dim, from->shape.n, error);
}

/* Unsqueeze of a constant: defines the same numbers in more axes of size 1; without constant inputs, the output is a
 * computed value. RV_ERROR_FORMAT: an axis out of bounds, or one twice. */
static gboolean
fold_unsqueeze (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxConstant *from = rv__onnx_constant_input (file, node, 0);
  gint64 axes[RV_ONNX_MAX_INTS];
  gboolean added[RV_MAX_DIMS] = { FALSE };
  int n = rv__onnx_read_ints (file, node, "axes", 1, axes), from_axis = 0;
  if (!from || (!rv__onnx_bytes_of_type (from->type) && from->n_ints < 1) || n < 1 || from->shape.n + n > RV_MAX_DIMS)
    return define_computed (file, node, error);
  int n_axes = from->shape.n + n;
  for (int a = 0; a < n; a++) {
    gint64 axis = axes[a] < 0 ? axes[a] + n_axes : axes[a];
    if (axis < 0 || axis >= n_axes || added[axis])
      return rv__onnx_refuse (file, node, "has an axis out of bounds, or one twice", error);
    added[axis] = TRUE;
  }
  RvOnnxConstant *constant = g_memdup2 (from, sizeof *from);
  constant->shape.n = n_axes;
  for (int i = 0; i < n_axes; i++)
    constant->shape.dim[i] = added[i] ? 1 : from->shape.dim[from_axis++];
  return rv__onnx_define_constant (file, rv__onnx_output_name (node), constant, error);
}

/* Reshape of a constant to sizes that are known: the same numbers. Other results are not known. */
static gboolean
fold_reshape (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxConstant *from = rv__onnx_constant_input (file, node, 0);
  const gint64 *sizes;
  int n = rv__onnx_int_input (file, node, 1, &sizes), rest = -1;
  if (!from || (!rv__onnx_bytes_of_type (from->type) && from->n_ints < 1) || n < 1 || n > RV_MAX_DIMS)
    return define_computed (file, node, error);
  gint64 count = rv_shape_count (&from->shape), known = 1;
  RvShape shape = { .n = n };
  for (int i = 0; i < n; i++) {
    gint64 size = sizes[i] == 0 && i < from->shape.n ? from->shape.dim[i] : sizes[i];
    if (size == -1 && rest < 0)
      rest = i;
    else if (size < 1 || known > count / size)
      return define_computed (file, node, error);
    else
      known *= size;
    shape.dim[i] = size;
  }
  if (rest >= 0)
    shape.dim[rest] = count / known;
  if (rv_shape_count (&shape) != count)
    return define_computed (file, node, error);
  RvOnnxConstant *constant = g_memdup2 (from, sizeof *from);
  constant->shape = shape;
  return rv__onnx_define_constant (file, rv__onnx_output_name (node), constant, error);
}

/* Concat of whole numbers. Other results are not known. */
static gboolean
fold_concat (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  gint64 joined[RV_ONNX_MAX_INTS];
  int n = 0;
  gboolean has_ints = FALSE;
  RvOnnxConstant copy;
  for (guint i = 0; i < node->in->len; i++)
    has_ints = has_ints || ints_input (file, node, i);
  for (guint i = 0; i < node->in->len; i++) {
    const RvOnnxConstant *ints = has_ints ? whole_input (file, node, i, &copy) : NULL;
    if (!ints || n + ints->n_ints > RV_ONNX_MAX_INTS)
      return define_computed (file, node, error);
    memcpy (joined + n, ints->ints, (gsize) ints->n_ints * sizeof *joined);
    n += ints->n_ints;
  }
  return define_ints (file, node, joined, n, FALSE, error);
}

/* a OP b for numbers of rv__onnx_size(): a size times a number, or the ratio of two sizes of one value. Else
 * RV_ONNX_UNKNOWN. */
static gint64
compute_size (const char *op, gint64 a, gint64 b)
{
  int index[2], axis[2];
  gint64 of_a = rv__onnx_size_factor (a, &index[0], &axis[0]), of_b = rv__onnx_size_factor (b, &index[1], &axis[1]);
  if (*op == 'M' && of_b && !of_a)
    return compute_size (op, b, a);
  if (*op == 'M' && of_a && !of_b && b >= 1 && b <= RV_ONNX_MAX_FACTOR / of_a)
    return rv__onnx_size (index[0], axis[0], (int) (of_a * b));
  return *op == 'D' && of_a && of_b && index[0] == index[1] && axis[0] == axis[1] && of_a % of_b == 0 ? of_a / of_b
                                                                                                      : RV_ONNX_UNKNOWN;
}

/* a OP b, by the first letter of the operator. RV_ONNX_UNKNOWN if an operand is, if the result exceeds 64 bits, or if
 * the divisor is below 1. */
static gint64
compute (const char *op, gint64 a, gint64 b)
{
  gint64 y = 0;
  if (!rv__onnx_is_known (a) || !rv__onnx_is_known (b))
    return compute_size (op, a, b);
  gboolean fails = (*op == 'A'   ? __builtin_add_overflow (a, b, &y)
                    : *op == 'S' ? __builtin_sub_overflow (a, b, &y)
                    : *op == 'M' ? __builtin_mul_overflow (a, b, &y)
                                 : b <= 0);
  return fails ? RV_ONNX_UNKNOWN : *op == 'D' ? a / b : y;
}

/* Add, Div, Mul or Sub of two lists of whole numbers, or of a list and one number. Other results are not known. */
static gboolean
fold_arithmetic (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxConstant copy;
  const RvOnnxConstant *a = ints_input (file, node, 0), *b = ints_input (file, node, 1);
  gint64 y[RV_ONNX_MAX_INTS];
  if (!a != !b)
    *(a ? &b : &a) = whole_input (file, node, a ? 1 : 0, &copy);
  if (!a || !b || (a->n_ints != b->n_ints && a->n_ints != 1 && b->n_ints != 1))
    return define_computed (file, node, error);
  int n = MAX (a->n_ints, b->n_ints);
  for (int i = 0; i < n; i++)
    y[i] = compute (node->op, a->ints[a->n_ints == 1 ? 0 : i], b->ints[b->n_ints == 1 ? 0 : i]);
  return define_ints (file, node, y, n, a->shape.n == 0 && b->shape.n == 0, error);
}

/* Gather from a list of whole numbers. Other results are not known. */
static gboolean
fold_gather (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxConstant *from = ints_input (file, node, 0), *at = ints_input (file, node, 1);
  gint64 y[RV_ONNX_MAX_INTS];
  if (!from || !at || from->shape.n != 1 || rv__onnx_attribute_int (node, "axis", 0) != 0)
    return define_computed (file, node, error);
  for (int i = 0; i < at->n_ints; i++) {
    gint64 k = at->ints[i] < 0 && at->ints[i] >= -from->n_ints ? at->ints[i] + from->n_ints : at->ints[i];
    if (k < 0 || k >= from->n_ints)
      return define_computed (file, node, error);
    y[i] = from->ints[k];
  }
  return define_ints (file, node, y, at->n_ints, at->shape.n == 0, error);
}

/* Sets *rows and *cols of whole numbers in two axes. FALSE: other axes, or another number of them. */
static gboolean
is_matrix (const RvOnnxConstant *ints, int *rows, int *cols)
{
  if (!ints || ints->n_ints < 1 || ints->shape.n != 2 || ints->shape.dim[0] < 1 ||
      ints->shape.dim[0] > RV_ONNX_MAX_INTS)
    return FALSE;
  *rows = (int) ints->shape.dim[0];
  *cols = ints->n_ints / *rows;
  return ints->shape.dim[1] == *cols && *rows * *cols == ints->n_ints;
}

/* Transpose of a matrix: real numbers for a dense layer, or whole numbers. Other results are not known. */
static gboolean
fold_transpose (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxConstant *from = rv__onnx_constant_input (file, node, 0);
  gint64 axes[RV_ONNX_MAX_INTS] = { 1 };
  int n = rv__onnx_attribute_ints (node, "perm", axes), rows, cols;
  if (!from || from->shape.n != 2 || (n != 0 && n != 2) || axes[0] != 1)
    return define_computed (file, node, error);
  if (rv__onnx_bytes_of_type (from->type))
    return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_TRANSPOSED, .constant = from }, error);
  if (!is_matrix (from, &rows, &cols))
    return define_computed (file, node, error);
  RvOnnxConstant *constant = g_memdup2 (from, sizeof *from);
  constant->shape = rv_shape (2, (gint64) cols, (gint64) rows);
  constant->counts = FALSE;
  for (int i = 0; i < from->n_ints; i++)
    constant->ints[i] = from->ints[i % rows * cols + i / rows];
  return rv__onnx_define_constant (file, rv__onnx_output_name (node), constant, error);
}

/* Whether the Slice @node, by its inputs, reverses axis 0. */
static gboolean
is_reversal (const RvOnnxFile *file, const RvOnnxNode *node)
{
  gint64 numbers[4]; /* starts, ends, axes, steps */
  for (guint k = 0; k < G_N_ELEMENTS (numbers); k++) {
    const gint64 *ints;
    if (rv__onnx_int_input (file, node, k + 1, &ints) != 1)
      return FALSE;
    numbers[k] = ints[0];
  }
  return numbers[0] == -1 && numbers[1] < -RV_ONNX_MAX_INTS && numbers[2] == 0 && numbers[3] == -1;
}

/* Slice of a list of whole numbers, or a matrix of them with the rows reversed, by which PyTorch's older exporter
 * computes paddings. Other results are not known. */
static gboolean
fold_slice (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxConstant *from = ints_input (file, node, 0);
  gint64 first, end;
  int rows, cols;
  if (is_matrix (from, &rows, &cols) && is_reversal (file, node)) {
    RvOnnxConstant *constant = g_memdup2 (from, sizeof *from);
    constant->counts = FALSE;
    for (int i = 0; i < from->n_ints; i++)
      constant->ints[i] = from->ints[(rows - 1 - i / cols) * cols + i % cols];
    return rv__onnx_define_constant (file, rv__onnx_output_name (node), constant, error);
  }
  if (!from || from->shape.n != 1 || !rv__onnx_read_slice (file, node, 0, 1, from->n_ints, &first, &end) ||
      first == end)
    return define_computed (file, node, error);
  return define_ints (file, node, from->ints + first, (int) (end - first), FALSE, error);
}

/* Folds Shape or Size of any value. All sizes of a constant are known. Of other values, the number of channels is
 * known; rows and columns are numbers of rv__onnx_size(), but not those of a mean over positions. */
static gboolean
convert_shape (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  gboolean is_layer = x && x->kind == RV_ONNX_FEATURES && !x->groups;
  if (!x || (!is_layer && x->kind != RV_ONNX_CONSTANT) || strcmp (node->op, "Size") == 0)
    return define_computed (file, node, error);
  gint64 rows = x->pool ? RV_ONNX_UNKNOWN : rv__onnx_size (x->index, 0, 1),
         cols = x->pool ? RV_ONNX_UNKNOWN : rv__onnx_size (x->index, 1, 1);
  const gint64 first_channels[] = { RV_ONNX_UNKNOWN, x->channels, rows, cols },
               last_channels[] = { RV_ONNX_UNKNOWN, rows, cols, x->channels },
               *of_layer = x->channels_last ? last_channels : first_channels;
  const gint64 *sizes = is_layer ? of_layer : x->constant->shape.dim;
  gint64 n = is_layer ? 4 : x->constant->shape.n;
  gint64 first = rv__onnx_attribute_int (node, "start", 0), end = rv__onnx_attribute_int (node, "end", n);
  if (first < 0 || end > n || first >= end)
    return define_computed (file, node, error);
  return define_ints (file, node, sizes + first, (int) (end - first), FALSE, error);
}

const RvOnnxOperator rv__onnx_folds[] = {
  { "Add Div Mul Sub", fold_arithmetic },
  { "Cast CastLike", fold_cast, .of_any_values = TRUE },
  { "Concat", fold_concat },
  { "Constant", fold_constant },
  { "ConstantOfShape", fold_fill },
  { "Dropout Identity", rv__onnx_convert_identity },
  { "Expand", fold_expand },
  { "Floor", fold_floor },
  { "Gather", fold_gather },
  { "Reshape", fold_reshape },
  { "Shape Size", convert_shape, .of_any_values = TRUE },
  { "Slice", fold_slice },
  { "Transpose", fold_transpose },
  { "Unsqueeze", fold_unsqueeze },
  { NULL },
};
