/* vulkan-memory.h -- memory of a Vulkan device.
 * Layer 3 (backend). */
#pragma once

#include "backend/backend.h"
#include "vulkan-device.h"

extern const RvMemoryClass rv__vulkan_memory;

/* A buffer with its own memory. */
typedef struct {
  VkBuffer buffer;
  VkDeviceMemory memory;
  gsize bytes;
} RvVulkanBlock;

/* Sets *@block to a buffer of @bytes, in memory with the @required and if possible the @preferred properties.
 * RV_ERROR_MEMORY without such memory: it names @what. After an error *block has nothing to free. */
gboolean rv__vulkan_block_init (RvVulkanBlock *block, gsize bytes, VkMemoryPropertyFlags required,
                                VkMemoryPropertyFlags preferred, const char *what, GError **error);
/* Frees buffer and memory, and sets *@block to zeros. */
void rv__vulkan_block_clear (RvVulkanBlock *block);

/* Sets *slice to @bytes of a block at @address, rounded up to whole words. @block: the block's address, by
 * RvMemoryClass.alloc(). */
void rv__vulkan_slice (const guint8 *block, const void *address, gsize bytes, VkDescriptorBufferInfo *slice);

/* Sets *slice to a value of a bound executable, which must have memory. */
void rv__vulkan_value_slice (const RvExecutable *executable, int value, VkDescriptorBufferInfo *slice);
