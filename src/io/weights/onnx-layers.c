/* onnx-layers.c -- conversion of the nodes that compute: convolutions, poolings, norms, activations, arithmetic. */
#include "onnx.h"
#include "base/error.h"
#include <math.h>
#include <string.h>

#define MAX_LIMIT 1e4 /* of Clip */
#define MAX_PAD_NUMBER 256
#define MAX_FACTORS 2 /* in a row, in a GELU of several nodes */

/* Number of the value that @node, a convolution with the input @x, has to read. If @x is zero padding that only @node
 * uses, this is the padding's input, and @by (inout) grows by the padding; else it is @x. */
static int
merge_padding (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x, int by[4])
{
  if (!x->padded || rv__onnx_n_uses (file, node->in->pdata[0]) != 1)
    return x->index;
  const RvGraphNode *pad = rv__net_graph_node (file->graph, (guint) x->index - 1);
  for (int i = 0; i < 4; i++)
    by[i] += pad->pad[i];
  return pad->in[0];
}

/* Conv with a kernel of four dimensions in the file. Zero padding that only @node uses is merged. */
static gboolean
convert_conv (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  const RvOnnxConstant *weight = rv__onnx_constant_input (file, node, 1),
                       *bias = rv__onnx_constant_input (file, node, 2);
  RvGraphNode *conv, read = { 0 };
  int extra[4] = { 0 };
  if (!weight || weight->shape.n != 4)
    return rv__onnx_refuse (file, node, "has no kernel of four dimensions in the file", error);
  const gint64 *size = weight->shape.dim;
  gint64 groups = rv__onnx_attribute_int (node, "group", 1);
  if (groups < 1 || size[0] % groups || x->channels % groups)
    return rv__onnx_refuse (file, node, "has groups that do not fit its channels", error);
  if (!rv__onnx_two_sizes (node, "dilations", read.dilation))
    return rv__onnx_refuse (file, node, "has dilations out of bounds", error);
  if (!rv__onnx_read_window (file, node, &read, error))
    return FALSE;
  if (size[1] != x->channels / groups || size[0] < 1 || size[0] > RV_GRAPH_MAX_CHANNELS || size[2] < 1 || size[3] < 1 ||
      size[2] > RV_GRAPH_MAX_SIDE || size[3] > RV_GRAPH_MAX_SIDE)
    return rv__onnx_refuse (file, node, "has a kernel that does not fit its input", error);
  gboolean pads = read.pad[0] || read.pad[1] || read.pad[2] || read.pad[3];
  if (size[2] != 1 || size[3] != 1 || read.stride[0] != 1 || read.stride[1] != 1 || pads)
    rv__onnx_take_mean (file, x);
  const char *name = rv__onnx_output_name (node);
  if (!rv__onnx_add_tensor (file, node, name, "weight", weight, weight->shape, error) ||
      (rv__onnx_input (file, node, 2) &&
       !rv__onnx_add_tensor (file, node, name, "bias", bias, rv_shape (1, size[0]), error)))
    return FALSE;
  RvOnnxValue from = *x;
  if (read.same == RV_GRAPH_PAD_GIVEN)
    from.index = merge_padding (file, node, x, extra);
  if (!rv__onnx_convert_to (file, node, RV_GRAPH_CONV, &from, size[0], &conv, error))
    return FALSE;
  conv->params = g_strdup (name);
  conv->bias = rv__onnx_input (file, node, 2) != NULL;
  conv->groups = groups > 1 ? (int) groups : 0;
  conv->same = read.same;
  memcpy (conv->stride, read.stride, sizeof conv->stride);
  if (read.dilation[0] > 1 || read.dilation[1] > 1)
    memcpy (conv->dilation, read.dilation, sizeof conv->dilation);
  for (int i = 0; i < 4; i++) {
    conv->size[i] = (int) size[i];
    conv->pad[i] = read.pad[i] + extra[i];
  }
  return TRUE;
}

/* Numbers for each channel: one for all, or as many as channels; none: 0. */
typedef struct {
  const double *numbers;
  gint64 n;
} PerChannel;

/* Adds the tensor PARAMS.KIND of @channels numbers to file->map: @from, or @otherwise without numbers. RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY. */
static gboolean
add_per_channel (RvOnnxFile *file, const char *params, const char *kind, gint64 channels, PerChannel from,
                 float otherwise, GError **error)
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

