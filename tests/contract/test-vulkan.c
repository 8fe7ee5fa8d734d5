/* test-vulkan.c -- the Vulkan backend when its driver fails: wrong numbers, a lost device, too little memory. Also
 * tests damaged files of pipelines. Functions of the driver are replaced. All cases are skipped without a device. */
#include "backend/vulkan/vulkan-selftest.h"
#include "backend/vulkan/vulkan-pipelines.h"
#include "backend/kernel-table.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/job.h>
#include <stdio.h>
#include <string.h>

#define N_SUBMISSIONS 3 /* submissions in compute() */

static const RvBackendClass *
vulkan (void)
{
  return rv__backend_find ("vulkan", NULL);
}

static RvVulkanFunctions driver;
static int n_calls, fail_at;
static double input_scale = 1; /* factor of the inputs of compute() */

/* (transfer full) (nullable): y = max (convolution (x), 0) after one run. */
static double *
compute (const char *backend, gint64 side, GError **error)
{
  RvShape x_shape = rv_shape (4, 1, 5, side, side), w_shape = rv_shape (4, 7, 5, 3, 3);
  RvProgram *program = rv__program_new (RV_F32);
  g_autoptr (RvTensor) w = test_constant (RV_F32, &w_shape, 11, 0.2);
  int x = rv__program_input (program, &x_shape), weights = rv__program_constant (program, w);
  int y = rv__relu (program, rv__conv2d (program, x, weights, -1, 1, (RvPad){ 1, 1, 1, 1 }));
  rv__program_output (program, y);
  const RvCompileSettings settings = { .n_threads = 1, .exact = TRUE };
  g_autoptr (RvExecutable) executable = rv__graph_compile (program, rv__backend_find (backend, NULL), &settings, error);
  if (!executable || !rv__executable_bind (executable, error))
    return NULL;
  gsize n = (gsize) rv_shape_count (rv__program_shape (program, y));
  g_autofree float *numbers = g_new0 (float, n + (gsize) rv_shape_count (&x_shape));
  for (gint64 i = 0; i < rv_shape_count (&x_shape); i++)
    numbers[i] = (float) (input_scale * test_number (1, (guint64) i));
  if (!rv__executable_set (executable, x, numbers, error) || !rv__executable_backward (executable, error) ||
      !rv__executable_get (executable, y, numbers, error))
    return NULL;
  double *result = g_new (double, n);
  for (gsize i = 0; i < n; i++)
    result[i] = numbers[i];
  return result;
}

static void
test_kernels (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *wrong = vulkan ()->selftest (&error);
  g_assert_no_error (error);
  g_assert_cmpstr (wrong, ==, "");
}

static VKAPI_ATTR void VKAPI_CALL
dispatch_half (VkCommandBuffer buffer, guint32 x, guint32 y, guint32 z)
{
  driver.CmdDispatch (buffer, (x + 1) / 2, y, z);
}

static void
ignore_message (const char *domain, GLogLevelFlags level, const char *message, gpointer unused)
{
}

/* A driver leaves out workgroups: the self-test names the wrong kernels, and plain C computes their ops. */
static void
test_wrong_driver (void)
{
  g_autoptr (GError) error = NULL;
  if (!g_test_subprocess ()) {
    g_test_trap_subprocess (NULL, 0, 0);
    g_test_trap_assert_passed ();
    return;
  }
  g_log_set_handler ("reverie", G_LOG_LEVEL_MESSAGE, ignore_message, NULL);
  rv__vk.CmdDispatch = dispatch_half;
  g_autofree char *wrong = vulkan ()->selftest (&error);
  g_assert_no_error (error);
  g_auto (GStrv) names = g_strsplit (wrong, ",", -1);
  const char *const *list = (const char *const *) names;
  g_assert_true (g_strv_contains (list, "conv2d") && g_strv_contains (list, "relu") && g_strv_contains (list, "pad"));
  g_assert_false (g_strv_contains (list, "concat")); /* concat is a copy, without workgroups */
  g_autofree double *right = compute ("reference", 60, &error), *ours = compute ("vulkan", 60, &error);
  g_assert_no_error (error);
  assert_less (test_relative (ours, right, 7 * 60 * 60), 1e-5);
}

