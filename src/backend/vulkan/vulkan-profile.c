/* vulkan-profile.c -- time on the device by op. Query i is the end of step i-1, and the begin of step i. */
#include "vulkan-profile.h"
#include "vulkan-kernels.h"

struct _RvVulkanProfile {
  VkQueryPool pool;
  double *seconds; /* by step, summed over runs */
  int *n_runs;     /* by step */
};

RvVulkanProfile *
rv__vulkan_profile_new (int n_steps)
{
  const RvVulkanDevice *device = rv__vulkan_device (NULL);
  const VkQueryPoolCreateInfo info = { .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                       .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                       .queryCount = (guint32) n_steps + 1 };
  VkQueryPool pool;
  if (g_strcmp0 (g_getenv ("REVERIE_VULKAN_PROFILE"), "1") != 0 || !device->limits.timestampComputeAndGraphics ||
      rv__vk.CreateQueryPool (device->handle, &info, NULL, &pool) != VK_SUCCESS)
    return NULL;
  RvVulkanProfile *profile = g_new0 (RvVulkanProfile, 1);
  profile->pool = pool;
  profile->seconds = g_new0 (double, n_steps);
  profile->n_runs = g_new0 (int, n_steps);
  return profile;
}

void
rv__vulkan_profile_free (RvVulkanProfile *profile, const RvExecutable *executable)
{
  if (!profile)
    return;
  const RvProgram *program = executable->program;
  double seconds[RV_N_OPS] = { 0 }, work[RV_N_OPS] = { 0 }, total = 0;
  for (int s = 0; s < (int) program->calls->len; s++) {
    const RvOpCall *call = rv__program_call (program, s);
    seconds[call->kind] += profile->seconds[s];
    work[call->kind] += profile->n_runs[s] * rv__program_work (program, call);
    total += profile->seconds[s];
  }
  g_message ("profile of a program of %u steps: %.3f ms", program->calls->len, 1e3 * total);
  for (int kind = 0; kind < RV_N_OPS; kind++)
    if (seconds[kind] > 0)
      g_message ("profile: %s by %s: %.3f ms, %.1f %%, %.3f TFLOP/s", rv__op_name (kind),
                 rv__vulkan_kernel (kind)->name, 1e3 * seconds[kind], 100 * seconds[kind] / total,
                 work[kind] / seconds[kind] / 1e12);
  rv__vk.DestroyQueryPool (rv__vulkan_device (NULL)->handle, profile->pool, NULL);
  g_free (profile->seconds);
  g_free (profile->n_runs);
  g_free (profile);
}

static void
write_time (RvVulkanProfile *profile, VkCommandBuffer buffer, int query)
{
  rv__vk.CmdWriteTimestamp (buffer, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, profile->pool, (guint32) query);
}

void
rv__vulkan_profile_begin (RvVulkanProfile *profile, VkCommandBuffer buffer, int first, int last)
{
  if (!profile)
    return;
  rv__vk.CmdResetQueryPool (buffer, profile->pool, (guint32) first, (guint32) (last - first + 1));
  write_time (profile, buffer, first);
}

void
rv__vulkan_profile_end_step (RvVulkanProfile *profile, VkCommandBuffer buffer, int step)
{
  if (profile)
    write_time (profile, buffer, step + 1);
}

void
rv__vulkan_profile_add (RvVulkanProfile *profile, int first, int last)
{
  if (!profile)
    return;
  const RvVulkanDevice *device = rv__vulkan_device (NULL);
  guint32 n = (guint32) (last - first + 1);
  g_autofree guint64 *ticks = g_new0 (guint64, n);
  if (rv__vk.GetQueryPoolResults (device->handle, profile->pool, (guint32) first, n, n * sizeof *ticks, ticks,
                                  sizeof *ticks, VK_QUERY_RESULT_64_BIT) != VK_SUCCESS)
    return;
  for (int s = first; s < last; s++) {
    profile->seconds[s] += (double) (ticks[s - first + 1] - ticks[s - first]) * device->limits.timestampPeriod / 1e9;
    profile->n_runs[s]++;
  }
}
