/* vulkan-commands.c -- records runs of steps into command buffers, and submits them.
 *
 * Each run of consecutive steps, first .. last-1, is recorded once. The forward part of a program and the backward part
 * are such runs, if the shaders have all their ops. A run is several command buffers if it has much work. */
#include "base/cancel.h"
#include "vulkan-commands.h"
#include "vulkan-kernels.h"
#include "vulkan-pipelines.h"
#include "vulkan-profile.h"
#include "vulkan-transfers.h"
#include <string.h>

#define SETS_PER_POOL 256
#define MAX_BUFFERS 4      /* maximum of command buffers between two checks of the cancellable */
#define MAX_GROUPS_X 32768 /* all devices allow 65535 */

typedef struct {
  int first, last;
  GArray *buffers; /* VkCommandBuffer */
} Run;

struct _RvVulkanCommands {
  RvExecutable *executable;
  VkCommandPool pool;
  GArray *descriptor_pools; /* VkDescriptorPool */
  guint sets_left;          /* descriptor sets that the last pool can still allocate */
  GArray *runs;             /* Run */
  int first, last;          /* steps that wait for their submission */
  RvVulkanMirror *mirror;
  RvVulkanProfile *profile; /* NULL: none */
};

struct _RvVulkanRecorder {
  RvVulkanCommands *commands;
  Run *run;
  VkCommandBuffer buffer; /* last command buffer of the run */
  double work;            /* multiplications and additions in `buffer` */
};

static void
run_clear (gpointer data)
{
  g_array_unref (((Run *) data)->buffers);
}

RvVulkanCommands *
rv__vulkan_commands_new (RvExecutable *executable, GError **error)
{
  VkCommandPool pool = rv__vulkan_command_pool_new (error);
  if (!pool)
    return NULL;
  RvVulkanCommands *commands = g_new0 (RvVulkanCommands, 1);
  commands->executable = executable;
  commands->pool = pool;
  commands->descriptor_pools = g_array_new (FALSE, FALSE, sizeof (VkDescriptorPool));
  commands->runs = g_array_new (FALSE, FALSE, sizeof (Run));
  g_array_set_clear_func (commands->runs, run_clear);
  commands->mirror = rv__vulkan_mirror_new (executable, pool);
  commands->profile = rv__vulkan_profile_new ((int) executable->program->calls->len);
  return commands;
}

void
rv__vulkan_commands_free (RvVulkanCommands *commands)
{
  if (!commands)
    return;
  const RvVulkanDevice *device = rv__vulkan_device (NULL);
  rv__vulkan_profile_free (commands->profile, commands->executable);
  rv__vulkan_mirror_free (commands->mirror);
  rv__vk.DestroyCommandPool (device->handle, commands->pool, NULL);
  for (guint i = 0; i < commands->descriptor_pools->len; i++)
    rv__vk.DestroyDescriptorPool (device->handle, g_array_index (commands->descriptor_pools, VkDescriptorPool, i),
                                  NULL);
  g_array_unref (commands->descriptor_pools);
  g_array_unref (commands->runs);
  g_free (commands);
}

/* ---- recording --------------------------------------------------------------------------------------------------- */

void
rv__vulkan_barrier (VkCommandBuffer buffer)
{
  const VkMemoryBarrier memory = { .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                                   .srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT,
                                   .dstAccessMask = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT };
  rv__vk.CmdPipelineBarrier (buffer, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT,
                             VK_PIPELINE_STAGE_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &memory, 0, NULL, 0,
                             NULL);
}

const RvExecutable *
rv__vulkan_recorder_executable (const RvVulkanRecorder *recorder)
{
  return recorder->commands->executable;
}

void
rv__vulkan_set_groups (RvVulkanDispatch *dispatch, gint64 n_groups)
{
  gint64 x = MIN (n_groups, MAX_GROUPS_X);
  dispatch->groups[0] = (guint32) x;
  dispatch->groups[1] = x > 0 ? (guint32) ((n_groups + x - 1) / x) : 0;
  dispatch->groups[2] = 1;
}

/* Ends the recorder's command buffer; TRUE without one. Afterwards there is none, also after an error. */
static gboolean
end_buffer (RvVulkanRecorder *recorder, GError **error)
{
  VkCommandBuffer buffer = recorder->buffer;
  recorder->buffer = VK_NULL_HANDLE;
  return !buffer || rv__vulkan_check (rv__vk.EndCommandBuffer (buffer), "recording commands", error);
}

/* Makes recorder->buffer a command buffer with less work than max_buffer_work: ends a full one, and appends a new one
 * to run->buffers. */
