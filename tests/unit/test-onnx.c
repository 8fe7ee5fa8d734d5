/* test-onnx.c -- networks from ONNX files and state dicts: layers and gradients against PyTorch
 * (tests/golden/onnx-torch.py), refused files, every truncation and every wrong byte. */
#include "graph/graph.h"
#include "io/weights/format.h"
#include "io/weights/net-graph.h"
#include "io/weights/onnx.h"
#include "net/net.h"
#include "support/formula.h"
#include "support/support.h"
#include <string.h>

/* Size of the picture in the script, px. */
#define ROWS 37
#define COLS 41

static GBytes *
sample (const char *file)
{
  return test_golden_bytes ("onnx-files", file);
}

static RvNet *
load (const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = sample (file);
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_CONVOLUTIONS, file, &error);
  g_assert_no_error (error);
  RvNet *net = rv_net_new (NULL, map, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rv_net_name (net), ==, file);
  return net;
}

/* ---- layers ------------------------------------------------------------------------------------------------------ */

/* A network that ran on the formula picture. The backward pass starts from the mean square of one layer. */
typedef struct {
  TestLayers taps;
  RvExecutable *executable;
  int grad_layer, grad_picture;
} Run;

static void
set_reals (RvExecutable *executable, int value, const double *numbers, double factor)
{
  gint64 n = rv_shape_count (rv__program_shape (executable->program, value));
  g_autofree double *wide = g_new (double, n);
  g_autofree float *narrow = g_new (float, n);
  for (gint64 i = 0; i < n; i++)
    narrow[i] = (float) (wide[i] = numbers[i] * factor);
  rv__executable_set (executable, value, executable->program->type == RV_F64 ? (gpointer) wide : narrow, NULL);
}

static Run
run_net (const RvNet *net, const char *layer, RvType type, const char *backend)
{
  Run run = { { rv__program_new (type), g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) } };
  RvProgram *program = run.taps.program;
  g_autoptr (RvImage) picture = formula_picture ("content", ROWS, COLS);
  RvShape shape = rv_shape (4, 1, 3, ROWS, COLS);
  int x = rv__program_input (program, &shape);
  rv__net_record (net, &(RvNetVariant){ 0 }, program, x, &rv__rgb_0_255, test_on_layer, &run.taps);
  g_assert_no_error (program->error);
  int value = GPOINTER_TO_INT (g_hash_table_lookup (run.taps.values, layer));
  RvShape of_layer = *rv__program_shape (program, value);
  run.grad_layer = rv__program_input (program, &of_layer);
  RvGradSeed seed = { value, run.grad_layer };
  run.grad_picture = rv__graph_differentiate (program, &seed, 1, x);
  rv__program_output (program, run.grad_picture);
  g_assert_no_error (program->error);
  run.executable = test_executable (program, backend);
  g_autofree double *pixels = g_new (double, 3 * ROWS * COLS);
  for (int i = 0; i < 3 * ROWS * COLS; i++)
    pixels[i] = ((const float *) picture->rgb->data)[i];
  set_reals (run.executable, x, pixels, 1);
  g_assert_true (rv__executable_forward (run.executable, NULL));
  g_autofree double *features = test_get (run.executable, value);
  set_reals (run.executable, run.grad_layer, features, 2.0 / (double) rv_shape_count (&of_layer));
  g_assert_true (rv__executable_backward (run.executable, NULL));
  return run;
}

/* (transfer full): the values of @layer; those of "logits" and "fc" are means over positions. *n: their number. */
static double *
layer_values (const Run *run, const char *layer, gint64 *n)
{
  gpointer value;
  g_assert_true (g_hash_table_lookup_extended (run->taps.values, layer, NULL, &value));
  RvShape shape = *rv__program_shape (run->executable->program, GPOINTER_TO_INT (value));
  double *values = test_get (run->executable, GPOINTER_TO_INT (value));
  gint64 positions = shape.dim[2] * shape.dim[3];
  *n = rv_shape_count (&shape);
  if (strcmp (layer, "logits") != 0 && strcmp (layer, "fc") != 0)
    return values;
  for (gint64 c = 0; c < shape.dim[1]; c++) {
    double sum = 0;
    for (gint64 p = 0; p < positions; p++)
      sum += values[c * positions + p];
    values[c] = sum / (double) positions;
  }
  *n = shape.dim[1];
  return values;
}

