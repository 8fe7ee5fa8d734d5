/* vulkan-device.h -- the Vulkan device: loader, choice of device, submission.
 * Layer 3 (backend). One device for the process, opened on first use and never closed. */
#pragma once

#define VK_NO_PROTOTYPES
#include "base/alloc.h"
#include "op/op.h"
#include "vulkan-shaders.h"
#include <reverie/error.h>
#include <vulkan/vulkan.h>

/* Functions of an instance and of its device. */
#define RV_VULKAN_FUNCTIONS(X)                                                                                         \
  X (AllocateCommandBuffers)                                                                                           \
  X (AllocateDescriptorSets)                                                                                           \
  X (AllocateMemory)                                                                                                   \
  X (BeginCommandBuffer)                                                                                               \
  X (BindBufferMemory)                                                                                                 \
  X (CmdBindDescriptorSets)                                                                                            \
  X (CmdBindPipeline)                                                                                                  \
  X (CmdCopyBuffer)                                                                                                    \
  X (CmdDispatch)                                                                                                      \
  X (CmdFillBuffer)                                                                                                    \
  X (CmdPipelineBarrier)                                                                                               \
  X (CmdPushConstants)                                                                                                 \
  X (CmdResetQueryPool)                                                                                                \
  X (CmdWriteTimestamp)                                                                                                \
  X (CreateBuffer)                                                                                                     \
  X (CreateCommandPool)                                                                                                \
  X (CreateComputePipelines)                                                                                           \
  X (CreateDescriptorPool)                                                                                             \
  X (CreateDescriptorSetLayout)                                                                                        \
  X (CreateDevice)                                                                                                     \
  X (CreateFence)                                                                                                      \
  X (CreatePipelineCache)                                                                                              \
  X (CreatePipelineLayout)                                                                                             \
  X (CreateQueryPool)                                                                                                  \
  X (CreateShaderModule)                                                                                               \
  X (DestroyBuffer)                                                                                                    \
  X (DestroyCommandPool)                                                                                               \
  X (DestroyDescriptorPool)                                                                                            \
  X (DestroyFence)                                                                                                     \
  X (DestroyQueryPool)                                                                                                 \
  X (DestroyShaderModule)                                                                                              \
  X (EndCommandBuffer)                                                                                                 \
  X (EnumerateDeviceExtensionProperties)                                                                               \
  X (EnumeratePhysicalDevices)                                                                                         \
  X (FreeMemory)                                                                                                       \
  X (GetBufferMemoryRequirements)                                                                                      \
  X (GetDeviceQueue)                                                                                                   \
  X (GetPhysicalDeviceMemoryProperties2)                                                                               \
  X (GetPhysicalDeviceProperties2)                                                                                     \
  X (GetPhysicalDeviceQueueFamilyProperties)                                                                           \
  X (GetPipelineCacheData)                                                                                             \
  X (GetQueryPoolResults)                                                                                              \
  X (MapMemory)                                                                                                        \
  X (QueueSubmit)                                                                                                      \
  X (QueueWaitIdle)                                                                                                    \
  X (UpdateDescriptorSets)                                                                                             \
  X (WaitForFences)

typedef struct {
#define X(name) PFN_vk##name name;
  RV_VULKAN_FUNCTIONS (X)
#undef X
} RvVulkanFunctions;

/* Vulkan functions. Set by the first call of rv__vulkan_device(), rv__vulkan_choose_device(), rv__vulkan_hardware()
 * or rv__vulkan_device_lines() that can create an instance. */
extern RvVulkanFunctions rv__vk;

/* Bindings of each shader: four inputs, two outputs, scratch. */
enum { RV_VULKAN_OUT = RV_OP_MAX_IN, RV_VULKAN_SCRATCH = RV_OP_MAX_IN + RV_OP_MAX_OUT, RV_VULKAN_N_BINDINGS };

#define RV_VULKAN_PUSH_BYTES 128 /* all devices have as much */

