/* test-pytorch.c -- state dicts written by PyTorch (tests/golden/pytorch-files.py), every truncation and every wrong
 * byte, and hostile pickles. */
#include "io/weights/format.h"
#include "io/weights/pickle.h"
#include "support/formula.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

static GBytes *
sample (const char *file)
{
  return test_golden_bytes ("pytorch-files", file);
}

/* ---- accepted files ---------------------------------------------------------------------------------------------- */

static const struct {
  const char *name;
  RvShape shape;
} common[] = {
  { "features.0.weight", { 4, { 4, 3, 3, 3 } } },
  { "features.0.bias", { 1, { 4 } } },
  { "bn.weight", { 1, { 4 } } },
  { "bn.running_mean", { 1, { 4 } } },
  { "classifier.1.weight", { 2, { 2, 3 } } },
  { "classifier.1.bias", { 1, { 2 } } },
  { "scalar", { 0 } },
};

static void
check_common (const RvTensorMap *map)
{
  for (guint t = 0; t < G_N_ELEMENTS (common); t++)
    formula_check_tensor (map, common[t].name, &common[t].shape);
}

static void
test_dict (gconstpointer file)
{
  g_autoptr (GBytes) bytes = sample (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rv_tensor_map_size (map), ==, G_N_ELEMENTS (common));
  check_common (map);
}

/* Reads f16, bf16 and f64, and tensors that are views or transposed. */
static void
test_all_types (gconstpointer file)
{
  g_autoptr (GBytes) bytes = sample (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rv_tensor_map_size (map), ==, G_N_ELEMENTS (common) + 5);
  check_common (map);

  static const struct {
    const char *name;
    RvType type;
    double exact; /* relative tolerance in f32 */
  } others[] = { { "half", RV_F16, 0x1p-11 }, { "bfloat", RV_BF16, 0x1p-8 }, { "double", RV_F64, 0x1p-24 } };
  for (guint t = 0; t < G_N_ELEMENTS (others); t++) {
    const RvTensor *tensor = rv_tensor_map_get (map, others[t].name);
    g_assert_true (tensor && tensor->type == others[t].type);
    g_autoptr (RvTensor) f32 = rv_tensor_to_f32 (tensor, NULL);
    for (gint64 i = 0; i < rv_tensor_count (tensor); i++) {
      double number = formula_number (others[t].name, (guint64) i);
      g_assert_cmpfloat_with_epsilon (((float *) f32->data)[i], number, fabs (number) * others[t].exact);
    }
  }
  const RvTensor *part = rv_tensor_map_get (map, "part"), *turned = rv_tensor_map_get (map, "turned");
  RvShape part_shape = rv_shape (1, 4), turned_shape = rv_shape (4, 4, 3, 2, 2);
  g_assert_true (rv_shape_equal (&part->shape, &part_shape) && rv_shape_equal (&turned->shape, &turned_shape));
  for (guint64 i = 0; i < 4; i++)
    g_assert_cmpfloat (((float *) part->data)[i], ==, (float) formula_number ("whole", 3 + i));
  for (guint64 a = 0; a < 4; a++)
    for (guint64 b = 0; b < 3; b++)
      for (guint64 c = 0; c < 2; c++)
        for (guint64 d = 0; d < 2; d++) /* stored as [c, b, d, a] */
          g_assert_cmpfloat (((float *) turned->data)[((a * 3 + b) * 2 + c) * 2 + d], ==,
                             (float) formula_number ("turned", ((c * 3 + b) * 2 + d) * 4 + a));
}

static void
test_convolutions (void)
{
  g_autoptr (GBytes) bytes = sample ("parameters.pth");
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_CONVOLUTIONS, "sample", NULL);
  g_assert_nonnull (rv_tensor_map_get (map, "features.0.weight"));
  g_assert_nonnull (rv_tensor_map_get (map, "features.0.bias"));
  g_assert_nonnull (rv_tensor_map_get (map, "bn.weight"));
  g_assert_null (rv_tensor_map_get (map, "classifier.1.weight"));
  g_assert_null (rv_tensor_map_get (map, "classifier.1.bias"));
}

/* Aligned tensors in a zip file are not copied. */
static void
test_mapped (void)
{
  g_autoptr (GBytes) bytes = sample ("zip.pth");
  g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "sample", NULL);
  g_assert_nonnull (rv_tensor_map_get (map, "features.0.weight")->bytes);
  g_assert_null (rv_tensor_map_get (map, "turned")->bytes);
}

/* ---- refused files ----------------------------------------------------------------------------------------------- */