static void
check_golden (RvType type, const char *backend)
{
  static const struct {
    const char *file, *of_gradient; /* layer of the gradient */
  } rows[] = {
    { "small.onnx", "features" },
    { "blocks.onnx", "classes" },
    { "next14.onnx", "mixed" },
    { "next20.onnx", "mixed" },
    { "nodes.onnx", "y" },
    { "numbers.onnx", "pooled" },
    { "pictures.onnx", "picture" },
    { "casts.onnx", "y" },
    { "half.onnx", "y" },
    { "keras.onnx", "y" },
    { "resnet.pth", "layer4.0.relu_2" },
    { "googlenet.safetensors", "inception5b.cat" },
  };
  double relative = type == RV_F64 ? 2e-6 : 1e-4, largest = type == RV_F64 ? 1e-5 : 1e-3; /* weights are f32 */
  g_auto (GStrv) lines = formula_golden ("onnx-torch.txt");
  guint n_lines = 0;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gsize stem = strcspn (rows[i].file, ".");
    g_autofree char *start = g_strdup_printf ("%.*s/", (int) stem, rows[i].file),
                    *gradient = g_strconcat (rows[i].of_gradient, ".gradient", NULL);
    g_autoptr (RvNet) net = load (rows[i].file);
    Run run = run_net (net, rows[i].of_gradient, type, backend);
    for (char **line = lines; *line; line++) {
      if (!g_str_has_prefix (*line, start))
        continue;
      g_autofree char *layer = g_strndup (*line + strlen (start), strcspn (*line, " ") - strlen (start));
      gint64 n = 3 * ROWS * COLS;
      g_autofree double *values =
        strcmp (layer, gradient) == 0 ? test_get (run.executable, run.grad_picture) : layer_values (&run, layer, &n);
      formula_compare (*line, values, n, relative, largest);
      n_lines++;
    }
    rv__executable_free (run.executable);
    g_hash_table_unref (run.taps.values);
  }
  g_assert_cmpint (g_strv_length (lines), ==, n_lines);
}

static void
test_golden_double (void)
{
  check_golden (RV_F64, "reference");
}

static void
test_golden_cpu (void)
{
  check_golden (RV_F32, "cpu");
}

/* Names, default layers, folded layers and nodes that are not offered. */
static void
test_layers (void)
{
  g_autoptr (RvNet) small = load ("small.onnx"), again = load ("small.onnx"), nodes = load ("nodes.onnx"),
                    keras = load ("keras.onnx"), linear = load ("linear.onnx"), slice = load ("slice.onnx");
  g_assert_true (rv__net_find ("small.onnx") == rv__net_find (rv_net_name (again)));
  const char *const *layers = rv_net_layers ("small.onnx");
  g_assert_true (g_strv_contains (layers, "/bn1/BatchNormalization_output_0"));
  g_assert_false (g_strv_contains (layers, "/conv1/Conv_output_0")); /* folded */
  g_assert_true (g_strv_contains (layers, "logits"));
  for (int look = 0; look < RV_N_LOOKS; look++)
    g_assert_cmpstr (rv__net_look ("small.onnx", look), !=, "");
  g_assert_cmpstr (rv__net_content_layers ("small.onnx"), !=, "");
  g_assert_cmpstr (rv__net_look (rv_net_name (linear), 0), ==, "c:1"); /* no activation functions: all layers count */
  g_assert_true (g_strv_contains (rv_net_layers ("nodes.onnx"), "conv_0")); /* "conv:0" in the file */
  g_assert_nonnull (strstr (rv_net_summary (nodes), "not offered: 2 nodes from flatten on"));
  g_autoptr (RvNet) behind = load ("behind.onnx");
  g_assert_nonnull (strstr (rv_net_summary (behind), "not offered: 1 node from conv2 on, behind a Softmax"));
  g_assert_true (g_strv_contains (rv_net_layers (rv_net_name (keras)), "class")); /* its Add is part of a MatMul */
  g_assert_true (rv_net_check (small, NULL));
  g_assert_cmpstr (rv_net_preprocessing (small), ==, "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225");
}

