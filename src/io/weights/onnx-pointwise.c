/* onnx-pointwise.c -- conversion of the nodes that compute each position by itself: arithmetic, activations. */
#include "onnx.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

#define MAX_LIMIT 1e4               /* of Clip */
#define MAX_GELU_CHANNELS (1 << 14) /* each product of a file looks for a GELU */
#define MAX_FACTORS 2               /* in a row, in a GELU of several nodes */

gboolean
rv__onnx_add_per_channel (RvOnnxFile *file, const char *params, const char *kind, gint64 channels,
                          RvOnnxPerChannel from, float otherwise, GError **error)
{
  RvShape shape = rv_shape (1, channels);
  g_autofree char *name = g_strconcat (params, ".", kind, NULL);
  g_autoptr (RvTensor) tensor = rv__onnx_filled_tensor (file, otherwise, &shape, error);
  if (!tensor)
    return FALSE;
  for (gint64 c = 0; c < channels && from.numbers; c++)
    ((float *) tensor->data)[c] = (float) from.numbers[from.n == 1 ? 0 : c];
  rv_tensor_map_set (file->map, name, tensor);
  return TRUE;
}

gboolean
rv__onnx_append_affine (RvOnnxFile *file, const RvOnnxNode *node, const char *name, const char *kind, RvOnnxValue *x,
                        RvOnnxPerChannel scale, RvOnnxPerChannel shift, GError **error)
{
  g_autofree char *params = g_strconcat (rv__onnx_output_name (node), ".", kind, NULL);
  if (!rv__onnx_add_per_channel (file, params, "weight", x->channels, scale, 1, error) ||
      !rv__onnx_add_per_channel (file, params, "bias", x->channels, shift, 0, error))
    return FALSE;
  x->index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_AFFINE, .params = g_steal_pointer (&params) }, name,
                              1, &x->index);
  x->padded = FALSE;
  return TRUE;
}

gboolean
rv__onnx_convert_to_affine (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x, RvOnnxPerChannel scale,
                            RvOnnxPerChannel shift, GError **error)
{
  RvOnnxValue y = *x;
  const char *name = rv__onnx_output_name (node);
  return rv__onnx_append_affine (file, node, name, "affine", &y, scale, shift, error) &&
         rv__onnx_define (file, name, y, error);
}

gboolean
rv__onnx_read_number (RvOnnxFile *file, const RvOnnxNode *node, const char *name, guint i, double *number,
                      GError **error)
{
  const RvOnnxConstant *constant = rv__onnx_constant_input (file, node, i);
  const gint64 *ints;
  *number = rv__onnx_attribute_real (node, name, *number);
  if (!rv__onnx_input (file, node, i))
    return TRUE;
  if (rv__onnx_int_input (file, node, i, &ints) == 1) {
    *number = (double) ints[0];
    return TRUE;
  }
  if (!constant || !rv__onnx_bytes_of_type (constant->type) || rv_shape_count (&constant->shape) > 1)
    return rv__onnx_refuse (file, node, "has a number that is not in the file", error);
  g_autofree double *numbers = rv__onnx_doubles_of (file, constant, error);
  if (numbers && rv_shape_count (&constant->shape) == 1)
    *number = numbers[0];
  return numbers != NULL;
}

/* Makes a factor (or a summand) for each channel, the output of @node, part of the node whose output is @x, which gets
 * its name. A convolution has factors as a batch norm. */
static gboolean
merge_per_channel (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x, gboolean scales,
                   RvOnnxPerChannel numbers, GError **error)
{
  static const char *const kinds[] = { "gamma", "beta", "moving_mean", "moving_variance" };
  RvGraphNode *to = rv__net_graph_node (file->graph, (guint) x->index - 1);
  const char *name = rv__onnx_output_name (node);
  gboolean is_conv = to->op == RV_GRAPH_CONV, as_norm = is_conv && scales;
  RvOnnxValue y = *x;
  for (guint i = 0; as_norm && i < G_N_ELEMENTS (kinds); i++)
    if (!rv__onnx_add_per_channel (file, name, kinds[i], x->channels, i == 0 ? numbers : (RvOnnxPerChannel){ 0 },
                                   i == 3, error))
      return FALSE;
  if (!as_norm &&
      !rv__onnx_add_per_channel (file, to->params, scales ? "weight" : "bias", x->channels, numbers, 0, error))
    return FALSE;
  to->norm = as_norm ? g_strdup (name) : NULL;
  to->bias |= is_conv && !scales;
  y.scales = is_conv && !scales ? y.index : 0;
  y.shifts = is_conv || !scales ? 0 : y.index;
  g_free (to->name);
  to->name = rv__onnx_layer_name (name);
  return rv__onnx_define (file, name, y, error);
}

