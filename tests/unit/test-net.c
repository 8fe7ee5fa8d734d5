/* test-net.c -- networks: golden activations of the built-in network, names of layers, smallest sides. */
#include "net/net.h"
#include "support/formula.h"
#include "support/support.h"
#include "tensor/tensor-map.h"
#include <math.h>
#include <reverie/features.h>
#include <string.h>

/* Activations for test_picture(), from the training program (PyTorch, f32): norm, mean, first and last value. */
static const struct {
  const char *layer;
  double norm, mean, first, last;
} golden[] = {
  { "conv1_1", 1119.16, 1.39513, 0, 2.92 },
  { "conv1_2", 1452.37, 1.83351, 0, 1.99407 },
  { "conv2_1", 1580.21, 2.19071, 0, 2.13954 },
  { "conv2_2", 1271.9, 2.25575, 0, 3.93983 },
  { "conv3_1", 1114.18, 2.46409, 0, 2.97352 },
  { "conv3_2", 1110.98, 2.58436, 10.3872, 0 },
  { "conv3_3", 1325.03, 2.76243, 2.21895, 4.49895 },
  { "conv4_1", 858.884, 2.40775, 0, 3.96105 },
  { "conv4_2", 956.665, 2.26731, 0, 0 },
  { "conv4_3", 674.98, 2.22015, 0, 14.919 },
  { "conv5_1", 381.1, 1.8372, 0, 0 },
  { "conv5_2", 323.909, 1.3565, 0, 23.1906 },
  { "class", 96.3971, 0.153665, -0.193734, 0.111497 },
};

#define GOLDEN_TOLERANCE 2e-5 /* goldens have six digits */
#define ROWS 64
#define COLS 96

static void
test_picture (float *x)
{
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < COLS; j++) {
      x[i * COLS + j] = (float) ((7 * i + 3 * j) % 256);
      x[(ROWS + i) * COLS + j] = (float) ((i * i / 8 + 5 * j) % 256);
      x[(2 * ROWS + i) * COLS + j] = (float) ((i * j / 4 + 13 * j) % 256);
    }
}

typedef struct {
  RvProgram *program;
  int value[G_N_ELEMENTS (golden)];
} Taps;

static gboolean
on_layer (const char *layer, int value, gpointer data)
{
  Taps *taps = data;
  for (guint i = 0; i < G_N_ELEMENTS (golden); i++)
    if (strcmp (golden[i].layer, layer) == 0) {
      taps->value[i] = value;
      rv__program_output (taps->program, value);
    }
  return FALSE;
}

static void
compare (guint i, const double *y, gint64 n)
{
  double norm = 0, mean = 0;
  for (gint64 k = 0; k < n; k++)
    norm += y[k] * y[k], mean += y[k] / (double) n;
  g_test_message ("%s norm %.6g mean %.6g first %.6g last %.6g", golden[i].layer, sqrt (norm), mean, y[0], y[n - 1]);
  assert_less (fabs (sqrt (norm) / golden[i].norm - 1), GOLDEN_TOLERANCE);
  assert_less (fabs (mean / golden[i].mean - 1), GOLDEN_TOLERANCE);
  assert_less (fabs (y[0] - golden[i].first), 1e-4 * (1 + fabs (golden[i].first)));
  assert_less (fabs (y[n - 1] - golden[i].last), 1e-4 * (1 + fabs (golden[i].last)));
}

static void
test_golden (gconstpointer backend)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (&error);
  g_assert_no_error (error);
  RvShape shape = rv_shape (4, 1, 3, ROWS, COLS);
  Taps taps = { .program = rv__program_new (RV_F32) };
  int x = rv__program_input (taps.program, &shape);
  rv__net_record (net, &(RvNetVariant){ 0 }, taps.program, x, &rv__rgb_0_255, on_layer, &taps);
  taps.program->n_forward = (int) taps.program->calls->len;

  g_autoptr (RvExecutable) executable = test_executable (taps.program, backend);
  float picture[3 * ROWS * COLS];
  test_picture (picture);
  rv__executable_set (executable, x, picture, NULL);
  g_assert_true (rv__executable_forward (executable, NULL));

  for (guint i = 0; i < G_N_ELEMENTS (golden); i++) {
    g_autofree double *y = test_get (executable, taps.value[i]);
    compare (i, y, rv_shape_count (rv__program_shape (taps.program, taps.value[i])));
  }
}

