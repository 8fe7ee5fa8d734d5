/* onnx-layers.c -- conversion of the nodes that compute from several positions or channels: convolutions, dense layers,
 * poolings, batch norms, local response normalisation, padding. */
#include "onnx.h"
#include <math.h>
#include <string.h>

#define MAX_PAD_NUMBER 256

/* Records Conv with a kernel of four dimensions in the file. Zero padding that only @node uses is merged. */
static gboolean
convert_conv (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  const RvOnnxConstant *weight = rv__onnx_constant_input (file, node, 1),
                       *bias = rv__onnx_constant_input (file, node, 2);
  RvGraphNode conv = { .op = RV_GRAPH_CONV, .bias = rv__onnx_input (file, node, 2) != NULL };
  if (!weight || weight->shape.n != 4)
    return rv__onnx_refuse (file, node, "has no kernel of four dimensions in the file", error);
  const gint64 *size = weight->shape.dim;
  gint64 groups = rv__onnx_attribute_int (node, "group", 1);
  if (groups < 1 || size[0] % groups || x->channels % groups)
    return rv__onnx_refuse (file, node, "has groups that do not fit its channels", error);
  if (!rv__onnx_two_sizes (node, "dilations", conv.dilation))
    return rv__onnx_refuse (file, node, "has dilations out of bounds", error);
  if (!rv__onnx_read_window (file, node, &conv, error))
    return FALSE;
  if (size[1] != x->channels / groups || size[0] < 1 || size[0] > RV_GRAPH_MAX_CHANNELS || size[2] < 1 || size[3] < 1 ||
      size[2] > RV_GRAPH_MAX_SIDE || size[3] > RV_GRAPH_MAX_SIDE)
    return rv__onnx_refuse (file, node, "has a kernel that does not fit its input", error);
  gboolean pads = conv.pad[0] || conv.pad[1] || conv.pad[2] || conv.pad[3];
  if (size[2] != 1 || size[3] != 1 || conv.stride[0] != 1 || conv.stride[1] != 1 || pads)
    rv__onnx_take_mean (file, x);
  const char *name = rv__onnx_output_name (node);
  if (!rv__onnx_add_tensor (file, node, name, "weight", weight, weight->shape, error) ||
      (conv.bias && !rv__onnx_add_tensor (file, node, name, "bias", bias, rv_shape (1, size[0]), error)))
    return FALSE;
  RvOnnxValue from = *x;
  if (conv.same == RV_GRAPH_PAD_GIVEN && x->padded && rv__onnx_n_uses (file, node->in->pdata[0]) == 1) {
    const RvGraphNode *padding = rv__net_graph_node (file->graph, (guint) x->index - 1);
    from.index = padding->in[0];
    for (int i = 0; i < 4; i++)
      conv.pad[i] += padding->pad[i];
  }
  conv.params = g_strdup (name);
  conv.groups = groups > 1 ? (int) groups : 0;
  if (conv.dilation[0] == 1 && conv.dilation[1] == 1)
    conv.dilation[0] = conv.dilation[1] = 0;
  for (int i = 0; i < 4; i++)
    conv.size[i] = (int) size[i];
  return rv__onnx_convert_to (file, node, conv, &from, size[0], error);
}

/* Adds the tensor NAME.bias of @node, a Gemm: beta times input 2, of one number or @channels. RV_ERROR_FORMAT:
 * other inputs. */
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
  return numbers && rv__onnx_add_per_channel (file, rv__onnx_output_name (node), "bias", channels,
                                              (RvOnnxPerChannel){ numbers, n }, 0, error);
}

/* Records Gemm and MatMul after the mean over positions, or of a value with its channels last: a 1 x 1 convolution.
 * Elsewhere: left out. */
