/* support.c -- shared by test programs. */
#include "support.h"
#include "base/random.h"
#include "io/weights/format.h"
#include <glib/gstdio.h>
#include <math.h>

double
test_number (guint32 stream, guint64 index)
{
  return 2 * rv__random_uniform_01 (1, stream, index) - 1;
}

RvImage *
test_made_image (int width, int height, guint32 stream)
{
  RvImage *image = rv_image_new (width, height, NULL);
  for (gint64 i = 0; i < (gint64) 3 * width * height; i++)
    ((float *) image->rgb->data)[i] = (float) (127.5 + 127 * test_number (stream, (guint64) i / 5));
  return image;
}

RvExecutable *
test_executable (RvProgram *program, const char *backend)
{
  g_autoptr (GError) error = NULL;
  RvCompileSettings settings = { .n_threads = 2 };
  const RvBackendClass *class = rv__backend_find (backend ? backend : "reference", &error);
  g_assert_no_error (error);
  RvExecutable *executable = rv__graph_compile (program, class, &settings, &error);
  g_assert_no_error (error);
  rv__executable_bind (executable, &error);
  g_assert_no_error (error);
  return executable;
}

RvTensor *
test_constant (RvType type, const RvShape *shape, guint32 stream, double scale)
{
  RvTensor *tensor = rv_tensor_new (type, shape, NULL);
  for (gint64 i = 0, n = rv_tensor_count (tensor); i < n; i++)
    if (type == RV_F64)
      ((double *) tensor->data)[i] = scale * test_number (stream, (guint64) i);
    else
      ((float *) tensor->data)[i] = (float) (scale * test_number (stream, (guint64) i));
  return tensor;
}

void
test_fill (RvExecutable *executable, int value, guint32 stream, double scale)
{
  g_autoptr (RvTensor) tensor =
    test_constant (executable->program->type, rv__program_shape (executable->program, value), stream, scale);
  rv__executable_set (executable, value, tensor->data, NULL);
}

double *
test_get (RvExecutable *executable, int value)
{
  gint64 n = rv_shape_count (rv__program_shape (executable->program, value));
  double *numbers = g_new (double, n + 1);
  rv__executable_get (executable, value, numbers, NULL);
  if (executable->program->type == RV_F32)
    for (gint64 i = n - 1; i >= 0; i--)
      numbers[i] = ((float *) (void *) numbers)[i];
  return numbers;
}

double
test_relative (const double *a, const double *b, gint64 n)
{
  double difference = 0, norm = 0;
  for (gint64 i = 0; i < n; i++) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return sqrt (difference) / (sqrt (norm) + 1e-300);
}

gboolean
test_can_run (const RvBackendClass *backend)
{
  return !backend->probe || backend->probe ();
}

static void
skip_backend (gconstpointer name)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (rv__backend_find (name, &error));
  if (g_strcmp0 (g_getenv ("REVERIE_REQUIRE_GPU"), "1") == 0)
    g_error ("%s", error->message);
  g_test_skip (error->message);
}

GTestDataFunc
test_or_skip (const RvBackendClass *backend, GTestDataFunc func)
{
  return test_can_run (backend) ? func : skip_backend;
}

void
test_add_for_backends (const char *path, GTestDataFunc func)
{
  int n;
  const RvBackendClass *const *backends = rv__backend_list (&n);
  for (int i = 0; i < n; i++) {
    g_autofree char *full = g_strconcat (path, "/", backends[i]->name, NULL);
    g_test_add_data_func (full, backends[i]->name, test_or_skip (backends[i], func));
  }
}

void
test_own_dirs (void)
{
  static const char *const names[] = { "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME" };
  g_autofree char *folder = g_dir_make_tmp ("reverie-dirs-XXXXXX", NULL);
  g_assert_nonnull (folder);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *own = g_build_filename (folder, names[i], NULL);
    g_setenv (names[i], own, TRUE);
  }
}

void
test_add_slow (const char *path, gconstpointer data, GTestDataFunc func)
{
  g_autofree char *slow_path = g_strconcat ("/slow", path, NULL);
  if (g_test_slow ())
    g_test_add_data_func (slow_path, data, func);
}

GBytes *
test_golden_bytes (const char *folder, const char *file)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", folder, file, NULL), *content = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  return g_bytes_new_take (g_steal_pointer (&content), size);
}

void
test_wrong_bytes (GBytes *weights)
{
  static const guint8 changes[] = { 0x01, 0x55, 0x80, 0xff };
  gsize size = g_bytes_get_size (weights);
  g_autofree guint8 *content = g_memdup2 (g_bytes_get_data (weights, NULL), size);
  gboolean all = !g_getenv ("REVERIE_TEST_SANITIZED"); /* sanitized reading takes ten times as long */
  for (gsize i = 0; i < size; i++)
    for (guint c = all ? 0 : i % G_N_ELEMENTS (changes), end = all ? G_N_ELEMENTS (changes) : c + 1; c < end; c++) {
      content[i] ^= changes[c];
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = g_bytes_new (content, size);
      g_autoptr (RvTensorMap) any = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "sample", &error);
      g_assert_true (!any == !!error);
      content[i] ^= changes[c];
    }
}

int
test_truncated_weights (GBytes *weights, void (*check) (const RvTensorMap *map))
{
  gsize size;
  const char *content = g_bytes_get_data (weights, &size);
  int n_read = 0;
  for (gsize cut = 0; cut < size; cut++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = g_bytes_new (content, cut);
    g_autoptr (RvTensorMap) map = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "sample", &error);
    n_read += map != NULL;
    if (map && check)
      check (map);
    if (!map) {
      g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
      g_assert_null (strchr (error->message, '\n'));
    }
  }
  return n_read;
}

gboolean
test_on_layer (const char *layer, int value, gpointer layers)
{
  TestLayers *to = layers;
  rv__program_output (to->program, value);
  g_hash_table_insert (to->values, g_strdup (layer), GINT_TO_POINTER (value));
  return FALSE;
}

RvSettings *
test_settings_of (const char *kind, const char *preset)
{
  RvSettings *settings = rv_settings_new (kind, NULL);
  if (preset)
    test_set (settings, "preset", preset);
  return settings;
}

void
test_set (RvSettings *settings, const char *name, const char *value)
{
  g_autoptr (GError) error = NULL;
  rv_settings_set (settings, name, value, &error);
  g_assert_no_error (error);
}

void
test_job_set (RvJob *job, const char *name, const char *value)
{
  GError *error = NULL;
  rv_job_set (job, name, value, &error);
  g_assert_no_error (error);
}

RvImage *
test_job_result (RvJob *job)
{
  GError *error = NULL;
  rv_job_run (job, NULL, &error);
  g_assert_no_error (error);
  return rv_job_result (job);
}

void
test_assert_same_tensors (const RvTensorMap *a, const RvTensorMap *b)
{
  g_assert_cmpuint (rv_tensor_map_size (a), ==, rv_tensor_map_size (b));
  for (guint i = 0; i < rv_tensor_map_size (a); i++) {
    const RvTensor *one = rv_tensor_map_get (a, rv_tensor_map_name (a, i)),
                   *other = rv_tensor_map_get (b, rv_tensor_map_name (a, i));
    g_assert_nonnull (other);
    g_assert_cmpmem (one->data, rv_tensor_bytes (one), other->data, rv_tensor_bytes (other));
  }
}

int
test_run_and_delete (const char *folder)
{
  int code = g_test_run ();
  GDir *dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_unlink (path);
  }
  g_dir_close (dir);
  g_rmdir (folder);
  return code;
}
