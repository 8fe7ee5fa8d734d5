/* state-dict.c -- networks whose architecture the names and shapes of their tensors show: ResNets and GoogLeNet, under
 * the names of torchvision and timm. Makes the graph that a format with an architecture has (net-graph.h).
 *
 *   ResNet      He et al. 2015; stride in the 3 x 3 convolution; any number of blocks, also ResNeXt and Wide ResNet
 *   GoogLeNet   Szegedy et al. 2014; batch norm instead of biases, 3 x 3 instead of 5 x 5 kernels
 *
 * Layers have the names of torchvision.models.feature_extraction.get_graph_node_names(). */
#include "base/error.h"
#include "base/json.h"
#include "format.h"
#include "net-graph.h"
#include "tensor/tensor-map.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define RESNET "layer1.0.conv1.weight" /* tensors by which the families are known */
#define GOOGLENET "inception3a.branch1.conv.weight"
#define RESNET_EPSILON 1e-5
#define GOOGLENET_EPSILON 1e-3
#define PREPROCESSING "preprocessing" /* key in the metadata */
#define GOOGLENET_PREPROCESSING "tf"  /* torchvision's transform_input converts from `imagenet` to this */
#define TIMM_FILE "model.safetensors"
#define MAX_CONFIG_BYTES (1 << 20)
#define WIDTH 64 /* channels of the first ResNet's first block */

typedef struct {
  const RvTensorMap *dict;
  RvTensorMap *map; /* parameters of the graph: tensors of dict, under the names of net-graph.h */
  RvNetGraph *graph;
  gboolean ok; /* no tensor is missing */
} Network;

/* ---- nodes ------------------------------------------------------------------------------------------------------- */

/* (nullable): the tensor MODULE.KIND of the dict, which becomes the parameter MODULE.@as. NULL: sets network->ok to
 * FALSE. */
static RvTensor *
take (Network *network, const char *module, const char *kind, const char *as)
{
  g_autofree char *name = g_strconcat (module, ".", kind, NULL), *parameter = g_strconcat (module, ".", as, NULL);
  RvTensor *tensor = rv_tensor_map_get (network->dict, name);
  if (tensor)
    rv_tensor_map_set (network->map, parameter, tensor);
  network->ok = network->ok && tensor;
  return tensor;
}

static gboolean
has (const Network *network, const char *module, const char *kind)
{
  g_autofree char *name = g_strconcat (module, ".", kind, NULL);
  return rv_tensor_map_get (network->dict, name) != NULL;
}

/* Appends @node, whose texts it takes over, with the inputs @in. Returns the number of its value. */
static int
append (Network *network, RvGraphNode node, const char *name, int n_in, const int *in)
{
  node.name = g_strdup (name);
  node.n_in = n_in;
  memcpy (node.in, in, (gsize) n_in * sizeof *in);
  g_array_append_val (network->graph, node);
  return (int) network->graph->len;
}

/* Channels of value @value. */
static int
n_channels (const Network *network, int value)
{
  int sum = 0;
  if (value == 0)
    return 3;
  const RvGraphNode *node = rv__net_graph_node (network->graph, (guint) value - 1);
  if (node->op == RV_GRAPH_CONV)
    return node->size[0];
  for (int i = 0; i < (node->op == RV_GRAPH_CONCAT ? node->n_in : 1); i++)
    sum += n_channels (network, node->in[i]);
  return sum;
}

/* Appends the convolution @module and its batch norm @norm, whose name the layer has. Zeros pad it so that stride 1
 * keeps the size. Returns the number of the value; 0: a tensor is missing, or no convolution. */
static int
add_conv (Network *network, const char *module, const char *norm, int in, int stride, double epsilon)
{
  static const char *const kinds[][2] = {
    { "weight", "gamma" }, { "bias", "beta" }, { "running_mean", "moving_mean" }, { "running_var", "moving_variance" }
  };
  const RvTensor *weight = take (network, module, "weight", "weight");
  network->ok = network->ok && weight->shape.n == 4 && weight->shape.dim[1] > 0;
  for (int i = 0; network->ok && i < 4; i++)
    network->ok = weight->shape.dim[i] <= RV_GRAPH_MAX_CHANNELS;
  if (!network->ok)
    return 0;
  const gint64 *size = weight->shape.dim;
  int groups = n_channels (network, in) / (int) size[1];
  RvGraphNode conv = { .op = RV_GRAPH_CONV,
                       .params = g_strdup (module),
                       .norm = g_strdup (norm),
                       .epsilon = epsilon,
                       .groups = groups > 1 ? groups : 0,
                       .stride = { stride, stride } };
  for (int i = 0; i < 4; i++) {
    conv.size[i] = (int) size[i];
    conv.pad[i] = ((int) size[2 + i % 2] - 1) / 2;
  }
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    take (network, norm, kinds[i][0], kinds[i][1]);
  return append (network, conv, norm, 1, &in);
}

