/* vulkan-memory.c -- memory of a Vulkan device, and transfers through a staging buffer that the host can access.
 *
 * A block is one buffer. Its address is a range of the host's address space, reserved without access rights: unique,
 * fit for adding offsets, and any access crashes.
 *
 * For tests, REVERIE_VULKAN_BUDGET=SIZE limits the device's memory. */
#include "vulkan-memory.h"
#include "base/error.h"
#include "base/text.h"
#include "vulkan-commands.h"
#include "vulkan-selftest.h"
#include <string.h>
#include <sys/mman.h>

#define STAGING_BYTES ((gsize) 8 << 20)

typedef struct {
  VkBuffer buffer;
  VkDeviceMemory memory;
  gsize bytes;
} Block;

/* Blocks by address, the sum of their bytes, and the lock of both. */
static GHashTable *blocks;
static gsize blocks_bytes;
static GMutex blocks_lock;

/* The staging buffer, for one transfer at a time, with its lock and command pool. */
static GMutex staging_lock;
static Block staging;
static void *staging_data; /* mapped `staging`; NULL: not created yet */
static VkCommandPool staging_pool;

static void
block_clear (Block *block)
{
  const RvVulkanDevice *device = rv__vulkan_device (NULL);
  rv__vk.DestroyBuffer (device->handle, block->buffer, NULL);
  rv__vk.FreeMemory (device->handle, block->memory, NULL);
  *block = (Block){ 0 };
}

/* Returns NULL and RV_ERROR_MEMORY, which says that @what needs @bytes. */
static void *
fail_memory (gsize bytes, const char *what, GError **error)
{
  g_autofree char *size = g_format_size (bytes);
  return rv__error_null (error, RV_ERROR_MEMORY,
                         "out of GPU memory: %s needs %s; a smaller picture or batch needs less", what, size);
}

/* Fills *@block with a buffer of @bytes, in memory with the @required and if possible the @preferred properties.
 * RV_ERROR_MEMORY without such memory. After an error *block has nothing to free. */
static gboolean
block_init (Block *block, gsize bytes, VkMemoryPropertyFlags required, VkMemoryPropertyFlags preferred,
            const char *what, GError **error)
{
  const RvVulkanDevice *device = rv__vulkan_device (error);
  const VkBufferCreateInfo info = { .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                    .size = bytes,
                                    .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                             VK_BUFFER_USAGE_TRANSFER_DST_BIT };
  VkMemoryRequirements needs = { 0 };
  *block = (Block){ .bytes = bytes };
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
  block_clear (block);
  fail_memory (bytes, what, error);
  return FALSE;
}

/* ---- transfers --------------------------------------------------------------------------------------------------- */

/* Creates the staging buffer on first use. The caller holds staging_lock. */
static gboolean
require_staging (GError **error)
{
  if (staging_data)
    return TRUE;
  if (!block_init (&staging, STAGING_BYTES, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
                   VK_MEMORY_PROPERTY_HOST_CACHED_BIT, "the staging buffer", error))
    return FALSE;
  if (!(staging_pool = rv__vulkan_command_pool_new (error)) ||
      !rv__vulkan_check (
        rv__vk.MapMemory (rv__vulkan_device (NULL)->handle, staging.memory, 0, VK_WHOLE_SIZE, 0, &staging_data),
        "mapping the staging buffer", error)) {
    if (staging_pool)
      rv__vk.DestroyCommandPool (rv__vulkan_device (NULL)->handle, staging_pool, NULL);
    staging_pool = VK_NULL_HANDLE;
    block_clear (&staging);
    return FALSE;
  }
  return TRUE;
}

typedef void (*RecordFunc) (VkCommandBuffer buffer, gconstpointer data);

/* Records commands by @record, and runs them between barriers. Blocking. The caller holds staging_lock and has called
 * require_staging(). */
static gboolean
run_once (RecordFunc record, gconstpointer data, GError **error)
{
  static VkCommandBuffer buffer; /* each vkBeginCommandBuffer() resets it */
  const VkCommandBufferBeginInfo begin = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO };
  if (!buffer) {
    if (!(buffer = rv__vulkan_command_buffer_new (staging_pool, error)))
      return FALSE;
  } else if (!rv__vulkan_check (rv__vk.BeginCommandBuffer (buffer, &begin), "beginning a transfer", error))
    return FALSE;
  rv__vulkan_barrier (buffer);
  record (buffer, data);
  rv__vulkan_barrier (buffer);
  return rv__vulkan_check (rv__vk.EndCommandBuffer (buffer), "recording a transfer", error) &&
         rv__vulkan_submit (&buffer, 1, error);
}

