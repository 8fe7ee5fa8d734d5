/* vulkan-memory.h -- memory of a Vulkan device.
 * Layer 3 (backend). */
#pragma once

#include "backend/backend.h"
#include "vulkan-device.h"

extern const RvMemoryClass rv__vulkan_memory;

/* Sets *slice to @bytes of a block at @address, rounded up to whole words. @block: the block's address, by
 * RvMemoryClass.alloc(). */
void rv__vulkan_slice (const guint8 *block, const void *address, gsize bytes, VkDescriptorBufferInfo *slice);

/* Sets *slice to a value of a bound executable, which must have memory. */
void rv__vulkan_value_slice (const RvExecutable *executable, int value, VkDescriptorBufferInfo *slice);