static gboolean
convert_dense (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  gboolean gemm = strcmp (node->op, "Gemm") == 0, bias = gemm && rv__onnx_input (file, node, 2);
  double alpha = gemm ? rv__onnx_attribute_real (node, "alpha", 1) : 1;
  const RvOnnxValue *x = rv__onnx_input (file, node, 0), *matrix = rv__onnx_input (file, node, 1);
  gboolean is_exchanged = matrix && matrix->kind == RV_ONNX_TRANSPOSED,
           transposed = (gemm && rv__onnx_attribute_int (node, "transB", 0)) != is_exchanged;
  const RvOnnxConstant *weight = is_exchanged ? matrix->constant : rv__onnx_constant_input (file, node, 1);
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
                         tensor = numbers && rv__onnx_reserve (file, RV_F32, &kernel, error)
                                    ? rv_tensor_new (RV_F32, &kernel, error)
                                    : NULL;
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
  const RvGraphNode conv = { .op = RV_GRAPH_CONV,
                             .params = g_strdup (name),
                             .bias = bias,
                             .size = { (int) rows, (int) cols, 1, 1 },
                             .stride = { 1, 1 } };
  if (!rv__onnx_convert_to (file, node, conv, x, rows, error))
    return FALSE;
  RvOnnxValue *y = g_hash_table_lookup (file->values, name);
  if (rv__onnx_n_uses (file, name) == 1) {
    y->scales = y->index;
    y->shifts = bias ? 0 : y->index;
  }
  return TRUE;
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

/* Records BatchNormalization: part of a convolution before it whose output only @node reads, under the convolution's
 * own name; else an affine node. */
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
  ok = ok && rv__onnx_convert_to_affine (file, node, x, (RvOnnxPerChannel){ numbers[1], x->channels },
                                         (RvOnnxPerChannel){ numbers[2], x->channels }, error);
  for (guint i = 1; i < 5; i++)
    g_free (numbers[i]);
  return ok;
}

/* Records AveragePool, MaxPool. */
static gboolean
convert_pool (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  gboolean average = strcmp (node->op, "AveragePool") == 0;
  RvGraphNode pool = { .op = average ? RV_GRAPH_AVERAGE_POOL : RV_GRAPH_MAX_POOL };
  int dilations[2];
  if (!rv__onnx_two_sizes (node, "kernel_shape", pool.window) || !rv__onnx_two_sizes (node, "dilations", dilations) ||
      dilations[0] != 1 || dilations[1] != 1)
    return rv__onnx_refuse (file, node, "has a window or dilations out of bounds", error);
  if (!rv__onnx_read_window (file, node, &pool, error))
    return FALSE;
  if (node->out->len > 1 && rv__onnx_n_uses (file, node->out->pdata[1]) > 0)
    return rv__onnx_refuse (file, node, "has a second output that is used", error);
  for (int side = 0; side < 4; side++)
    if (pool.pad[side] >= pool.window[side % 2])
      return rv__onnx_refuse (file, node, "has pads as large as its window", error);
  pool.counts_pad = average && rv__onnx_attribute_int (node, "count_include_pad", 0) != 0;
  pool.ceil = rv__onnx_attribute_int (node, "ceil_mode", 0) != 0;
  return rv__onnx_convert_to (file, node, pool, x, x->channels, error);
}