static VKAPI_ATTR VkResult VKAPI_CALL
lose_device (VkQueue queue, guint32 n, const VkSubmitInfo *submits, VkFence fence)
{
  return ++n_calls >= fail_at ? VK_ERROR_DEVICE_LOST : driver.QueueSubmit (queue, n, submits, fence);
}

/* If the device is lost at any submission, the processor computes the same numbers. One line is logged. */
static void
test_lost (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree double *right = compute ("cpu", 9, &error);
  g_autofree char *wrong = vulkan ()->selftest (&error); /* before n_calls counts submissions */
  gboolean is_lost = TRUE;
  for (fail_at = 1; is_lost; fail_at++) {
    n_calls = 0;
    rv__vk.QueueSubmit = lose_device;
    if (fail_at <= N_SUBMISSIONS)
      g_test_expect_message ("reverie", G_LOG_LEVEL_MESSAGE,
                             "the GPU was lost: its driver has reset it; the processor goes on");
    g_autofree double *ours = compute ("vulkan", 9, &error);
    g_test_assert_expected_messages ();
    g_assert_no_error (error);
    is_lost = rv__vulkan_failure () != NULL;
    for (int i = 0; i < 7 * 9 * 9; i++)
      g_assert_true (is_lost ? ours[i] == right[i] : fabs (ours[i] - right[i]) < 1e-5);
    rv__vk.QueueSubmit = driver.QueueSubmit;
    rv__vulkan_set_failure (NULL);
  }
  g_assert_cmpint (fail_at, ==, N_SUBMISSIONS + 2);
}

/* Results that are not finite, or all zero, are computed again on the processor. */
static void
test_wrong_results (void)
{
  static const char *const faults[] = { "nan 1", "zero 1" };
  g_autoptr (GError) error = NULL;
  g_autofree double *right = compute ("cpu", 20, &error);
  for (guint k = 0; k < G_N_ELEMENTS (faults); k++) {
    g_setenv ("REVERIE_VULKAN_FAULT", faults[k], TRUE);
    g_test_expect_message ("reverie", G_LOG_LEVEL_MESSAGE, "the GPU computes wrong numbers; the processor goes on");
    g_autofree double *ours = compute ("vulkan", 20, &error);
    g_test_assert_expected_messages ();
    g_assert_no_error (error);
    for (int i = 0; i < 7 * 20 * 20; i++)
      g_assert_cmpfloat (ours[i], ==, right[i]);
    g_unsetenv ("REVERIE_VULKAN_FAULT");
    rv__vulkan_set_failure (NULL);
  }
}

/* Zeros that are right are not a failure. */
static void
test_right_zeros (void)
{
  g_autoptr (GError) error = NULL;
  input_scale = 0;
  g_autofree double *ours = compute ("vulkan", 20, &error);
  input_scale = 1;
  g_assert_no_error (error);
  g_assert_cmpfloat (ours[0], ==, 0);
  g_assert_null (rv__vulkan_failure ());
}

static VKAPI_ATTR VkResult VKAPI_CALL
refuse_memory (VkDevice device, const VkMemoryAllocateInfo *info, const VkAllocationCallbacks *callbacks,
               VkDeviceMemory *memory)
{
  return ++n_calls >= fail_at ? VK_ERROR_OUT_OF_DEVICE_MEMORY : driver.AllocateMemory (device, info, callbacks, memory);
}

