/* test-weights.c -- weights files: round trip, every truncation of a file, hostile headers, files that change. */
#include "io/weights/format.h"
#include "support/support.h"
#include "tensor/tensor-file.h"
#include "tensor/tensor-map.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

static GBytes *
file_bytes (const char *header, gsize data_bytes)
{
  GByteArray *bytes = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE (strlen (header));
  g_byte_array_append (bytes, (guint8 *) &length, 8);
  g_byte_array_append (bytes, (const guint8 *) header, (guint) strlen (header));
  g_byte_array_set_size (bytes, bytes->len + (guint) data_bytes);
  return g_byte_array_free_to_bytes (bytes);
}

static RvTensorMap *
sample (void)
{
  RvTensorMap *map = rv_tensor_map_new ();
  RvShape shapes[] = { rv_shape (4, 2, 3, 1, 2), rv_shape (1, 5), rv_shape (0) };
  static const char *const names[] = { "conv.weight", "conv.bias", "scalar" };
  for (int i = 0; i < 3; i++) {
    g_autoptr (RvTensor) tensor = test_constant (i == 1 ? RV_F64 : RV_F32, &shapes[i], (guint32) i, 1);
    rv_tensor_map_set (map, names[i], tensor);
  }
  rv_tensor_map_set_text (map, "license", "MIT \"quoted\" \xc3\xa9");
  return map;
}

static void
check_same (const RvTensorMap *map, const RvTensorMap *back)
{
  g_assert_cmpuint (rv_tensor_map_size (back), ==, rv_tensor_map_size (map));
  for (guint i = 0; i < rv_tensor_map_size (map); i++) {
    const RvTensor *a = rv_tensor_map_get (map, rv_tensor_map_name (map, i));
    const RvTensor *b = rv_tensor_map_get (back, rv_tensor_map_name (map, i));
    g_assert_true (b && a->type == b->type && rv_shape_equal (&a->shape, &b->shape));
    g_assert_cmpmem (a->data, rv_tensor_bytes (a), b->data, rv_tensor_bytes (b));
  }
}

static void
test_round_trip (void)
{
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL),
                  *path = g_build_filename (folder, "a.safetensors", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = sample ();
  g_assert_true (rv_weights_save (map, path, TRUE, &error));
  g_autoptr (RvTensorMap) back = rv_weights_load (path, RV_WEIGHTS_ALL, NULL, &error);
  g_assert_no_error (error);
  check_same (map, back);
  g_assert_cmpstr (rv_tensor_map_get_text (back, "license"), ==, rv_tensor_map_get_text (map, "license"));
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_truncations (void)
{
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL),
                  *path = g_build_filename (folder, "a.safetensors", NULL);
  g_autofree char *content = NULL;
  gsize size;
  g_autoptr (RvTensorMap) map = sample ();
  rv_weights_save (map, path, TRUE, NULL);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  for (gsize cut = 0; cut < size; cut++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = g_bytes_new (content, cut);
    g_assert_null (rv__weights_parse (bytes, RV_WEIGHTS_ALL, "sample", &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_null (strchr (error->message, '\n'));
  }
  for (gsize i = 0; i < size; i++) { /* one wrong byte: an error or other content, but no crash */
    char kept = content[i];
    content[i] ^= 0x55;
    g_autoptr (GBytes) bytes = g_bytes_new (content, size);
    g_autoptr (RvTensorMap) any = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "sample", NULL);
    content[i] = kept;
  }
  g_unlink (path);
  g_rmdir (folder);
}

/* An empty tensor overlaps no other tensor, in any order of the header. */
static void
test_empty_tensor (void)
{
  static const char *const headers[] = {
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
    "\"b\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
    "{\"b\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},"
    "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autoptr (GBytes) bytes = file_bytes (headers[i], 8);
    g_autoptr (GError) error = NULL;
    g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "empty", &error);
    g_assert_no_error (error);
    g_assert_cmpint (rv_tensor_count (rv_tensor_map_get (map, "a")), ==, 2);
  }
}