/* Reads a graph in which nodes compute sizes. */
static void
test_shapes (void)
{
  g_autoptr (RvNet) net = load ("shapes.onnx");
  const char *const *layers = rv_net_layers ("shapes.onnx");
  g_assert_true (g_strv_contains (layers, "b1") && g_strv_contains (layers, "y"));
  g_autoptr (GArray) all = rv_net_describe ("shapes.onnx", 8, 9);
  const RvLayer *last = &g_array_index (all, RvLayer, all->len - 1);
  g_assert_cmpstr (last->name, ==, "y");
  g_assert_cmpint (last->channels * 100 + last->height * 10 + last->width, ==, 489);
}

/* A Resize to a number of rows and columns scales with the picture: to the size of another layer, or to a multiple of
 * its input's. */
static void
test_fixed_size (void)
{
  g_autoptr (RvNet) net = load ("sizes.onnx");
  g_autoptr (GArray) all = rv_net_describe ("sizes.onnx", 16, 24);
  const RvLayer *last = &g_array_index (all, RvLayer, all->len - 1);
  g_assert_cmpstr (last->name, ==, "y");
  g_assert_cmpint (last->height, ==, 12);
  g_assert_cmpint (last->width, ==, 18);
}

/* A batch norm that reads another name of a convolution is no part of it, because other nodes read the convolution. A
 * Clip whose limit no value reaches adds no node. */
static void
test_renamed (void)
{
  g_autoptr (RvNet) net = load ("renamed.onnx");
  const char *const *layers = rv_net_layers ("renamed.onnx");
  g_assert_true (g_strv_contains (layers, "c") && g_strv_contains (layers, "n") && g_strv_contains (layers, "y"));
  g_assert_false (g_strv_contains (layers, "k"));
}

/* A GELU and a norm over channels in several nodes are one node each, as those of opset 20. A bias and the layer scale
 * become part of the MatMul before them. */
static void
test_channels_last (void)
{
  static const char *const files[] = { "next14.onnx", "next20.onnx" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = sample (files[i]);
    g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, files[i], &error);
    g_assert_no_error (error);
    g_autoptr (GArray) graph = rv__net_graph_parse (rv_tensor_map_get_text (map, RV_GRAPH_TEXT), &error);
    g_assert_no_error (error);
    int n[RV_GRAPH_N_OPS] = { 0 }, n_folded = 0;
    for (guint k = 0; k < graph->len; k++) {
      n[rv__net_graph_node (graph, k)->op]++;
      n_folded += rv__net_graph_node (graph, k)->norm != NULL;
    }
    g_assert_cmpint (n[RV_GRAPH_GELU], ==, 1);
    g_assert_cmpint (n[RV_GRAPH_CHANNEL_NORM], ==, 3);
    g_assert_cmpint (n[RV_GRAPH_CONV], ==, 5);
    g_assert_cmpint (n_folded, ==, 1);
  }
}

/* Two files of one name with different architectures are two networks. */
static void
test_same_name (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) small = sample ("small.onnx"), nodes = sample ("nodes.onnx");
  g_autoptr (RvTensorMap) a = rv__weights_parse (small, RV_WEIGHTS_ALL, "a/net.onnx", &error),
                          b = rv__weights_parse (nodes, RV_WEIGHTS_ALL, "b/net.onnx", &error);
  g_assert_no_error (error);
  rv_tensor_map_set_text (a, RV_GRAPH_TEXT, "{\"nodes\":[{\"op\":\"relu\",\"in\":[0],\"name\":\"r\"}]}");
  const RvNetClass *one = rv__net_from_graph (a, &error);
  rv_tensor_map_set_text (b, RV_GRAPH_TEXT, "{\"nodes\":[{\"op\":\"relu\",\"in\":[0],\"name\":\"s\"}]}");
  const RvNetClass *other = rv__net_from_graph (b, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (one->name, ==, "net.onnx");
  g_assert_cmpstr (other->name, ==, "net.onnx-2");
}

