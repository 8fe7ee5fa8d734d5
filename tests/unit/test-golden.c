/* test-golden.c -- networks against Keras and PyTorch, with formula weights and pictures: layers of VGG, InceptionV3,
 * ResNet50 and GoogLeNet; losses and ops of style networks with their gradients; runs of the presets keras and d2l;
 * resizing. Goldens and their scripts: tests/golden. */
#include "loss/loss.h"
#include "method/objective/objective.h"
#include "method/style/style.h"
#include "net/net.h"
#include "support/formula.h"
#include "support/support.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Constants of the scripts in tests/golden. */
#define ROWS 75
#define COLS 53
#define STYLE_ROWS 60
#define STYLE_COLS 70
#define KERAS_BIAS 10
#define TORCH_BIAS 0.1

#define RELATIVE 1e-4 /* for direct f32 kernels */
#define LARGEST 1e-3

/* ---- layers ------------------------------------------------------------------------------------------------------ */

/* Compares layers of @net, at the formula picture, with lines of @file. Their names begin with the name of the network
 * and end in @size. Returns the number of these lines. */
static int
check_net (RvNet *net, int rows, int cols, const char *size, const char *file, const char *backend)
{
  const char *network = rv_net_name (net);
  g_autoptr (RvImage) picture = formula_picture ("content", rows, cols);
  g_auto (GStrv) lines = formula_golden (file);
  TestLayers taps = { rv__program_new (RV_F32), g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL) };
  RvShape shape = rv_shape (4, 1, 3, rows, cols);
  int x = rv__program_input (taps.program, &shape), n_checked = 0;

  rv__net_record (net, &(RvNetVariant){ 0 }, taps.program, x, &rv__rgb_0_255, test_on_layer, &taps);
  g_assert_no_error (taps.program->error);
  taps.program->n_forward = (int) taps.program->calls->len;
  g_autoptr (RvExecutable) executable = test_executable (taps.program, backend);
  rv__executable_set (executable, x, picture->rgb->data, NULL);
  g_assert_true (rv__executable_forward (executable, NULL));

  for (char **line = lines; *line; line++) {
    g_autofree char *name = g_strndup (*line, strcspn (*line, " "));
    if (!g_str_has_prefix (name, network) || !g_str_has_suffix (name, size))
      continue;
    g_autofree char *typed = g_strndup (strchr (name, '/') + 1, strlen (strchr (name, '/') + 1) - strlen (size));
    g_autofree char *layer = rv__net_layer (network, typed, NULL);
    g_assert_nonnull (layer);
    int value = GPOINTER_TO_INT (g_hash_table_lookup (taps.values, layer));
    g_autofree double *numbers = test_get (executable, value);
    RvShape golden = rv__executable_view (executable, value).shape;
    formula_compare (*line, numbers, rv_shape_count (&golden), RELATIVE, LARGEST);
    n_checked++;
  }
  g_hash_table_unref (taps.values);
  return n_checked;
}

static void
check_layers (const char *network, const char *form, double bias, const char *file, const char *backend)
{
  g_autoptr (RvNet) net = formula_vgg (network, form, 1, bias);
  g_assert_cmpint (check_net (net, ROWS, COLS, "", file, backend), >=, 13);
}

/* Layers of InceptionV3 and ResNet50 equal those of Keras: branches, batch norm, strides, at sizes that the strides do
 * not divide. */
static void
test_dream_layers (gconstpointer backend)
{
  static const struct {
    int rows, cols;
    const char *size;
  } sizes[] = { { 75, 75, "@75" }, { 97, 131, "@97" }, { 299, 299, "@299" } };
  g_autoptr (RvNet) inception = formula_net ("inception_v3"), resnet = formula_net ("resnet50");
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    if (sizes[i].rows == 299 && (strcmp (backend, "reference") == 0 || strcmp (backend, "vulkan") == 0))
      continue; /* a minute in plain C, or in shaders on the processor */
    g_assert_cmpint (check_net (inception, sizes[i].rows, sizes[i].cols, sizes[i].size, "dream-keras.txt", backend), ==,
                     11);
    g_assert_cmpint (check_net (resnet, sizes[i].rows, sizes[i].cols, sizes[i].size, "dream-keras.txt", backend), ==,
                     17);
  }
}

/* torchvision's InceptionV3 has other names, scale factors (gamma) of batch norm, and average pooling that counts the
 * padding. */