/* Number of constants in @constant as factors or shifts for the channels of @x: 1 or x->channels. 0: whole numbers, or
 * neither one number nor [C, 1, 1]; [C] and [1, C] count if @x stands for a mean or has its channels last. */
static gint64
n_per_channel (const RvOnnxConstant *constant, const RvOnnxValue *x)
{
  gint64 n = rv_shape_count (&constant->shape), from_end = x->pool || x->channels_last ? 0 : 2;
  int dims = constant->shape.n;
  if (!rv__onnx_bytes_of_type (constant->type) || n == 0)
    return 0;
  if (n == 1)
    return 1;
  gint64 axis = dims - 1 - from_end;
  if (x->pool && dims > 2 && constant->shape.dim[dims - 1] == 1)
    axis = dims - 3;
  return n == x->channels && axis >= 0 && constant->shape.dim[axis] == n ? n : 0;
}

/* Records Add, Sub, Mul, Div of a value and a constant for each channel. @x: input 0 if @first, else input 1;
 * @constant: the other input. RV_ERROR_FORMAT: not one number for each channel, or divided by the value. */
static gboolean
convert_by_constant (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x, const RvOnnxConstant *constant,
                     gboolean first, GError **error)
{
  gint64 n = n_per_channel (constant, x);
  if (n == 0)
    return rv__onnx_refuse (file, node, "has a constant that is not one number for each channel", error);
  g_autofree double *numbers = rv__onnx_doubles_of (file, constant, error), *scale = g_new (double, n);
  if (!numbers)
    return FALSE;
  gboolean divides = strcmp (node->op, "Div") == 0, subtracts = strcmp (node->op, "Sub") == 0;
  if (divides && !first)
    return rv__onnx_unsupported (file, node, error);
  for (gint64 i = 0; i < n; i++) {
    scale[i] = divides ? 1 / numbers[i] : subtracts && !first ? -1 : numbers[i];
    if (subtracts && first)
      numbers[i] = -numbers[i];
  }
  gboolean multiplies = strcmp (node->op, "Mul") == 0, adds = strcmp (node->op, "Add") == 0;
  if (x->index > 0 && ((multiplies && x->scales == x->index) || (adds && x->shifts == x->index)))
    return merge_per_channel (file, node, x, multiplies, (RvOnnxPerChannel){ numbers, n }, error);
  if (divides || multiplies)
    return rv__onnx_convert_to_affine (file, node, x, (RvOnnxPerChannel){ scale, n }, (RvOnnxPerChannel){ 0 }, error);
  return rv__onnx_convert_to_affine (file, node, x, (RvOnnxPerChannel){ subtracts && !first ? scale : NULL, n },
                                     (RvOnnxPerChannel){ numbers, n }, error);
}

/* Whether node @at is affine with the same numbers for all channels: *scale, *shift (out). *x: (out): its input. */
static gboolean
is_uniform_affine (const RvOnnxFile *file, int at, double *scale, double *shift, int *x)
{
  static const char *const kinds[] = { ".weight", ".bias" };
  double *const numbers[] = { scale, shift };
  const RvGraphNode *node = at > 0 ? rv__net_graph_node (file->graph, (guint) at - 1) : NULL;
  if (!node || node->op != RV_GRAPH_AFFINE)
    return FALSE;
  *x = node->in[0];
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    g_autofree char *name = g_strconcat (node->params, kinds[k], NULL);
    const RvTensor *tensor = rv_tensor_map_get (file->map, name);
    const float *of_channels = tensor->data;
    if (tensor->type != RV_F32 || rv_shape_count (&tensor->shape) < 1) /* of another node with these names */
      return FALSE;
    if (rv_shape_count (&tensor->shape) > MAX_GELU_CHANNELS)
      return FALSE;
    *numbers[k] = (double) of_channels[0];
    for (gint64 c = 1; c < rv_shape_count (&tensor->shape); c++)
      if (of_channels[c] != of_channels[0])
        return FALSE;
  }
  return TRUE;
}

