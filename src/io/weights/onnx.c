/* onnx.c -- ONNX files: .onnx, a ModelProto in Protocol Buffers' encoding, with the network's architecture.
 *
 * These fields are read (onnx.proto), unknown fields are skipped:
 *
 *   ModelProto      graph = 7
 *   GraphProto      node = 1, initializer = 5, input = 11, output = 12
 *   NodeProto       input = 1, output = 2, name = 3, op_type = 4, attribute = 5, domain = 7
 *   AttributeProto  name = 1, f = 2, i = 3, s = 4, t = 5, g = 6, ints = 8, graphs = 11
 *   TensorProto     dims = 1, data_type = 2, float_data = 4, int32_data = 5, int64_data = 7, name = 8, raw_data = 9,
 *                   double_data = 10, external_data = 13 (key = 1, value = 2), data_location = 14
 *   ValueInfoProto  name = 1, type = 2: tensor_type = 1: shape = 2: dim = 1: dim_value = 1
 *
 * The nodes are converted in the order of the file, which ONNX requires to be the order of computation; a node that
 * needs a later one follows that. The result is a map of tensors and the text "graph" (net-graph.h). Layers are named
 * after the outputs of nodes. While converting:
 * - Identity and Dropout disappear; batch norm after a convolution is folded when the network is recorded; zero padding
 *   before a convolution becomes part of it.
 * - The mean over all positions (GlobalAveragePool) is skipped if only linear nodes follow. A dense layer after it
 *   becomes a 1 x 1 convolution, whose mean over positions is then the file's output. The mean is computed for a
 *   nonlinear node, and for a node that joins it with other values, as in squeeze and excitation.
 * - Nodes that need one input size, from Flatten on without the mean, are left out. So is a node with weights behind a
 *   Softmax, with all nodes after it. A network with more such nodes than others, from a node on that makes a sequence
 *   of the positions, is a transformer and refused.
 * - A Transpose to channels last and back only marks values. A MatMul on channels is a 1 x 1 convolution. */
#include "onnx.h"
#include "base/error.h"
#include <string.h>

static const RvOnnxOperator *const layers[] = { rv__onnx_layers, rv__onnx_pointwise, rv__onnx_channels, rv__onnx_norms,
                                                rv__onnx_pictures };

/* Converts @node, whose inputs are defined, by its operator, or leaves it out like one of its inputs. RV_ERROR_FORMAT:
 * not supported, or wrong inputs. */
static gboolean
convert_node (RvOnnxFile *file, const RvOnnxNode *node, GError **error)
{
  guint n_features = 0, n_pooled = 0, n_grouped = 0, n_channels_last = 0, n_norm_parts = 0, n_left_out = 0;
  const RvOnnxOperator *layer = NULL, *fold = rv__onnx_find_operator (rv__onnx_folds, node->op);
  for (guint i = 0; i < G_N_ELEMENTS (layers) && !layer; i++)
    layer = rv__onnx_find_operator (layers[i], node->op);
  if (*node->domain)
    return rv__onnx_unsupported (file, node, error);
  if (fold && fold->of_any_values)
    return fold->convert (file, node, error);
  for (guint i = 0; i < node->in->len; i++) {
    const RvOnnxValue *value = rv__onnx_input (file, node, i);
    gboolean is_features = value && value->kind == RV_ONNX_FEATURES;
    n_left_out += value && value->kind == RV_ONNX_LEFT_OUT;
    n_norm_parts += value && value->kind == RV_ONNX_NORM_PART;
    n_features += is_features;
    n_pooled += is_features && value->pool; /* stand for a mean */
    n_grouped += is_features && value->groups;
    n_channels_last += is_features && value->channels_last && !value->pool;
  }
  if (n_left_out && n_features > n_pooled)
    return rv__onnx_refuse (file, node, "needs a node that needs one input size, which is not supported", error);
  static const char *const with_weights[] = { "Conv", "ConvTranspose", "Gemm", "MatMul", NULL };
  gboolean is_behind_softmax = n_left_out && !file->first_left_out && !n_features;
  if (is_behind_softmax && !g_strv_contains (with_weights, node->op)) /* the Softmax may be that at the end */
    return rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_LEFT_OUT }, error);
  file->has_softmax_inside |= is_behind_softmax;
  if (n_left_out)
    return rv__onnx_leave_out (file, node, error);
  if (n_norm_parts)
    return rv__onnx_convert_norm_part (file, node, error);
  if (n_features == 0)
    return fold ? fold->convert (file, node, error)
                : rv__onnx_define_all (file, node, (RvOnnxValue){ .kind = RV_ONNX_COMPUTED }, error);
  if (!layer || (n_grouped && !layer->regroups))
    return rv__onnx_unsupported (file, node, error);
  if (n_channels_last && !layer->channels_last)
    return rv__onnx_refuse (file, node, "with the channels last, as in transformers, is not supported", error);
  const RvOnnxValue *x = rv__onnx_input (file, node, 0);
  if (!x || (x->kind != RV_ONNX_FEATURES && !(layer->by_constants && x->kind == RV_ONNX_CONSTANT)))
    return rv__onnx_refuse (file, node, "has an input that is not known", error);
  for (guint k = 0; k < node->in->len && (n_features > 1 || !layer->is_linear); k++)
    rv__onnx_take_mean (file, rv__onnx_input (file, node, k));
  return layer->convert (file, node, error);
}

