/* onnx-channels.c -- conversion of the nodes that join, divide and reorder channels. */
#include "onnx.h"
#include <string.h>

/* Joins the @n values @in (overwritten) in groups of up to RV_GRAPH_MAX_IN. Returns the number of the last node, which
 * is called @name. */
static int
join (RvOnnxFile *file, const char *name, int *in, int n)
{
  const RvGraphNode concat = { .op = RV_GRAPH_CONCAT };
  while (n > RV_GRAPH_MAX_IN) {
    int groups = 0;
    for (int i = 0; i < n; i += RV_GRAPH_MAX_IN) {
      int size = MIN (RV_GRAPH_MAX_IN, n - i);
      in[groups++] = size == 1 ? in[i] : rv__onnx_append (file, concat, NULL, size, in + i);
    }
    n = groups;
  }
  return rv__onnx_append (file, concat, name, n, in);
}

/* Converts Concat along the channels. RV_ERROR_FORMAT: along another axis, of other inputs than features, or too many
 * channels. */
static gboolean
convert_concat (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  int in[RV_ONNX_MAX_INPUTS];
  gint64 axis = rv__onnx_attribute_int (node, "axis", 1);
  RvOnnxValue y = { .kind = RV_ONNX_FEATURES };
  if (axis != 1 && axis != -3)
    return rv__onnx_refuse (file, node, "joins another axis than the channels", error);
  for (guint i = 0; i < node->in->len; i++) {
    const RvOnnxValue *x = rv__onnx_input (file, node, i);
    if (!x || x->kind != RV_ONNX_FEATURES || (i > 0 && !x->pool != !y.pool))
      return rv__onnx_unsupported (file, node, error);
    in[i] = x->index;
    y.channels += x->channels;
    y.pool = x->pool;
  }
  if (y.channels > RV_GRAPH_MAX_CHANNELS)
    return rv__onnx_refuse (file, node, "has too many channels", error);
  y.index = join (file, rv__onnx_output_name (node), in, (int) node->in->len);
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

/* Appends the channels first .. first + count-1 of @x as the output @name. */
static gboolean
append_slice (RvOnnxFile *file, const char *name, const RvOnnxValue *x, gint64 first, gint64 count, GError **error)
{
  const RvGraphNode slice = { .op = RV_GRAPH_SLICE, .size = { (int) first, (int) count } };
  RvOnnxValue y = { .kind = RV_ONNX_FEATURES, .channels = count, .pool = x->pool };
  y.index = rv__onnx_append (file, slice, *name ? name : NULL, 1, &x->index);
  return rv__onnx_define (file, name, y, error);
}

/* Records Split along the channels. */
static gboolean
convert_split (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue x = *rv__onnx_input (file, node, 0);
  gint64 sizes[RV_ONNX_MAX_INTS], axis = rv__onnx_attribute_int (node, "axis", 0), first = 0;
  const gint64 n_parts = node->out->len, each = (x.channels + n_parts - 1) / n_parts;
  int n = rv__onnx_read_ints (file, node, "split", 1, sizes);
  if ((axis != 1 && axis != -3) || (n != 0 && n != n_parts))
    return rv__onnx_refuse (file, node, "divides another axis than the channels, or into unknown parts", error);
  for (gint64 i = 0; i < n_parts; i++) {
    gint64 count = n > 0 ? sizes[i] : MIN (each, x.channels - first);
    if (count < 1 || count > x.channels - first)
      return rv__onnx_refuse (file, node, "has parts that do not fit its channels", error);
    if (!append_slice (file, node->out->pdata[i], &x, first, count, error))
      return FALSE;
    first += count;
  }
  return TRUE;
}

/* Records Slice along the channels. */
static gboolean
convert_slice (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue x = *rv__onnx_input (file, node, 0);
  gint64 first, end;
  if (!rv__onnx_read_slice (file, node, 1, 4, x.channels, &first, &end) || first == end)
    return rv__onnx_refuse (file, node, "takes not one range of channels that is known", error);
  return append_slice (file, rv__onnx_output_name (node), &x, first, end - first, error);
}

/* Converts Transpose: of the channels behind the positions and back, which only marks the value; or between two
 * Reshape, which together exchange channels between groups. */
static gboolean
convert_transpose (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  static const gint64 expected[] = { 0, 2, 1, 3, 4 }, to_last[] = { 0, 2, 3, 1 }, to_first[] = { 0, 3, 1, 2 };
  RvOnnxValue y = *rv__onnx_input (file, node, 0);
  gint64 axes[RV_ONNX_MAX_INTS];
  int n = rv__onnx_attribute_ints (node, "perm", axes);
  gboolean goes_last = n == 4 && memcmp (axes, to_last, sizeof to_last) == 0,
           goes_first = n == 4 && memcmp (axes, to_first, sizeof to_first) == 0;
  if (!y.groups && (y.pool ? goes_last || goes_first : y.channels_last ? goes_first : goes_last)) {
    y.channels_last = goes_last;
    y.padded = FALSE;
    return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
  }
  if (!y.groups || y.transposed || n != G_N_ELEMENTS (expected) || memcmp (axes, expected, sizeof expected) != 0)
    return rv__onnx_unsupported (file, node, error);
  y.transposed = TRUE;
  return rv__onnx_define (file, rv__onnx_output_name (node), y, error);
}

/* Reshape of @x (inout) to the @n sizes @sizes, -1: the rest. From [N, C, H, W] to [N, groups, C / groups, H, W] sets
 * x->groups; back, if the groups were transposed meanwhile, appends a channel shuffle. FALSE without an error, @x
 * undefined: other sizes. */
static gboolean
regroup (RvOnnxFile *file, const RvOnnxNode *node, const gint64 *sizes, int n, RvOnnxValue *x)
{
  if (n == 5 && !x->groups) {
    x->groups = sizes[1] > 0 ? sizes[1] : sizes[2] > 0 ? x->channels / sizes[2] : 0;
    return x->groups > 0 && x->channels % x->groups == 0 && (sizes[2] < 0 || sizes[2] == x->channels / x->groups);
  }
  if (n != 4 || !x->groups || (sizes[1] > 0 && sizes[1] != x->channels))
    return FALSE;
  if (x->transposed)
    x->index = rv__onnx_append (file, (RvGraphNode){ .op = RV_GRAPH_SHUFFLE, .groups = (int) x->groups },
                                rv__onnx_output_name (node), 1, &x->index);
  *x = (RvOnnxValue){ .kind = RV_ONNX_FEATURES, .index = x->index, .channels = x->channels };
  return TRUE;
}

/* Records Gather of all channels of a mean in their order, for one picture or several, by which PyTorch's exporter
 * writes a view. */
static gboolean
convert_gather (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  const RvOnnxConstant *at = rv__onnx_constant_input (file, node, 1);
  gint64 n = at ? rv_shape_count (&at->shape) : 0;
  if (!x->pool || !at || !at->counts || n < 1 || (n != x->channels && n != x->channels * at->shape.dim[0]))
    return rv__onnx_unsupported (file, node, error);
  return rv__onnx_convert_identity (file, node, error);
}

/* Converts Expand, Flatten, Reshape, Squeeze and Unsqueeze, which keep a mean over positions. Elsewhere, Reshape
 * divides channels into groups or joins them again. Flatten, and Reshape to one or two axes, end the network, and
 * so does a Reshape to three axes or sizes that are not known, which makes a sequence of the positions. Refuses
 * other cases. */
static gboolean
convert_reshape (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  RvOnnxValue x = *rv__onnx_input (file, node, 0);
  const RvOnnxConstant *sizes = strcmp (node->op, "Reshape") == 0 ? rv__onnx_constant_input (file, node, 1) : NULL;
  int n = sizes && !rv__onnx_bytes_of_type (sizes->type) ? sizes->n_ints : 0;
  if (x.pool)
    return rv__onnx_convert_identity (file, node, error);
  if (n > 2 && regroup (file, node, sizes->ints, n, &x))
    return rv__onnx_define (file, rv__onnx_output_name (node), x, error);
  if (strcmp (node->op, "Reshape") == 0 && (n == 3 || n < 1) && !x.groups)
    file->has_sequence |= !file->first_left_out;
  else if (n > 2 || x.groups)
    return rv__onnx_refuse (file, node, "to these axes, as in transformers, is not supported", error);
  if (strcmp (node->op, "Flatten") != 0 && strcmp (node->op, "Reshape") != 0)
    return rv__onnx_unsupported (file, node, error);
  return rv__onnx_leave_out (file, node, error);
}

const RvOnnxOperator rv__onnx_channels[] = {
  { "Concat", convert_concat },
  { "Expand Flatten Squeeze Unsqueeze", convert_reshape, .is_linear = TRUE },
  { "Gather", convert_gather, .is_linear = TRUE },
  { "Reshape", convert_reshape, .is_linear = TRUE, .regroups = TRUE },
  { "Slice", convert_slice, .is_linear = TRUE },
  { "Split", convert_split, .is_linear = TRUE },
  { "Transpose", convert_transpose, .is_linear = TRUE, .channels_last = TRUE, .regroups = TRUE },
  { NULL },
};