/* Skips at most MAX_FACTORS affine nodes without a shift, with one factor for all channels, from node @at on backwards.
 * Multiplies *factor (inout) by theirs. Returns the node before them. */
static int
skip_factors (const RvOnnxFile *file, int at, double *factor)
{
  double scale, shift;
  int x;
  for (int i = 0; i < MAX_FACTORS && is_uniform_affine (file, at, &scale, &shift, &x) && shift == 0; i++) {
    *factor *= scale;
    at = x;
  }
  return at;
}

/* Number of the node x, if @factor times the nodes @a and @b is x / 2 (1 + erf (x / sqrt (2))); else -1. */
static int
gelu_input (const RvOnnxFile *file, int a, int b, double factor)
{
  double scale, shift, inner = 1;
  int x = skip_factors (file, a, &factor), erf, other = skip_factors (file, b, &factor);
  if (!is_uniform_affine (file, other, &scale, &shift, &erf) || scale != shift || erf == 0)
    return -1;
  const RvGraphNode *node = rv__net_graph_node (file->graph, (guint) erf - 1);
  if (node->op != RV_GRAPH_ERF || skip_factors (file, node->in[0], &inner) != x)
    return -1;
  return fabs (inner - G_SQRT2 / 2) < 1e-6 && fabs (factor * scale - 0.5) < 1e-6 ? x : -1;
}

/* Converts the last product of a GELU in several nodes, as exported before opset 20, to the whole. The layers between
 * stay, and are computed only if a chosen layer is one of them. FALSE without an error: no GELU. */
static gboolean
convert_to_gelu (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  double factor = 1;
  int in[2] = { -1, -1 }, n = 0, x;
  RvOnnxValue from = { .kind = RV_ONNX_FEATURES };
  for (guint i = 0; i < 2; i++) {
    const RvOnnxValue *value = rv__onnx_input (file, node, i);
    if (value->kind == RV_ONNX_FEATURES) {
      from = *value;
      in[n++] = value->index;
    } else if (!rv__onnx_bytes_of_type (value->constant->type) || rv_shape_count (&value->constant->shape) != 1)
      return FALSE;
    else {
      g_autofree double *number = rv__onnx_doubles_of (file, value->constant, error);
      if (!number)
        return FALSE;
      factor = number[0];
    }
  }
  if (n == 1) {
    int product = skip_factors (file, in[0], &factor);
    const RvGraphNode *before = product > 0 ? rv__net_graph_node (file->graph, (guint) product - 1) : NULL;
    if (!before || before->op != RV_GRAPH_MULTIPLY)
      return FALSE;
    in[0] = before->in[0], in[1] = before->in[1];
  }
  if ((x = gelu_input (file, in[0], in[1], factor)) < 0 && (x = gelu_input (file, in[1], in[0], factor)) < 0)
    return FALSE;
  from.index = x;
  return rv__onnx_convert_to (file, node, (RvGraphNode){ .op = RV_GRAPH_GELU }, &from, from.channels, error);
}