typedef struct {
  VkPhysicalDevice physical;
  guint32 number; /* in the loader's list, from 0 */
  VkDevice handle;
  VkQueue queue;
  guint32 queue_family;
  VkPhysicalDeviceLimits limits;
  gsize max_block_bytes;    /* maximum size of one allocation */
  gboolean has_budget;      /* VK_EXT_memory_budget */
  gboolean is_software;     /* computes on the processor, such as Mesa's lavapipe */
  char *driver_name;        /* names of device and driver */
  char *name;               /* the same, and the driver's version */
  double max_dispatch_work; /* maximum of multiplications and additions in a dispatch */
  double max_buffer_work;   /* the same maximum for a command buffer */
  VkDescriptorSetLayout set_layout;
  VkPipelineLayout pipeline_layout;
} RvVulkanDevice;

/* (nullable): the device, opened by the first call: that of rv__vulkan_choose_device(), else the first of discrete,
 * integrated, virtual and software ones. Static. NULL with an error, the same each time unless another device is
 * chosen. Any thread. */
const RvVulkanDevice *rv__vulkan_device (GError **error);

/* Chooses the device: @text is its number in the loader's list, from 0, or a part of its name. FALSE: RV_ERROR_SETTING
 * that lists the devices, or for "" and text that is not UTF-8; RV_ERROR_BACKEND without devices, for one that cannot
 * run the shaders, or if another is open. Any thread. */
gboolean rv__vulkan_choose_device (const char *text, GError **error);

/* (transfer full) (nullable): RvBackendClass.hardware: name, driver and version of the device that rv__vulkan_device()
 * would open, and a hash of the shaders. Opens at most the loader. Any thread. */
char *rv__vulkan_hardware (void);

/* (transfer full): a line for each device, by number: name, type, driver, memory. Empty without a loader. Any thread.
 */
char **rv__vulkan_device_lines (void);

/* Bytes of the largest heap of the device's own memory; with VK_EXT_memory_budget what this process can still take. */
gsize rv__vulkan_heap_bytes (VkPhysicalDevice physical, gboolean has_budget);

/* (nullable): RvBackendClass.failure: why the device is not used; static. NULL: it can be used. */
const char *rv__vulkan_failure (void);
/* Sets the reason (static) for rv__vulkan_failure(). Prints the first reason as a message of GLib; ignores later
 * ones. NULL, for tests: removes the reason. Any thread. */
void rv__vulkan_set_failure (const char *reason);

/* (nullable): ARGUMENT if the environment variable REVERIE_VULKAN_FAULT, for tests, is "@name ARGUMENT"; else NULL.
 * Borrowed. */
const char *rv__vulkan_fault (const char *name);
/* Whether the fault "@name N" is due: in the Nth call and later ones. While REVERIE_VULKAN_FAULT names this fault, adds
 * 1 to *n_calls; else leaves it unchanged. */
gboolean rv__vulkan_fault_is_due (const char *name, gint *n_calls);

/* TRUE for VK_SUCCESS. Otherwise FALSE with RV_ERROR_MEMORY or RV_ERROR_BACKEND. A lost device also calls
 * rv__vulkan_set_failure(). @what: the task of the call, for the message. */
gboolean rv__vulkan_check (VkResult result, const char *what, GError **error);

/* Submits @n recorded command buffers of the open device in order, each by itself, and waits until all are done. Any
 * thread. */
gboolean rv__vulkan_submit (const VkCommandBuffer *buffers, guint32 n, GError **error);

/* (transfer full) (nullable): a command pool of the open device, whose buffers can be recorded again. */
VkCommandPool rv__vulkan_command_pool_new (GError **error);

/* (nullable): a new command buffer of @pool, which owns it, ready to record. */
VkCommandBuffer rv__vulkan_command_buffer_new (VkCommandPool pool, GError **error);

/* Index of a memory type of the open device in @allowed, a bit mask, with all @required properties; -1: none. Prefers a
 * type that also has the @preferred ones. */
int rv__vulkan_memory_type (guint32 allowed, VkMemoryPropertyFlags required, VkMemoryPropertyFlags preferred);
