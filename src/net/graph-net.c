/* graph-net.c -- networks whose architecture is data: the text "graph" of their weights (io/weights/net-graph.h).
 *
 * Each distinct text makes one RvNetClass, which exists until the end of the process, as the static
 * classes of other files do. The layers of looks and losses are chosen by stride: pixels of the picture for each
 * position, 1, 2, 4, ... */
#include "base/error.h"
#include "io/weights/net-graph.h"
#include "net.h"
#include <string.h>

#define IMAGENET "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225"
#define MAX_POSITIONS ((gint64) 1 << 28) /* of a layer that is larger than its input */
#define MAX_SIDE ((gint64) 1 << 20)      /* rows or columns of such a layer: resizing has a table of each */
#define N_STRIDES 6                      /* 1, 2, 4, 8, 16, 32 and more */

typedef struct {
  RvNetClass class; /* first, so that a class is also a GraphClass */
  const RvNetGraph *graph;
  char *text, *wanted_name; /* wanted_name: in the file; that of class may have a number */
} GraphClass;

/* ---- recording --------------------------------------------------------------------------------------------------- */

/* Sets *before and *after to the padding of TensorFlow's rule `same` along @axis (0 rows, 1 columns) of @n positions.
 * @window: size with dilation. RV_GRAPH_PAD_SAME_LOWER swaps both. */
static void
pad_same (const RvGraphNode *node, gint64 n, int axis, int window, int *before, int *after)
{
  *before = rv__pad_same (n, window, node->stride[axis], after);
  if (node->same == RV_GRAPH_PAD_SAME_LOWER) {
    int upper = *before;
    *before = *after;
    *after = upper;
  }
}

/* Positions to add after an axis of @n and its padding so that the last window of ceil mode fits. Such a window must
 * begin inside the picture or the padding before it, as in PyTorch. 0 without ceil mode, and for padding by `same`. */
static int
pad_ceil (const RvGraphNode *node, gint64 n, int axis)
{
  if (!node->ceil || node->same != RV_GRAPH_PAD_GIVEN)
    return 0;
  int before = node->pad[axis], after = node->pad[2 + axis], window = node->window[axis], stride = node->stride[axis];
  gint64 slack = n + before + after - window, last = slack <= 0 ? 0 : (slack + stride - 1) / stride;
  if (last * stride >= n + before)
    last--;
  return (int) MAX (last * stride + window - (n + before + after), 0);
}

/* Padding of @node on the input @x. @rows, @cols: size of its window with dilation. */
static RvPad
padding (const RvProgram *program, const RvGraphNode *node, int x, int rows, int cols)
{
  const RvShape *shape = rv__program_shape (program, x);
  RvPad pad = { node->pad[0], node->pad[1], node->pad[2], node->pad[3] };
  if (node->same != RV_GRAPH_PAD_GIVEN) {
    pad_same (node, shape->dim[2], 0, rows, &pad.top, &pad.bottom);
    pad_same (node, shape->dim[3], 1, cols, &pad.left, &pad.right);
  }
  return pad;
}

static gboolean
is_bgr (const RvNetBuilder *builder)
{
  return builder->net && builder->net->pixel_space.bgr;
}

/* Sets RV_ERROR_FORMAT in program->error: for BGR the channels are swapped in the kernels of three channels, which must
 * be those that read the picture. Returns -1. */
static int
refuse_bgr (RvNetBuilder *builder, const char *reason)
{
  builder->program->error = g_error_new (RV_ERROR, RV_ERROR_FORMAT, "%s, which works only with RGB", reason);
  return -1;
}

/* Records a convolution, with its batch norm folded, without ReLU. The first one pads as builder->variant says. Updates
 * builder->n_convs, window, stride. Returns its value. All record functions return -1 after an error, in
 * program->error. */