/* ---- refused files ----------------------------------------------------------------------------------------------- */

static void
test_refused (void)
{
  static const struct {
    const char *file, *message;
  } rows[] = {
    { "cycle.onnx", "operator Add (node sum) needs 'y', which no node before it computes" },
    { "missing.onnx", "operator Relu (node relu) needs 'nowhere', which no node before it computes" },
    { "duplicate.onnx", "two values are called c" },
    { "operator.onnx", "operator Det (node det1) is not supported" },
    { "sequence.onnx", "is a transformer: from node flat on it works only with pictures of one size" },
    { "mean.onnx", "operator Tanh (node tanh) is no step of a norm over the channels" },
    { "power.onnx", "operator Pow (node pow) has another exponent than 2 or 3" },
    { "last.onnx", "operator MaxPool (node pool) with the channels last, as in transformers, is not supported" },
    { "domain.onnx", "operator com.example.Relu (node relu) is not supported" },
    { "shape.onnx", "operator Conv (node conv) has a kernel that does not fit its input" },
    { "stride.onnx", "strides out of bounds" },
    { "nearest.onnx", "operator Resize (node resize) takes nearest positions by a rule that is not supported" },
    { "scales.onnx", "operator Resize (node resize) has scales that are no fractions" },
    { "extent.onnx", "operator ConvTranspose (node up) has an output_shape, which fixes the size of the picture" },
    { "pad.onnx", "operator Pad (node pad) pads with a number that is too large" },
    { "axes.onnx", "operator Unsqueeze (node unsqueeze) has an axis out of bounds, or one twice" },
    { "whole.onnx", "operator Cast (node cast) to whole numbers is not supported" },
    { "subgraph.onnx", "operator If (node if) has a graph of its own, which is not supported" },
    { "external.onnx", "export it as one file" },
    { "inputs.onnx", "several inputs" },
    { "grey.onnx", "the input x is no picture" },
    { "large.onnx", "too large" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = sample (rows[i].file);
    g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, rows[i].file, &error);
    g_assert_null (map);
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, rows[i].message));
    g_assert_true (g_str_has_prefix (error->message, rows[i].file));
  }
}