/* Adds the tensor NAME.bias of @node, a Gemm: beta times input 2, of one number or @channels. RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY. */
static gboolean
add_gemm_bias (RvOnnxFile *file, const RvOnnxNode *node, gint64 channels, GError **error)
{
  const RvOnnxConstant *bias = rv__onnx_constant_input (file, node, 2);
  gint64 n = bias && rv__onnx_bytes_of_type (bias->type) ? rv_shape_count (&bias->shape) : 0;
  if (n < 1 || (n != 1 && n != channels))
    return rv__onnx_refuse (file, node, "has a bias that is not one number for each channel", error);
  g_autofree double *numbers = rv__onnx_doubles_of (file, bias, error);
  double beta = rv__onnx_attribute_real (node, "beta", 1);
  for (gint64 i = 0; numbers && i < n; i++)
    numbers[i] *= beta;
  return numbers &&
         add_per_channel (file, rv__onnx_output_name (node), "bias", channels, (PerChannel){ numbers, n }, 0, error);
}

/* Gemm and MatMul after the mean over positions, or of a value with its channels last: a 1 x 1 convolution. Elsewhere:
 * left out. */
static gboolean
convert_dense (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  gboolean gemm = strcmp (node->op, "Gemm") == 0, bias = gemm && rv__onnx_input (file, node, 2);
  gboolean transposed = gemm && rv__onnx_attribute_int (node, "transB", 0);
  double alpha = gemm ? rv__onnx_attribute_real (node, "alpha", 1) : 1;
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  const RvOnnxConstant *weight = rv__onnx_constant_input (file, node, 1);
  RvGraphNode *conv;
  if (!x->pool && !x->channels_last)
    return rv__onnx_leave_out (file, node, error);
  if (!weight || weight->shape.n != 2 || !rv__onnx_bytes_of_type (weight->type) ||
      (gemm && rv__onnx_attribute_int (node, "transA", 0)))
    return rv__onnx_unsupported (file, node, error);
  gint64 rows = weight->shape.dim[transposed ? 0 : 1], cols = weight->shape.dim[transposed ? 1 : 0];
  if (cols != x->channels || rows < 1 || rows > RV_GRAPH_MAX_CHANNELS)
    return rv__onnx_refuse (file, node, "has a matrix that does not fit its input", error);
  RvShape kernel = rv_shape (4, rows, cols, 1, 1);
  const char *name = rv__onnx_output_name (node);
  if (transposed && alpha == 1) {
    if (!rv__onnx_add_tensor (file, node, name, "weight", weight, kernel, error))
      return FALSE;
  } else {
    g_autoptr (RvTensor) numbers = rv__onnx_f32_of (file, weight, error),
                         tensor = numbers ? rv_tensor_new (RV_F32, &kernel, error) : NULL;
    if (!tensor)
      return FALSE;
    for (gint64 i = 0; i < rows * cols; i++)
      ((float *) tensor->data)[i] =
        (float) (alpha * ((const float *) numbers->data)[transposed ? i : i % cols * rows + i / cols]);
    g_autofree char *weight_name = g_strconcat (name, ".weight", NULL);
    rv_tensor_map_set (file->map, weight_name, tensor);
  }
  if (bias && !add_gemm_bias (file, node, rows, error))
    return FALSE;
  if (!rv__onnx_convert_to (file, node, RV_GRAPH_CONV, x, rows, &conv, error))
    return FALSE;
  conv->params = g_strdup (name);
  conv->bias = bias;
  conv->size[0] = (int) rows, conv->size[1] = (int) cols, conv->size[2] = conv->size[3] = 1;
  conv->stride[0] = conv->stride[1] = 1;
  RvOnnxValue *y = g_hash_table_lookup (file->values, name);
  if (!x->pool && rv__onnx_n_uses (file, name) == 1) {
    y->scales = y->index;
    y->shifts = bias ? 0 : y->index;
  }
  return TRUE;
}

/* Appends x scale + shift, called @name (nullable), with parameters OUTPUT.@kind, and replaces @x by it. */
static gboolean
append_affine (RvOnnxFile *file, const RvOnnxNode *node, const char *name, const char *kind, RvOnnxValue *x,
               PerChannel scale, PerChannel shift, GError **error)
{
  g_autofree char *params = g_strconcat (rv__onnx_output_name (node), ".", kind, NULL);
  RvGraphNode *affine;
  if (!add_per_channel (file, params, "weight", x->channels, scale, 1, error) ||
      !add_per_channel (file, params, "bias", x->channels, shift, 0, error))
    return FALSE;
  x->index = rv__onnx_append (file, RV_GRAPH_AFFINE, name, 1, &x->index, &affine);
  x->padded = FALSE;
  affine->params = g_steal_pointer (&params);
  return TRUE;
}

