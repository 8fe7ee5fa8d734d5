/* onnx-pictures.c -- conversion of the nodes of networks that make pictures: resizing, transposed convolution, instance
 * norm. */
#include "onnx.h"
#include <math.h>
#include <string.h>

#define FACTOR_TOLERANCE 1e-6 /* of a scale, a float in the file */

/* ---- sizes ------------------------------------------------------------------------------------------------------- */

/* Positions of the output of @node along @axis, from those of its inputs, @n of the first and @of_last of the last. */
static gint64
output_size (const RvGraphNode *node, int axis, gint64 n, gint64 of_last)
{
  gboolean pools = node->op == RV_GRAPH_MAX_POOL || node->op == RV_GRAPH_AVERAGE_POOL;
  gint64 padded = n + node->pad[axis] + node->pad[2 + axis], stride = MAX (node->stride[axis], 1);
  gint64 window = pools ? node->window[axis] : (node->size[2 + axis] - 1) * MAX (node->dilation[axis], 1) + 1;
  switch ((RvGraphOp) node->op) {
  case RV_GRAPH_CONV:
  case RV_GRAPH_AVERAGE_POOL:
  case RV_GRAPH_MAX_POOL:
    if (node->same != RV_GRAPH_PAD_GIVEN)
      return (n + stride - 1) / stride;
    return (padded - window + (node->ceil ? stride - 1 : 0)) / stride + 1;
  case RV_GRAPH_CONV_TRANSPOSE:
    return (n - 1) * stride + window - node->pad[axis] - node->pad[2 + axis] + node->extra[axis];
  case RV_GRAPH_GLOBAL_POOL:
    return node->skip ? n : 1;
  case RV_GRAPH_MULTIPLY:
    return MAX (n, of_last);
  case RV_GRAPH_PAD:
    return padded;
  case RV_GRAPH_RESIZE:
    return node->size[2 * axis] ? of_last * node->size[2 * axis] / node->size[2 * axis + 1] : of_last;
  default:
    return n;
  }
}

/* (transfer full): rows and columns of the picture and of all nodes, for the size of the picture in the file. Sizes
 * that do not fit are 0 or less. */
static gint64 (*sizes_in_file (const RvOnnxFile *file))[2]
{
  gint64 (*sizes)[2] = g_malloc ((file->graph->len + 1) * sizeof *sizes);
  memcpy (sizes[0], file->picture, sizeof *sizes);
  for (guint i = 0; i < file->graph->len; i++) {
    const RvGraphNode *node = rv__net_graph_node (file->graph, i);
    for (int axis = 0; axis < 2; axis++) {
      gint64 n = sizes[node->in[0]][axis], of_last = sizes[node->in[node->n_in - 1]][axis];
      sizes[i + 1][axis] = MIN (n, of_last) < 1 ? 0 : MIN (output_size (node, axis, n, of_last), G_MAXINT);
    }
  }
  return sizes;
}

/* Sets the fraction @by to @factor, of numbers up to RV_GRAPH_MAX_SIDE. FALSE: there is none. */
static gboolean
find_fraction (double factor, int by[2])
{
  for (by[1] = 1; factor > 0 && by[1] <= RV_GRAPH_MAX_SIDE; by[1]++) {
    double number = factor * by[1];
    if (!(number < RV_GRAPH_MAX_SIDE + 0.5))
      return FALSE;
    by[0] = (int) (number + 0.5);
    if (by[0] >= 1 && fabs (by[0] - number) <= FACTOR_TOLERANCE * number)
      return TRUE;
  }
  return FALSE;
}

/* ---- resizing ---------------------------------------------------------------------------------------------------- */

/* Sets *like to the value whose rows and columns, times the fractions @by, are the sizes @to, rows and columns, by
 * which @x is resized. For numbers, this is the last value that has this size in the file, such as the other input of a
 * sum that follows; else a multiple of @x. FALSE: not known. */