/* Wrong graphs in the texts of safetensors files are refused. */
static void
test_graph_texts (void)
{
  static const char *const wrong[] = {
    "",
    "[]",
    "{}",
    "{\"nodes\":[]}",
    "{\"nodes\":[1]}",
    "{\"nodes\":[{\"op\":\"relu\"}]}",
    "{\"nodes\":[{\"op\":\"det\",\"in\":[0],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"relu\",\"in\":[1],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"relu\",\"in\":[-1],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"add\",\"in\":[0],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"relu\",\"in\":[0],\"name\":\"a:b\"}]}",
    "{\"nodes\":[{\"op\":\"relu\",\"in\":[0],\"name\":\"a\\u001b[31m\"}]}",
    "{\"nodes\":[{\"op\":\"relu\",\"in\":[0],\"name\":\"a\\u009b31m\"}]}",
    "{\"nodes\":[{\"op\":\"relu\",\"in\":[0],\"name\":\"a\"},{\"op\":\"relu\",\"in\":[0],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"max_pool\",\"in\":[0],\"window\":[3,3],\"stride\":[0,1],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"max_pool\",\"in\":[0],\"window\":[3,3],\"stride\":[1,1],\"pad\":[3,0,0,0],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"max_pool\",\"in\":[0],\"window\":[17,16],\"stride\":[1,1],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"conv\",\"in\":[0],\"size\":[4,3,1,1],\"stride\":[1,1],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"relu\",\"in\":[0],\"dilation\":[1,257],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"shuffle\",\"in\":[0],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"resize\",\"in\":[0,0],\"size\":[2,0,2,1],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"resize\",\"in\":[0,0],\"coordinates\":[4],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"instance_norm\",\"in\":[0],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"conv_transpose\",\"in\":[0],\"size\":[3,4,2,2],\"stride\":[2,2],\"extra\":[0,2],\"params\":"
    "\"a\"}]}",
    "{\"nodes\":[{\"op\":\"slice\",\"in\":[0],\"size\":[1,0,0,0],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"slice\",\"in\":[0],\"size\":[-1,2,0,0],\"name\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"conv\",\"in\":[0],\"size\":[4,3,1,1.5],\"stride\":[1,1],\"params\":\"a\"}]}",
    "{\"nodes\":[{\"op\":\"conv\",\"in\":[0],\"size\":[4,3,1,2147483647],\"stride\":[1,1],\"params\":\"a\"}]}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (rv__net_graph_parse (wrong[i], &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  }
}

/* Texts of a file that terminals would obey are not those of the network. */
static void
test_controls (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  rv_tensor_map_set_text (map, RV_GRAPH_TEXT, "{\"nodes\":[{\"op\":\"relu\",\"in\":[0],\"name\":\"quiet\"}]}");
  rv_tensor_map_set_text (map, RV_GRAPH_NAME, "red\033[31m");
  rv_tensor_map_set_text (map, RV_GRAPH_LEFT_OUT, "red\033[31m");
  const RvNetClass *class = rv__net_from_graph (map, &error);
  g_assert_no_error (error);
  g_assert_null (strchr (class->name, '\033'));
  g_assert_null (strchr (class->summary, '\033'));
}

/* Numbers of a file that are near those of sizes of pictures: PyTorch's slices end at the largest one. */
static void
test_sizes (void)
{
  static const gint64 others[] = { 0, -1, G_MAXINT64, G_MININT64, G_MININT64 + 1, RV_ONNX_SIZES - 1 };
  int index, axis;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_cmpint (rv__onnx_size_factor (others[i], &index, &axis), ==, 0);
  g_assert_cmpint (rv__onnx_size_factor (rv__onnx_size (7, 1, 3), &index, &axis), ==, 3);
  g_assert_cmpint (index, ==, 7);
  g_assert_cmpint (axis, ==, 1);
}

/* ---- files made here --------------------------------------------------------------------------------------------- */

static void
put_varint (GByteArray *to, guint64 number)
{
  for (; number > 0x7F; number >>= 7)
    g_byte_array_append (to, &(guint8){ (guint8) (number | 0x80) }, 1);
  g_byte_array_append (to, &(guint8){ (guint8) number }, 1);
}

static void
put_int (GByteArray *to, int field, guint64 number)
{
  put_varint (to, (guint64) field << 3 | RV_PROTO_VARINT);
  put_varint (to, number);
}

static void
put_bytes (GByteArray *to, int field, gconstpointer bytes, gsize size)
{
  put_varint (to, (guint64) field << 3 | RV_PROTO_BYTES);
  put_varint (to, size);
  g_byte_array_append (to, bytes, (guint) size);
}

/* Appends the message @part (transfer full). */
static void
put_message (GByteArray *to, int field, GByteArray *part)
{
  put_bytes (to, field, part->data, part->len);
  g_byte_array_unref (part);
}

/* @in: names, with spaces. */
static void
put_node (GByteArray *graph, const char *op, const char *in, const char *out)
{
  GByteArray *node = g_byte_array_new ();
  g_auto (GStrv) names = g_strsplit (in, " ", -1);
  for (guint i = 0; names[i]; i++)
    put_bytes (node, 1, names[i], strlen (names[i]));
  put_bytes (node, 2, out, strlen (out));
  put_bytes (node, 4, op, strlen (op));
  put_message (graph, 1, node);
}

static void
put_tensor (GByteArray *graph, const char *name, int type, RvShape shape, gconstpointer numbers, gsize size)
{
  GByteArray *tensor = g_byte_array_new ();
  for (int i = 0; i < shape.n; i++)
    put_int (tensor, 1, (guint64) shape.dim[i]);
  put_int (tensor, 2, (guint64) type);
  put_bytes (tensor, 8, name, strlen (name));
  put_bytes (tensor, 9, numbers, size);
  put_message (graph, 5, tensor);
}

/* (transfer full) (nullable): the network of @graph (transfer full) with the input x. */
static RvTensorMap *
parse_graph (GByteArray *graph, GError **error)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  GByteArray *input = g_byte_array_new ();
  put_bytes (input, 1, "x", 1);
  put_message (graph, 11, input);
  put_int (file, 1, 8);
  put_message (file, 7, graph);
  g_autoptr (GBytes) bytes = g_bytes_new (file->data, file->len);
  return rv__weights_parse (bytes, RV_WEIGHTS_ALL, "made.onnx", error);
}