static void
test_memory (void)
{
  rv__vk.AllocateMemory = refuse_memory;
  for (fail_at = 1; fail_at <= 3; fail_at++) {
    g_autoptr (GError) error = NULL;
    n_calls = 0;
    g_assert_null (compute ("vulkan", 9, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
    g_assert_nonnull (strstr (error->message, "out of GPU memory: "));
  }
  rv__vk.AllocateMemory = driver.AllocateMemory;
  g_autoptr (GError) error = NULL;
  g_assert_null (rv__backend_find ("vulkan", NULL)->memory->alloc ((gsize) 1 << 46, "the activations", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
}

/* A device that computes nothing is faster than any processor. It is lost at submission fail_at; 0: never. */
static VKAPI_ATTR VkResult VKAPI_CALL
submit_nothing (VkQueue queue, guint32 n, const VkSubmitInfo *submits, VkFence fence)
{
  return ++n_calls == fail_at ? VK_ERROR_DEVICE_LOST : driver.QueueSubmit (queue, 0, NULL, fence);
}

static VKAPI_ATTR VkResult VKAPI_CALL
submit_slowly (VkQueue queue, guint32 n, const VkSubmitInfo *submits, VkFence fence)
{
  g_usleep (2 * G_USEC_PER_SEC);
  return driver.QueueSubmit (queue, 0, NULL, fence);
}

/* Asserts that `auto` chooses @right for the device @name of a driver that has @submit. @name is a part of the key of
 * the choice. */
static void
assert_choice (const char *name, PFN_vkQueueSubmit submit, const RvCompileSettings *settings, const char *right)
{
  ((RvVulkanDevice *) rv__vulkan_device (NULL))->name = (char *) name;
  rv__vk.QueueSubmit = submit;
  g_assert_cmpstr (rv__backend_choose (settings)->name, ==, right);
  rv__vk.QueueSubmit = driver.QueueSubmit;
}

static gboolean
is_stored (const RvKernelTable *kernels, const char *device)
{
  g_autofree char *text = rv__kernel_table_to_text (kernels);
  return strstr (text, device) != NULL;
}

/* `auto` chooses a GPU that is measured to be faster. Choices are stored, except those after an error. */
static void
test_auto (void)
{
  if (!g_test_subprocess ()) {
    g_setenv ("REVERIE_VULKAN_FAULT", "hardware 1", TRUE);
    g_test_trap_subprocess (NULL, 0, 0);
    g_unsetenv ("REVERIE_VULKAN_FAULT");
    g_test_trap_assert_passed ();
    return;
  }
  const char *processor = rv__backend_find (NULL, NULL)->name;
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new (), other = rv_kernel_table_new ();
  RvCompileSettings settings = { .n_threads = 2, .kernels = kernels }, exact = settings, bf16 = settings;
  exact.exact = TRUE;
  bf16.precision = RV_PRECISION_BF16;
  g_free (vulkan ()->selftest (NULL)); /* while the driver computes */
  fail_at = n_calls = 0;
  assert_choice ("fast", submit_nothing, &settings, "vulkan");
  assert_choice ("fast", submit_slowly, &settings, "vulkan"); /* not measured again */
  g_setenv ("REVERIE_VULKAN_BUDGET", "900M", TRUE);
  assert_choice ("fast", submit_nothing, &settings, processor); /* other programs use its memory */
  g_unsetenv ("REVERIE_VULKAN_BUDGET");
  assert_choice ("fast", submit_nothing, &exact, processor);
  assert_choice ("fast", submit_nothing, &bf16, processor);
  assert_choice ("slow", submit_slowly, &settings, processor);
  assert_choice ("slow", submit_nothing, &settings, processor);
  g_assert_true (is_stored (kernels, "fast") && is_stored (kernels, "slow"));

  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_cancellable_push_current (cancellable);
  assert_choice ("cancelled", submit_nothing, &settings, processor);
  g_cancellable_pop_current (cancellable);
  rv__vk.AllocateMemory = refuse_memory;
  assert_choice ("full", submit_nothing, &settings, processor);
  rv__vk.AllocateMemory = driver.AllocateMemory;
  g_assert_false (is_stored (kernels, "cancelled") || is_stored (kernels, "full"));
  assert_choice ("full", submit_nothing, &settings, processor); /* a run does not change its backend */
  settings.kernels = other;
  assert_choice ("full", submit_nothing, &settings, "vulkan");

  n_calls = 0;
  fail_at = 2;
  g_test_expect_message ("reverie", G_LOG_LEVEL_MESSAGE, "the GPU was lost*");
  assert_choice ("lost", submit_nothing, &settings, processor);
  g_test_assert_expected_messages ();
  g_assert_true (is_stored (other, "lost"));
}

static gsize largest_bytes;

static VKAPI_ATTR VkResult VKAPI_CALL
note_memory (VkDevice device, const VkMemoryAllocateInfo *info, const VkAllocationCallbacks *callbacks,
             VkDeviceMemory *memory)
{
  largest_bytes = MAX (largest_bytes, info->allocationSize);
  return driver.AllocateMemory (device, info, callbacks, memory);
}

/* (transfer full): result of a small job, whose content and style are wider than a tile. Sets largest_bytes to the
 * largest block of device memory. */
static RvImage *
paint (void)
{
  static const char *const settings[][2] = {
    { "gpu", "0" },
    { "size", "520" },
    { "style-loss", "mean-var" },
    { "finish", "0" },
    { "iterations", "1" },
    { "exact", "yes" },
    { "start-size", "0" },
    { "content-layers", "conv1_2" },
    { "style-layers", "conv1_1" },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvJob) job = rv_job_new ("style", NULL);
  g_autoptr (RvImage) content = test_made_image (520, 16, 1), style = test_made_image (520, 16, 2);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    test_job_set (job, settings[i][0], settings[i][1]);
  g_assert_true (rv_job_add_picture (job, "content", content, NULL) && rv_job_add_picture (job, "style", style, NULL));
  largest_bytes = 0;
  rv_job_run (job, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *recipe = rv_job_recipe (job);
  g_assert_nonnull (strstr (recipe, rv__vulkan_device (NULL)->name));
  return rv_job_result (job);
}

/* A run that does not fit into the device's memory is computed in tiles, with the same result. */
static void
test_budget (void)
{
  g_free (compute ("vulkan", 9, NULL)); /* creates the staging buffer, which then does not count */
  rv__vk.AllocateMemory = note_memory;
  g_autoptr (RvImage) whole = paint ();
  gsize whole_bytes = largest_bytes;
  g_autofree char *text = g_strdup_printf ("%" G_GSIZE_FORMAT, whole_bytes);
  g_setenv ("REVERIE_VULKAN_BUDGET", text, TRUE);
  g_autoptr (RvImage) tiled = paint ();
  g_unsetenv ("REVERIE_VULKAN_BUDGET");
  rv__vk.AllocateMemory = driver.AllocateMemory;
  g_test_message ("largest block: %zu bytes, in tiles %zu", whole_bytes, largest_bytes);
  g_assert_cmpuint (largest_bytes, <, whole_bytes * 3 / 4);
  const float *a = whole->rgb->data, *b = tiled->rgb->data;
  for (gint64 i = 0; i < rv_tensor_count (whole->rgb); i++)
    assert_less (fabs ((double) a[i] - (double) b[i]), 1e-3);
}

static gsize initial_bytes;

static VKAPI_ATTR VkResult VKAPI_CALL
create_cache (VkDevice device, const VkPipelineCacheCreateInfo *info, const VkAllocationCallbacks *callbacks,
              VkPipelineCache *cache)
{
  initial_bytes = info->initialDataSize;
  return driver.CreatePipelineCache (device, info, callbacks, cache);
}

/* Changes the file @path in the way that @what names. Its hash stays right, except for "damaged" and "short". */
static void
damage (const char *path, const char *what)
{
  g_autofree char *text = NULL, *file = g_malloc0 ((gsize) 65 << 20);
  gsize bytes, n = 32;
  g_assert_true (g_file_get_contents (path, &text, &bytes, NULL));
  memcpy (file, text, bytes);
  if (strcmp (what, "large") == 0)
    bytes = (gsize) 65 << 20;
  if (strcmp (what, "foreign") == 0) /* another UUID */
    ((char *) memchr (file + 32, '\n', bytes - 32))[1 + 16] ^= 1;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, (guint8 *) file + 32, (gssize) bytes - 32);
  g_checksum_get_digest (sum, (guint8 *) file, &n);
  if (strcmp (what, "damaged") == 0)
    file[0] ^= 1;
  g_assert_true (g_file_set_contents (path, file, strcmp (what, "short") == 0 ? 40 : (gssize) bytes, NULL));
}

/* Another process reads the file of pipelines if it is good, and replaces it if it is not. A third one can read it
 * then. A driver may write other bytes for the same pipelines. */
static void
test_pipelines (gconstpointer what)
{
  const char *child_folder = g_getenv ("REVERIE_TEST_FOLDER");
  if (g_test_subprocess ()) {
    rv__vk.CreatePipelineCache = create_cache;
    rv__vulkan_use_cache (child_folder);
    g_assert_true (rv__vulkan_pipeline (RV_VULKAN_RELU, 0, NULL));
    g_assert_cmpint (initial_bytes > 0, ==, strcmp (g_getenv ("REVERIE_TEST_FILE"), "good") == 0);
    rv__vulkan_save_cache (child_folder);
    return;
  }
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL);
  g_assert_true (rv__vulkan_pipeline (RV_VULKAN_RELU, 0, NULL));
  rv__vulkan_save_cache (folder);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autofree char *path = g_build_filename (folder, g_dir_read_name (dir), NULL);
  damage (path, what);
  g_setenv ("REVERIE_TEST_FOLDER", folder, TRUE);
  for (int i = 0; i < 2; i++) {
    g_setenv ("REVERIE_TEST_FILE", i == 0 ? what : "good", TRUE);
    g_test_trap_subprocess (NULL, 0, 0);
    g_test_trap_assert_passed ();
  }
  g_remove (path);
  g_rmdir (folder);
}

/* A value that shaders cannot bind is computed by plain C. */
static void
test_large_value (void)
{
  g_autoptr (GError) error = NULL;
  RvVulkanDevice *device = (RvVulkanDevice *) rv__vulkan_device (NULL);
  guint32 max_bytes = device->limits.maxStorageBufferRange;
  device->limits.maxStorageBufferRange = 60 * 60 * 7 * 4 - 4;
  g_autofree double *right = compute ("reference", 60, &error), *ours = compute ("vulkan", 60, &error);
  device->limits.maxStorageBufferRange = max_bytes;
  g_assert_no_error (error);
  assert_less (test_relative (ours, right, 7 * 60 * 60), 1e-5);
}

/* (transfer full): best matches of 1000 positions, as positions in a guide. The guide has 2000 positions, of which 700
 * differ. */
static float *
best_matches (const char *backend)
{
  const RvCompileSettings settings = { .n_threads = 1, .exact = TRUE };
  const RvOpAttrs attrs = { .interior = { 0 } };
  g_autoptr (GError) error = NULL;
  float x[2000], guide[4000], total, *k = g_new (float, 1000);
  for (int i = 0; i < 4000; i++) {
    x[i / 2] = (float) test_number (1, (guint64) i / 2);
    guide[i] = (float) test_number (2, (guint64) (i / 2000 * 700 + i % 2000 % 700));
  }
  const RvView in[] = { { x, rv_shape (4, 1, 2, 25, 40), 1 }, { guide, rv_shape (2, 2, 2000), 1 } };
  const RvView out[] = { { &total, rv_shape (1, 1), 1 }, { k, rv_shape (1, 1000), 1 } };
  rv__backend_compute (rv__backend_find (backend, NULL), &settings, RV_OP_BEST_MATCH, &attrs, 2, in, out, &error);
  g_assert_no_error (error);
  return k;
}

static void
count_profile (const char *domain, GLogLevelFlags level, const char *message, gpointer unused)
{
  double ms = 0;
  const char *time = strstr (message, "profile: conv2d by gemm: ");
  n_calls += time && sscanf (time, "profile: conv2d by gemm: %lf ms", &ms) == 1 && ms > 0;
}

/* With REVERIE_VULKAN_PROFILE=1 the times of ops are logged. */
static void
test_profile (void)
{
  g_autoptr (GError) error = NULL;
  if (!g_test_subprocess ()) {
    g_test_trap_subprocess (NULL, 0, 0);
    g_test_trap_assert_passed ();
    return;
  }
  g_log_set_handler ("reverie", G_LOG_LEVEL_MESSAGE, count_profile, NULL);
  g_autofree double *unprofiled = compute ("vulkan", 60, &error);
  g_assert_cmpint (n_calls, ==, 0);
  g_setenv ("REVERIE_VULKAN_PROFILE", "1", TRUE);
  g_autofree double *y = compute ("vulkan", 60, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_calls, ==, 1);
}

/* The first of equal matches is chosen, also if the guide is divided into chunks, and if chunks share scratch memory.
 */
static void
test_best_match (void)
{
  RvVulkanDevice *device = (RvVulkanDevice *) rv__vulkan_device (NULL);
  guint32 max_bytes = device->limits.maxStorageBufferRange;
  g_autofree float *right = best_matches ("reference"), *ours = best_matches ("vulkan");
  device->limits.maxStorageBufferRange = 20000;
  g_autofree float *ours_in_rounds = best_matches ("vulkan");
  device->limits.maxStorageBufferRange = max_bytes;
  g_assert_cmpmem (ours, 4000, right, 4000);
  g_assert_cmpmem (ours_in_rounds, 4000, right, 4000);
}

/* Kernels are right if each tile has its own dispatch, and each dispatch its own command buffer. */
static void
test_short_dispatches (void)
{
  g_autoptr (GError) error = NULL;
  if (!g_test_subprocess ()) {
    g_test_trap_subprocess (NULL, 0, 0);
    g_test_trap_assert_passed ();
    return;
  }
  RvVulkanDevice *device = (RvVulkanDevice *) rv__vulkan_device (NULL);
  device->max_dispatch_work = device->max_buffer_work = 1;
  g_autofree char *wrong = vulkan ()->selftest (&error);
  g_assert_no_error (error);
  g_assert_cmpstr (wrong, ==, "");
}

/* (transfer full): y = x + x after one run, x from test_fill(). *y: (out): the value. */
static RvExecutable *
run_sum (RvShape shape, int *y)
{
  RvProgram *program = rv__program_new (RV_F32);
  int x = rv__program_input (program, &shape);
  *y = rv__add (program, x, x);
  rv__program_output (program, *y);
  RvExecutable *executable = test_executable (program, "vulkan");
  test_fill (executable, x, 1, 1);
  g_assert_true (rv__executable_backward (executable, NULL));
  return executable;
}

/* An op may have more workgroups than one row of the grid. */
static void
test_many_groups (void)
{
  int y;
  g_autoptr (RvExecutable) executable = run_sum (rv_shape (4, 1, 1, 3000, 3000), &y);
  g_autofree double *numbers = test_get (executable, y);
  for (guint64 i = 0; i < 9000000; i += 999)
    g_assert_cmpfloat (numbers[i], ==, 2 * (double) (float) test_number (1, i));
}

static VKAPI_ATTR VkResult VKAPI_CALL
refuse_submission (VkQueue queue, guint32 n, const VkSubmitInfo *submits, VkFence fence)
{
  return VK_ERROR_OUT_OF_HOST_MEMORY;
}

/* A download that fails leaves no wrong numbers for the next one. A cancelled thread can still download a result. */
static void
test_download (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  float numbers[15];
  int y;
  g_autoptr (RvExecutable) executable = run_sum (rv_shape (4, 1, 1, 3, 5), &y);
  rv__vk.QueueSubmit = refuse_submission;
  g_assert_false (rv__executable_get (executable, y, numbers, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
  rv__vk.QueueSubmit = driver.QueueSubmit;
  g_cancellable_cancel (cancellable);
  g_cancellable_push_current (cancellable);
  g_assert_true (rv__executable_get (executable, y, numbers, NULL));
  g_cancellable_pop_current (cancellable);
  for (guint64 i = 0; i < 15; i++)
    g_assert_cmpfloat (numbers[i], ==, 2 * (float) test_number (1, i));
}

static void
skip (void)
{
  const char *is_required = g_getenv ("REVERIE_REQUIRE_GPU");
  if (is_required && strcmp (is_required, "1") == 0)
    g_error ("no Vulkan device");
  g_test_skip ("no Vulkan device");
}

static void
skip_pipelines (gconstpointer unused)
{
  skip ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gboolean is_here = vulkan () != NULL;
  driver = rv__vk;
  g_test_add_func ("/vulkan/wrong-driver", is_here ? test_wrong_driver : skip);
  g_test_add_func ("/vulkan/kernels", is_here ? test_kernels : skip);
  g_test_add_func ("/vulkan/lost", is_here ? test_lost : skip);
  g_test_add_func ("/vulkan/wrong-results", is_here ? test_wrong_results : skip);
  g_test_add_func ("/vulkan/right-zeros", is_here ? test_right_zeros : skip);
  g_test_add_func ("/vulkan/memory", is_here ? test_memory : skip);
  g_test_add_func ("/vulkan/auto", is_here ? test_auto : skip);
  g_test_add_func ("/vulkan/budget", is_here ? test_budget : skip);
  static const char *const files[] = { "good", "damaged", "short", "foreign", "large" };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_strconcat ("/vulkan/pipelines/", files[i], NULL);
    g_test_add_data_func (path, files[i], is_here ? test_pipelines : skip_pipelines);
  }
  g_test_add_func ("/vulkan/download", is_here ? test_download : skip);
  g_test_add_func ("/vulkan/large-value", is_here ? test_large_value : skip);
  g_test_add_func ("/vulkan/best-match", is_here ? test_best_match : skip);
  g_test_add_func ("/vulkan/profile", is_here ? test_profile : skip);
  g_test_add_func ("/vulkan/short-dispatches", is_here ? test_short_dispatches : skip);
  g_test_add_func ("/vulkan/many-groups", is_here ? test_many_groups : skip);
  return g_test_run ();
}