static gboolean
find_size (const RvOnnxFile *file, const RvOnnxValue *x, const gint64 *to, int *like, int by[4])
{
  int index[2], axis[2], factor[2];
  for (int a = 0; a < 2; a++) {
    factor[a] = rv__onnx_size_factor (to[a], &index[a], &axis[a]);
    by[2 * a] = factor[a], by[2 * a + 1] = 1;
  }
  if (factor[0] && factor[1]) {
    *like = index[0];
    return index[0] == index[1] && axis[0] == 0 && axis[1] == 1 && (guint) index[0] <= file->graph->len;
  }
  if (factor[0] || factor[1] || file->picture[0] < 1 || file->picture[1] < 1)
    return FALSE;
  g_autofree gint64 (*sizes)[2] = sizes_in_file (file);
  for (*like = (int) file->graph->len; *like >= 0; --*like)
    if (sizes[*like][0] == to[0] && sizes[*like][1] == to[1]) {
      by[0] = by[1] = by[2] = by[3] = 1;
      return TRUE;
    }
  *like = x->index;
  return sizes[*like][0] > 0 && sizes[*like][1] > 0 && find_fraction ((double) to[0] / (double) sizes[*like][0], by) &&
         find_fraction ((double) to[1] / (double) sizes[*like][1], by + 2);
}

/* Copies the numbers of the constant input @i, whole or real, at most 4, to @numbers. Returns their number; 0: absent,
 * or none; -1: not known, or more. */
static int
read_reals (RvOnnxFile *file, const RvOnnxNode *node, guint i, double *numbers)
{
  const RvOnnxConstant *constant = rv__onnx_constant_input (file, node, i);
  gint64 n = constant ? rv_shape_count (&constant->shape) : 0;
  const gint64 *ints;
  if (!constant)
    return rv__onnx_input (file, node, i) ? -1 : 0;
  if (!rv__onnx_bytes_of_type (constant->type)) {
    int n_ints = rv__onnx_int_input (file, node, i, &ints);
    for (int k = 0; k < MIN (n_ints, 4); k++)
      numbers[k] = (double) ints[k];
    return n_ints > 4 ? -1 : n_ints;
  }
  g_autofree double *all = n >= 1 && n <= 4 ? rv__onnx_doubles_of (file, constant, NULL) : NULL;
  for (int k = 0; k < n && all; k++)
    numbers[k] = all[k];
  return n == 0 ? 0 : all ? (int) n : -1;
}

/* Sets the size of @to, whose input is @x, and *like, from the scales or sizes of the Resize or Upsample @node.
 * RV_ERROR_FORMAT: not known, or of other axes. */
static gboolean
read_size (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x, RvGraphNode *to, int *like, GError **error)
{
  gboolean has_roi = node->in->len > 2;
  double scales[4];
  gint64 axes[RV_ONNX_MAX_INTS] = { 2, 3 };
  int n = rv__onnx_attribute_reals (node, "scales", scales, 4), n_axes = rv__onnx_attribute_ints (node, "axes", axes);
  const RvOnnxConstant *sizes = rv__onnx_constant_input (file, node, 3);
  if (n == 0)
    n = read_reals (file, node, has_roi ? 2 : 1, scales);
  gboolean in_order = n_axes == 0 || n_axes == 2 || n_axes == 4;
  for (int i = 0; i < n_axes; i++)
    in_order = in_order && (axes[i] == 4 - n_axes + i || axes[i] == i - n_axes);
  if (!in_order)
    return rv__onnx_refuse (file, node, "resizes other axes than rows and columns", error);
  *like = x->index;
  if (n > 0)
    return ((n == 2 || (n == 4 && scales[0] == 1 && scales[1] == 1)) && find_fraction (scales[n - 2], to->size) &&
            find_fraction (scales[n - 1], to->size + 2)) ||
           rv__onnx_refuse (file, node, "has scales that are no fractions of small numbers for rows and columns",
                            error);
  n = sizes && !rv__onnx_bytes_of_type (sizes->type) ? sizes->n_ints : 0;
  if ((n != 2 && n != 4) || !find_size (file, x, sizes->ints + n - 2, like, to->size))
    return rv__onnx_refuse (file, node, "has a size that is not known for pictures of other sizes", error);
  return TRUE;
}