/* PyTorch's slice to the end. */
static void
test_slice (void)
{
  g_autoptr (GError) error = NULL;
  GByteArray *graph = g_byte_array_new ();
  const gint64 one = 1, end = G_MAXINT64;
  put_tensor (graph, "one", RV_ONNX_INT64, rv_shape (1, 1), &one, sizeof one);
  put_tensor (graph, "end", RV_ONNX_INT64, rv_shape (1, 1), &end, sizeof end);
  put_node (graph, "Slice", "x one end one", "part");
  g_autoptr (RvTensorMap) map = parse_graph (graph, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (rv_tensor_map_get_text (map, RV_GRAPH_TEXT), "\"size\":[1,2,0,0]"));
}

/* Many nodes that read one constant, each of which would copy it. */
static void
test_copies (void)
{
  enum { CHANNELS = 1 << 18, NODES = 120 };
  g_autoptr (GError) error = NULL;
  GByteArray *graph = g_byte_array_new ();
  gsize size = 3 * CHANNELS * sizeof (double);
  g_autofree double *numbers = g_malloc0 (size);
  put_tensor (graph, "w", RV_ONNX_DOUBLE, rv_shape (4, CHANNELS, 3, 1, 1), numbers, size);
  for (int i = 0; i < NODES; i++) {
    g_autofree char *name = g_strdup_printf ("y%d", i);
    put_node (graph, "Conv", "x w", name);
  }
  g_assert_null (parse_graph (graph, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "too large in memory"));
}

/* ---- wrong graphs ------------------------------------------------------------------------------------------------ */

/* Nodes that do not fit their inputs end the network. */
static void
test_unfit (void)
{
  static const char *const nodes[] = {
    "{\"op\":\"slice\",\"in\":[0],\"size\":[2,5,0,0],\"name\":\"a\"}",
    "{\"op\":\"shuffle\",\"in\":[0],\"groups\":[2],\"name\":\"a\"}",
    "{\"op\":\"conv_transpose\",\"in\":[0],\"size\":[4,1,1,1],\"stride\":[1,1],\"params\":\"p\",\"name\":\"a\"}",
    "{\"op\":\"resize\",\"in\":[0,0],\"size\":[256,1,256,1],\"name\":\"a\"}",
    "{\"op\":\"resize\",\"in\":[0,0],\"size\":[1,256,1,1]},{\"op\":\"resize\",\"in\":[1,1],\"size\":[1,3,1,1],\"name\":"
    "\"a\"}",
    "{\"op\":\"resize\",\"in\":[0,0],\"size\":[1,256,256,1]},{\"op\":\"resize\",\"in\":[1,1],\"size\":[1,1,16,1],"
    "\"name\":"
    "\"a\"}",
    "{\"op\":\"pad\",\"in\":[0],\"pad\":[1,0,0,0]},{\"op\":\"multiply\",\"in\":[0,1],\"name\":\"a\"}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (nodes); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
    g_autofree char *text = g_strdup_printf ("{\"nodes\":[%s]}", nodes[i]);
    rv_tensor_map_set_text (map, RV_GRAPH_TEXT, text);
    const RvNetClass *class = rv__net_from_graph (map, &error);
    g_assert_no_error (error);
    g_assert_null (rv_net_layers (class->name)[0]);
  }
}

