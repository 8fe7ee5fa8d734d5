/* onnx-norms.c -- norms over the channels of each position: LayerNormalization, from opset 17 on, and its steps in
 * several nodes before. */
#include "onnx.h"

/* Appends a norm of @x as the output of @node. Its tensors are @weight and @bias (nullable: ones and zeros). */
static gboolean
append_norm (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x, const RvOnnxConstant *weight,
             const RvOnnxConstant *bias, double epsilon, GError **error)
{
  const char *name = rv__onnx_output_name (node);
  const RvOnnxConstant ones = { .type = RV_ONNX_FLOAT, .shape = rv_shape (1, x->channels), .fills = TRUE, .fill = 1 },
                       zeros = { .type = RV_ONNX_FLOAT, .shape = rv_shape (1, x->channels), .fills = TRUE };
  if (!rv__onnx_add_tensor (file, node, name, "weight", weight ? weight : &ones, ones.shape, error) ||
      !rv__onnx_add_tensor (file, node, name, "bias", bias ? bias : &zeros, zeros.shape, error))
    return FALSE;
  const RvGraphNode norm = { .op = RV_GRAPH_CHANNEL_NORM, .params = g_strdup (name), .epsilon = epsilon };
  if (!rv__onnx_convert_to (file, node, norm, x, x->channels, error))
    return FALSE;
  rv__onnx_take_mean (file, x);
  RvOnnxValue *y = g_hash_table_lookup (file->values, name);
  if (!weight && !bias && rv__onnx_n_uses (file, name) == 1)
    y->scales = y->shifts = y->index;
  return TRUE;
}

/* Records LayerNormalization over the channels of a value with its channels last, or of a mean. */
static gboolean
convert_layer_norm (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  const RvOnnxConstant *weight = rv__onnx_constant_input (file, node, 1),
                       *bias = rv__onnx_constant_input (file, node, 2);
  gint64 axis = rv__onnx_attribute_int (node, "axis", -1);
  double epsilon = rv__onnx_attribute_real (node, "epsilon", 1e-5);
  if (x->pool ? axis != -1 && axis != 1 && axis != 3 : !x->channels_last || (axis != -1 && axis != 3))
    return rv__onnx_refuse (file, node, "over other axes than the channels is not supported", error);
  if (!(epsilon >= 0) || !weight || (rv__onnx_input (file, node, 2) && !bias))
    return rv__onnx_refuse (file, node, "has parameters that are not in the file, or a wrong epsilon", error);
  for (guint i = 1; i < node->out->len; i++)
    if (rv__onnx_n_uses (file, node->out->pdata[i]) > 0)
      return rv__onnx_refuse (file, node, "has a second output that is used", error);
  return append_norm (file, node, x, weight, bias, epsilon, error);
}

/* Whether @node takes the mean over the channels of @x, and keeps their axis. A mean over positions has one other axis
 * at most, in any order. */
static gboolean
reduces_channels (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x)
{
  return (rv__onnx_has_axes (file, node, x->channels_last ? 3 : 1, -1) ||
          (x->pool && rv__onnx_has_axes (file, node, 3, -1))) &&
         rv__onnx_attribute_int (node, "keepdims", 1);
}

/* Sets *part to the part of a norm that input @i of @node is, RV_ONNX_PART_NONE if none; for RV_ONNX_PART_NUMBER also
 * *number. */
static gboolean
part_of (RvOnnxFile *file, const RvOnnxNode *node, guint i, RvOnnxNormPart *part, double *number, GError **error)
{
  const RvOnnxValue *value = rv__onnx_input (file, node, i);
  *part = !value                             ? RV_ONNX_PART_NONE
          : value->kind == RV_ONNX_FEATURES  ? RV_ONNX_PART_X
          : value->kind == RV_ONNX_NORM_PART ? value->part
                                             : RV_ONNX_PART_NONE;
  if (!value || value->kind != RV_ONNX_CONSTANT || !rv__onnx_bytes_of_type (value->constant->type) ||
      rv_shape_count (&value->constant->shape) != 1)
    return TRUE;
  g_autofree double *numbers = rv__onnx_doubles_of (file, value->constant, error);
  if (!numbers)
    return FALSE;
  *part = RV_ONNX_PART_NUMBER;
  *number = numbers[0];
  return TRUE;
}

gboolean
rv__onnx_convert_norm_part (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  static const struct {
    const char *op;
    RvOnnxNormPart a, b, y;
  } steps[] = {
    { "ReduceMean", RV_ONNX_PART_X, RV_ONNX_PART_NONE, RV_ONNX_PART_MEAN },
    { "Sub", RV_ONNX_PART_X, RV_ONNX_PART_MEAN, RV_ONNX_PART_CENTRED },
    { "Pow", RV_ONNX_PART_CENTRED, RV_ONNX_PART_NUMBER, RV_ONNX_PART_SQUARED },
    { "Mul", RV_ONNX_PART_CENTRED, RV_ONNX_PART_CENTRED, RV_ONNX_PART_SQUARED },
    { "ReduceMean", RV_ONNX_PART_SQUARED, RV_ONNX_PART_NONE, RV_ONNX_PART_VARIANCE },
    { "Add", RV_ONNX_PART_VARIANCE, RV_ONNX_PART_NUMBER, RV_ONNX_PART_SUM },
    { "Sqrt", RV_ONNX_PART_SUM, RV_ONNX_PART_NONE, RV_ONNX_PART_DEVIATION },
    { "Div", RV_ONNX_PART_CENTRED, RV_ONNX_PART_DEVIATION, RV_ONNX_PART_X },
  };
  RvOnnxNormPart a, b;
  double number = 0;
  guint s = 0;
  if (!part_of (file, node, 0, &a, &number, error) || !part_of (file, node, 1, &b, &number, error))
    return FALSE;
  while (s < G_N_ELEMENTS (steps) && (!g_str_equal (steps[s].op, node->op) || steps[s].a != a || steps[s].b != b))
    s++;
  const RvOnnxValue *x = rv__onnx_input (file, node, 0), *other = rv__onnx_input (file, node, 1);
  if (s == G_N_ELEMENTS (steps) ||
      (other && other->kind != RV_ONNX_CONSTANT &&
       (other->index != x->index || other->channels_last != x->channels_last)) ||
      (a == RV_ONNX_PART_CENTRED && b == RV_ONNX_PART_NUMBER && number != 2) ||
      (steps[s].op[0] == 'R' && !reduces_channels (file, node, x)) || !(number >= 0))
    return rv__onnx_refuse (file, node, "is no step of a norm over the channels, which is not supported", error);
  RvOnnxValue y = *x;
  y.part = steps[s].y;
  y.kind = y.part == RV_ONNX_PART_X ? RV_ONNX_FEATURES : RV_ONNX_NORM_PART;
  y.epsilon = y.part == RV_ONNX_PART_SUM ? number : other && other->epsilon > 0 ? other->epsilon : x->epsilon;
  if (y.part == RV_ONNX_PART_X)
    return append_norm (file, node, &y, NULL, NULL, y.epsilon, error);
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

const RvOnnxOperator rv__onnx_norms[] = {
  { "LayerNormalization", convert_layer_norm, .channels_last = TRUE },
  { NULL },
};
