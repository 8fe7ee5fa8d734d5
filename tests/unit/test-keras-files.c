/* test-keras-files.c -- Keras weights in HDF5: one narrow file for each layout, written by Keras
 * (tests/golden/keras-files.py); hostile files; a helper program that dies, hangs or is missing. */
#include "io/weights/format.h"
#include "support/formula.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/weights.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define N_TRUNCATIONS 16 /* per file, read with the helper program; test-truncations.c tests all truncations */

static char *folder;

static char *
sample_path (const char *file)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "keras-files", file, NULL);
}

/* ---- layouts ----------------------------------------------------------------------------------------------------- */

/* Tensors of the sample files. `named`: name in layouts with names, and in the formula; `counted`: name in other
 * layouts. */
static const struct {
  const char *named, *counted;
  RvShape shape;
} tensors[] = {
  { "block1_conv1.weight", "layers.conv2d_0.weight", { 4, { 4, 3, 3, 3 } } },
  { "block1_conv1.bias", "layers.conv2d_0.bias", { 1, { 4 } } },
  { "block1_conv2.weight", "layers.conv2d_1.weight", { 4, { 3, 4, 1, 3 } } },
  { "block1_conv2.bias", "layers.conv2d_1.bias", { 1, { 3 } } },
  { "conv2d_1.weight", "layers.conv2d_2.weight", { 4, { 3, 3, 1, 1 } } },
  { "conv2d_0.weight", "layers.conv2d_3.weight", { 4, { 3, 3, 1, 1 } } },
  { "conv2d_0.bias", "layers.conv2d_3.bias", { 1, { 3 } } },
  { "batch_normalization_0.beta", "layers.batch_normalization_0.beta", { 1, { 3 } } },
  { "batch_normalization_0.moving_mean", "layers.batch_normalization_0.moving_mean", { 1, { 3 } } },
  { "batch_normalization_0.moving_variance", "layers.batch_normalization_0.moving_variance", { 1, { 3 } } },
  { "bn.gamma", "layers.batch_normalization_1.gamma", { 1, { 3 } } },
  { "bn.beta", "layers.batch_normalization_1.beta", { 1, { 3 } } },
  { "bn.moving_mean", "layers.batch_normalization_1.moving_mean", { 1, { 3 } } },
  { "bn.moving_variance", "layers.batch_normalization_1.moving_variance", { 1, { 3 } } },
  { "predictions.weight", "layers.dense_0.weight", { 2, { 2, 3 } } },
  { "predictions.bias", "layers.dense_0.bias", { 1, { 2 } } },
};

static const char *const layouts[] = { "weights.h5",         "split.h5",     "model.h5",           "keras3.weights.h5",
                                       "unnamed.weights.h5", "keras3.keras", "packed-config.keras" };

static void
check_sample (const RvTensorMap *map, gboolean counted)
{
  g_assert_cmpuint (rv_tensor_map_size (map), ==, G_N_ELEMENTS (tensors));
  for (guint t = 0; t < G_N_ELEMENTS (tensors); t++) {
    const RvTensor *tensor = rv_tensor_map_get (map, counted ? tensors[t].counted : tensors[t].named);
    g_assert_true (tensor && tensor->type == RV_F32 && rv_shape_equal (&tensor->shape, &tensors[t].shape));
    for (gint64 i = 0; i < rv_tensor_count (tensor); i++)
      g_assert_cmpfloat (((float *) tensor->data)[i], ==, (float) formula_number (tensors[t].named, (guint64) i));
  }
}

