/* vulkan-memory.h -- memory of a Vulkan device.
 * Layer 3 (backend). */
#pragma once

#include "backend/backend.h"
#include "vulkan-device.h"

extern const RvMemoryClass rv__vulkan_memory;

/* Sets *slice to the part of a buffer at @address, in a block of RvMemoryClass.alloc() that begins at @block, of
 * @bytes, rounded up to whole words. */
void rv__vulkan_slice (const guint8 *block, const void *address, gsize bytes, VkDescriptorBufferInfo *slice);

/* rv__vulkan_slice() of a value of a bound executable, which must have memory. */
void rv__vulkan_value_slice (const RvExecutable *executable, int value, VkDescriptorBufferInfo *slice);
