/* test-arbitrary.c -- the network for any style: compared with MicroAST's own code (tests/golden/microast-torch.py);
 * blends, wrong tensors. First argument: the folder of weights, which may be missing. */
#include "method/style-net/arbitrary.h"
#include "support/formula.h"
#include <math.h>
#include <reverie/weights.h>
#include <string.h>

static const char *weights_folder;

/* (transfer full) (nullable): path of the file in weights_folder whose name begins with @beginning. */
static char *
find_file (const char *beginning)
{
  g_autoptr (GDir) folder = g_dir_open (weights_folder, 0, NULL);
  for (const char *name; folder && (name = g_dir_read_name (folder));)
    if (g_str_has_prefix (name, beginning))
      return g_build_filename (weights_folder, name, NULL);
  return NULL;
}

/* (transfer full) (nullable): @image, painted; @parts: weight of each added style. Errors: those of
 * rv__arbitrary_style_apply_to(). */
static RvImage *
apply (RvArbitraryStyle *any, const RvImage *image, const double *parts, int n_threads, GError **error)
{
  g_autoptr (RvImage) painted = rv_image_new (image->width, image->height, error);
  gboolean ok = painted && rv__arbitrary_style_apply_to (any, image, parts, n_threads, 0, painted, error);
  return ok ? g_steal_pointer (&painted) : NULL;
}

/* (transfer full) (nullable): the published files as one map, as `reverie network import` makes it. NULL: a file is
 * missing, and the test is skipped. */
static RvTensorMap *
published (void)
{
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  rv_tensor_map_set_text (map, "format", RV_ARBITRARY_STYLE_FORMAT);
  for (const char *const *part = rv_arbitrary_style_files (); *part; part++) {
    g_autofree char *file = find_file (*part);
    if (!file) {
      g_test_skip ("the weights of the network for any style are missing");
      return NULL;
    }
    g_autoptr (RvTensorMap) own = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, NULL);
    g_assert_nonnull (own);
    for (guint i = 0; i < rv_tensor_map_size (own); i++) {
      g_autofree char *name = g_strconcat (*part, ".", rv_tensor_map_name (own, i), NULL);
      rv_tensor_map_set (map, name, rv_tensor_map_get (own, rv_tensor_map_name (own, i)));
    }
  }
  return g_steal_pointer (&map);
}

/* (transfer full): the formula picture "content", painted in a blend of two paintings; @parts: their weights. */
static RvImage *
paint (const RvTensorMap *map, int height, int width, const double *parts)
{
  static const char *const paintings[] = { "style", "other style" };
  GError *error = NULL;
  g_autoptr (RvArbitraryStyle) any = rv_arbitrary_style_from_map (map, &error);
  g_assert_no_error (error);
  g_autoptr (RvImage) content = formula_picture ("content", height, width);
  for (guint i = 0; i < G_N_ELEMENTS (paintings); i++) {
    g_autoptr (RvImage) painting = formula_picture (paintings[i], 56, 72);
    g_assert_true (rv__arbitrary_style_add (any, painting, 1, &error));
  }
  RvImage *painted = apply (any, content, parts, 1, &error);
  g_assert_no_error (error);
  return painted;
}

static void
test_golden (void)
{
  g_autoptr (RvTensorMap) map = published ();
  g_auto (GStrv) lines = formula_golden ("microast-torch.txt");
  static const int sizes[][2] = { { 64, 80 }, { 61, 79 } };
  for (guint i = 0; map && i < G_N_ELEMENTS (sizes); i++) {
    gint64 n = 3 * sizes[i][0] * sizes[i][1];
    g_autoptr (RvImage) painted = paint (map, sizes[i][0], sizes[i][1], (const double[]){ 1, 0 });
    g_autofree double *values = g_new (double, n);
    for (gint64 k = 0; k < n; k++)
      values[k] = ((const float *) painted->rgb->data)[k] / 255;
    formula_compare (lines[i], values, n, 1e-4, 1e-4);
  }
}

static double
distance (const RvImage *a, const RvImage *b)
{
  double sum = 0;
  for (gint64 i = 0; i < rv_tensor_count (a->rgb); i++)
    sum += pow (((const float *) a->rgb->data)[i] - ((const float *) b->rgb->data)[i], 2);
  return sqrt (sum / (double) rv_tensor_count (a->rgb));
}