static int
add_relu (Network *network, const char *name, int in)
{
  return append (network, (RvGraphNode){ .op = RV_GRAPH_RELU }, name, 1, &in);
}

static int
add_max_pool (Network *network, const char *name, int in, int window, int stride, int pad, gboolean ceil)
{
  const RvGraphNode pool = { .op = RV_GRAPH_MAX_POOL,
                             .window = { window, window },
                             .stride = { stride, stride },
                             .pad = { pad, pad, pad, pad },
                             .ceil = ceil };
  return append (network, pool, name, 1, &in);
}

/* Appends the dense layer "fc" as a 1 x 1 convolution, if the dict has one: its mean over positions is the output of
 * the published network. */
static void
add_classes (Network *network, int in)
{
  const RvTensor *weight = rv_tensor_map_get (network->dict, "fc.weight");
  if (!weight)
    return;
  network->ok = network->ok && weight->shape.n == 2 && weight->shape.dim[0] <= RV_GRAPH_MAX_CHANNELS &&
                weight->shape.dim[1] <= RV_GRAPH_MAX_CHANNELS;
  if (!network->ok)
    return;
  take (network, "fc", "weight", "weight");
  const RvGraphNode conv = { .op = RV_GRAPH_CONV,
                             .params = g_strdup ("fc"),
                             .bias = take (network, "fc", "bias", "bias") != NULL,
                             .size = { (int) weight->shape.dim[0], (int) weight->shape.dim[1], 1, 1 },
                             .stride = { 1, 1 } };
  append (network, conv, "fc", 1, &in);
}

/* ---- architectures ----------------------------------------------------------------------------------------------- */

/* Appends a residual block. Returns the number of its value. */
static int
add_block (Network *network, const char *block, int in, int stride)
{
  static const char *const relus[] = { "relu", "relu_1", "relu_2" };
  int n = has (network, block, "conv3.weight") ? 3 : 2, strided = n == 3 ? 1 : 0, x = in;
  for (int i = 0; i < n; i++) {
    g_autofree char *conv = g_strdup_printf ("%s.conv%d", block, i + 1),
                    *norm = g_strdup_printf ("%s.bn%d", block, i + 1),
                    *relu = g_strdup_printf ("%s.%s", block, relus[i]);
    x = add_conv (network, conv, norm, x, i == strided ? stride : 1, RESNET_EPSILON);
    if (i + 1 < n)
      x = add_relu (network, relu, x);
  }
  if (has (network, block, "downsample.0.weight")) {
    g_autofree char *conv = g_strconcat (block, ".downsample.0", NULL),
                    *norm = g_strconcat (block, ".downsample.1", NULL);
    in = add_conv (network, conv, norm, in, stride, RESNET_EPSILON);
  }
  g_autofree char *sum = g_strconcat (block, ".add", NULL), *relu = g_strdup_printf ("%s.%s", block, relus[n - 1]);
  in = append (network, (RvGraphNode){ .op = RV_GRAPH_ADD }, sum, 2, (int[]){ x, in });
  return add_relu (network, relu, in);
}

/* (transfer full): timm's and torchvision's name of a ResNet with @depth layers, by its first block. */
static char *
resnet_name (const Network *network, int depth)
{
  const RvTensor *first = rv_tensor_map_get (network->map, "layer1.0.conv1.weight"),
                 *grouped = rv_tensor_map_get (network->map, "layer1.0.conv2.weight");
  int channels = (int) first->shape.dim[0], width = (int) grouped->shape.dim[1];
  if (width != channels)
    return g_strdup_printf ("resnext%d_%dx%dd", depth, channels / width, width);
  return channels == WIDTH ? g_strdup_printf ("resnet%d", depth)
                           : g_strdup_printf ("wide_resnet%d_%d", depth, channels / WIDTH);
}

