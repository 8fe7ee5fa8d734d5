/* test-caffe.c -- Caffe models encoded by Protocol Buffers (tests/golden/caffe-files.py), every truncation and every
 * wrong byte. */
#include "base/alloc.h"
#include "io/weights/format.h"
#include "support/formula.h"
#include "support/support.h"
#include <string.h>

static GBytes *
sample (const char *file)
{
  return test_golden_bytes ("caffe-files", file);
}

static const struct {
  const char *name;
  RvShape shape;
} tensors[] = {
  { "conv1_1.weight", { 4, { 4, 3, 3, 3 } } },
  { "conv1_1.bias", { 1, { 4 } } },
  { "fire2.squeeze1x1.weight", { 4, { 2, 4, 1, 1 } } },
  { "fire2.squeeze1x1.bias", { 1, { 2 } } },
  { "fc6.weight", { 2, { 2, 3 } } },
  { "fc6.bias", { 1, { 2 } } },
};

static void
check_tensors (const RvTensorMap *map, guint n)
{
  g_assert_cmpuint (n, <=, G_N_ELEMENTS (tensors));
  for (guint t = 0; t < n; t++)
    formula_check_tensor (map, tensors[t].name, &tensors[t].shape);
}

static void
test_layers (gconstpointer file)
{
  g_autoptr (GBytes) bytes = sample (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rv_tensor_map_size (map), ==, G_N_ELEMENTS (tensors));
  check_tensors (map, G_N_ELEMENTS (tensors));
  g_assert_cmpstr (rv_tensor_map_get_text (map, "preprocessing"), ==, "bgr_mean_imagenet_0_255");

  g_autoptr (RvTensorMap) convolutions = rv__weights_parse (bytes, RV_WEIGHTS_CONVOLUTIONS, file, &error);
  g_assert_cmpuint (rv_tensor_map_size (convolutions), ==, G_N_ELEMENTS (tensors) - 2);
  g_assert_cmpstr (rv_tensor_map_get_text (convolutions, "preprocessing"), ==, "bgr_mean_imagenet_0_255");
}

static void
check_shorter (const RvTensorMap *map)
{
  check_tensors (map, rv_tensor_map_size (map));
}

/* A file that is cut between two layers or inputs is a valid message with fewer of them, and can be read. The network
 * reports missing layers later. */
static void
test_truncations (gconstpointer file)
{
  g_autoptr (GBytes) whole = sample (file);
  g_assert_cmpint (test_truncated_weights (whole, check_shorter), <=, 9);
}

static void
test_bytes (gconstpointer file)
{
  g_autoptr (GBytes) whole = sample (file);
  test_wrong_bytes (whole);
}

/* A layer "a" with one empty blob, of shape [0] or [2, 0], can be read. */
static void
test_no_numbers (void)
{
  static const guint8 files[][19] = {
    { 0x0a, 3, 'n', 'e', 't', 0xa2, 6, 9, 0x0a, 1, 'a', 0x3a, 4, 0x3a, 2, 8, 0 },
    { 0x0a, 3, 'n', 'e', 't', 0xa2, 6, 11, 0x0a, 1, 'a', 0x3a, 6, 0x3a, 4, 8, 2, 8, 0 },
  };
  static const gsize sizes[] = { 17, 19 };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GBytes) bytes = g_bytes_new (files[i], sizes[i]);
    g_autoptr (GError) error = NULL;
    g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "sample", &error);
    g_assert_no_error (error);
    const RvTensor *tensor = rv_tensor_map_get (map, "a.weight");
    g_assert_cmpint (tensor->shape.n, ==, (int) i + 1);
    g_assert_cmpint (rv_tensor_count (tensor), ==, 0);
    g_assert_nonnull (tensor->data);
    g_autoptr (RvTensor) copy = rv_tensor_to_f32 (tensor, &error);
    g_assert_no_error (error);
  }
}

/* The numbers of a blob in several fields are joined in one buffer. */
static void
test_no_memory (void)
{
  g_autoptr (GBytes) bytes = sample ("unpacked.caffemodel");
  g_autoptr (GError) error = NULL;
  rv__alloc_fail_at (1);
  g_assert_null (rv__weights_parse (bytes, RV_WEIGHTS_ALL, "sample", &error));
  rv__alloc_fail_at (0);
  g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "a layer's weights"));
}

int
main (int argc, char **argv)
{
  static const char *const files[] = { "v1.caffemodel", "v2.caffemodel", "unpacked.caffemodel" };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *layers = g_strconcat ("/caffe/layers/", files[i], NULL);
    g_autofree char *cut = g_strconcat ("/caffe/truncations/", files[i], NULL);
    g_autofree char *wrong = g_strconcat ("/caffe/wrong-bytes/", files[i], NULL);
    g_test_add_data_func (layers, files[i], test_layers);
    g_test_add_data_func (cut, files[i], test_truncations);
    g_test_add_data_func (wrong, files[i], test_bytes);
  }
  g_test_add_func ("/caffe/no-numbers", test_no_numbers);
  g_test_add_func ("/caffe/no-memory", test_no_memory);
  return g_test_run ();
}