/* Records Add, Sub, Mul or Div of a value and a constant; Add, Sub or Mul of two values. a - b is a + (-1) b. */
static gboolean
convert_arithmetic (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *a = rv__onnx_input (file, node, 0), *b = rv__onnx_input (file, node, 1);
  gboolean multiplies = strcmp (node->op, "Mul") == 0;
  if (!b || node->in->len > 2)
    return rv__onnx_refuse (file, node, "has not two inputs", error);
  if (b->kind != RV_ONNX_CONSTANT && b->kind != RV_ONNX_FEATURES)
    return rv__onnx_refuse (file, node, "has an input that is not known", error);
  if (multiplies) {
    GError *no_memory = NULL;
    if (convert_to_gelu (file, node, &no_memory))
      return TRUE;
    if (no_memory)
      return rv__error_propagate (error, no_memory);
  }
  if (b->kind == RV_ONNX_CONSTANT)
    return convert_by_constant (file, node, a, b->constant, TRUE, error);
  if (a->kind == RV_ONNX_CONSTANT)
    return convert_by_constant (file, node, b, a->constant, FALSE, error);
  if (strcmp (node->op, "Div") == 0)
    return rv__onnx_refuse (file, node, "of two values is not supported", error);
  gboolean other_order = a->channels_last != b->channels_last && !a->pool && !b->pool;
  if (a->channels != b->channels || other_order || (!multiplies && !a->pool != !b->pool))
    return rv__onnx_refuse (file, node, "has inputs of different shapes", error);
  RvOnnxValue added = *b;
  if (strcmp (node->op, "Sub") == 0 &&
      !rv__onnx_append_affine (file, node, NULL, "negative", &added, (RvOnnxPerChannel){ &(double){ -1 }, 1 },
                               (RvOnnxPerChannel){ 0 }, error))
    return FALSE;
  int in[] = { a->index, added.index };
  RvOnnxValue y = { .kind = RV_ONNX_FEATURES,
                    .channels = a->channels,
                    .pool = a->pool && b->pool ? a->pool : 0,
                    .channels_last = a->pool ? b->channels_last : a->channels_last };
  y.index = rv__onnx_append (file, (RvGraphNode){ .op = multiplies ? RV_GRAPH_MULTIPLY : RV_GRAPH_ADD },
                             rv__onnx_output_name (node), 2, in);
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

/* Records Sum of any number of values. */
static gboolean
convert_sum (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  for (guint i = 1; i < node->in->len; i++) {
    const RvOnnxValue *more = rv__onnx_input (file, node, i);
    if (!more || more->kind != RV_ONNX_FEATURES || more->channels != y.channels || !more->pool != !y.pool)
      return rv__onnx_refuse (file, node, "has inputs of different shapes", error);
    y.index =
      rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_ADD },
                       i + 1 == node->in->len ? rv__onnx_output_name (node) : NULL, 2, (int[]){ y.index, more->index });
  }
  y.padded = FALSE;
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

/* Records Relu, Sigmoid, Erf. */
static gboolean
convert_activation (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  int op = *node->op == 'R' ? RV_GRAPH_RELU : *node->op == 'E' ? RV_GRAPH_ERF : RV_GRAPH_SIGMOID;
  return rv__onnx_convert_to (file, node, (RvGraphNode){ .op = op }, x, x->channels, error);
}

/* Appends min (max (x, 0), limit), called @name (nullable), and replaces @x by it. Adds the tensor OUTPUT.limit.weight,
 * where OUTPUT is the output of @node. After an error @x is unchanged. */
static gboolean
append_clip (RvOnnxFile *file, const RvOnnxNode *node, const char *name, RvOnnxValue *x, double limit, GError **error)
{
  g_autofree char *params = g_strconcat (rv__onnx_output_name (node), ".limit", NULL);
  if (!rv__onnx_add_per_channel (file, params, "weight", x->channels, (RvOnnxPerChannel){ &limit, 1 }, 0, error))
    return FALSE;
  x->index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_CLIP, .params = g_steal_pointer (&params) }, name, 1,
                              &x->index);
  x->padded = FALSE;
  return TRUE;
}

/* Records Clip. Between two limits: min + clip (x - min, max - min). Without an upper one: min + relu (x - min).
 * Without a lower one: max - relu (max - x). A limit of MAX_LIMIT or more is none: no layer reaches it, and x -
 * limit would lose digits of x. */
static gboolean
convert_clip (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  double min = -G_MAXDOUBLE, max = G_MAXDOUBLE;
  const char *name = rv__onnx_output_name (node);
  if (!rv__onnx_read_number (file, node, "min", 1, &min, error) ||
      !rv__onnx_read_number (file, node, "max", 2, &max, error))
    return FALSE;
  if (!(max >= min) || min >= MAX_LIMIT || max <= -MAX_LIMIT)
    return rv__onnx_refuse (file, node, "has limits that do not leave a range", error);
  gboolean has_min = min > -MAX_LIMIT, has_max = max < MAX_LIMIT;
  if (!has_min && !has_max)
    return rv__onnx_convert_identity (file, node, error);
  double sign = has_min ? 1 : -1, first = has_min ? -min : max, last = has_min ? min : max;
  gboolean moves = first != 0 || !has_min;
  if (moves && !rv__onnx_append_affine (file, node, NULL, "below", &y, (RvOnnxPerChannel){ &sign, 1 },
                                        (RvOnnxPerChannel){ &first, 1 }, error))
    return FALSE;
  if (!has_min || !has_max)
    y.index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_RELU }, moves ? NULL : name, 1, &y.index);
  else if (!append_clip (file, node, moves ? NULL : name, &y, max - min, error))
    return FALSE;
  if (moves && !rv__onnx_append_affine (file, node, name, "above", &y, (RvOnnxPerChannel){ &sign, 1 },
                                        (RvOnnxPerChannel){ &last, 1 }, error))
    return FALSE;
  y.padded = FALSE;
  return rv__onnx_define (file, name, y, error);
}

