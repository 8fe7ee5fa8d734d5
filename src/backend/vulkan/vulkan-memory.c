/* vulkan-memory.c -- memory of a Vulkan device.
 *
 * A block is one buffer. Its address is a range of the host's address space, reserved without access rights: unique,
 * fit for adding offsets, and any access crashes.
 *
 * For tests, REVERIE_VULKAN_BUDGET=SIZE limits the device's memory. */
#include "vulkan-memory.h"
#include "base/error.h"
#include "base/text.h"
#include "vulkan-commands.h"
#include "vulkan-transfers.h"
#include <sys/mman.h>

/* Blocks by address, the sum of their bytes, and the lock of both. */
static GHashTable *blocks;
static gsize blocks_bytes;
static GMutex blocks_lock;

void
rv__vulkan_block_clear (RvVulkanBlock *block)
{
  const RvVulkanDevice *device = rv__vulkan_device (NULL);
  rv__vk.DestroyBuffer (device->handle, block->buffer, NULL);
  rv__vk.FreeMemory (device->handle, block->memory, NULL);
  *block = (RvVulkanBlock){ 0 };
}

/* Returns NULL and RV_ERROR_MEMORY, which says that @what needs @bytes. */
static void *
fail_memory (gsize bytes, const char *what, GError **error)
{
  g_autofree char *size = g_format_size (bytes);
  return rv__error_null (error, RV_ERROR_MEMORY,
                         "out of GPU memory: %s needs %s; a smaller picture or batch needs less", what, size);
}

gboolean
rv__vulkan_block_init (RvVulkanBlock *block, gsize bytes, VkMemoryPropertyFlags required,
                       VkMemoryPropertyFlags preferred, const char *what, GError **error)
{
  const RvVulkanDevice *device = rv__vulkan_device (error);
  const VkBufferCreateInfo info = { .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                    .size = bytes,
                                    .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                             VK_BUFFER_USAGE_TRANSFER_DST_BIT };
  VkMemoryRequirements needs = { 0 };
  *block = (RvVulkanBlock){ .bytes = bytes };
  if (!device)
    return FALSE;
  if (bytes <= device->max_block_bytes) {
    if (!rv__vulkan_check (rv__vk.CreateBuffer (device->handle, &info, NULL, &block->buffer), what, error))
      return FALSE;
    rv__vk.GetBufferMemoryRequirements (device->handle, block->buffer, &needs);
  }
  int type = rv__vulkan_memory_type (needs.memoryTypeBits, required, preferred);
  const VkMemoryAllocateInfo allocate = { .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                          .allocationSize = needs.size,
                                          .memoryTypeIndex = (guint32) type };
  VkResult result =
    type < 0 ? VK_ERROR_OUT_OF_DEVICE_MEMORY : rv__vk.AllocateMemory (device->handle, &allocate, NULL, &block->memory);
  if (result == VK_SUCCESS)
    result = rv__vk.BindBufferMemory (device->handle, block->buffer, block->memory, 0);
  if (result == VK_SUCCESS)
    return TRUE;
  rv__vulkan_block_clear (block);
  fail_memory (bytes, what, error);
  return FALSE;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

/* RvMemoryClass.free_bytes: memory of the device that is left, within REVERIE_VULKAN_BUDGET; 0 without a device. */
static gsize
free_bytes (void)
{
  const RvVulkanDevice *device = rv__vulkan_device (NULL);
  const char *text = g_getenv ("REVERIE_VULKAN_BUDGET");
  gsize budget = G_MAXSIZE;
  if (!device)
    return 0;
  if (text)
    rv__text_parse_bytes (text, &budget);
  g_mutex_lock (&blocks_lock);
  gsize taken = blocks_bytes;
  g_mutex_unlock (&blocks_lock);
  gsize left = rv__vulkan_heap_bytes (device->physical, device->has_budget), own = device->has_budget ? 0 : taken;
  return MIN (left - MIN (own, left), budget - MIN (taken, budget));
}

/* RvMemoryClass.max_block_bytes: size of the largest buffer of the device; 0 without a device. */
static gsize
max_block_bytes (void)
{
  const RvVulkanDevice *device = rv__vulkan_device (NULL);
  return device ? device->max_block_bytes : 0;
}

/* RvMemoryClass.alloc. The address is reserved in the process without memory behind it, so that it is unique; `blocks`
 * maps it to the block. RV_ERROR_MEMORY without address space, or beyond REVERIE_VULKAN_BUDGET. */
static void *
alloc (gsize bytes, const char *what, GError **error)
{
  gsize whole = rv__aligned (MAX (bytes, 1));
  g_autofree RvVulkanBlock *block = g_new0 (RvVulkanBlock, 1);
  if (g_getenv ("REVERIE_VULKAN_BUDGET") && whole > free_bytes ())
    return fail_memory (whole, what, error);
  if (!rv__vulkan_block_init (block, whole, 0, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, what, error))
    return NULL;
  void *address = mmap (NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED || !rv__vulkan_fill_zeros (block, error)) {
    rv__vulkan_block_clear (block);
    if (address == MAP_FAILED)
      rv__error_set (error, RV_ERROR_MEMORY, "out of address space: %s", what);
    else
      munmap (address, whole);
    return NULL;
  }
  g_mutex_lock (&blocks_lock);
  if (!blocks)
    blocks = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (blocks, address, g_steal_pointer (&block));
  blocks_bytes += whole;
  g_mutex_unlock (&blocks_lock);
  return address;
}

/* Copy of the block that alloc() returned as @address, which must exist. Takes blocks_lock. */
static RvVulkanBlock
find_block (const void *address)
{
  g_mutex_lock (&blocks_lock);
  RvVulkanBlock block = *(const RvVulkanBlock *) g_hash_table_lookup (blocks, address);
  g_mutex_unlock (&blocks_lock);
  return block;
}

/* RvMemoryClass.free: frees the block at @address, from alloc(); NULL does nothing. */
static void
free_block (void *address)
{
  if (!address)
    return;
  RvVulkanBlock block = find_block (address);
  g_mutex_lock (&blocks_lock);
  g_hash_table_remove (blocks, address);
  blocks_bytes -= block.bytes;
  g_mutex_unlock (&blocks_lock);
  munmap (address, block.bytes);
  rv__vulkan_forget_uploads (&block);
  rv__vulkan_block_clear (&block);
}

void
rv__vulkan_slice (const guint8 *block, const void *address, gsize bytes, VkDescriptorBufferInfo *slice)
{
  *slice = (VkDescriptorBufferInfo){ find_block (block).buffer, (gsize) ((const guint8 *) address - block),
                                     (MAX (bytes, 1) + 3) / 4 * 4 };
}

void
rv__vulkan_value_slice (const RvExecutable *executable, int value, VkDescriptorBufferInfo *slice)
{
  gboolean is_constant = rv__program_value (executable->program, value)->role == RV_VALUE_CONSTANT;
  rv__vulkan_slice (is_constant ? executable->constants : executable->arena, executable->layout[value].data,
                    rv__program_value_bytes (executable->program, value), slice);
}

const RvMemoryClass rv__vulkan_memory = {
  .alloc = alloc,
  .free = free_block,
  .upload = rv__vulkan_upload,
  .download = rv__vulkan_download,
  .synchronize = rv__vulkan_commands_finish,
  .free_bytes = free_bytes,
  .max_block_bytes = max_block_bytes,
};
