/* test-vulkan.c -- the Vulkan backend when its driver fails: wrong numbers, a lost device, too little memory. Functions
 * of the driver are replaced. All cases are skips without a device. */
#include "backend/vulkan/vulkan-selftest.h"
#include "backend/vulkan/vulkan-device.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

#define N_SUBMISSIONS 7 /* of compute() */

static const RvBackendClass *
vulkan (void)
{
  return rv__backend_find ("vulkan", NULL);
}

static RvVulkanFunctions driver;
static int n_calls, fail_at;
static double input_scale = 1; /* of compute() */

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
  g_assert_true (rv__graph_plan (program, NULL));
  const RvCompileSettings settings = { .n_threads = 1, .exact = TRUE };
  g_autoptr (RvExecutable) executable =
    rv__executable_new (rv__backend_find (backend, NULL), program, &settings, error);
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

/* A driver that leaves out workgroups: the self-test names kernels, and plain C computes their ops. A result of an
 * earlier process is used. */
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
  g_assert_false (g_strv_contains (list, "concat")); /* a copy */
  g_autofree double *right = compute ("reference", 60, &error), *ours = compute ("vulkan", 60, &error);
  g_assert_no_error (error);
  assert_less (test_relative (ours, right, 7 * 60 * 60), 1e-5);
}

static VKAPI_ATTR VkResult VKAPI_CALL
lose_device (VkQueue queue, guint32 n, const VkSubmitInfo *submits, VkFence fence)
{
  return ++n_calls >= fail_at ? VK_ERROR_DEVICE_LOST : driver.QueueSubmit (queue, n, submits, fence);
}

/* A device that is lost at any submission: the processor computes the same numbers. The user reads one line. */
static void
test_lost (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree double *right = compute ("cpu", 9, &error);
  g_autofree char *wrong = vulkan ()->selftest (&error); /* whose submissions do not count */
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

/* Zeros that are right are no failure. */
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

/* Each tile a dispatch of its own, and each dispatch a command buffer. */
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

/* More workgroups than a grid has in a row. */
static void
test_many_groups (void)
{
  RvShape shape = rv_shape (4, 1, 1, 3000, 3000);
  RvProgram *program = rv__program_new (RV_F32);
  int x = rv__program_input (program, &shape), y = rv__add (program, x, x);
  rv__program_output (program, y);
  g_autoptr (RvExecutable) executable = test_executable (program, "vulkan");
  test_fill (executable, x, 1, 1);
  g_assert_true (rv__executable_backward (executable, NULL));
  g_autofree double *numbers = test_get (executable, y);
  for (guint64 i = 0; i < 9000000; i += 999)
    g_assert_cmpfloat (numbers[i], ==, 2 * (double) (float) test_number (1, i));
}

static void
skip (void)
{
  const char *is_required = g_getenv ("REVERIE_REQUIRE_GPU");
  if (is_required && strcmp (is_required, "1") == 0)
    g_error ("no Vulkan device");
  g_test_skip ("no Vulkan device");
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
  g_test_add_func ("/vulkan/large-value", is_here ? test_large_value : skip);
  g_test_add_func ("/vulkan/short-dispatches", is_here ? test_short_dispatches : skip);
  g_test_add_func ("/vulkan/many-groups", is_here ? test_many_groups : skip);
  return g_test_run ();
}