static void
test_torch_inception (gconstpointer backend)
{
  g_autoptr (RvNet) inception = formula_net_as ("inception_v3", "torchvision");
  g_assert_cmpstr (rv_net_publisher (inception), ==, "torchvision");
  g_assert_cmpint (check_net (inception, 97, 131, "@97", "inception-torch.txt", backend), ==, 11);
}

/* GoogLeNet has local response normalisation, ceil-mode pooling, and Caffe's names with slashes. */
static void
test_googlenet (gconstpointer backend)
{
  g_autoptr (RvNet) googlenet = formula_net ("googlenet");
  g_assert_cmpint (check_net (googlenet, 97, 131, "@97", "googlenet-torch.txt", backend), ==, 12);
}

static void
test_keras_layers (gconstpointer backend)
{
  check_layers ("vgg16", "Keras", KERAS_BIAS, "vgg-keras.txt", backend);
  check_layers ("vgg19", "Keras", KERAS_BIAS, "vgg-keras.txt", backend);
}

static void
test_torch_layers (gconstpointer backend)
{
  check_layers ("vgg16", "torchvision", TORCH_BIAS, "vgg-torch.txt", backend);
  check_layers ("vgg19", "torchvision", TORCH_BIAS, "vgg-torch.txt", backend);
}

/* ---- losses ------------------------------------------------------------------------------------------------------ */

/* Constants of losses-torch.py. The picture is small, and f32 rounding decides none of its ReLUs and poolings. */
#define LOSS_ROWS 49
#define LOSS_COLS 35
#define LOSS_PICTURE "picture2274"

/* (transfer full): the formula picture @name, [3, rows, cols], in torchvision's input space. */
static float *
in_mean_std (const char *name, int rows, int cols)
{
  static const double mean[] = { 0.485, 0.456, 0.406 }, std[] = { 0.229, 0.224, 0.225 };
  g_autoptr (RvImage) image = formula_picture (name, rows, cols);
  int plane = rows * cols;
  float *x = g_new (float, 3 * plane);
  for (int i = 0; i < 3 * plane; i++)
    x[i] = (float) ((((float *) image->rgb->data)[i] / 255 - mean[i / plane]) / std[i / plane]);
  return x;
}

static void
check_loss (const RvNet *net, const char *line)
{
  g_autoptr (GError) error = NULL;
  char role[16], name[16];
  double value = g_ascii_strtod (line, NULL);
  const char *gradient = strchr (line, ' ') + 1;
  g_assert_cmpint (sscanf (gradient, "%15[^/]/%15s", role, name), ==, 2);

  g_autoptr (GArray) terms = rv__terms_new ();
  const char *layers = strcmp (role, "style") == 0 ? "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1" : "conv4_2";
  g_assert_true (rv__terms_add (terms, rv__loss_find (role, name), 1, layers, "vgg19", NULL, NULL));
  RvObjectiveSpec spec = {
    .type = RV_F32, .net = net, .backend = rv__backend_find (NULL, NULL), .compile = { .n_threads = 2 }, .terms = terms
  };
  g_assert_true (rv__pixel_space_parse (rv_net_preprocessing (net), &spec.space));
  g_autoptr (RvObjective) objective = rv__objective_new (&spec, LOSS_ROWS, LOSS_COLS, &error);
  g_assert_no_error (error);
  g_autofree float *x = in_mean_std (LOSS_PICTURE, LOSS_ROWS, LOSS_COLS),
                   *p = in_mean_std ("content", LOSS_ROWS, LOSS_COLS);
  g_autofree float *a = in_mean_std ("style", STYLE_ROWS, STYLE_COLS);
  g_assert_true (rv__objective_measure_and_add_target (objective, a, STYLE_ROWS, STYLE_COLS, 1, NULL));
  g_assert_true (rv__objective_bind (objective, NULL));
  g_assert_true (rv__objective_set_features (objective, 0, p, NULL));
  memcpy (rv__objective_x (objective), x, 3 * LOSS_ROWS * LOSS_COLS * sizeof (float));

  RvLosses losses;
  g_assert_true (rv__objective_evaluate (objective, &losses, NULL));
  g_test_message ("%s/%s: loss off by %.2g", role, name, losses.total / value - 1);
  assert_less (fabs (losses.total / value - 1), RELATIVE);
  g_autofree double *grad = g_new (double, 3 * LOSS_ROWS * LOSS_COLS);
  for (int i = 0; i < 3 * LOSS_ROWS * LOSS_COLS; i++)
    grad[i] = ((const float *) rv__objective_gradient (objective))[i];
  formula_compare (gradient, grad, 3 * LOSS_ROWS * LOSS_COLS, RELATIVE, LARGEST);
}

