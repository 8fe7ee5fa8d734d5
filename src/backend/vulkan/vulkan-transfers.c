/* vulkan-transfers.c -- copies values between host and device. Uploads wait in a staging buffer, and are copied at the
 * begin of the next submission. Values that have been downloaded once are copied to the mirror of their executable at
 * the end of each submission. On the first card, each copy with a submission of its own took a millisecond. */
#include "vulkan-transfers.h"
#include "vulkan-commands.h"
#include "vulkan-kernels.h"
#include "vulkan-selftest.h"
#include <string.h>

#define STAGING_BYTES ((gsize) 16 << 20)
#define MAX_MIRROR_BYTES ((gsize) 16 << 20) /* of one executable; other values are downloaded by the staging buffer */
#define HOST_MEMORY (VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT)

/* Sets *@block to @bytes of memory that host and device access, and *@data to its address. After an error there is
 * nothing to free. */
static gboolean
map_block (RvVulkanBlock *block, gsize bytes, void **data, GError **error)
{
  if (!rv__vulkan_block_init (block, bytes, HOST_MEMORY, VK_MEMORY_PROPERTY_HOST_CACHED_BIT, "a buffer for transfers",
                              error))
    return FALSE;
  if (rv__vulkan_check (rv__vk.MapMemory (rv__vulkan_device (NULL)->handle, block->memory, 0, VK_WHOLE_SIZE, 0, data),
                        "mapping a buffer for transfers", error))
    return TRUE;
  rv__vulkan_block_clear (block);
  return FALSE;
}

/* Begins *@buffer again; a NULL becomes a new command buffer of @pool. */
static gboolean
begin_again (VkCommandPool pool, VkCommandBuffer *buffer, GError **error)
{
  const VkCommandBufferBeginInfo begin = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO };
  if (!*buffer)
    return (*buffer = rv__vulkan_command_buffer_new (pool, error)) != NULL;
  return rv__vulkan_check (rv__vk.BeginCommandBuffer (*buffer, &begin), "beginning a transfer", error);
}

/* ---- staging buffer ---------------------------------------------------------------------------------------------- */

/* A copy from the staging buffer, or with `is_fill` zeros in the whole buffer. */
typedef struct {
  VkBuffer to;
  VkBufferCopy region;
  gboolean is_fill;
} Upload;

/* The staging buffer, and the uploads in it that wait for the next submission; staging_lock protects all of it. */
static GMutex staging_lock;
static RvVulkanBlock staging;
static guint8 *staging_data; /* mapped `staging`; NULL: not created yet */
static gsize staged_bytes;
static GArray *uploads; /* Upload */
static VkCommandPool staging_pool;
static VkCommandBuffer upload_commands;

/* Creates the staging buffer on first use. The caller holds staging_lock. */
static gboolean
require_staging (GError **error)
{
  if (!uploads)
    uploads = g_array_new (FALSE, FALSE, sizeof (Upload));
  if (!staging_pool && !(staging_pool = rv__vulkan_command_pool_new (error)))
    return FALSE;
  return staging_data || map_block (&staging, STAGING_BYTES, (void **) &staging_data, error);
}

/* Ends @commands after a barrier. */
static gboolean
end_transfers (VkCommandBuffer commands, GError **error)
{
  rv__vulkan_barrier (commands);
  return rv__vulkan_check (rv__vk.EndCommandBuffer (commands), "recording a transfer", error);
}

/* rv__vulkan_submit_after_uploads(), for a caller that holds staging_lock. */
static gboolean
submit_after_uploads (const VkCommandBuffer *buffers, guint32 n, GError **error)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (VkCommandBuffer));
  if (uploads && uploads->len > 0) {
    if (!begin_again (staging_pool, &upload_commands, error))
      return FALSE;
    for (guint i = 0; i < uploads->len; i++)
      if (g_array_index (uploads, Upload, i).is_fill)
        rv__vk.CmdFillBuffer (upload_commands, g_array_index (uploads, Upload, i).to, 0, VK_WHOLE_SIZE, 0);
    rv__vulkan_barrier (upload_commands);
    for (guint i = 0; i < uploads->len; i++) {
      const Upload *upload = &g_array_index (uploads, Upload, i);
      if (!upload->is_fill)
        rv__vk.CmdCopyBuffer (upload_commands, staging.buffer, upload->to, 1, &upload->region);
    }
    if (!end_transfers (upload_commands, error))
      return FALSE;
    g_array_append_val (all, upload_commands);
  }
  if (n > 0)
    g_array_append_vals (all, buffers, n);
  if (all->len > 0 && !rv__vulkan_submit ((const VkCommandBuffer *) (void *) all->data, all->len, error))
    return FALSE;
  if (uploads)
    g_array_set_size (uploads, 0);
  staged_bytes = 0;
  return TRUE;
}