/* (transfer full): the program of a network of @n nodes @node, where "@" stands for the number of the value before it,
 * on a picture of @side px. */
static RvProgram *
record_chain (const char *node, int n, int side)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autoptr (GString) text = g_string_new ("{\"nodes\":[");
  for (int i = 0; i < n; i++) {
    g_autofree char *in = g_strdup_printf ("%d", i);
    g_auto (GStrv) parts = g_strsplit (node, "@", -1);
    g_autofree char *one = g_strjoinv (in, parts);
    g_string_append_printf (text, "%s%s", i ? "," : "", one);
  }
  g_string_append (text, "]}");
  rv_tensor_map_set_text (map, RV_GRAPH_TEXT, text->str);
  const RvNetClass *class = rv__net_from_graph (map, &error);
  g_assert_no_error (error);
  RvProgram *program = rv__program_new (RV_F32);
  RvShape shape = rv_shape (4, 1, 3, side, side);
  RvNetBuilder builder = { .program = program, .class = class, .purpose = RV_BUILD_SHAPES };
  class->build (&builder, rv__program_input (program, &shape));
  return program;
}

/* Channels that exceed 64 bits. */
static void
test_overflow (void)
{
  RvProgram *program = record_chain ("{\"op\":\"concat\",\"in\":[@,@,@,@]}", 40, 8);
  g_assert_error (program->error, RV_ERROR, RV_ERROR_SHAPE);
  rv__program_free (program);
}

/* Receptive field of the last value of a chain of one node, of one input, from the picture. */
static RvReceptiveField
field_of_chain (const char *node, int n)
{
  RvProgram *program = record_chain (node, n, 64);
  g_assert_no_error (program->error);
  g_autofree RvReceptiveField *fields = rv__graph_receptive_fields (program, 0);
  RvReceptiveField last = fields[program->values->len - 1];
  rv__program_free (program);
  return last;
}

/* Windows for tiles. Strides whose product exceeds 64 bits, and factors that are not whole, cannot be tiled. A
 * transposed convolution that pads by more than its kernel, or has strides above it, lacks positions at the end. */
static void
test_windows (void)
{
  static const char pool[] = "{\"op\":\"max_pool\",\"in\":[@],\"window\":[1,1],\"stride\":[256,256]}",
                    up[] = "{\"op\":\"resize\",\"in\":[@,@],\"size\":[101,100,101,100]}",
                    same[] = "{\"op\":\"resize\",\"in\":[@,@],\"size\":[1,1,1,1]}",
                    crop[] = "{\"op\":\"conv_transpose\",\"in\":[@],\"size\":[3,3,1,1],\"stride\":[1,1],\"pad\":"
                             "[2,1,3,0],\"params\":\"p\"}",
                    gaps[] =
                      "{\"op\":\"max_pool\",\"in\":[0],\"window\":[4,4],\"stride\":[4,4]},"
                      "{\"op\":\"conv_transpose\",\"in\":[1],\"size\":[3,3,1,1],\"stride\":[4,4],\"params\":\"p\"}";
  g_assert_cmpstr (field_of_chain (pool, 4).untileable_op, ==, "max_pool");
  g_assert_cmpstr (field_of_chain (pool, 8).untileable_op, ==, "max_pool");
  g_assert_null (field_of_chain (pool, 2).untileable_op);
  g_assert_cmpstr (field_of_chain (up, 1).untileable_op, ==, "resize");
  g_assert_null (field_of_chain (same, 1).untileable_op);
  RvReceptiveField cropped = field_of_chain (crop, 1);
  g_assert_cmpint (cropped.before[0], ==, -2);
  g_assert_cmpint (cropped.after[0], ==, 5);
  g_assert_cmpint (cropped.after[1], ==, 1);
  g_assert_cmpint (field_of_chain (gaps, 1).after[0], ==, 6);
  g_assert_cmpint (rv__common_multiple (G_MAXINT64, 2), ==, G_MAXINT64);
  g_assert_cmpint (rv__common_multiple (4, 6), ==, 12);
  g_assert_cmpint (rv__common_multiple (0, 6), ==, 0);
}