/* Converts the nodes @numbers, and those that wait for their outputs. Nodes without an input are added to @waiting, by
 * the input's name. *n_defined: (inout): the inputs of each node that are known to be defined, from the first on.
 * RV_ERROR_FORMAT: too many nodes. */
static gboolean
convert_ready (RvOnnxFile *file, GArray *numbers, GHashTable *waiting, guint *n_defined, GError **error)
{
  while (numbers->len > 0) {
    guint number = g_array_index (numbers, guint, numbers->len - 1), *n = n_defined + number;
    const RvOnnxNode *node = &g_array_index (file->nodes, RvOnnxNode, number);
    g_array_set_size (numbers, numbers->len - 1);
    while (*n < node->in->len && (!*(const char *) node->in->pdata[*n] || rv__onnx_input (file, node, *n)))
      (*n)++;
    if (*n < node->in->len) {
      GArray *others = g_hash_table_lookup (waiting, node->in->pdata[*n]);
      if (!others)
        g_hash_table_insert (waiting, node->in->pdata[*n], others = g_array_new (FALSE, FALSE, sizeof (guint)));
      g_array_append_val (others, number);
      continue;
    }
    if (!convert_node (file, node, error))
      return FALSE;
    if (file->graph->len > RV_GRAPH_MAX_NODES)
      return rv__onnx_damaged (file, "it has too many nodes", error);
    for (guint i = 0; i < node->out->len && g_hash_table_size (waiting) > 0; i++) {
      const GArray *others = g_hash_table_lookup (waiting, node->out->pdata[i]);
      if (others)
        g_array_append_vals (numbers, others->data, others->len);
      g_hash_table_remove (waiting, node->out->pdata[i]);
    }
  }
  return TRUE;
}

/* Converts all nodes in the order of the file. A node that needs an output of a later one follows that: converters to
 * half floats append nodes for the input. RV_ERROR_FORMAT: a cycle, or an input that no node computes. */
static gboolean
convert_nodes (RvOnnxFile *file, GError **error)
{
  g_autoptr (GHashTable) waiting =
    g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_array_unref);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint *n_defined = g_new0 (guint, file->nodes->len + 1);
  for (guint i = 0; i < file->nodes->len; i++) {
    g_array_append_val (numbers, i);
    if (!convert_ready (file, numbers, waiting, n_defined, error))
      return FALSE;
  }
  for (guint i = 0; i < file->nodes->len && g_hash_table_size (waiting) > 0; i++) {
    const RvOnnxNode *node = &g_array_index (file->nodes, RvOnnxNode, i);
    if (n_defined[i] == node->in->len)
      continue;
    g_autofree char *what =
      g_strdup_printf ("needs '%s', which no node before it computes", (const char *) node->in->pdata[n_defined[i]]);
    return rv__onnx_refuse (file, node, what, error);
  }
  return TRUE;
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static void
clear_node (gpointer data)
{
  RvOnnxNode *node = data;
  g_clear_pointer (&node->in, g_ptr_array_unref);
  g_clear_pointer (&node->out, g_ptr_array_unref);
}

