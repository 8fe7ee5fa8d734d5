/* test-feed-forward.c -- style networks from ONNX files: compared with ONNX Runtime
 * (tests/golden/feed-forward-onnx.py); ranges of colours, sizes, memory, refused files. */
#include "io/weights/format.h"
#include "method/compute.h"
#include "method/style-net/feed-forward.h"
#include "support/formula.h"
#include "support/support.h"
#include <string.h>

static RvFeedForward *
load (const char *file, const char *preprocessing, GError **error)
{
  g_autoptr (GBytes) bytes = test_golden_bytes ("onnx-files", file);
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, file, error);
  return map ? rv__feed_forward_from_map (map, preprocessing, error) : NULL;
}

/* (transfer full) (nullable): the formula picture "content", painted on one thread. @allowed: bytes; 0: no limit. */
static RvImage *
paint (RvFeedForward *network, int height, int width, const char *backend, gsize allowed, GError **error)
{
  g_autoptr (RvImage) picture = formula_picture ("content", height, width);
  gboolean ok =
    rv__feed_forward_apply_to (network, picture, rv__compute_backend (backend, NULL, NULL), 1, allowed, picture, error);
  return ok ? g_steal_pointer (&picture) : NULL;
}

/* The pictures equal those of ONNX Runtime, at a size that is a multiple of 4 and at an odd one. */
static void
test_golden (void)
{
  static const char *const backends[] = { "cpu", "reference" };
  static const int sizes[][2] = { { 48, 64 }, { 45, 61 } };
  g_auto (GStrv) lines = formula_golden ("feed-forward-onnx.txt");
  g_assert_cmpuint (g_strv_length (lines), ==, G_N_ELEMENTS (sizes));
  for (guint b = 0; b < G_N_ELEMENTS (backends); b++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvFeedForward) network = load ("candy.onnx", NULL, &error);
    g_assert_no_error (error);
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
      gint64 n = 3 * sizes[i][0] * sizes[i][1];
      g_autoptr (RvImage) painted = paint (network, sizes[i][0], sizes[i][1], backends[b], 0, &error);
      g_assert_no_error (error);
      g_autofree double *values = g_new (double, n);
      for (gint64 k = 0; k < n; k++)
        values[k] = ((const float *) painted->rgb->data)[k] / 255;
      formula_compare (lines[i], values, n, 1e-4, 1e-4);
    }
  }
}

/* The network adds 10, 20 and 30 to its channels in the range and the order of the preprocessing, and replaces negative
 * numbers by 0. */
static void
test_preprocessing (void)
{
  static const struct {
    const char *text;
    double mean[3], std; /* of red, green, blue */
    gboolean bgr;
  } rows[] = { { "rgb_0_1 minus 0.4,0.5,0.6 divided by 0.02", { 102, 127.5, 153 }, 0.02 * 255 },
               { "rgb_0_255 minus 100,120,140 divided by 7", { 100, 120, 140 }, 7 },
               { "bgr_0_255 minus 140,120,100 divided by 1", { 100, 120, 140 }, 1, TRUE } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvFeedForward) network = load ("relu.onnx", rows[i].text, &error);
    g_assert_no_error (error);
    g_autoptr (RvImage) picture = formula_picture ("content", 20, 24),
                        painted = paint (network, 20, 24, "cpu", 0, &error);
    g_assert_no_error (error);
    for (int k = 0; k < 3 * 20 * 24; k++) {
      int c = k / (20 * 24), added = 10 * (rows[i].bgr ? 3 - c : 1 + c);
      double number = (((const float *) picture->rgb->data)[k] - rows[i].mean[c]) / rows[i].std + added,
             expected = MAX (number, 0) * rows[i].std + rows[i].mean[c];
      g_assert_cmpfloat_with_epsilon (((const float *) painted->rgb->data)[k], CLAMP (expected, 0, 255), 1e-2);
    }
  }
}

/* Small pictures of any size are painted. A picture that does not fit is refused before memory is allocated, and one
 * that fits is painted afterwards. */
static void
test_sizes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvFeedForward) network = load ("candy.onnx", NULL, &error);
  static const int sizes[][2] = { { 17, 20 }, { 33, 31 }, { 24, 19 } };
  RvPlan plan;
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (RvImage) painted = paint (network, sizes[i][0], sizes[i][1], "cpu", 0, &error);
    g_assert_no_error (error);
  }
  g_assert_null (paint (network, 4, 100, "cpu", 0, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_clear_error (&error);
  g_assert_null (paint (network, 64, 64, "cpu", 1, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
  g_assert_cmpstr (rv_error_option (error), ==, "memory");
  g_clear_error (&error);
  g_assert_true (
    rv__feed_forward_plan (network, 1000, 1000, rv__compute_backend ("cpu", NULL, NULL), 1, &plan, &error));
  g_assert_null (paint (network, 1000, 1000, "cpu", plan.peak_bytes - (16 << 20), &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
  if (!g_getenv ("REVERIE_TEST_SANITIZED")) /* AddressSanitizer keeps freed memory: no size fits */
    g_assert_nonnull (strstr (error->message, "lower 'size' to "));
  g_clear_error (&error);
  g_autoptr (RvImage) painted = paint (network, 64, 64, "cpu", 0, &error);
  g_assert_no_error (error);
}

static void
test_refused (void)
{
  static const struct {
    const char *file, *preprocessing, *message;
  } rows[] = {
    { "outputs.onnx", NULL, "its output must be one picture" },
    { "none.onnx", NULL, "its output must be one picture" },
    { "channels.onnx", NULL, "its output must be one picture" },
    { "small.onnx", NULL, "its output must be one picture" },
    { "inputs.onnx", NULL, "the network has several inputs" },
    { "candy.onnx", "grey", "the preprocessing is not understood: 'grey'" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (load (rows[i].file, rows[i].preprocessing, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, rows[i].message));
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (RvFeedForward) twice = load ("twice.onnx", NULL, &error);
  g_assert_no_error (error);
  g_assert_null (paint (twice, 20, 20, "cpu", 0, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "twice.onnx makes no picture of the same size from one of 20 x 20 px"));
}

/* A file with one wrong byte paints or is refused in one line. */
static void
test_wrong (void)
{
  static const guint8 changes[] = { 0x01, 0x55, 0x80 };
  g_autoptr (GBytes) whole = test_golden_bytes ("onnx-files", "relu.onnx");
  gsize size = g_bytes_get_size (whole);
  g_autofree guint8 *content = g_memdup2 (g_bytes_get_data (whole, NULL), size);
  for (gsize i = 0; i < size * G_N_ELEMENTS (changes); i++) {
    g_autoptr (GError) error = NULL;
    content[i % size] ^= changes[i / size];
    g_autoptr (GBytes) bytes = g_bytes_new (content, size);
    g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "wrong", &error);
    g_autoptr (RvFeedForward) network = map ? rv__feed_forward_from_map (map, NULL, &error) : NULL;
    g_autoptr (RvImage) painted = network ? paint (network, 9, 8, "reference", 0, &error) : NULL;
    g_assert_true (!painted == !!error && (!error || !strchr (error->message, '\n')));
    content[i % size] ^= changes[i / size];
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/feed-forward/golden", test_golden);
  g_test_add_func ("/feed-forward/preprocessing", test_preprocessing);
  g_test_add_func ("/feed-forward/sizes", test_sizes);
  g_test_add_func ("/feed-forward/refused", test_refused);
  g_test_add_func ("/feed-forward/wrong-bytes", test_wrong);
  return g_test_run ();
}