/* Defines the output of @node as x scale + shift. */
static gboolean
convert_to_affine (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x, PerChannel scale, PerChannel shift,
                   GError **error)
{
  RvOnnxValue y = *x;
  const char *name = rv__onnx_output_name (node);
  return append_affine (file, node, name, "affine", &y, scale, shift, error) && rv__onnx_define (file, name, y, error);
}

/* Makes a factor (or a summand) for each channel, the output of @node, part of the node whose output is @x, which gets
 * its name. A convolution has factors as a batch norm. */
static gboolean
merge_per_channel (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x, gboolean scales, PerChannel numbers,
                   GError **error)
{
  static const char *const kinds[] = { "gamma", "beta", "moving_mean", "moving_variance" };
  RvGraphNode *to = rv__net_graph_node (file->graph, (guint) x->index - 1);
  const char *name = rv__onnx_output_name (node);
  gboolean is_conv = to->op == RV_GRAPH_CONV, as_norm = is_conv && scales;
  RvOnnxValue y = *x;
  for (guint i = 0; as_norm && i < G_N_ELEMENTS (kinds); i++)
    if (!add_per_channel (file, name, kinds[i], x->channels, i == 0 ? numbers : (PerChannel){ 0 }, i == 3, error))
      return FALSE;
  if (!as_norm && !add_per_channel (file, to->params, scales ? "weight" : "bias", x->channels, numbers, 0, error))
    return FALSE;
  to->norm = as_norm ? g_strdup (name) : NULL;
  to->bias |= is_conv && !scales;
  y.scales = is_conv && !scales ? y.index : 0;
  y.shifts = is_conv || !scales ? 0 : y.index;
  g_free (to->name);
  to->name = rv__onnx_layer_name (name);
  return rv__onnx_define (file, name, y, error);
}

/* Makes @node, a batch norm, part of the convolution whose output is @x, and gives this the name of the output of
 * @node. */
static gboolean
fold_batch_norm (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x, double epsilon, GError **error)
{
  static const char *const kinds[] = { NULL, "gamma", "beta", "moving_mean", "moving_variance" };
  RvGraphNode *conv = rv__net_graph_node (file->graph, (guint) x->index - 1);
  const char *name = rv__onnx_output_name (node);
  for (guint i = 1; i < G_N_ELEMENTS (kinds); i++)
    if (!rv__onnx_add_tensor (file, node, name, kinds[i], rv__onnx_constant_input (file, node, i),
                              rv_shape (1, x->channels), error))
      return FALSE;
  conv->norm = g_strdup (name);
  conv->epsilon = epsilon;
  g_free (conv->name);
  conv->name = rv__onnx_layer_name (name);
  return rv__onnx_define (file, name, *x, error);
}

/* BatchNormalization: part of a convolution before it whose output only @node reads, under the convolution's own name;
 * else an affine node. */
static gboolean
convert_batch_norm (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  double epsilon = rv__onnx_attribute_real (node, "epsilon", 1e-5);
  if (rv__onnx_attribute_int (node, "training_mode", 0) || !rv__onnx_attribute_int (node, "spatial", 1) ||
      !(epsilon >= 0))
    return rv__onnx_unsupported (file, node, error);
  const RvGraphNode *before = x->index > 0 ? rv__net_graph_node (file->graph, (guint) x->index - 1) : NULL;
  g_autofree char *name = rv__onnx_layer_name (node->in->pdata[0]);
  if (before && before->op == RV_GRAPH_CONV && !before->norm && g_strcmp0 (before->name, name) == 0 &&
      rv__onnx_n_uses (file, node->in->pdata[0]) == 1)
    return fold_batch_norm (file, node, x, epsilon, error);

  double *numbers[5] = { NULL };
  gboolean ok = TRUE;
  for (guint i = 1; i < 5 && ok; i++) {
    const RvOnnxConstant *constant = rv__onnx_constant_input (file, node, i);
    if (!constant || !rv__onnx_bytes_of_type (constant->type) || rv_shape_count (&constant->shape) != x->channels)
      ok = rv__onnx_refuse (file, node, "has parameters of another shape than its input", error);
    else
      ok = (numbers[i] = rv__onnx_doubles_of (file, constant, error)) != NULL;
  }
  for (gint64 c = 0; c < x->channels && ok; c++) {
    double variance = numbers[4][c] + epsilon;
    if (!(variance > 0))
      ok = rv__onnx_refuse (file, node, "has a variance below 0", error);
    numbers[1][c] /= sqrt (variance);
    numbers[2][c] -= numbers[3][c] * numbers[1][c];
  }
  ok = ok && convert_to_affine (file, node, x, (PerChannel){ numbers[1], x->channels },
                                (PerChannel){ numbers[2], x->channels }, error);
  for (guint i = 1; i < 5; i++)
    g_free (numbers[i]);
  return ok;
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

/* Add, Sub, Mul, Div of a value and a constant for each channel. @x: input 0 if @first, else input 1; @constant: the
 * other input. */
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
    return merge_per_channel (file, node, x, multiplies, (PerChannel){ numbers, n }, error);
  if (divides || multiplies)
    return convert_to_affine (file, node, x, (PerChannel){ scale, n }, (PerChannel){ 0 }, error);
  return convert_to_affine (file, node, x, (PerChannel){ subtracts && !first ? scale : NULL, n },
                            (PerChannel){ numbers, n }, error);
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
  return rv__onnx_convert_to (file, node, RV_GRAPH_GELU, &from, from.channels, NULL, error);
}