static void
test_losses (void)
{
  g_autoptr (RvNet) net = formula_vgg ("vgg19", "torchvision", 1, TORCH_BIAS);
  g_auto (GStrv) lines = formula_golden ("losses-torch.txt");
  g_assert_cmpint (g_strv_length (lines), ==, 12);
  for (char **line = lines; *line; line++)
    check_loss (net, *line);
}

/* ---- ops of style networks --------------------------------------------------------------------------------------- */

/* Constants of ops-torch.py. */
#define CHAIN_ROWS 22
#define CHAIN_COLS 27
#define CHAIN_EPSILON 1e-5

/* Program, and its values with their names in ops-torch.txt, without "grad/". */
typedef struct {
  RvProgram *program;
  GPtrArray *names;
  GArray *values; /* int */
} Chain;

static int
note_value (Chain *chain, const char *layer, const char *kind, int value)
{
  g_ptr_array_add (chain->names, g_strconcat (layer, kind, NULL));
  g_array_append_val (chain->values, value);
  rv__program_output (chain->program, value);
  return value;
}

static int
find_value (const Chain *chain, const char *name)
{
  for (guint i = 0; i < chain->names->len; i++)
    if (strcmp (g_ptr_array_index (chain->names, i), name) == 0)
      return g_array_index (chain->values, int, i);
  g_error ("no value %s", name);
}

static int
chain_parameter (Chain *chain, const char *layer, const char *kind, RvShape shape)
{
  return note_value (chain, layer, kind, rv__program_parameter (chain->program, &shape));
}

static int
chain_layer (Chain *chain, const char *name, int x, gint64 out, gint64 side, int stride)
{
  int by = (int) side / 2;
  gint64 in = rv__program_shape (chain->program, x)->dim[1];
  int weight = chain_parameter (chain, name, ".weight", rv_shape (4, out, in, side, side));
  int bias = chain_parameter (chain, name, ".bias", rv_shape (1, out));
  int scale = chain_parameter (chain, name, ".scale", rv_shape (1, out));
  int shift = chain_parameter (chain, name, ".shift", rv_shape (1, out));
  x = rv__pad (chain->program, x, (RvPad){ by, by, by, by }, RV_PAD_REFLECT);
  x = rv__conv2d (chain->program, x, weight, bias, stride, (RvPad){ 0 });
  note_value (chain, name, ".conv", x);
  return note_value (chain, name, ".norm", rv__instance_norm (chain->program, x, scale, shift, CHAIN_EPSILON));
}

static void
set_numbers (RvExecutable *executable, int value, const char *name, double offset, double scale)
{
  gint64 n = rv_shape_count (rv__program_shape (executable->program, value));
  g_autofree float *numbers = g_new (float, n);
  for (gint64 i = 0; i < n; i++)
    numbers[i] = (float) (offset + scale * formula_number (name, (guint64) i));
  rv__executable_set (executable, value, numbers, NULL);
}

static int
record_chain (Chain *chain, int x)
{
  int y = rv__relu (chain->program, chain_layer (chain, "first", x, 16, 9, 1));
  y = rv__relu (chain->program, chain_layer (chain, "down", y, 32, 3, 2));
  const RvShape *small = rv__program_shape (chain->program, y);
  y = rv__resize (chain->program, y, 2 * small->dim[2], 2 * small->dim[3], RV_RESIZE_NEAREST);
  return chain_layer (chain, "up", y, 16, 3, 1);
}