static void
test_hostile (void)
{
  static const char *const files[][2] = {
    { "hostile-system.pth", "contains 'posix.system', which tensors do not need" },
    { "hostile-legacy.pth", "contains 'posix.system', which tensors do not need" },
    { "hostile-eval.pth", "contains 'builtins.eval'" },
    { "hostile-model.pth", "contains 'torch.nn.modules.linear.Linear'" },
    { "hostile-expanded.pth", "its tensors need more bytes than the file has" },
    { "hostile-negated.pth", "the view 'a' negates its storage, which is not supported" },
    { "hostile-complex64.pth", "its tensors cannot be read: 'a' is complex64, which is not read here" },
    { "hostile-complex32.pth", "'a' is complex32, which is not read here" },
    { "hostile-int64.pth", "'a' is int64, which is not read here" },
    { "hostile-bool.pth", "'a' is bool, which is not read here" },
    { "hostile-uint16.pth", "'a' is uint16, which is not read here" },
    { "hostile-names.pth", "its names need more bytes than the file has" },
    { "hostile-outside.pth", "'a' lies outside its storage" },
    { "hostile-script.pth", "it is a TorchScript program; save its state_dict() instead" },
    { "hostile-packed.pth", "its members are compressed or encrypted" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GBytes) bytes = sample (files[i][0]);
    g_autoptr (GError) error = NULL;
    g_assert_null (rv__weights_parse (bytes, RV_WEIGHTS_ALL, "sample", &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_nonnull (strstr (error->message, files[i][1]));
    g_assert_null (strchr (error->message, '\n'));
  }
}

/* An archive without members is refused, although the name of a state dict's member precedes it. */
static void
test_empty_zip (void)
{
  static const char content[35] = "PK\3\4/data.pklPK\5\6";
  g_autoptr (GBytes) bytes = g_bytes_new_static (content, sizeof content);
  g_autoptr (GError) error = NULL;
  g_assert_null (rv__weights_parse (bytes, RV_WEIGHTS_ALL, "sample", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "it has no data.pkl"));
}

/* Invalid pickles are refused, such as opcodes with too few values on the stack. */
static void
test_pickles (void)
{
  static const char *const allowed[] = { "collections.OrderedDict", NULL };
  static const char *const wrong[] = {
    "",
    ".",
    "0",
    "K",
    "J\1\2",
    "X\5\0\0\0ab",
    "U\3ab",
    "X\1\0\0\0\xff.",
    "t.",
    "u.",
    "s.",
    "e.",
    "a.",
    "(s.",
    "R.",
    "b.",
    "Q.",
    "q\1.",
    "h\1.",
    "]K\1K\2s.",
    "}(K\1u.",
    "K\1K\2R.",
    "K\1K\2b.",
    "K\1(a.",
    "(K\1.",
    "K\1\x86.",
    "ccollections\nOrderedDict\n(]K\1at R.",
    "ccollections\nOrderedDict\n",
    "cnoline",
    "cos\nsystem\n.",
    "(.",
    "\x95",
    "ccollections\nOrderedDict\n]K\1aR.",
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GPtrArray) pool = rv__pickle_pool_new ();
    g_autoptr (GError) error = NULL;
    gsize used;
    const RvPickle *value =
      rv__pickle_read ((const guint8 *) wrong[i], strlen (wrong[i]), &used, allowed, pool, "sample", &error);
    if (value)
      g_test_message ("accepted: %s", wrong[i]);
    g_assert_null (value);
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  }
  /* A dict that contains itself is harmless. */
  g_autoptr (GPtrArray) pool = rv__pickle_pool_new ();
  gsize used;
  const RvPickle *cycle =
    rv__pickle_read ((const guint8 *) "}q\1X\1\0\0\0ah\1s.", 15, &used, allowed, pool, "sample", NULL);
  g_assert_true (cycle && rv__pickle_member (cycle, "a") == cycle);
}

static void
test_truncations (gconstpointer file)
{
  g_autoptr (GBytes) whole = sample (file);
  g_assert_cmpint (test_truncated_weights (whole, NULL), ==, 0);
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
  g_test_add_data_func ("/pytorch/parameters", "parameters.pth", test_dict);
  g_test_add_data_func ("/pytorch/checkpoint", "checkpoint.pth", test_dict);
  g_test_add_data_func ("/pytorch/zip", "zip.pth", test_all_types);
  g_test_add_data_func ("/pytorch/zip64", "zip64.pth", test_all_types);
  g_test_add_data_func ("/pytorch/protocol5", "protocol5.pth", test_all_types);
  g_test_add_data_func ("/pytorch/legacy", "legacy.pth", test_all_types);
  g_test_add_func ("/pytorch/convolutions", test_convolutions);
  g_test_add_func ("/pytorch/mapped", test_mapped);
  g_test_add_func ("/pytorch/hostile", test_hostile);
  g_test_add_func ("/pytorch/empty-zip", test_empty_zip);
  g_test_add_func ("/pytorch/pickles", test_pickles);
  g_test_add_data_func ("/pytorch/truncations/zip", "zip.pth", test_truncations);
  g_test_add_data_func ("/pytorch/truncations/zip64", "zip64.pth", test_truncations);
  g_test_add_data_func ("/pytorch/truncations/legacy", "legacy.pth", test_truncations);
  g_test_add_data_func ("/pytorch/wrong-bytes/zip", "zip.pth", test_bytes);
  g_test_add_data_func ("/pytorch/wrong-bytes/zip64", "zip64.pth", test_bytes);
  g_test_add_data_func ("/pytorch/wrong-bytes/legacy", "legacy.pth", test_bytes);
  return g_test_run ();
}