/* Add, Sub, Mul or Div of a value and a constant; Add, Sub or Mul of two values. a - b is a + (-1) b. */
static gboolean
convert_arithmetic (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *a = rv__onnx_input (file, node, 0), *b = rv__onnx_input (file, node, 1);
  gboolean multiplies = strcmp (node->op, "Mul") == 0;
  if (!b)
    return rv__onnx_refuse (file, node, "lacks an input", error);
  if (b->kind != RV_ONNX_CONSTANT && b->kind != RV_ONNX_FEATURES)
    return rv__onnx_refuse (file, node, "has an input that is not known", error);
  if (multiplies) {
    GError *no_memory = NULL;
    if (convert_to_gelu (file, node, &no_memory))
      return TRUE;
    if (no_memory) {
      g_propagate_error (error, no_memory);
      return FALSE;
    }
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
  if (strcmp (node->op, "Sub") == 0 && !append_affine (file, node, NULL, "negative", &added,
                                                       (PerChannel){ &(double){ -1 }, 1 }, (PerChannel){ 0 }, error))
    return FALSE;
  int in[] = { a->index, added.index };
  RvOnnxValue y = { .kind = RV_ONNX_FEATURES,
                    .channels = a->channels,
                    .pool = a->pool && b->pool ? a->pool : 0,
                    .channels_last = a->pool ? b->channels_last : a->channels_last };
  y.index =
    rv__onnx_append (file, multiplies ? RV_GRAPH_MULTIPLY : RV_GRAPH_ADD, rv__onnx_output_name (node), 2, in, NULL);
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

/* Sum of any number of values. */
static gboolean
convert_sum (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  for (guint i = 1; i < node->in->len; i++) {
    const RvOnnxValue *more = rv__onnx_input (file, node, i);
    if (!more || more->kind != RV_ONNX_FEATURES || more->channels != y.channels || !more->pool != !y.pool)
      return rv__onnx_refuse (file, node, "has inputs of different shapes", error);
    y.index = rv__onnx_append (file, RV_GRAPH_ADD, i + 1 == node->in->len ? rv__onnx_output_name (node) : NULL, 2,
                               (int[]){ y.index, more->index }, NULL);
  }
  y.padded = FALSE;
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

/* Relu, Sigmoid, Erf. */
static gboolean
convert_activation (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  RvGraphOp op = *node->op == 'R' ? RV_GRAPH_RELU : *node->op == 'E' ? RV_GRAPH_ERF : RV_GRAPH_SIGMOID;
  return rv__onnx_convert_to (file, node, op, x, x->channels, NULL, error);
}

/* Appends min (max (x, 0), limit), called @name (nullable), and replaces @x by it. Adds the tensor OUTPUT.limit.weight,
 * where OUTPUT is the output of @node. RV_ERROR_FORMAT, RV_ERROR_MEMORY; @x is then unchanged. */
static gboolean
append_clip (RvOnnxFile *file, const RvOnnxNode *node, const char *name, RvOnnxValue *x, double limit, GError **error)
{
  g_autofree char *params = g_strconcat (rv__onnx_output_name (node), ".limit", NULL);
  RvGraphNode *clip;
  if (!add_per_channel (file, params, "weight", x->channels, (PerChannel){ &limit, 1 }, 0, error))
    return FALSE;
  x->index = rv__onnx_append (file, RV_GRAPH_CLIP, name, 1, &x->index, &clip);
  x->padded = FALSE;
  clip->params = g_steal_pointer (&params);
  return TRUE;
}

/* *number: (inout): the number of the attribute @name or of input @i; unchanged if both are absent or empty. FALSE: not
 * known. */
static gboolean
read_number (RvOnnxFile *file, const RvOnnxNode *node, const char *name, guint i, double *number, GError **error)
{
  const RvOnnxConstant *constant = rv__onnx_constant_input (file, node, i);
  *number = rv__onnx_attribute_real (node, name, *number);
  if (!rv__onnx_input (file, node, i))
    return TRUE;
  if (!constant || !rv__onnx_bytes_of_type (constant->type) || rv_shape_count (&constant->shape) > 1)
    return rv__onnx_refuse (file, node, "has a number that is not in the file", error);
  g_autofree double *numbers = rv__onnx_doubles_of (file, constant, error);
  if (numbers && rv_shape_count (&constant->shape) == 1)
    *number = numbers[0];
  return numbers != NULL;
}

/* Clip: between two limits: min + clip (x - min, max - min). Without an upper one: min + relu (x - min). Without a
 * lower one: max - relu (max - x). A limit of MAX_LIMIT or more is none: no layer reaches it, and x - limit would lose
 * digits of x. */
static gboolean
convert_clip (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  double min = -G_MAXDOUBLE, max = G_MAXDOUBLE;
  const char *name = rv__onnx_output_name (node);
  if (!read_number (file, node, "min", 1, &min, error) || !read_number (file, node, "max", 2, &max, error))
    return FALSE;
  if (!(max >= min) || min >= MAX_LIMIT || max <= -MAX_LIMIT)
    return rv__onnx_refuse (file, node, "has limits that do not leave a range", error);
  gboolean has_min = min > -MAX_LIMIT, has_max = max < MAX_LIMIT;
  if (!has_min && !has_max)
    return rv__onnx_convert_identity (file, node, error);
  double sign = has_min ? 1 : -1, first = has_min ? -min : max, last = has_min ? min : max;
  gboolean moves = first != 0 || !has_min;
  if (moves &&
      !append_affine (file, node, NULL, "below", &y, (PerChannel){ &sign, 1 }, (PerChannel){ &first, 1 }, error))
    return FALSE;
  if (!has_min || !has_max)
    y.index = rv__onnx_append (file, RV_GRAPH_RELU, moves ? NULL : name, 1, &y.index, NULL);
  else if (!append_clip (file, node, moves ? NULL : name, &y, max - min, error))
    return FALSE;
  if (moves &&
      !append_affine (file, node, name, "above", &y, (PerChannel){ &sign, 1 }, (PerChannel){ &last, 1 }, error))
    return FALSE;
  y.padded = FALSE;
  return rv__onnx_define (file, name, y, error);
}

/* HardSigmoid: clip (alpha x + beta, 1). HardSwish: x times this clip, with alpha 1 / 6 and beta 1 / 2. */
static gboolean
convert_hard_sigmoid (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  gboolean swish = strcmp (node->op, "HardSwish") == 0;
  double alpha = swish ? 1.0 / 6 : rv__onnx_attribute_real (node, "alpha", 0.2),
         beta = swish ? 0.5 : rv__onnx_attribute_real (node, "beta", 0.5);
  const char *name = rv__onnx_output_name (node);
  RvOnnxValue y = *x;
  if (!append_affine (file, node, NULL, "scaled", &y, (PerChannel){ &alpha, 1 }, (PerChannel){ &beta, 1 }, error) ||
      !append_clip (file, node, swish ? NULL : name, &y, 1, error))
    return FALSE;
  if (swish)
    y.index = rv__onnx_append (file, RV_GRAPH_MULTIPLY, name, 2, (int[]){ x->index, y.index }, NULL);
  return rv__onnx_define (file, name, y, error);
}

/* Tanh: 2 sigmoid (2 x) - 1. */
static gboolean
convert_tanh (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const double two = 2, minus_one = -1;
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  if (!append_affine (file, node, NULL, "twice", &y, (PerChannel){ &two, 1 }, (PerChannel){ 0 }, error))
    return FALSE;
  y.index = rv__onnx_append (file, RV_GRAPH_SIGMOID, NULL, 1, &y.index, NULL);
  return convert_to_affine (file, node, &y, (PerChannel){ &two, 1 }, (PerChannel){ &minus_one, 1 }, error);
}

/* LeakyRelu, and PRelu with one slope or one for each channel: slope x + (1 - slope) relu (x). */
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
  rest.index = rv__onnx_append (file, RV_GRAPH_RELU, NULL, 1, &rest.index, NULL);
  if (!append_affine (file, node, NULL, "rest", &rest, (PerChannel){ others, n }, (PerChannel){ 0 }, error) ||
      !append_affine (file, node, NULL, "slope", &linear, (PerChannel){ slopes, n }, (PerChannel){ 0 }, error))
    return FALSE;
  const char *name = rv__onnx_output_name (node);
  y.index = rv__onnx_append (file, RV_GRAPH_ADD, name, 2, (int[]){ linear.index, rest.index }, NULL);
  y.padded = FALSE;
  return rv__onnx_define (file, name, y, error);
}

/* Elu. Selu: gamma elu (x), with another default of alpha. */
static gboolean
convert_elu (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  gboolean scaled = strcmp (node->op, "Selu") == 0;
  double alpha = rv__onnx_attribute_real (node, "alpha", scaled ? 1.67326319217681884765625 : 1),
         gamma = rv__onnx_attribute_real (node, "gamma", 1.05070102214813232421875);
  const char *name = rv__onnx_output_name (node);
  g_autofree char *params = g_strconcat (name, ".alpha", NULL);
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  RvGraphNode *elu;
  if (!add_per_channel (file, params, "weight", y.channels, (PerChannel){ &alpha, 1 }, 0, error))
    return FALSE;
  y.index = rv__onnx_append (file, RV_GRAPH_ELU, scaled ? NULL : name, 1, &y.index, &elu);
  y.padded = FALSE;
  elu->params = g_steal_pointer (&params);
  return scaled ? convert_to_affine (file, node, &y, (PerChannel){ &gamma, 1 }, (PerChannel){ 0 }, error)
                : rv__onnx_define (file, name, y, error);
}

/* Appends a b, called @name (nullable), and replaces @a by it. */
static void
append_product (RvOnnxFile *file, const char *name, RvOnnxValue *a, const RvOnnxValue *b)
{
  a->index = rv__onnx_append (file, RV_GRAPH_MULTIPLY, name, 2, (int[]){ a->index, b->index }, NULL);
  a->padded = FALSE;
}

/* Gelu. With the approximation x / 2 (1 + tanh (k / 2 (x + 0.044715 x^3))), k = sqrt (8 / pi): x sigmoid (k x (1 +
 * 0.044715 x^2)). */
static gboolean
convert_gelu (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  static const double k = 1.5957691216057308, cubic = 1.5957691216057308 * 0.044715;
  const char *approximate = rv__onnx_attribute_text (file, node, "approximate", "none"),
             *name = rv__onnx_output_name (node);
  RvOnnxValue x = *rv__onnx_input (file, node, 0), y = x;
  if (strcmp (approximate, "none") == 0)
    return rv__onnx_convert_to (file, node, RV_GRAPH_GELU, &x, x.channels, NULL, error);
  if (strcmp (approximate, "tanh") != 0)
    return rv__onnx_refuse (file, node, "has an unknown approximation", error);
  append_product (file, NULL, &y, &x);
  if (!append_affine (file, node, NULL, "cubic", &y, (PerChannel){ &cubic, 1 }, (PerChannel){ &k, 1 }, error))
    return FALSE;
  append_product (file, NULL, &y, &x);
  y.index = rv__onnx_append (file, RV_GRAPH_SIGMOID, NULL, 1, &y.index, NULL);
  append_product (file, name, &y, &x);
  return rv__onnx_define (file, name, y, error);
}

/* Pow with the exponent 2 or 3, as products. */
static gboolean
convert_pow (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue x = *rv__onnx_input (file, node, 0);
  RvOnnxValue y = x;
  const char *name = rv__onnx_output_name (node);
  double exponent = 0;
  if (!read_number (file, node, "", 1, &exponent, error))
    return FALSE;
  if (exponent != 2 && exponent != 3)
    return rv__onnx_refuse (file, node, "has another exponent than 2 or 3", error);
  if (exponent == 3)
    append_product (file, NULL, &y, &x);
  append_product (file, name, &y, &x);
  return rv__onnx_define (file, name, y, error);
}

/* AveragePool, MaxPool. */
static gboolean
convert_pool (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  gboolean average = strcmp (node->op, "AveragePool") == 0;
  RvGraphNode *pool, read = { 0 };
  int dilations[2];
  if (!rv__onnx_two_sizes (node, "kernel_shape", read.window) || !rv__onnx_two_sizes (node, "dilations", dilations) ||
      dilations[0] != 1 || dilations[1] != 1)
    return rv__onnx_refuse (file, node, "has a window or dilations out of bounds", error);
  if (!rv__onnx_read_window (file, node, &read, error))
    return FALSE;
  if (node->out->len > 1 && rv__onnx_n_uses (file, node->out->pdata[1]) > 0)
    return rv__onnx_refuse (file, node, "has a second output that is used", error);
  for (int side = 0; side < 4; side++)
    if (read.pad[side] >= read.window[side % 2])
      return rv__onnx_refuse (file, node, "has pads as large as its window", error);
  if (!rv__onnx_convert_to (file, node, average ? RV_GRAPH_AVERAGE_POOL : RV_GRAPH_MAX_POOL, x, x->channels, &pool,
                            error))
    return FALSE;
  memcpy (pool->window, read.window, sizeof pool->window);
  memcpy (pool->stride, read.stride, sizeof pool->stride);
  memcpy (pool->pad, read.pad, sizeof pool->pad);
  pool->same = read.same;
  pool->counts_pad = average && rv__onnx_attribute_int (node, "count_include_pad", 0) != 0;
  pool->ceil = rv__onnx_attribute_int (node, "ceil_mode", 0) != 0;
  return TRUE;
}

/* GlobalAveragePool: the output stands for the mean, which is skipped until rv__onnx_take_mean(). */
static gboolean
convert_global_pool (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  RvGraphNode *pool;
  RvOnnxValue y = { .kind = RV_ONNX_FEATURES, .channels = x->channels };
  y.index = y.pool = rv__onnx_append (file, RV_GRAPH_GLOBAL_POOL, rv__onnx_output_name (node), 1, &x->index, &pool);
  pool->skip = TRUE;
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

/* ReduceMean over rows and columns is GlobalAveragePool, over the channels the first step of a norm. */
static gboolean
convert_reduce_mean (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  int first = x->channels_last ? 1 : 2;
  if (rv__onnx_has_axes (file, node, first, first + 1))
    return convert_global_pool (file, node, error);
  if (rv__onnx_has_axes (file, node, x->channels_last || x->pool ? 3 : 1, -1))
    return rv__onnx_convert_norm_part (file, node, error);
  return rv__onnx_unsupported (file, node, error);
}

/* Local response normalisation with the constant @bias: (bias + s)^-beta = bias^-beta (1 + s / bias)^-beta. */
static gboolean
convert_biased_lrn (RvOnnxFile *file, const RvOnnxNode *node, gint64 size, double bias, GError **error)
{
  RvOnnxValue x = *rv__onnx_input (file, node, 0);
  RvGraphNode *lrn;
  double beta = rv__onnx_attribute_real (node, "beta", 0.75), scale = pow (bias, -beta);
  x.padded = FALSE;
  x.index = rv__onnx_append (file, RV_GRAPH_LRN, NULL, 1, &x.index, &lrn);
  lrn->window[0] = (int) size;
  lrn->alpha = rv__onnx_attribute_real (node, "alpha", 1e-4) / bias;
  lrn->beta = beta;
  return convert_to_affine (file, node, &x, (PerChannel){ &scale, 1 }, (PerChannel){ 0 }, error);
}

/* LRN over an odd number of channels, with a bias above 0. */
static gboolean
convert_lrn (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  RvGraphNode *lrn;
  gint64 size = rv__onnx_attribute_int (node, "size", 0);
  double bias = rv__onnx_attribute_real (node, "bias", 1), beta = rv__onnx_attribute_real (node, "beta", 0.75);
  if (size < 1 || size > 255 || size % 2 == 0 || !(bias > 0))
    return rv__onnx_refuse (file, node, "has an even size, or no bias above 0", error);
  if (bias != 1)
    return convert_biased_lrn (file, node, size, bias, error);
  if (!rv__onnx_convert_to (file, node, RV_GRAPH_LRN, x, x->channels, &lrn, error))
    return FALSE;
  lrn->window[0] = (int) size;
  lrn->alpha = rv__onnx_attribute_real (node, "alpha", 1e-4);
  lrn->beta = beta;
  return TRUE;
}

/* Reads what the Pad @node adds to top, left, bottom and right into @by. RV_ERROR_FORMAT: not known, to other axes, or
 * out of bounds. */
static gboolean
read_pads (RvOnnxFile *file, const RvOnnxNode *node, int *by, GError **error)
{
  const gint64 all[] = { 0, 1, 2, 3 }, *axes = all, *pads;
  gint64 attribute[RV_ONNX_MAX_INTS], of_axes[8] = { 0 };
  int n = rv__onnx_attribute_ints (node, "pads", attribute), n_axes = rv__onnx_int_input (file, node, 3, &axes);
  pads = attribute;
  if (n == 0)
    n = rv__onnx_int_input (file, node, 1, &pads);
  if (n_axes == 0)
    axes = all, n_axes = 4;
  if (n_axes < 0 || n_axes > 4 || n != 2 * n_axes)
    return rv__onnx_unsupported (file, node, error);
  for (int i = 0; i < n_axes; i++) {
    if (axes[i] < -4 || axes[i] > 3)
      return rv__onnx_refuse (file, node, "has an axis out of bounds", error);
    gint64 axis = (axes[i] + 4) % 4;
    of_axes[axis] = pads[i];
    of_axes[4 + axis] = pads[n_axes + i];
  }
  if (of_axes[0] || of_axes[1] || of_axes[4] || of_axes[5])
    return rv__onnx_unsupported (file, node, error);
  for (int i = 0; i < 4; i++) {
    gint64 size = of_axes[i < 2 ? 2 + i : 4 + i];
    if (size < 0 || size > RV_GRAPH_MAX_SIDE / 2)
      return rv__onnx_refuse (file, node, "has pads out of bounds", error);
    by[i] = (int) size;
  }
  return TRUE;
}

/* Pad of rows and columns with a number, edge values or reflected values. Padding by a number c is c + pad (x - c). A
 * large c, such as the -infinity before a MaxPool, is refused: x - c would lose digits of x. */
static gboolean
convert_pad (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  static const char *const modes[] = { "constant", "edge", "reflect" };
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  const char *mode = rv__onnx_attribute_text (file, node, "mode", modes[0]), *name = rv__onnx_output_name (node);
  double number = 0, negative;
  int m = 0, by[4];
  RvGraphNode *pad;
  while (m < 3 && strcmp (modes[m], mode) != 0)
    m++;
  if (m == 3)
    return rv__onnx_unsupported (file, node, error);
  if (!read_pads (file, node, by, error) || !read_number (file, node, "value", 2, &number, error))
    return FALSE;
  if (m == 0 && !(fabs (number) <= MAX_PAD_NUMBER))
    return rv__onnx_refuse (file, node, "pads with a number that is too large", error);
  negative = -number;
  gboolean shifts = m == 0 && number != 0;
  if (shifts && !append_affine (file, node, NULL, "below", &y, (PerChannel){ 0 }, (PerChannel){ &negative, 1 }, error))
    return FALSE;
  y.index = rv__onnx_append (file, RV_GRAPH_PAD, shifts ? NULL : name, 1, &y.index, &pad);
  pad->mode = m;
  memcpy (pad->pad, by, sizeof by);
  y.padded = m == 0;
  if (shifts && !append_affine (file, node, name, "above", &y, (PerChannel){ 0 }, (PerChannel){ &number, 1 }, error))
    return FALSE;
  return rv__onnx_define (file, name, y, error);
}

/* Softmax or LogSoftmax at the end: no layer, and nothing is missing. */
static gboolean
convert_end (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_LEFT_OUT }, error);
}

const RvOnnxOperator rv__onnx_layers[] = {
  { "Add Div Mul Sub", convert_arithmetic, .is_linear = TRUE, .channels_last = TRUE, .by_constants = TRUE },
  { "AveragePool MaxPool", convert_pool },
  { "BatchNormalization", convert_batch_norm },
  { "Clip", convert_clip, .channels_last = TRUE },
  { "Conv", convert_conv, .is_linear = TRUE },
  { "Dropout Identity", rv__onnx_convert_identity, .is_linear = TRUE, .channels_last = TRUE, .regroups = TRUE },
  { "Elu Selu", convert_elu, .channels_last = TRUE },
  { "Erf Relu Sigmoid", convert_activation, .channels_last = TRUE },
  { "Gelu", convert_gelu, .channels_last = TRUE },
  { "Gemm MatMul", convert_dense, .is_linear = TRUE, .channels_last = TRUE },
  { "GlobalAveragePool", convert_global_pool, .is_linear = TRUE },
  { "HardSigmoid HardSwish", convert_hard_sigmoid, .channels_last = TRUE },
  { "LRN", convert_lrn },
  { "LeakyRelu PRelu", convert_leaky_relu, .channels_last = TRUE },
  { "LogSoftmax Softmax", convert_end, .is_linear = TRUE },
  { "Pad", convert_pad },
  { "Pow", convert_pow, .channels_last = TRUE },
  { "ReduceMean", convert_reduce_mean, .is_linear = TRUE, .channels_last = TRUE },
  { "Sum", convert_sum },
  { "Tanh", convert_tanh, .channels_last = TRUE },
  { NULL },
};