/* Checks that the attribute @span of @node can be read and contains no graph. RV_ERROR_FORMAT. */
static gboolean
check_attribute (const RvOnnxFile *file, const RvOnnxNode *node, RvProtoSpan span, GError **error)
{
  RvProtoField field;
  if (!rv__onnx_is_message (span))
    return rv__onnx_damaged (file, "an attribute is cut short", error);
  while (span.at < span.end && rv__proto_read_field (&span, &field))
    if (field.number == 6 || field.number == 11)
      return rv__onnx_refuse (file, node, "has a graph of its own, which is not supported", error);
  return TRUE;
}

/* Reads a NodeProto. The caller clears @node, also after an error: RV_ERROR_FORMAT. */
static gboolean
read_node (RvOnnxFile *file, RvProtoSpan span, RvOnnxNode *node, GError **error)
{
  RvProtoField field;
  *node = (RvOnnxNode){ span, "", "", "", g_ptr_array_new (), g_ptr_array_new () };
  for (RvProtoSpan rest = span; rest.at < rest.end;) {
    if (!rv__proto_read_field (&rest, &field))
      return rv__onnx_damaged (file, "a node is cut short", error);
    const char *text = field.number <= 7 && field.number != 5 && field.number != 6 && field.kind == RV_PROTO_BYTES
                         ? rv__onnx_text_of (file, field.bytes)
                         : "";
    if (!text)
      return rv__onnx_damaged (file, "a name is too long or no text", error);
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
    if (node->in->len > RV_ONNX_MAX_INPUTS || node->out->len > RV_ONNX_MAX_INPUTS)
      return rv__onnx_damaged (file, "a node has too many inputs", error);
  }
  if (node->out->len == 0 || !*rv__onnx_output_name (node) || !*node->op)
    return rv__onnx_damaged (file, "a node has no output or no operator", error);
  if (!*node->name)
    node->name = rv__onnx_output_name (node);
  for (RvProtoSpan rest = span; rest.at < rest.end && rv__proto_read_field (&rest, &field);)
    if (field.number == 5 && field.kind == RV_PROTO_BYTES && !check_attribute (file, node, field.bytes, error))
      return FALSE;
  return TRUE;
}

/* Reads the NodeProto @span into file->nodes, and counts its inputs in file->n_uses. RV_ERROR_FORMAT: too many. */
static gboolean
add_node (RvOnnxFile *file, RvProtoSpan span, GError **error)
{
  if (file->nodes->len == RV_ONNX_MAX_NODES)
    return rv__onnx_damaged (file, "it has too many nodes", error);
  g_array_set_size (file->nodes, file->nodes->len + 1);
  RvOnnxNode *node = &g_array_index (file->nodes, RvOnnxNode, file->nodes->len - 1);
  if (!read_node (file, span, node, error))
    return FALSE;
  for (guint i = 0; i < node->in->len; i++)
    g_hash_table_insert (file->n_uses, node->in->pdata[i],
                         GUINT_TO_POINTER (rv__onnx_n_uses (file, node->in->pdata[i]) + 1));
  return TRUE;
}

/* Reads the initializer @span, a TensorProto, and defines it as a constant. RV_ERROR_FORMAT: no name, or too many. */
static gboolean
add_constant (RvOnnxFile *file, RvProtoSpan span, GError **error)
{
  const char *name;
  g_autofree RvOnnxConstant *constant = g_new0 (RvOnnxConstant, 1);
  if (!rv__onnx_read_tensor (file, span, constant, &name, error))
    return FALSE;
  if (!name || file->constants->len == RV_ONNX_MAX_TENSORS)
    return rv__onnx_damaged (file, "a tensor has no name, or there are too many", error);
  return rv__onnx_define_constant (file, name, g_steal_pointer (&constant), error);
}

/* Follows the field numbers @path, 0-terminated, from the message @span to the nested message *found (out). FALSE: a
 * field is missing. */
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