static int
record_conv (RvNetBuilder *builder, const RvGraphNode *node, int x)
{
  RvProgram *program = builder->program;
  const int *size = node->size;
  int in[] = { x, -1, -1 };
  if (is_bgr (builder) && (node->in[0] == 0) != (size[1] == 3))
    return refuse_bgr (builder, "the network has groups of one channel, or three channels behind the picture");
  if (node->norm) {
    RvConvNorm layer = { .conv = node->params,
                         .norm = node->norm,
                         .out_channels = size[0],
                         .rows = size[2],
                         .cols = size[3],
                         .epsilon = node->epsilon,
                         .gamma = TRUE,
                         .bias = node->bias != 0 };
    rv__net_fold_batch_norm (builder, &layer, size[1], &in[1], &in[2]);
  } else {
    in[1] = rv__net_parameter (builder, node->params, "weight", rv_shape (4, size[0], size[1], size[2], size[3]));
    if (node->bias)
      in[2] = rv__net_parameter (builder, node->params, "bias", rv_shape (1, size[0]));
  }
  if (program->error)
    return -1;
  const int d[] = { MAX (node->dilation[0], 1), MAX (node->dilation[1], 1) };
  const int reach[] = { (size[2] - 1) * d[0] + 1, (size[3] - 1) * d[1] + 1 };
  RvPad pad = padding (program, node, x, reach[0], reach[1]);
  if (builder->n_convs++ == 0 && builder->variant.first_pad == RV_PAD_REPLICATE) {
    in[0] = rv__pad (program, x, pad, RV_PAD_REPLICATE);
    pad = (RvPad){ 0 };
  }
  builder->window = MAX (reach[0], reach[1]);
  builder->stride = node->stride[0];
  RvOpAttrs attrs = { .conv = { .stride = { node->stride[0], node->stride[1] },
                                .pad = pad,
                                .groups = node->groups,
                                .dilation = { d[0], d[1] } } };
  return rv__program_record (program, RV_OP_CONV2D, &attrs, 3, in);
}

/* Records a pooling: builder->variant.pooling, or the published kind if that is RV_POOLING_OWN. Updates
 * builder->window, stride. */
static int
record_pool (RvNetBuilder *builder, const RvGraphNode *node, int x)
{
  RvPooling published = node->op == RV_GRAPH_MAX_POOL ? RV_POOLING_MAX : RV_POOLING_AVERAGE;
  RvPooling pooling = builder->variant.pooling ? builder->variant.pooling : published;
  RvPad pad = padding (builder->program, node, x, node->window[0], node->window[1]);
  const gint64 *size = rv__program_shape (builder->program, x)->dim;
  int below = pad_ceil (node, size[2], 0), right = pad_ceil (node, size[3], 1);
  if (node->counts_pad && (pad.top || pad.left || pad.bottom || pad.right)) {
    x = rv__pad (builder->program, x, pad, RV_PAD_ZERO);
    pad = (RvPad){ 0 };
  }
  pad.bottom += below;
  pad.right += right;
  builder->window = MAX (node->window[0], node->window[1]);
  builder->stride = node->stride[0];
  RvOpAttrs attrs = { .pool = { .window = { node->window[0], node->window[1] },
                                .stride = { node->stride[0], node->stride[1] },
                                .pad = pad,
                                .scale = pooling == RV_POOLING_AVERAGE_SCALED ? 2 : 1 } };
  return rv__program_record (builder->program, pooling == RV_POOLING_MAX ? RV_OP_MAX_POOL : RV_OP_AVERAGE_POOL, &attrs,
                             1, &x);
}

/* Records y = weight x + bias for each channel. x is first normalised over the channels at each position for
 * RV_GRAPH_CHANNEL_NORM, and over the positions of each channel for RV_GRAPH_INSTANCE_NORM. */
static int
record_affine (RvNetBuilder *builder, const RvGraphNode *node, int x)
{
  if (node->in[0] == 0 && is_bgr (builder))
    return refuse_bgr (builder, "the network normalises the picture itself");
  RvShape channels = rv_shape (1, rv__program_shape (builder->program, x)->dim[1]);
  int weight = rv__net_parameter (builder, node->params, "weight", channels),
      bias = rv__net_parameter (builder, node->params, "bias", channels);
  if (builder->program->error)
    return -1;
  if (node->op == RV_GRAPH_CHANNEL_NORM)
    return rv__channel_norm (builder->program, x, weight, bias, node->epsilon);
  if (node->op == RV_GRAPH_INSTANCE_NORM)
    return rv__instance_norm (builder->program, x, weight, bias, node->epsilon);
  return rv__affine (builder->program, x, weight, bias);
}