gboolean
rv__vulkan_submit_after_uploads (const VkCommandBuffer *buffers, guint32 n, GError **error)
{
  g_mutex_lock (&staging_lock);
  gboolean has_uploads = uploads && uploads->len > 0;
  gboolean ok = !has_uploads || submit_after_uploads (buffers, n, error);
  g_mutex_unlock (&staging_lock);
  return has_uploads || n == 0 ? ok : rv__vulkan_submit (buffers, n, error);
}

void
rv__vulkan_forget_uploads (const RvVulkanBlock *block)
{
  g_mutex_lock (&staging_lock);
  for (guint i = uploads ? uploads->len : 0; i-- > 0;)
    if (g_array_index (uploads, Upload, i).to == block->buffer)
      g_array_remove_index (uploads, i);
  g_mutex_unlock (&staging_lock);
}

gboolean
rv__vulkan_fill_zeros (const RvVulkanBlock *block, GError **error)
{
  const Upload fill = { .to = block->buffer, .is_fill = TRUE };
  g_mutex_lock (&staging_lock);
  gboolean ok = require_staging (error);
  if (ok)
    g_array_append_val (uploads, fill);
  g_mutex_unlock (&staging_lock);
  return ok;
}

/* ---- mirror ------------------------------------------------------------------------------------------------------ */

struct _RvVulkanMirror {
  RvExecutable *executable;
  VkCommandPool pool;
  RvVulkanBlock block;
  guint8 *data;       /* mapped `block`; NULL: not created yet */
  gsize bytes, taken; /* of the block, for values */
  gsize *offsets;     /* by value; 0: not in the mirror */
  VkCommandBuffer commands;
  gboolean is_recorded; /* `commands` copies all values of the mirror */
};

RvVulkanMirror *
rv__vulkan_mirror_new (RvExecutable *executable, VkCommandPool pool)
{
  int n_values = (int) executable->program->values->len;
  RvVulkanMirror *mirror = g_new0 (RvVulkanMirror, 1);
  mirror->executable = executable;
  mirror->pool = pool;
  mirror->offsets = g_new0 (gsize, n_values);
  mirror->taken = rv__aligned (1); /* offset 0 is no value's */
  for (int v = 0; v < n_values; v++)
    if (rv__program_value (executable->program, v)->is_output ||
        rv__program_value (executable->program, v)->is_forward_output)
      mirror->bytes += rv__aligned (rv__program_value_bytes (executable->program, v));
  mirror->bytes = mirror->taken + MIN (mirror->bytes, MAX_MIRROR_BYTES);
  return mirror;
}

void
rv__vulkan_mirror_free (RvVulkanMirror *mirror)
{
  if (!mirror)
    return;
  rv__vulkan_block_clear (&mirror->block);
  g_free (mirror->offsets);
  g_free (mirror);
}

/* (nullable): the numbers of @value in the mirror; NULL for values that are not in it, and for no mirror. */
static guint8 *
find (const RvVulkanMirror *mirror, int value)
{
  return mirror && mirror->offsets[value] > 0 ? mirror->data + mirror->offsets[value] : NULL;
}

/* Adds @value to the mirror. FALSE, without an error, if there is no memory for it. */
static gboolean
add (RvVulkanMirror *mirror, int value)
{
  gsize bytes = rv__aligned (rv__program_value_bytes (mirror->executable->program, value));
  if (bytes > mirror->bytes - mirror->taken ||
      (!mirror->data && !map_block (&mirror->block, mirror->bytes, (void **) &mirror->data, NULL)))
    return FALSE;
  mirror->offsets[value] = mirror->taken;
  mirror->taken += bytes;
  mirror->is_recorded = FALSE;
  return TRUE;
}

gboolean
rv__vulkan_mirror_add_commands (RvVulkanMirror *mirror, GArray *buffers, GError **error)
{
  if (!mirror->data)
    return TRUE;
  if (!mirror->is_recorded) {
    if (!begin_again (mirror->pool, &mirror->commands, error))
      return FALSE;
    rv__vulkan_barrier (mirror->commands);
    for (guint v = 0; v < mirror->executable->program->values->len; v++) {
      VkDescriptorBufferInfo slice;
      if (mirror->offsets[v] == 0)
        continue;
      rv__vulkan_value_slice (mirror->executable, (int) v, &slice);
      const VkBufferCopy region = { slice.offset, mirror->offsets[v], slice.range };
      rv__vk.CmdCopyBuffer (mirror->commands, slice.buffer, mirror->block.buffer, 1, &region);
    }
    if (!end_transfers (mirror->commands, error))
      return FALSE;
    mirror->is_recorded = TRUE;
  }
  g_array_append_val (buffers, mirror->commands);
  return TRUE;
}