/* A picture in a blend of two styles differs less from the pictures in one style than these differ from each other. */
static void
test_blended (void)
{
  g_autoptr (RvTensorMap) map = published ();
  if (!map)
    return;
  g_autoptr (RvImage) one = paint (map, 40, 48, (const double[]){ 2, 0 });
  g_autoptr (RvImage) other = paint (map, 40, 48, (const double[]){ 0, 1 });
  g_autoptr (RvImage) both = paint (map, 40, 48, (const double[]){ 1, 1 });
  g_assert_cmpfloat (distance (one, other), >, 5);
  g_assert_cmpfloat (distance (one, both), <, distance (one, other));
  g_assert_cmpfloat (distance (other, both), <, distance (one, other));
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static void
add (RvTensorMap *map, const char *part, const char *layer, int out, int in, int kernel)
{
  RvShape shape = rv_shape (4, out, in, kernel, kernel), bias_shape = rv_shape (1, out);
  g_autofree char *weight = g_strdup_printf ("%s.%s.conv_layer.weight", part, layer),
                  *bias = g_strdup_printf ("%s.%s.conv_layer.bias", part, layer);
  g_autoptr (RvTensor) w = rv_tensor_new (RV_F32, &shape, NULL), b = rv_tensor_new (RV_F32, &bias_shape, NULL);
  for (gint64 i = 0; i < rv_tensor_count (w); i++)
    ((float *) w->data)[i] = (float) (sqrt (3.0 / (in * kernel * kernel)) * formula_number (weight, (guint64) i));
  memset (b->data, 0, rv_tensor_bytes (b));
  rv_tensor_map_set (map, weight, w);
  rv_tensor_map_set (map, bias, b);
}

/* (transfer full): weights with the names and shapes of the published files; numbers by formula_number(), biases 0. */
static RvTensorMap *
made_up (void)
{
  static const char *const halves[] = { "conv1", "conv2" };
  RvTensorMap *map = rv_tensor_map_new ();
  rv_tensor_map_set_text (map, "format", RV_ARBITRARY_STYLE_FORMAT);
  for (int painting = 0; painting < 2; painting++) {
    const char *part = painting ? "style_encoder" : "content_encoder";
    add (map, part, "enc1.0", 16, 3, 9);
    add (map, part, "enc1.2", 32, 1, 3);
    add (map, part, "enc1.4", 32, 32, 1);
    add (map, part, "enc1.6", 64, 1, 3);
    add (map, part, "enc1.8", 64, 64, 1);
    for (int half = 0; half < 2; half++) {
      g_autofree char *first = g_strconcat ("enc1.10.", halves[half], NULL),
                      *second = g_strconcat ("enc2.0.", halves[half], NULL),
                      *block = g_strdup_printf ("dec%d.%s", painting + 1, halves[half]);
      add (map, part, first, 64, 64, 3);
      add (map, part, second, 64, 64, 3);
      add (map, "decoder", block, 64, 64, 3);
    }
  }
  add (map, "decoder", "dec3.1", 32, 2, 3);
  add (map, "decoder", "dec3.3", 32, 32, 1);
  add (map, "decoder", "dec3.6", 16, 2, 3);
  add (map, "decoder", "dec3.8", 16, 16, 1);
  add (map, "decoder", "dec3.10", 3, 16, 9);
  static const char *const filters[] = { "weight1.0", "bias1.0", "weight2.0", "bias2.0" };
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    add (map, "modulator", filters[i], 64, 1, 3);
  return map;
}

/* Pictures of small sizes can be painted, one after the other. One and two threads, and weights 1 and 3, give the same
 * picture. */
static void
test_sizes (void)
{
  static const int sizes[][2] = { { 8, 8 }, { 9, 31 }, { 30, 10 } };
  g_autoptr (RvTensorMap) map = made_up ();
  g_autoptr (RvArbitraryStyle) any = rv_arbitrary_style_from_map (map, NULL);
  g_autoptr (RvImage) painting = formula_picture ("style", 11, 13);
  g_assert_true (rv__arbitrary_style_add (any, painting, 2, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (RvImage) content = formula_picture ("content", sizes[i][0], sizes[i][1]);
    g_autoptr (RvImage) one = apply (any, content, (const double[]){ 1 }, 1, NULL);
    g_autoptr (RvImage) two = apply (any, content, (const double[]){ 3 }, 2, NULL);
    g_assert_true (one && two && one->width == sizes[i][1] && one->height == sizes[i][0]);
    g_assert_cmpfloat (distance (one, two), <, 0.01);
    g_assert_cmpfloat (distance (one, content), >, 1);
  }
}

static void
test_refused (void)
{
  g_autoptr (RvTensorMap) other = rv_tensor_map_new ();
  g_autoptr (GError) no_format = NULL, too_small = NULL, no_parts = NULL;
  g_assert_null (rv_arbitrary_style_from_map (other, &no_format));
  g_assert_error (no_format, RV_ERROR, RV_ERROR_FORMAT);
  for (int wrong = 0; wrong < 3; wrong++) { /* 0: a missing tensor; 1: another shape; 2: NaN */
    g_autoptr (RvTensorMap) whole = made_up (), map = rv_tensor_map_new ();
    g_autoptr (GError) error = NULL;
    RvShape shape = rv_shape (1, 5);
    g_autoptr (RvTensor) short_one = rv_tensor_new (RV_F32, &shape, NULL);
    for (guint i = 0; i < rv_tensor_map_size (whole); i++) {
      const char *name = rv_tensor_map_name (whole, i);
      gboolean is_it = strcmp (name, "modulator.bias2.0.conv_layer.bias") == 0;
      if (is_it && wrong == 2)
        ((float *) rv_tensor_map_get (whole, name)->data)[3] = NAN;
      if (!is_it || wrong != 0)
        rv_tensor_map_set (map, name, is_it && wrong == 1 ? short_one : rv_tensor_map_get (whole, name));
    }
    rv_tensor_map_set_text (map, "format", RV_ARBITRARY_STYLE_FORMAT);
    g_assert_null (rv_arbitrary_style_from_map (map, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, "modulator.bias2.0"));
  }
  g_autoptr (RvTensorMap) whole = made_up ();
  g_autoptr (RvArbitraryStyle) any = rv_arbitrary_style_from_map (whole, NULL);
  g_autoptr (RvImage) small = formula_picture ("style", 7, 40), image = formula_picture ("content", 16, 16);
  g_assert_false (rv__arbitrary_style_add (any, small, 1, &too_small));
  g_assert_error (too_small, RV_ERROR, RV_ERROR_SHAPE);
  g_assert_true (rv__arbitrary_style_add (any, image, 1, NULL));
  g_assert_null (apply (any, image, (const double[]){ 0 }, 1, &no_parts));
  g_assert_error (no_parts, RV_ERROR, RV_ERROR_SETTING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  weights_folder = argc > 1 ? argv[1] : ".";
  g_test_add_func ("/any/golden", test_golden);
  g_test_add_func ("/any/blended", test_blended);
  g_test_add_func ("/any/sizes", test_sizes);
  g_test_add_func ("/any/refused", test_refused);
  return g_test_run ();
}