/* Records RV_GRAPH_CLIP or RV_GRAPH_ELU, with one number for each channel. Returns its value; -1: errors in
 * program->error. */
static int
record_activation (RvNetBuilder *builder, const RvGraphNode *node, int x)
{
  RvShape channels = rv_shape (1, rv__program_shape (builder->program, x)->dim[1]);
  int weight = rv__net_parameter (builder, node->params, "weight", channels);
  return node->op == RV_GRAPH_CLIP ? rv__clip (builder->program, x, weight) : rv__elu (builder->program, x, weight);
}

static int
record_slice (RvNetBuilder *builder, const RvGraphNode *node, int x)
{
  if (node->in[0] == 0 && is_bgr (builder))
    return refuse_bgr (builder, "the network divides the picture's channels");
  return rv__slice (builder->program, x, node->size[0], node->size[1]);
}

/* Copies @size, rows and columns, to @extent. FALSE, with program->error: RV_ERROR_SHAPE for a side below 1 or above
 * MAX_SIDE or for more than MAX_POSITIONS positions, or an earlier error. */
static gboolean
set_extent (RvProgram *program, const gint64 *size, int *extent)
{
  if (program->error)
    return FALSE;
  if (size[0] < 1 || size[1] < 1 || MAX (size[0], size[1]) > MAX_SIDE || size[0] > MAX_POSITIONS / size[1])
    return rv__error_set (&program->error, RV_ERROR_SHAPE,
                          "a layer would have %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                          " positions; use a picture of another size",
                          size[1], size[0]);
  extent[0] = (int) size[0], extent[1] = (int) size[1];
  return TRUE;
}

/* Records @x resized to the rows and columns of @like times the fractions in node->size (denominator 0: times 1). If @x
 * is @like, positions are computed from these fractions, else from the sizes, as in ONNX. With PyTorch's coordinates, a
 * single output row or column reads the first of @x. */
static int
record_resize (RvProgram *program, const RvGraphNode *node, int x, int like)
{
  enum { PYTORCH_HALF_PIXEL = 3 };
  gboolean pytorch = node->coordinates == PYTORCH_HALF_PIXEL;
  RvOpAttrs attrs = { .resize = { .kernel = (RvResizeKernel) node->mode } };
  attrs.resize.coordinates = pytorch ? RV_RESIZE_HALF_PIXEL : (RvResizeCoordinates) node->coordinates;
  gint64 size[2];
  for (int axis = 0; axis < 2 && !program->error; axis++) {
    const int *by = node->size + 2 * axis;
    size[axis] = rv__program_shape (program, like)->dim[2 + axis];
    size[axis] = by[1] ? size[axis] * by[0] / by[1] : size[axis];
    if (pytorch && size[axis] == 1)
      attrs.resize.ratio[axis][0] = attrs.resize.ratio[axis][1] = 1;
    else if (x == like && by[1])
      attrs.resize.ratio[axis][0] = by[0], attrs.resize.ratio[axis][1] = by[1];
  }
  return set_extent (program, size, attrs.resize.extent) ? rv__program_record (program, RV_OP_RESIZE, &attrs, 1, &x)
                                                         : -1;
}

/* Records a transposed convolution: the backward pass to the data of a convolution, and a bias. Updates builder->window
 * only. */
static int
record_conv_transpose (RvNetBuilder *builder, const RvGraphNode *node, int x)
{
  RvProgram *program = builder->program;
  const int *n = node->size;
  if (is_bgr (builder) && (node->in[0] == 0 || n[1] == 3))
    return refuse_bgr (builder, "the network has a transposed convolution of three channels");
  int weight = rv__net_parameter (builder, node->params, "weight", rv_shape (4, n[0], n[1], n[2], n[3])), bias = -1;
  if (node->bias)
    bias = rv__net_parameter (builder, node->params, "bias", rv_shape (1, n[1] * (gint64) MAX (node->groups, 1)));
  RvOpAttrs attrs = { .conv = { .pad = { node->pad[0], node->pad[1], node->pad[2], node->pad[3] },
                                .groups = node->groups } };
  gint64 size[2];
  for (int axis = 0; axis < 2; axis++) {
    attrs.conv.stride[axis] = node->stride[axis];
    attrs.conv.dilation[axis] = MAX (node->dilation[axis], 1);
    size[axis] = (rv__program_shape (program, x)->dim[2 + axis] - 1) * node->stride[axis] +
                 (n[2 + axis] - 1) * attrs.conv.dilation[axis] + 1 - node->pad[axis] - node->pad[2 + axis] +
                 node->extra[axis];
  }
  if (!set_extent (program, size, attrs.conv.extent))
    return -1;
  builder->window = MAX (n[2], n[3]);
  int y = rv__program_record (program, RV_OP_CONV2D_BACKWARD_DATA, &attrs, 2, (int[]){ x, weight });
  return bias < 0 ? y : rv__bias (program, y, bias);
}