/* ---- uploads and downloads --------------------------------------------------------------------------------------- */

/* Whether an upload waits that writes bytes of @slice. */
static gboolean
is_waiting (const VkDescriptorBufferInfo *slice)
{
  for (guint i = 0; i < uploads->len; i++) {
    const Upload *upload = &g_array_index (uploads, Upload, i);
    if (upload->to == slice->buffer && upload->region.dstOffset < slice->offset + slice->range &&
        slice->offset < upload->region.dstOffset + upload->region.size)
      return TRUE;
  }
  return FALSE;
}

gboolean
rv__vulkan_upload (RvExecutable *executable, int value, const void *data, GError **error)
{
  VkDescriptorBufferInfo slice;
  gsize bytes = rv__program_value_bytes (executable->program, value);
  guint8 *mirrored = find (rv__vulkan_executable_mirror (executable), value);
  if (!rv__vulkan_commands_finish (executable, error))
    return FALSE;
  if (mirrored)
    memcpy (mirrored, data, bytes);
  rv__vulkan_value_slice (executable, value, &slice);
  g_mutex_lock (&staging_lock);
  gboolean ok = require_staging (error) && (!is_waiting (&slice) || submit_after_uploads (NULL, 0, error));
  for (gsize at = 0, n; ok && at < bytes; at += n) {
    if (staged_bytes == STAGING_BYTES && !(ok = submit_after_uploads (NULL, 0, error)))
      break;
    n = MIN (STAGING_BYTES - staged_bytes, bytes - at);
    const Upload upload = { slice.buffer, { staged_bytes, slice.offset + at, n }, FALSE };
    memcpy (staging_data + staged_bytes, (const guint8 *) data + at, n);
    g_array_append_val (uploads, upload);
    staged_bytes += MIN (rv__aligned (n), STAGING_BYTES - staged_bytes);
  }
  g_mutex_unlock (&staging_lock);
  return ok;
}

/* Downloads a value of any size by the staging buffer, a part after the other. */
static gboolean
download_by_staging (RvExecutable *executable, int value, guint8 *data, GError **error)
{
  static VkCommandBuffer commands;
  VkDescriptorBufferInfo slice;
  gsize bytes = rv__program_value_bytes (executable->program, value);
  rv__vulkan_value_slice (executable, value, &slice);
  g_mutex_lock (&staging_lock);
  gboolean ok = require_staging (error) && submit_after_uploads (NULL, 0, error);
  for (gsize at = 0; ok && at < bytes; at += STAGING_BYTES) {
    gsize n = MIN (STAGING_BYTES, bytes - at);
    const VkBufferCopy region = { slice.offset + at, 0, n };
    if (!(ok = begin_again (staging_pool, &commands, error)))
      break;
    rv__vulkan_barrier (commands);
    rv__vk.CmdCopyBuffer (commands, slice.buffer, staging.buffer, 1, &region);
    ok = end_transfers (commands, error) && rv__vulkan_submit (&commands, 1, error);
    if (ok)
      memcpy (data + at, staging_data, n);
  }
  g_mutex_unlock (&staging_lock);
  return ok;
}

gboolean
rv__vulkan_download (RvExecutable *executable, int value, void *data, GError **error)
{
  static gint n_nan, n_zero; /* downloads, for faults of the tests */
  RvVulkanMirror *mirror = rv__vulkan_executable_mirror (executable);
  gsize bytes = rv__program_value_bytes (executable->program, value);
  gboolean is_new = mirror && !find (mirror, value) && add (mirror, value);
  gboolean ok =
    is_new ? rv__vulkan_commands_submit (executable, error) : rv__vulkan_commands_finish (executable, error);
  if (!ok && is_new)
    mirror->offsets[value] = 0; /* its numbers were not copied */
  if (ok && find (mirror, value))
    memcpy (data, find (mirror, value), bytes);
  else if (ok)
    ok = download_by_staging (executable, value, data, error);
  gboolean has_faults = executable->backend != &rv__backend_vulkan_untested;
  if (has_faults && rv__vulkan_fault_is_due ("nan", &n_nan))
    memset (data, 0xff, bytes);
  if (has_faults && rv__vulkan_fault_is_due ("zero", &n_zero))
    memset (data, 0, bytes);
  return ok;
}