/* Number of axes of a ValueInfoProto; -1: not known. @sizes: (out): the first four sizes; 0: not known. */
static int
input_shape (RvProtoSpan span, gint64 sizes[4])
{
  RvProtoField field, size;
  RvProtoSpan shape;
  int n = 0;
  memset (sizes, 0, 4 * sizeof *sizes);
  if (!find_nested (span, (const guint64[]){ 2, 1, 2, 0 }, &shape))
    return -1;
  while (shape.at < shape.end && rv__proto_read_field (&shape, &field))
    if (field.number == 1 && field.kind == RV_PROTO_BYTES && n++ < 4)
      for (RvProtoSpan rest = field.bytes; rest.at < rest.end && rv__proto_read_field (&rest, &size);)
        if (size.number == 1 && size.kind == RV_PROTO_VARINT)
          sizes[n - 1] = (gint64) size.value;
  return n;
}

/* Adds the graph's input, and sets *has_input, unless an initializer has its name. RV_ERROR_FORMAT: a second input, or
 * no picture. */
static gboolean
add_input (RvOnnxFile *file, RvProtoSpan span, gboolean *has_input, GError **error)
{
  RvProtoField field;
  const char *name = NULL;
  gint64 sizes[4];
  for (RvProtoSpan rest = span; rest.at < rest.end;) {
    if (!rv__proto_read_field (&rest, &field))
      return rv__onnx_damaged (file, "an input is cut short", error);
    if (field.number == 1 && field.kind == RV_PROTO_BYTES && !(name = rv__onnx_text_of (file, field.bytes)))
      return rv__onnx_damaged (file, "an input's name is wrong", error);
  }
  if (!name || !*name)
    return rv__onnx_damaged (file, "an input has no name", error);
  const RvOnnxValue *defined = g_hash_table_lookup (file->values, name);
  if (defined && defined->kind == RV_ONNX_CONSTANT)
    return TRUE;
  int n = input_shape (span, sizes);
  gboolean channels_last = sizes[1] != RV_ONNX_PICTURE_CHANNELS && sizes[3] == RV_ONNX_PICTURE_CHANNELS;
  if (*has_input)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: the network has several inputs, which is not supported",
                          file->filename);
  if ((n >= 0 && n != 4) || (sizes[1] != 0 && sizes[1] != RV_ONNX_PICTURE_CHANNELS && !channels_last))
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: the input %s is no picture [N, 3, H, W] or [N, H, W, 3]",
                          file->filename, name);
  *has_input = TRUE;
  const gint64 *sides = sizes + (channels_last ? 1 : 2);
  for (int axis = 0; axis < 2 && sides[axis] > 0 && sides[axis] < G_MAXINT; axis++)
    file->picture[axis] = sides[axis];
  const RvOnnxValue picture = { .kind = RV_ONNX_FEATURES,
                                .channels = RV_ONNX_PICTURE_CHANNELS,
                                .channels_last = channels_last };
  return rv__onnx_define (file, name, picture, error);
}

/* Sets the text RV_GRAPH_OUTPUT if the file has one output, and that is a picture [N, 3, H, W]. */
static void
set_output (RvOnnxFile *file)
{
  const RvOnnxValue *y = file->n_outputs == 1 && file->output ? g_hash_table_lookup (file->values, file->output) : NULL;
  if (!y || y->kind != RV_ONNX_FEATURES || y->index == 0 || y->channels != RV_ONNX_PICTURE_CHANNELS || y->pool ||
      y->groups || y->channels_last)
    return;
  RvGraphNode *node = rv__net_graph_node (file->graph, (guint) y->index - 1);
  if (!node->name)
    node->name = rv__onnx_layer_name (file->output);
  rv_tensor_map_set_text (file->map, RV_GRAPH_OUTPUT, node->name);
}

/* Reads the GraphProto @span: first initializers, then inputs, then nodes; each kind refers to the kinds before it.
 * Then converts the nodes. RV_ERROR_FORMAT: cut short, or no input. */