/* Appends a ResNet. Returns its name (transfer full); NULL: a tensor is missing. */
static char *
add_resnet (Network *network)
{
  int x = add_conv (network, "conv1", "bn1", 0, 2, RESNET_EPSILON), depth = 2;
  x = add_max_pool (network, "maxpool", add_relu (network, "relu", x), 3, 2, 1, FALSE);
  for (int layer = 1; layer <= 4; layer++)
    for (int i = 0; network->ok; i++) {
      g_autofree char *block = g_strdup_printf ("layer%d.%d", layer, i);
      if (!has (network, block, "conv1.weight"))
        break;
      x = add_block (network, block, x, layer > 1 && i == 0 ? 2 : 1);
      depth += has (network, block, "conv3.weight") ? 3 : 2;
    }
  if (network->ok)
    add_classes (network, x);
  return network->ok ? resnet_name (network, depth) : NULL;
}

/* Appends a convolution of GoogLeNet with batch norm and ReLU. */
static int
add_basic (Network *network, const char *module, int in, int stride)
{
  g_autofree char *conv = g_strconcat (module, ".conv", NULL), *norm = g_strconcat (module, ".bn", NULL),
                  *relu = g_strconcat (module, ".relu", NULL);
  return add_relu (network, relu, add_conv (network, conv, norm, in, stride, GOOGLENET_EPSILON));
}

/* Appends a module of four branches. Returns the number of its value. */
static int
add_inception (Network *network, const char *module, int in)
{
  static const char *const convs[][2] = {
    { "branch1" }, { "branch2.0", "branch2.1" }, { "branch3.0", "branch3.1" }, { "branch4.1" }
  };
  g_autofree char *pool = g_strconcat (module, ".branch4.0", NULL), *cat = g_strconcat (module, ".cat", NULL);
  int out[G_N_ELEMENTS (convs)];
  for (guint b = 0; b < G_N_ELEMENTS (convs); b++) {
    out[b] = b == 3 ? add_max_pool (network, pool, in, 3, 1, 1, TRUE) : in;
    for (guint i = 0; i < 2 && convs[b][i]; i++) {
      g_autofree char *conv = g_strdup_printf ("%s.%s", module, convs[b][i]);
      out[b] = add_basic (network, conv, out[b], 1);
    }
  }
  return append (network, (RvGraphNode){ .op = RV_GRAPH_CONCAT }, cat, 4, out);
}

/* Appends GoogLeNet. Returns its name (transfer full); NULL: a tensor is missing. */
static char *
add_googlenet (Network *network)
{
  static const char *const modules[] = { "3a", "3b", NULL, "4a", "4b", "4c", "4d", "4e", NULL, "5a", "5b" };
  int n_pools = 2, x = add_basic (network, "conv1", 0, 2);
  x = add_basic (network, "conv2", add_max_pool (network, "maxpool1", x, 3, 2, 0, TRUE), 1);
  x = add_max_pool (network, "maxpool2", add_basic (network, "conv3", x, 1), 3, 2, 0, TRUE);
  for (guint i = 0; network->ok && i < G_N_ELEMENTS (modules); i++) {
    g_autofree char *name =
      modules[i] ? g_strconcat ("inception", modules[i], NULL) : g_strdup_printf ("maxpool%d", ++n_pools);
    int window = n_pools == 3 ? 3 : 2;
    x = modules[i] ? add_inception (network, name, x) : add_max_pool (network, name, x, window, 2, 0, TRUE);
  }
  if (network->ok)
    add_classes (network, x);
  return network->ok ? g_strdup ("googlenet") : NULL;
}

gboolean
rv__state_dict_may_have_graph (const RvTensorMap *dict)
{
  return !rv_tensor_map_get_text (dict, RV_GRAPH_TEXT) &&
         (rv_tensor_map_get (dict, RESNET) || rv_tensor_map_get (dict, GOOGLENET));
}