/* Sets mode and coordinates of @to from the Resize or Upsample @node; to->size is known. The engine's nearest position
 * is that of asymmetric coordinates, rounded down. In half-pixel coordinates, it is the nearest one for whole factors
 * only. RV_ERROR_FORMAT: another mode. */
static gboolean
read_mode (RvOnnxFile *file, const RvOnnxNode *node, gboolean is_own_size, RvGraphNode *to, GError **error)
{
  static const char *const modes[] = { "linear", "cubic", "nearest", NULL },
                           *const places[] = { "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel",
                                               NULL },
                           *const roundings[] = { "floor", "round_prefer_floor", "round_prefer_ceil", NULL };
  enum { LINEAR, CUBIC, NEAREST };
  enum { HALF_PIXEL, ASYMMETRIC, ALIGN_CORNERS };
  gboolean is_old = strcmp (node->op, "Upsample") == 0 || node->in->len == 2;
  int mode = rv__onnx_attribute_choice (file, node, "mode", "nearest", modes),
      place = is_old ? ASYMMETRIC
                     : rv__onnx_attribute_choice (file, node, "coordinate_transformation_mode", "half_pixel", places),
      rounding = is_old ? 0 : rv__onnx_attribute_choice (file, node, "nearest_mode", "round_prefer_floor", roundings);
  gboolean repeats = is_own_size && to->size[1] == 1 && to->size[3] == 1;
  if (mode < 0 || place < 0 || rv__onnx_attribute_int (node, "antialias", 0) ||
      strcmp (rv__onnx_attribute_text (file, node, "keep_aspect_ratio_policy", "stretch"), "stretch") != 0)
    return rv__onnx_refuse (file, node, "has a mode or coordinates that are not supported", error);
  if (place == ALIGN_CORNERS && is_own_size && (to->size[1] > 1 || to->size[3] > 1))
    return rv__onnx_refuse (file, node, "has aligned corners and a factor that is not whole", error);
  if (mode == NEAREST && !(place == ASYMMETRIC && rounding == 0) && !(place == HALF_PIXEL && rounding > 0 && repeats))
    return rv__onnx_refuse (file, node, "takes nearest positions by a rule that is not supported", error);
  if (mode == CUBIC && (fabs (rv__onnx_attribute_real (node, "cubic_coeff_a", -0.75) + 0.75) > FACTOR_TOLERANCE ||
                        rv__onnx_attribute_int (node, "exclude_outside", 0)))
    return rv__onnx_refuse (file, node, "has another cubic kernel than that of -0.75", error);
  to->mode = mode;
  to->coordinates = mode == NEAREST ? 0 : place;
  return TRUE;
}