static gboolean
read_graph (RvOnnxFile *file, RvProtoSpan span, GError **error)
{
  static const guint64 order[] = { 5, 11, 1 };
  RvProtoField field;
  RvProtoSpan name;
  gboolean has_input = FALSE;
  if (!rv__onnx_is_message (span))
    return rv__onnx_damaged (file, "its graph is cut short", error);
  for (guint pass = 0; pass < G_N_ELEMENTS (order); pass++)
    for (RvProtoSpan rest = span; rest.at < rest.end && rv__proto_read_field (&rest, &field);) {
      if (pass == 0 && field.number == 12 && field.kind == RV_PROTO_BYTES && ++file->n_outputs)
        file->output =
          find_nested (field.bytes, (const guint64[]){ 1, 0 }, &name) ? rv__onnx_text_of (file, name) : NULL;
      if (field.number != order[pass] || field.kind != RV_PROTO_BYTES)
        continue;
      if (!(pass == 0   ? add_constant (file, field.bytes, error)
            : pass == 1 ? add_input (file, field.bytes, &has_input, error)
                        : add_node (file, field.bytes, error)))
        return FALSE;
    }
  if (!has_input)
    return rv__onnx_damaged (file, "it has no input", error);
  if (!convert_nodes (file, error))
    return FALSE;
  set_output (file);
  return TRUE;
}

/* Adds the graph, the network's name and, if nodes were left out, a text about them to file->map. RV_ERROR_FORMAT: the
 * graph is not valid, or that of a transformer. */
static gboolean
finish (RvOnnxFile *file, GError **error)
{
  guint at;
  const char *fault = rv__net_graph_fault (file->graph, &at);
  if (file->has_sequence && file->n_left_out > file->graph->len)
    return rv__error_set (error, RV_ERROR_FORMAT,
                          "%s is a transformer: from node %s on it works only with pictures of one size, which is not "
                          "supported",
                          file->filename, file->first_left_out);
  if (fault && file->graph->len == 0)
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: no layer of the network works on pictures of any size",
                          file->filename);
  if (fault) {
    const char *name = rv__net_graph_node (file->graph, MIN (at, file->graph->len - 1))->name;
    return rv__error_set (error, RV_ERROR_FORMAT, "%s: the layer %s %s", file->filename, name ? name : "?", fault);
  }
  g_autofree char *text = rv__net_graph_to_text (file->graph), *base = g_path_get_basename (file->filename);
  g_autofree char *name = g_utf8_make_valid (base, -1);
  rv_tensor_map_set_text (file->map, RV_GRAPH_TEXT, text);
  rv_tensor_map_set_text (file->map, RV_GRAPH_NAME, name);
  if (file->first_left_out) {
    g_autofree char *left_out =
      g_strdup_printf ("%u node%s from %s on, %s", file->n_left_out, file->n_left_out == 1 ? "" : "s",
                       file->first_left_out, file->has_softmax_inside ? "behind a Softmax" : "for one input size only");
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

static char *
onnx_sibling_name (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  RvProtoSpan graph;
  return find_nested ((RvProtoSpan){ data, data + size }, (const guint64[]){ 7, 0 }, &graph)
           ? rv__onnx_sibling_name (graph)
           : NULL;
}

/* RvWeightsClass.parse. (transfer full) (nullable): the parameters of the layers, and the texts "graph" and
 * "network". They may point into @bytes and @sibling, which they keep. @part is ignored: no layer is dense. @name: for
 * messages. NULL: RV_ERROR_FORMAT: cut short, or not one graph. */
static RvTensorMap *
onnx_parse (GBytes *bytes, GBytes *sibling, RvWeightsFilter part, const char *name, GError **error)
{
  g_autofree char *sibling_name = sibling ? onnx_sibling_name (bytes) : NULL;
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autoptr (GArray) graph = rv__net_graph_new ();
  g_autoptr (GPtrArray) constants = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free),
                         uses = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) nodes = g_array_new (FALSE, TRUE, sizeof (RvOnnxNode));
  RvOnnxFile file = { .filename = name,
                      .bytes = bytes,
                      .sibling = sibling,
                      .sibling_name = sibling_name,
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
      ok = rv__onnx_damaged (&file, "it is cut short", error);
    else if (field.number == 7 && field.kind == RV_PROTO_BYTES)
      ok = found ? rv__onnx_damaged (&file, "it has two graphs", error) : read_graph (&file, field.bytes, error),
      found = TRUE;
  }
  ok = ok && (found || rv__onnx_damaged (&file, "it has no graph", error)) && finish (&file, error);
  g_string_chunk_free (file.names);
  return ok ? g_steal_pointer (&map) : NULL;
}

const RvWeightsClass rv__weights_onnx = {
  .sniff = onnx_sniff,
  .parse = onnx_parse,
  .sibling_name = onnx_sibling_name,
};