/* A file that is cut after its graph is valid. All other truncated files are refused. */
static void
test_truncations (gconstpointer file)
{
  g_autoptr (GBytes) whole = sample (file);
  g_assert_cmpint (test_truncated_weights (whole, NULL), <=, 1);
}

static void
test_bytes (gconstpointer file)
{
  g_autoptr (GBytes) whole = sample (file);
  test_wrong_bytes (whole);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/onnx/golden/f64", test_golden_double);
  g_test_add_func ("/onnx/golden/cpu", test_golden_cpu);
  g_test_add_func ("/onnx/layers", test_layers);
  g_test_add_func ("/onnx/shapes", test_shapes);
  g_test_add_func ("/onnx/fixed-size", test_fixed_size);
  g_test_add_func ("/onnx/same-name", test_same_name);
  g_test_add_func ("/onnx/renamed", test_renamed);
  g_test_add_func ("/onnx/channels-last", test_channels_last);
  g_test_add_func ("/onnx/refused", test_refused);
  g_test_add_func ("/onnx/graph-texts", test_graph_texts);
  g_test_add_func ("/onnx/unfit", test_unfit);
  g_test_add_func ("/onnx/controls", test_controls);
  g_test_add_func ("/onnx/sizes", test_sizes);
  g_test_add_func ("/onnx/slice", test_slice);
  g_test_add_func ("/onnx/copies", test_copies);
  g_test_add_func ("/onnx/overflow", test_overflow);
  g_test_add_func ("/onnx/windows", test_windows);
  g_test_add_data_func ("/onnx/truncations/small", "small.onnx", test_truncations);
  g_test_add_data_func ("/onnx/truncations/blocks", "blocks.onnx", test_truncations);
  g_test_add_data_func ("/onnx/truncations/nodes", "nodes.onnx", test_truncations);
  g_test_add_data_func ("/onnx/truncations/numbers", "numbers.onnx", test_truncations);
  g_test_add_data_func ("/onnx/truncations/casts", "casts.onnx", test_truncations);
  g_test_add_data_func ("/onnx/truncations/half", "half.onnx", test_truncations);
  g_test_add_data_func ("/onnx/truncations/keras", "keras.onnx", test_truncations);
  g_test_add_data_func ("/onnx/truncations/sizes", "sizes.onnx", test_truncations);
  g_test_add_data_func ("/onnx/truncations/pictures", "pictures.onnx", test_truncations);
  g_test_add_data_func ("/onnx/wrong-bytes/small", "small.onnx", test_bytes);
  g_test_add_data_func ("/onnx/wrong-bytes/blocks", "blocks.onnx", test_bytes);
  g_test_add_data_func ("/onnx/wrong-bytes/next14", "next14.onnx", test_bytes);
  g_test_add_data_func ("/onnx/wrong-bytes/nodes", "nodes.onnx", test_bytes);
  g_test_add_data_func ("/onnx/wrong-bytes/numbers", "numbers.onnx", test_bytes);
  g_test_add_data_func ("/onnx/wrong-bytes/casts", "casts.onnx", test_bytes);
  g_test_add_data_func ("/onnx/wrong-bytes/half", "half.onnx", test_bytes);
  g_test_add_data_func ("/onnx/wrong-bytes/keras", "keras.onnx", test_bytes);
  g_test_add_data_func ("/onnx/wrong-bytes/sizes", "sizes.onnx", test_bytes);
  g_test_add_data_func ("/onnx/wrong-bytes/pictures", "pictures.onnx", test_bytes);
  return g_test_run ();
}