static void
test_hostile (void)
{
  static const struct {
    const char *header;
    gsize data;
  } files[] = {
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[8,24]}}",
      24 },                                                                      /* overlap */
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,12]}}", 16 }, /* size */
    { "{\"a\":{\"dtype\":[1],\"shape\":[4],\"data_offsets\":[0,16]}}", 16 },
    { "{\"a\":{\"dtype\":{},\"shape\":[4],\"data_offsets\":[0,16]}}", 16 },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,0]}}", 16 }, /* reversed */
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[8,24]}}", 16 }, /* beyond the end */
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}}", 16 },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4.0],\"data_offsets\":[0,16]}}", 16 },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4294967296],\"data_offsets\":[0,16]}}",
      16 },                                                                      /* overflow */
    { "{\"a\":{\"dtype\":\"I64\",\"shape\":[4],\"data_offsets\":[0,40]}}", 16 }, /* beyond the end */
    { "{\"a\":{\"dtype\":\"I64\",\"shape\":[-2],\"data_offsets\":[0,16]}}", 16 },
    { "{\"a\":{\"dtype\":\"\",\"shape\":[2],\"data_offsets\":[0,16]}}", 16 },
    { "{\"a\":{\"dtype\":\"U16\",\"shape\":[4],\"data_offsets\":[0,8]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[4,20]}}",
      20 }, /* overlap */
    { "{\"a\":{\"dtype\":3,\"shape\":[4],\"data_offsets\":[0,16]}}", 16 },
    { "{\"a\":{\"shape\":[4],\"data_offsets\":[0,16]}}", 16 },
    { "{\"a\":[4]}", 16 },
    { "{\"__metadata__\":3}", 0 },
    { "{\"a\":", 0 },
    { "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":1}}}}}", 0 }, /* deeper than any real header */
    { "[1, 2]", 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GBytes) bytes = file_bytes (files[i].header, files[i].data);
    g_autoptr (GError) error = NULL;
    g_assert_null (rv__weights_parse (bytes, RV_WEIGHTS_ALL, "hostile", &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  }
  g_autoptr (GString) deep = g_string_new (NULL); /* would overflow a recursive parser's stack */
  for (int i = 0; i < 1000000; i++)
    g_string_append (deep, "{\"a\":");
  g_autoptr (GBytes) bytes = file_bytes (deep->str, 0);
  g_assert_null (rv__weights_parse (bytes, RV_WEIGHTS_ALL, "deep", NULL));
}

/* Tensors of unsupported types and ranks are skipped. rv__tensor_map_absence() has the reason. */
static void
test_skipped (void)
{
  static const struct {
    const char *type, *shape, *says;
    gint64 bytes;
  } rows[] = {
    { "I64", "[]", "is I64, which is not read here", 8 },
    { "I64", "[3]", "is I64", 24 },
    { "I16", "[1]", "is I16", 2 },
    { "U16", "[1]", "is U16", 2 },
    { "U64", "[0]", "is U64", 0 },
    { "BOOL", "[5]", "is BOOL", 5 },
    { "F8_E4M3", "[2,2]", "is F8_E4M3", 4 },
    { "F8_E5M2", "[1]", "is F8_E5M2", 1 },
    { "C64", "[1]", "is C64", 8 },
    { "F4", "[2]", "is F4", 1 }, /* two numbers in a byte */
    { "F32", "[1,1,1,1,1]", "is of more than 4 sizes", 4 },
  };
  static const RvWeightsFilter parts[] = { RV_WEIGHTS_ALL, RV_WEIGHTS_CONVOLUTIONS };
  for (guint i = 0; i < G_N_ELEMENTS (rows) * G_N_ELEMENTS (parts); i++) {
    guint row = i / G_N_ELEMENTS (parts);
    g_autoptr (GError) error = NULL;
    g_autofree char *header = g_strdup_printf (
      "{\"a\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[0,%d]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1],\"data_offsets\":[%d,%d]}}",
      rows[row].type, rows[row].shape, (int) rows[row].bytes, (int) rows[row].bytes, (int) rows[row].bytes + 4);
    g_autoptr (GBytes) bytes = file_bytes (header, (gsize) rows[row].bytes + 4);
    g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, parts[i % G_N_ELEMENTS (parts)], "mixed", &error);
    g_assert_no_error (error);
    g_assert_cmpuint (rv_tensor_map_size (map), ==, 1);
    g_assert_nonnull (rv_tensor_map_get (map, "b"));
    g_autofree char *says = rv__tensor_map_absence (map, "a"), *none = rv__tensor_map_absence (map, "c");
    g_assert_true (g_str_has_prefix (says, rows[row].says));
    g_assert_cmpstr (none, ==, "is missing");
  }
}