static void
test_torch_ops (gconstpointer backend)
{
  RvShape picture = rv_shape (4, 2, 3, CHAIN_ROWS, CHAIN_COLS);
  Chain chain = { rv__program_new (RV_F32), g_ptr_array_new_with_free_func (g_free),
                  g_array_new (FALSE, FALSE, sizeof (int)) };
  int x = note_value (&chain, "x", "", rv__program_input (chain.program, &picture)), y = record_chain (&chain, x);
  int direction = rv__program_input (chain.program, rv__program_shape (chain.program, y)), n = (int) chain.values->len;
  const int *values = (const int *) (void *) chain.values->data;
  g_autofree int *grads = g_new (int, n);
  g_assert_true (rv__graph_differentiate_all (chain.program, &(RvGradSeed){ y, direction }, 1, values, n, grads));
  g_autoptr (RvExecutable) executable = test_executable (chain.program, backend);
  for (int i = 0; i < n; i++) {
    const char *name = g_ptr_array_index (chain.names, i);
    if (values[i] == x)
      set_numbers (executable, x, name, 0, 1);
    else if (rv__program_value (chain.program, values[i])->role == RV_VALUE_PARAMETER)
      set_numbers (executable, values[i], name, g_str_has_suffix (name, ".scale"), 0.3);
  }
  set_numbers (executable, direction, "direction", 0, 1);
  g_assert_true (rv__executable_forward (executable, NULL));
  g_assert_true (rv__executable_backward (executable, NULL));

  g_auto (GStrv) lines = formula_golden ("ops-torch.txt");
  g_assert_cmpint (g_strv_length (lines), ==, 16);
  for (char **line = lines; *line; line++) {
    g_autofree char *name = g_strndup (*line, strcspn (*line, " "));
    gboolean gradient = g_str_has_prefix (name, "grad/");
    int value = find_value (&chain, gradient ? name + 5 : name);
    for (int i = 0; gradient && i < n; i++)
      if (values[i] == value) {
        value = grads[i];
        break;
      }
    g_autofree double *numbers = test_get (executable, value);
    formula_compare (*line, numbers, rv_shape_count (rv__program_shape (chain.program, value)), RELATIVE, LARGEST);
  }
  g_ptr_array_unref (chain.names);
  g_array_unref (chain.values);
}

/* ---- runs -------------------------------------------------------------------------------------------------------- */

#define RUN_TOLERANCE 1e-3
#define MAX_ITERATIONS 100

/* Iterations of a run: with -m slow (`make check-all`) all, which takes minutes; otherwise up to the second golden. */
static int
n_iterations (void)
{
  return g_test_slow () ? MAX_ITERATIONS : 10;
}

/* RvIterationFunc: stores the loss of iteration i in element i of the array @user_data, [MAX_ITERATIONS + 1]. */
static gboolean
on_progress (const RvIteration *progress, gpointer user_data)
{
  ((double *) user_data)[progress->iteration] = progress->loss;
  return TRUE;
}

static void
run_preset (const char *preset, RvNet *net, int width, int height, const char *decay_steps, double *losses)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvSettings) settings = test_settings_of ("style", preset);
  g_assert_no_error (error);
  g_autofree char *iterations = g_strdup_printf ("%d", n_iterations ());
  rv_settings_set (settings, "iterations", iterations, &error);
  rv_settings_set (settings, "exact", "yes", &error);
  if (decay_steps)
    rv_settings_set (settings, "decay-steps", decay_steps, &error);
  g_assert_no_error (error);

  g_autoptr (RvImage) content = formula_picture ("content", 140, 171), style = formula_picture ("style", 100, 90);
  g_autoptr (RvImage) resized = rv_image_resize (content, width, height, rv__style_settings_resize (settings), &error);
  g_autoptr (RvImage) result = NULL;
  g_assert_no_error (error);
  g_autoptr (RvStyle) run = rv__style_new (settings, net, resized, &style, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (rv__style_run (run, on_progress, losses, &result, &error));
  g_assert_no_error (error);
}

static gboolean
skip_without_fast_kernels (void)
{
  if (strcmp (rv__backend_find (NULL, NULL)->name, "reference") != 0)
    return FALSE;
  g_test_skip ("a hundred iterations of VGG19 take minutes on plain C");
  return TRUE;
}

static void
test_keras_preset (gconstpointer data)
{
  if (skip_without_fast_kernels ())
    return;
  g_autoptr (RvNet) net = formula_vgg ("vgg19", "Keras", 1.1, KERAS_BIAS);
  g_auto (GStrv) lines = formula_golden ("style-keras.txt");
  double preset[MAX_ITERATIONS + 1], decay10[MAX_ITERATIONS + 1], first = 0, last = 0;
  run_preset ("keras", net, 156, 128, NULL, preset);
  if (g_test_slow ()) /* another decay of the learning rate, which differs in later iterations */
    run_preset ("keras", net, 156, 128, "10", decay10);

  for (char **line = lines; *line; line++) {
    char name[64];
    int iteration;
    double golden;
    g_assert_cmpint (sscanf (*line, "%63s %d %lf", name, &iteration, &golden), ==, 3);
    if (iteration > n_iterations ())
      continue;
    gboolean mistake = g_str_has_prefix (name, "mistake-");
    double *losses = strcmp (name, "decay10") == 0 || strcmp (name, "mistake-staircase") == 0 ? decay10 : preset;
    double off = fabs (losses[iteration] / golden - 1);
    g_test_message ("%s: off by %.2g", *line, off);
    if (mistake)
      assert_less (3 * RUN_TOLERANCE, off);
    else
      assert_less (off, RUN_TOLERANCE);
    if (strcmp (name, "preset") == 0) {
      first = first ? first : golden;
      last = golden;
    }
  }
  if (g_test_slow ())
    assert_less (last, 0.7 * first);
}