/* Records the product of @a and @b, of one shape, or [N, C, H, W] and, for the smaller, [N, C, 1, 1]. */
static int
record_product (RvProgram *program, int a, int b)
{
  if (program->error)
    return -1;
  RvShape of_a = *rv__program_shape (program, a), of_b = *rv__program_shape (program, b);
  gboolean swapped = rv_shape_count (&of_a) < rv_shape_count (&of_b);
  if (rv_shape_equal (&of_a, &of_b))
    return rv__multiply (program, a, b);
  return rv__scale (program, swapped ? b : a, swapped ? a : b);
}

static int
record_node (RvNetBuilder *builder, const RvGraphNode *node, const int *in)
{
  static const RvPadMode modes[] = { RV_PAD_ZERO, RV_PAD_REPLICATE, RV_PAD_REFLECT };
  RvProgram *program = builder->program;
  switch ((RvGraphOp) node->op) {
  case RV_GRAPH_ADD:
    return rv__add (program, in[0], in[1]);
  case RV_GRAPH_AFFINE:
  case RV_GRAPH_CHANNEL_NORM:
  case RV_GRAPH_INSTANCE_NORM:
    return record_affine (builder, node, in[0]);
  case RV_GRAPH_CLIP:
  case RV_GRAPH_ELU:
    return record_activation (builder, node, in[0]);
  case RV_GRAPH_CONCAT:
    return rv__concat (program, node->n_in, in);
  case RV_GRAPH_CONV:
    return record_conv (builder, node, in[0]);
  case RV_GRAPH_ERF:
    return rv__erf (program, in[0]);
  case RV_GRAPH_GELU:
    return rv__gelu (program, in[0]);
  case RV_GRAPH_CONV_TRANSPOSE:
    return record_conv_transpose (builder, node, in[0]);
  case RV_GRAPH_GLOBAL_POOL:
    return node->skip ? in[0] : rv__global_average_pool (program, in[0]);
  case RV_GRAPH_LRN:
    return rv__lrn (program, in[0], node->window[0], node->alpha, node->beta);
  case RV_GRAPH_AVERAGE_POOL:
  case RV_GRAPH_MAX_POOL:
    return record_pool (builder, node, in[0]);
  case RV_GRAPH_MULTIPLY:
    return record_product (program, in[0], in[1]);
  case RV_GRAPH_PAD:
    return rv__pad (program, in[0], padding (program, node, in[0], 1, 1), modes[node->mode]);
  case RV_GRAPH_RELU:
    return rv__relu (program, in[0]);
  case RV_GRAPH_RESIZE:
    return record_resize (program, node, in[0], in[1]);
  case RV_GRAPH_SHUFFLE:
    return rv__channel_shuffle (program, in[0], node->groups);
  case RV_GRAPH_SIGMOID:
    return rv__sigmoid (program, in[0]);
  case RV_GRAPH_SLICE:
    return record_slice (builder, node, in[0]);
  case RV_GRAPH_N_OPS:
    break;
  }
  return -1;
}

/* (nullable): the node of the layer @name. Borrowed. */
static const RvGraphNode *
find_node (const RvNetGraph *graph, const char *name)
{
  for (guint i = 0; i < graph->len; i++)
    if (g_strcmp0 (rv__net_graph_node (graph, i)->name, name) == 0)
      return rv__net_graph_node (graph, i);
  return NULL;
}

/* Whether to report the last node as the layer "class": it is a 1 x 1 convolution, dense layers included, or the mean
 * over positions. FALSE if a node has that name. */