RvTensorMap *
rv__state_dict_add_graph (RvTensorMap *dict, const char *filename)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autoptr (GArray) graph = rv__net_graph_new ();
  Network network = { .dict = dict, .map = map, .graph = graph, .ok = TRUE };
  gboolean is_resnet = rv_tensor_map_get (dict, RESNET) != NULL;
  g_autofree char *architecture = is_resnet ? add_resnet (&network) : add_googlenet (&network);
  guint node, n_required = 0; /* tensors of the dict but those of two auxiliary classifiers, and counters of batches */
  for (guint i = 0; i < rv_tensor_map_size (dict); i++)
    n_required += !g_str_has_prefix (rv_tensor_map_name (dict, i), "aux") &&
                  !g_str_has_suffix (rv_tensor_map_name (dict, i), ".num_batches_tracked");
  if (!architecture || n_required != rv_tensor_map_size (map) || rv__net_graph_fault (graph, &node))
    return dict;
  RvTensor *classes = rv_tensor_map_get (map, "fc.weight");
  if (classes) /* no one else has the tensor of a file just read */
    classes->shape = rv_shape (4, classes->shape.dim[0], classes->shape.dim[1], 1, 1);
  g_autofree char *text = rv__net_graph_to_text (graph), *base = g_path_get_basename (filename),
                  *name = g_utf8_make_valid (base, -1);
  rv__tensor_map_copy_notes (map, dict);
  rv_tensor_map_set_text (map, RV_GRAPH_TEXT, text);
  rv_tensor_map_set_text (map, RV_GRAPH_NAME, name);
  rv_tensor_map_set_text (map, RV_GRAPH_ARCHITECTURE, architecture);
  if (!is_resnet && !rv_tensor_map_get_text (map, PREPROCESSING))
    rv_tensor_map_set_text (map, PREPROCESSING, GOOGLENET_PREPROCESSING);
  rv_tensor_map_unref (dict);
  return g_steal_pointer (&map);
}

/* ---- timm's config.json ------------------------------------------------------------------------------------------ */

/* Appends @words and the three numbers of the list @name of @object, with commas. FALSE: there is no such list. */
static gboolean
append_numbers (GString *text, const char *words, JsonObject *object, const char *name)
{
  JsonArray *list = rv__json_array_member (object, name);
  if (!list || json_array_get_length (list) != 3)
    return FALSE;
  for (guint i = 0; i < 3; i++) {
    JsonNode *number = json_array_get_element (list, i);
    GType type = json_node_get_value_type (number);
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    if (type != G_TYPE_DOUBLE && type != G_TYPE_INT64)
      return FALSE;
    g_ascii_formatd (digits, sizeof digits, "%.9g", json_node_get_double (number));
    g_string_append_printf (text, "%s%s", i ? "," : words, digits);
  }
  return TRUE;
}

gboolean
rv__state_dict_read_config (RvTensorMap *map, const char *filename, GError **error)
{
  g_autofree char *base = g_path_get_basename (filename), *folder = g_path_get_dirname (filename),
                  *path = g_build_filename (folder, "config.json", NULL), *text = NULL;
  const char *architecture = rv_tensor_map_get_text (map, RV_GRAPH_ARCHITECTURE);
  GStatBuf info;
  gsize length;
  if (strcmp (base, TIMM_FILE) != 0 || g_stat (path, &info) != 0 || !S_ISREG (info.st_mode) ||
      info.st_size > MAX_CONFIG_BYTES || !g_file_get_contents (path, &text, &length, NULL))
    return TRUE;
  g_autoptr (JsonObject) config = rv__json_object (text, length, path, error);
  JsonObject *trained = rv__json_object_member (config, "pretrained_cfg");
  if (!config || !trained) /* another program's file */
    return config != NULL;
  g_autoptr (GString) space = g_string_new ("rgb_0_1");
  if (!rv_tensor_map_get_text (map, PREPROCESSING) && append_numbers (space, " minus ", trained, "mean") &&
      append_numbers (space, " divided by ", trained, "std"))
    rv_tensor_map_set_text (map, PREPROCESSING, space->str);
  const char *named = rv__json_text_member (config, "architecture");
  if (!architecture || !named || strcmp (named, architecture) == 0)
    return TRUE;
  return rv__error_set (error, RV_ERROR_FORMAT,
                        "%s: the architecture '%.100s' is not supported: its tensors are those "
                        "of %s",
                        path, named, architecture);
}