typedef struct {
  VkBuffer from, to;
  VkBufferCopy region;
} Copy;

static void
record_copy (VkCommandBuffer buffer, gconstpointer data)
{
  const Copy *copy = data;
  rv__vk.CmdCopyBuffer (buffer, copy->from, copy->to, 1, &copy->region);
}

static void
record_zeros (VkCommandBuffer buffer, gconstpointer data)
{
  rv__vk.CmdFillBuffer (buffer, ((const Block *) data)->buffer, 0, VK_WHOLE_SIZE, 0);
}

/* Runs the added steps, then copies all elements of @value: from @data if @is_upload, else to @data. Copies a part
 * of the size of the staging buffer at a time. Blocks. Takes staging_lock. */
static gboolean
transfer (RvExecutable *executable, int value, guint8 *data, gboolean is_upload, GError **error)
{
  VkDescriptorBufferInfo slice;
  gsize bytes = rv__program_value_bytes (executable->program, value);
  gboolean ok = rv__vulkan_commands_finish (executable, error);
  if (!ok)
    return FALSE;
  rv__vulkan_value_slice (executable, value, &slice);
  g_mutex_lock (&staging_lock);
  ok = require_staging (error);
  for (gsize at = 0; ok && at < bytes; at += STAGING_BYTES) {
    gsize n = MIN (STAGING_BYTES, bytes - at);
    const Copy up = { staging.buffer, slice.buffer, { 0, slice.offset + at, n } },
               down = { slice.buffer, staging.buffer, { slice.offset + at, 0, n } };
    if (is_upload)
      memcpy (staging_data, data + at, n);
    ok = run_once (record_copy, is_upload ? &up : &down, error);
    if (ok && !is_upload)
      memcpy (data + at, staging_data, n);
  }
  g_mutex_unlock (&staging_lock);
  return ok;
}

static gboolean
upload (RvExecutable *executable, int value, const void *data, GError **error)
{
  return transfer (executable, value, (guint8 *) data, TRUE, error);
}

/* RvMemoryClass.download; also makes the wrong results of faults that tests request. */
static gboolean
download (RvExecutable *executable, int value, void *data, GError **error)
{
  static gint n_nan, n_zero; /* downloads, for faults of the tests */
  gboolean ok = transfer (executable, value, data, FALSE, error);
  gboolean has_faults = executable->backend != &rv__backend_vulkan_untested;
  if (has_faults && rv__vulkan_fault_is_due ("nan", &n_nan))
    memset (data, 0xff, rv__program_value_bytes (executable->program, value));
  if (has_faults && rv__vulkan_fault_is_due ("zero", &n_zero))
    memset (data, 0, rv__program_value_bytes (executable->program, value));
  return ok;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

/* Fills @block with zeros; blocking. Takes staging_lock. */
static gboolean
fill_with_zeros (const Block *block, GError **error)
{
  g_mutex_lock (&staging_lock);
  gboolean ok = require_staging (error) && run_once (record_zeros, block, error);
  g_mutex_unlock (&staging_lock);
  return ok;
}

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
  g_autofree Block *block = g_new0 (Block, 1);
  if (g_getenv ("REVERIE_VULKAN_BUDGET") && whole > free_bytes ())
    return fail_memory (whole, what, error);
  if (!block_init (block, whole, 0, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, what, error))
    return NULL;
  void *address = mmap (NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED || !fill_with_zeros (block, error)) {
    block_clear (block);
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
static Block
find_block (const void *address)
{
  g_mutex_lock (&blocks_lock);
  Block block = *(const Block *) g_hash_table_lookup (blocks, address);
  g_mutex_unlock (&blocks_lock);
  return block;
}

/* RvMemoryClass.free: frees the block at @address, from alloc(); NULL does nothing. */
static void
free_block (void *address)
{
  if (!address)
    return;
  Block block = find_block (address);
  g_mutex_lock (&blocks_lock);
  g_hash_table_remove (blocks, address);
  blocks_bytes -= block.bytes;
  g_mutex_unlock (&blocks_lock);
  munmap (address, block.bytes);
  block_clear (&block);
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
  .upload = upload,
  .download = download,
  .synchronize = rv__vulkan_commands_finish,
  .free_bytes = free_bytes,
  .max_block_bytes = max_block_bytes,
};