/* Records GlobalAveragePool: the output stands for the mean, which is skipped until rv__onnx_take_mean(). */
static gboolean
convert_global_pool (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  const RvGraphNode pool = { .op = RV_GRAPH_GLOBAL_POOL, .skip = TRUE };
  RvOnnxValue y = { .kind = RV_ONNX_FEATURES, .channels = x->channels };
  y.index = y.pool = rv__onnx_append (file, pool, rv__onnx_output_name (node), 1, &x->index);
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

/* Converts ReduceMean: over rows and columns as GlobalAveragePool, over the channels as the first step of a norm. */
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

/* Records LRN over an odd number of channels, with a bias above 0: (bias + s)^-beta = bias^-beta (1 + s / bias)^-beta.
 */
static gboolean
convert_lrn (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  gint64 size = rv__onnx_attribute_int (node, "size", 0);
  double bias = rv__onnx_attribute_real (node, "bias", 1), beta = rv__onnx_attribute_real (node, "beta", 0.75);
  if (size < 1 || size > 255 || size % 2 == 0 || !(bias > 0))
    return rv__onnx_refuse (file, node, "has an even size, or no bias above 0", error);
  const char *name = rv__onnx_output_name (node);
  y.padded = FALSE;
  RvGraphNode lrn = { .op = RV_GRAPH_LRN,
                      .window = { (int) size },
                      .alpha = rv__onnx_attribute_real (node, "alpha", 1e-4) / bias,
                      .beta = beta };
  y.index = rv__onnx_append (file, lrn, bias == 1 ? name : NULL, 1, &y.index);
  if (bias == 1)
    return rv__onnx_define (file, name, y, error);
  return rv__onnx_convert_to_affine (file, node, &y, (RvOnnxPerChannel){ &(double){ pow (bias, -beta) }, 1 },
                                     (RvOnnxPerChannel){ 0 }, error);
}

/* Reads what the Pad @node adds to top, left, bottom and right into @by. RV_ERROR_FORMAT: not known, to other axes, or
 * out of bounds. */
static gboolean
read_pads (RvOnnxFile *file, const RvOnnxNode *node, int *by, GError **error)
{
  const gint64 all[] = { 0, 1, 2, 3 }, *axes = all;
  gint64 pads[RV_ONNX_MAX_INTS], of_axes[8] = { 0 };
  int n = rv__onnx_read_ints (file, node, "pads", 1, pads), n_axes = rv__onnx_int_input (file, node, 3, &axes);
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

/* Records Pad of rows and columns with a number, edge values or reflected values. Padding by a number c is c + pad
 * (x - c). A large c, such as the -infinity before a MaxPool, is refused: x - c would lose digits of x. */
static gboolean
convert_pad (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  static const char *const modes[] = { "constant", "edge", "reflect", NULL };
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  const char *name = rv__onnx_output_name (node);
  double number = 0, negative;
  int m = rv__onnx_attribute_choice (file, node, "mode", modes[0], modes);
  RvGraphNode pad = { .op = RV_GRAPH_PAD, .mode = m };
  if (m < 0)
    return rv__onnx_unsupported (file, node, error);
  if (!read_pads (file, node, pad.pad, error) || !rv__onnx_read_number (file, node, "value", 2, &number, error))
    return FALSE;
  if (m == 0 && !(fabs (number) <= MAX_PAD_NUMBER))
    return rv__onnx_refuse (file, node, "pads with a number that is too large", error);
  negative = -number;
  gboolean shifts = m == 0 && number != 0;
  if (shifts && !rv__onnx_append_affine (file, node, NULL, "below", &y, (RvOnnxPerChannel){ 0 },
                                         (RvOnnxPerChannel){ &negative, 1 }, error))
    return FALSE;
  y.index = rv__onnx_append (file, pad, shifts ? NULL : name, 1, &y.index);
  y.padded = m == 0;
  if (shifts && !rv__onnx_append_affine (file, node, name, "above", &y, (RvOnnxPerChannel){ 0 },
                                         (RvOnnxPerChannel){ &number, 1 }, error))
    return FALSE;
  return rv__onnx_define (file, name, y, error);
}

/* Converts Softmax or LogSoftmax at the end: records no layer, and nothing is missing. */
static gboolean
convert_end (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_LEFT_OUT }, error);
}

const RvOnnxOperator rv__onnx_layers[] = {
  { "AveragePool MaxPool", convert_pool },
  { "BatchNormalization", convert_batch_norm },
  { "Conv", convert_conv, .is_linear = TRUE },
  { "Dropout Identity", rv__onnx_convert_identity, .is_linear = TRUE, .channels_last = TRUE, .regroups = TRUE },
  { "Gemm MatMul", convert_dense, .is_linear = TRUE, .channels_last = TRUE },
  { "GlobalAveragePool", convert_global_pool, .is_linear = TRUE },
  { "LRN", convert_lrn },
  { "LogSoftmax Softmax", convert_end, .is_linear = TRUE },
  { "Pad", convert_pad },
  { "ReduceMean", convert_reduce_mean, .is_linear = TRUE, .channels_last = TRUE },
  { NULL },
};