static gboolean
ends_in_classes (const RvNetGraph *graph)
{
  const RvGraphNode *last = rv__net_graph_node (graph, graph->len - 1);
  gboolean is_dense = last->op == RV_GRAPH_CONV && last->size[2] == 1 && last->size[3] == 1;
  return (is_dense || last->op == RV_GRAPH_GLOBAL_POOL) && !find_node (graph, RV_NET_CLASSES);
}

/* RvNetClass.build: records all nodes on @x, [1, 3, H, W], until builder->done. Reports nodes with names, without
 * `skip`, to builder->on_layer, inputs of ReLUs as NAME:pre, and the last node, if its channels are classes, also as
 * "class". Errors stay in program->error. */
static void
build (RvNetBuilder *builder, int x)
{
  const RvNetGraph *graph = ((const GraphClass *) builder->class)->graph;
  g_autofree int *values = g_new (int, graph->len + 1);
  values[0] = x;
  for (guint i = 0; i < graph->len && !builder->done; i++) {
    const RvGraphNode *node = rv__net_graph_node (graph, i);
    int in[RV_GRAPH_MAX_IN];
    for (int k = 0; k < node->n_in; k++)
      in[k] = values[node->in[k]];
    if (node->op == RV_GRAPH_RELU && node->name)
      values[i + 1] = rv__net_relu (builder, node->name, in[0]);
    else
      values[i + 1] = record_node (builder, node, in);
    if (builder->program->error)
      builder->done = TRUE;
    else if (node->name && node->op != RV_GRAPH_RELU && !node->skip)
      rv__net_report_layer (builder, node->name, values[i + 1]);
  }
  if (!builder->done && ends_in_classes (graph))
    rv__net_report_layer (builder, RV_NET_CLASSES, values[graph->len]);
}

/* ---- layers of looks and losses ---------------------------------------------------------------------------------- */

/* Layers of the network by stride. If a stride has layers that no other path bypasses (cuts), only these count. */
typedef struct {
  const RvNetBuilder *builder;
  gboolean *is_cut, has_cut[N_STRIDES];
  GPtrArray *at_stride[N_STRIDES]; /* names; static */
  const GraphClass *class;
  gint64 side;
  gboolean takes_all; /* layers of all ops; else of activation functions, sums and products */
} Depths;

/* (transfer full): for each node, whether no later node needs outputs of nodes before it. Free with g_free(). */
static gboolean *
find_cuts (const RvNetGraph *graph)
{
  guint n = graph->len, latest = 0;
  gboolean *is_cut = g_new0 (gboolean, n + 1);
  g_autofree guint *last_use = g_new0 (guint, n + 1);
  for (guint i = 0; i < n; i++)
    for (int k = 0; k < rv__net_graph_node (graph, i)->n_in; k++)
      last_use[rv__net_graph_node (graph, i)->in[k]] = i + 1;
  for (guint i = 0; i < n; i++) {
    latest = MAX (latest, last_use[i]);
    is_cut[i] = latest <= i + 1;
  }
  return is_cut;
}

/* RvLayerFunc: adds the layer to the Depths @user_data if its op is in is_listed or takes_all is set, and the layer has
 * several rows.
 * Returns FALSE: all layers are needed. */
static gboolean
add_depth (const char *name, int value, gpointer user_data)
{
  Depths *depths = user_data;
  const RvGraphNode *node = find_node (depths->class->graph, name);
  gint64 side = rv__program_shape (depths->builder->program, value)->dim[2];
  int s = 0;
  static const gboolean is_listed[RV_GRAPH_N_OPS] = {
    [RV_GRAPH_ADD] = TRUE,  [RV_GRAPH_CLIP] = TRUE,     [RV_GRAPH_CONCAT] = TRUE, [RV_GRAPH_ELU] = TRUE,
    [RV_GRAPH_GELU] = TRUE, [RV_GRAPH_MULTIPLY] = TRUE, [RV_GRAPH_RELU] = TRUE
  };
  if (!node || !(is_listed[node->op] || depths->takes_all) || side == 1) /* 1: behind the mean over all positions */
    return FALSE;
  while (s + 1 < N_STRIDES && side * (3 << s) < 2 * depths->side) /* rounds in proportion */
    s++;
  GPtrArray *layers = depths->at_stride[s];
  gboolean is_cut = depths->is_cut[node - rv__net_graph_node (depths->class->graph, 0)];
  if (is_cut && !depths->has_cut[s])
    g_ptr_array_set_size (layers, 0);
  if (is_cut || !depths->has_cut[s])
    g_ptr_array_add (layers, node->name);
  depths->has_cut[s] |= is_cut;
  return FALSE;
}