static void
test_d2l_preset (gconstpointer data)
{
  if (skip_without_fast_kernels ())
    return;
  g_autoptr (RvNet) net = formula_vgg ("vgg19", "torchvision", 1, TORCH_BIAS);
  g_auto (GStrv) lines = formula_golden ("style-d2l.txt");
  double losses[MAX_ITERATIONS + 1], first = 0, last = 0;
  run_preset ("d2l", net, 192, 128, NULL, losses);

  for (char **line = lines; *line; line++) {
    char name[64];
    int iteration;
    double f32, f64;
    g_assert_cmpint (sscanf (*line, "%63s %d %lf %lf", name, &iteration, &f32, &f64), ==, 4);
    if (iteration > n_iterations ())
      continue;
    /* Adam's first steps are signs, in which f32 and f64 differ. */
    double tolerance = MAX (RUN_TOLERANCE, 3 * fabs (f32 / f64 - 1)), off = fabs (losses[iteration] / f64 - 1);
    g_test_message ("%s: off by %.2g of %.2g", *line, off, tolerance);
    if (g_str_has_prefix (name, "mistake-"))
      assert_less (3 * tolerance, off);
    else
      assert_less (off, tolerance);
    first = first ? first : f64;
    last = strcmp (name, "preset") == 0 ? f64 : last;
  }
  if (g_test_slow ())
    assert_less (last, 0.7 * first);
}

/* Resizing equals Keras' nearest and Pillow's bilinear resampling, bit for bit. */
static void
test_resize (void)
{
  g_auto (GStrv) lines = formula_golden ("resize-pillow.txt");
  g_autoptr (RvImage) content = formula_picture ("content", 140, 171);
  for (char **line = lines; *line; line++) {
    char name[64], hash[32];
    int width, height;
    g_assert_cmpint (sscanf (*line, "%63s %d %d %31s", name, &width, &height, hash), ==, 4);
    gboolean nearest = strcmp (name, "nearest") == 0;
    g_autoptr (RvImage) resized =
      rv_image_resize (content, width, height, nearest ? RV_IMAGE_RESIZE_NEAREST : RV_IMAGE_RESIZE_TRIANGLE, NULL);
    g_autofree guint8 *bytes = g_malloc ((gsize) (width * height * 3));
    g_assert_true (rv_image_to_memory (resized, bytes, RV_PIXEL_U8, 3, (gsize) width * 3, NULL));
    g_autofree char *got =
      g_strdup_printf ("%016" G_GINT64_MODIFIER "x", formula_hash (bytes, (gsize) (width * height * 3)));
    g_test_message ("%s", *line);
    g_assert_cmpstr (got, ==, hash);
  }
}

/* The backend reference is slow and gives equal numbers on all machines; Vulkan in software is slower. Both run only in
 * `make check-all`. */
static void
add (const char *what, const RvBackendClass *backend, GTestDataFunc func)
{
  g_autofree char *path = g_strconcat ("/golden/", what, "/", backend->name, NULL);
  if (strcmp (backend->name, "reference") == 0 || strcmp (backend->name, "vulkan") == 0)
    test_add_slow (path, backend->name, test_or_skip (backend, func));
  else
    g_test_add_data_func (path, backend->name, func);
}

int
main (int argc, char **argv)
{
  int n_backends;
  const RvBackendClass *const *backends = rv__backend_list (&n_backends);
  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < n_backends; i++) {
    add ("keras-layers", backends[i], test_keras_layers);
    add ("torch-layers", backends[i], test_torch_layers);
    add ("dream-layers", backends[i], test_dream_layers);
    add ("torch-ops", backends[i], test_torch_ops);
    add ("torch-inception", backends[i], test_torch_inception);
    add ("googlenet", backends[i], test_googlenet);
  }
  g_test_add_func ("/golden/losses", test_losses);
  g_test_add_func ("/golden/resize", test_resize);
  g_test_add_data_func ("/golden/preset/keras", NULL, test_keras_preset);
  g_test_add_data_func ("/golden/preset/d2l", NULL, test_d2l_preset);
  test_add_slow ("/golden/preset/keras", NULL, test_keras_preset);
  test_add_slow ("/golden/preset/d2l", NULL, test_d2l_preset);
  return g_test_run ();
}