/* Records Resize, Upsample: of rows and columns. */
static gboolean
convert_resize (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  RvGraphNode resize = { .op = RV_GRAPH_RESIZE };
  int in[] = { x->index, 0 };
  if (!read_size (file, node, x, &resize, &in[1], error) || !read_mode (file, node, in[1] == x->index, &resize, error))
    return FALSE;
  RvOnnxValue y = { .kind = RV_ONNX_FEATURES, .channels = x->channels };
  y.index = rv__onnx_append (file, resize, rv__onnx_output_name (node), 2, in);
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

/* ---- transposed convolution -------------------------------------------------------------------------------------- */

/* Sets stride, pads, dilation and extra rows and columns of @to, whose kernel is known, from the ConvTranspose @node.
 * Padding by `same` makes the output as large as input times stride. RV_ERROR_FORMAT: out of bounds. */
static gboolean
read_transposed_window (RvOnnxFile *file, const RvOnnxNode *node, RvGraphNode *to, GError **error)
{
  gint64 extra[RV_ONNX_MAX_INTS] = { 0 };
  int n = rv__onnx_attribute_ints (node, "output_padding", extra);
  if (!rv__onnx_two_sizes (node, "dilations", to->dilation))
    return rv__onnx_refuse (file, node, "has dilations out of bounds", error);
  if (!rv__onnx_read_window (file, node, to, error))
    return FALSE;
  if (rv__onnx_attribute_ints (node, "output_shape", (gint64[RV_ONNX_MAX_INTS]){ 0 }) != 0)
    return rv__onnx_refuse (file, node, "has an output_shape, which fixes the size of the picture", error);
  for (int axis = 0; axis < 2; axis++) {
    if ((n != 0 && n != 2) || extra[axis] < 0 || extra[axis] >= to->stride[axis])
      return rv__onnx_refuse (file, node, "has an output_padding out of bounds", error);
    to->extra[axis] = (int) extra[axis];
    if (to->same == RV_GRAPH_PAD_GIVEN)
      continue;
    int total = (to->size[2 + axis] - 1) * to->dilation[axis] + 1 + to->extra[axis] - to->stride[axis];
    if (total < 0 || total > RV_GRAPH_MAX_SIDE)
      return rv__onnx_refuse (file, node, "has an auto_pad that does not fit its kernel", error);
    to->pad[axis] = to->same == RV_GRAPH_PAD_SAME_UPPER ? total / 2 : total - total / 2;
    to->pad[2 + axis] = total - to->pad[axis];
  }
  to->same = RV_GRAPH_PAD_GIVEN;
  return TRUE;
}

/* Records ConvTranspose with a kernel of four dimensions in the file. */
static gboolean
convert_conv_transpose (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  const RvOnnxConstant *weight = rv__onnx_constant_input (file, node, 1);
  RvGraphNode conv = { .op = RV_GRAPH_CONV_TRANSPOSE, .bias = rv__onnx_input (file, node, 2) != NULL };
  gint64 groups = rv__onnx_attribute_int (node, "group", 1);
  const char *name = rv__onnx_output_name (node);
  if (!weight || weight->shape.n != 4)
    return rv__onnx_refuse (file, node, "has no kernel of four dimensions in the file", error);
  const gint64 *size = weight->shape.dim;
  if (groups < 1 || groups > RV_GRAPH_MAX_CHANNELS || size[0] % groups || size[0] != x->channels || size[1] < 1 ||
      size[1] > RV_GRAPH_MAX_CHANNELS / groups || size[2] < 1 || size[3] < 1 || size[2] > RV_GRAPH_MAX_SIDE ||
      size[3] > RV_GRAPH_MAX_SIDE)
    return rv__onnx_refuse (file, node, "has a kernel or groups that do not fit its input", error);
  for (int i = 0; i < 4; i++)
    conv.size[i] = (int) size[i];
  if (!read_transposed_window (file, node, &conv, error) ||
      !rv__onnx_add_tensor (file, node, name, "weight", weight, weight->shape, error) ||
      (conv.bias && !rv__onnx_add_tensor (file, node, name, "bias", rv__onnx_constant_input (file, node, 2),
                                          rv_shape (1, size[1] * groups), error)))
    return FALSE;
  conv.params = g_strdup (name);
  conv.groups = groups > 1 ? (int) groups : 0;
  return rv__onnx_convert_to (file, node, conv, x, size[1] * groups, error);
}

/* ---- instance norm ----------------------------------------------------------------------------------------------- */

/* Records InstanceNormalization. */
static gboolean
convert_instance_norm (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  RvShape channels = rv_shape (1, x->channels);
  const char *name = rv__onnx_output_name (node);
  double epsilon = rv__onnx_attribute_real (node, "epsilon", 1e-5);
  if (!(epsilon >= 0))
    return rv__onnx_unsupported (file, node, error);
  if (!rv__onnx_add_tensor (file, node, name, "weight", rv__onnx_constant_input (file, node, 1), channels, error) ||
      !rv__onnx_add_tensor (file, node, name, "bias", rv__onnx_constant_input (file, node, 2), channels, error))
    return FALSE;
  const RvGraphNode norm = { .op = RV_GRAPH_INSTANCE_NORM, .params = g_strdup (name), .epsilon = epsilon };
  return rv__onnx_convert_to (file, node, norm, x, x->channels, error);
}

const RvOnnxOperator rv__onnx_pictures[] = {
  { "ConvTranspose", convert_conv_transpose },
  { "InstanceNormalization", convert_instance_norm },
  { "Resize Upsample", convert_resize },
  { NULL },
};