/* Name of a layer at stride number @s: for @part_01 0 the first, for 1 the last. If @s has no layers, the nearest lower
 * stride that has some counts, else the nearest higher one. "" if no stride has layers. Static. */
static const char *
layer_at (const Depths *depths, int s, double part_01)
{
  int at = s;
  while (at >= 0 && depths->at_stride[at]->len == 0)
    at--;
  if (at < 0)
    for (at = s; at < N_STRIDES && depths->at_stride[at]->len == 0;)
      at++;
  if (at == N_STRIDES)
    return "";
  guint n = depths->at_stride[at]->len;
  return depths->at_stride[at]->pdata[(guint) (part_01 * (n - 1) + 0.5)];
}

/* A layer of a list: stride number, position among the layers of that stride (0 first, 1 last), weight. */
typedef struct {
  int s;
  double part_01;
  const char *weight;
} Choice;

/* (transfer full): LAYER:WEIGHT,... of the layers @choices, each once; without ":WEIGHT" where the weight is "". @n:
 * largest number of choices; a weight of NULL ends them before. */
static char *
choose (const Depths *depths, const Choice *choices, int n)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GHashTable) chosen = g_hash_table_new (g_str_hash, g_str_equal);
  for (int i = 0; i < n && choices[i].weight; i++) {
    const char *name = layer_at (depths, choices[i].s, choices[i].part_01);
    if (g_hash_table_add (chosen, (gpointer) name))
      g_string_append_printf (text, "%s%s%s%s", i ? "," : "", name, *choices[i].weight ? ":" : "", choices[i].weight);
  }
  return g_string_free (text, FALSE);
}

/* Sets the default layers of looks, style, content and matching: the layers at fixed depths of the network, since no
 * paper names any for it. Each Choice: s for the stride 2^s, depth within this stride 0..1, weight. */
static void
choose_layers (GraphClass *class)
{
  enum { MAX_CHOICES = 5 };
  static const Choice looks[RV_N_LOOKS][MAX_CHOICES] = {
    /* in the order of the setting `look` */
    { { 3, 1, "1" }, { 4, 0.5, "2" }, { 4, 1, "1" } },
    { { 2, 1, "2" }, { 3, 0.5, "1" } },
    { { 4, 1, "1" }, { 5, 0.3, "2" }, { 5, 1, "2" } },
    { { 3, 1, "1" }, { 4, 0.25, "1.5" }, { 4, 0.6, "2" }, { 4, 1, "2.5" } },
    { { 4, 1, "1" }, { 5, 0.3, "1" } },
    { { 5, 0.3, "1" } },
    { { 4, 0.5, "1" }, { 3, 1, "0.5" } },
    { { 5, 1, "1" } },
    { { 4, 1, "1" }, { 5, 0.3, "1" } },
    { { 4, 1, "1" }, { 5, 0.3, "1" } },
  };
  static const Choice style[MAX_CHOICES] = {
    { 0, 0, "1" }, { 1, 0, "1" }, { 2, 0, "1" }, { 3, 0, "1" }, { 4, 0, "1" }
  };
  static const Choice content[] = { { 3, 0.5, "1" } };
  static const Choice matching[] = { { 2, 0.5, "" }, { 2, 1, "" }, { 3, 0.5, "" }, { 3, 1, "" } };
  RvNetBuilder builder;
  Depths depths = { .builder = &builder, .class = class, .side = RV_NET_FITTING_SIDE };
  depths.is_cut = find_cuts (class->graph);
  for (int s = 0; s < N_STRIDES; s++)
    depths.at_stride[s] = g_ptr_array_new ();
  for (int pass = 0; pass < 2 && !*layer_at (&depths, 0, 0); pass++) {
    depths.takes_all = pass == 1;
    rv__net_infer_shapes (&class->class, RV_NET_FITTING_SIDE, RV_NET_FITTING_SIDE, &builder, add_depth, &depths);
  }
  for (int l = 0; l < RV_N_LOOKS; l++)
    class->class.looks[l] = choose (&depths, looks[l], MAX_CHOICES);
  class->class.style_layers = choose (&depths, style, MAX_CHOICES);
  class->class.content_layers = choose (&depths, content, G_N_ELEMENTS (content));
  class->class.matching_layers = choose (&depths, matching, G_N_ELEMENTS (matching));
  g_free (depths.is_cut);
  for (int s = 0; s < N_STRIDES; s++)
    g_ptr_array_unref (depths.at_stride[s]);
}