static gboolean
require_buffer (RvVulkanRecorder *recorder, GError **error)
{
  if (recorder->buffer && recorder->work < rv__vulkan_device (NULL)->max_buffer_work)
    return TRUE;
  if (!end_buffer (recorder, error) ||
      !(recorder->buffer = rv__vulkan_command_buffer_new (recorder->commands->pool, error)))
    return FALSE;
  recorder->work = 0;
  g_array_append_val (recorder->run->buffers, recorder->buffer);
  return TRUE;
}

/* (nullable): a new descriptor set, owned by @commands. */
static VkDescriptorSet
descriptor_set_new (RvVulkanCommands *commands, GError **error)
{
  const RvVulkanDevice *device = rv__vulkan_device (NULL);
  VkDescriptorSet set;
  if (commands->sets_left == 0) {
    const VkDescriptorPoolSize size = { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, SETS_PER_POOL * RV_VULKAN_N_BINDINGS };
    const VkDescriptorPoolCreateInfo info = { .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                              .maxSets = SETS_PER_POOL,
                                              .poolSizeCount = 1,
                                              .pPoolSizes = &size };
    VkDescriptorPool pool;
    if (!rv__vulkan_check (rv__vk.CreateDescriptorPool (device->handle, &info, NULL, &pool),
                           "creating a descriptor pool", error))
      return VK_NULL_HANDLE;
    g_array_append_val (commands->descriptor_pools, pool);
    commands->sets_left = SETS_PER_POOL;
  }
  const VkDescriptorSetAllocateInfo allocate = {
    .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
    .descriptorPool = g_array_index (commands->descriptor_pools, VkDescriptorPool, commands->descriptor_pools->len - 1),
    .descriptorSetCount = 1,
    .pSetLayouts = &device->set_layout
  };
  if (!rv__vulkan_check (rv__vk.AllocateDescriptorSets (device->handle, &allocate, &set), "binding memory", error))
    return VK_NULL_HANDLE;
  commands->sets_left--;
  return set;
}

/* Points the bindings of @set to the dispatch's values and to the scratch. Bindings without a value, which the
 * shader does not use, get the scratch, because all bindings must be valid. */
static void
write_bindings (const RvExecutable *executable, const RvVulkanDispatch *dispatch, VkDescriptorSet set)
{
  VkDescriptorBufferInfo slices[RV_VULKAN_N_BINDINGS];
  VkWriteDescriptorSet writes[RV_VULKAN_N_BINDINGS];
  gsize max_bytes = rv__vulkan_device (NULL)->limits.maxStorageBufferRange;
  rv__vulkan_slice (executable->scratch, executable->scratch, MIN (MAX (executable->scratch_bytes, 4), max_bytes),
                    &slices[RV_VULKAN_SCRATCH]);
  for (guint32 i = 0; i < RV_VULKAN_N_BINDINGS; i++) {
    int value = i < RV_VULKAN_OUT ? dispatch->in[i] : i < RV_VULKAN_SCRATCH ? dispatch->out[i - RV_VULKAN_OUT] : -1;
    if (value >= 0 && executable->layout[value].data)
      rv__vulkan_value_slice (executable, value, &slices[i]);
    else
      slices[i] = slices[RV_VULKAN_SCRATCH];
    writes[i] = (VkWriteDescriptorSet){ .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                                        .dstSet = set,
                                        .dstBinding = i,
                                        .descriptorCount = 1,
                                        .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                                        .pBufferInfo = &slices[i] };
  }
  rv__vk.UpdateDescriptorSets (rv__vulkan_device (NULL)->handle, RV_VULKAN_N_BINDINGS, writes, 0, NULL);
}