static void
test_layout (gconstpointer file)
{
  g_autofree char *path = sample_path (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv_weights_load (path, RV_WEIGHTS_ALL, NULL, &error);
  g_assert_no_error (error);
  check_sample (map, g_str_has_prefix (file, "unnamed"));
}

/* Layers with arrays of integers, scalars or more than four dimensions are skipped. */
static void
test_others (gconstpointer file)
{
  g_autofree char *path = sample_path (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) map = rv_weights_load (path, RV_WEIGHTS_ALL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rv_tensor_map_size (map), ==, 2);
  g_assert_true (g_str_has_suffix (rv_tensor_map_name (map, 0), "conv2d_0.weight"));
  g_assert_true (g_str_has_suffix (rv_tensor_map_name (map, 1), "conv2d_0.bias"));
}

/* ---- cache ------------------------------------------------------------------------------------------------------- */

static void
test_cache (void)
{
  g_autofree char *sample = sample_path ("weights.h5"), *copy = g_build_filename (folder, "copy.h5", NULL);
  g_autofree char *other = sample_path ("keras3.weights.h5"), *content = NULL;
  g_autofree char *helper = g_strdup (g_getenv ("REVERIE_HELPER"));
  g_autoptr (GError) error = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (sample, &content, &size, NULL));
  g_assert_true (g_file_set_contents (copy, content, (gssize) size, NULL));

  g_autoptr (RvTensorMap) first = rv_weights_load (copy, RV_WEIGHTS_ALL, folder, &error);
  g_assert_no_error (error);
  g_setenv ("REVERIE_HELPER", "/bin/false", TRUE); /* conversions fail from here on */
  g_autoptr (RvTensorMap) second = rv_weights_load (copy, RV_WEIGHTS_ALL, folder, &error);
  g_assert_no_error (error);
  check_sample (first, FALSE);
  check_sample (second, FALSE);

  /* The path after links decides: the studio's paths begin with a link that differs from run to run. */
  g_autofree char *link = g_strconcat (folder, "-link", NULL), *linked = g_build_filename (link, "copy.h5", NULL);
  g_assert_cmpint (symlink (folder, link), ==, 0);
  g_autoptr (RvTensorMap) same = rv_weights_load (linked, RV_WEIGHTS_ALL, folder, &error);
  g_assert_no_error (error);
  check_sample (same, FALSE);
  g_unlink (link);

  /* A damaged cache file is ignored. */
  g_autofree char *converted = g_build_filename (folder, "converted", NULL);
  g_autoptr (GDir) dir = g_dir_open (converted, 0, NULL);
  g_autofree char *kept = g_build_filename (converted, g_dir_read_name (dir), NULL);
  g_assert_true (g_file_set_contents (kept, "junk", -1, NULL));
  g_setenv ("REVERIE_HELPER", helper, TRUE);
  g_autoptr (RvTensorMap) third = rv_weights_load (copy, RV_WEIGHTS_ALL, folder, &error);
  g_assert_no_error (error);
  check_sample (third, FALSE);
  g_setenv ("REVERIE_HELPER", "/bin/false", TRUE);

  g_free (g_steal_pointer (&content));
  g_assert_true (g_file_get_contents (other, &content, &size, NULL));
  g_assert_true (g_file_set_contents (copy, content, (gssize) size, NULL)); /* another file of that name */
  g_assert_null (rv_weights_load (copy, RV_WEIGHTS_ALL, folder, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_setenv ("REVERIE_HELPER", helper, TRUE);
}

/* ---- errors ------------------------------------------------------------------------------------------------------ */

static void
assert_one_line (const GError *error, const char *says)
{
  g_test_message ("%s", error->message);
  g_assert_null (strchr (error->message, '\n'));
  if (!strstr (error->message, says))
    g_error ("'%s' does not contain '%s'", error->message, says);
}

static void
test_hostile (void)
{
  static const struct {
    const char *file, *says;
  } files[] = { { "hostile-external.h5", "the array kernel is" },
                { "hostile-link.h5", "the array kernel is" },
                { "hostile-virtual.h5", "the array kernel is" },
                { "hostile-huge.h5", "the array kernel is" },
                { "hostile-text.h5", "it has no weights" } };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = sample_path (files[i].file);
    g_autofree char *says = g_strconcat ("is damaged or not a Keras weights file: ", files[i].says, NULL);
    g_autoptr (GError) error = NULL;
    g_assert_null (rv_weights_load (path, RV_WEIGHTS_ALL, NULL, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    assert_one_line (error, says);
  }
}

static void
test_truncations (gconstpointer file)
{
  g_autofree char *sample = sample_path (file), *cut = g_build_filename (folder, "cut", NULL), *content = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (sample, &content, &size, NULL));
  for (gsize part = 0; part < N_TRUNCATIONS; part++) {
    g_autoptr (GError) error = NULL;
    g_file_set_contents (cut, content, (gssize) (size * part / N_TRUNCATIONS), NULL);
    g_assert_null (rv_weights_load (cut, RV_WEIGHTS_ALL, NULL, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_assert_null (strchr (error->message, '\n'));
  }
}

/* Sets the helper program to a shell script. */
static void
set_helper (const char *script)
{
  g_autofree char *path = g_build_filename (folder, "helper", NULL);
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, "\n", NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_chmod (path, 0755);
  g_setenv ("REVERIE_HELPER", path, TRUE);
}

static void
test_helper_fails (void)
{
  g_autofree char *helper = g_strdup (g_getenv ("REVERIE_HELPER")), *path = sample_path ("weights.h5");
  g_autofree char *starved = g_strdup_printf ("ulimit -v 20000; exec %s", helper);
  g_autofree char *no_proc = g_strdup_printf ("unshare -rm sh -c 'mount -t tmpfs none /proc; exec %s'", helper);
  const struct {
    const char *script, *says;
  } ways[] = {
    { "kill -9 $$", "weights.h5 is damaged or not a Keras weights file" },
    { "exec sleep 1000", "reading it took more than 1 s" },
    { starved, "weights.h5 is damaged or not a Keras weights file" },
    { no_proc, "/proc is needed" },
    { "printf 'bad\\033[31m\\nnews' >&2; exit 1", "weights.h5 is damaged or not a Keras weights file: bad?[31m" },
    { "exit 0", "as reverie-hdf5 converted it, is empty" }, /* the helper wrote nothing */
    { "while echo junk; do :; done >&2 & exec sleep 1000", "reading it took more than 1 s" },
  };
  int timeout_s = rv__helper_timeout_s;
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autoptr (GError) error = NULL;
    /* The sanitizers themselves need much address space and /proc. */
    if (((ways[i].script == starved || ways[i].script == no_proc) && g_getenv ("REVERIE_TEST_SANITIZED")) ||
        (ways[i].script == no_proc && system ("unshare -rm mount -t tmpfs none /proc 2>/dev/null") != 0))
      continue;
    set_helper (ways[i].script);
    rv__helper_timeout_s = strstr (ways[i].says, "more than 1 s") ? 1 : timeout_s;
    g_assert_null (rv_weights_load (path, RV_WEIGHTS_ALL, NULL, &error));
    assert_one_line (error, ways[i].says);
  }
  g_autoptr (GError) error = NULL;
  g_setenv ("REVERIE_HELPER", "/nonexistent", TRUE);
  g_assert_null (rv_weights_load (path, RV_WEIGHTS_ALL, NULL, &error));
  assert_one_line (error, "needs the program reverie-hdf5, which does not start");
  rv__helper_timeout_s = timeout_s;
  g_setenv ("REVERIE_HELPER", helper, TRUE);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    if (g_file_test (child, G_FILE_TEST_IS_DIR))
      remove_folder (child);
    else
      g_unlink (child);
  }
  g_rmdir (path);
}

int
main (int argc, char **argv)
{
  const char *helper = g_getenv ("REVERIE_HELPER");
  g_test_init (&argc, &argv, NULL);
  if (!helper || !*helper) {
    g_print ("1..1\nok 1 /keras-files # SKIP built without HDF5\n");
    return 0;
  }
  folder = g_dir_make_tmp ("reverie-XXXXXX", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++) {
    g_autofree char *layout = g_strconcat ("/keras-files/layout/", layouts[i], NULL);
    g_autofree char *truncations = g_strconcat ("/keras-files/truncations/", layouts[i], NULL);
    g_test_add_data_func (layout, layouts[i], test_layout);
    g_test_add_data_func (truncations, layouts[i], test_truncations);
  }
  g_test_add_data_func ("/keras-files/others/named", "others.h5", test_others);
  g_test_add_data_func ("/keras-files/others/counted", "others.weights.h5", test_others);
  g_test_add_func ("/keras-files/cache", test_cache);
  g_test_add_func ("/keras-files/hostile", test_hostile);
  g_test_add_func ("/keras-files/helper-fails", test_helper_fails);
  int code = g_test_run ();
  remove_folder (folder);
  g_free (folder);
  return code;
}