/* ---- classes ----------------------------------------------------------------------------------------------------- */

static const RvWeightsNaming namings[] = {
  { "a file with its architecture", IMAGENET },
  { NULL },
};

static GPtrArray *classes; /* GraphClass; protected by `mutex` */
static GMutex mutex;

/* (nullable): the class called @name, borrowed. @mutex is locked. */
static GraphClass *
find_class (const char *name)
{
  for (guint i = 0; classes && i < classes->len; i++)
    if (strcmp (((GraphClass *) classes->pdata[i])->class.name, name) == 0)
      return classes->pdata[i];
  return NULL;
}

const RvNetClass *
rv__net_find_graph (const char *name)
{
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&mutex);
  GraphClass *class = find_class (name);
  return class ? &class->class : NULL;
}

/* (transfer full): @wanted, if no network has that name; else @wanted with a number, such as "NAME-2". @mutex is
 * locked. */
static char *
free_name (const char *wanted)
{
  char *name = g_strdup (wanted);
  for (int i = 2; find_class (name) || g_strv_contains (rv_net_names (), name); i++) {
    g_free (name);
    name = g_strdup_printf ("%s-%d", wanted, i);
  }
  return name;
}

/* (transfer full): one line about the network, with its number of convolutions. @left_out: (nullable): parts of the
 * network that are not offered, appended. */
static char *
summarize (const RvNetGraph *graph, const char *left_out)
{
  int n_convs = 0;
  for (guint i = 0; i < graph->len; i++)
    n_convs += rv__net_graph_node (graph, i)->op == RV_GRAPH_CONV;
  return g_strdup_printf ("from a file: %d convolution%s%s%s", n_convs, n_convs == 1 ? "" : "s",
                          left_out ? "; not offered: " : "", left_out ? left_out : "");
}

const RvNetClass *
rv__net_from_graph (const RvTensorMap *weights, GError **error)
{
  const char *text = rv_tensor_map_get_text (weights, RV_GRAPH_TEXT),
             *name = rv_tensor_map_get_text (weights, RV_GRAPH_NAME),
             *wanted = name && *name && rv__net_graph_is_text (name) ? name : "network",
             *left_out = rv_tensor_map_get_text (weights, RV_GRAPH_LEFT_OUT);
  if (!text)
    return rv__error_null (error, RV_ERROR_FORMAT, "the weights have no graph");
  g_autoptr (GMutexLocker) locked = g_mutex_locker_new (&mutex);
  for (guint i = 0; classes && i < classes->len; i++)
    if (strcmp (((GraphClass *) classes->pdata[i])->text, text) == 0 &&
        strcmp (((GraphClass *) classes->pdata[i])->wanted_name, wanted) == 0)
      return classes->pdata[i];
  RvNetGraph *graph = rv__net_graph_parse (text, error);
  if (!graph)
    return NULL;
  GraphClass *class = g_new0 (GraphClass, 1);
  *class = (GraphClass){ .graph = graph, .text = g_strdup (text), .wanted_name = g_strdup (wanted) };
  class->class =
    (RvNetClass){ .name = free_name (wanted),
                  .summary = summarize (graph, left_out && rv__net_graph_is_text (left_out) ? left_out : NULL),
                  .source = "the file itself",
                  .good_for = "dreams and style",
                  .namings = namings,
                  .build = build };
  choose_layers (class);
  if (!classes)
    classes = g_ptr_array_new ();
  g_ptr_array_add (classes, class);
  return &class->class;
}