gboolean
rv__vulkan_record (RvVulkanRecorder *recorder, const RvVulkanDispatch *dispatch, GError **error)
{
  const RvVulkanDevice *device = rv__vulkan_device (NULL);
  const guint32 *groups = dispatch->groups;
  const char *skipped = rv__vulkan_fault ("skip");
  if (groups[0] == 0 || groups[1] == 0 || groups[2] == 0 ||
      (skipped && strcmp (skipped, rv__vulkan_shaders[dispatch->shader].name) == 0))
    return TRUE;
  VkPipeline pipeline = rv__vulkan_pipeline (dispatch->shader, dispatch->kind, error);
  VkDescriptorSet set = pipeline ? descriptor_set_new (recorder->commands, error) : VK_NULL_HANDLE;
  if (!set || !require_buffer (recorder, error))
    return FALSE;
  write_bindings (recorder->commands->executable, dispatch, set);
  if (!dispatch->is_independent)
    rv__vulkan_barrier (recorder->buffer);
  rv__vk.CmdBindPipeline (recorder->buffer, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
  rv__vk.CmdBindDescriptorSets (recorder->buffer, VK_PIPELINE_BIND_POINT_COMPUTE, device->pipeline_layout, 0, 1, &set,
                                0, NULL);
  rv__vk.CmdPushConstants (recorder->buffer, device->pipeline_layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                           (guint32) dispatch->push_bytes, dispatch->push);
  rv__vk.CmdDispatch (recorder->buffer, groups[0], groups[1], groups[2]);
  recorder->work += dispatch->work;
  return TRUE;
}

void
rv__vulkan_record_copies (RvVulkanRecorder *recorder, int from, int to, VkBufferCopy *regions, guint32 n_regions)
{
  VkDescriptorBufferInfo source, target;
  rv__vulkan_value_slice (recorder->commands->executable, from, &source);
  rv__vulkan_value_slice (recorder->commands->executable, to, &target);
  for (guint32 i = 0; i < n_regions; i++) {
    regions[i].srcOffset += source.offset;
    regions[i].dstOffset += target.offset;
  }
  rv__vulkan_barrier (recorder->buffer);
  rv__vk.CmdCopyBuffer (recorder->buffer, source.buffer, target.buffer, n_regions, regions);
}

/* Records the steps run->first .. run->last - 1, and appends the command buffers to run->buffers. */
static gboolean
record_run (RvVulkanCommands *commands, Run *run, GError **error)
{
  RvVulkanRecorder recorder = { .commands = commands, .run = run };
  gboolean ok = require_buffer (&recorder, error);
  if (ok)
    rv__vulkan_profile_begin (commands->profile, recorder.buffer, run->first, run->last);
  for (int step = run->first; ok && step < run->last; step++) {
    const RvOpCall *call = rv__program_call (commands->executable->program, step);
    ok = require_buffer (&recorder, error) && rv__vulkan_kernel (call->kind)->record (&recorder, call, error);
    if (ok)
      rv__vulkan_profile_end_step (commands->profile, recorder.buffer, step);
  }
  return ok && end_buffer (&recorder, error);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* (nullable): the run of the steps that wait for their submission; the first call records it. Borrowed from
 * @commands, until another run is recorded. */
static const Run *
find_run (RvVulkanCommands *commands, GError **error)
{
  for (guint i = 0; i < commands->runs->len; i++) {
    const Run *run = &g_array_index (commands->runs, Run, i);
    if (run->first == commands->first && run->last == commands->last)
      return run;
  }
  Run run = { commands->first, commands->last, g_array_new (FALSE, FALSE, sizeof (VkCommandBuffer)) };
  if (!record_run (commands, &run, error)) {
    run_clear (&run);
    return NULL;
  }
  g_array_append_val (commands->runs, run);
  return &g_array_index (commands->runs, Run, commands->runs->len - 1);
}

/* Submits the waiting steps, and the commands of the mirror, up to MAX_BUFFERS command buffers at a time, and waits for
 * them. No step waits afterwards, also after an error. With steps, checks the thread's cancellable before each wait. */
static gboolean
submit (RvVulkanCommands *commands, GError **error)
{
  g_autoptr (GArray) buffers = g_array_new (FALSE, FALSE, sizeof (VkCommandBuffer));
  gboolean has_steps = commands->first < commands->last;
  const Run *run = has_steps ? find_run (commands, error) : NULL;
  commands->first = commands->last = 0;
  if (has_steps && !run)
    return FALSE;
  if (run)
    g_array_append_vals (buffers, run->buffers->data, run->buffers->len);
  gboolean ok = rv__vulkan_mirror_add_commands (commands->mirror, buffers, error);
  for (guint i = 0; ok && i < buffers->len; i += MAX_BUFFERS)
    ok = rv__check_cancelled (error) && rv__vulkan_submit_after_uploads (&g_array_index (buffers, VkCommandBuffer, i),
                                                                         MIN (MAX_BUFFERS, buffers->len - i), error);
  if (ok && run)
    rv__vulkan_profile_add (commands->profile, run->first, run->last);
  return ok;
}

gboolean
rv__vulkan_commands_add (RvVulkanCommands *commands, int step, GError **error)
{
  if (commands->first < commands->last && commands->last != step && !submit (commands, error))
    return FALSE;
  if (commands->first == commands->last)
    commands->first = step;
  commands->last = step + 1;
  return TRUE;
}

gboolean
rv__vulkan_commands_finish (RvExecutable *executable, GError **error)
{
  RvVulkanCommands *commands = rv__vulkan_executable_commands (executable);
  return !commands || commands->first == commands->last || submit (commands, error);
}

gboolean
rv__vulkan_commands_submit (RvExecutable *executable, GError **error)
{
  return submit (rv__vulkan_executable_commands (executable), error);
}

RvVulkanMirror *
rv__vulkan_executable_mirror (const RvExecutable *executable)
{
  RvVulkanCommands *commands = rv__vulkan_executable_commands (executable);
  return commands ? commands->mirror : NULL;
}