/* ---- changing files ---------------------------------------------------------------------------------------------- */

/* Writes one tensor "a" of @n floats, each @value, aligned to 4 bytes plus @off. */
static void
put_file (const char *path, gsize n, float value, int off)
{
  g_autoptr (GString) header = g_string_new (NULL);
  g_string_printf (
    header, "{\"a\":{\"dtype\":\"F32\",\"shape\":[%" G_GSIZE_FORMAT "],\"data_offsets\":[0,%" G_GSIZE_FORMAT "]}}", n,
    n * sizeof (float));
  while ((int) (header->len % sizeof (float)) != off)
    g_string_append_c (header, ' ');
  g_autoptr (GBytes) bytes = file_bytes (header->str, n * sizeof (float));
  gsize size;
  g_autofree guint8 *whole = g_bytes_unref_to_data (g_steal_pointer (&bytes), &size);
  for (gsize i = 0; i < n; i++)
    memcpy (whole + size - (i + 1) * sizeof value, &value, sizeof value);
  g_assert_true (
    g_file_set_contents_full (path, (const char *) whole, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
expect_changed (const RvTensor *tensor)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (rv__tensor_read (tensor, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, "was changed while it was in use"));
  g_assert_null (rv_tensor_to_f32 (tensor, NULL));
}

static void
expect_number (const RvTensor *tensor, float value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensor) f32 = rv_tensor_to_f32 (tensor, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (((float *) f32->data)[rv_tensor_count (f32) - 1], ==, value);
}

/* A truncated file would crash a mapping, and an overwritten file would change the network: both are RV_ERROR_FILE.
 * Removing the name of a file is harmless, and copied data do not depend on the file. */
static void
test_changes (void)
{
  enum { N = 100000 };
  static const float other = 3;
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL),
                  *path = g_build_filename (folder, "a.safetensors", NULL);
  for (int unaligned = 0; unaligned <= 1; unaligned++)
    for (int change = 0; change < 3; change++) {
      g_autoptr (GError) error = NULL;
      put_file (path, N, 2, unaligned);
      g_assert_cmpint (g_utime (path, &(struct utimbuf){ 1, 1 }), ==, 0);
      g_autoptr (RvTensorMap) map = rv_weights_load (path, RV_WEIGHTS_ALL, NULL, &error);
      g_assert_no_error (error);
      const RvTensor *tensor = rv_tensor_map_get (map, "a");
      g_assert_true ((tensor->file != NULL) == !unaligned);
      expect_number (tensor, 2);
      int fd = open (path, O_WRONLY);
      if (change == 0)
        g_assert_cmpint (ftruncate (fd, 4096), ==, 0);
      else if (change == 1)
        g_assert_cmpint ((int) pwrite (fd, &other, sizeof other, 4096), ==, sizeof other);
      else
        g_unlink (path);
      close (fd);
      g_autofree char *copy = g_build_filename (folder, "b.safetensors", NULL);
      if (change < 2 && !unaligned) {
        expect_changed (tensor);
        g_assert_false (rv_weights_save (map, copy, TRUE, &error));
        g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
        g_assert_nonnull (strstr (error->message, "was changed while it was in use"));
        g_assert_false (g_file_test (copy, G_FILE_TEST_EXISTS));
      } else
        expect_number (tensor, 2);
    }
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_no_plain_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL), *pipe = g_build_filename (folder, "pipe", NULL);
  const char *const files[] = { pipe, "/dev/null", "/dev/zero" };
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (rv_weights_load (files[i], RV_WEIGHTS_ALL, NULL, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
    g_assert_nonnull (strstr (error->message, "not a regular file"));
  }
  g_unlink (pipe);
  g_rmdir (folder);
}

static void
test_no_file (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (rv_weights_load ("/nonexistent/file", RV_WEIGHTS_ALL, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_clear_error (&error);
  g_assert_null (rv_weights_load ("/", RV_WEIGHTS_ALL, NULL, &error));
  g_assert_nonnull (error);
}

static void
test_half_floats (void)
{
  static const guint16 halves[] = { 0x3C00, 0xC000, 0x0001, 0x7BFF, 0x0000, 0x3555 };
  static const float floats[] = { 1, -2, 0x1p-24f, 65504, 0, 0.333251953125f };
  RvShape shape = rv_shape (1, 6);
  g_autoptr (GBytes) bytes = g_bytes_new (halves, sizeof halves);
  g_autoptr (RvTensor) half = rv_tensor_new_from_bytes (RV_F16, &shape, bytes, NULL);
  g_autoptr (RvTensor) f32 = rv_tensor_to_f32 (half, NULL);
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat (((float *) f32->data)[i], ==, floats[i]);
}

/* All half floats but NaN are restored. Numbers between two half floats round to nearest, ties to even. */
static void
test_to_half (void)
{
  guint16 *all = g_new (guint16, 65536);
  RvShape shape = rv_shape (1, 65536), few = rv_shape (1, 9);
  for (guint i = 0; i < 65536; i++)
    all[i] = (guint16) i;
  g_autoptr (GBytes) bytes = g_bytes_new_take (all, 65536 * sizeof *all);
  g_autoptr (RvTensor) half = rv_tensor_new_from_bytes (RV_F16, &shape, bytes, NULL);
  g_autoptr (RvTensor) back = rv_tensor_to_f16 (half, NULL);
  for (guint i = 0; i < 65536; i++)
    if ((i & 0x7C00) != 0x7C00 || (i & 0x3FF) == 0) /* not NaN */
      g_assert_cmpuint (((guint16 *) back->data)[i], ==, i);

  static const float between[] = {
    1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 1 + 0x1p-11f + 0x1p-20f, 65519.996f, 65520, -1e9f, 0x1p-25f,
    3 * 0x1p-26f, 3 * 0x1p-25f
  };
  static const guint16 rounded[] = { 0x3C00, 0x3C02, 0x3C01, 0x7BFF, 0x7C00, 0xFC00, 0x0000, 0x0001, 0x0002 };
  g_autoptr (GBytes) between_bytes = g_bytes_new (between, sizeof between);
  g_autoptr (RvTensor) f32 = rv_tensor_new_from_bytes (RV_F32, &few, between_bytes, NULL);
  g_autoptr (RvTensor) f16 = rv_tensor_to_f16 (f32, NULL);
  for (int i = 0; i < 9; i++)
    g_assert_cmphex (((guint16 *) f16->data)[i], ==, rounded[i]);
}

/* Tensors of PyTorch and Caffe files are the same after they are saved as safetensors and read again. */
static void
test_import_round_trip (gconstpointer file)
{
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.safetensors", NULL);
  g_autofree char *sample = g_test_build_filename (G_TEST_DIST, "golden", file, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv_weights_load (sample, RV_WEIGHTS_ALL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (rv_weights_save (map, path, TRUE, &error));
  g_autoptr (RvTensorMap) back = rv_weights_load (path, RV_WEIGHTS_ALL, NULL, &error);
  check_same (map, back);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weights/round-trip", test_round_trip);
  g_test_add_func ("/weights/truncations", test_truncations);
  g_test_add_func ("/weights/empty-tensor", test_empty_tensor);
  g_test_add_func ("/weights/hostile", test_hostile);
  g_test_add_func ("/weights/skipped", test_skipped);
  g_test_add_func ("/weights/changes", test_changes);
  g_test_add_func ("/weights/no-plain-file", test_no_plain_file);
  g_test_add_func ("/weights/no-file", test_no_file);
  g_test_add_func ("/weights/half-floats", test_half_floats);
  g_test_add_func ("/weights/to-half", test_to_half);
  g_test_add_data_func ("/weights/import/pytorch", "pytorch-files/zip.pth", test_import_round_trip);
  g_test_add_data_func ("/weights/import/pytorch-legacy", "pytorch-files/legacy.pth", test_import_round_trip);
  g_test_add_data_func ("/weights/import/caffe", "caffe-files/v2.caffemodel", test_import_round_trip);
  return g_test_run ();
}