/* rv_features() gives the golden activations. */
static void
test_features (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) picture = rv_image_new (COLS, ROWS, NULL);
  const char *layers[G_N_ELEMENTS (golden) + 1] = { NULL };
  test_picture (picture->rgb->data);
  for (guint i = 0; i < G_N_ELEMENTS (golden); i++)
    layers[i] = golden[i].layer;
  g_autoptr (RvTensorMap) features = rv_features (net, picture, layers, 1, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (golden); i++) {
    const RvTensor *found = rv_tensor_map_get (features, golden[i].layer);
    g_autofree double *y = g_new (double, rv_tensor_count (found));
    for (gint64 k = 0; k < rv_tensor_count (found); k++)
      y[k] = (double) ((const float *) found->data)[k];
    compare (i, y, rv_tensor_count (found));
  }

  g_assert_null (rv_features (net, picture, (const char *[]){ "conv4_9", NULL }, 1, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_null (rv_features (net, picture, (const char *[]){ NULL }, 1, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_autoptr (RvImage) small = rv_image_new (3, 3, NULL);
  g_assert_null (rv_features (net, small, (const char *[]){ "conv1_1", "conv5_1", NULL }, 1, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
}

static void
test_names (void)
{
  static const char *const same[][2] = {
    { "conv4_2", "conv4_2" },         { "relu4_2", "conv4_2" },         { "block4_conv2", "conv4_2" },
    { "conv4_2:pre", "conv4_2:pre" }, { "relu4_2:pre", "conv4_2:pre" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (same); i++) {
    g_autofree char *name = rv__net_layer ("builtin", same[i][0], NULL);
    g_assert_cmpstr (name, ==, same[i][1]);
  }
  g_autoptr (GError) error = NULL;
  g_assert_null (rv__net_layer ("builtin", "conv4_9", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "did you mean"));
  g_assert_nonnull (strstr (error->message, "conv5_2"));
}

static void
test_min_side (void)
{
  static const char *const deep[] = { "conv5_1", NULL }, *const early[] = { "conv1_1", "conv2_1", NULL };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_assert_cmpint (rv__net_min_side (net, deep), ==, 16);
  g_assert_cmpint (rv__net_min_side (net, early), ==, 2);
}

static void
test_wrong_weights (void)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  g_autoptr (GError) error = NULL;
  g_assert_null (rv_net_new ("builtin", map, &error)); /* no weights */
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
  g_autoptr (RvNet) builtin = rv_net_new_builtin (NULL);
  rv_tensor_map_set (map, "conv1_1.weight_scale", rv_tensor_map_get (builtin->weights, "conv1_1.weight_scale"));
  rv_tensor_map_set (map, "conv1_1.weight", rv_tensor_map_get (builtin->weights, "conv1_1.weight"));
  rv_tensor_map_set (map, "conv1_1.bias", rv_tensor_map_get (builtin->weights, "conv1_1.bias"));
  g_autoptr (RvNet) net = rv_net_new ("builtin", map, &error); /* missing layers are detected on use */
  g_assert_no_error (error);
  RvShape shape = rv_shape (4, 1, 3, 32, 32);
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  Taps taps = { .program = program };
  rv__net_record (net, &(RvNetVariant){ 0 }, program, rv__program_input (program, &shape), &rv__rgb_0_255, on_layer,
                  &taps);
  g_assert_error (program->error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_null (rv_net_new ("bultin", map, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
}

/* (transfer full) (nullable): @network with weights of VGG's first convolution only, named @stored. Missing layers are
 * detected on use only. */
static RvNet *
first_conv (const char *network, const char *stored, const char *preprocessing, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  RvShape weight = rv_shape (4, 64, 3, 3, 3), bias = rv_shape (1, 64);
  g_autoptr (RvTensor) w = test_constant (RV_F32, &weight, 1, 1), b = test_constant (RV_F32, &bias, 2, 1);
  g_autofree char *weight_name = g_strconcat (stored, ".weight", NULL),
                  *bias_name = g_strconcat (stored, ".bias", NULL);
  rv_tensor_map_set (map, weight_name, w);
  rv_tensor_map_set (map, bias_name, b);
  if (preprocessing)
    rv_tensor_map_set_text (map, "preprocessing", preprocessing);
  return rv_net_new (network, map, error);
}

/* Parameter names and the text `preprocessing` of a file determine the network's pre-processing. */
static void
test_forms (void)
{
  static const struct {
    const char *stored, *preprocessing, *form, *input;
  } files[] = {
    { "block1_conv1", NULL, "Keras", "bgr_0_255 minus 103.939,116.779,123.68 divided by 1" },
    { "layers.conv2d_0", NULL, "Keras, by order", "bgr_0_255 minus 103.939,116.779,123.68 divided by 1" },
    { "features.0", NULL, "torchvision", "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225" },
    { "features.0", "rgb_0_255 minus 1,2,3 divided by 4", "torchvision", "rgb_0_255 minus 1,2,3 divided by 4" },
    { "conv1_1", "bgr_mean_imagenet_0_255", "Reverie", "bgr_0_255 minus 103.939,116.779,123.68 divided by 1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvNet) net = first_conv ("vgg19", files[i].stored, files[i].preprocessing, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (rv_net_publisher (net), ==, files[i].form);
    g_assert_cmpstr (rv_net_preprocessing (net), ==, files[i].input);
  }
  /* A file without this information is refused. */
  g_autoptr (GError) silent = NULL, strange = NULL;
  g_assert_null (first_conv ("vgg19", "conv1_1", NULL, &silent));
  g_assert_error (silent, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (silent->message, "do not say their preprocessing"));
  g_assert_null (first_conv ("vgg19", "block1_conv1", "as usual", &strange));
  g_assert_nonnull (strstr (strange->message, "is not understood: 'as usual'"));
}

/* A network is identified by its parameters, whatever else the file has: here a dense layer stored as a convolution, as
 * in timm. */
static void
test_identify (void)
{
  static const struct {
    const char *network, *form;
  } files[] = { { "vgg16", "Keras" }, { "vgg19", "Keras" }, { "vgg16", "torchvision" }, { "vgg19", "torchvision" } };
  RvShape dense = rv_shape (4, 8, 512, 7, 7);
  g_autoptr (RvTensor) extra = test_constant (RV_F32, &dense, 1, 1);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvNet) whole = formula_vgg (files[i].network, files[i].form, 1, 1), net = NULL, other = NULL;
    rv_tensor_map_set (whole->weights, "pre_logits.fc1.weight", extra);
    net = rv_net_new (NULL, whole->weights, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (rv_net_name (net), ==, files[i].network);
    g_assert_cmpstr (rv_net_publisher (net), ==, files[i].form);
    other = rv_net_new (strcmp (files[i].network, "vgg16") == 0 ? "vgg19" : "vgg16", whole->weights, &error);
    g_assert_null (other);
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  }
}

/* The message on an unknown network names a weight that was not read, no counter. */
static void
test_skipped (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  rv__tensor_map_skip (map, "bn.num_batches_tracked", "int64");
  rv__tensor_map_skip (map, "features.0.weight", "complex64");
  g_assert_null (rv_net_new (NULL, map, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, ": 'features.0.weight' is complex64, which is not read here"));
}

static void
test_pixel_space (void)
{
  static const char *const bad[] = { "",
                                     "rgb_0_255",
                                     "rgb_0_255 minus 1,2 divided by 1",
                                     "rgb_0_255 minus 1 divided by 0",
                                     "rgb_0_2 minus 1 divided by 1",
                                     "grb_0_1 minus 1 divided by 1",
                                     "rgb_0_1 minus 1 divided by 1 or so",
                                     "rgb_0_1 minus nan divided by 1",
                                     "rgb_0_1 minus 1 divided by 1,2,3,4",
                                     "rgb_0_1 minus 1 divided by -1" };
  RvPixelSpace keras, torch, kept;
  g_assert_true (rv__pixel_space_parse ("bgr_0_255 minus 1,2,3 divided by 2", &keras));
  g_assert_true (keras.bgr && keras.unit == 1 && keras.mean[0] == 3 && keras.mean[2] == 1 && keras.std[1] == 2);
  g_assert_true (rv__pixel_space_parse ("rgb_0_1 minus 0.5 divided by 0.25,0.5,1", &torch));
  kept = torch;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (rv__pixel_space_parse (bad[i], &torch));
  g_assert_cmpmem (&kept, sizeof kept, &torch, sizeof torch);

  /* White is mapped from one space to the other. */
  float factor[3], shift[3];
  rv__pixel_space_map (&keras, &torch, factor, shift);
  for (int c = 0; c < 3; c++) {
    float white = (255 - keras.mean[c]) / keras.std[c];
    g_assert_cmpfloat_with_epsilon (factor[c] * white + shift[c], (1 - torch.mean[c]) / torch.std[c], 1e-5f);
  }
}

static gboolean
stop_at_fire4 (const char *layer, int value, gpointer user_data)
{
  g_assert_cmpint (value, >=, 0);
  ++*(int *) user_data;
  return strcmp (layer, "fire4") == 0;
}

/* rv__net_infer_shapes() ends when the callback returns TRUE. */
static void
test_stops (void)
{
  RvNetBuilder builder;
  int n_told = 0;
  g_assert_true (rv__net_infer_shapes (rv__net_find ("squeezenet"), 128, 128, &builder, stop_at_fire4, &n_told));
  g_assert_true (builder.done);
  g_assert_cmpint (n_told, ==,
                   16); /* conv1, three fires and their squeezes, each before and after ReLU; two poolings */
}

/* The name of every layer is accepted. Poolings have no values before ReLU. */
static void
test_layers (void)
{
  for (const char *const *net = rv_net_names (); *net; net++)
    for (const char *const *layer = rv_net_layers (*net); *layer; layer++) {
      g_autofree char *name = rv__net_layer (*net, *layer, NULL);
      g_assert_cmpstr (name, ==, *layer);
    }
  g_autofree char *pool = rv__net_layer ("vgg19", "block5_pool", NULL);
  g_assert_cmpstr (pool, ==, "pool5");
  g_assert_null (rv__net_layer ("vgg19", "pool5:pre", NULL));
  g_assert_cmpuint (g_strv_length ((char **) rv_net_layers ("vgg19")), ==, 16 + 5);
  g_assert_cmpuint (g_strv_length ((char **) rv_net_layers ("vgg16")), ==, 13 + 5);

  g_autoptr (GArray) layers = rv_net_describe ("vgg16", 224, 224);
  gint64 n_parameters = 0;
  for (guint i = 0; i < layers->len; i++)
    n_parameters += g_array_index (layers, RvLayer, i).n_parameters;
  g_assert_cmpint (n_parameters, ==, 14714688); /* Keras' model.summary () */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add_for_backends ("/net/builtin/golden", test_golden);
  g_test_add_func ("/net/features", test_features);
  g_test_add_func ("/net/names", test_names);
  g_test_add_func ("/net/identify", test_identify);
  g_test_add_func ("/net/skipped", test_skipped);
  g_test_add_func ("/net/forms", test_forms);
  g_test_add_func ("/net/pixel-space", test_pixel_space);
  g_test_add_func ("/net/layers", test_layers);
  g_test_add_func ("/net/stops", test_stops);
  g_test_add_func ("/net/min-side", test_min_side);
  g_test_add_func ("/net/wrong-weights", test_wrong_weights);
  return g_test_run ();
}
