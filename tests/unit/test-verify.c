/* test-verify.c -- checks of weights: fingerprints, numbers that are not finite, pre-processing. */
#include "net/net.h"
#include "support/support.h"
#include <math.h>
#include <reverie/verify.h>
#include <string.h>

/* (transfer full): the built-in network in f32 with its first convolution scaled by @factor. @swap: red and blue
 * exchanged. */
static RvTensorMap *
changed_builtin (float factor, gboolean swap)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  RvTensorMap *map = rv_tensor_map_new ();
  for (guint i = 0; i < rv_tensor_map_size (net->weights); i++) {
    const char *name = rv_tensor_map_name (net->weights, i);
    RvTensor *tensor = rv_tensor_map_get (net->weights, name);
    if (strcmp (name, "conv1_1.weight") != 0) {
      rv_tensor_map_set (map, name, tensor);
      continue;
    }
    const RvTensor *scale = rv_tensor_map_get (net->weights, "conv1_1.weight_scale");
    g_autoptr (RvTensor) f32 = rv_tensor_to_f32 (tensor, NULL);
    float *w = f32->data;
    gint64 each = rv_tensor_count (f32) / f32->shape.dim[0], plane = each / 3;
    for (gint64 k = 0; k < rv_tensor_count (f32); k++)
      w[k] *= factor * (tensor->type == RV_I8 ? ((float *) scale->data)[k / each] : 1);
    for (gint64 k = 0; swap && k < rv_tensor_count (f32); k++)
      if (k % each < plane) {
        float red = w[k];
        w[k] = w[k + 2 * plane];
        w[k + 2 * plane] = red;
      }
    rv_tensor_map_set (map, name, f32);
  }
  return map;
}

static void
test_inputs (void)
{
  static const struct {
    float factor;
    gboolean swap;
    const char *input;
  } cases[] = {
    { 1, FALSE, "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225" },
    { 1 / 58.f, FALSE, "rgb_0_255 minus 123.68,116.779,103.939 divided by 1" },
    { 1 / 58.f, TRUE, "bgr_0_255 minus 103.939,116.779,123.68 divided by 1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RvTensorMap) map = changed_builtin (cases[i].factor, cases[i].swap);
    rv_tensor_map_set_text (map, "preprocessing", "rgb_0_255 minus 123.68,116.779,103.939 divided by 1");
    g_autoptr (RvNet) net = rv_net_new ("builtin", map, NULL);
    g_autoptr (GArray) trials = rv_net_try_preprocessings (net, 1, NULL, NULL);
    int n_likeliest = 0;
    for (guint k = 0; k < trials->len; k++) {
      const RvPreprocessingTrial *trial = &g_array_index (trials, RvPreprocessingTrial, k);
      n_likeliest += trial->is_likeliest;
      if (trial->is_likeliest)
        g_assert_cmpstr (trial->input, ==, cases[i].input);
      g_assert_cmpint (trial->is_used, ==, strcmp (trial->input, rv_net_preprocessing (net)) == 0);
    }
    g_assert_cmpint (n_likeliest, ==, 1);
  }
}

static void
test_fingerprint (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_assert_cmpint (rv_net_fingerprint (net, 1, NULL, NULL), ==, RV_FINGERPRINT_MATCHES);
  g_autoptr (RvTensorMap) map = changed_builtin (1, FALSE);
  g_autoptr (RvTensorMap) swapped =
    changed_builtin (1, TRUE); /* red and blue exchanged, a mistake that is hard to detect */
  g_autoptr (RvNet) same = rv_net_new ("builtin", map, NULL);
  g_assert_cmpint (rv_net_fingerprint (same, 0, NULL, NULL), ==, RV_FINGERPRINT_MATCHES);
  g_autoptr (RvNet) other = rv_net_new ("builtin", swapped, NULL);
  g_assert_cmpint (rv_net_fingerprint (other, 0, NULL, NULL), ==, RV_FINGERPRINT_DIFFERS);
}

/* A cancelled check is RV_ERROR_CANCELLED and gives no result for the weights. */
static void
test_cancelled (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (rv_net_fingerprint (net, 1, cancellable, &error), ==, RV_FINGERPRINT_UNKNOWN);
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (rv_net_try_preprocessings (net, 1, cancellable, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
}

/* rv_net_identify() returns the network to which weights belong, and NULL for an empty map. */
static void
test_identify (void)
{
  g_autoptr (GBytes) file = rv_net_builtin_file ();
  g_autoptr (RvTensorMap) map = changed_builtin (1, FALSE), none = rv_tensor_map_new ();
  g_assert_cmpstr (rv_net_identify (map), ==, "builtin");
  g_assert_null (rv_net_identify (none));
  g_assert_cmpuint (g_bytes_get_size (file), >, 100000);
}

static void
test_numbers (void)
{
  static const float wrong[] = { NAN, INFINITY, -INFINITY };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
    g_autoptr (GError) error = NULL;
    RvShape shape = rv_shape (1, 5);
    g_autoptr (RvTensor) tensor = rv_tensor_new (RV_F32, &shape, NULL);
    rv_tensor_map_set (map, "conv.bias", tensor);
    g_assert_true (rv_weights_check (map, &error));
    ((float *) tensor->data)[4] = wrong[i];
    g_assert_false (rv_weights_check (map, &error));
    g_assert_nonnull (strstr (error->message, "'conv.bias'"));
  }
}

/* Weights that are not finite, or only zeros, are refused by rv_net_new(). */
static void
test_judged (void)
{
  static const struct {
    float factor;
    const char *error;
  } cases[] = {
    { NAN, "'conv1_1.weight' holds a number that is not finite: pictures would be grey" },
    { INFINITY, "'conv1_1.weight' holds a number that is not finite: pictures would be grey" },
    { 0, "'conv1_1.weight' holds only zeros: pictures would be grey" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (RvTensorMap) map = changed_builtin (cases[i].factor, FALSE);
    g_autoptr (GError) error = NULL;
    g_assert_null (rv_net_new ("builtin", map, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_cmpstr (error->message, ==, cases[i].error);
  }
}

/* The error names the first missing parameter. */
static void
test_check (void)
{
  g_autoptr (RvTensorMap) map = changed_builtin (1, FALSE);
  g_autoptr (RvTensorMap) less = rv_tensor_map_new ();
  g_autoptr (RvNet) whole = rv_net_new ("builtin", map, NULL);
  g_autoptr (GError) error = NULL;
  g_assert_true (rv_net_check (whole, &error));
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const char *name = rv_tensor_map_name (map, i);
    if (strcmp (name, "conv4_2.bias") != 0)
      rv_tensor_map_set (less, name, rv_tensor_map_get (map, name));
  }
  g_autoptr (RvNet) part = rv_net_new ("builtin", less, NULL);
  g_assert_false (rv_net_check (part, &error));
  g_assert_nonnull (strstr (error->message, "'conv4_2.bias'"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/verify/inputs", test_inputs);
  g_test_add_func ("/verify/fingerprint", test_fingerprint);
  g_test_add_func ("/verify/cancelled", test_cancelled);
  g_test_add_func ("/verify/identify", test_identify);
  g_test_add_func ("/verify/numbers", test_numbers);
  g_test_add_func ("/verify/judged", test_judged);
  g_test_add_func ("/verify/check", test_check);
  return g_test_run ();
}