/* Records HardSigmoid: clip (alpha x + beta, 1). HardSwish: x times this clip, with alpha 1 / 6 and beta 1 / 2. */
static gboolean
convert_hard_sigmoid (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  gboolean swish = strcmp (node->op, "HardSwish") == 0;
  double alpha = swish ? 1.0 / 6 : rv__onnx_attribute_real (node, "alpha", 0.2),
         beta = swish ? 0.5 : rv__onnx_attribute_real (node, "beta", 0.5);
  const char *name = rv__onnx_output_name (node);
  RvOnnxValue y = *x;
  if (!rv__onnx_append_affine (file, node, NULL, "scaled", &y, (RvOnnxPerChannel){ &alpha, 1 },
                               (RvOnnxPerChannel){ &beta, 1 }, error) ||
      !append_clip (file, node, swish ? NULL : name, &y, 1, error))
    return FALSE;
  if (swish)
    y.index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_MULTIPLY }, name, 2, (int[]){ x->index, y.index });
  return rv__onnx_define (file, name, y, error);
}

/* Records Tanh: 2 sigmoid (2 x) - 1. */
static gboolean
convert_tanh (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const double two = 2, minus_one = -1;
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  if (!rv__onnx_append_affine (file, node, NULL, "twice", &y, (RvOnnxPerChannel){ &two, 1 }, (RvOnnxPerChannel){ 0 },
                               error))
    return FALSE;
  y.index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_SIGMOID }, NULL, 1, &y.index);
  return rv__onnx_convert_to_affine (file, node, &y, (RvOnnxPerChannel){ &two, 1 }, (RvOnnxPerChannel){ &minus_one, 1 },
                                     error);
}

/* Records LeakyRelu, and PRelu with one slope or one for each channel: slope x + (1 - slope) relu (x). */
static gboolean
convert_leaky_relu (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxValue linear = *rv__onnx_input (file, node, 0), rest = linear, y = linear;
  const RvOnnxConstant *constant = rv__onnx_constant_input (file, node, 1);
  gboolean leaky = strcmp (node->op, "LeakyRelu") == 0;
  gint64 n = leaky ? 1 : constant ? n_per_channel (constant, &linear) : 0;
  if (n == 0)
    return rv__onnx_refuse (file, node, "has slopes that are not one number for each channel", error);
  g_autofree double *slopes = leaky ? g_new (double, 1) : rv__onnx_doubles_of (file, constant, error),
                    *others = g_new (double, n);
  if (!slopes)
    return FALSE;
  if (leaky)
    slopes[0] = rv__onnx_attribute_real (node, "alpha", 0.01);
  for (gint64 i = 0; i < n; i++)
    others[i] = 1 - slopes[i];
  rest.index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_RELU }, NULL, 1, &rest.index);
  if (!rv__onnx_append_affine (file, node, NULL, "rest", &rest, (RvOnnxPerChannel){ others, n },
                               (RvOnnxPerChannel){ 0 }, error) ||
      !rv__onnx_append_affine (file, node, NULL, "slope", &linear, (RvOnnxPerChannel){ slopes, n },
                               (RvOnnxPerChannel){ 0 }, error))
    return FALSE;
  const char *name = rv__onnx_output_name (node);
  y.index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_ADD }, name, 2, (int[]){ linear.index, rest.index });
  y.padded = FALSE;
  return rv__onnx_define (file, name, y, error);
}

