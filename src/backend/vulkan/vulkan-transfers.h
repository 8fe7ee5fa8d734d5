/* vulkan-transfers.h -- copies values between host and device.
 * Layer 3 (backend). */
#pragma once

#include "vulkan-memory.h"

/* RvMemoryClass.upload: takes a copy of @data, for rv__vulkan_submit_after_uploads(). */
gboolean rv__vulkan_upload (RvExecutable *executable, int value, const void *data, GError **error);
/* RvMemoryClass.download; also makes the wrong results of faults that tests request. */
gboolean rv__vulkan_download (RvExecutable *executable, int value, void *data, GError **error);

/* Submits all waiting uploads, and then @n command buffers; waits until they are done. Any thread. */
gboolean rv__vulkan_submit_after_uploads (const VkCommandBuffer *buffers, guint32 n, GError **error);
/* Drops the waiting uploads to @block, which is about to be freed. Any thread. */
void rv__vulkan_forget_uploads (const RvVulkanBlock *block);
/* Fills a new block with zeros before the next uploads. Any thread. */
gboolean rv__vulkan_fill_zeros (const RvVulkanBlock *block, GError **error);

/* Memory that host and device access, with the values of an executable that have been downloaded once: they are copied
 * to it after each run, in the same submission. */
typedef struct _RvVulkanMirror RvVulkanMirror;

/* (transfer full): an empty mirror of a bound executable, whose commands are made in @pool; both must outlive it. Free
 * with rv__vulkan_mirror_free(). */
RvVulkanMirror *rv__vulkan_mirror_new (RvExecutable *executable, VkCommandPool pool);
/* Frees @mirror, whose commands must not run. NULL is allowed. */
void rv__vulkan_mirror_free (RvVulkanMirror *mirror);
/* (nullable): mirror of an executable of this backend; NULL before it is bound. Borrowed. */
RvVulkanMirror *rv__vulkan_executable_mirror (const RvExecutable *executable);
/* Appends to @buffers the commands that copy all values of the mirror to it, if there are any. */
gboolean rv__vulkan_mirror_add_commands (RvVulkanMirror *mirror, GArray *buffers, GError **error);
