/* vulkan.c -- the backend on a GPU: compute shaders of Vulkan. Values are in plain rows; convolutions are computed in
 * f32 whatever RvPrecision allows. */
#include "vulkan-commands.h"
#include "backend/kernel-table.h"
#include "base/error.h"
#include "vulkan-kernels.h"
#include "vulkan-memory.h"
#include "vulkan-pipelines.h"
#include "vulkan-selftest.h"

typedef struct {
  gboolean *supported; /* by step */
  RvVulkanCommands *commands;
} Vulkan;

RvVulkanCommands *
rv__vulkan_executable_commands (const RvExecutable *executable)
{
  const Vulkan *vulkan = executable->backend_data;
  return vulkan ? vulkan->commands : NULL;
}

static gboolean
vulkan_probe (void)
{
  g_autoptr (GError) error = NULL;
  return rv__vulkan_device (&error) != NULL;
}

/* Whether shaders can bind all values of a call, and its scratch. */
static gboolean
values_fit (const RvProgram *program, const RvOpCall *call, const RvVulkanKernel *kernel)
{
  gsize max_bytes = rv__vulkan_device (NULL)->limits.maxStorageBufferRange;
  gsize most = kernel->scratch_bytes ? kernel->scratch_bytes (program, call) : 0;
  for (int k = 0; k < call->n_in; k++)
    most = MAX (most, rv__program_value_bytes (program, call->in[k]));
  for (int k = 0; k < call->n_out; k++)
    most = MAX (most, rv__program_value_bytes (program, call->out[k]));
  return most <= max_bytes;
}

static gboolean
vulkan_supports (const RvExecutable *executable, int step)
{
  return ((const Vulkan *) executable->backend_data)->supported[step];
}

/* RvBackendClass.compile with all kernels, also those that the self-test rejects. RV_ERROR_TYPE unless f32. */
static gboolean
compile_untested (RvExecutable *executable, GError **error)
{
  const RvProgram *program = executable->program;
  int n_steps = (int) program->calls->len;
  Vulkan *vulkan = executable->backend_data = g_new0 (Vulkan, 1);
  vulkan->supported = g_new0 (gboolean, n_steps + 1);
  if (program->type != RV_F32)
    return rv__error_set (error, RV_ERROR_TYPE, "the backend 'vulkan' computes in f32 only");
  if (!rv__vulkan_device (error))
    return FALSE;
  for (int i = 0; i < n_steps; i++) {
    const RvOpCall *call = rv__program_call (program, i);
    const RvVulkanKernel *kernel = rv__vulkan_kernel (call->kind);
    /* No shader computes the gradient of weights of groups of channels, or the KL divergence with free bits. */
    gboolean is_beyond = (call->kind == RV_OP_CONV2D_BACKWARD_WEIGHTS && call->attrs.conv.groups > 1) ||
                         ((call->kind == RV_OP_KL || call->kind == RV_OP_KL_BACKWARD) && call->attrs.kl.free_nats > 0);
    vulkan->supported[i] = kernel && values_fit (program, call, kernel) && !is_beyond;
    if (vulkan->supported[i] && kernel->scratch_bytes)
      executable->scratch_bytes = MAX (executable->scratch_bytes, kernel->scratch_bytes (program, call));
  }
  return TRUE;
}

/* RvBackendClass.compile. Runs rv__vulkan_test_kernels(); steps with wrong kernels run as plain C. Stores the device's
 * name in executable->kernels. */
static gboolean
vulkan_compile (RvExecutable *executable, GError **error)
{
  if (!compile_untested (executable, error) || !rv__vulkan_test_kernels (TRUE, error))
    return FALSE;
  rv__kernel_table_set_device (executable->kernels, rv__vulkan_device (NULL)->name);
  for (int i = 0; i < (int) executable->program->calls->len; i++)
    ((Vulkan *) executable->backend_data)->supported[i] &=
      rv__vulkan_is_right (rv__program_call (executable->program, i)->kind);
  return TRUE;
}

static gboolean
vulkan_bind (RvExecutable *executable, GError **error)
{
  Vulkan *vulkan = executable->backend_data;
  return (vulkan->commands = rv__vulkan_commands_new (executable, error)) != NULL;
}

static gboolean
vulkan_run (RvExecutable *executable, int step, GError **error)
{
  return rv__vulkan_commands_add (rv__vulkan_executable_commands (executable), step, error);
}

static const char *
vulkan_step_kernel (const RvExecutable *executable, int step)
{
  const RvOpCall *call = rv__program_call (executable->program, step);
  return vulkan_supports (executable, step) ? rv__vulkan_kernel (call->kind)->name : "plain C";
}

static char *
vulkan_selftest (GError **error)
{
  return rv__vulkan_test_kernels (FALSE, error) ? rv__vulkan_wrong_ops () : NULL;
}

static char *
vulkan_describe (void)
{
  g_autoptr (GError) error = NULL;
  const RvVulkanDevice *device = rv__vulkan_device (&error);
  return device
           ? g_strdup_printf ("GPU %u, %s%s", device->number, device->name, device->is_software ? ", in software" : "")
           : g_strdup (error->message);
}

static void
vulkan_close (RvExecutable *executable)
{
  Vulkan *vulkan = executable->backend_data;
  if (!vulkan)
    return;
  rv__vulkan_commands_free (vulkan->commands);
  g_free (vulkan->supported);
  g_free (vulkan);
}

const RvBackendClass rv__backend_vulkan_untested = {
  .name = "vulkan-untested",
  .summary = "all kernels, for the self-test",
  .memory = &rv__vulkan_memory,
  .supports = vulkan_supports,
  .compile = compile_untested,
  .bind = vulkan_bind,
  .run = vulkan_run,
  .close = vulkan_close,
};

const RvBackendClass rv__backend_vulkan = {
  .name = "vulkan",
  .summary = "a GPU, by Vulkan",
  .memory = &rv__vulkan_memory,
  .probe = vulkan_probe,
  .supports = vulkan_supports,
  .compile = vulkan_compile,
  .bind = vulkan_bind,
  .run = vulkan_run,
  .step_kernel = vulkan_step_kernel,
  .describe = vulkan_describe,
  .device_lines = rv__vulkan_device_lines,
  .choose_device = rv__vulkan_choose_device,
  .hardware = rv__vulkan_hardware,
  .failure = rv__vulkan_failure,
  .set_failure = rv__vulkan_set_failure,
  .selftest = vulkan_selftest,
  .use_cache = rv__vulkan_use_cache,
  .save_cache = rv__vulkan_save_cache,
  .close = vulkan_close,
};