/* Records Elu; Selu as gamma elu (x), with another default of alpha. */
static gboolean
convert_elu (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  gboolean scaled = strcmp (node->op, "Selu") == 0;
  double alpha = rv__onnx_attribute_real (node, "alpha", scaled ? 1.67326319217681884765625 : 1),
         gamma = rv__onnx_attribute_real (node, "gamma", 1.05070102214813232421875);
  const char *name = rv__onnx_output_name (node);
  g_autofree char *params = g_strconcat (name, ".alpha", NULL);
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  if (!rv__onnx_add_per_channel (file, params, "weight", y.channels, (RvOnnxPerChannel){ &alpha, 1 }, 0, error))
    return FALSE;
  y.index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_ELU, .params = g_steal_pointer (&params) },
                             scaled ? NULL : name, 1, &y.index);
  y.padded = FALSE;
  return scaled ? rv__onnx_convert_to_affine (file, node, &y, (RvOnnxPerChannel){ &gamma, 1 }, (RvOnnxPerChannel){ 0 },
                                              error)
                : rv__onnx_define (file, name, y, error);
}

/* Appends a b, called @name (nullable), and replaces @a by it. */
static void
append_product (RvOnnxFile *file, const char *name, RvOnnxValue *a, const RvOnnxValue *b)
{
  a->index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_MULTIPLY }, name, 2, (int[]){ a->index, b->index });
  a->padded = FALSE;
}

/* Records Gelu. With the approximation x / 2 (1 + tanh (k / 2 (x + 0.044715 x^3))), k = sqrt (8 / pi): x sigmoid (k
 * x (1 + 0.044715 x^2)). */
static gboolean
convert_gelu (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  static const double k = 1.5957691216057308, cubic = 1.5957691216057308 * 0.044715;
  const char *approximate = rv__onnx_attribute_text (file, node, "approximate", "none"),
             *name = rv__onnx_output_name (node);
  RvOnnxValue x = *rv__onnx_input (file, node, 0), y = x;
  if (strcmp (approximate, "none") == 0)
    return rv__onnx_convert_to (file, node, (RvGraphNode){ .op = RV_GRAPH_GELU }, &x, x.channels, error);
  if (strcmp (approximate, "tanh") != 0)
    return rv__onnx_refuse (file, node, "has an unknown approximation", error);
  append_product (file, NULL, &y, &x);
  if (!rv__onnx_append_affine (file, node, NULL, "cubic", &y, (RvOnnxPerChannel){ &cubic, 1 },
                               (RvOnnxPerChannel){ &k, 1 }, error))
    return FALSE;
  append_product (file, NULL, &y, &x);
  y.index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_SIGMOID }, NULL, 1, &y.index);
  append_product (file, name, &y, &x);
  return rv__onnx_define (file, name, y, error);
}

/* Records Pow with the exponent 2 or 3, as products. */
static gboolean
convert_pow (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue x = *rv__onnx_input (file, node, 0);
  RvOnnxValue y = x;
  const char *name = rv__onnx_output_name (node);
  double exponent = 0;
  if (!rv__onnx_read_number (file, node, "", 1, &exponent, error))
    return FALSE;
  if (exponent != 2 && exponent != 3)
    return rv__onnx_refuse (file, node, "has another exponent than 2 or 3", error);
  if (exponent == 3)
    append_product (file, NULL, &y, &x);
  append_product (file, name, &y, &x);
  return rv__onnx_define (file, name, y, error);
}

const RvOnnxOperator rv__onnx_pointwise[] = {
  { "Add Div Mul Sub", convert_arithmetic, .is_linear = TRUE, .channels_last = TRUE, .by_constants = TRUE },
  { "Clip", convert_clip, .channels_last = TRUE },
  { "Elu Selu", convert_elu, .channels_last = TRUE },
  { "Erf Relu Sigmoid", convert_activation, .channels_last = TRUE },
  { "Gelu", convert_gelu, .channels_last = TRUE },
  { "HardSigmoid HardSwish", convert_hard_sigmoid, .channels_last = TRUE },
  { "LeakyRelu PRelu", convert_leaky_relu, .channels_last = TRUE },
  { "Pow", convert_pow, .channels_last = TRUE },
  { "Sum", convert_sum },
  { "Tanh", convert_tanh, .channels_last = TRUE },
  { NULL },
};
